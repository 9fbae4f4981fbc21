/**
 * Why the bot said what it said: the decision with its confidence, the signals that made it, its sources and timings.
 *
 * @module
 */

import { h } from "../common/element.js";
import { number, percent } from "../common/format.js";
import { has, t } from "../common/i18n.js";

const LOOKS = { answer: "ok", clarify: "warn", act: "info", escalate: "danger", converse: "" };

/**
 * A decision that unfolds. What is in it is made when it is opened for the first time: a long call has thousands.
 *
 * @param {import("./timeline.js").Decision} decision
 * @returns {HTMLElement}
 */
export function decisionDetails(decision) {
  const { citations, confidence } = decision;
  const name = has(`decision.${decision.decision}`) ? t(`decision.${decision.decision}`) : decision.decision;
  const details = h(
    "details",
    { class: "decision" },
    h(
      "summary",
      {},
      h("span", { class: `badge ${LOOKS[/** @type {keyof typeof LOOKS} */ (decision.decision)] ?? ""}` }, name),
      h("span", { class: "muted small" }, t("decision.confidence", { share: percent(confidence) })),
      citations.length ? h("span", { class: "muted small" }, t("decision.sources", { count: citations.length })) : null,
    ),
  );
  details.addEventListener("toggle", () => details.append(reasons(decision)), { once: true });
  return details;
}

/** @param {import("./timeline.js").Decision} decision */
function reasons(decision) {
  const { citations, found, signals, release, model } = decision;
  const made = [t("decision.release", { release: release || t("unknown") }), model && t("decision.model", { model })];
  return h(
    "div",
    { class: "decision-body stack" },
    citations.length ? sources(citations) : null,
    found.length ? searched(found) : null,
    Object.keys(signals).length ? signalTable(signals) : null,
    times(decision),
    h("p", { class: "muted small" }, made.filter(Boolean).join(" · ")),
  );
}

/** @param {any[]} citations */
function sources(citations) {
  return h(
    "section",
    { class: "stack tight" },
    h("h4", { class: "label" }, t("decision.sources.title")),
    citations.map((citation) =>
      h(
        "figure",
        { class: "source" },
        h("blockquote", {}, citation.quote ?? ""),
        h(
          "figcaption",
          { class: "muted small" },
          [citation.title, citation.document, citation.passage].filter(Boolean).join(" · "),
        ),
      ),
    ),
  );
}

/** What knowledge was found for the turn, used or not. @param {any[]} found */
function searched(found) {
  return h(
    "section",
    { class: "stack tight" },
    h("h4", { class: "label" }, t("decision.found")),
    h(
      "ol",
      { class: "small found" },
      found.map(({ id, document, score }) =>
        h(
          "li",
          {},
          h("span", { class: "mono" }, [document, id].filter(Boolean).join(" · ")),
          " ",
          h(
            "span",
            { class: "muted tabular" },
            typeof score === "number" ? number(score, { maximumFractionDigits: 3 }) : "",
          ),
        ),
      ),
    ),
  );
}

/** @param {Record<string, number>} signals */
function signalTable(signals) {
  return h(
    "section",
    { class: "stack tight" },
    h("h4", { class: "label" }, t("decision.signals")),
    h(
      "dl",
      { class: "signals" },
      Object.entries(signals).map(([name, value]) =>
        h(
          "div",
          {},
          h("dt", { class: "small mono" }, name),
          h(
            "dd",
            { class: "row tight" },
            h("meter", { min: 0, max: 1, value, "aria-label": name }),
            h("span", { class: "tabular small" }, number(value, { maximumFractionDigits: 3 })),
          ),
        ),
      ),
    ),
  );
}

/** @param {import("./timeline.js").Decision} decision */
function times({ stages, timings, latency }) {
  const known = Object.entries(Object.keys(stages).length ? stages : timings);
  if (known.length === 0 && latency === null) return null;
  const named = known.map(
    ([name, seconds]) => `${has(`stage.${name}`) ? t(`stage.${name}`) : name} ${milliseconds(seconds)}`,
  );
  return h(
    "section",
    { class: "stack tight" },
    h("h4", { class: "label" }, t("decision.timings")),
    h("p", { class: "small tabular" }, named.join(" · ")),
  );
}

/** @param {number} seconds */
function milliseconds(seconds) {
  return number(seconds * 1000, { style: "unit", unit: "millisecond", unitDisplay: "short", maximumFractionDigits: 0 });
}
