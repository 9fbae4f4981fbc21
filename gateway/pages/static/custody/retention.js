/**
 * `<custody-retention>`: for how long each class of data is kept, what of it is due, and what the latest sweeps let go of.
 *
 * @module
 */

import { get } from "../common/api.js";
import { AiccElement, h, setText } from "../common/element.js";
import { dateTime, number } from "../common/format.js";
import { t, translate } from "../common/i18n.js";
import { word } from "./words.js";

const CLASSES = ["recording", "words", "record"];

/** Counting looks at every contact that may be due. Milliseconds. */
const PATIENCE = 40_000;

/** @typedef {{class: string, days: number | null, due: number | null, more: boolean, next: string | null}} Kept */

class RetentionView extends AiccElement {
  /** @type {{classes: Kept[], soon_days: number, sweeps: {at: string, gone: Record<string, number>}[]} | null} */
  told = null;

  build() {
    this.classes = table("kept", ["class", "what", "days", "due", "next"], ["days", "due"]);
    this.sweeps = table("sweeps", ["at", ...CLASSES], CLASSES);
    this.none = h("p", { class: "card empty", "data-t": "sweeps.none" });
    this.loading = h("p", { class: "card empty", "data-t": "state.loading" });
    this.shown = h(
      "div",
      { class: "stack" },
      this.classes,
      h("p", { class: "muted small", "data-t": "kept.where" }),
      h("h2", { "data-t": "sweeps.title" }),
      this.sweeps,
      this.none,
    );
    return [
      h("div", { class: "stack tight" }, h("h1", { tabindex: -1, "data-t": "kept.title" }), h("p", { class: "muted", "data-t": "kept.lead" })),
      this.loading,
      this.shown,
    ];
  }

  connected() {
    translate(this);
  }

  /** See `<custody-holds>`. @param {import("./filters.js").Filters} _filters @param {AbortSignal} signal */
  async load(_filters, signal) {
    const told = await get("/v1/custody/retention", { signal, patience: PATIENCE });
    this.told = told;
    this.changed();
    return told.may;
  }

  refresh() {
    const { told, classes, sweeps, none, loading, shown } = this;
    if (!classes || !sweeps || !none || !loading || !shown) return;
    loading.hidden = told !== null;
    shown.hidden = told === null;
    if (told === null) return;
    const due = told.soon_days;
    heads(classes, "kept", { days: due });
    heads(sweeps, "sweeps", {});
    /** @type {Element} */ (classes.querySelector("tbody")).replaceChildren(...told.classes.map((one) => keptRow(one)));
    /** @type {Element} */ (sweeps.querySelector("tbody")).replaceChildren(...told.sweeps.map((one) => sweepRow(one)));
    sweeps.hidden = told.sweeps.length === 0;
    none.hidden = told.sweeps.length > 0;
  }
}

/** @param {string} area @param {string[]} columns @param {string[]} numbers */
function table(area, columns, numbers) {
  const made = columns.map((name) =>
    h("th", { scope: "col", "data-column": name, class: numbers.includes(name) ? "number" : null }),
  );
  return h(
    "div",
    { class: "card scroll", role: "region", tabindex: 0, "data-table": area },
    h("table", { class: "table" }, h("caption", { class: "visually-hidden" }), h("thead", {}, h("tr", {}, made)), h("tbody", {})),
  );
}

/** @param {HTMLElement} region @param {string} area @param {Record<string, number>} places */
function heads(region, area, places) {
  for (const head of /** @type {NodeListOf<HTMLElement>} */ (region.querySelectorAll("th[data-column]"))) {
    setText(head, t(`${area}.${head.dataset.column}`, places));
  }
  setText(/** @type {Element} */ (region.querySelector("caption")), t(`${area}.title`));
  region.setAttribute("aria-label", t(`${area}.title`));
}

/** @param {Kept} one */
function keptRow({ class: name, days, due, more, next }) {
  return h(
    "tr",
    { "data-class": name },
    h("th", { scope: "row" }, word("class", name)),
    h("td", {}, t(`class.${name}.what`)),
    h("td", { class: "number" }, days === null ? t("kept.for_good") : t("kept.for", { count: days })),
    h("td", { class: "number tabular" }, days === null ? "–" : dueText(due, more)),
    h("td", { class: "nowrap" }, next === null ? "–" : dateTime(next)),
  );
}

/** @param {number | null} due @param {boolean} more */
function dueText(due, more) {
  if (due === null) return t("kept.uncounted");
  return more ? t("kept.more", { most: number(due) }) : number(due);
}

/** @param {{at: string, gone: Record<string, number>}} sweep */
function sweepRow({ at, gone }) {
  return h(
    "tr",
    {},
    h("th", { scope: "row", class: "nowrap" }, dateTime(at)),
    CLASSES.map((name) => h("td", { class: "number tabular" }, number(gone[name] ?? 0))),
  );
}

customElements.define("custody-retention", RetentionView);
