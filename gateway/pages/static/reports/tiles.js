/**
 * `<report-tiles>`: all figures at a glance, by what they are about. Each leads to what it is made of, and each of its
 * numbers to the calls behind it. Tells `look` with the figure's name.
 *
 * @module
 */

import { AiccElement, factsOf, follow, h, reconcile, setText } from "../common/element.js";
import { number } from "../common/format.js";
import { t } from "../common/i18n.js";
import { trendLine } from "./chart.js";
import { callsAddress, toAddress } from "./filters.js";
import { figure, numerator } from "./values.js";

/** Shown within the one that is the default, not beside it. */
const VARIANTS = ["service_level_1", "service_level_2", "service_level_3"];

class Tiles extends AiccElement {
  /** @type {import("./values.js").Figure[]} */
  figures = [];
  /** @type {import("./values.js").Rules | null} */
  rules = null;
  /** @type {import("./filters.js").Filters | null} */
  filters = null;

  build() {
    this.groups = h("div", { class: "stack" });
    return this.groups;
  }

  /** @param {{figures: import("./values.js").Figure[], rules: import("./values.js").Rules, filters: import("./filters.js").Filters}} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    if (!this.groups) return;
    const groups = [...new Set(this.figures.map(({ group }) => group))];
    reconcile(
      this.groups,
      groups,
      (group) => group,
      (group) =>
        h(
          "section",
          { class: "stack tight", "aria-labelledby": `group-${group}` },
          h("h2", { id: `group-${group}` }),
          h("div", { class: "tiles" }),
        ),
      (section, group) => {
        setText(/** @type {Element} */ (section.querySelector("h2")), t(`group.${group}`));
        reconcile(
          /** @type {Element} */ (section.querySelector(".tiles")),
          this.figures.filter((one) => one.group === group && !VARIANTS.includes(one.kpi)),
          ({ kpi }) => kpi,
          () => tile(),
          (element, one) => this.fill(element, one),
        );
      },
    );
  }

  /** @param {HTMLElement} element @param {import("./values.js").Figure} one */
  fill(element, one) {
    const { kpi, unit, total } = one;
    const filters = /** @type {import("./filters.js").Filters} */ (this.filters);
    const at = factsOf(element);
    element.dataset.kpi = kpi;
    const name = /** @type {HTMLAnchorElement} */ (at("name"));
    this.leading(name, one.parts ? { kpi, by: "part" } : { kpi, by: "day" });
    setText(name, t(`kpi.${kpi}`));
    setText(at("value"), one.parts ? number(total.contacts) : figure(unit, total.value, this.rules));
    at("value").classList.toggle("muted", total.value === null);
    at("of").replaceChildren(...this.made(one, filters));
    setText(at("provisional"), total.provisional ? t("tile.provisional", { count: total.provisional }) : "");
    at("provisional").hidden = total.provisional === 0;
    at("trend").replaceChildren(
      one.parts
        ? trendLine(one.rows.map(({ key, contacts }) => ({ label: key ?? "", value: contacts })), false)
        : trendLine(one.rows.map(({ key, value }) => ({ label: key ?? "", value })), unit === "share"),
    );
    at("others").replaceChildren(...(kpi === "service_level_4" ? this.variants() : []));
  }

  /** What a figure is made of, each part leading to its calls. @param {import("./values.js").Figure} one @param {import("./filters.js").Filters} filters */
  made({ kpi, unit, parts, total }, filters) {
    if (total.contacts === 0) return [t(unit === "money" && !this.rules?.currency ? "tile.no_prices" : "tile.none")];
    const all = link(callsAddress(filters, kpi), t("tile.contacts", { count: total.contacts }));
    if (parts || unit !== "share" || total.denominator !== total.contacts) return [all];
    const counted = link(callsAddress(filters, kpi, { counted: "yes" }), numerator(unit, total.numerator, this.rules));
    return [counted, ` ${t("tile.of")} `, all];
  }

  /** The other ways of counting the same. */
  variants() {
    return this.figures
      .filter(({ kpi }) => VARIANTS.includes(kpi))
      .map(({ kpi, total }) => {
        const other = h("a", {}, t("tile.variant", { number: kpi.at(-1) ?? "", value: figure("share", total.value, null) }));
        this.leading(/** @type {HTMLAnchorElement} */ (other), { kpi, by: "day" });
        return other;
      });
  }

  /** @param {HTMLAnchorElement} anchor @param {import("./filters.js").View} view */
  leading(anchor, view) {
    anchor.setAttribute("href", toAddress(/** @type {any} */ (this.filters), view));
    follow(anchor, () => this.tell("look", view));
  }
}

/** @param {string | null} address @param {string} text */
function link(address, text) {
  return h("a", { href: address, class: "tabular" }, text);
}

/** @returns {HTMLElement} */
function tile() {
  return h(
    "article",
    { class: "card tile" },
    h("h3", {}, h("a", { "data-fact": "name" })),
    h("p", { class: "figure", "data-fact": "value" }),
    h("p", { class: "small muted", "data-fact": "of" }),
    h("p", { class: "small", "data-fact": "provisional" }),
    h("div", { class: "tile-trend", "data-fact": "trend" }),
    h("p", { class: "small row tight", "data-fact": "others" }),
  );
}

customElements.define("report-tiles", Tiles);
