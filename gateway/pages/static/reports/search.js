/**
 * `<report-search>`: which contacts a report is about. Tells `search` with the filters.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "../common/element.js";
import { languageName } from "../common/format.js";
import { locale, t } from "../common/i18n.js";
import { nameIn } from "../wall/state.js";
import { FIELDS, fresh } from "./filters.js";

const DAYS = new Set(["from", "to"]);

class Search extends AiccElement {
  /** @type {import("./values.js").Choices} */
  choices = { queues: [], lines: [], agents: [], languages: [] };

  build() {
    this.labels = Object.fromEntries(FIELDS.map((name) => [name, h("label", { for: `filter-${name}` })]));
    this.inputs = /** @type {Record<string, HTMLInputElement>} */ (
      Object.fromEntries(FIELDS.map((name) => [name, control(name)]))
    );
    this.go = h("button", { type: "submit", class: "button primary" });
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
    this.changed();
    for (const name of FIELDS) if (this.inputs) this.inputs[name].value = filters[name];
  }

  /** @param {import("./values.js").Choices} choices */
  offer(choices) {
    this.choices = choices;
    this.changed();
  }

  refresh() {
    for (const name of FIELDS) setText(/** @type {Element} */ (this.labels?.[name]), t(`filter.${name}`));
    if (this.go) setText(this.go, t("filter.show"));
    if (this.reset) setText(this.reset, t("filter.reset"));
    const { queues, lines, agents, languages } = this.choices;
    this.options("queue", queues.map(({ id, name }) => [id, nameIn(name, locale()) || id]));
    this.options("line", lines.map(({ id, name }) => [id, name]));
    this.options("agent", agents.map(({ id, name }) => [id, name]));
    this.options("language", languages.map((code) => [code, languageName(code)]));
  }

  /** @param {"queue" | "line" | "agent" | "language"} field @param {string[][]} offered */
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
  const attributes = { class: "input", id: `filter-${name}`, name, autocomplete: "off" };
  return DAYS.has(name) ? h("input", { ...attributes, type: "date", required: true }) : h("select", attributes);
}

customElements.define("report-search", Search);
