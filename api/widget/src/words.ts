// What the widget says, in the visitor's language. The words come with the session; before it, there are few.

const BEFORE: Record<string, string> = {
  close: "Close",
  retry: "Try again",
  "no-connection": "The chat cannot be reached right now.",
  identify: "Please sign in on this website to write to us.",
};

let strings: Record<string, string> = {};
let language = "en";

export function learn(words: Record<string, string>, of: string): void {
  strings = words;
  language = of;
}

export function clock(at: string): string {
  return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(at));
}

/** A string of the catalogue, with its name or count put in. */
export function say(id: string, name?: string | number): string {
  const of = (form: string) => strings[`widget-${id}${form}`];
  return (of("") ?? (typeof name === "number" ? of(`-${new Intl.PluralRules(language).select(name)}`) ?? of("-other") : BEFORE[id]) ?? "").replace(/\{ ?\$\w+ ?\}/g, () => `${name ?? ""}`);
}
