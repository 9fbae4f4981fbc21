/**
 * `<wall-monitor>`: the supervisor's part in a call, always in sight while it lasts: in which call, who hears them, what is
 * being said, and how to change that.
 *
 * @module
 */

import { h, reconcile, setText } from "../common/element.js";
import { list } from "../common/format.js";
import { has, t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { BoardElement } from "./board.js";
import { icon } from "../common/icon.js";
import { heardBy, isArmed } from "./monitor.js";

const MODES = /** @type {const} */ (["listen", "whisper", "barge"]);
const MARKS = {
  idle: "listen",
  joining: "listen",
  listen: "listen",
  whisper: "whisper",
  barge: "barge",
  taken: "supervisor",
};

class Monitor extends BoardElement {
  static parts = /** @type {any} */ (["wall", "listening"]);
  state = "idle";

  get listening() {
    return this.board.listening;
  }

  build() {
    this.mark = h("span", { class: "monitor-mark" });
    this.heading = h("h2", { "data-fact": "title" });
    this.heard = h("p", { class: "monitor-heard", "data-fact": "heard" });
    this.parties = h("p", { class: "muted small", "data-fact": "parties" });
    this.lines = h("ul", { class: "monitor-lines", role: "list" });
    this.modes = MODES.map((mode) =>
      h(
        "button",
        { type: "button", class: "segment", "data-mode": mode, onclick: () => void this.listening.want(mode) },
        icon(mode),
        h("span", {}),
      ),
    );
    this.group = h("div", { class: "segments", role: "group" }, this.modes);
    this.muted = this.button("mute", "quiet", () => this.listening.mute(), "microphone");
    this.take = this.button("take-over", "", () => void this.listening.press("take-over"), "takeover");
    this.out = this.button("leave", "quiet", () => void this.listening.leave(), "leave");
    this.end = this.button("hang-up", "quiet", () => void this.listening.press("hang-up"), "leave");
    this.instruction = /** @type {HTMLInputElement} */ (
      h("input", { class: "input", type: "text", maxlength: 400, id: "instruction" })
    );
    this.label = h("label", { class: "visually-hidden", for: "instruction" });
    this.back = h(
      "form",
      { class: "row tight", onsubmit: (/** @type {Event} */ event) => this.giveBack(event) },
      this.label,
      this.instruction,
      h("button", { class: "button small", "data-act": "return" }, icon("bot"), h("span", {})),
    );
    this.target = /** @type {HTMLSelectElement} */ (h("select", { class: "input", id: "target", required: true }));
    this.targetLabel = h("label", { class: "visually-hidden", for: "target" });
    this.send = h(
      "form",
      { class: "row tight", onsubmit: (/** @type {Event} */ event) => void this.sendOutside(event) },
      this.targetLabel,
      this.target,
      h("button", { class: "button small", "data-act": "send" }, icon("takeover"), h("span", {})),
    );
    this.said = h("p", { class: "grow", role: "alert" });
    this.read = h("button", { type: "button", class: "button quiet small", onclick: () => this.listening.settle() });
    this.problem = h("div", { class: "notice" }, this.said, this.read);
    this.bar = h(
      "section",
      { class: "monitor" },
      this.problem,
      h(
        "div",
        { class: "monitor-body" },
        this.mark,
        h("div", { class: "monitor-what" }, this.heading, this.heard, this.parties),
        this.lines,
        h("div", { class: "monitor-acts" }, this.group, this.back, this.send, this.muted, this.take, this.end, this.out),
      ),
    );
    return this.bar;
  }

  connected() {
    super.connected();
    this.listen(document, "keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) this.listening.disarm();
    });
  }

  refresh() {
    const { monitor } = this.listening;
    if (!this.bar || !this.heading || !this.heard || !this.problem) return;
    this.bar.hidden = monitor.state === "idle" && monitor.problem === null;
    this.bar.dataset.heard = heardBy(monitor);
    this.bar.dataset.state = monitor.state;
    this.bar.setAttribute("aria-label", t("monitor.label"));
    const body = /** @type {HTMLElement} */ (this.bar.querySelector(".monitor-body"));
    body.hidden = monitor.state === "idle";
    this.problem.hidden = monitor.problem === null;
    this.problem.classList.toggle("danger", !monitor.problem?.startsWith("call_ended"));
    if (this.said) setText(this.said, monitor.problem === null ? "" : told(monitor.problem));
    if (this.read) setText(this.read, t("close"));
    if (this.state !== monitor.state) this.turned(monitor.state);
    const call = this.board.wall.calls.get(monitor.call ?? "");
    const name = call ? `${this.board.ownerName(call)} · ${call.line}` : (monitor.call ?? "");
    setText(this.heading, `${t(`monitor.${monitor.state}`)} — ${name}`);
    setText(this.heard, t(`monitor.heard.${heardBy(monitor)}`));
    this.shownParties();
    this.shownLines();
    this.buttons(call);
  }

  /** It is another state now: say so, and show its mark. @param {import("./monitor.js").State} state */
  turned(state) {
    this.state = state;
    this.mark?.replaceChildren(icon(MARKS[state]));
    const { monitor } = this.listening;
    if (state !== "idle")
      announce(`${t(`monitor.${state}`)}. ${t(`monitor.heard.${heardBy(monitor)}`)}`, { urgent: true });
  }

  shownParties() {
    const parties = (this.listening.card?.parties ?? []).filter((/** @type {any} */ party) => party.role !== "caller");
    const names = parties.map((/** @type {any} */ { who, name, mode }) =>
      t("monitor.party", { who: name ?? who, mode: t(`mode.${mode}`) }),
    );
    if (this.parties) setText(this.parties, names.length ? t("monitor.parties", { who: list(names) }) : "");
  }

  shownLines() {
    if (!this.lines) return;
    reconcile(
      this.lines,
      this.listening.lines,
      ({ seq }) => String(seq),
      () => h("li", { class: "clip" }, h("span", { class: "label" }), " ", h("span", { "data-said": true })),
      (element, { speaker, text, seq }) => {
        element.dataset.speaker = speaker;
        element.classList.toggle("muted", seq === "partial");
        setText(/** @type {Element} */ (element.querySelector(".label")), t(`speaker.${speaker}`));
        setText(/** @type {Element} */ (element.querySelector("[data-said]")), text);
      },
    );
  }

  /** @param {import("./state.js").Call | undefined} call */
  buttons(call) {
    const { monitor, muted } = this.listening;
    const taken = monitor.state === "taken";
    const busy = monitor.state === "joining" || monitor.wanted !== null;
    this.group?.setAttribute("aria-label", t("monitor.modes"));
    for (const button of this.modes ?? []) {
      const mode = button.dataset.mode;
      setText(/** @type {Element} */ (button.querySelector("span")), t(`way.${mode}`));
      button.setAttribute("aria-pressed", String(monitor.state === mode));
      /** @type {HTMLButtonElement} */ (button).disabled = busy || (mode === "whisper" && call?.owner !== "agent");
    }
    const armed = isArmed(monitor, Date.now()) ? monitor.armed?.deed : null;
    this.say(this.take, armed === "take-over" ? "way.take-over.again" : "way.take-over", {
      hidden: taken,
      disabled: busy,
      armed: armed === "take-over",
    });
    this.say(this.end, armed === "hang-up" ? "monitor.hang-up.again" : "monitor.hang-up", {
      hidden: !taken,
      disabled: busy,
      armed: armed === "hang-up",
    });
    this.say(this.out, "monitor.leave", { hidden: taken, disabled: false, armed: false });
    this.say(this.muted, muted ? "monitor.unmute" : "monitor.mute", {
      hidden: heardBy(monitor) === "nobody",
      disabled: false,
      armed: false,
    });
    if (this.group) this.group.hidden = taken;
    if (this.back) this.back.hidden = !taken;
    if (this.label) setText(this.label, t("monitor.instruction"));
    this.instruction?.setAttribute("placeholder", t("monitor.instruction"));
    const back = this.back?.querySelector("button span");
    if (back) setText(back, t("monitor.return"));
    this.targets(busy);
  }

  /** Where the call may be moved to; nothing is chosen beforehand. @param {boolean} busy */
  targets(busy) {
    const { targets } = this.board.wall;
    if (!this.send || !this.target || !this.targetLabel) return;
    this.send.hidden = targets.length === 0;
    setText(this.targetLabel, t("monitor.send.to"));
    const wanted = [{ id: "", name: t("monitor.send.to") }, ...targets];
    const shown = [...this.target.options].map(({ value, text }) => `${value} ${text}`);
    if (shown.join("\n") !== wanted.map(({ id, name }) => `${id} ${name}`).join("\n")) {
      const chosen = this.target.value; // while it is open it must not be touched
      this.target.replaceChildren(...wanted.map(({ id, name }) => new Option(name, id)));
      this.target.value = wanted.some(({ id }) => id === chosen) ? chosen : "";
    }
    const button = /** @type {HTMLButtonElement} */ (this.send.querySelector("button"));
    button.disabled = busy;
    setText(/** @type {Element} */ (button.querySelector("span")), t("monitor.send"));
  }

  /** @param {Event} event */
  async sendOutside(event) {
    event.preventDefault();
    if (this.target?.value && (await this.listening.send(this.target.value))) this.target.value = "";
  }

  /**
   * @param {HTMLElement | undefined} button
   * @param {string} key
   * @param {{hidden: boolean, disabled: boolean, armed: boolean}} how
   */
  say(button, key, { hidden, disabled, armed }) {
    if (!button) return;
    button.hidden = hidden;
    /** @type {HTMLButtonElement} */ (button).disabled = disabled;
    button.classList.toggle("danger", armed);
    button.classList.toggle("primary", armed);
    setText(/** @type {Element} */ (button.querySelector("span")), t(key));
  }

  /** @param {Event} event */
  giveBack(event) {
    event.preventDefault();
    void this.listening.giveBack(this.instruction?.value ?? "");
    if (this.instruction) this.instruction.value = "";
  }

  /** @param {string} act @param {string} look @param {() => void} onclick @param {string} drawing */
  button(act, look, onclick, drawing) {
    return h(
      "button",
      { type: "button", class: `button small ${look}`, "data-act": act, onclick },
      icon(drawing),
      h("span", {}),
    );
  }
}

/** What went wrong, in words. @param {string} code */
function told(code) {
  return has(code) ? t(code) : t("error.unknown", { message: code });
}

customElements.define("wall-monitor", Monitor);
