/**
 * `<report-detail>`: one figure, told apart by something: a drawing, the table that it is drawn from, the calls behind each
 * row, and the same as a file. Tells `look` with another view, and `back`.
 *
 * @module
 */

import { AiccElement, factsOf, follow, h, reconcile, setText } from "../common/element.js";
import { number } from "../common/format.js";
import { t } from "../common/i18n.js";
import { icon } from "../common/icon.js";
import { barChart, lineChart } from "./chart.js";
import { KEYS, callsAddress, fileAddress, toAddress } from "./filters.js";
import { figure, keyName, numerator } from "./values.js";

const COLUMNS = /** @type {const} */ (["key", "value", "numerator", "denominator", "contacts"]);
const FORMS = /** @type {const} */ (["csv", "excel", "parquet"]);

class Detail extends AiccElement {
  /** @type {import("./values.js").Figure | null} */
  figure = null;
  /** @type {import("./values.js").Rules | null} */
  rules = null;
  /** @type {import("./values.js").Choices} */
  choices = { queues: [], lines: [], agents: [], languages: [] };
  /** @type {import("./filters.js").Filters | null} */
  filters = null;
  by = "day";

  build() {
    this.back = /** @type {HTMLAnchorElement} */ (h("a", { class: "button quiet small" }, icon("back"), h("span", {})));
    follow(this.back, () => this.tell("back"));
    this.heading = h("h1", { tabindex: -1 });
    this.what = h("p", { class: "muted" });
    this.value = h("p", { class: "figure" });
    this.of = h("p", { class: "muted" });
    this.keys = KEYS.map((name) =>
      h("button", { type: "button", class: "segment", "data-by": name, onclick: () => this.tell("look", { kpi: this.figure?.kpi, by: name }) }),
    );
    this.apart = h("div", { class: "segments", role: "group" }, this.keys);
    this.files = h("div", { class: "row tight" });
    this.drawing = h("div", { class: "drawing" });
    this.heads = COLUMNS.map((name) => h("th", { scope: "col", "data-column": name, class: name === "key" ? null : "number" }));
    this.body = h("tbody", {});
    this.caption = h("caption", { class: "visually-hidden" });
    this.table = h("table", { class: "table" }, this.caption, h("thead", {}, h("tr", {}, this.heads)), this.body);
    this.region = h("div", { class: "card scroll", role: "region", tabindex: 0 }, this.table);
    this.none = h("p", { class: "card empty" });
    return [
      h("div", { class: "row" }, this.back),
      h("div", { class: "spread" }, h("div", { class: "stack tight" }, this.heading, this.what), h("div", { class: "detail-value" }, this.value, this.of)),
      h("div", { class: "spread" }, this.apart, this.files),
      h("div", { class: "card card-body" }, this.drawing),
      this.region,
      this.none,
    ];
  }

  /** @param {Partial<Detail>} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    const { figure: one, filters, rules, by } = this;
    if (!one || !filters || !this.heading || !this.files || !this.drawing || !this.body) return;
    const { unit, total, rows } = one;
    setText(/** @type {Element} */ (this.back?.querySelector("span")), t("detail.back"));
    this.back?.setAttribute("href", toAddress(filters));
    setText(this.heading, t(`kpi.${one.kpi}`));
    setText(/** @type {Element} */ (this.what), t(`what.${one.kpi}`, { days: rules?.repeat_days ?? 7, seconds: rules?.silence_seconds ?? 5, goal: rules?.answer_within_otherwise ?? 20, score: rules?.satisfied_from ?? 4 }));
    setText(/** @type {Element} */ (this.value), one.parts ? number(total.contacts) : figure(unit, total.value, rules));
    setText(/** @type {Element} */ (this.of), [t("tile.contacts", { count: total.contacts }), total.provisional && t("tile.provisional", { count: total.provisional })].filter(Boolean).join(" · "));
    this.apart?.setAttribute("aria-label", t("detail.by"));
    for (const button of this.keys ?? []) {
      const name = button.dataset.by ?? "day";
      setText(button, t(`by.${name}`));
      button.hidden = name === "part" && !one.parts;
      button.setAttribute("aria-pressed", String(name === by));
    }
    reconcile(
      this.files,
      FORMS,
      (form) => form,
      (form) => h("a", { class: "button small", "data-form": form, download: "" }),
      (anchor, form) => {
        anchor.setAttribute("href", fileAddress(filters, { kpi: one.kpi, by }, /** @type {any} */ (form)));
        setText(anchor, t(`file.${form}`));
      },
    );
    this.draw(one, rows);
    this.list(one, rows, filters);
  }

  /** @param {import("./values.js").Figure} one @param {import("./values.js").Row[]} rows */
  draw({ unit, kpi }, rows) {
    const share = unit === "share";
    const say = (/** @type {number} */ value) => figure(unit, value, this.rules);
    const points = rows.map((row) => ({
      label: keyName(this.by, row.key, this.choices),
      value: row.value,
      provisional: row.provisional > 0,
    }));
    const chart = this.by === "day" ? lineChart(points, say, share) : barChart(points, say, share);
    this.drawing?.replaceChildren(...(rows.length ? [chart] : []));
    if (this.drawing?.parentElement) this.drawing.parentElement.hidden = rows.length === 0;
    this.drawing?.setAttribute("data-kpi", kpi);
  }

  /** @param {import("./values.js").Figure} one @param {import("./values.js").Row[]} rows @param {import("./filters.js").Filters} filters */
  list(one, rows, filters) {
    const { region, none, caption, body, by } = this;
    if (!region || !none || !caption || !body) return;
    region.hidden = rows.length === 0;
    none.hidden = rows.length > 0;
    setText(none, t("detail.none"));
    const title = t("detail.table", { kpi: t(`kpi.${one.kpi}`), by: t(`by.${by}`) });
    setText(caption, title);
    region.setAttribute("aria-label", title);
    for (const head of this.heads ?? []) {
      const column = head.dataset.column ?? "key";
      setText(head, column === "key" ? t(`by.${by}`) : t(`column.${column}`));
    }
    reconcile(
      body,
      rows,
      ({ key }) => `${by} ${key}`,
      () => h("tr", {}, COLUMNS.map((name) => h(name === "key" ? "th" : "td", { "data-fact": name, scope: name === "key" ? "row" : null, class: name === "key" ? "row-name" : "number tabular" }))),
      (element, row) => this.fill(element, row, one, filters),
    );
  }

  /** @param {HTMLElement} element @param {import("./values.js").Row} row @param {import("./values.js").Figure} one @param {import("./filters.js").Filters} filters */
  fill(element, row, { kpi, unit }, filters) {
    const at = factsOf(element);
    const where = (/** @type {"all" | "yes"} */ counted) => callsAddress(filters, kpi, { counted, by: this.by, key: row.key });
    setText(at("key"), keyName(this.by, row.key, this.choices));
    setText(at("value"), figure(unit, row.value, this.rules));
    at("value").classList.toggle("open", row.provisional > 0);
    at("value").setAttribute("title", row.provisional ? t("tile.provisional", { count: row.provisional }) : "");
    const above = numerator(unit, row.numerator, this.rules);
    at("numerator").replaceChildren(linked(unit === "share" ? where("yes") : null, above));
    setText(at("denominator"), number(row.denominator, { maximumFractionDigits: 1 }));
    at("contacts").replaceChildren(linked(where("all"), number(row.contacts)));
  }
}

/** @param {string | null} address @param {string} text */
function linked(address, text) {
  return address === null ? document.createTextNode(text) : h("a", { href: address }, text);
}

customElements.define("report-detail", Detail);
