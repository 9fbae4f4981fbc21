/**
 * `<wall-totals>` and `<wall-queues>`: how much waits, how long, and how well it is kept up with.
 *
 * @module
 */

import { factsOf, h, reconcile, setText } from "../common/element.js";
import { duration, number, percent } from "../common/format.js";
import { named, t } from "../common/i18n.js";
import { BoardElement } from "./board.js";
import "./since.js";
import { totals } from "./state.js";

const TOTALS = /** @type {const} */ (["waiting", "oldest", "available", "talking", "calls", "falling"]);

class Totals extends BoardElement {
  build() {
    this.values = Object.fromEntries(
      TOTALS.map((name) => [
        name,
        name === "oldest" ? h("aicc-since", { class: "figure" }) : h("dd", { class: "figure" }),
      ]),
    );
    this.labels = Object.fromEntries(TOTALS.map((name) => [name, h("dt", { class: "label" })]));
    return h(
      "dl",
      { class: "totals" },
      TOTALS.map((name) =>
        h(
          "div",
          { class: "total", "data-total": name },
          this.labels?.[name],
          name === "oldest" ? h("dd", {}, this.values?.[name]) : this.values?.[name],
        ),
      ),
    );
  }

  refresh() {
    const found = totals(this.board.wall);
    for (const name of TOTALS) {
      const value = this.values?.[name];
      const label = this.labels?.[name];
      if (!value || !label) continue;
      setText(label, t(`totals.${name}`));
      if (name === "oldest") value.setAttribute("at", found.oldest ?? "");
      else setText(value, number(Number(found[name])));
    }
    this.querySelector("[data-total=falling]")?.classList.toggle("alarm", found.falling > 0);
  }
}

customElements.define("wall-totals", Totals);

/** The facts of a queue below its figures. */
const FACTS = /** @type {const} */ (["estimate", "answering", "answered", "abandoned"]);

class Queues extends BoardElement {
  build() {
    this.list = h("ul", { class: "queues", role: "list" });
    this.none = h("p", { class: "empty", "data-t": "queues.none" });
    return [this.list, this.none];
  }

  refresh() {
    const { queues } = this.board.wall;
    if (this.none) {
      this.none.hidden = queues.length > 0;
      setText(this.none, t("queues.none"));
    }
    if (this.list) reconcile(this.list, queues, ({ id }) => id, made, shown);
  }
}

/** @returns {HTMLElement} */
function made() {
  const facts = FACTS.map((name) =>
    h("div", {}, h("dt", { class: "label", "data-label": name }), h("dd", { "data-fact": name })),
  );
  return h(
    "li",
    { class: "card queue" },
    h("h3", { "data-fact": "name" }),
    h(
      "div",
      { class: "queue-now" },
      h(
        "p",
        {},
        h("span", { class: "label", "data-label": "waiting" }),
        h("strong", { class: "figure", "data-fact": "waiting" }),
      ),
      h(
        "p",
        {},
        h("span", { class: "label", "data-label": "oldest" }),
        h("aicc-since", { class: "figure", "data-fact": "oldest" }),
        h("span", { class: "late-word", "data-fact": "late" }),
      ),
    ),
    h(
      "div",
      { class: "level" },
      h(
        "p",
        { class: "spread" },
        h("span", { class: "label", "data-label": "level" }),
        h("strong", { "data-fact": "level" }),
      ),
      h("progress", { max: 1, "data-fact": "meter" }),
    ),
    h("dl", { class: "queue-facts" }, facts),
  );
}

/** @param {HTMLElement} element @param {import("./state.js").Queue} queue */
function shown(element, queue) {
  const at = factsOf(element);
  for (const label of element.querySelectorAll("[data-label]")) {
    setText(label, t(`queue.${/** @type {HTMLElement} */ (label).dataset.label}`));
  }
  setText(at("name"), named(queue.name) || queue.id);
  setText(at("waiting"), number(queue.waiting));
  at("oldest").setAttribute("at", queue.oldest_since ?? "");
  const goal = queue.answer_within;
  if (goal !== undefined) at("oldest").setAttribute("goal", String(goal));
  setText(at("late"), goal === undefined ? "" : t("queue.late", { goal: duration(goal) }));
  setText(
    at("level"),
    queue.service_level === null || queue.service_level === undefined ? t("unknown") : percent(queue.service_level),
  );
  const meter = /** @type {HTMLProgressElement} */ (at("meter"));
  meter.value = queue.service_level ?? 0;
  meter.setAttribute("aria-label", t("queue.level"));
  meter.dataset.level = level(queue.service_level);
  setText(at("estimate"), estimated(queue.estimate));
  setText(at("answering"), number(queue.answering));
  setText(at("answered"), number(queue.answered_today ?? 0));
  setText(at("abandoned"), number(queue.abandoned_today ?? 0));
}

/** @param {import("./state.js").Estimate | undefined} estimate */
function estimated(estimate) {
  if (estimate === undefined || estimate.seconds === null)
    return t("queue.estimate.unknown", { count: estimate?.sample ?? 0 });
  return t("queue.estimate.known", { wait: duration(estimate.seconds), count: estimate.sample });
}

/** @param {number | null | undefined} share */
function level(share) {
  if (share === null || share === undefined) return "unknown";
  return share >= 0.8 ? "good" : share >= 0.6 ? "fair" : "poor";
}

customElements.define("wall-queues", Queues);
