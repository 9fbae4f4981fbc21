/**
 * `<desk-actions>`: what the agent can have done, in three steps that cannot be skipped: propose it with its
 * arguments, read back what would be done, confirm. It runs once, with the agent's authority; the gateway's word on
 * it stands there.
 */
import { h, reconcile, setText } from "../common/element.js";
import { has, named, t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { button, DeskElement, show } from "./desk-element.js";
import { fields, written } from "./action-form.js";
import { plain, slotName } from "./hand-over.js";

class Actions extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["card", "item"];

  build() {
    this.list = h("ul", { class: "action-list" });
    this.chosen = h("h3", {});
    this.rows = h("div", { class: "stack tight" });
    this.form = /** @type {HTMLFormElement} */ (
      h(
        "form",
        { class: "stack tight", onsubmit: (event) => this.#propose(event) },
        this.rows,
        h(
          "div",
          { class: "row tight" },
          (this.asking = h("button", { type: "submit", class: "button primary small" })),
          button("cancel", { class: "button quiet small", onclick: () => this.#back() }),
        ),
      )
    );
    this.readBack = h("p", { class: "inset read-back", tabindex: "-1" });
    this.proposal = h(
      "div",
      { class: "stack tight" },
      h("p", { class: "label", "data-t": "actions.read_back" }),
      this.readBack,
      h(
        "div",
        { class: "row tight" },
        button("actions.confirm", { class: "button primary small", onclick: () => this.confirm() }, "action.confirm"),
        button("actions.withdraw", { class: "button small", onclick: () => this.#withdraw() }),
      ),
    );
    this.outcome = h("div", { class: "notice", hidden: true });
    this.steps = h("div", { class: "stack tight step" }, this.chosen, this.form, this.proposal);
    this.step = /** @type {"list" | "form" | "proposed"} */ ("list");
    return h(
      "section",
      { class: "card actions", "aria-labelledby": "actions-title" },
      h(
        "div",
        { class: "card-head" },
        h("h2", { id: "actions-title", "data-t": "actions.title" }),
        h("kbd", { class: "push", "aria-hidden": "true", "data-keys": "action.focus" }),
      ),
      h("div", { class: "card-body stack tight" }, this.list, this.steps, this.outcome),
    );
  }

  refresh() {
    const contact = this.desk.contact;
    const offered = contact?.card?.actions ?? [];
    if (this.call !== contact?.call) {
      this.call = contact?.call;
      this.step = "list";
      show(this.outcome, false);
    }
    show(this, offered.length > 0 && !contact?.ended && !contact?.card?.overheard && this.desk.item?.state !== "wrap_up");
    reconcile(
      /** @type {HTMLElement} */ (this.list),
      offered,
      (action) => action.name,
      (action) =>
        h("li", {}, h("button", { type: "button", class: "button small", onclick: () => this.begin(action.name) })),
      (element, action) =>
        setText(/** @type {Element} */ (element.firstElementChild), named(action.title) || action.name),
    );
    show(this.list, this.step === "list");
    show(this.steps, this.step !== "list");
    show(this.form, this.step === "form");
    show(this.proposal, this.step === "proposed");
    if (!this.action) return;
    setText(/** @type {HTMLElement} */ (this.chosen), named(this.action.title) || this.action.name);
    setText(
      /** @type {HTMLElement} */ (this.asking),
      t(this.action.changes === false ? "actions.look" : "actions.propose"),
    );
  }

  /** Focus what is next to do here. */
  go() {
    const next = this.step === "list" ? this.list : this.step === "form" ? this.form : this.proposal;
    /** @type {HTMLElement | null | undefined} */ (next?.querySelector("input, select, button"))?.focus();
  }

  /**
   * The first step, with what is known: the advice's own arguments before the slots of the call.
   * @param {string} name @param {Record<string, unknown>} [advised]
   */
  begin(name, advised = {}) {
    const card = this.desk.contact?.card;
    const action = card?.actions.find((one) => one.name === name);
    if (!card || !action) return;
    this.action = action;
    this.rows?.replaceChildren(...fields(action.arguments, { ...card.summary?.known, ...card.slots, ...advised }));
    this.step = "form";
    show(this.outcome, false);
    this.refresh();
    this.go();
  }

  async #propose(event) {
    event.preventDefault();
    if (!this.action || !this.form || this.busy) return;
    this.busy = true;
    const answer = await this.work.action("", {
      name: this.action.name,
      arguments: written(this.form, this.action.arguments),
    });
    this.busy = false;
    if (!answer) return;
    if (!answer.proposal) return this.#told(answer); // what only reads is done already
    this.pending = answer.proposal;
    setText(/** @type {HTMLElement} */ (this.readBack), answer.read_back);
    this.readBack?.setAttribute("lang", this.desk.contact?.card?.language ?? "");
    this.#become("proposed", () => this.readBack?.focus());
  }

  async confirm() {
    if (this.step !== "proposed" || this.busy) return;
    this.busy = true;
    const answer = await this.work.action(`/${encodeURIComponent(this.pending)}/confirm`);
    this.busy = false;
    if (!answer) return this.#back();
    this.#told(answer);
  }

  /** What became of it, in the gateway's words where it has any. */
  #told({ status, message, result = {} }) {
    const key = `actions.status.${status}`;
    const text = message ?? (has(key) ? t(key) : status);
    const facts = Object.entries(result).flatMap(([name, value]) => [
      h("dt", {}, slotName(name)),
      h("dd", {}, plain(value)),
    ]);
    this.outcome?.replaceChildren(
      h(
        "div",
        { class: "stack tight grow" },
        h("p", {}, text),
        facts.length ? h("dl", { class: "facts" }, facts) : null,
      ),
    );
    if (this.outcome) this.outcome.className = status === "succeeded" ? "notice ok" : "notice warn";
    show(this.outcome, true);
    announce(text);
    this.#back();
  }

  async #withdraw() {
    await this.work.action(`/${encodeURIComponent(this.pending)}/withdraw`);
    this.#back();
  }

  #back() {
    this.#become("list", () => this.go());
  }

  /** Another step; an answer that comes late takes the focus from nobody who has gone on elsewhere. */
  #become(step, focus) {
    const here = document.activeElement === document.body || this.contains(document.activeElement);
    this.step = step;
    this.refresh();
    if (here) focus();
  }
}

customElements.define("desk-actions", Actions);
