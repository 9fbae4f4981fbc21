/**
 * A call told along its recording: who said what from when to when, and what happened between.
 *
 * Pure. The events of the ledger go in; rows in order, hand-overs, actions and people come out. All times are seconds of
 * the recording where there is one (what was before it is negative), otherwise of the call. Recognized words give the
 * times of what a caller said; where there are none, they are estimated from its length. A row `tells` the events of
 * these numbers.
 *
 * @module
 */

/**
 * @typedef {{call: string, seq: number, at: string, kind: string, payload: Record<string, any>}} LedgerEvent
 * @typedef {{decision: string, confidence: number, signals: Record<string, number>, citations: any[],
 *   found: any[], timings: Record<string, number>, stages: Record<string, number>, latency: number | null,
 *   release: string, model: string}} Decision
 * @typedef {{type: "said", seq: number, tells: number[], from: number, until: number, speaker: string, name: string, text: string,
 *   unheard: string, language: string, confidence: number | null, decision: Decision | null, estimated: boolean}} Said
 * @typedef {{type: "note", seq: number, tells: number[], from: number, until: number, kind: string, about: string,
 *   payload: Record<string, any>}} Note
 * @typedef {Said | Note} Row
 * @typedef {{id: string, from: number, reason: string, queue: string, skills: string[], summary: any,
 *   offers: {agent: string, from: number, why: string}[],
 *   agent: string | null, waited: number | null, end: string}} HandOver
 * @typedef {{id: string, name: string, arguments: any, steps: {kind: string, from: number}[], outcome: string,
 *   told: any}} Action
 * @typedef {{id: string, name: string, role: string, modes: {mode: string, from: number, until: number}[]}} Person
 * @typedef {{origin: number, seconds: number, rows: Row[], handOvers: HandOver[], actions: Action[], people: Person[],
 *   recorded: boolean}} Replay
 */

const SECONDS_PER_CHARACTER = { ko: 0.17, en: 0.065 };
const LONGEST_ESTIMATE = 20;
const SILENCE = 0.4;

/** Kinds that make no row of their own. */
const WITHOUT_ROW = new Set([
  "call.offered",
  "speech.started",
  "speech.stopped",
  "transcript.final",
  "retrieval.done",
  "reply.decided",
  "reply.started",
  "reply.heard",
  "stage.latency",
  "media.quality",
  "recording.stored",
  "caller.turn",
  "agent.turn",
]);

/** What a kind is about, which is how it looks and where it is marked. @param {string} kind */
export function about(kind) {
  const area = kind.split(".")[0];
  if (["handoff", "escalation"].includes(area)) return "handoff";
  if (["agent", "control", "assist", "wrap_up"].includes(area)) return "people";
  if (area === "action") return "action";
  if (kind === "barge_in") return "barge_in";
  if (kind.endsWith(".failed") || kind === "protocol.rejected") return "problem";
  return "call";
}

/** @param {LedgerEvent[]} events in order @returns {Replay} */
export function replay(events) {
  const started = events.find(({ kind }) => kind === "recording.started");
  const origin = Date.parse((started ?? events[0])?.at ?? "1970-01-01T00:00:00Z");
  const time = (/** @type {LedgerEvent} */ event) => (Date.parse(event.at) - origin) / 1000;
  const media = started && typeof started.payload.at === "number" ? started.payload.at : null;
  const people = peopleIn(events, time);
  const done = actions(events, time);
  return {
    origin,
    seconds: events.reduce((most, event) => Math.max(most, time(event)), 0),
    rows: rowsOf(events, time, media, people).map((row) => named(row, people, done)),
    handOvers: handOvers(events, time),
    actions: done,
    people,
    recorded: started !== undefined,
  };
}

/**
 * The last utterance that has begun at a time; null before the first.
 *
 * @param {Row[]} rows
 * @param {number} seconds
 * @returns {Said | null}
 */
export function saidAt(rows, seconds) {
  let found = null;
  for (const row of rows) {
    if (row.from > seconds) break;
    if (row.type === "said") found = row;
  }
  return found;
}

/**
 * The row that tells an event, or the last before it where none does.
 *
 * @param {Row[]} rows
 * @param {number} seq
 * @returns {Row | null}
 */
export function rowOf(rows, seq) {
  const before = rows.filter((row) => row.seq <= seq);
  const last = before.reduce((/** @type {Row | null} */ found, row) => (found && found.seq > row.seq ? found : row), null);
  return rows.find(({ tells }) => tells.includes(seq)) ?? last;
}

/**
 * @param {LedgerEvent[]} events
 * @param {(event: LedgerEvent) => number} time
 * @param {number | null} media
 * @param {Person[]} people
 */
function rowsOf(events, time, media, people) {
  const replies = byReply(events);
  const searched = new Map(
    events.filter(({ kind }) => kind === "retrieval.done").map(({ payload }) => [payload.turn, payload]),
  );
  /** @type {Row[]} */
  const rows = [];
  /** @type {{start: number, end: number}[]} */
  let words = [];
  for (const event of events) {
    const { kind, payload, seq } = event;
    const at = time(event);
    if (kind === "transcript.final") words.push(...(payload.words ?? []));
    else if (kind === "caller.turn") {
      rows.push(payload.text ? said(event, "caller", "", at, placed(words, media, at)) : note(event, at));
      words = [];
    } else if (kind === "agent.turn") {
      const person = people.find(({ id }) => id === payload.agent);
      rows.push(said(event, person?.role ?? "agent", person?.name ?? payload.agent ?? "", at, null));
    } else if (kind === "reply.started" || (kind === "reply.decided" && !replies.get(payload.reply)?.started)) {
      rows.push(reply(seq, replies.get(payload.reply), searched, time, at));
    } else if (!WITHOUT_ROW.has(kind)) rows.push(note(event, at));
  }
  return rows.sort((a, b) => a.from - b.from || a.seq - b.seq);
}

/**
 * Where recognized words stand, if that can be true of a turn that ended by `at`.
 *
 * @param {{start: number, end: number}[]} words
 * @param {number | null} media
 * @param {number} at
 */
function placed(words, media, at) {
  if (media === null || words.length === 0) return null;
  const [from, until] = [words[0].start - media, (words.at(-1)?.end ?? 0) - media];
  return Number.isFinite(from) && from <= until && until <= at + 1 && from > at - 120 ? { from, until } : null;
}

/**
 * @param {LedgerEvent} event
 * @param {string} speaker
 * @param {string} name
 * @param {number} at
 * @param {{from: number, until: number} | null} place
 * @returns {Said}
 */
function said({ seq, payload }, speaker, name, at, place) {
  const language = payload.language ?? "";
  const each = SECONDS_PER_CHARACTER[/** @type {"ko" | "en"} */ (language)] ?? SECONDS_PER_CHARACTER.en;
  const long = Math.min(LONGEST_ESTIMATE, Math.max(0.6, String(payload.text ?? "").length * each));
  const { from, until } = place ?? { from: at - SILENCE - long, until: at - SILENCE };
  const confidence = typeof payload.confidence === "number" ? payload.confidence : null;
  return {
    type: "said",
    seq,
    tells: [seq],
    from,
    until,
    speaker,
    name,
    text: payload.text ?? "",
    unheard: "",
    language,
    confidence,
    decision: null,
    estimated: place === null,
  };
}

/** @param {LedgerEvent} event @param {number} at @returns {Note} */
function note({ seq, kind, payload }, at) {
  return { type: "note", seq, tells: [seq], from: at, until: at, kind, about: about(kind), payload };
}

/**
 * A note with the names of whom and what it is about: the log has them once, and ids afterwards.
 *
 * @param {Row} row
 * @param {Person[]} people
 * @param {Action[]} done
 * @returns {Row}
 */
function named(row, people, done) {
  if (row.type === "said") return row;
  const { agent, action } = row.payload;
  const name =
    people.find(({ id }) => id === agent)?.name ??
    done.find(({ id }) => action !== undefined && id === String(action))?.name;
  return name === undefined ? row : { ...row, payload: { ...row.payload, name } };
}

/** @typedef {{decided?: LedgerEvent, started?: LedgerEvent, heard?: LedgerEvent}} Reply */

/** @param {LedgerEvent[]} events @returns {Map<number, Reply>} */
function byReply(events) {
  /** @type {Map<number, Reply>} */
  const found = new Map();
  for (const event of events) {
    const [area, step] = event.kind.split(".");
    if (area === "reply") found.set(event.payload.reply, { ...found.get(event.payload.reply), [step]: event });
  }
  return found;
}

/**
 * @param {number} seq
 * @param {Reply | undefined} steps
 * @param {Map<number, any>} searched what knowledge was asked for each turn
 * @param {(event: LedgerEvent) => number} time
 * @param {number} at
 * @returns {Said}
 */
function reply(seq, steps, searched, time, at) {
  const decided = steps?.decided?.payload ?? {};
  const heard = steps?.heard?.payload;
  const text = heard ? heard.text : (decided.text ?? "");
  const whole = decided.text ?? "";
  return {
    type: "said",
    seq,
    tells: [steps?.decided, steps?.started, steps?.heard].flatMap((event) => (event ? [event.seq] : [])),
    from: at,
    until: steps?.heard ? Math.max(at, time(steps.heard)) : at,
    speaker: "bot",
    name: "",
    text,
    unheard: heard && !heard.complete ? left(whole, text) : "",
    language: decided.language ?? "",
    confidence: null,
    decision: steps?.decided ? decision(decided, steps.started?.payload ?? {}, searched.get(decided.turn)) : null,
    estimated: false,
  };
}

/** What of a text was not heard any more. @param {string} whole @param {string} heard */
function left(whole, heard) {
  return whole.startsWith(heard) ? whole.slice(heard.length).trim() : whole;
}

/** @param {any} decided @param {any} started @param {any} searched @returns {Decision} */
function decision(decided, started, searched) {
  return {
    decision: decided.decision ?? "",
    confidence: decided.confidence ?? 0,
    signals: decided.signals ?? {},
    citations: decided.citations ?? [],
    found: searched?.passages ?? [],
    timings: decided.timings ?? {},
    stages: started.stages ?? {},
    latency: started.latency ?? null,
    release: decided.release ?? "",
    model: decided.model ?? "",
  };
}

/** @param {LedgerEvent[]} events @param {(event: LedgerEvent) => number} time @returns {HandOver[]} */
function handOvers(events, time) {
  /** @type {Map<string, HandOver>} */
  const found = new Map();
  for (const event of events) {
    const { kind, payload } = event;
    const id = payload.handoff;
    if (kind === "handoff.queued" && !found.has(id)) {
      const { reason = "", queue = "", skills = [], summary = {} } = payload;
      found.set(id, {
        id,
        from: time(event),
        reason,
        queue,
        skills,
        summary,
        offers: [],
        agent: null,
        waited: null,
        end: "",
      });
    }
    const known = found.get(id);
    if (!known) continue;
    if (kind === "handoff.offered") known.offers.push({ agent: payload.agent, from: time(event), why: "" });
    if (kind === "handoff.declined") {
      const offer = known.offers.findLast(({ agent }) => agent === payload.agent);
      if (offer) offer.why = payload.why ?? "";
    }
    if (kind === "handoff.accepted") Object.assign(known, { agent: payload.agent, waited: payload.waited ?? null });
    if (kind === "handoff.abandoned") Object.assign(known, { end: "abandoned", waited: payload.waited ?? null });
    if (kind === "handoff.ended") known.end = "ended";
  }
  return [...found.values()];
}

/** @param {LedgerEvent[]} events @param {(event: LedgerEvent) => number} time @returns {Action[]} */
function actions(events, time) {
  /** @type {Map<string, Action>} */
  const found = new Map();
  for (const event of events) {
    const { kind, payload } = event;
    const [area, step] = kind.split(".");
    if (area !== "action") continue;
    const id = String(payload.action);
    const known = found.get(id) ?? { id, name: id, arguments: null, steps: [], outcome: "", told: null };
    if (step === "proposed") Object.assign(known, { name: payload.name ?? id, arguments: payload.arguments ?? null });
    known.steps.push({ kind: step, from: time(event) });
    known.outcome =
      step === "reconciled"
        ? (String(payload.outcome ?? step)
            .split(".")
            .at(-1) ?? step)
        : step;
    if (["succeeded", "failed", "unknown"].includes(step)) known.told = payload.result ?? payload.error ?? null;
    found.set(id, known);
  }
  return [...found.values()];
}

/** @param {LedgerEvent[]} events @param {(event: LedgerEvent) => number} time @returns {Person[]} */
function peopleIn(events, time) {
  /** @type {Map<string, Person>} */
  const found = new Map();
  const end = events.reduce((most, event) => Math.max(most, time(event)), 0);
  for (const event of events) {
    const { kind, payload } = event;
    if (!["agent.joined", "agent.mode", "agent.left"].includes(kind)) continue;
    const { agent, name, role = "agent", mode = "talk" } = payload;
    const known = found.get(agent) ?? { id: agent, name: name ?? agent, role, modes: [] };
    const latest = known.modes.at(-1);
    if (latest && latest.until === end) latest.until = time(event);
    if (kind !== "agent.left") known.modes.push({ mode, from: time(event), until: end });
    found.set(agent, known);
  }
  return [...found.values()];
}
