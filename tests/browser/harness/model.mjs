// A model for tests, which speaks as OpenAI's chat completions do and says what a test wants, as slowly as it wants.
import { createServer } from "node:http";

/** A door that a test opens. */
export function gate() {
  let open;
  const opened = new Promise((done) => (open = done));
  return { opened, open };
}

export async function startModel() {
  // What to say to a question that contains a word: pieces of text, gates to wait at, or a function of the tools to call.
  const scripts = new Map();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const { messages } = JSON.parse(body);
    const question = String(messages.findLast(({ role }) => role === "user")?.content ?? "");
    const found = [...scripts].reverse().find(([word]) => question.includes(word));
    // An answer has to cite something to be one.
    const pieces = [...(found?.[1] ?? [`You asked: ${question}`]), " [1]"];
    response.writeHead(200, { "content-type": "text/event-stream" });
    const say = (delta, finish = null) => response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`);
    let finish = "stop";
    for (const piece of pieces) {
      if (finish === "tool_calls") break;
      if (typeof piece === "string") say({ content: piece });
      else if (piece.opened) await Promise.race([piece.opened, new Promise((gone) => response.on("close", gone))]);
      else {
        say({ tool_calls: [{ index: 0, id: "call", type: "function", function: { name: piece.tool, arguments: "{}" } }] });
        finish = "tool_calls";
      }
      await new Promise((done) => setTimeout(done, 5));
    }
    say({}, finish);
    response.write(`data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } })}\n\n`);
    response.end("data: [DONE]\n\n");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    /** Says these pieces to questions that contain the word. */
    on: (word, ...pieces) => scripts.set(word, pieces),
    stop: () => (server.closeAllConnections(), server.close()),
  };
}
