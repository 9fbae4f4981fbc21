/**
 * `<aicc-since at="…" goal="20">`: how long something has lasted, counting. One timer drives all of them. Beyond its goal
 * (in seconds) it is `late`.
 *
 * @module
 */

import { setText } from "../common/element.js";
import { clock, time } from "../common/format.js";

/** @type {Set<Since>} */
const shown = new Set();
/** @type {number | undefined} */
let timer;

class Since extends HTMLElement {
  static observedAttributes = ["at"];

  connectedCallback() {
    shown.add(this);
    timer ??= setInterval(() => shown.forEach((one) => one.tick()), 1000);
    this.tick();
  }

  disconnectedCallback() {
    shown.delete(this);
    if (shown.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  attributeChangedCallback() {
    const at = this.getAttribute("at");
    if (at) this.title = time(at);
    this.tick();
  }

  /** Say it again. */
  tick() {
    const at = this.getAttribute("at");
    const seconds = at ? (Date.now() - Date.parse(at)) / 1000 : Number.NaN;
    setText(this, Number.isNaN(seconds) ? "–" : clock(seconds));
    const goal = Number(this.getAttribute("goal") ?? Number.NaN);
    this.toggleAttribute("late", seconds > goal);
  }
}

customElements.define("aicc-since", Since);
