// What the page's own tag says: where the host is, whose chat it is, and how it is to look.

import { CONSENTS, type Consent, type Look } from "./wire";

export interface Settings {
  /** What every address on the host begins with. */
  host: string;
  tenant: string;
  /** Only where the tag names a key, as tags did once. */
  key: string | undefined;
  /** How it is to look: what the host has hung on the tag, and what the tag says above all. */
  hung: Partial<Look> | undefined;
  look: Partial<Look>;
  consent: Consent;
  locale: string;
  theme: string;
  reopen: boolean;
}

const SCRIPT = /^(.+)\/widget\/([\da-f-]{36}|loader)\b.*\.js/i;

/** Reads the tag; `undefined`, with a word to whoever wrote it, if it is none of ours. */
export function read(): Settings | undefined {
  // While nothing says which it is (a module, a tag manager), it is the last one with such an address.
  const script = (document.currentScript ?? [...document.scripts].reverse().find(({ src }) => SCRIPT.test(src))) as HTMLScriptElement | undefined;
  const [, host, tenant] = SCRIPT.exec(script?.src ?? "") ?? [];
  const data = script?.dataset ?? {};
  const key = data.widgetKey;
  if (!host || (tenant === "loader" && !key)) {
    console.warn("frontoffice: not loaded by its own tag");
    return undefined;
  }
  const { color, position, launcher, label, consent = "local", locale = document.documentElement.lang, theme = "auto" } = data;
  return {
    host,
    tenant: tenant!.toLowerCase(),
    key,
    hung: (script as { frontoffice?: Partial<Look> }).frontoffice,
    // Only what is said.
    look: JSON.parse(JSON.stringify({ color, position, launcher, label })),
    consent: (CONSENTS.includes(consent) ? consent : "local") as Consent,
    locale,
    theme,
    reopen: "reopen" in data,
  };
}
