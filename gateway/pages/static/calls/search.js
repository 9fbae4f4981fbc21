/**
 * `<call-search>`: the filters of a search. Tells `search` with the filters.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "../common/element.js";
import { languageName } from "../common/format.js";
import { locale, t } from "../common/i18n.js";
import { icon } from "../wall/icon.js";
import { nameIn } from "../wall/state.js";
import { FIELDS, fresh } from "./filters.js";

const TYPES = { from: "date", to: "date", text: "search", caller: "tel", agent: "text" };

class Search extends AiccElement {
  /** @type {{queues: any[], dispositions: any[], languages: string[]}} */
  choices = { queues: [], dispositions: [], languages: [] };

  build() {
    this.labels = Object.fromEntries(FIELDS.map((name) => [name, h("label", { for: `filter-${name}` })]));
    this.inputs = /** @type {Record<string, HTMLInputElement>} */ (
      Object.fromEntries(FIELDS.map((name) => [name, control(name)]))
    );
    this.go = h("button", { type: "submit", class: "button primary" }, icon("search"), h("span", {}));
    this.reset = h("button", { type: "button", class: "button quiet", onclick: () => this.clear() });
    return h(
      "form",
      { class: "card filters", role: "search", onsubmit: (/** @type {Event} */ event) => this.submitted(event) },
      FIELDS.map((name) => h("div", { class: "field", "data-field": name }, this.labels?.[name], this.inputs?.[name])),
      h("div", { class: "row tight filters-acts" }, this.go, this.reset),
    );
  }

  /** @param {import("./filters.js").Filters} filters */
  show(filters) {
    this.shown = filters;
    for (const name of FIELDS) if (this.inputs) this.inputs[name].value = filters[name];
  }

  /** @param {{queues: any[], dispositions: any[], languages: string[]}} choices */
  offer(choices) {
    this.choices = choices;
    this.changed();
  }

  refresh() {
    for (const name of FIELDS) setText(/** @type {Element} */ (this.labels?.[name]), t(`filter.${name}`));
    this.inputs?.caller.setAttribute("placeholder", t("filter.caller.hint"));
    if (this.go) setText(/** @type {Element} */ (this.go.querySelector("span")), t("filter.search"));
    if (this.reset) setText(this.reset, t("filter.reset"));
    const { queues, dispositions, languages } = this.choices;
    this.options(
      "queue",
      queues.map(({ id, name }) => [id, nameIn(name, locale()) || id]),
    );
    this.options(
      "disposition",
      dispositions.map(({ id, name }) => [id, nameIn(name, locale()) || id]),
    );
    this.options(
      "language",
      languages.map((code) => [code, languageName(code)]),
    );
  }

  /** @param {"queue" | "disposition" | "language"} field @param {string[][]} offered */
  options(field, offered) {
    const select = this.inputs?.[field];
    if (!select) return;
    const chosen = select.value || (this.shown?.[field] ?? "");
    const known = offered.some(([id]) => id === chosen) || chosen === "" ? offered : [...offered, [chosen, chosen]];
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
    this.show(fresh(new Date()));
    this.send();
  }

  /** @param {Event} event */
  submitted(event) {
    event.preventDefault();
    this.send();
  }

  send() {
    const filters = Object.fromEntries(FIELDS.map((name) => [name, this.inputs?.[name].value ?? ""]));
    this.shown = /** @type {import("./filters.js").Filters} */ (filters);
    this.tell("search", filters);
  }
}

/** @param {string} name */
function control(name) {
  const type = TYPES[/** @type {keyof typeof TYPES} */ (name)];
  const attributes = { class: "input", id: `filter-${name}`, name, autocomplete: "off", maxlength: type ? 200 : null };
  return type ? h("input", { ...attributes, type }) : h("select", attributes);
}

customElements.define("call-search", Search);
