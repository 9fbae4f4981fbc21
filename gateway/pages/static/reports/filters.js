/**
 * Which contacts a report is about, as a person puts it, as the page's address keeps it, and as the server is asked for it;
 * and the addresses of what stands behind a figure. Pure.
 *
 * Days are the tenant's and are never made moments here: whoever looks from another time zone sees the same report.
 *
 * @module
 */

import { empty, given, inAddress, lastDays } from "../common/filters.js";

/** @typedef {"from" | "to" | "queue" | "line" | "language" | "agent"} Field */
/** @typedef {Record<Field, string>} Filters */
/** @typedef {{kpi: string | null, by: string}} View what is looked at: all figures, or one told apart by something */

/** @type {readonly Field[]} */
export const FIELDS = ["from", "to", "queue", "line", "language", "agent"];

/** What a figure is told apart by, in the order in which it is offered. */
export const KEYS = /** @type {const} */ (["day", "hour", "queue", "line", "language", "agent", "part"]);

/** Keys that calls can be found by. @type {Record<string, (key: string) => Record<string, string>>} */
const NARROWED = {
  day: (key) => ({ from: key, to: key }),
  queue: (key) => ({ queue: key }),
  line: (key) => ({ line: key }),
  language: (key) => ({ language: key }),
  agent: (key) => ({ agent: key }),
  part: (key) => ({ part: key }),
};

/** Days of a report that nobody has narrowed. */
const DAYS = 7;

/** The last days, and nothing else. @param {Date} now @returns {Filters} */
export function fresh(now) {
  return { ...empty(FIELDS), ...lastDays(now, DAYS) };
}

/** The filters of an address; the days of `fresh` where it has none. @param {string} query @param {Date} now @returns {Filters} */
export function fromAddress(query, now) {
  return { ...fresh(now), ...inAddress(FIELDS, query) };
}

/** What an address looks at. @param {string} query @returns {View} */
export function viewOf(query) {
  const parameters = new URLSearchParams(query);
  const by = parameters.get("by") ?? "";
  return { kpi: parameters.get("kpi"), by: KEYS.some((known) => known === by) ? by : "day" };
}

/** The address of a report. @param {Filters} filters @param {View} [view] @returns {string} */
export function toAddress(filters, view = { kpi: null, by: "day" }) {
  const looked = view.kpi === null ? {} : { kpi: view.kpi, by: view.by };
  return `?${new URLSearchParams({ ...toQuery(filters), ...looked })}`;
}

/** What the server is asked. @param {Filters} filters @returns {Record<string, string>} */
export function toQuery(filters) {
  return given(FIELDS, filters);
}

/**
 * The address of the calls behind a number; null where calls cannot be found by its key.
 *
 * @param {Filters} filters
 * @param {string} kpi
 * @param {{counted?: "all" | "yes" | "no", by?: string, key?: string | null}} [which]
 * @returns {string | null}
 */
export function callsAddress(filters, kpi, { counted = "all", by, key } = {}) {
  const narrow = by === undefined ? () => ({}) : NARROWED[by];
  if (narrow === undefined || key === null) return null;
  return `/calls?${new URLSearchParams({ ...toQuery(filters), ...narrow(key ?? ""), kpi, counted })}`;
}

/**
 * The address of a report as a file: the same question as the page asks.
 *
 * @param {Filters} filters
 * @param {View} view
 * @param {"csv" | "excel" | "parquet"} form `excel`: a CSV that begins with a byte order mark
 * @returns {string}
 */
export function fileAddress(filters, { kpi, by }, form) {
  const format = form === "parquet" ? { format: form } : { format: "csv", bom: String(form === "excel") };
  const path = kpi === null ? "/v1/reports/table" : `/v1/reports/${encodeURIComponent(kpi)}/table`;
  return `${path}?${new URLSearchParams({ ...toQuery(filters), by, ...format })}`;
}
