/**
 * One call as its agent sees it: the hand-over card, who holds it at which epoch, the transcript, the one assist card,
 * the script. Data and reductions only.
 *
 * Refuses: the document, time and the network. What an event does not tell in full is asked for again: `apply` then
 * names `"card"` among what it needs.
 */

import { Transcript } from "./transcript.js";

/** @typedef {import("./types.js").CallCard} CallCard */
/** @typedef {import("./types.js").AssistCard} AssistCard */

/** Kinds after which parties, control or what is known may differ from the card that was read. */
const CARD_IS_OLD = new Set([
  "agent.joined",
  "agent.left",
  "call.held",
  "call.resumed",
  "control.changed",
  "caller.turn",
  "caller.identified",
  "caller.verified",
  "action.succeeded",
  "recording.started",
  "recording.stopped",
  "transfer.tried",
  "transfer.answered",
  "transfer.failed",
]);

/** @typedef {"card" | "transcript" | "partial" | "assist" | "script" | "control" | "ended"} Part */

export class Contact {
  /** @param {string} call */
  constructor(call) {
    this.call = call;
    /** @type {CallCard | null} */
    this.card = null;
    this.transcript = new Transcript();
    /** @type {AssistCard | null} */
    this.assist = null;
    /** Whether a card was put on the desk since the call is here: then what the call's card says of it is older. */
    this.put = false;
    this.ended = false;
    /** @type {Map<string, boolean>} lines of the script heard before the card that lists them was read */
    this.said = new Map();
    /** @type {Map<string, string>} names of people by their ids */
    this.names = new Map();
  }

  get epoch() {
    return this.card?.epoch ?? 0;
  }

  get held() {
    return Boolean(this.card?.parties?.some((party) => party.role === "caller" && party.held));
  }

  get muted() {
    return Boolean(
      this.card?.parties?.some((party) => party.role === "agent" && party.mode !== "listen" && party.muted),
    );
  }

  /**
   * The card as the gateway tells it. An older epoch than the one known is not believed.
   * @param {CallCard} card
   */
  read(card) {
    if (this.card && card.epoch < this.card.epoch) return false;
    this.card = {
      ...card,
      script: (card.script ?? []).map((line) => ({ ...line, said: line.said || this.said.has(line.id) })),
    };
    if (card.language) this.transcript.language = card.language;
    for (const party of card.parties ?? []) if (party.name) this.names.set(party.who, party.name);
    if (this.assist === null && !this.put) this.assist = card.card ?? null;
    return true;
  }

  /**
   * One event of the call's feed; `seq` is none for what is not recorded. Returns the parts that changed, and whether
   * the card has to be read again.
   * @param {number | null} seq
   * @param {string} kind
   * @param {Record<string, any>} data
   * @returns {{changed: Part[], stale: boolean}}
   */
  apply(seq, kind, data) {
    if (seq === null) return { changed: this.#passing(kind, data), stale: false };
    if (seq <= this.transcript.lastSeq) return { changed: [], stale: false };
    /** @type {Part[]} */
    const changed = [];
    const partials = this.transcript.partials.size;
    if (this.transcript.record(seq, kind, data)) changed.push("transcript");
    if (this.transcript.partials.size !== partials || kind === "reply.decided") changed.push("partial");
    changed.push(...this.#recorded(kind, data));
    return { changed, stale: CARD_IS_OLD.has(kind) };
  }

  #recorded(kind, data) {
    switch (kind) {
      case "control.changed":
        if (this.card && data.epoch > this.card.epoch) {
          this.card = { ...this.card, owner: data.owner, agent: data.agent, epoch: data.epoch };
        }
        return ["control"];
      case "agent.joined":
        if (data.name) this.names.set(String(data.agent), String(data.name));
        return [];
      case "recording.started":
      case "recording.stopped":
        if (this.card) this.card = { ...this.card, recording: kind === "recording.started" };
        return ["control"];
      case "call.held":
      case "call.resumed":
        if (this.card) this.card = { ...this.card, parties: held(this.card.parties ?? [], kind === "call.held") };
        return ["control"];
      case "language.changed":
        if (data.after) this.transcript.language = data.after;
        if (this.card && data.after) this.card = { ...this.card, language: data.after };
        return ["card"];
      case "call.ended":
        this.ended = true;
        this.transcript.partials.clear();
        return ["control", "partial", "ended"];
      default:
        return [];
    }
  }

  /** What is told but not recorded: partials, cards, ticks of the script, what it has come to. */
  #passing(kind, data) {
    switch (kind) {
      case "partial":
        if (this.ended) return [];
        this.transcript.partial(/** @type {any} */ (data));
        return ["partial"];
      case "card":
        this.put = true;
        this.assist = /** @type {AssistCard} */ (data);
        return ["assist"];
      case "summary":
        if (this.card) this.card = { ...this.card, ...summarized(this.card, data) };
        return ["card"];
      case "script":
        this.#tick(String(data.id), data.said !== false);
        return ["script"];
      default:
        return [];
    }
  }

  #tick(id, said) {
    if (said) this.said.set(id, true);
    if (!this.card) return;
    this.card = { ...this.card, script: this.card.script.map((line) => (line.id === id ? { ...line, said } : line)) };
  }
}

/** What the call has come to by now; the hand-over's own words stay what they were. */
function summarized(card, { live_summary, sentiment, summary = {} }) {
  const known = { ...card.summary?.known, ...summary.known };
  return { live_summary, sentiment: sentiment ?? card.sentiment, summary: { ...card.summary, known } };
}

/** The parties with the caller on hold or not; a caller whom the card does not list is added. */
function held(parties, on) {
  if (!parties.some((party) => party.role === "caller"))
    return [...parties, { who: "caller", role: "caller", held: on }];
  return parties.map((party) => (party.role === "caller" ? { ...party, held: on } : party));
}
