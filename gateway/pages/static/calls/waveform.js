/**
 * `<call-waveform>`: both channels of a recording on a canvas, the caller above the line and our side below, with the place
 * that is heard, and marks of what happened. A press or the arrow keys go elsewhere; tells `seek` with the seconds.
 *
 * Without a recording it shows who spoke when, for that is known from the log.
 *
 * @module
 */

import { AiccElement, h, setText } from "../common/element.js";
import { clock } from "../common/format.js";
import { t } from "../common/i18n.js";

const STEP = 5;
const LEAP = 30;
const BAR = 2;
const APART = 1;
const MARKED = { handoff: "--warn", action: "--accent", barge_in: "--muted", problem: "--danger" };
const SPEAKERS = { caller: "--accent", bot: "--bot", agent: "--ok", supervisor: "--warn" };

/**
 * Peaks for so many bars: the loudest of those that fall on each.
 *
 * @param {readonly number[]} peaks
 * @param {number} bars
 * @returns {number[]}
 */
export function bars(peaks, bars) {
  return Array.from({ length: peaks.length ? bars : 0 }, (_, index) => {
    const from = Math.floor((index * peaks.length) / bars);
    const until = Math.max(from + 1, Math.floor(((index + 1) * peaks.length) / bars));
    return peaks.slice(from, until).reduce((most, peak) => Math.max(most, peak), 0);
  });
}

class Waveform extends AiccElement {
  /** @type {number[][]} */
  channels = [];
  seconds = 0;
  at = 0;
  /** @type {import("./timeline.js").Row[]} */
  rows = [];

  build() {
    this.canvas = /** @type {HTMLCanvasElement} */ (h("canvas", { "aria-hidden": "true" }));
    this.slider = h("div", { class: "wave", role: "slider", tabindex: 0 }, this.canvas);
    this.caller = h("span", { class: "wave-name" });
    this.ours = h("span", { class: "wave-name" });
    return [h("div", { class: "wave-names", "aria-hidden": "true" }, this.caller, this.ours), this.slider];
  }

  connected() {
    const slider = /** @type {HTMLElement} */ (this.slider);
    this.listen(slider, "keydown", (event) => this.#pressed(event));
    this.listen(slider, "pointerdown", (event) => {
      slider.setPointerCapture(event.pointerId);
      this.#point(event);
    });
    this.listen(slider, "pointermove", (event) => {
      if (slider.hasPointerCapture(event.pointerId)) this.#point(event);
    });
    this.resized = new ResizeObserver(() => this.#draw());
    this.resized.observe(slider);
    this.themed = new MutationObserver(() => this.#draw());
    this.themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.listen(matchMedia("(prefers-color-scheme: dark)"), "change", () => this.#draw());
  }

  disconnected() {
    this.resized?.disconnect();
    this.themed?.disconnect();
  }

  /** @param {{seconds: number, channels: number[][], rows: import("./timeline.js").Row[]}} shown */
  show({ seconds, channels, rows }) {
    Object.assign(this, { seconds, channels, rows });
    this.changed();
  }

  /** Another place is heard now. @param {number} seconds */
  move(seconds) {
    this.at = seconds;
    this.#say();
    this.#draw();
  }

  refresh() {
    if (this.caller) setText(this.caller, t("speaker.caller"));
    if (this.ours) setText(this.ours, t("replay.ours"));
    this.slider?.setAttribute("aria-label", t("replay.position"));
    this.#say();
    this.#draw();
  }

  #say() {
    this.slider?.setAttribute("aria-valuemin", "0");
    this.slider?.setAttribute("aria-valuemax", String(Math.round(this.seconds)));
    this.slider?.setAttribute("aria-valuenow", String(Math.round(this.at)));
    this.slider?.setAttribute("aria-valuetext", t("replay.of", { at: clock(this.at), whole: clock(this.seconds) }));
  }

  /** @param {PointerEvent} event */
  #point(event) {
    const { left, width } = /** @type {HTMLElement} */ (this.slider).getBoundingClientRect();
    this.#seek(((event.clientX - left) / width) * this.seconds);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const steps = {
      ArrowLeft: -STEP,
      ArrowDown: -STEP,
      ArrowRight: STEP,
      ArrowUp: STEP,
      PageDown: -LEAP,
      PageUp: LEAP,
    };
    const step = steps[/** @type {keyof typeof steps} */ (event.key)];
    const to =
      event.key === "Home" ? 0 : event.key === "End" ? this.seconds : step === undefined ? null : this.at + step;
    if (to === null) return;
    event.preventDefault();
    this.#seek(to);
  }

  /** @param {number} seconds */
  #seek(seconds) {
    this.tell("seek", Math.min(this.seconds, Math.max(0, seconds)));
  }

  #draw() {
    const { canvas, slider } = this;
    if (!canvas || !slider || slider.clientWidth === 0) return;
    const [width, height, sharp] = [slider.clientWidth, slider.clientHeight, devicePixelRatio];
    if (canvas.width !== Math.round(width * sharp) || canvas.height !== Math.round(height * sharp)) {
      canvas.width = Math.round(width * sharp);
      canvas.height = Math.round(height * sharp);
    }
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const colour = colours(slider);
    pen.setTransform(sharp, 0, 0, sharp, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = colour("--line");
    pen.fillRect(0, height / 2, width, 1);
    if (this.channels.length > 0) this.#sound(pen, width, height, colour);
    else this.#speech(pen, width, height, colour);
    this.#marks(pen, width, height, colour);
    pen.fillStyle = colour("--text");
    pen.fillRect(Math.min(width - 2, this.#place(this.at, width)), 0, 2, height);
  }

  /** @param {number} seconds @param {number} width */
  #place(seconds, width) {
    return this.seconds > 0 ? Math.max(0, (seconds / this.seconds) * width) : 0;
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {number} height
   * @param {(name: string) => string} colour
   */
  #sound(pen, width, height, colour) {
    const count = Math.floor(width / (BAR + APART));
    const heard = this.#place(this.at, width);
    const speakers = this.#speakers(count);
    this.channels.slice(0, 2).forEach((channel, side) => {
      bars(channel, count).forEach((peak, index) => {
        const x = index * (BAR + APART);
        // Voices are quiet most of the time: the root shows them, and silence stays silent.
        const tall = Math.max(1, Math.sqrt(peak) * (height / 2 - 6));
        pen.globalAlpha = x < heard ? 1 : 0.45;
        pen.fillStyle = colour(side === 0 ? SPEAKERS.caller : speakers[index]);
        pen.fillRect(x, side === 0 ? height / 2 - tall : height / 2 + 1, BAR, tall);
      });
    });
    pen.globalAlpha = 1;
  }

  /** Whose our side is, bar by bar. @param {number} count */
  #speakers(count) {
    const ours = /** @type {import("./timeline.js").Said[]} */ (
      this.rows.filter((row) => row.type === "said" && row.speaker !== "caller")
    );
    let next = 0;
    return Array.from({ length: count }, (_, index) => {
      const at = ((index + 0.5) / count) * this.seconds;
      while (next + 1 < ours.length && ours[next + 1].from <= at) next += 1;
      return SPEAKERS[/** @type {keyof typeof SPEAKERS} */ (ours[next]?.speaker ?? "bot")] ?? SPEAKERS.bot;
    });
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {number} height
   * @param {(name: string) => string} colour
   */
  #speech(pen, width, height, colour) {
    for (const row of this.rows) {
      if (row.type !== "said") continue;
      const [from, until] = [this.#place(row.from, width), this.#place(row.until, width)];
      pen.fillStyle = colour(SPEAKERS[/** @type {keyof typeof SPEAKERS} */ (row.speaker)] ?? "--muted");
      pen.fillRect(from, row.speaker === "caller" ? height / 2 - 22 : height / 2 + 4, Math.max(2, until - from), 18);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} pen
   * @param {number} width
   * @param {number} height
   * @param {(name: string) => string} colour
   */
  #marks(pen, width, height, colour) {
    for (const row of this.rows) {
      const mark = row.type === "note" ? MARKED[/** @type {keyof typeof MARKED} */ (row.about)] : undefined;
      if (mark === undefined) continue;
      const x = this.#place(row.from, width);
      pen.fillStyle = colour(mark);
      pen.beginPath();
      pen.moveTo(x - 4, 0);
      pen.lineTo(x + 4, 0);
      pen.lineTo(x, 7);
      pen.fill();
    }
  }
}

/** Colours of the theme, as a canvas takes them: it knows no light-dark(). @param {HTMLElement} element */
function colours(element) {
  /** @type {Map<string, string>} */
  const known = new Map();
  const probe = /** @type {HTMLElement} */ (element.parentElement?.querySelector(".wave-name"));
  return (/** @type {string} */ name) => {
    if (!known.has(name)) {
      probe.style.setProperty("color", `var(${name})`);
      known.set(name, getComputedStyle(probe).color);
      probe.style.removeProperty("color");
    }
    return /** @type {string} */ (known.get(name));
  };
}

customElements.define("call-waveform", Waveform);
