/**
 * `<call-dialling>`: which line, and the button. Also where it is said that there can be no call.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "/static/common/element.js";
import { languageName } from "/static/common/format.js";
import { locale, t } from "/static/common/i18n.js";
import { icon } from "./icons.js";

/** @typedef {import("./caller.js").Line} Line */

export class Dialling extends AiccElement {
  /** @type {import("./caller.js").Caller} */
  caller;

  build() {
    this.title_ = h("h1", { class: "hero-title" });
    this.lead = h("p", { class: "muted large" });
    this.failure = h("p", { class: "notice danger", role: "alert", hidden: true });
    this.legend = h("legend", { class: "label" });
    this.lines = h("div", { class: "lines" });
    this.choice = h("fieldset", { class: "choice" }, this.legend, this.lines);
    this.label = h("span");
    this.button = h("button", { type: "button", class: "button primary big wide", "data-action": "call", onclick: () => void this.caller.call() }, icon("phone"), this.label);
    this.progress = h("p", { role: "status" });
    this.cancel = h("button", { type: "button", class: "button quiet", onclick: () => this.caller.hangUp() });
    this.waiting = h("div", { class: "stack progress", hidden: true }, h("span", { class: "spinner", "aria-hidden": "true" }), this.progress, this.cancel);
    this.notes = h("ul", { class: "notes muted small" }, h("li"), h("li"), h("li"));
    return h("section", { class: "card dialling stack" }, h("div", { class: "stack tight" }, this.title_, this.lead), this.failure, this.choice, this.button, this.waiting, this.notes);
  }

  connected() {
    this.listen(this.caller, "change", () => this.changed());
  }

  refresh() {
    const { lines, line, stage, failure } = this.caller;
    const choosing = stage === "choosing";
    setText(this.title_, line === null ? t("call.title") : t("call.title_of", { tenant: line.tenant[locale()] ?? line.name }));
    setText(this.lead, t("call.lead"));
    setText(this.legend, t("call.line"));
    setText(this.label, t("call.call"));
    setText(this.cancel, t("cancel"));
    setText(this.progress, choosing ? "" : t(`call.${stage}`));
    [...(this.notes?.children ?? [])].forEach((note, place) => setText(note, t(`call.note.${place + 1}`)));
    this.show(this.failure, failure !== null);
    setText(this.failure, failure === null ? "" : t(failure.key, failure.places));
    this.show(this.choice, choosing && (lines?.length ?? 0) > 1);
    this.show(this.button, choosing);
    this.button.toggleAttribute("disabled", line === null);
    this.show(this.waiting, stage === "microphone" || stage === "connecting");
    reconcile(this.lines, lines ?? [], (one) => one.line, (one) => this.option(one), (element, one) => this.refreshOption(element, one));
  }

  /** @param {Element} element @param {boolean} yes */
  show(element, yes) {
    element.toggleAttribute("hidden", !yes);
  }

  /** @param {Line} line */
  option(line) {
    const radio = h("input", { type: "radio", name: "line", value: line.line, onchange: () => this.caller.choose(line) });
    return h("label", { class: "line" }, radio, h("span", { class: "line-words" }, h("span", { class: "strong", lang: line.language }, line.name), h("span", { class: "muted small" })));
  }

  /** @param {HTMLElement} element @param {Line} line */
  refreshOption(element, line) {
    const radio = /** @type {HTMLInputElement} */ (element.querySelector("input"));
    radio.checked = line === this.caller.line;
    setText(/** @type {Element} */ (element.querySelector(".small")), `${languageName(line.language)} · ${line.line}`);
  }
}

customElements.define("call-dialling", Dialling);
