// Types for pages that carry the chat. `/// <reference path="…/index.d.ts" />`, or import them.

/** What may be kept in the visitor's browser: nothing, for this tab, or until it is wiped. */
export type Consent = "none" | "session" | "local";

/** What is told, and with what. */
export interface Events {
  /** The button is on the page and commands work. Told to late listeners, too. */
  ready: Record<string, never>;
  open: Record<string, never>;
  close: Record<string, never>;
  /** Somebody other than the visitor said something. */
  message: { id: string; role: "assistant" | "agent" | "system"; text: string };
  /** So many messages were not seen, because the chat is closed. */
  unread: { count: number };
  /** Somebody else holds the conversation. */
  handoff: { state: "AI" | "HANDOFF_REQUESTED" | "HUMAN" | "RESOLVED" };
  /** A call failed: `code` as in the host's problems, or `network`. */
  error: { code: string; detail: string };
  /** The visitor is the one the page named. */
  identified: Record<string, never>;
}

export interface Commands {
  open(): void;
  close(): void;
  toggle(): void;
  /** Takes everything away: nodes, listeners, timers, streams and `window.frontoffice` itself. What is kept in the browser stays. */
  destroy(): void;
  /** Says who the visitor is, by a token that the page's own server signed. */
  identify(jwt: string): void;
  /** Another language, as a tag such as `de`. */
  locale(tag: string): void;
  theme(theme: "light" | "dark" | "auto"): void;
  /** What may be kept from now on; what was kept and may not be any longer is erased. */
  consent(level: Consent): void;
  /** Erases all that is kept in this browser and begins with a new visitor. */
  wipe(): void;
  on<K extends keyof Events>(name: K, hear: (detail: Events[K]) => void): void;
  /** Without a listener: all of that name. */
  off<K extends keyof Events>(name: K, hear?: (detail: Events[K]) => void): void;
}

/** A command with its values, as it is pushed before the script has come: `["identify", jwt]`. */
export type Queued = { [K in keyof Commands]: [K, ...Parameters<Commands[K]>] }[keyof Commands];

export interface Frontoffice extends Commands {
  push(...commands: Queued[]): number;
}

declare global {
  interface Window {
    frontoffice?: Frontoffice | Queued[];
  }
}
