// The conversation: what was said, what is still to be sent, and listening to what comes.

import type { Link } from "./link";
import { presence } from "./presence";
import { events } from "./sse";
import type { Store } from "./store";
import type { Answer, Message, Page, Source, Standing, State, Trouble } from "./wire";

/** Something that was said, or is to be. */
export interface Line {
  key: string;
  id?: string;
  seq: number;
  role: Message["role"];
  text: string;
  name: string;
  /** `queued` and `failed` are ours: what waits to be sent, and what was not taken. */
  status: string;
  sources: Source[];
  rating: string;
  at: string;
}

/** An answer that is being made. */
export interface Turn {
  id: string;
  text: string;
  /** The last event of it that was heard. */
  last: string;
}

export interface Ui {
  line(line: Line, next: Line | undefined): void;
  gone(line: Line): void;
  /** Somebody else said something new. */
  said(line: Line): void;
  /** Anything else changed. */
  stands(): void;
  trouble(trouble: Trouble): void;
}

export interface Talk {
  lines: Line[];
  state: State;
  overdue: boolean;
  readonly turn: Turn | undefined;
  /** Whether something is being sent or waits for it. */
  readonly sending: boolean;
  /** Whether nobody answers. */
  lost: boolean;
  /** Until when nothing more is taken, if it was too much. */
  until: number;
  /** What was kept of earlier comes back. */
  resume(): Promise<void>;
  say(text: string): void;
  again(line: Line): void;
  drop(line: Line): void;
  stop(): Promise<void>;
  /** Does something in the conversation, under `conversation/…`. */
  act(what: string, body: object): Promise<void>;
  /** Whether the chat is open and seen; and that it is in use. */
  attend(open: boolean, inUse?: boolean): void;
  /** Another tab has heard something. */
  glance(): void;
  wake(): void;
  /** Nothing was said, as far as this page knows. */
  reset(): void;
  keep(): void;
  end(): void;
}

const LONGEST_PAUSE = 15_000;
/** So often it is looked for news without listening. */
const LOOK = 4_000;
const SILENCE = 30_000;
const EVENTS = "text/event-stream";
const CHAT = "/api/widget/";

const longer = (pause: number) => Math.min(LONGEST_PAUSE, pause * 2 || 500 + Math.random() * 500);

export function talk(link: Link, store: Store, ui: Ui, whose: string): Talk {
  let session: string | undefined;
  let seq = 0;
  let turn: Turn | undefined;
  let outbox: Line[] = [];
  let open = false;
  let over = false;
  /** What is being listened to. */
  let ear: AbortController | undefined;
  /** A stream that began with a message that was sent. */
  let handed: { response: Response; ear: AbortController } | undefined;
  /** A message is on its way, and its stream will be the one to listen to. */
  let claimed = false;
  let busy = false;
  let stopping = false;
  let failures = 0;
  let retry = 0;
  let timer = 0;
  let ticks = 0;
  let settle = () => {};
  let rouse = () => {};

  const doorbell = () => {
    ear?.abort();
    rouse();
  };
  const tab = presence(whose, () => (tab.here ? rouse() : doorbell()));
  const listens = () => open && tab.here;
  /** An address of the conversation, also of one that is settled; of the newest while none is known. */
  const where = (what: string) => `${CHAT}conversation/${what}?${session ? `session_id=${encodeURIComponent(session)}` : ""}`;

  /** What is not sent yet outlives a reload. Another tab has its own. */
  const save = () => store.set("out", JSON.stringify(outbox.map(({ text, key }) => [text, key])), true);

  // What was said

  const lineOf = (part: Partial<Line> & Pick<Line, "key" | "role" | "text" | "status">): Line => ({ seq: Infinity, name: "", sources: [], rating: "", at: "", ...part });

  const turnOf = (id: string, last = ""): Turn => ({ id, text: "", last });

  function place(line: Line): Line {
    const { lines } = self;
    if (!lines.includes(line)) lines.push(line);
    // What has no number yet was said last.
    lines.sort((a, b) => a.seq - b.seq);
    ui.line(line, lines[lines.indexOf(line) + 1]);
    return line;
  }

  function remove(line: Line): void {
    self.lines.splice(self.lines.indexOf(line), 1);
    ui.gone(line);
  }

  function message(said: Message, isNews: boolean): void {
    const { message_id: id, sequence, role, text } = said;
    const known =
      self.lines.find((line) => line.id === id) ??
      // What was said here and has not been numbered yet.
      self.lines.find((line) => !line.id && role === "visitor" && line.role === role && line.text === text);
    const line = known ?? ({ key: id } as Line);
    Object.assign(line, {
      id,
      seq: sequence,
      role,
      text,
      name: said.agent?.name ?? said.persona?.name ?? "",
      status: said.status,
      sources: said.sources ?? [],
      rating: said.rating ?? "",
      at: said.created_at,
    } satisfies Omit<Line, "key">);
    seq = Math.max(seq, sequence);
    place(line);
    // Other tabs of this browser are told by that.
    if (isNews) store.set("seq", `${seq}`);
    if (!known && isNews && role !== "visitor") ui.said(line);
  }

  /** The conversation a call was about; a settled one is followed by another, whose numbers begin anew. */
  function within(id: string | undefined): void {
    if (!id || id === session) return;
    if (session) {
      for (const line of self.lines) if (line.id) line.seq = 0;
      seq = 0;
    }
    session = id;
    store.set("session", id);
  }

  function stands({ session_id, state, overdue, turn: live }: Standing): void {
    within(session_id);
    self.state = state;
    self.overdue = overdue;
    if (live && live.turn_id !== turn?.id) turn = turnOf(live.turn_id);
    ui.stands();
  }

  /** A message was taken. */
  function taken(line: Line, { session_id, message_id, turn_id, reply }: Partial<Answer>): void {
    within(session_id);
    outbox = outbox.filter((one) => one !== line);
    save();
    line.status = "received";
    // Without an answer it is the message itself that has the id.
    if (!reply && self.lines.some(({ id }) => id === message_id)) remove(line);
    else {
      if (!reply && message_id) line.id = message_id;
      place(line);
    }
    if (turn_id) turn ??= turnOf(turn_id, "accepted");
    if (stopping) void self.stop();
  }

  /** An answer is there, or there will be none. */
  function answered(answer: Answer): void {
    const { message_id: id, turn_id, status, reply } = answer;
    within(answer.session_id);
    // A newer message of the same burst goes on with it.
    turn = status === "joined" && turn_id ? turnOf(turn_id) : undefined;
    stopping = false;
    if (status === "handed_off" || status === "failed" || status === "out_of_credits") self.state = "HANDOFF_REQUESTED";
    if (reply && !self.lines.some((line) => line.id === id)) {
      const { sources, created_at, persona } = answer;
      ui.said(place(lineOf({ key: id, id, role: "assistant", text: reply, name: persona?.name ?? "", status, sources, at: created_at })));
    }
    ui.stands();
  }

  // Listening

  function tell(name: string, data: any, id: string): void {
    failures = 0;
    if (claimed && outbox[0] && /^acc|^done/.test(name)) {
      claimed = false;
      taken(outbox[0], data);
      settle();
    }
    if (name === "state") {
      stands(data);
      // It is heard word by word elsewhere.
      if (turn) doorbell();
    } else if (name === "message") message(data, true);
    else if (name === "done") answered(data);
    else if (turn) {
      if (name === "delta") turn.text += data.text;
      else if (name === "reset") turn.text = "";
      if (id) turn.last = id;
    }
    ui.stands();
  }

  const nap = (ms?: number) =>
    new Promise<void>((done) => {
      const timer = ms && setTimeout(done, ms);
      rouse = () => {
        if (timer) clearTimeout(timer);
        done();
      };
    });

  function gotThrough(): void {
    self.lost = false;
    ui.stands();
  }

  function lose(): void {
    failures += 1;
    // One broken connection is nothing to speak of.
    if (failures > 1 || !navigator.onLine) self.lost = true;
    ui.stands();
  }

  async function listen(): Promise<void> {
    let pause = 0;
    while (!over) {
      if (!handed && (!listens() || claimed || !(turn || session))) {
        await nap();
        continue;
      }
      const mine = (ear = handed?.ear ?? new AbortController());
      const of = turn;
      // The host says something every few seconds. What is silent for longer is dead, whatever the browser thinks.
      let silence = 0;
      const alive = () => {
        clearTimeout(silence);
        silence = setTimeout(() => mine.abort(), SILENCE);
      };
      try {
        let response = handed?.response;
        handed = undefined;
        response ??= await link.call(of ? `${CHAT}turns/${of.id}/events` : `${where("events")}&after=${seq}`, {
          signal: mine.signal,
          headers: { Accept: EVENTS, ...(of?.last ? { "Last-Event-ID": of.last } : {}) },
        });
        gotThrough();
        // Everything of it was heard before.
        if (response.status === 204) turn = undefined;
        else await events(response, tell, alive);
        if (mine.signal.aborted) continue;
        // A stream that ends every time with nothing done is not asked for at once every time.
        pause = of === turn ? longer(pause) : 0;
      } catch (thrown) {
        if (mine.signal.aborted) continue;
        const { status = 0, after } = thrown as Trouble;
        pause = after ? after * 1_000 : longer(pause);
        if (status === 404) {
          if (of) turn = undefined;
          else session = undefined;
        } else if (status && status < 500 && status !== 429) {
          ui.trouble(thrown as Trouble);
          pause = LONGEST_PAUSE;
        } else lose();
      } finally {
        clearTimeout(silence);
        if (ear === mine) ear = undefined;
        // Whoever waits for a message to be taken need not any longer.
        settle();
      }
      if (pause) await nap(pause);
    }
  }

  // Sending

  async function flush(): Promise<void> {
    const line = outbox[0];
    if (!line || busy || over || Date.now() < self.until || !link.session) return;
    busy = true;
    clearTimeout(retry);
    // With nothing else to listen to, the answer comes on the same line.
    const streams = listens() && !turn;
    const mine = new AbortController();
    let pause = 0;
    try {
      if (streams) {
        claimed = true;
        ear?.abort();
        ear = mine;
      }
      const response = await link.call(`${CHAT}chat`, {
        body: { message: line.text, client_message_id: line.key },
        headers: streams ? { Accept: EVENTS } : { Prefer: "respond-async" },
        ...(streams ? { signal: mine.signal } : {}),
      });
      gotThrough();
      if (streams) {
        await new Promise<void>((done) => {
          settle = done;
          handed = { response, ear: mine };
          rouse();
        });
        settle = () => {};
        // It broke before that was said; sent again it is the same message.
        if (outbox[0] === line) pause = 500;
      } else {
        claimed = false;
        const answer: Answer = await response.json();
        taken(line, answer);
        if (answer.status !== "pending") answered(answer);
      }
      failures = 0;
    } catch (thrown) {
      const trouble = thrown as Trouble;
      const { status = 0, after } = trouble;
      if (status === 429) {
        self.until = Date.now() + (after || 10) * 1_000;
        count();
      } else if (!status || status >= 500 || status === 408) {
        if (!mine.signal.aborted) lose();
        pause = mine.signal.aborted ? 100 : Math.min(LONGEST_PAUSE, 500 * 2 ** failures);
      } else {
        outbox.shift();
        save();
        line.status = "failed";
        place(line);
      }
      if (status) ui.trouble(trouble);
    } finally {
      busy = claimed = false;
      rouse();
      ui.stands();
    }
    if (pause) retry = setTimeout(flush, pause);
    else void flush();
  }

  /** Counts down to the moment from which more is taken. */
  function count(): void {
    clearTimeout(retry);
    const left = self.until - Date.now();
    if (left > 0) retry = setTimeout(count, Math.min(left, 1_000));
    else {
      self.until = 0;
      void flush();
    }
    ui.stands();
  }

  function queue(text: string, key: string): void {
    outbox.push(place(lineOf({ key, role: "visitor", text, status: "queued" })));
  }

  // Looking, where nobody listens

  async function look(isNews: boolean): Promise<void> {
    const page: Page = await (await link.call(`${where("history")}&limit=100`)).json();
    within(page.session_id);
    self.state = page.state;
    const last = seq;
    for (const said of page.messages.reverse()) message(said, isNews && said.sequence > last);
    // An answer has come that was awaited.
    if (isNews && page.messages.some(({ role, sequence }) => sequence > last && role !== "visitor")) turn = undefined;
    gotThrough();
    ui.stands();
  }

  function tick(): void {
    ticks += 1;
    // A person may take their time; an answer does not, and an open chat is looked at.
    if (!document.hidden && (turn || open || ticks % (self.state[0] === "H" ? 4 : 15) === 0)) self.glance();
  }

  const self: Talk = {
    lines: [],
    state: "AI",
    overdue: false,
    lost: false,
    until: 0,
    get turn() {
      return turn;
    },
    get sending() {
      return outbox.length > 0;
    },
    async resume() {
      timer ||= setInterval(tick, LOOK);
      for (const [text, key] of JSON.parse(store.get("out", true) ?? "[]") as [string, string][]) {
        if (!self.lines.some((line) => line.key === key)) queue(text, key);
      }
      const { session_id } = link.session!;
      session = session_id ?? store.get("session") ?? undefined;
      // Where nothing was said there is nothing to be asked for.
      if (session || (session_id === undefined && store.owner)) {
        await look(false).catch((trouble: Trouble) => {
          if (trouble.status !== 404) throw trouble;
          session = undefined;
        });
      }
      void flush();
    },
    say(text: string) {
      queue(text, `${Date.now()}-${Math.random()}`);
      save();
      tab.claim();
      // Whoever writes wants to know at once whether it works.
      failures = 0;
      void flush();
      ui.stands();
    },
    again(line: Line) {
      remove(line);
      self.say(line.text);
    },
    drop: remove,
    async stop() {
      if (!turn) {
        stopping = true;
        return;
      }
      stopping = false;
      const { id } = turn;
      const response = await link.call(`${CHAT}turns/${id}/stop`, { body: {} });
      const answer: Answer = await response.json();
      if (turn?.id === id && response.status === 200) {
        answered(answer);
        doorbell();
      }
    },
    async act(what: string, body: object) {
      const standing: Standing = await (await link.call(`${CHAT}conversation/${what}`, { body: { session_id: session, ...body } })).json();
      // What is heard of the conversation meanwhile is newer.
      if (!ear || turn) stands(standing);
      rouse();
    },
    attend(isOpen: boolean, inUse?: boolean) {
      open = isOpen;
      tab.want(isOpen);
      if (inUse) tab.claim();
      if (!isOpen) doorbell();
    },
    glance() {
      session ??= store.get("session") ?? undefined;
      if (session && link.session && !listens()) look(true).catch(() => {});
    },
    wake() {
      failures = 0;
      clearTimeout(retry);
      self.lost = !navigator.onLine;
      if (self.lost) doorbell();
      if (self.until) count();
      else void flush();
      rouse();
      ui.stands();
    },
    reset() {
      for (const line of [...self.lines]) remove(line);
      outbox = [];
      session = turn = undefined;
      seq = self.until = 0;
      self.state = "AI";
      self.overdue = false;
      doorbell();
      ui.stands();
    },
    keep() {
      if (session) store.set("session", session);
      if (outbox[0]) save();
    },
    end() {
      over = true;
      clearInterval(timer);
      clearTimeout(retry);
      self.attend(false);
      doorbell();
    },
  };
  void listen();
  return self;
}
