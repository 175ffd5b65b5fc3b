// One thing that was said, as it is seen.

import { button, div, h, icon, link, THUMB } from "./dom";
import { markdown } from "./markdown";
import type { Line, Talk } from "./talk";
import { clock, say } from "./words";

/** Thumbs, of which one is pressed at most; pressed again it is taken back. */
export function thumbs(rating: string, rate: (rating: string) => Promise<void>): HTMLElement[] {
  const made = ["up", "down"].map((which) => {
    const press = async () => {
      const next = rating === which ? "" : which;
      await rate(next);
      rating = next;
      show();
    };
    return button("tool mini", say(which), () => press().catch(() => {}), icon(THUMB));
  });
  const show = () => made.forEach((one, at) => one.setAttribute("aria-pressed", `${rating === (at ? "down" : "up")}`));
  show();
  return made;
}

export function bubble(line: Line, talk: Talk): HTMLElement {
  const { role, text, status, name, sources, at } = line;
  if (role === "system") return h("p", { class: "note" }, text);
  const isOwn = role === "visitor";
  const failed = status === "failed";
  const who = isOwn ? say("you") : name || (role === "agent" && say("agent"));
  return div(
    isOwn ? "msg mine" : "msg",
    who && h("p", { class: role === "agent" ? "from" : "sr" }, who),
    div("bubble", ...(isOwn ? [h("p", {}, text)] : markdown(text))),
    sources.length > 0 &&
      h(
        "ul",
        { class: "row sources", "aria-label": say("sources") },
        ...sources.map(({ title, url }, number) => {
          const shown = `${number + 1} · ${title}`;
          return h("li", {}, (url && link(url, shown)) || shown);
        }),
      ),
    isOwn
      ? (failed || status === "queued") &&
          div(
            failed ? "row meta bad" : "row meta",
            say(status),
            failed && button("text", say("retry"), () => talk.again(line)),
            failed && button("text", say("discard"), () => talk.drop(line)),
          )
      : div(
          "row meta",
          clock(at),
          status === "stopped" && ` · ${say(status)}`,
          ...(status === "answered" ? thumbs(line.rating, (rating) => talk.act("rating", { message_id: line.id, rating: rating || null })) : []),
        ),
  );
}
