// The widget as a whole: a button, a window, and what the page may ask of it.

import type { Commands, Events } from "../types/index";
import { button, CHAT, DOWN, h, icon } from "./dom";
import { link } from "./link";
import { panel } from "./panel";
import type { Settings } from "./settings";
import { store as storage } from "./store";
import css from "./style.css";
import { talk as conversation, type Line } from "./talk";
import { CONSENTS, type Consent, type Look, type Trouble } from "./wire";
import { learn, say } from "./words";

/** White or black, whichever is read more easily on a colour. */
function readable(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => (parseInt(color.slice(at, at + 2), 16) / 255) ** 2.2) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.18 ? "#000" : "#fff";
}

/** A number for who the page says it is, so that nothing that tells who it is stands in the browser. */
function ownerOf(jwt: string): string {
  let hash = 0;
  let who: string | undefined;
  try {
    // The same in every token of the same person.
    who = /"sub":\s*("[^"]*")/.exec(atob(jwt.split(".")[1]!.replace(/-/g, "+").replace(/_/g, "/")))?.[1];
  } catch {}
  for (const letter of who ?? jwt) hash = (hash * 33 + letter.charCodeAt(0)) | 0;
  return `${hash}`;
}

export function start(settings: Settings, begun: () => void, done: () => void): Commands {
  const whose = `frontoffice:${settings.key ?? settings.tenant}:`;
  const away = new AbortController();
  const { signal } = away;
  const store = storage(whose, settings.consent);
  const line = link(settings, store, (isStranger) => {
    // Who was named is not taken for that, or no longer: what was theirs is not the next one's to see.
    if (isStranger) {
      store.owner = "";
      talk.reset();
      trouble({ code: "identity_invalid" });
    }
    keepAs();
  });
  const listeners = new Map<string, Set<(detail: any) => void>>();
  let isOpen = false;
  let wasReady = false;
  let unread = 0;
  let look: Partial<Look> = { ...settings.hung, ...settings.look };
  /** Where the focus was before. */
  let before: Element | null = null;
  /** A word of the page about who this is, that has not been taken yet. */
  let identity: string | undefined;
  /** Counts what makes a session another; what comes for an earlier one is late. */
  let era = 0;

  const host = document.createElement("div");
  host.dataset.frontoffice = "";
  const shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];

  function emit<K extends keyof Events>(name: K, detail: Events[K]): void {
    // Later, so that a page's fault is its own.
    for (const hear of listeners.get(name) ?? []) queueMicrotask(() => hear(detail));
  }

  function trouble({ code = "unknown", detail = "" }: Partial<Trouble>): void {
    emit("error", { code, detail });
    if (code === "identification_required") view.refuse(say("identify"));
  }

  let state = "AI";
  const talk = conversation(
    line,
    store,
    {
      line: (one: Line, next) => view.line(one, next),
      gone: (one) => view.gone(one),
      stands() {
        view.stands();
        if (state !== talk.state) {
          state = talk.state;
          emit("handoff", { state: talk.state });
        }
      },
      said({ id = "", role, text, name }) {
        emit("message", { id, role: role as Events["message"]["role"], text });
        view.announce(`${name} ${text}`);
        if (!isOpen) count(unread + 1);
      },
      trouble,
    },
    whose,
  );
  const view = panel(talk, line, store, () => close(), () => look.label ?? "Chat");
  const opener = button("launcher", "", () => commands.toggle(), " ");
  const root = h("div", { class: "root", role: "region" }, opener, view.node);
  shadow.append(root);

  function count(now: number): void {
    if (now === unread) return;
    unread = now;
    dress();
    emit("unread", { count: now });
  }

  function dress(): void {
    const { color = "", position = "", launcher: kind = "bubble", label = "Chat" } = look;
    const brand = /^#[\da-f]{6}$/i.test(color) ? color : "#1d4ed8";
    host.style.setProperty("--brand", brand);
    host.style.setProperty("--on", readable(brand));
    host.style.colorScheme = settings.theme === "auto" ? "light dark" : settings.theme;
    // The corner is the page's: the chat's own direction moves nothing.
    const isRtl = getComputedStyle(document.documentElement).direction === "rtl";
    const isLeft = /left$/.test(position) || (!/right$/.test(position) && (position === "start") !== isRtl);
    root.className = `root${isLeft ? " left" : ""}${isOpen ? " open" : ""}`;
    root.setAttribute("aria-label", label);
    root.dir = isRtl ? "rtl" : "ltr";
    opener.hidden = kind === "none";
    opener.setAttribute("aria-expanded", `${isOpen}`);
    // The name says what is written on it.
    opener.title = isOpen ? say("close") : unread ? `${label} (${say("unread", unread)})` : label;
    opener.setAttribute("aria-label", opener.title);
    opener.replaceChildren(
      icon(isOpen ? DOWN : CHAT),
      ...(kind === "bar" && !isOpen ? [h("span", {}, label)] : []),
      ...(unread ? [h("b", { "aria-hidden": "true" }, unread > 9 ? "9+" : `${unread}`)] : []),
    );
  }

  // Where the page lets us be

  let puts = 100;
  const bodies = new MutationObserver(() => put());
  function put(): void {
    const { body } = document;
    if (signal.aborted || !body || host.parentNode === body) return;
    // A page that takes it out every time is obeyed in the end.
    if (!(puts -= 1)) return bodies.disconnect();
    body.append(host);
    // The body itself may be another one day.
    bodies.disconnect();
    bodies.observe(document.documentElement, { childList: true });
    bodies.observe(body, { childList: true });
    attend();
  }

  // Opening

  async function begin(): Promise<void> {
    const mine = ++era;
    view.refuse();
    try {
      if (identity) store.owner = ownerOf(identity);
      line.identity = identity;
      const session = await line.open();
      if (mine !== era) return;
      if (identity && session.verified) emit("identified", {});
      identity = undefined;
      greet();
      await talk.resume();
      if (mine !== era) return;
      attend();
    } catch (thrown) {
      if (mine !== era) return;
      view.refuse(say("no-connection"), () => void begin());
      trouble(thrown as Trouble);
    }
  }

  /** What the session says of language, look and what may be kept. */
  function greet(): void {
    const session = line.session!;
    learn(session.strings, session.locale);
    look = { ...session.look, ...settings.look };
    dress();
    view.begin();
  }

  /** Keeps what may be kept: what the page wants, and no more than the business does. */
  function keepAs(): void {
    const level = CONSENTS[Math.min(CONSENTS.indexOf(settings.consent), CONSENTS.indexOf(line.session?.consent ?? "local"))] as Consent;
    if (level !== store.level) {
      store.keepFor(level);
      talk.keep();
      remember();
    }
    line.keep();
  }

  /** For the page that comes next. */
  function remember(): void {
    if (settings.reopen) store.set("open", isOpen ? "1" : null, true);
  }

  const attend = (inUse?: boolean) => talk.attend(isOpen && !document.hidden && !!line.session && host.isConnected, inUse);

  function open(): void {
    if (isOpen) return view.focus();
    isOpen = true;
    before = document.activeElement;
    view.node.hidden = false;
    dress();
    remember();
    if (line.session) attend(true);
    else void begin();
    view.focus();
    count(0);
    emit("open", {});
  }

  function close(): void {
    if (!isOpen) return;
    const hadFocus = !!shadow.activeElement;
    isOpen = false;
    view.node.hidden = true;
    dress();
    attend();
    remember();
    // Back to where one came from, unless one has gone elsewhere.
    if (hadFocus) (opener.hidden ? (before as HTMLElement | null) : opener)?.focus();
    emit("close", {});
  }

  const commands: Commands = {
    open,
    close,
    toggle: () => (isOpen ? close() : open()),
    identify(jwt) {
      if (typeof jwt !== "string") return;
      identity = jwt;
      if (!isOpen && !line.session) return;
      const unsent = talk.lines.filter(({ status }) => status === "queued").map(({ text }) => text);
      forget();
      void begin().then(() => unsent.forEach((text) => talk.say(text)));
    },
    locale(tag) {
      settings.locale = tag;
      // Whoever waits for a session already waits for one in this language too.
      if (line.session) void line.open().then(() => line.open()).then(greet, () => {});
    },
    theme(theme) {
      settings.theme = theme;
      dress();
    },
    consent(level) {
      if (!CONSENTS.includes(level)) return;
      settings.consent = level;
      keepAs();
    },
    wipe() {
      store.wipe();
      identity = undefined;
      store.owner = "";
      forget();
      if (isOpen) void begin();
    },
    on(name, hear) {
      listeners.set(name, (listeners.get(name) ?? new Set()).add(hear));
      // Who asks late is told, too.
      if (name === "ready" && wasReady) queueMicrotask(() => (hear as (detail: object) => void)({}));
    },
    off(name, hear) {
      if (hear) listeners.get(name)?.delete(hear);
      else listeners.delete(name);
    },
    destroy() {
      era += 1;
      away.abort();
      bodies.disconnect();
      talk.end();
      line.end();
      listeners.clear();
      host.remove();
      done();
    },
  };

  function forget(): void {
    era += 1;
    line.session = undefined;
    line.become();
    talk.reset();
    count(0);
  }

  // What goes on around

  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing || !isOpen) return;
    event.stopPropagation();
    close();
  });
  // The tab one is in is the one that listens.
  root.addEventListener("focusin", () => attend(true));
  const on = (target: EventTarget, name: string, hear: (event: any) => void) => target.addEventListener(name, hear, { signal });
  on(document, "visibilitychange", () => attend());
  on(window, "focus", () => attend(true));
  for (const name of ["online", "offline", "pageshow"]) on(window, name, () => talk.wake());
  on(window, "storage", ({ key }: StorageEvent) => {
    if (isOpen && key?.startsWith(whose)) talk.glance();
  });

  function ready(): void {
    if (wasReady || signal.aborted) return;
    wasReady = true;
    dress();
    put();
    emit("ready", {});
    begun();
    if (settings.reopen && store.get("open", true)) open();
  }
  if (document.body) queueMicrotask(ready);
  else on(document, "DOMContentLoaded", ready);
  return commands;
}
