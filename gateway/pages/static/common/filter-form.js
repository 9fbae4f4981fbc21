/**
 * `FilterForm`: the base of the searches of pages: one field for each filter, a choice where there is something to choose
 * from. Tells `search` with the filters.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "./element.js";
import { t } from "./i18n.js";
import { icon } from "./icon.js";

/** @typedef {Record<string, string>} Filters */
/** @typedef {(readonly [id: string, name: string])[]} Options */

export class FilterForm extends AiccElement {
  /** The filters, in their order. @type {readonly string[]} */
  static fields = [];

  /** Attributes of the fields that are written; all others are chosen. @type {Record<string, Record<string, unknown>>} */
  static written = {};

  /** Filters that nobody has narrowed. @param {Date} _now @returns {Filters} */
  static fresh(_now) {
    return {};
  }

  /** What there is to choose from, as the server told it. @type {any} */
  choices = null;

  /** What each field that is chosen offers. @param {any} _choices @returns {Record<string, Options>} */
  offered(_choices) {
    return {};
  }

  build() {
    const { fields, written } = this.form;
    this.labels = Object.fromEntries(fields.map((name) => [name, h("label", { for: `filter-${name}` })]));
    this.inputs = /** @type {Record<string, HTMLInputElement>} */ (
      Object.fromEntries(fields.map((name) => [name, control(name, written[name])]))
    );
    this.go = h("span", {});
    this.reset = h("button", { type: "button", class: "button quiet", onclick: () => this.clear() });
    return h(
      "form",
      { class: "card filters", role: "search", onsubmit: (/** @type {Event} */ event) => this.submitted(event) },
      fields.map((name) => h("div", { class: "field", "data-field": name }, this.labels?.[name], this.inputs?.[name])),
      h(
        "div",
        { class: "row tight filters-acts" },
        h("button", { type: "submit", class: "button primary" }, icon("search"), this.go),
        this.reset,
      ),
    );
  }

  /** @param {Filters} filters */
  show(filters) {
    this.shown = filters;
    this.changed();
    for (const name of this.form.fields) if (this.inputs) this.inputs[name].value = filters[name];
  }

  /** @param {any} choices */
  offer(choices) {
    this.choices = choices;
    this.changed();
  }

  refresh() {
    for (const name of this.form.fields) setText(/** @type {Element} */ (this.labels?.[name]), t(`filter.${name}`));
    if (this.go) setText(this.go, t("filter.go"));
    if (this.reset) setText(this.reset, t("filter.reset"));
    const offered = this.choices ? this.offered(this.choices) : {};
    for (const name of this.form.fields) if (!(name in this.form.written)) this.#options(name, offered[name] ?? []);
  }

  /** What kind of form this is. */
  get form() {
    return /** @type {typeof FilterForm} */ (this.constructor);
  }

  /** What is chosen stays chosen, also where it is not offered (any more). @param {string} field @param {Options} offered */
  #options(field, offered) {
    const select = this.inputs?.[field];
    if (!select) return;
    const chosen = select.value || (this.shown?.[field] ?? "");
    const known = chosen === "" || offered.some(([id]) => id === chosen) ? offered : [...offered, [chosen, chosen]];
    reconcile(
      select,
      [["", t("filter.any")], ...known],
      ([id]) => id,
      ([id]) => h("option", { value: id }),
      (option, [, name]) => setText(option, name),
    );
    select.value = chosen;
  }

  clear() {
    this.show(this.form.fresh(new Date()));
    this.send();
  }

  /** @param {Event} event */
  submitted(event) {
    event.preventDefault();
    this.send();
  }

  send() {
    this.shown = Object.fromEntries(this.form.fields.map((name) => [name, this.inputs?.[name].value ?? ""]));
    this.tell("search", this.shown);
  }
}

/** @param {string} name @param {Record<string, unknown>} [written] */
function control(name, written) {
  const attributes = { class: "input", id: `filter-${name}`, name, autocomplete: "off", ...written };
  return written ? h("input", attributes) : h("select", attributes);
}
