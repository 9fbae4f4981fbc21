/**
 * `<call-phone>`: the telephone during a call, and what is said of it afterwards.
 *
 * @module
 */

import { AiccElement, h, setText } from "/static/common/element.js";
import { clock, duration } from "/static/common/format.js";
import { locale, t } from "/static/common/i18n.js";
import { announce } from "/static/common/live-region.js";
import { icon } from "./icons.js";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const LOOKS = { bot: "bot", waiting: "warn", person: "ok", held: "warn", ended: "" };

export class Phone extends AiccElement {
  /** @type {import("./caller.js").Caller} */
  caller;
  /** @type {string} */
  announced = "";

  build() {
    this.name_ = h("h1", { class: "phone-name" });
    this.with_ = h("span", { class: "badge" });
    this.time = h("p", { class: "phone-time tabular", role: "timer", "aria-live": "off" });
    this.orb = h("div", { class: "orb", "aria-hidden": "true" }, h("i"), h("i"), h("i"), h("i"), h("i"), h("i"), h("i"));
    this.mute = this.control("microphone", () => this.caller.mute(!this.caller.muted), "mute");
    this.pad = this.control("keypad", () => this.togglePad(), "keypad");
    this.hang = this.control("hangup", () => this.caller.hangUp(), "hang-up", "danger primary");
    this.controls = h("div", { class: "controls" }, this.mute, this.pad, this.hang);
    this.pressed = h("output", { class: "pressed tabular" });
    this.keypad = h("div", { class: "keypad", role: "group", hidden: true }, KEYS.map((key) => this.key(key)));
    this.summary = h("p", { class: "muted", role: "status" });
    this.again = h("button", { type: "button", class: "button primary big wide", "data-action": "again", onclick: () => this.caller.again() });
    this.after = h("div", { class: "stack after" }, this.summary, this.again);
    return h("section", { class: "card phone" }, h("div", { class: "stack tight centred" }, this.name_, this.with_, this.time), this.orb, this.controls, this.pressed, this.keypad, this.after);
  }

  connected() {
    this.listen(this.caller, "change", () => this.changed());
    this.listen(this.caller, "level", (event) => this.level(event.detail));
    this.listen(document, "keydown", (event) => this.typed(event));
    const ticking = setInterval(() => this.tick(), 500);
    this.leaving.addEventListener("abort", () => clearInterval(ticking));
  }

  refresh() {
    const { line, stage, muted, endedBy } = this.caller;
    const talking = stage === "talking";
    setText(this.name_, line === null ? "" : (line.tenant[locale()] ?? line.name));
    const state = talking ? this.caller.with : "ended";
    this.with_.className = `badge ${LOOKS[state]}`;
    setText(this.with_, t(`call.with.${state}`));
    this.say(this.mute, muted ? "call.unmute" : "call.mute");
    this.mute.setAttribute("aria-pressed", String(muted));
    this.mute.querySelector(".icon")?.replaceWith(icon(muted ? "silent" : "microphone"));
    this.say(this.pad, "call.keypad");
    this.pad.setAttribute("aria-expanded", String(!this.keypad.hidden));
    this.keypad.setAttribute("aria-label", t("call.keypad"));
    this.say(this.hang, "call.hang_up");
    this.controls.toggleAttribute("hidden", !talking);
    this.orb.toggleAttribute("hidden", !talking);
    this.after.toggleAttribute("hidden", talking);
    if (!talking) this.closePad();
    setText(this.summary, endedBy === null ? "" : t(`call.over.${endedBy}`, { duration: duration(this.caller.seconds) }));
    setText(this.again, t("call.again"));
    this.tick();
    if (talking && this.announced !== state) announce(t(`call.with.${state}`));
    this.announced = talking ? state : "";
  }

  tick() {
    if (this.caller.stage === "talking" || this.caller.stage === "over") setText(this.time, clock(this.caller.seconds));
  }

  /**
   * @param {Parameters<typeof icon>[0]} picture
   * @param {() => void} run
   * @param {string} action
   * @param {string} [look]
   */
  control(picture, run, action, look = "") {
    const words = h("span", { class: "control-words" });
    return h("button", { type: "button", class: `button control ${look}`, "data-action": action, onclick: run }, icon(picture), words);
  }

  /** @param {HTMLElement} control @param {string} key */
  say(control, key) {
    setText(/** @type {Element} */ (control.querySelector(".control-words")), t(key));
  }

  /** @param {string} digit */
  key(digit) {
    return h("button", { type: "button", class: "key", "data-digit": digit, onclick: () => this.press(digit) }, h("span", { class: "digit" }, digit), h("span", { class: "letters", "aria-hidden": "true" }, LETTERS[digit] ?? ""));
  }

  /** @param {string} digit */
  press(digit) {
    this.caller.press(digit);
    setText(this.pressed, `${this.pressed.textContent}${digit}`.slice(-16));
    const key = this.keypad.querySelector(`[data-digit="${digit}"]`);
    key?.classList.add("struck");
    setTimeout(() => key?.classList.remove("struck"), 150);
  }

  /** Digits on the keyboard are keys of the telephone. @param {KeyboardEvent} event */
  typed(event) {
    const plain = !event.isComposing && event.keyCode !== 229 && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (plain && this.caller.stage === "talking" && KEYS.includes(event.key)) this.press(event.key);
  }

  togglePad() {
    this.keypad.hidden = !this.keypad.hidden;
    this.refresh();
  }

  closePad() {
    this.keypad.hidden = true;
    setText(this.pressed, "");
  }

  /** @param {{microphone: number, loudspeaker: number}} level */
  level({ microphone, loudspeaker }) {
    const theirs = loudspeaker > microphone;
    this.orb.classList.toggle("theirs", theirs);
    this.orb.style.setProperty("--level", Math.min(1, Math.sqrt(Math.max(microphone, loudspeaker))).toFixed(3));
  }
}

customElements.define("call-phone", Phone);
