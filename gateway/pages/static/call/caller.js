/**
 * A caller's call, without anything to look at: the line, the telephone, and what is told of the call while it lasts.
 *
 * It says `change` whenever anything of it is another.
 *
 * @module
 */

import { ApiError, post } from "/static/common/api.js";
import { Feed } from "/static/common/feed.js";
import { Softphone, SoftphoneError } from "/static/common/softphone.js";

/** @typedef {{line: string, name: string, tenant: Record<string, string>, language: string}} Line */
/** @typedef {"choosing" | "microphone" | "connecting" | "talking" | "over"} Stage */
/** @typedef {"bot" | "waiting" | "person" | "held" | "ended"} With */
/** @typedef {{key: string, speaker: "caller" | "bot" | "agent", text: string, cut?: boolean, language?: string}} Utterance */

const NUMBERED = ["caller.turn", "reply.started", "reply.heard", "agent.turn", "state"];
const MOST_SHOWN = 500;

export class Caller extends EventTarget {
  /** @type {Line[] | null} */
  lines = null;
  /** @type {Line | null} */
  line = null;
  /** @type {Stage} */
  stage = "choosing";
  /** @type {With} */
  with = "bot";
  /** @type {Utterance[]} */
  said = [];
  /** What is being said, and not settled: by speaker. @type {Map<string, string>} */
  partial = new Map();
  /** Whether the other side is speaking without text so far. */
  speaking = false;
  /** Why there is no call: a key of the catalogue and its places. @type {{key: string, places: Record<string, string>} | null} */
  failure = null;
  /** @type {"us" | "them" | "network" | "refused" | null} */
  endedBy = null;
  muted = false;
  began = 0;
  ended = 0;
  /** @type {Softphone | null} */
  #phone = null;
  /** @type {Feed | null} */
  #feed = null;

  /** @param {Line[]} lines */
  offer(lines) {
    this.lines = lines;
    this.line ??= lines.find((line) => line.language === document.documentElement.lang) ?? lines[0] ?? null;
    this.#changed();
  }

  /** @param {Line} line */
  choose(line) {
    this.line = line;
    this.#changed();
  }

  /** Call the line that is chosen. It must be a press: browsers ask for one before they give sound. */
  async call() {
    if (this.line === null || this.#phone !== null) return;
    const phone = new Softphone();
    this.#phone = phone;
    this.failure = null;
    this.#become("microphone");
    phone.addEventListener("level", (event) => this.#tell("level", /** @type {CustomEvent} */ (event).detail));
    phone.addEventListener("ended", (event) => this.#over(/** @type {CustomEvent} */ (event).detail.by));
    try {
      await phone.prepare();
      this.#become("connecting");
      // The ticket is good for seconds only, so it is asked for when the microphone is there.
      const { ticket, call, key } = await post("/v1/web-calls", { line: this.line.line });
      await phone.connect(ticket);
      this.#connected(call, key);
    } catch (error) {
      phone.hangUp();
      if (this.#phone !== phone) return; // given up meanwhile
      this.#phone = null;
      this.stage = "choosing";
      this.fail(/** @type {Error} */ (error));
    }
  }

  /** End the call, or give up calling. */
  hangUp() {
    const phone = this.#phone;
    if (phone === null) return;
    if (this.stage !== "talking") {
      this.#phone = null;
      this.#become("choosing");
    }
    phone.hangUp();
  }

  /** @param {string} digit */
  press(digit) {
    this.#phone?.press(digit);
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this.#phone?.mute(muted);
    this.#changed();
  }

  /** Back to the beginning. */
  again() {
    if (this.stage !== "over") return;
    this.said = [];
    this.endedBy = null;
    this.#become("choosing");
  }

  /** @param {Error} error */
  fail(error) {
    this.failure = failureOf(error);
    this.#changed();
  }

  /** Seconds that the call has lasted. */
  get seconds() {
    return this.began === 0 ? 0 : ((this.ended || Date.now()) - this.began) / 1000;
  }

  /** @param {string} call @param {string} key */
  #connected(call, key) {
    this.said = [];
    this.partial.clear();
    this.with = "bot";
    this.muted = false;
    this.began = Date.now();
    this.ended = 0;
    this.#feed = new Feed({ stream: `/v1/web-calls/${call}/feed`, numbered: NUMBERED, passing: ["partial"], query: { key } });
    this.#feed.addEventListener("delta", (event) => this.#told(/** @type {CustomEvent} */ (event).detail));
    void this.#feed.open();
    this.#become("talking");
  }

  /** @param {import("/static/common/feed.js").Delta} delta */
  #told({ kind, seq, data }) {
    switch (kind) {
      case "partial":
        this.partial.set(data.speaker, data.text);
        break;
      case "caller.turn":
        this.partial.delete("caller");
        // It begins with the words of the turn before, which had been taken for finished.
        if (data.continues) this.#unsay("caller");
        this.#say({ key: `${seq}`, speaker: "caller", text: data.text, language: data.language });
        break;
      case "reply.started":
        this.speaking = true;
        break;
      case "reply.heard":
        this.speaking = false;
        this.#say({ key: `${seq}`, speaker: "bot", text: data.text, cut: data.complete === false });
        break;
      case "agent.turn":
        this.partial.delete("agent");
        this.#say({ key: `${seq}`, speaker: "agent", text: data.text, language: data.language });
        break;
      case "state":
        this.with = data.state;
        if (data.state === "ended") this.#closeFeed();
        break;
    }
    this.#changed();
  }

  /** @param {Utterance} utterance */
  #say(utterance) {
    if (!utterance.text) return;
    this.said.push(utterance);
    if (this.said.length > MOST_SHOWN) this.said.shift(); // the page is no archive
  }

  /** @param {Utterance["speaker"]} speaker */
  #unsay(speaker) {
    const last = this.said.findLastIndex((one) => one.speaker === speaker);
    if (last !== -1) this.said.splice(last, 1);
  }

  /** @param {"us" | "them" | "network" | "refused"} by */
  #over(by) {
    this.#phone = null;
    this.ended = Date.now();
    this.endedBy = by;
    this.partial.clear();
    this.speaking = false;
    // The last words are still told: the feed ends with the call's record.
    setTimeout(() => this.#closeFeed(), 5000);
    this.#become("over");
  }

  #closeFeed() {
    this.#feed?.close();
    this.#feed = null;
  }

  /** @param {Stage} stage */
  #become(stage) {
    this.stage = stage;
    this.#changed();
  }

  #changed() {
    this.#tell("change", null);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** @param {Error} error @returns {{key: string, places: Record<string, string>}} */
function failureOf(error) {
  if (error instanceof SoftphoneError) {
    if (error.code !== "refused") return { key: `softphone.${error.code}`, places: {} };
    return error.closeCode === 1013 ? { key: "call.busy", places: {} } : { key: "softphone.refused", places: { reason: error.reason } };
  }
  if (!(error instanceof ApiError)) return { key: "error.unknown", places: { message: error.message } };
  const known = { web_calls_closed: "call.closed", too_many_calls: "call.too_many", network: "error.network", timeout: "error.timeout" };
  return { key: known[error.code] ?? "error.unknown", places: { message: error.message } };
}
