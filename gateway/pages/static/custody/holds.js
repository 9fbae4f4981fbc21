/**
 * `<custody-holds>`: the contacts of which nothing may go, and since when; whoever may, holds another, or lifts a hold with
 * a reason. Tells `search` with filters, `ask` with a question, and `more`.
 *
 * @module
 */

import { get, post } from "../common/api.js";
import { AiccElement, factsOf, h, setText } from "../common/element.js";
import { dateTime } from "../common/format.js";
import { FoundList, below, fact } from "../common/found-list.js";
import { t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { toQuery } from "./filters.js";
import "./search.js";
import { actorName } from "./words.js";

/**
 * @typedef {{hold: string, contact: string, why: string, placed_by: string, placed_at: string,
 *   released_by: string | null, released_at: string | null, released_why: string | null, stands: boolean}} Hold
 */

class HoldList extends FoundList {
  static area = "holds";
  static columns = ["contact", "why", "placed", "released"];

  /** @type {Record<string, string>} */
  people = {};
  may = { keep: false, replay: false };

  /** @param {Hold} hold */
  keyOf({ hold }) {
    return hold;
  }

  /** @param {HTMLElement} element @param {Hold} one */
  fill(element, one) {
    const at = factsOf(element);
    const call = at("contact");
    setText(call, one.contact);
    call.setAttribute("href", `/calls?${new URLSearchParams({ call: one.contact })}`);
    if (!this.may.replay) call.removeAttribute("href");
    setText(at("why"), one.why);
    setText(at("hold"), t("holds.name", { hold: one.hold }));
    setText(at("placed_at"), dateTime(one.placed_at));
    setText(at("placed_by"), actorName(one.placed_by, this.people[one.placed_by]));
    setText(at("state"), one.stands ? t("holds.stands") : dateTime(one.released_at ?? ""));
    at("state").className = one.stands ? "badge warn" : "";
    const by = one.released_by === null ? "" : actorName(one.released_by, this.people[one.released_by]);
    setText(at("released_by"), [by, one.released_why].filter(Boolean).join(": "));
    const lift = at("lift");
    lift.hidden = !one.stands || !this.may.keep;
    setText(lift, t("holds.lift"));
    lift.setAttribute("aria-label", t("holds.lift_of", { contact: one.contact }));
    lift.onclick = () => this.tell("lift", one);
  }

  row() {
    return h(
      "tr",
      {},
      h("td", {}, fact("contact", "a", "mono"), below("hold")),
      h("td", {}, fact("why")),
      h("td", {}, fact("placed_at", "p", "nowrap"), below("placed_by")),
      h(
        "td",
        {},
        h("div", { class: "spread" }, fact("state"), h("button", { type: "button", class: "button small", "data-fact": "lift" })),
        below("released_by"),
      ),
    );
  }
}

class Holds extends AiccElement {
  /** @type {import("./filters.js").Filters} */
  filters = {};

  build() {
    this.place = h("button", { type: "button", class: "button primary", hidden: true, "data-t": "holds.place", onclick: () => this.placing() });
    this.search = /** @type {any} */ (h("holds-search"));
    this.list = /** @type {any} */ (h("hold-list"));
    return [
      h(
        "div",
        { class: "spread" },
        h("div", { class: "stack tight grow" }, h("h1", { tabindex: -1, "data-t": "holds.title" }), h("p", { class: "muted", "data-t": "holds.lead" })),
        this.place,
      ),
      this.search,
      this.list,
    ];
  }

  connected() {
    translate(this);
    this.listen(/** @type {EventTarget} */ (this.list), "lift", ({ detail }) => this.lifting(detail));
  }

  /**
   * @param {import("./filters.js").Filters} filters
   * @param {AbortSignal} signal
   * @param {string | null} [before] the last of the page before
   * @returns {Promise<{keep: boolean}>} what whoever asks may do
   */
  async load(filters, signal, before = null) {
    this.filters = filters;
    this.search.show(filters);
    this.list.show(before === null ? { busy: true, items: [], next: null } : { busy: true });
    try {
      const page = await get("/v1/custody/holds", { query: { ...toQuery("holds", filters), before }, signal });
      const items = before === null ? page.holds : [...this.list.items, ...page.holds];
      const people = { ...this.list.people, ...page.people };
      this.list.show({ items, next: page.next, people, may: page.may });
      if (this.place) this.place.hidden = !page.may.keep;
      if (before === null) announce(t("holds.count", { count: page.holds.length }));
      return page.may;
    } finally {
      if (!signal.aborted) this.list.show({ busy: false });
    }
  }

  placing() {
    this.tell("ask", {
      title: "holds.place",
      lead: "holds.place.lead",
      go: "holds.place.go",
      fields: [
        { name: "kind", kind: "choice", options: ["contact", "number"] },
        { name: "which", hint: "ask.which.hint" },
        { name: "why", kind: "long", hint: "ask.why.hint" },
      ],
      send: async (/** @type {Record<string, string>} */ { kind, which, why }) => {
        const done = await post("/v1/custody/holds", { [kind]: which, why });
        const refused = Object.keys(done.refused).length;
        const held = t("holds.held", { count: Object.keys(done.holds).length });
        this.tell("done", refused ? `${held} ${t("holds.refused", { count: refused })}` : held);
      },
    });
  }

  /** @param {Hold} hold */
  lifting({ hold, contact }) {
    this.tell("ask", {
      title: "holds.lifting",
      lead: "holds.lifting.lead",
      go: "holds.lift",
      about: contact,
      fields: [{ name: "why", kind: "long", hint: "ask.why.hint" }],
      send: async (/** @type {Record<string, string>} */ { why }) => {
        await post(`/v1/custody/holds/${encodeURIComponent(hold)}/release`, { why });
        this.tell("done", t("holds.lifted", { contact }));
      },
    });
  }
}

customElements.define("hold-list", HoldList);
customElements.define("custody-holds", Holds);
