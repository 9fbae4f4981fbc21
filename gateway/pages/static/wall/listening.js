/**
 * Being in a call from the wall: the machine of `monitor.js` with its telephone, its commands and the call's own feed.
 *
 * Who only listens needs no microphone, and none is asked for; it is opened when somebody is to hear them. Told, as an
 * `Event`: `change`.
 *
 * @module
 */

import { ApiError, get, post } from "../common/api.js";
import { Feed } from "../common/feed.js";
import { Softphone, SoftphoneError } from "../common/softphone.js";
import { IDLE, isArmed, step } from "./monitor.js";

const MOST_LINES = 3;
const SAID = { "caller.turn": "caller", "reply.heard": "bot", "agent.turn": "agent" };
const NUMBERED = [...Object.keys(SAID), "control.changed", "agent.joined", "agent.mode", "agent.left", "call.ended"];

/** @typedef {{speaker: string, text: string, seq: number | string}} Line */

export class Listening extends EventTarget {
  /** @type {import("./monitor.js").Monitor} */
  monitor = IDLE;
  /** What is known of the call: who is in it, and the epoch. @type {any} */
  card = null;
  /** The latest that was said. @type {Line[]} */
  lines = [];
  /** @type {Softphone | null} */
  #phone = null;
  #microphone = false;
  /** @type {Feed | null} */
  #feed = null;
  /** @type {number | undefined} */
  #timer;

  get muted() {
    return this.#phone?.muted ?? false;
  }

  /** Listen to a call; whichever was listened to before is left. @param {string} call */
  async join(call) {
    if (this.monitor.call === call || this.monitor.state === "taken") return;
    await this.leave();
    this.#step({ kind: "join", call });
    await this.#try(async () => {
      await this.#command("listen");
      await Promise.all([this.#dial(false), this.#look()]);
      this.#follow(call);
      this.#step({ kind: "ready" });
    });
  }

  /**
   * Do something in a call, coming in first where need be.
   *
   * @param {string} call
   * @param {import("./monitor.js").Mode | "take-over"} what
   */
  async act(call, what) {
    if (this.monitor.call !== call) await this.join(call);
    if (this.monitor.call !== call || this.monitor.state === "joining") return;
    if (what === "take-over") await this.press(what);
    else await this.want(what);
  }

  /** Whisper, barge in, or only listen again. @param {import("./monitor.js").Mode} mode */
  async want(mode) {
    this.#step({ kind: "want", mode });
    if (this.monitor.wanted === mode) await this.#carryOut(mode);
  }

  /** The first press arms, the second does it. @param {import("./monitor.js").Deed} deed */
  async press(deed) {
    const now = Date.now();
    if (!isArmed(this.monitor, now) || this.monitor.armed?.deed !== deed) {
      this.#step({ kind: "arm", deed });
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#step({ kind: "tick" }), (this.monitor.armed?.until ?? now) - now + 20);
      return;
    }
    this.#step({ kind: "commit" });
    if (this.monitor.wanted !== deed) return;
    await this.#carryOut(deed);
    if (this.monitor.state === "idle") this.#let();
  }

  /** What went wrong was read. */
  settle() {
    this.#step({ kind: "read" });
  }

  /** Not after all. */
  disarm() {
    this.#step({ kind: "disarm" });
  }

  /** Let the bot go on with a call that was taken over. @param {string} instruction */
  async giveBack(instruction) {
    await this.#try(async () => {
      await this.#command("return", { instruction, epoch: this.card?.epoch });
      this.#step({ kind: "given_back" });
    });
  }

  /** Move the call to a place outside. @param {string} target @returns {Promise<boolean>} whether it was taken */
  async send(target) {
    return this.#try(() => this.#command("transfer", { target, epoch: this.card?.epoch }));
  }

  /** Be heard no more, or again. */
  mute() {
    this.#phone?.mute(!this.muted);
    this.#changed();
  }

  /** Be out of the call. */
  async leave() {
    const { call, state } = this.monitor;
    if (call === null || state === "taken") return;
    this.#step({ kind: "ended" });
    this.#let();
    await post(`/v1/desk/calls/${encodeURIComponent(call)}/leave`, {}, { keepalive: true }).catch(() => null); // hung up is left
  }

  /** @param {import("./monitor.js").Mode | import("./monitor.js").Deed} what */
  async #carryOut(what) {
    await this.#try(async () => {
      if (what !== "listen" && what !== "hang-up" && !this.#microphone) await this.#dial(true);
      await this.#command(what, what === "take-over" || what === "hang-up" ? { epoch: this.card?.epoch } : {});
      this.#step({ kind: "done" });
    });
  }

  /** @param {string} name @param {object} [body] */
  async #command(name, body = {}) {
    return post(`/v1/desk/calls/${encodeURIComponent(this.monitor.call ?? "")}/${name}`, body);
  }

  /** A telephone in the call; the one before is hung up once the new one is in. @param {boolean} microphone */
  async #dial(microphone) {
    const { ticket } = await post("/v1/tickets", { purpose: "softphone", subject: this.monitor.call });
    const phone = new Softphone();
    phone.addEventListener("ended", () => {
      if (phone === this.#phone) this.#over();
    });
    const before = this.#phone;
    this.#phone = phone; // the server ends the line before it as soon as this one is there: that is no end of the call
    try {
      await phone.connect(ticket, { microphone });
    } catch (error) {
      this.#phone = before;
      throw error;
    }
    this.#microphone = microphone;
    before?.hangUp();
  }

  /** @param {string} call */
  #follow(call) {
    const feed = new Feed({
      stream: `/v1/desk/calls/${encodeURIComponent(call)}/feed`,
      numbered: NUMBERED,
      passing: ["partial"],
    });
    feed.addEventListener("delta", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
    this.#feed = feed;
    void feed.open();
  }

  /** @param {import("../common/feed.js").Delta} delta */
  #take({ kind, seq, data }) {
    const speaker = SAID[/** @type {keyof typeof SAID} */ (kind)];
    if (speaker !== undefined) this.#line({ speaker, text: data.text, seq: seq ?? 0 });
    else if (kind === "partial") this.#line({ speaker: data.speaker, text: data.text, seq: "partial" });
    else if (kind === "call.ended") this.#over();
    else void this.#look();
  }

  /** @param {Line} line */
  #line(line) {
    if (!line.text) return;
    this.lines = [...this.lines.filter(({ seq }) => seq !== "partial"), line].slice(-MOST_LINES);
    this.#changed();
  }

  async #look() {
    const call = this.monitor.call;
    if (call === null) return;
    const card = await get(`/v1/desk/calls/${encodeURIComponent(call)}`).catch(() => null); // what was known stays
    if (card === null || this.monitor.call !== call) return;
    this.card = card;
    this.#changed();
  }

  #over() {
    this.#step({ kind: "ended", code: this.monitor.state === "taken" ? "call_ended.wrap_up" : "call_ended" });
    this.#let();
  }

  #let() {
    const phone = this.#phone;
    this.#phone = null;
    this.#microphone = false;
    phone?.hangUp();
    this.#feed?.close();
    this.#feed = null;
    this.card = null;
    this.lines = [];
    clearTimeout(this.#timer);
    this.#changed();
  }

  /** @param {() => Promise<unknown>} work @returns {Promise<boolean>} whether it was done */
  async #try(work) {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof SoftphoneError)) throw error;
      const code = error instanceof SoftphoneError ? `softphone.${error.code}` : `error.${error.code}`;
      this.#step({ kind: "refused", code });
      if (this.monitor.state === "idle") this.#let();
      else if (error instanceof ApiError && error.code === "stale_epoch") await this.#look();
      return false;
    }
  }

  /** @param {import("./monitor.js").MonitorEvent} event */
  #step(event) {
    const next = step(this.monitor, event, Date.now());
    if (next === this.monitor) return;
    this.monitor = next;
    this.#changed();
  }

  /**
   * The desk's feed was heard of: whoever has a call says that they are there, for the desk gives a call to somebody
   * else whose owner it hears nothing of.
   */
  beat() {
    if (this.monitor.state === "taken") post("/v1/desk/heartbeat", { active: true }).catch(() => null);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
