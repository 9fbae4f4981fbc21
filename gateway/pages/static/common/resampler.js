/**
 * Sound at another rate: a windowed sinc in exact phases, for streams. Used within the worklets, where nothing is made
 * for each block but what it returns.
 *
 * @module
 */

const CROSSINGS = 12;

/** @param {number} a @param {number} b @returns {number} */
function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}

export class Resampler {
  /** @param {number} from Hz @param {number} to Hz */
  constructor(from, to) {
    const common = divisor(from, to);
    this.up = to / common;
    this.down = from / common;
    // What the slower of both rates cannot carry is cut off, a little below its limit.
    const cutoff = Math.min(1, to / from) * 0.94;
    this.half = Math.ceil(CROSSINGS / cutoff);
    this.phases = Array.from({ length: this.up }, (_, phase) => kernel(phase / this.up, this.half, cutoff));
    this.kept = new Float32Array(2 * this.half);
    this.phase = 0;
    this.skip = 0;
  }

  /**
   * The next piece of the stream.
   *
   * @param {Float32Array} block
   * @returns {Float32Array}
   */
  push(block) {
    if (this.up === this.down) return block.slice();
    const taps = 2 * this.half;
    const input = new Float32Array(this.kept.length + block.length);
    input.set(this.kept);
    input.set(block, this.kept.length);
    const made = [];
    let at = this.skip;
    while (at + taps <= input.length) {
      const weights = this.phases[this.phase];
      let sum = 0;
      for (let tap = 0; tap < taps; tap++) sum += input[at + tap] * weights[tap];
      made.push(sum);
      this.phase += this.down;
      at += Math.floor(this.phase / this.up);
      this.phase %= this.up;
    }
    const keepFrom = Math.min(at, input.length);
    this.skip = at - keepFrom;
    this.kept = input.slice(keepFrom);
    return Float32Array.from(made);
  }
}

/** The weights of one phase, which add up to one. @param {number} offset @param {number} half @param {number} cutoff */
function kernel(offset, half, cutoff) {
  const weights = new Float32Array(2 * half);
  let sum = 0;
  for (let tap = 0; tap < weights.length; tap++) {
    const x = tap - half + 1 - offset;
    const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
    const window = Math.abs(x) >= half ? 0 : 0.5 + 0.5 * Math.cos((Math.PI * x) / half);
    weights[tap] = sinc * window;
    sum += weights[tap];
  }
  return weights.map((weight) => weight / sum);
}
