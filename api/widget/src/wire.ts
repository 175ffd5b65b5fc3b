// What the server says and is told, as it is on the wire.

export interface Look {
  color: string;
  text_color?: string;
  position: string;
  launcher: string;
  label: string;
  greeting?: string | null;
  avatar_url?: string | null;
  offline_text?: string | null;
}

export interface Token {
  visitor_token: string;
  expires_at: string;
  verified?: boolean;
  session_id?: string | null;
}

export interface Session extends Token {
  widget_key: string;
  locale: string;
  dir: string;
  business: { name: string };
  persona: { name: string };
  notice: string;
  look: Look;
  consent: Consent;
  strings: Record<string, string>;
}

export interface Source {
  title: string;
  url?: string | null;
}

export type State = "AI" | "HANDOFF_REQUESTED" | "HUMAN" | "RESOLVED";

export interface Message {
  message_id: string;
  sequence: number;
  role: "visitor" | "assistant" | "agent" | "system";
  text: string;
  status: string;
  persona?: { name: string } | null;
  agent?: { name: string } | null;
  sources?: Source[];
  rating?: string | null;
  created_at: string;
}

export interface Page {
  session_id: string;
  state: State;
  messages: Message[];
  next_cursor?: string;
}

export interface Standing {
  session_id: string;
  state: State;
  overdue: boolean;
  turn: { turn_id: string } | null;
}

export interface Answer {
  session_id: string;
  message_id: string;
  turn_id: string | null;
  status: string;
  reply: string | null;
  persona: { name: string } | null;
  sources: Source[];
  created_at: string;
}

/** What may be kept in the browser, from nothing to what survives closing it. */
export type Consent = "none" | "session" | "local";
export const CONSENTS: readonly string[] = ["none", "session", "local"];

/** What went wrong with a call: status 0 where nobody answered. */
export interface Trouble {
  status: number;
  code: string;
  detail?: string;
  /** Seconds after which it may be tried again. */
  after?: number;
}
