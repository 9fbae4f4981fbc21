/**
 * `<custody-receipts>`: what was erased, the latest first, each a click away from its receipt; whoever may erases a
 * contact. Tells `search` with filters, `open` with an erasure, `ask` with a question, and `more`.
 *
 * @module
 */

import { get, post } from "../common/api.js";
import { AiccElement, factsOf, follow, h, setText } from "../common/element.js";
import { dateTime, number } from "../common/format.js";
import { FoundList, fact } from "../common/found-list.js";
import { t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { toAddress, toQuery } from "./filters.js";
import "./search.js";
import { word } from "./words.js";

/** Erasing reaches keys, files and every table: it may take longer than other requests. Milliseconds. */
const PATIENCE = 30_000;

/** @typedef {{erasure: string, contact: string, asked_by: string, why: string, begun_at: string, done_at: string, gone: number}} Receipt */

class ReceiptList extends FoundList {
  static area = "receipts";
  static columns = ["done", "contact", "asked_by", "why", "gone"];
  static numbers = ["gone"];

  /** @type {import("./filters.js").Filters} */
  filters = {};

  /** @param {Receipt} receipt */
  keyOf({ erasure }) {
    return erasure;
  }

  /** @param {HTMLElement} element @param {Receipt} one */
  fill(element, one) {
    const at = factsOf(element);
    const open = /** @type {HTMLAnchorElement} */ (at("open"));
    open.setAttribute("href", toAddress("receipts", this.filters, one.erasure));
    follow(open, () => this.tell("open", one.erasure));
    setText(open, dateTime(one.done_at));
    setText(at("contact"), one.contact);
    setText(at("asked_by"), word("asked_by", one.asked_by));
    setText(at("why"), one.why || "–");
    setText(at("gone"), number(one.gone));
  }

  row() {
    return h(
      "tr",
      {},
      h("td", { class: "nowrap" }, fact("open", "a", "strong")),
      h("td", {}, fact("contact", "span", "mono")),
      h("td", {}, fact("asked_by")),
      h("td", {}, fact("why")),
      h("td", { class: "number" }, fact("gone", "span", "tabular")),
    );
  }
}

class Receipts extends AiccElement {
  /** @type {import("./filters.js").Filters} */
  filters = {};
  begun = 0;

  build() {
    this.erase = h("button", { type: "button", class: "button danger", hidden: true, "data-t": "erase", onclick: () => this.erasing() });
    this.search = /** @type {any} */ (h("receipts-search"));
    this.unfinished = h("p", { class: "notice warn", hidden: true });
    this.list = /** @type {any} */ (h("receipt-list"));
    return [
      h(
        "div",
        { class: "spread" },
        h("div", { class: "stack tight grow" }, h("h1", { tabindex: -1, "data-t": "receipts.title" }), h("p", { class: "muted", "data-t": "receipts.lead" })),
        this.erase,
      ),
      this.search,
      this.unfinished,
      this.list,
    ];
  }

  connected() {
    translate(this);
  }

  refresh() {
    if (!this.unfinished) return;
    this.unfinished.hidden = this.begun === 0;
    setText(this.unfinished, this.begun ? t("receipts.begun", { count: this.begun }) : "");
  }

  /** See `<custody-holds>`. @param {import("./filters.js").Filters} filters @param {AbortSignal} signal @param {string | null} [before] */
  async load(filters, signal, before = null) {
    this.filters = filters;
    this.search.show(filters);
    this.list.show(before === null ? { busy: true, items: [], next: null, filters } : { busy: true });
    try {
      const page = await get("/v1/custody/receipts", { query: { ...toQuery("receipts", filters), before }, signal });
      const items = before === null ? page.receipts : [...this.list.items, ...page.receipts];
      this.list.show({ items, next: page.next });
      this.begun = page.begun;
      this.changed();
      if (this.erase) this.erase.hidden = !page.may.keep;
      if (before === null) announce(t("receipts.count", { count: page.receipts.length }));
      return page.may;
    } finally {
      if (!signal.aborted) this.list.show({ busy: false });
    }
  }

  erasing() {
    this.tell("ask", {
      title: "erase",
      lead: "erase.lead",
      go: "erase.go",
      danger: true,
      fields: [
        { name: "contact" },
        { name: "again", hint: "ask.again.hint" },
        { name: "why", kind: "long", hint: "ask.why.hint" },
      ],
      wrong: (/** @type {Record<string, string>} */ { contact, again }) =>
        contact === again ? null : "error.erasure_not_confirmed",
      send: async (/** @type {Record<string, string>} */ wanted) => {
        const { receipt } = await post("/v1/custody/erasures", wanted, { patience: PATIENCE });
        announce(t("erase.done"));
        this.tell("open", receipt.erasure);
      },
    });
  }
}

customElements.define("receipt-list", ReceiptList);
customElements.define("custody-receipts", Receipts);
