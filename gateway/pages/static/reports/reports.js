/**
 * Reports: all figures, or one of them told apart by something. The address holds the days, the filters and the figure, so
 * that a report can be kept and sent to somebody else.
 *
 * @module
 */

import { get } from "../common/api.js";
import { h, setText } from "../common/element.js";
import "../common/entrance.js";
import { startLocale, t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import "../common/pages.js";
import "../common/preferences.js";
import "./detail.js";
import { fileAddress, fromAddress, toAddress, toQuery, viewOf } from "./filters.js";
import "./search.js";
import "./tiles.js";
import "./topics.js";

/** Longer than the server counts for, so that it is the server who says that there is too much. */
const PATIENCE = 25_000;

await startLocale("desk", "calls", "reports");

const entrance = /** @type {any} */ (h("aicc-entrance"));
const search = /** @type {any} */ (h("report-search"));
const tiles = /** @type {any} */ (h("report-tiles"));
const detail = /** @type {any} */ (h("report-detail", { hidden: true }));
const topics = /** @type {any} */ (h("report-topics"));
const rulesSaid = h("p", { class: "muted small" });
const whole = h("a", { class: "button small", download: "", "data-t": "file.all" });
const overview = h(
  "div",
  { class: "stack" },
  h("div", { class: "spread" }, rulesSaid, whole),
  tiles,
  topics,
);
const reports = h("div", { class: "stack reports" }, h("h1", { class: "visually-hidden", "data-t": "page.reports" }), search, overview, detail);
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));

let filters = fromAddress(location.search, new Date());
/** @type {any} */
let rules = null;
/** @type {any} */
let choices = { queues: [], lines: [], agents: [], languages: [] };
/** @type {AbortController | null} */
let asking = null;
/** What the overview shows, as a question. */
let shown = "";

search.addEventListener("search", (/** @type {CustomEvent} */ event) => {
  filters = event.detail;
  go(viewOf(location.search), true);
});
for (const part of [tiles, detail]) {
  part.addEventListener("look", (/** @type {CustomEvent} */ event) => go(event.detail));
}
detail.addEventListener("back", () => go({ kpi: null, by: "day" }));
topics.addEventListener("topics", (/** @type {CustomEvent} */ event) => void findTopics(event.detail));
entrance.addEventListener("again", () => void show());
addEventListener("popstate", () => {
  filters = fromAddress(location.search, new Date());
  search.show(filters);
  void show();
});
document.addEventListener("localechange", named);
main.append(entrance, reports);
entrance.kept = [reports];
translate();
search.show(filters);
await show();

/** @param {import("./filters.js").View} view @param {boolean} [instead] */
function go(view, instead = false) {
  const address = toAddress(filters, view);
  if (instead) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  void show();
}

/** Show what the address says. */
async function show() {
  const view = viewOf(location.search);
  asking?.abort();
  const mine = (asking = new AbortController());
  const question = JSON.stringify(toQuery(filters));
  reports.setAttribute("aria-busy", "true");
  await entrance.guard(async () => {
    if (shown !== question) {
      const told = await get("/v1/reports", { query: toQuery(filters), signal: mine.signal, patience: PATIENCE });
      ({ rules, choices } = told);
      shown = question;
      search.offer(choices);
      tiles.show({ figures: told.kpis, rules, filters });
      topics.show({ languages: choices.languages, language: null, found: null, days: daysOf(filters) });
      announce(t("reports.shown"));
    }
    if (view.kpi !== null) {
      const path = `/v1/reports/${encodeURIComponent(view.kpi)}`;
      const query = { ...toQuery(filters), by: view.by };
      const figure = await get(path, { query, signal: mine.signal, patience: PATIENCE });
      detail.show({ figure, by: view.by, rules, choices, filters });
    }
    overview.hidden = view.kpi !== null;
    detail.hidden = view.kpi === null;
    named();
  }, mine.signal);
  if (mine.signal.aborted) return;
  reports.removeAttribute("aria-busy");
  if (view.kpi !== null && !detail.hidden) queueMicrotask(() => detail.heading?.focus());
}

/** @param {string} language */
async function findTopics(language) {
  topics.show({ language, busy: true });
  await entrance.guard(async () => {
    const query = { ...toQuery(filters), language };
    topics.show({ found: await get("/v1/reports/topics", { query, patience: 180_000 }) });
  });
  topics.show({ busy: false });
}

/** Every day of a report. @param {import("./filters.js").Filters} asked @returns {string[]} */
function daysOf({ from, to }) {
  const days = [];
  for (let at = Date.parse(from); at <= Date.parse(to) && days.length < 400; at += 86_400_000) {
    days.push(new Date(at).toISOString().slice(0, 10));
  }
  return days;
}

function named() {
  const { kpi } = viewOf(location.search);
  document.title = [kpi && t(`kpi.${kpi}`), t("page.reports"), t("product")].filter(Boolean).join(" · ");
  whole.setAttribute("href", fileAddress(filters, { kpi: null, by: "day" }, "excel"));
  setText(
    rulesSaid,
    rules
      ? t("reports.rules", {
          zone: rules.time_zone,
          goal: rules.answer_within_otherwise,
          days: rules.repeat_days,
          seconds: rules.silence_seconds,
        })
      : "",
  );
}
