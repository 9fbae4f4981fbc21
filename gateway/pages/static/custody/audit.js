/**
 * `<custody-audit>`: how the audits end, whether they are what was written, and their lines. Tells `search` with filters,
 * `verify`, and `more`.
 *
 * @module
 */

import { get, post } from "../common/api.js";
import { AiccElement, factsOf, h, setText } from "../common/element.js";
import { dateTime, number, time } from "../common/format.js";
import { FoundList, below, fact } from "../common/found-list.js";
import { t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { toQuery } from "./filters.js";
import "./search.js";
import { actorName, deedName, word } from "./words.js";

/** Longer than the server verifies, so that it is the server who says how far it came. Milliseconds. */
const PATIENCE = 40_000;

/**
 * @typedef {{place: number, at: string, actor: string, name: string | null, what: string, whose: string, why: string,
 *   details: Record<string, string>}} Entry
 * @typedef {{audit: string, records: number, ended: boolean, broken: {number: number, fault: string, means: string} | null}} Verified
 */

class AuditList extends FoundList {
  static area = "audit";
  static columns = ["at", "who", "what", "whose", "why"];

  /** @param {Entry} entry */
  keyOf({ place }) {
    return String(place);
  }

  /** @param {HTMLElement} element @param {Entry} one */
  fill(element, one) {
    const at = factsOf(element);
    setText(at("at"), dateTime(one.at));
    setText(at("exactly"), time(one.at));
    setText(at("who"), actorName(one.actor, one.name));
    setText(at("what"), deedName(one.what));
    setText(at("code"), one.what);
    setText(at("whose"), one.whose || "–");
    setText(at("why"), one.why || "–");
    setText(at("details"), Object.entries(one.details).map(([name, value]) => `${name}: ${value}`).join(" · "));
  }

  row() {
    return h(
      "tr",
      {},
      h("td", { class: "nowrap" }, fact("at", "p"), below("exactly")),
      h("td", {}, fact("who")),
      h("td", {}, fact("what", "p"), fact("code", "p", "muted small mono")),
      h("td", {}, fact("whose", "span", "mono")),
      h("td", {}, fact("why", "p"), fact("details", "p", "muted small mono")),
    );
  }
}

class Audit extends AiccElement {
  /** @type {{audit: string, lines: number, seal: string | null, at: string | null}[]} */
  chains = [];
  /** @type {Verified[] | null} */
  verified = null;
  busy = false;

  build() {
    this.go = /** @type {HTMLButtonElement} */ (
      h("button", { type: "button", class: "button primary", onclick: () => this.tell("verify") })
    );
    this.ends = h("div", { class: "sides" });
    this.found = h("div", { class: "stack tight", role: "status", "data-found": true });
    this.search = /** @type {any} */ (h("audit-search"));
    this.list = /** @type {any} */ (h("audit-list"));
    return [
      h(
        "div",
        { class: "spread" },
        h("div", { class: "stack tight grow" }, h("h1", { tabindex: -1, "data-t": "audit.title" }), h("p", { class: "muted", "data-t": "audit.lead" })),
        this.go,
      ),
      this.ends,
      this.found,
      h("h2", { "data-t": "audit.found" }),
      this.search,
      this.list,
    ];
  }

  connected() {
    translate(this);
  }

  refresh() {
    const { go, ends, found, chains, verified, busy } = this;
    if (!go || !ends || !found) return;
    setText(go, t(busy ? "verify.busy" : "verify"));
    go.disabled = busy;
    ends.replaceChildren(...chains.map(chain));
    found.replaceChildren(...(verified ?? []).map(outcome));
  }

  /** See `<custody-holds>`. @param {import("./filters.js").Filters} filters @param {AbortSignal} signal @param {number | null} [before] */
  async load(filters, signal, before = null) {
    this.search.show(filters);
    this.list.show(before === null ? { busy: true, items: [], next: null } : { busy: true });
    try {
      const page = await get("/v1/custody/audit", { query: { ...toQuery("audit", filters), before }, signal });
      // afterwards: that somebody looked is a line of its own
      const ends = before === null ? await get("/v1/custody/audit/chains", { signal }) : null;
      if (ends !== null) {
        this.chains = ends.chains;
        this.search.offer(ends.choices);
        this.changed();
      }
      this.list.show({ items: before === null ? page.lines : [...this.list.items, ...page.lines], next: page.next });
      if (before === null) announce(t("audit.count", { count: page.lines.length }));
      return { keep: true };
    } finally {
      if (!signal.aborted) this.list.show({ busy: false });
    }
  }

  /** Have the audits verified. @throws {import("../common/api.js").ApiError} */
  async verify() {
    Object.assign(this, { busy: true, verified: null });
    this.refresh();
    try {
      this.verified = (await post("/v1/custody/audit/verification", {}, { patience: PATIENCE })).audits;
    } finally {
      this.busy = false;
      this.refresh();
      this.go?.focus();
    }
  }
}

/** @param {Audit["chains"][number]} one */
function chain({ audit, lines, seal, at }) {
  return h(
    "section",
    { class: "card card-body stack tight", "data-audit": audit },
    h("h2", {}, word("chain", audit)),
    h("p", { class: "muted small" }, t(`chain.${audit}.what`)),
    h("p", { class: "figure" }, t("chain.lines", { count: lines, lines: number(lines) })),
    at === null
      ? null
      : h("p", { class: "small" }, t("chain.latest", { at: dateTime(at) }), " ", h("span", { class: "mono" }, seal)),
  );
}

/** @param {Verified} one */
function outcome({ audit, records, ended, broken }) {
  const name = word("chain", audit);
  const [look, said] = broken
    ? ["danger", t("verify.broken", { name, number: number(broken.number), means: word("fault", broken.fault) })]
    : ended
      ? ["ok", t("verify.whole", { name, count: records, records: number(records) })]
      : ["warn", t("verify.so_far", { name, records: number(records) })];
  return h("p", { class: `notice ${look}`, "data-audit": audit }, said);
}

customElements.define("audit-list", AuditList);
customElements.define("custody-audit", Audit);
