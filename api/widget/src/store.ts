// What is kept in the browser, as far as is allowed: nothing, for this tab, or for this browser.

import type { Consent } from "./wire";

export interface Store {
  level: Consent;
  /** Who the page says it is; what was kept of somebody else is not read. */
  owner: string;
  /** `tab`: never longer than the tab is there. */
  get(name: string, tab?: boolean): string | null;
  set(name: string, value: string | null, tab?: boolean): void;
  wipe(): void;
  /** Keeps as long as this from now on, also what is kept already. */
  keepFor(level: Consent): void;
}

export function store(base: string, level: Consent): Store {
  /** A browser may forbid either, by throwing when it is touched, and be full. */
  const attempt = <T>(act: () => T): T | null => {
    try {
      return act();
    } catch {
      return null;
    }
  };
  const place = (tab?: boolean) => (self.level === "none" ? undefined : tab || self.level === "session" ? sessionStorage : localStorage);
  const called = (name: string) => `${base}${self.owner}:${name}`;
  /** Everything that is kept of this business: where, under which name, and what. */
  const all = () =>
    ["localStorage", "sessionStorage"].flatMap((where) =>
      (attempt(() => Object.entries(window[where as "localStorage"])) ?? []).filter(([name]) => name.startsWith(base)).map(([name, value]) => [where, name, value] as const),
    );
  const self: Store = {
    level,
    owner: "",
    get: (name, tab) => attempt(() => place(tab)!.getItem(called(name))),
    set: (name, value, tab) =>
      attempt(() => (value === null ? place(tab)!.removeItem(called(name)) : place(tab)!.setItem(called(name), value))),
    wipe() {
      for (const [where, name] of all()) window[where as "localStorage"].removeItem(name);
    },
    keepFor(level) {
      const kept = all();
      self.wipe();
      self.level = level;
      for (const [where, name, value] of kept) attempt(() => place(where[0] === "s")!.setItem(name, value));
    },
  };
  return self;
}
