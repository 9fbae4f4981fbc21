/**
 * `<call-transcript>`: what was said and heard. What is settled is read out as it comes; what is still being said stands
 * outside of that, in one line that changes.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "/static/common/element.js";
import { t } from "/static/common/i18n.js";

/** @typedef {import("./caller.js").Utterance} Utterance */

const NEAR = 80;

export class Transcript extends AiccElement {
  /** @type {import("./caller.js").Caller} */
  caller;

  build() {
    this.head = h("h2");
    this.log = h("div", { class: "transcript", role: "log", "aria-live": "polite" });
    this.open_ = h("div", { class: "transcript open", "aria-hidden": "true" });
    this.empty = h("p", { class: "empty" });
    this.box = h("div", { class: "card-body scroll transcript-box", tabindex: "0", role: "region" }, this.empty, this.log, this.open_);
    return h("section", { class: "card transcript-card" }, h("div", { class: "card-head" }, this.head), this.box);
  }

  connected() {
    this.listen(this.caller, "change", () => this.changed());
  }

  refresh() {
    const { said, partial, speaking, stage } = this.caller;
    const follows = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR;
    setText(this.head, t("call.transcript"));
    this.box.setAttribute("aria-label", t("call.transcript"));
    this.log.setAttribute("aria-label", t("call.transcript"));
    reconcile(this.log, said, (one) => one.key, () => line(), fill);
    const open = [...partial].map(([speaker, text]) => ({ key: speaker, speaker, text }));
    if (speaking && stage === "talking") open.push({ key: "speaking", speaker: "bot", text: "…" });
    reconcile(this.open_, open, (one) => one.key, () => line("partial"), fill);
    setText(this.empty, t(stage === "over" ? "call.nothing_said" : "call.listening"));
    this.empty.toggleAttribute("hidden", said.length + open.length > 0);
    if (follows) this.box.scrollTop = this.box.scrollHeight;
  }
}

/** @param {string} [look] */
function line(look = "") {
  return h("div", { class: `utterance ${look}` }, h("span", { class: "who" }), h("span", { class: "said" }));
}

/** @param {HTMLElement} element @param {Utterance} one */
function fill(element, one) {
  element.dataset.speaker = one.speaker;
  const [who, said] = element.children;
  setText(who, t(one.speaker === "caller" ? "call.you" : `speaker.${one.speaker}`));
  setText(said, one.cut ? t("call.cut", { text: one.text }) : one.text);
  if (one.language) said.setAttribute("lang", one.language);
}

customElements.define("call-transcript", Transcript);
