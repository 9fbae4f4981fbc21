/**
 * `<call-details>`: beside the transcript of a call: its facts, hand-overs with what was handed over, actions, and who took
 * part or listened. Tells `seek` with the seconds.
 *
 * @module
 */

import { ApiError, post } from "../common/api.js";
import { AiccElement, h, setText } from "../common/element.js";
import { clock, dateTime, duration, languageName, list } from "../common/format.js";
import { t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { told } from "../common/entrance.js";
import { dispositionName, queueName, word } from "./notes.js";

const OUTCOMES = {
  succeeded: "ok",
  failed: "danger",
  unknown: "warn",
  declined: "",
  proposed: "",
  confirmed: "info",
  started: "info",
};

class Details extends AiccElement {
  /** @type {any} */
  record = null;
  /** @type {import("./timeline.js").Replay | null} */
  replay = null;
  /** @type {{queues: any[], dispositions: any[]}} */
  choices = { queues: [], dispositions: [] };
  /** @type {string | null} */
  revealed = null;

  build() {
    this.body = h("div", { class: "stack" });
    this.reason = /** @type {HTMLInputElement} */ (
      h("input", {
        class: "input",
        id: "reveal-reason",
        required: true,
        minlength: 3,
        maxlength: 400,
        autocomplete: "off",
      })
    );
    this.ask = /** @type {HTMLDialogElement} */ (
      h(
        "dialog",
        { "aria-labelledby": "reveal-title" },
        h(
          "form",
          { class: "stack", onsubmit: (/** @type {Event} */ event) => void this.reveal(event) },
          h("h2", { id: "reveal-title" }),
          h("p", { class: "muted" }),
          h("div", { class: "field" }, h("label", { for: "reveal-reason" }), this.reason),
          h("p", { class: "field-error", role: "alert" }),
          h(
            "div",
            { class: "row" },
            h("button", { type: "submit", class: "button primary" }),
            h("button", { type: "button", class: "button", onclick: () => this.ask?.close() }),
          ),
        ),
      )
    );
    return [this.body, this.ask];
  }

  /** @param {{record: any, replay: import("./timeline.js").Replay}} shown */
  show(shown) {
    this.revealed = null;
    Object.assign(this, shown);
    this.changed();
  }

  refresh() {
    if (!this.record || !this.replay || !this.body) return;
    this.body.replaceChildren(
      this.section("details.facts", this.facts(this.record)),
      ...(this.replay.handOvers.length
        ? [this.section("details.handovers", ...this.replay.handOvers.map((one) => this.handOver(one)))]
        : []),
      ...(this.replay.actions.length
        ? [this.section("details.actions", ...this.replay.actions.map((one) => this.action(one)))]
        : []),
      ...(this.replay.people.length
        ? [this.section("details.people", ...this.replay.people.map((one) => this.person(one)))]
        : []),
    );
    const [title, why, label, , go, no] = [
      "#reveal-title",
      "form > p.muted",
      "label",
      ".field-error",
      "[type=submit]",
      "[type=button]",
    ].map((part) => this.ask?.querySelector(part));
    for (const [element, key] of [
      [title, "reveal.title"],
      [why, "reveal.why"],
      [label, "reveal.reason"],
      [go, "reveal.go"],
      [no, "cancel"],
    ]) {
      if (element instanceof Element) setText(element, t(String(key)));
    }
  }

  /** @param {string} title @param {...HTMLElement} children */
  section(title, ...children) {
    return h("section", { class: "card details-section" }, h("h2", {}, t(title)), children);
  }

  /** @param {any} record */
  facts(record) {
    const number = record.direction === "outbound" ? record.called : record.caller;
    const shown = h("span", { class: "tabular" }, this.revealed ?? number ?? t("list.withheld"));
    const button =
      number && this.revealed === null
        ? h("button", { type: "button", class: "button small quiet", onclick: () => this.asked() }, t("reveal.show"))
        : null;
    return pairs([
      ["list.caller", h("span", { class: "row tight" }, shown, button)],
      ["details.line", record.line],
      ["details.started", dateTime(record.started_at)],
      ["list.long", record.seconds === null ? t("list.live") : duration(record.seconds)],
      ["filter.language", languageName(record.language)],
      ["details.end", record.end_reason ? word("end", record.end_reason) : ""],
      ["list.queue", queueName(this.choices, record.queue)],
      ["filter.disposition", dispositionName(this.choices, record.disposition)],
      ["details.id", h("span", { class: "mono small" }, record.call)],
    ]);
  }

  /** @param {import("./timeline.js").HandOver} one */
  handOver(one) {
    const { summary } = one;
    const known = Object.entries(summary.known ?? {}).map(([name, value]) => `${name}: ${value}`);
    const [end, look] = this.ended(one);
    return h(
      "article",
      { class: "stack tight" },
      h("p", { class: "spread" }, h("strong", {}, word("reason", one.reason)), this.at(one.from)),
      h(
        "p",
        { class: "row tight" },
        h("span", { class: `badge ${look}` }, end),
        h("span", { class: "muted small" }, [queueName(this.choices, one.queue), ...one.skills].join(" · ")),
      ),
      summary.text ? h("p", { class: "inset small" }, summary.text) : null,
      pairs([
        ["handover.wish", summary.wish],
        ["handover.known", known.join(", ")],
        ["handover.tried", list(summary.tried ?? [])],
        ["handover.promised", list(summary.promised ?? [])],
      ]),
      one.offers.length
        ? h(
            "ul",
            { class: "small muted" },
            one.offers.map((offer) =>
              h(
                "li",
                {},
                [
                  t("handover.offered", { who: this.who(offer.agent), at: clock(Math.max(0, offer.from)) }),
                  word("why", offer.why),
                ]
                  .filter(Boolean)
                  .join(" · "),
              ),
            ),
          )
        : null,
    );
  }

  /**
   * How a hand-over ended, and how that looks.
   *
   * @param {import("./timeline.js").HandOver} one
   * @returns {[string, string]}
   */
  ended(one) {
    if (one.agent) {
      const wait = one.waited === null ? "–" : duration(one.waited);
      return [t("handover.accepted", { who: this.who(one.agent), wait }), "ok"];
    }
    if (one.end === "abandoned") return [t("handover.abandoned"), "danger"];
    return this.record.ended_at ? [t("handover.unanswered"), "danger"] : [t("handover.waits"), "warn"];
  }

  /** @param {import("./timeline.js").Action} one */
  action(one) {
    const look = OUTCOMES[/** @type {keyof typeof OUTCOMES} */ (one.outcome)] ?? "";
    const told = one.told === null ? "" : typeof one.told === "string" ? one.told : JSON.stringify(one.told, null, 1);
    return h(
      "article",
      { class: "stack tight" },
      h("p", { class: "spread" }, h("strong", { class: "mono" }, one.name), this.at(one.steps[0]?.from ?? 0)),
      h("p", {}, h("span", { class: `badge ${look}` }, word("action", one.outcome))),
      one.arguments
        ? pairs(
            Object.entries(one.arguments).map(([name, value]) => [
              name,
              typeof value === "object" ? JSON.stringify(value) : String(value),
            ]),
            true,
          )
        : null,
      told ? h("p", { class: "inset small mono" }, told) : null,
    );
  }

  /** @param {import("./timeline.js").Person} one */
  person(one) {
    return h(
      "article",
      { class: "stack tight" },
      h(
        "p",
        { class: "row tight" },
        h("strong", {}, one.name),
        h("span", { class: `badge plain ${one.role === "supervisor" ? "warn" : "ok"}` }, word("speaker", one.role)),
      ),
      h(
        "ul",
        { class: "modes small", role: "list" },
        one.modes.map((mode) =>
          h(
            "li",
            { class: "spread" },
            h("span", {}, word("mode", mode.mode)),
            h(
              "span",
              { class: "row tight" },
              this.at(mode.from),
              h("span", { class: "muted tabular" }, duration(mode.until - mode.from)),
            ),
          ),
        ),
      ),
    );
  }

  /** @param {number} seconds */
  at(seconds) {
    const label = clock(Math.max(0, seconds));
    return h(
      "button",
      {
        type: "button",
        class: "when tabular",
        "aria-label": t("replay.go_to", { at: label }),
        onclick: () => this.tell("seek", Math.max(0, seconds)),
      },
      label,
    );
  }

  /** @param {string} agent */
  who(agent) {
    return this.replay?.people.find(({ id }) => id === agent)?.name ?? agent;
  }

  asked() {
    if (this.reason) this.reason.value = "";
    setText(/** @type {Element} */ (this.ask?.querySelector(".field-error")), "");
    this.ask?.showModal();
  }

  /** @param {Event} event */
  async reveal(event) {
    event.preventDefault();
    const field = this.record.direction === "outbound" ? "called" : "caller";
    try {
      const { value } = await post("/v1/reveals", { call: this.record.call, field, reason: this.reason?.value.trim() });
      this.revealed = value;
      this.ask?.close();
      announce(t("reveal.done"));
      this.changed();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setText(/** @type {Element} */ (this.ask?.querySelector(".field-error")), told(error));
    }
  }
}

/**
 * Facts that are known.
 *
 * @param {any[][]} known
 * @param {boolean} [raw] whether the names are no keys of the catalogue
 */
function pairs(known, raw = false) {
  const told = known.filter(([, value]) => value);
  if (told.length === 0) return null;
  return h(
    "dl",
    { class: "facts" },
    told.map(([name, value]) => [h("dt", {}, raw ? name : t(name)), h("dd", {}, value)]),
  );
}

customElements.define("call-details", Details);
