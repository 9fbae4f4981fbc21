/**
 * `<call-quality>`: how a call was judged by each rubric: the score, every criterion with the places in the call that show
 * it, and what people said to that. Who may decides otherwise, or objects, with a reason. Tells `judged` with how it stands
 * then, and is to be shown that.
 *
 * @module
 */

import { ApiError, post } from "../common/api.js";
import { AiccElement, h, setText } from "../common/element.js";
import { told } from "../common/entrance.js";
import { dateTime, number } from "../common/format.js";
import { named, t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { word } from "./notes.js";

const LOOKS = { met: "ok", missed: "danger", not_applicable: "" };
const VERDICTS = /** @type {const} */ (["met", "missed", "not_applicable"]);
const MOST_SHOWN = 5;

/**
 * @typedef {{id: string, name: Record<string, string>, check: string, verdict: keyof typeof LOOKS, weight: number,
 *   critical: boolean, turns: number[], events: number[], note: string}} Criterion
 * @typedef {{rubric: string, name: Record<string, string>, version: string, score: number | null,
 *   passed: boolean | null, passes_at: number, agents: string[], scored_at: string, criteria: Criterion[],
 *   overrides: any[], appeals: any[]}} Judged
 */

class Quality extends AiccElement {
  /** @type {string} */
  call = "";
  /** @type {Judged[]} */
  rubrics = [];
  may = { override: false, appeal: false };
  /** Names of whom ids are. @type {Record<string, string>} */
  people = {};
  /** What shows an event of the call, or leads to it. @type {(seq: number) => Node} */
  place = (seq) => document.createTextNode(String(seq));
  /** What is being decided about. @type {{rubric: string, criterion: string, appeal: boolean} | null} */
  about = null;
  /** What was decided about a moment ago. */
  decidedAbout = "";

  build() {
    this.body = h("div", { class: "stack" });
    this.verdict = /** @type {HTMLSelectElement} */ (
      h("select", { class: "input", id: "quality-verdict" }, VERDICTS.map((value) => h("option", { value })))
    );
    this.reason = /** @type {HTMLTextAreaElement} */ (
      h("textarea", { class: "input", id: "quality-reason", required: true, minlength: 3, maxlength: 1000, rows: 3 })
    );
    this.choice = h("div", { class: "field" }, h("label", { for: "quality-verdict" }), this.verdict);
    this.refused = h("p", { class: "field-error", role: "alert" });
    this.heading = h("h2", { id: "quality-title" });
    this.go = h("button", { type: "submit", class: "button primary" });
    this.no = h("button", { type: "button", class: "button", onclick: () => this.ask?.close() });
    this.why = h("label", { for: "quality-reason" });
    this.ask = /** @type {HTMLDialogElement} */ (
      h(
        "dialog",
        { "aria-labelledby": "quality-title" },
        h(
          "form",
          { class: "stack", onsubmit: (/** @type {Event} */ event) => void this.decided(event) },
          this.heading,
          this.choice,
          h("div", { class: "field" }, this.why, this.reason),
          this.refused,
          h("div", { class: "row" }, this.go, this.no),
        ),
      )
    );
    return [this.body, this.ask];
  }

  /** @param {Partial<Pick<Quality, "call" | "rubrics" | "people" | "may" | "place">>} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    if (!this.body || !this.choice || !this.verdict) return;
    this.body.replaceChildren(...this.rubrics.map((one) => this.rubric(one)));
    if (this.decidedAbout) this.goOn(this.decidedAbout);
    setText(/** @type {Element} */ (this.choice.querySelector("label")), t("quality.verdict"));
    for (const option of this.verdict.options) setText(option, word("verdict", option.value));
    for (const [element, key] of [
      [this.why, "quality.reason"],
      [this.go, "quality.go"],
      [this.no, "cancel"],
    ]) {
      if (element instanceof Element) setText(element, t(String(key)));
    }
  }

  /** What had the focus was made anew: who uses the keyboard goes on from the criterion. @param {string} about */
  goOn(about) {
    const items = /** @type {HTMLElement[]} */ ([...(this.body?.querySelectorAll("[data-criterion]") ?? [])]);
    items.find(({ dataset }) => dataset.criterion === about)?.focus();
    this.decidedAbout = "";
  }

  /** @param {Judged} one */
  rubric(one) {
    const look = one.passed === null ? "" : one.passed ? "ok" : "danger";
    const outcome = one.passed === null ? "quality.nothing" : one.passed ? "quality.passed" : "quality.failed";
    return h(
      "section",
      { class: "card details-section quality" },
      h("h2", {}, named(one.name) || one.rubric),
      h(
        "p",
        { class: "row tight" },
        one.score === null ? null : h("strong", { class: "tabular" }, number(one.score, { maximumFractionDigits: 1 })),
        h("span", { class: `badge ${look}` }, t(outcome)),
        h("span", { class: "muted small" }, t("quality.by", { version: one.version, at: dateTime(one.scored_at) })),
      ),
      h("ul", { class: "stack tight", role: "list" }, one.criteria.map((criterion) => this.criterion(one, criterion))),
    );
  }

  /** @param {Judged} one @param {Criterion} criterion */
  criterion(one, criterion) {
    const name = named(criterion.name) || criterion.id;
    const about = [criterion.critical ? t("quality.critical") : "", criterion.note].filter(Boolean).join(" · ");
    const places = criterion.events.slice(0, MOST_SHOWN).map((seq) => h("li", {}, this.place(seq)));
    return h(
      "li",
      { class: "stack tight", tabindex: -1, "data-criterion": `${one.rubric} ${criterion.id}` },
      h(
        "div",
        { class: "spread" },
        h("p", {}, name, about ? h("span", { class: "muted small" }, ` · ${about}`) : null),
        h(
          "div",
          { class: "row tight" },
          this.acts(one, criterion, name),
          h("span", { class: `badge ${LOOKS[criterion.verdict] ?? ""}` }, word("verdict", criterion.verdict)),
        ),
      ),
      places.length ? h("ul", { class: "evidence small", role: "list" }, places) : null,
      this.said(one, criterion),
    );
  }

  /** What people said to a criterion. @param {Judged} one @param {Criterion} criterion */
  said(one, criterion) {
    const decisions = one.overrides
      .filter((said) => said.criterion === criterion.id)
      .map((said) =>
        h(
          "li",
          {},
          t("quality.overridden", {
            before: word("verdict", said.before),
            after: word("verdict", said.verdict),
            who: this.people[said.by] ?? said.by,
            reason: said.reason,
          }),
        ),
      );
    const appeals = one.appeals
      .filter((said) => said.criterion === criterion.id)
      .map(({ answer, by, reason }) =>
        h(
          "li",
          { class: answer === null ? "waits" : null },
          t(answer === null ? "quality.appealed" : "quality.answered", { who: this.people[by] ?? by, reason }),
        ),
      );
    return appeals.length + decisions.length ? h("ul", { class: "small muted" }, appeals, decisions) : null;
  }

  /** @param {Judged} one @param {Criterion} criterion @param {string} name */
  acts(one, criterion, name) {
    const waits = one.appeals.some((said) => said.criterion === criterion.id && said.answer === null);
    const appealable = this.may.appeal && criterion.verdict === "missed" && !waits;
    const button = (/** @type {string} */ key, look = "quiet") =>
      h(
        "button",
        {
          type: "button",
          class: `button small ${look}`,
          "aria-label": t(`${key}.of`, { name }),
          onclick: () => this.asked(one, criterion, key),
        },
        t(key),
      );
    const decide = () => (waits ? button("quality.answer", "") : button("quality.decide"));
    return [this.may.override ? decide() : null, appealable ? button("quality.appeal") : null];
  }

  /** @param {Judged} one @param {Criterion} criterion @param {string} key what it is about */
  asked(one, criterion, key) {
    if (!this.reason || !this.verdict || !this.choice || !this.heading || !this.refused) return;
    const appeal = key === "quality.appeal";
    this.about = { rubric: one.rubric, criterion: criterion.id, appeal };
    this.reason.value = "";
    this.verdict.value = criterion.verdict === "met" ? "missed" : "met";
    this.choice.hidden = appeal;
    const name = named(criterion.name) || criterion.id;
    setText(this.heading, t(`${key}.of`, { name }));
    setText(this.refused, "");
    this.ask?.showModal();
  }

  /** @param {Event} event */
  async decided(event) {
    event.preventDefault();
    if (!this.about) return;
    const { rubric, criterion, appeal } = this.about;
    const reason = this.reason?.value.trim();
    const address = `/v1/calls/${encodeURIComponent(this.call)}/quality/${encodeURIComponent(rubric)}`;
    try {
      const judged = appeal
        ? await post(`${address}/appeals`, { criterion, reason })
        : await post(`${address}/overrides`, { criterion, verdict: this.verdict?.value, reason });
      this.ask?.close();
      announce(t("quality.done"));
      this.decidedAbout = `${rubric} ${criterion}`;
      this.tell("judged", judged);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(/** @type {Element} */ (this.refused), told(error));
    }
  }
}

customElements.define("call-quality", Quality);
