/**
 * `<custody-ask>`: asks for what a change needs, in a dialog, and has it done. What the server refuses is said in the
 * dialog, which stays open; what was typed stays in it.
 *
 * @module
 */

import { ApiError } from "../common/api.js";
import { AiccElement, h, setText } from "../common/element.js";
import { told } from "../common/entrance.js";
import { t } from "../common/i18n.js";

/**
 * @typedef {{name: string, kind?: "text" | "long" | "choice", options?: readonly string[], hint?: string}} Field
 * @typedef {{title: string, lead: string, go: string, fields: readonly Field[], danger?: boolean,
 *   about?: string, wrong?: (values: Record<string, string>) => string | null,
 *   send: (values: Record<string, string>) => Promise<void>}} Question `title`, `lead` and `go` are of the catalogue,
 *   whose texts may have a place for `about`; `wrong` is the text for what need not be sent
 */

class Ask extends AiccElement {
  /** @type {Question | null} */
  question = null;
  busy = false;

  build() {
    this.heading = h("h2", { id: "ask-title" });
    this.lead = h("p", { id: "ask-lead" });
    this.fields = h("div", { class: "stack" });
    this.refused = h("p", { class: "field-error", role: "alert" });
    this.go = /** @type {HTMLButtonElement} */ (h("button", { type: "submit", class: "button primary" }));
    this.no = h("button", { type: "button", class: "button", onclick: () => this.dialog?.close() });
    this.form = /** @type {HTMLFormElement} */ (
      h(
        "form",
        { class: "stack", onsubmit: (/** @type {Event} */ event) => void this.submitted(event) },
        this.heading,
        this.lead,
        this.fields,
        this.refused,
        h("div", { class: "row" }, this.go, this.no),
      )
    );
    this.dialog = /** @type {HTMLDialogElement} */ (
      h("dialog", { "aria-labelledby": "ask-title", "aria-describedby": "ask-lead" }, this.form)
    );
    return this.dialog;
  }

  /** @param {Question} question */
  open(question) {
    this.question = question;
    this.fields?.replaceChildren(...question.fields.map(field));
    if (this.refused) setText(this.refused, "");
    this.refresh();
    this.dialog?.showModal();
  }

  refresh() {
    const { question, heading, lead, go, no, fields } = this;
    if (!question || !heading || !lead || !go || !no || !fields) return;
    const about = { about: question.about ?? "" };
    setText(heading, t(question.title, about));
    setText(lead, t(question.lead, about));
    lead.className = question.danger ? "notice danger" : "muted";
    setText(go, t(question.go));
    go.classList.toggle("danger", question.danger ?? false);
    setText(no, t("cancel"));
    for (const part of fields.querySelectorAll("[data-say]")) setText(part, t(part.getAttribute("data-say") ?? ""));
  }

  /** @param {Event} event */
  async submitted(event) {
    event.preventDefault();
    const { question, form, refused, go } = this;
    if (!question || !form || !refused || !go || this.busy) return;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));
    const wrong = question.wrong?.(values) ?? null;
    setText(refused, wrong === null ? "" : t(wrong));
    if (wrong !== null) return;
    this.busy = go.disabled = true;
    try {
      await question.send(values);
      this.dialog?.close();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(refused, told(error));
    } finally {
      this.busy = go.disabled = false;
    }
  }
}

/** @param {Field} asked */
function field({ name, kind = "text", options = [], hint }) {
  const id = `ask-${name}`;
  const common = { class: "input", id, name, required: true, autocomplete: "off", "aria-describedby": hint ? `${id}-hint` : null };
  const control = {
    text: () => h("input", { ...common, maxlength: 128, spellcheck: "false" }),
    long: () => h("textarea", { ...common, minlength: 3, maxlength: 500, rows: 3 }),
    choice: () =>
      h("select", common, options.map((value) => h("option", { value, "data-say": `ask.${name}.${value}` }))),
  }[kind]();
  return h(
    "div",
    { class: "field" },
    h("label", { for: id, "data-say": `ask.${name}` }),
    control,
    hint ? h("p", { class: "muted small", id: `${id}-hint`, "data-say": hint }) : null,
  );
}

customElements.define("custody-ask", Ask);
