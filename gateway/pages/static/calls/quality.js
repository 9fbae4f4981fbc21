/**
 * `<call-quality>`: how a call was judged by each rubric: the score, every criterion with the places in the call that show
 * it, and what people said to that. Who may decides otherwise, or objects, with a reason. Tells `seek` with the seconds.
 *
 * @module
 */

import { ApiError, post } from "../common/api.js";
import { AiccElement, h, setText } from "../common/element.js";
import { clock, dateTime, number } from "../common/format.js";
import { locale, t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { told } from "../wall/entrance.js";
import { nameIn } from "../wall/state.js";
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
  /** @type {import("./timeline.js").Row[]} */
  rows = [];
  /** What is being decided about. @type {{rubric: string, criterion: string, appeal: boolean} | null} */
  about = null;

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

  /** @param {{call: string, rubrics: Judged[], may: {override: boolean, appeal: boolean}, rows: import("./timeline.js").Row[]}} shown */
  show(shown) {
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    if (!this.body || !this.choice || !this.verdict) return;
    this.body.replaceChildren(...this.rubrics.map((one) => this.rubric(one)));
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

  /** @param {Judged} one */
  rubric(one) {
    const look = one.passed === null ? "" : one.passed ? "ok" : "danger";
    const outcome = one.passed === null ? "quality.nothing" : one.passed ? "quality.passed" : "quality.failed";
    return h(
      "section",
      { class: "card details-section quality" },
      h("h2", {}, nameIn(one.name, locale()) || one.rubric),
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
    const name = nameIn(criterion.name, locale()) || criterion.id;
    const places = criterion.events.slice(0, MOST_SHOWN).map((seq) => this.at(seq));
    return h(
      "li",
      { class: "stack tight" },
      h(
        "p",
        { class: "spread" },
        h("span", {}, name, criterion.critical ? h("span", { class: "muted small" }, ` · ${t("quality.critical")}`) : null),
        h("span", { class: `badge ${LOOKS[criterion.verdict] ?? ""}` }, word("verdict", criterion.verdict)),
      ),
      criterion.note || places.length
        ? h("p", { class: "row tight small" }, criterion.note ? h("span", { class: "muted" }, criterion.note) : null, places)
        : null,
      this.said(one, criterion),
      this.acts(one, criterion, name),
    );
  }

  /** What people said to a criterion. @param {Judged} one @param {Criterion} criterion */
  said(one, criterion) {
    const decisions = one.overrides
      .filter((said) => said.criterion === criterion.id)
      .map((said) =>
        t("quality.overridden", {
          before: word("verdict", said.before),
          after: word("verdict", said.verdict),
          who: said.by,
          reason: said.reason,
        }),
      );
    const appeals = one.appeals
      .filter((said) => said.criterion === criterion.id)
      .map((said) =>
        t(said.answer === null ? "quality.appealed" : "quality.answered", { who: said.by, reason: said.reason }),
      );
    const lines = [...appeals, ...decisions];
    return lines.length ? h("ul", { class: "small muted" }, lines.map((line) => h("li", {}, line))) : null;
  }

  /** @param {Judged} one @param {Criterion} criterion @param {string} name */
  acts(one, criterion, name) {
    const appealable = this.may.appeal && criterion.verdict === "missed";
    const button = (/** @type {string} */ key, /** @type {boolean} */ appeal) =>
      h(
        "button",
        {
          type: "button",
          class: "button small quiet",
          "aria-label": t(`${key}.of`, { name }),
          onclick: () => this.asked(one, criterion, appeal),
        },
        t(key),
      );
    const acts = [
      this.may.override ? button("quality.decide", false) : null,
      appealable ? button("quality.appeal", true) : null,
    ].filter(Boolean);
    return acts.length ? h("div", { class: "row tight" }, acts) : null;
  }

  /** The place of an event in the call: of what is told there, or last before it. @param {number} seq */
  at(seq) {
    const row = this.rows.reduce(
      (/** @type {import("./timeline.js").Row | null} */ found, one) =>
        one.seq <= seq && (found === null || one.seq > found.seq) ? one : found,
      null,
    );
    const seconds = Math.max(0, row?.from ?? 0);
    const label = clock(seconds);
    return h(
      "button",
      {
        type: "button",
        class: "when tabular",
        "aria-label": t("replay.go_to", { at: label }),
        onclick: () => this.tell("seek", seconds),
      },
      label,
    );
  }

  /** @param {Judged} one @param {Criterion} criterion @param {boolean} appeal */
  asked(one, criterion, appeal) {
    if (!this.reason || !this.verdict || !this.choice || !this.heading || !this.refused) return;
    this.about = { rubric: one.rubric, criterion: criterion.id, appeal };
    this.reason.value = "";
    this.verdict.value = criterion.verdict === "met" ? "missed" : "met";
    this.choice.hidden = appeal;
    const name = nameIn(criterion.name, locale()) || criterion.id;
    setText(this.heading, t(appeal ? "quality.appeal.of" : "quality.decide.of", { name }));
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
      this.show({ call: this.call, rows: this.rows, ...judged });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(/** @type {Element} */ (this.refused), told(error));
    }
  }
}

customElements.define("call-quality", Quality);
