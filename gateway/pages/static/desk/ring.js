/**
 * The sound of a call that rings: two soft tones, made here, so that no file has to be fetched.
 *
 * Refuses: to ring before the agent has touched the page (browsers forbid it); the offer is on the screen either way.
 */

const PERIOD = 2.4; // seconds from one ring to the next
const TONES = [659.3, 880]; // Hz: a fourth, rising

export class Ring {
  constructor() {
    /** @type {AudioContext | null} */
    this.context = null;
    this.muted = false;
    this.timer = 0;
  }

  get ringing() {
    return this.timer !== 0;
  }

  /** Allowed from the first press or key on. */
  unlock() {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") this.context.resume().catch(() => undefined);
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
  }

  start() {
    if (this.timer) return;
    this.#once();
    this.timer = window.setInterval(() => this.#once(), PERIOD * 1000);
  }

  stop() {
    window.clearInterval(this.timer);
    this.timer = 0;
  }

  #once() {
    if (this.muted || this.context?.state !== "running") return;
    const start = this.context.currentTime;
    TONES.forEach((hertz, i) => this.#tone(hertz, start + i * 0.22));
  }

  #tone(hertz, at) {
    const context = /** @type {AudioContext} */ (this.context);
    const tone = new OscillatorNode(context, { frequency: hertz, type: "sine" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.16, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.55);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.6);
  }
}
