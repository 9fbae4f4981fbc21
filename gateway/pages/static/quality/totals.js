/**
 * `<quality-totals>`: what judgements come to, rubric by rubric, and how many objections wait. Tells `narrow` with filters
 * for what somebody wants to see of it.
 *
 * @module
 */

import { AiccElement, factsOf, h, reconcile, setText } from "../common/element.js";
import { number, percent } from "../common/format.js";
import { named, t } from "../common/i18n.js";

/** @typedef {{rubric: string, name: Record<string, string>, contacts: number, average: number | null, passed: number, failed: number, open: number}} Total */

class Totals extends AiccElement {
  /** @type {Total[]} */
  totals = [];

  build() {
    this.tiles = h("div", { class: "totals" });
    return this.tiles;
  }

  /** @param {Total[]} totals */
  show(totals) {
    this.totals = totals;
    this.changed();
  }

  refresh() {
    if (!this.tiles) return;
    reconcile(
      this.tiles,
      this.totals,
      ({ rubric }) => rubric,
      ({ rubric }) => this.tile(rubric),
      (tile, total) => fill(tile, total),
    );
  }

  /** @param {string} rubric */
  tile(rubric) {
    const narrow = (/** @type {string} */ standing) =>
      h("button", {
        type: "button",
        class: "button small",
        "data-fact": standing,
        onclick: () => this.tell("narrow", { rubric, standing }),
      });
    return h(
      "section",
      { class: "card total" },
      h("h2", { "data-fact": "name" }),
      h("p", { class: "figure", "data-fact": "average" }),
      h("p", { class: "muted small", "data-fact": "of" }),
      h("div", { class: "row tight" }, narrow("failed"), narrow("objected")),
    );
  }
}

/** @param {HTMLElement} tile @param {Total} total */
function fill(tile, { rubric, name, contacts, average, passed, failed, open }) {
  const at = factsOf(tile);
  setText(at("name"), named(name) || rubric);
  setText(at("average"), average === null ? "–" : number(average, { maximumFractionDigits: 1 }));
  const share = passed + failed ? t("totals.passed", { share: percent(passed / (passed + failed)) }) : "";
  setText(at("of"), [t("totals.contacts", { count: contacts }), share].filter(Boolean).join(" · "));
  setText(at("failed"), t("totals.failed", { count: failed }));
  setText(at("objected"), t("totals.objected", { count: open }));
  at("failed").hidden = failed === 0;
  at("objected").hidden = open === 0;
}

customElements.define("quality-totals", Totals);
