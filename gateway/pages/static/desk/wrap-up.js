/**
 * `<desk-wrap-up>`: what the call came to, written before by the gateway and put right by the agent. What the agent
 * changed is kept by the gateway beside what was suggested.
 */
import { h, setText } from "../common/element.js";
import { named, t } from "../common/i18n.js";
import { clock } from "../common/format.js";
import { announce } from "../common/live-region.js";
import { button, DeskElement, field, show } from "./desk-element.js";

class WrapUp extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["item", "me"];

  build() {
    this.summary = /** @type {HTMLTextAreaElement} */ (
      h("textarea", { class: "input", id: "wrap-summary", rows: 6, required: true, maxlength: 4000 })
    );
    this.disposition = /** @type {HTMLSelectElement} */ (
      h("select", { class: "input", id: "wrap-disposition", required: true })
    );
    this.note = /** @type {HTMLTextAreaElement} */ (
      h("textarea", { class: "input", id: "wrap-note", rows: 2, maxlength: 4000 })
    );
    this.left = h("span", { class: "badge plain push", "aria-hidden": "true" });
    this.hint = h("p", { class: "small muted", role: "status" });
    this.finishing = button("wrap_up.finish", { class: "button primary" }, "wrap_up.finish");
    this.finishing.setAttribute("type", "submit");
    this.form = /** @type {HTMLFormElement} */ (
      h(
        "form",
        { class: "stack", onsubmit: (event) => this.#submitted(event) },
        field("wrap_up.summary", this.summary),
        field("wrap_up.disposition", this.disposition),
        field("wrap_up.note", this.note),
        this.hint,
        h("div", { class: "row" }, this.finishing),
      )
    );
    return h(
      "section",
      { class: "card wrap-up", "aria-labelledby": "wrap-title" },
      h("div", { class: "card-head" }, h("h2", { id: "wrap-title", "data-t": "wrap_up.title" }), this.left),
      h("div", { class: "card-body" }, this.form),
    );
  }

  connected() {
    super.connected();
    this.every(1000, () => this.#tick());
  }

  refresh() {
    const item = this.desk.item;
    const due = item?.state === "wrap_up";
    show(this, due);
    if (!due) {
      this.item = "";
      return;
    }
    this.#dispositions();
    this.#tick();
    if (this.item === item.item) return;
    this.item = item.item;
    announce(t("wrap_up.announced"));
    this.#prefill(item.item);
  }

  /** Send what is written, if it is complete. */
  finish() {
    this.form?.requestSubmit();
  }

  async #prefill(item) {
    setText(/** @type {HTMLElement} */ (this.hint), t("wrap_up.loading"));
    this.form?.reset();
    try {
      const { summary, disposition, note } = (await this.work.wrapUp(item)) ?? {};
      if (this.item !== item || !this.summary || !this.disposition || !this.note) return;
      // Who was quicker than the suggestion keeps their own words.
      this.summary.value ||= summary ?? "";
      this.note.value ||= note ?? "";
      this.disposition.value = disposition ?? "";
      setText(/** @type {HTMLElement} */ (this.hint), t("wrap_up.prefilled"));
    } catch (error) {
      setText(/** @type {HTMLElement} */ (this.hint), "");
      this.work.refuse(error);
    }
  }

  async #submitted(event) {
    event.preventDefault();
    if (!this.item || !this.summary || !this.disposition || !this.note || this.busy) return;
    this.busy = true;
    const done = await this.work.finish(this.item, {
      summary: this.summary.value.trim(),
      disposition: this.disposition.value,
      note: this.note.value.trim(),
    });
    this.busy = false;
    if (done) announce(t("wrap_up.done"));
  }

  #dispositions() {
    const select = this.disposition;
    if (!select) return;
    const texts = this.desk.dispositions.map(({ id, name }) => `${id}\n${named(name)}`).join("\n");
    if (this.texts === texts) return;
    this.texts = texts;
    const chosen = select.value;
    select.replaceChildren(
      new Option("", ""),
      ...this.desk.dispositions.map(({ id, name }) => new Option(named(name), id)),
    );
    select.value = chosen;
  }

  #tick() {
    const until = this.desk.me?.routing === "wrap_up" ? this.desk.me.until : null;
    if (until && this.left)
      setText(this.left, t("wrap_up.left", { time: clock((Date.parse(until) - Date.now()) / 1000) }));
    show(this.left, Boolean(until));
  }
}

customElements.define("desk-wrap-up", WrapUp);
