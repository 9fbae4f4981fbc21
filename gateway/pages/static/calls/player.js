/**
 * `<call-player>`: plays a call's recording: play and pause, a few seconds back and on, speed, and where it is.
 *
 * Tells `moved` with the seconds, while it plays and when it was put elsewhere. Without a recording it says why, and moving
 * still works: the transcript has its times.
 *
 * @module
 */

import { AiccElement, h, setText } from "../common/element.js";
import { clock, number } from "../common/format.js";
import { t } from "../common/i18n.js";
import { icon } from "../common/icon.js";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const JUMP = 10;

class Player extends AiccElement {
  recorded = false;
  seconds = 0;
  at = 0;

  build() {
    this.audio = /** @type {HTMLAudioElement} */ (h("audio", { preload: "metadata" }));
    this.toggle = h(
      "button",
      { type: "button", class: "button primary play", onclick: () => this.turn() },
      icon("play"),
      h("span", {}),
    );
    this.earlier = h("button", { type: "button", class: "button small", onclick: () => this.seek(this.at - JUMP) });
    this.later = h("button", { type: "button", class: "button small", onclick: () => this.seek(this.at + JUMP) });
    this.time = h("p", { class: "tabular strong", "data-part": "time" });
    this.speeds = SPEEDS.map((speed) =>
      h("button", { type: "button", class: "segment", "data-speed": speed, onclick: () => this.hurry(speed) }),
    );
    this.speed = h("div", { class: "segments", role: "group" }, this.speeds);
    this.none = h("p", { class: "muted" });
    return [this.audio, this.toggle, this.earlier, this.later, this.time, this.speed, this.none];
  }

  connected() {
    const audio = /** @type {HTMLAudioElement} */ (this.audio);
    for (const type of ["play", "pause", "ended"]) this.listen(audio, type, () => this.#turned());
    for (const type of ["timeupdate", "seeked"]) this.listen(audio, type, () => this.#moved(audio.currentTime));
    this.listen(audio, "error", () => {
      if (!audio.hasAttribute("src")) return;
      this.recorded = false;
      this.changed();
    });
  }

  disconnected() {
    this.audio?.pause();
    cancelAnimationFrame(this.frame ?? 0);
  }

  /** @param {{address: string | null, seconds: number}} shown */
  show({ address, seconds }) {
    this.recorded = address !== null;
    this.seconds = seconds;
    this.at = 0;
    if (address === null) this.audio?.removeAttribute("src");
    else this.audio?.setAttribute("src", address);
    this.changed();
  }

  /** Go somewhere. @param {number} seconds */
  seek(seconds) {
    const to = Math.min(this.seconds, Math.max(0, seconds));
    if (this.recorded && this.audio) this.audio.currentTime = to;
    this.#moved(to);
  }

  /** Play or pause. */
  turn() {
    if (!this.audio || !this.recorded) return;
    if (this.audio.paused)
      void this.audio.play().catch(() => this.changed()); // the browser wants a press first
    else this.audio.pause();
  }

  /** @param {number} speed */
  hurry(speed) {
    if (this.audio) this.audio.playbackRate = speed;
    this.changed();
  }

  #turned() {
    cancelAnimationFrame(this.frame ?? 0);
    if (this.audio && !this.audio.paused) this.frame = requestAnimationFrame(() => this.#follow());
    this.changed();
  }

  /** The browser tells the time four times a second; the line moves with every picture. */
  #follow() {
    if (!this.audio || this.audio.paused) return;
    this.#moved(this.audio.currentTime);
    this.frame = requestAnimationFrame(() => this.#follow());
  }

  /** @param {number} seconds */
  #moved(seconds) {
    if (seconds === this.at) return;
    this.at = seconds;
    if (this.time) setText(this.time, t("replay.of", { at: clock(this.at), whole: clock(this.seconds) }));
    this.tell("moved", seconds);
  }

  refresh() {
    const { toggle, earlier, later, time, speed, none, audio } = this;
    if (!toggle || !earlier || !later || !time || !speed || !none || !audio) return;
    for (const part of [toggle, speed]) part.hidden = !this.recorded;
    none.hidden = this.recorded;
    setText(none, t("replay.no_recording"));
    const playing = !audio.paused;
    toggle.replaceChildren(
      icon(playing ? "pause" : "play"),
      h("span", {}, t(playing ? "replay.pause" : "replay.play")),
    );
    setText(earlier, t("replay.earlier", { count: JUMP }));
    setText(later, t("replay.later", { count: JUMP }));
    setText(time, t("replay.of", { at: clock(this.at), whole: clock(this.seconds) }));
    speed.setAttribute("aria-label", t("replay.speed"));
    for (const button of this.speeds ?? []) {
      setText(button, `${number(Number(button.dataset.speed))}×`);
      button.setAttribute("aria-pressed", String(audio.playbackRate === Number(button.dataset.speed)));
    }
  }
}

customElements.define("call-player", Player);
