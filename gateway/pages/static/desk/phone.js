/**
 * The agent's telephone for the call at hand: opened when the call is, opened again when the network cut it, closed
 * with it.
 *
 * Refuses: commands. Hanging up, holding and muting at the conference are the gateway's; here the microphone itself is
 * muted, at once.
 */
import { Softphone, SoftphoneError } from "../common/softphone.js";

/** Pauses in ms before each attempt to come back after the network failed; then only the agent's press tries again. */
const PAUSES = [500, 2_000, 5_000];

/** @typedef {"off" | "waiting" | "connecting" | "live" | "lost" | "failed"} PhoneState */

export class Phone {
  /**
   * @param {{ticket: (call: string) => Promise<string | null>, failed: (code: string, offer: string) => void, changed: () => void}} around  `ticket` buys one for a call, `failed` hears why a device could not be used
   */
  constructor({ ticket, failed, changed }) {
    this.buy = ticket;
    this.failed = failed;
    this.told = changed;
    /** @type {PhoneState} */
    this.state = "off";
    this.call = "";
    this.offer = "";
    this.muted = false;
    /** @type {Softphone | null} */
    this.softphone = null;
    this.attempts = 0;
    this.timer = 0;
  }

  /** Be in this call; nothing happens if we are. @param {string} call @param {string} offer @param {string} [ticket] */
  enter(call, offer, ticket) {
    if (this.call === call) return;
    this.leave();
    this.call = call;
    this.offer = offer;
    this.attempts = 0;
    // Browsers give no sound before a press: whoever comes back to a call by reloading the page has to press once.
    if (!navigator.userActivation.hasBeenActive) this.#become("waiting");
    else this.#connect(ticket);
  }

  /** Try again, by a press. */
  retry() {
    if (!this.call || this.state === "live" || this.state === "connecting") return;
    this.attempts = 0;
    this.#connect();
  }

  leave() {
    window.clearTimeout(this.timer);
    this.call = "";
    this.muted = false;
    const phone = this.softphone;
    this.softphone = null;
    phone?.hangUp();
    this.#become("off");
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    this.softphone?.mute(muted);
  }

  /** @param {string} [ticket]  one that came with the acceptance */
  async #connect(ticket) {
    const call = this.call;
    this.#become("connecting");
    const phone = new Softphone();
    this.softphone = phone;
    phone.addEventListener("ended", (event) => this.#ended(phone, /** @type {CustomEvent} */ (event).detail));
    try {
      // Made ready first: the ticket is good for seconds, and the question for the microphone may take longer.
      await phone.prepare();
      const good = ticket ?? (await this.buy(call));
      if (this.softphone !== phone) return;
      if (!good) return this.#later();
      await phone.connect(good);
      phone.mute(this.muted);
      this.attempts = 0;
      this.#become("live");
    } catch (error) {
      if (this.softphone !== phone) return;
      if (!(error instanceof SoftphoneError)) throw error;
      this.softphone = null;
      if (error.code === "lost" || error.code === "refused") return this.#later();
      this.#become("failed");
      this.failed(error.code, this.offer);
    }
  }

  #ended(phone, { by }) {
    if (this.softphone !== phone) return;
    this.softphone = null;
    if (by === "network" || by === "refused") return this.#later();
    this.#become("off");
  }

  #later() {
    this.softphone = null;
    const pause = PAUSES[this.attempts];
    this.attempts += 1;
    if (pause === undefined) return this.#become("lost");
    this.#become("connecting");
    this.timer = window.setTimeout(() => this.#connect(), pause);
  }

  /** @param {PhoneState} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.told();
  }
}
