// The window: who one talks to, what was said, and where to write.

import { bubble } from "./bubble";
import * as cards from "./cards";
import { button, CLOSE, div, dots, DOWN, h, icon, PERSON, SEND, STOP } from "./dom";
import type { Link } from "./link";
import { markdown } from "./markdown";
import type { Store } from "./store";
import type { Line, Talk } from "./talk";
import { say } from "./words";

export interface Panel {
  node: HTMLElement;
  /** To where one writes, or what else there is, and to the newest. */
  focus(): void;
  /** Says why there is nothing to write in, with a way to try again if that helps; without a word, that it is waited for. */
  refuse(text?: string, retry?: () => void): void;
  /** The session is there, or is another. */
  begin(): void;
  line(line: Line, next: Line | undefined): void;
  gone(line: Line): void;
  stands(): void;
  /** Read out to those who do not see. */
  announce(text: string): void;
}

/** So near the end the log follows what is added. */
const NEAR = 80;
const HIGHEST = 132;

export function panel(talk: Talk, link: Link, store: Store, close: () => void, label: () => string): Panel {
  let views = new Map<Line, { node: HTMLElement; as: string }>();
  let refused = true;
  let shown: string | undefined;
  let cardFor = "";
  let isLeft = false;
  let frame = 0;
  let status: HTMLElement;
  let person: HTMLElement;
  let down: HTMLElement;
  let halt: HTMLElement;
  let send: HTMLElement;
  let text: HTMLTextAreaElement;
  let banner: HTMLElement;
  const lines = div("lines");
  const pending = div("msg");
  const extra = div("lines");
  const log = h("div", { class: "log", role: "log", "aria-live": "off", tabindex: 0, scroll: () => follow() });
  const live = h("div", { class: "sr", "aria-live": "polite" });
  const node = h("section", { class: "panel", role: "dialog", "aria-labelledby": "title", tabindex: -1, hidden: true });

  // Where to write

  function typed(): void {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, HIGHEST)}px`;
    // Not disabled: a button that loses its focus loses whoever is there.
    send.setAttribute("aria-disabled", `${!text.value.trim()}`);
    store.set("draft", text.value || null, true);
  }

  function submit(event: Event): void {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    text.value = "";
    typed();
    talk.say(said);
    self.focus();
  }

  /** Does what a button says, and goes back to where one writes. */
  async function attempt(act: Promise<void>): Promise<void> {
    self.focus();
    await act.catch(() => self.announce(say("error")));
  }

  const ask = () => void attempt(talk.act("handoff", {}));

  // The log

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;

  function follow(): void {
    if (down) down.hidden = atEnd();
  }

  function scroll(): void {
    log.scrollTop = log.scrollHeight;
  }

  /** Changes the log; whoever reads its end goes on reading its end. */
  function keepEnd(change: () => void): void {
    const follows = atEnd();
    change();
    if (follows) scroll();
    follow();
  }

  // What is being said

  function draw(): void {
    frame = 0;
    const { turn, state } = talk;
    const busy = !!turn || (talk.sending && state !== "HUMAN" && !talk.lost && !talk.until);
    const now = busy ? turn?.text || "…" : "";
    if (refused || now === shown) return;
    shown = now;
    keepEnd(() => {
      halt.hidden = pending.hidden = !busy;
      pending.replaceChildren(div("bubble", ...(turn?.text ? markdown(turn.text) : [dots(say("typing", link.session!.persona.name))])));
    });
  }

  function banners(): void {
    const left = Math.ceil((talk.until - Date.now()) / 1_000);
    const words = left > 600 ? say("spent") : left > 0 ? say("limited", left) : talk.lost ? (navigator.onLine ? say("reconnecting") : link.session!.look.offline_text || say("offline")) : "";
    // A countdown is told once.
    if (words && banner.hidden) self.announce(words);
    banner.hidden = !words;
    banner.textContent = words;
  }

  function ending(): void {
    const { state, lines: said } = talk;
    const waits = state === "HANDOFF_REQUESTED" || (state === "HUMAN" && talk.overdue);
    const want = waits ? "email" : state === "RESOLVED" ? "rate" : state === "AI" && said[said.length - 1]?.status === "refused" ? "offer" : "";
    // A form one is in, or whose thanks one reads, stays.
    if (want === cardFor) return;
    cardFor = want;
    keepEnd(() =>
      extra.replaceChildren(
        ...(want === "email" && !isLeft
          ? [
              cards.email(say("email"), async (email) => {
                await talk.act("contact", { email });
                isLeft = true;
                store.set("email", "1");
              }),
            ]
          : want === "rate"
            ? [cards.rating((rating, comment) => talk.act("rating", { rating, comment }))]
            : want === "offer"
              ? [button("chip", say("handoff"), ask)]
              : []),
      ),
    );
  }

  const self: Panel = {
    node,
    announce(said) {
      // The same words again are news only as another node.
      live.replaceChildren(h("p", {}, said));
    },
    stands() {
      if (refused) return;
      const { state } = talk;
      status.textContent = say(talk.overdue ? "late" : state.toLowerCase());
      person.hidden = state !== "AI" && state !== "RESOLVED";
      banners();
      ending();
      // Words come faster than they can be drawn.
      frame ||= requestAnimationFrame(draw);
    },
    focus() {
      (refused ? node : text).focus({ preventScroll: true });
      scroll();
    },
    refuse(words, retry) {
      refused = true;
      const hadFocus = node.matches(":focus-within");
      node.replaceChildren(
        h("header", {}, h("h2", { id: "title", class: "who" }, label()), button("tool", say("close"), close, icon(CLOSE))),
        h("div", { class: "middle" }, words ? h("p", { role: "alert" }, words) : dots(label()), retry && button("chip", say("retry"), retry)),
      );
      if (hadFocus) node.focus();
    },
    begin() {
      const { persona, notice, look, dir, locale } = link.session!;
      const hadFocus = node.matches(":focus-within");
      const draft = text?.value || store.get("draft", true);
      refused = false;
      shown = undefined;
      cardFor = "";
      isLeft = !!store.get("email");
      node.dir = dir;
      node.lang = locale;
      const face = h("div", { class: "face", "aria-hidden": "true" }, persona.name.slice(0, 1));
      if (look.avatar_url) {
        // Where the page allows no images the letter stays.
        const image: HTMLElement = h("img", { src: look.avatar_url, alt: "", load: () => face.replaceChildren(image) });
      }
      status = h("p");
      person = button("tool", say("handoff"), ask, icon(PERSON));
      down = button("tool down", say("latest"), scroll, icon(DOWN), { hidden: true });
      banner = h("div", { class: "banner", hidden: true });
      halt = button("tool halt", say("stop"), () => void attempt(talk.stop()), icon(STOP), { hidden: true });
      send = button("tool go", say("send"), () => {}, icon(SEND), { type: "submit" });
      text = h("textarea", {
        rows: 1,
        maxlength: 8000,
        enterkeyhint: "send",
        dir: "auto",
        placeholder: say("placeholder"),
        "aria-label": say("input"),
        input: typed,
        // Enter also ends the writing of a Japanese word.
        keydown: (event: KeyboardEvent) => event.key === "Enter" && !event.shiftKey && !event.isComposing && submit(event),
      });
      log.setAttribute("aria-label", say("log"));
      lines.replaceChildren();
      views = new Map();
      log.replaceChildren(h("p", { class: "note" }, notice), div("msg", div("bubble", ...markdown(look.greeting || say("greeting")))), lines, pending, extra, down);
      node.replaceChildren(
        h("header", {}, face, div("who", h("h2", { id: "title" }, persona.name), status), person, button("tool", say("close"), close, icon(CLOSE))),
        log,
        banner,
        h("form", { class: "composer", submit }, text, halt, send),
        live,
      );
      text.value = draft ?? "";
      typed();
      for (const line of talk.lines) self.line(line, undefined);
      self.stands();
      if (hadFocus) self.focus();
    },
    line(line, next) {
      if (refused) return;
      const as = JSON.stringify({ ...line, seq: 0, id: 0 });
      const old = views.get(line);
      const before = (next && views.get(next)?.node) ?? null;
      keepEnd(() => {
        const view = old?.as === as ? old : { node: bubble(line, talk), as };
        if (old && old !== view) old.node.replaceWith(view.node);
        views.set(line, view);
        // What stands where it should is not touched, because somebody may be in it.
        if (!view.node.parentNode || view.node.nextSibling !== before) lines.insertBefore(view.node, before);
      });
    },
    gone(line) {
      views.get(line)?.node.remove();
    },
  };
  return self;
}
