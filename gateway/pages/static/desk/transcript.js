/**
 * The transcript as data: finals in the order of their sequence numbers, and at most one mutable partial per speaker.
 *
 * Refuses: the document, time and the network. What is at or below the last sequence number is dropped, so that a feed
 * which repeats itself cannot say anything twice.
 */

/** @typedef {import("./types.js").Line} Line */
/** @typedef {import("./types.js").Speaker} Speaker */

/** Lines kept for one call; beyond it the oldest are let go. */
export const MOST_LINES = 20000;

/** A recognized turn below this is marked as heard unsurely. */
export const UNSURE = 0.6;

/** Kinds of contact events that become a line of their own between the utterances. */
const TOLD = new Set([
  "action.proposed",
  "action.succeeded",
  "action.failed",
  "action.unknown",
  "agent.joined",
  "agent.left",
  "call.held",
  "call.resumed",
  "call.transferred",
  "call.ended",
  "caller.identified",
  "caller.verified",
  "control.changed",
  "handoff.queued",
  "handoff.accepted",
  "language.changed",
  "recording.started",
  "recording.stopped",
]);

export class Transcript {
  constructor() {
    /** @type {Line[]} */
    this.lines = [];
    /** @type {Map<string, {speaker: Speaker, utterance: string, text: string, language: string}>} */
    this.partials = new Map();
    this.lastSeq = 0;
    /** Grows with every change of a final line. */
    this.version = 0;
    this.language = "";
    /** @type {Map<string, {text: string, language: string, at: string}>} replies decided, not yet heard */
    this.decided = new Map();
  }

  /**
   * One recorded event of the contact. Returns whether the transcript changed.
   * @param {number} seq
   * @param {string} kind
   * @param {Record<string, any>} data
   */
  record(seq, kind, data) {
    if (seq <= this.lastSeq) return false;
    this.lastSeq = seq;
    const before = this.version;
    switch (kind) {
      case "caller.turn":
        this.#callerTurn(seq, data);
        break;
      case "agent.turn":
        this.partials.delete("agent");
        this.#add(seq, data, {
          speaker: data.role === "supervisor" ? "supervisor" : "agent",
          who: String(data.name ?? data.agent ?? ""),
          text: data.text ?? "",
          language: data.language ?? this.language,
          note: unsure(data.confidence),
        });
        break;
      case "reply.decided":
        this.#decide(data);
        break;
      case "reply.heard":
        this.#heard(seq, data);
        break;
      case "dtmf.pressed":
        this.#key(seq, data);
        break;
      default:
        if (TOLD.has(kind)) this.#add(seq, data, { speaker: "system", note: kind, detail: data, language: "" });
    }
    return this.version !== before;
  }

  /**
   * What a speaker is in the middle of saying: replaces what was there.
   * @param {{speaker: Speaker, utterance?: string, text: string, language?: string}} partial
   */
  partial(partial) {
    if (!partial.text) return this.partials.delete(partial.speaker);
    this.partials.set(partial.speaker, {
      speaker: partial.speaker,
      utterance: String(partial.utterance ?? ""),
      text: partial.text,
      language: partial.language ?? this.language,
    });
    return true;
  }

  #callerTurn(seq, data) {
    this.partials.delete("caller");
    if (data.language) this.language = data.language;
    const text = data.text || (data.digits ? String(data.digits) : "");
    if (data.silent || !text) return;
    const note = !data.text && data.digits ? "keypad" : unsure(data.confidence);
    const last = this.#last("caller");
    if (data.continues && last) {
      // The turn begins with the words of the one before, which had been ended too early: one line, not two.
      Object.assign(last, { text, note, version: last.version + 1 });
      this.version += 1;
      return;
    }
    this.#add(seq, data, { speaker: "caller", text, note, language: data.language ?? this.language });
  }

  #decide(data) {
    this.decided.set(String(data.reply), {
      text: data.text ?? "",
      language: data.language ?? this.language,
      at: data.at,
    });
    if (this.decided.size > 32) this.decided.delete(this.decided.keys().next().value);
    this.partial({ speaker: "bot", utterance: String(data.reply), text: data.text ?? "", language: data.language });
  }

  #heard(seq, data) {
    const decided = this.decided.get(String(data.reply));
    this.decided.delete(String(data.reply));
    if (this.partials.get("bot")?.utterance === String(data.reply)) this.partials.delete("bot");
    // Nothing of it was heard: it was never said, and has no line.
    if (!data.text) return;
    this.#add(seq, data, {
      speaker: "bot",
      text: data.text,
      language: data.language ?? decided?.language ?? this.language,
      note: data.complete === false ? "cut" : "",
    });
  }

  #key(seq, data) {
    const last = this.lines.at(-1);
    if (last?.note === "keypad" && last.speaker === "caller") {
      Object.assign(last, { text: last.text + data.digit, version: last.version + 1 });
      this.version += 1;
      return;
    }
    this.#add(seq, data, { speaker: "caller", text: String(data.digit ?? ""), note: "keypad", language: "" });
  }

  /** @returns {Line | undefined} the speaker's last line, if only lines of the bot or the system stand behind it */
  #last(speaker) {
    for (let i = this.lines.length - 1; i >= 0 && i >= this.lines.length - 6; i -= 1) {
      if (this.lines[i].speaker === speaker) return this.lines[i];
    }
    return undefined;
  }

  #add(seq, data, line) {
    this.lines.push({
      key: String(seq),
      at: data.at ?? "",
      who: "",
      text: "",
      language: "",
      note: "",
      detail: {},
      version: 0,
      ...line,
    });
    if (this.lines.length > MOST_LINES) this.lines.shift();
    this.version += 1;
  }
}

/** @param {unknown} confidence */
function unsure(confidence) {
  return typeof confidence === "number" && confidence < UNSURE ? "unsure" : "";
}
