/**
 * `<custody-receipt>`: one receipt, as the erasure gave it: what was reached and how much of it went, what stands, what lies
 * elsewhere, and whether it is the one that the audit knows. Tells `back`.
 *
 * @module
 */

import { get } from "../common/api.js";
import { AiccElement, follow, h, setText } from "../common/element.js";
import { dateTime, number } from "../common/format.js";
import { has, t } from "../common/i18n.js";
import { icon } from "../common/icon.js";
import { word } from "./words.js";

/** @typedef {{name: string | null, text: string}} Line */

class Receipt extends AiccElement {
  /** @type {any} */
  told = null;

  build() {
    this.back = /** @type {HTMLAnchorElement} */ (h("a", { class: "button quiet small" }, icon("back"), h("span", {})));
    follow(this.back, () => this.tell("back"));
    this.heading = h("h1", { tabindex: -1 });
    this.file = h("a", { class: "button small", download: "" });
    this.proof = h("p", { class: "notice" });
    this.facts = h("dl", { class: "facts" });
    this.body = h("tbody", {});
    this.caption = h("caption", { class: "visually-hidden" });
    this.heads = ["where", "what", "count"].map((name) =>
      h("th", { scope: "col", "data-column": name, class: name === "count" ? "number" : null }),
    );
    this.table = h("table", { class: "table" }, this.caption, h("thead", {}, h("tr", {}, this.heads)), this.body);
    this.region = h("div", { class: "card scroll", role: "region", tabindex: 0 }, this.table);
    this.after = h("div", { class: "sides" });
    return [
      h("div", { class: "spread" }, h("div", { class: "row" }, this.back, this.heading), this.file),
      this.proof,
      h("div", { class: "card card-body" }, this.facts),
      this.region,
      this.after,
    ];
  }

  /** Load a receipt and show it. @param {string} erasure @param {AbortSignal} signal */
  async load(erasure, signal) {
    this.told = null;
    this.changed();
    this.told = await get(`/v1/custody/receipts/${encodeURIComponent(erasure)}`, { signal });
    this.refresh();
    this.heading?.focus();
  }

  refresh() {
    const { told, back, heading, file, proof, facts, region, caption, body, after } = this;
    if (!back || !heading || !file || !proof || !facts || !region || !caption || !body || !after) return;
    setText(/** @type {Element} */ (back.querySelector("span")), t("receipt.back"));
    for (const part of [proof, file, facts.parentElement, region, after]) if (part) part.hidden = told === null;
    setText(heading, told === null ? t("state.loading") : t("receipt.title", { at: dateTime(told.receipt.done_at) }));
    if (told === null) return;
    const { receipt } = told;
    file.setAttribute("href", `/v1/custody/receipts/${encodeURIComponent(receipt.erasure)}/file`);
    setText(file, t("receipt.file"));
    const proven = !told.genuine || told.audited === false ? "forged" : told.audited ? "proven" : "unproven";
    setText(proof, t(`receipt.${proven}`));
    proof.className = `notice ${{ forged: "danger", proven: "ok", unproven: "warn" }[proven]}`;
    facts.replaceChildren(...this.facts_of(receipt));
    for (const head of this.heads ?? []) setText(head, t(`reached.${head.dataset.column}`));
    setText(caption, t("reached"));
    region.setAttribute("aria-label", t("reached"));
    body.replaceChildren(...told.reached.map(reachedRow), tombstoneRow());
    after.replaceChildren(lines("stands", told.stands), lines("elsewhere", told.elsewhere));
  }

  /** @param {any} receipt */
  facts_of(receipt) {
    const said = [
      ["contact", receipt.contact],
      ["erasure", receipt.erasure],
      ["asked_by", word("asked_by", receipt.asked_by)],
      ["why", receipt.why || "–"],
      ["begun_at", dateTime(receipt.begun_at)],
      ["done_at", dateTime(receipt.done_at)],
      ["digest", receipt.digest],
    ];
    const codes = new Set(["contact", "erasure", "digest"]);
    return said.flatMap(([name, value]) => [
      h("dt", {}, t(`receipt.${name}`)),
      h("dd", { class: codes.has(name) ? "mono" : null, "data-fact": name }, value),
    ]);
  }
}

/** @param {{where: string, what: string, count: number}} reached */
function reachedRow({ where, what, count }) {
  return h(
    "tr",
    { "data-what": what },
    h("td", {}, word("where", where)),
    h("td", {}, word("gone", what)),
    h("td", { class: "number tabular" }, number(count)),
  );
}

/** What every erasure leaves for those who hold copies. */
function tombstoneRow() {
  return h(
    "tr",
    { "data-what": "tombstone" },
    h("td", {}, t("where.exports")),
    h("td", {}, t("gone.tombstone")),
    h("td", { class: "number tabular" }, number(1)),
  );
}

/** @param {string} about @param {Line[]} told */
function lines(about, told) {
  const said = told.map(({ name, text }) => h("li", {}, name && has(`${about}.${name}`) ? t(`${about}.${name}`) : text));
  return h("section", { class: "card card-body stack tight" }, h("h2", {}, t(`receipt.${about}`)), h("ul", {}, said));
}

customElements.define("custody-receipt", Receipt);
