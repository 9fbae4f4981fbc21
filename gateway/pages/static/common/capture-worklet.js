/**
 * From the microphone to the wire: the device's rate becomes 16 kHz, samples become PCM16, blocks become frames of 20 ms.
 *
 * Each frame goes to the page with the level of its sound. While muted, frames are silent and still come: a line whose
 * time stands still looks broken to whoever hears it.
 *
 * @module
 */

import { Resampler } from "./resampler.js";

const RATE = 16_000;
const FRAME = 320;

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.peak = 0;
    this.muted = false;
    this.over = false;
    this.port.onmessage = ({ data }) => {
      if (data.type === "mute") this.muted = data.muted;
      if (data.type === "end") this.over = true;
    };
  }

  /** @param {Float32Array[][]} inputs */
  process([input]) {
    const channel = input?.[0];
    // A microphone that gives nothing at all (unplugged) still has time pass.
    this.take(this.resampler.push(channel ?? new Float32Array(128)));
    return !this.over;
  }

  /** @param {Float32Array} samples at 16 kHz */
  take(samples) {
    for (const sample of samples) {
      const heard = this.muted ? 0 : Math.max(-1, Math.min(1, sample));
      this.peak = Math.max(this.peak, Math.abs(heard));
      this.frame[this.filled++] = Math.round(heard * 32767);
      if (this.filled < FRAME) continue;
      this.port.postMessage({ pcm: this.frame.buffer, peak: this.peak }, [this.frame.buffer]);
      this.frame = new Int16Array(FRAME);
      this.filled = 0;
      this.peak = 0;
    }
  }
}

registerProcessor("aicc-capture", Capture);
