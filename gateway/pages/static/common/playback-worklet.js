/**
 * From the wire to the ear: a bounded jitter buffer, marks, and `clear`.
 *
 * - Sound begins once `CUSHION` of it is there, or nothing came behind it for as long. Running dry in the middle of
 *   sound makes the cushion larger, up to `LARGEST_CUSHION`; a pause makes it smaller again.
 * - What a stall of the network left over is caught up with by leaving out silent frames above `COMFORT`.
 * - At most `MOST` seconds wait. Drop policy: *oldest sound*, for what is said now matters more.
 * - A mark comes back when the sound before it has been played, or was cleared or dropped.
 *
 * Frames are 20 ms of PCM16 at 16 kHz.
 *
 * @module
 */

import { Resampler } from "./resampler.js";

const RATE = 16_000;
const CUSHION = 0.06;
const LARGEST_CUSHION = 0.2;
const COMFORT = 0.6;
const MOST = 10;
const SILENT = 0.004;
/** Seconds without sound after which it had come to its end, and not just late. */
const PAUSE = 0.3;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(RATE, sampleRate);
    /** @type {(Float32Array | string)[]} sound and marks, in order */
    this.waiting = [];
    this.seconds = 0;
    /** Sound at the device's rate, from the frame that is being played. */
    this.ready = new Float32Array(0);
    this.cushion = CUSHION;
    this.flows = false;
    /** When sound began to wait, and when it last ran dry, by the context's clock. */
    this.since = 0;
    this.dryAt = -Infinity;
    this.peak = 0;
    this.blocks = 0;
    this.counts = { dry: 0, dropped: 0, skipped: 0 };
    this.over = false;
    this.port.onmessage = ({ data }) => this.told(data);
  }

  /** @param {{type: string, pcm: ArrayBuffer, name: string}} data */
  told(data) {
    if (data.type === "sound") this.add(data.pcm);
    else if (data.type === "mark") this.waiting.push(data.name);
    else if (data.type === "clear") this.clear();
    else if (data.type === "end") this.over = true;
    // A mark behind all sound has not to wait for more.
    if (this.waiting.length && this.seconds === 0 && this.ready.length === 0) this.pass();
  }

  /** @param {ArrayBuffer} pcm */
  add(pcm) {
    const frame = Float32Array.from(new Int16Array(pcm), (sample) => sample / 32768);
    if (this.seconds === 0 && !this.flows) this.begin();
    this.waiting.push(frame);
    this.seconds += frame.length / RATE;
    while (this.seconds > MOST) {
      this.pass();
      this.seconds -= this.waiting.shift().length / RATE;
      this.counts.dropped += 1;
    }
  }

  begin() {
    this.since = currentTime;
    const late = currentTime - this.dryAt < PAUSE;
    if (late) this.counts.dry += 1;
    this.cushion = late ? Math.min(LARGEST_CUSHION, this.cushion + 0.02) : Math.max(CUSHION, this.cushion - 0.02);
  }

  clear() {
    const marks = this.waiting.filter((entry) => typeof entry === "string");
    this.waiting = marks;
    this.seconds = 0;
    this.ready = new Float32Array(0);
    this.flows = false;
    this.pass();
  }

  /** Let the marks through that are next. */
  pass() {
    while (typeof this.waiting[0] === "string") this.port.postMessage({ type: "mark", name: this.waiting.shift() });
  }

  /** The next frame to play; null when there is none. @returns {Float32Array | null} */
  take() {
    for (;;) {
      this.pass();
      const frame = /** @type {Float32Array | undefined} */ (this.waiting.shift());
      if (frame === undefined) return null;
      this.seconds = Math.max(0, this.seconds - frame.length / RATE);
      if (this.seconds <= COMFORT || frame.some((sample) => Math.abs(sample) > SILENT)) return frame;
      this.counts.skipped += 1;
    }
  }

  /** @param {Float32Array[][]} inputs @param {Float32Array[][]} outputs */
  process(inputs, [output]) {
    const channel = output[0];
    const waited = this.seconds > 0 && currentTime - this.since >= this.cushion;
    if (!this.flows && (waited || this.seconds >= this.cushion)) this.flows = true;
    if (this.flows) this.fill(channel);
    for (let other = 1; other < output.length; other++) output[other].set(channel);
    for (const sample of channel) this.peak = Math.max(this.peak, Math.abs(sample));
    if (++this.blocks % 16 === 0) {
      this.port.postMessage({ type: "level", peak: this.peak, buffered: this.seconds, ...this.counts });
      this.peak = 0;
    }
    return !this.over;
  }

  /** @param {Float32Array} channel */
  fill(channel) {
    let filled = 0;
    while (filled < channel.length) {
      if (this.ready.length === 0) {
        const frame = this.take();
        if (frame === null) return this.dried();
        this.ready = this.resampler.push(frame);
        if (this.ready.length === 0) continue;
      }
      const piece = this.ready.subarray(0, channel.length - filled);
      channel.set(piece, filled);
      this.ready = this.ready.subarray(piece.length);
      filled += piece.length;
    }
    if (this.ready.length === 0 && this.seconds === 0) this.pass();
  }

  dried() {
    this.flows = false;
    this.dryAt = currentTime;
  }
}

registerProcessor("aicc-playback", Playback);
