/**
 * `FoundList`: the base of what searches of pages find: a table of what was found so far, and a button for more. Tells
 * `more` when further ones are wanted.
 *
 * @module
 */

import { AiccElement, h, reconcile, setText } from "./element.js";
import { t } from "./i18n.js";

export class FoundList extends AiccElement {
  /** Where the catalogue has its texts: the columns' heads, `found`, `none` and `more`. */
  static area = "list";
  /** @type {readonly string[]} */
  static columns = [];
  /** Those of the columns that hold numbers. @type {readonly string[]} */
  static numbers = [];

  /** @type {any[]} */
  items = [];
  /** Where further ones begin, if there are any. @type {any} */
  next = null;
  busy = true;

  /** What tells items apart. @param {any} _item @returns {string} */
  keyOf(_item) {
    return "";
  }

  /** A row without its facts. @returns {HTMLElement} */
  row() {
    return h("tr", {});
  }

  /** Bring a row up to date. @param {HTMLElement} _row @param {any} _item */
  fill(_row, _item) {}

  build() {
    const { columns, numbers } = this.kind;
    this.classList.add("found");
    this.heads = columns.map((name) =>
      h("th", { scope: "col", class: numbers.includes(name) ? "number" : null, "data-column": name }),
    );
    this.body = h("tbody", {});
    this.caption = h("caption", { class: "visually-hidden" });
    this.table = h("table", { class: "table" }, this.caption, h("thead", {}, h("tr", {}, this.heads)), this.body);
    this.region = h("div", { class: "card scroll", role: "region", tabindex: 0 }, this.table);
    this.none = h("p", { class: "empty card" });
    this.more = h("button", { type: "button", class: "button", onclick: () => this.tell("more") });
    return [this.region, this.none, this.more];
  }

  /** @param {Record<string, unknown>} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    const { region, none, more, body, caption } = this;
    if (!region || !none || !more || !body || !caption) return;
    const { area } = this.kind;
    for (const head of this.heads ?? []) setText(head, t(`${area}.${head.dataset.column}`));
    setText(caption, t(`${area}.found`));
    region.setAttribute("aria-label", t(`${area}.found`));
    region.setAttribute("aria-busy", String(this.busy));
    region.hidden = this.items.length === 0;
    none.hidden = this.items.length > 0;
    setText(none, t(this.busy ? "state.loading" : `${area}.none`));
    more.hidden = this.next === null;
    setText(more, t(`${area}.more`));
    reconcile(
      body,
      this.items,
      (item) => this.keyOf(item),
      () => this.row(),
      (row, item) => this.fill(row, item),
    );
  }

  /** What kind of list this is. */
  get kind() {
    return /** @type {typeof FoundList} */ (this.constructor);
  }
}

/** A part for a fact. @param {string} name @param {string} [tag] @param {string} [look] its classes */
export function fact(name, tag = "span", look = "") {
  return h(tag, { "data-fact": name, class: look || null });
}

/** A part for a fact that stands small below another. @param {string} name */
export function below(name) {
  return fact(name, "p", "muted small");
}
