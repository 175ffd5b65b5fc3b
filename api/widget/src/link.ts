// The line to the host: who lets us in, who we are, and what to do when either is over.

import type { Settings } from "./settings";
import type { Store } from "./store";
import type { Session, Token, Trouble } from "./wire";

export interface Asked {
  body?: unknown;
  signal?: AbortSignal;
  headers?: Record<string, string>;
}

export interface Link {
  session: Session | undefined;
  /** The page's word for who this is. */
  identity: string | undefined;
  /** Opens a session, or the same visitor's anew; those who ask meanwhile get the same one. */
  open(): Promise<Session>;
  call(path: string, asked?: Asked): Promise<Response>;
  /** Another visitor from now on; nobody yet if there is no token. */
  become(token?: Token, isStranger?: boolean): void;
  keep(): void;
  end(): void;
}

/** So long before a token ends it is renewed. */
const EARLY = 120_000;

export function link(settings: Settings, store: Store, renewed: (isStranger?: boolean) => void): Link {
  let token: string | undefined;
  let opening: Promise<Session> | undefined;
  let timer = 0;
  let over = false;

  async function ask(path: string, { body, signal, headers }: Asked, withToken: boolean): Promise<Response> {
    const key = self.session?.widget_key ?? settings.key;
    let response;
    try {
      response = await fetch(settings.host + path, {
        method: body ? "POST" : "GET",
        headers: {
          ...headers,
          ...(body ? { "Content-Type": "application/json" } : {}),
          ...(key ? { "X-Widget-Key": key } : {}),
          ...(withToken && token ? { Authorization: `Bearer ${token}` } : {}),
          // The page's language comes before the browser's. Only what needs no leave of the host may stand here.
          "Accept-Language": [settings.locale.replace(/[^a-z\d]/gi, "-"), ...navigator.languages].join(),
        } as HeadersInit,
        body: JSON.stringify(body),
        signal: signal as AbortSignal,
        credentials: "omit",
      });
    } catch {
      throw { status: 0, code: "network" } satisfies Trouble;
    }
    if (response.ok) return response;
    const { code, detail } = await response.json().catch(() => ({}));
    throw { status: response.status, code, detail, after: Number(response.headers.get("retry-after")) } satisfies Trouble;
  }

  async function opened(): Promise<Session> {
    // Once: the visitor's token says it from then on, and the word itself ends sooner.
    const { identity } = self;
    self.identity = undefined;
    token ??= store.owner ? undefined : (store.get("token") ?? undefined);
    const path = settings.key ? "/api/widget/session" : `/widget/${settings.tenant}/session`;
    let response;
    try {
      response = await ask(path, { body: { identity } }, !identity);
    } catch (trouble) {
      // A token that is none opens nothing, and neither does the word of a page that is none: better a stranger than nobody.
      if ((trouble as Trouble).status !== 401 || !(token || identity)) throw trouble;
      token = undefined;
      response = await ask(path, { body: {} }, false);
    }
    const isKnown = !!identity || self.session?.verified;
    const session = (self.session = (await response.json()) as Session);
    self.become(session, isKnown && !session.verified);
    return session;
  }

  const self: Link = {
    session: undefined,
    identity: undefined,
    open() {
      // Who comes with a word of the page needs a session that was opened with it.
      if (!opening || self.identity) {
        const next = () => opened().finally(() => (opening = undefined));
        opening = opening?.then(next, next) ?? next();
      }
      return opening;
    },
    async call(path, asked = {}) {
      try {
        return await ask(path, asked, true);
      } catch (trouble) {
        // The token is over, or the key was changed: a new session, once.
        if ((trouble as Trouble).status !== 401) throw trouble;
        await self.open();
        return ask(path, asked, true);
      }
    },
    become(given, isStranger) {
      token = given?.visitor_token;
      clearTimeout(timer);
      if (!given || over) return;
      const left = Date.parse(given.expires_at) - Date.now() - EARLY;
      // A renewal that fails is made up for by the next call.
      timer = setTimeout(() => self.open().catch(() => {}), Math.max(left, 30_000));
      renewed(isStranger);
    },
    keep() {
      // Who is identified is so by the page's word alone, each time.
      if (token && !store.owner) store.set("token", token);
    },
    end() {
      over = true;
      clearTimeout(timer);
    },
  };
  return self;
}
