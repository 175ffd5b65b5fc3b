// Server-sent events read from a response: the browser's own reader cannot send the headers that let a page in.

/** Tells each whole event, and `alive` at each sign of life; returns when the stream ends, throws when it breaks. */
export async function events(response: Response, tell: (name: string, data: any, id: string) => void, alive: () => void): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    alive();
    const { done, value } = await reader.read();
    if (done) return;
    // What is after the last empty line is not whole yet.
    const whole = (buffer + value).split(/\r?\n\r?\n/);
    buffer = whole.pop()!;
    for (const event of whole) {
      const { event: name, data, id } = Object.fromEntries([...event.matchAll(/^(\w+): ?(.*)$/gm)].map(([, field, text]) => [field, text]));
      if (data) tell(name!, JSON.parse(data), id!);
    }
  }
}
