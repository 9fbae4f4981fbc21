/**
 * `<report-topics>`: what callers talked about, called by their own words. Looked for when it is asked for, since it takes
 * some seconds. Tells `topics` with a language.
 *
 * @module
 */

import { AiccElement, factsOf, h, reconcile, setText } from "../common/element.js";
import { date, languageName, number, percent } from "../common/format.js";
import { t } from "../common/i18n.js";
import { trendLine } from "./chart.js";

/** @typedef {{label: string[], example: string, contacts: number, latest: string[], turns: number, by_day: Record<string, number>, share: number, share_before: number | null, trend: string}} Topic */
/** @typedef {{topics: Topic[], contacts: number, turns: number, alone: number, whole: boolean, before: {contacts: number, from: string}}} Found */

const LOOKS = { rising: "badge warn", falling: "badge ok", steady: "badge" };

/** Calls that one topic leads to. */
const MOST_CALLS = 20;

class Topics extends AiccElement {
  /** @type {string[]} */
  languages = [];
  /** @type {string | null} */
  language = null;
  /** @type {Found | null} */
  found = null;
  busy = false;
  /** The days of the report, in order. @type {string[]} */
  days = [];

  build() {
    this.heading = h("h2", { id: "topics-title" });
    this.about = h("p", { class: "muted small" });
    this.choices = h("div", { class: "row tight", role: "group", "aria-labelledby": "topics-title" });
    this.said = h("p", { class: "muted", role: "status" });
    this.list = h("ol", { class: "topics", role: "list" });
    return h(
      "section",
      { class: "stack tight", "aria-labelledby": "topics-title" },
      h("div", { class: "spread" }, this.heading, this.choices),
      this.about,
      this.said,
      this.list,
    );
  }

  /** @param {Partial<Topics>} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    const { heading, about, choices, said, list, found, language } = this;
    if (!heading || !about || !choices || !said || !list) return;
    setText(heading, t("topics.title"));
    setText(about, t("topics.about"));
    reconcile(
      choices,
      this.languages,
      (code) => code,
      (code) => h("button", { type: "button", class: "button small", onclick: () => this.tell("topics", code) }),
      (button, code) => {
        setText(button, t("topics.look", { language: languageName(code) }));
        button.setAttribute("aria-pressed", String(code === language));
        /** @type {HTMLButtonElement} */ (button).disabled = this.busy;
      },
    );
    setText(said, this.busy ? t("topics.busy") : found ? told(found) : "");
    said.hidden = !this.busy && found === null;
    list.hidden = this.busy || !found?.topics.length;
    reconcile(
      list,
      found?.topics ?? [],
      ({ label, latest }) => `${label.join(" ")} ${latest[0]}`,
      () => topic(),
      (element, one) => this.fill(element, one),
    );
  }

  /** @param {HTMLElement} element @param {Topic} one */
  fill(element, one) {
    const at = factsOf(element);
    setText(at("label"), one.label.join(" · "));
    setText(at("example"), one.example);
    for (const name of ["label", "example"]) at(name).setAttribute("lang", this.language ?? "");
    setText(at("trend"), t(`trend.${one.trend}`));
    at("trend").className = LOOKS[/** @type {keyof typeof LOOKS} */ (one.trend)] ?? "badge";
    setText(at("share"), t("topics.share", { share: percent(one.share, 1), before: percent(one.share_before, 1) }));
    setText(at("count"), t("tile.contacts", { count: one.contacts }));
    const days = this.days.map((day) => ({ label: day, value: one.by_day[day] ?? 0 }));
    at("days").replaceChildren(trendLine(days, false));
    reconcile(
      at("calls"),
      one.latest.slice(0, MOST_CALLS),
      (call) => call,
      (call) => h("li", {}, h("a", { href: `/calls?call=${encodeURIComponent(call)}` })),
      (item, call) =>
        setText(/** @type {Element} */ (item.firstElementChild), t("topics.call", { number: number(one.latest.indexOf(call) + 1) })),
    );
  }
}

/** @param {Found} found */
function told({ topics, contacts, turns, alone, whole, before }) {
  if (turns === 0) return t("topics.silent");
  const against = before.contacts ? t("topics.before", { count: before.contacts, since: date(`${before.from}T00:00`) }) : t("topics.first");
  const said = [t("topics.looked", { count: contacts, turns: number(turns), alone: number(alone) }), against];
  if (!topics.length) said.unshift(t("topics.none"));
  if (!whole) said.push(t("topics.sample"));
  return said.join(" ");
}

/** @returns {HTMLElement} */
function topic() {
  return h(
    "li",
    { class: "card topic" },
    h("div", { class: "spread" }, h("h3", { "data-fact": "label" }), h("span", { class: "badge", "data-fact": "trend" })),
    h("blockquote", { "data-fact": "example" }),
    h("p", { class: "muted small", "data-fact": "share" }),
    h("div", { class: "tile-trend", "data-fact": "days" }),
    h("details", {}, h("summary", { "data-fact": "count" }), h("ul", { class: "topic-calls", "data-fact": "calls" })),
  );
}

customElements.define("report-topics", Topics);
