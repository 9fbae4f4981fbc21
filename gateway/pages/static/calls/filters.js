/**
 * A search as a person puts it, as the page's address keeps it, and as the server is asked for it. Pure.
 *
 * @module
 */

import { empty, given, inAddress, inMoments, lastDays } from "../common/filters.js";

/** @typedef {"from" | "to" | "text" | "caller" | "agent" | "queue" | "disposition" | "language"} Field */
/** @typedef {Record<Field, string>} Filters */

/** @type {readonly Field[]} */
export const FIELDS = ["from", "to", "text", "caller", "agent", "queue", "disposition", "language"];

/** Days of a search that nobody has narrowed. */
const DAYS = 7;

/** The last days, and nothing else. @param {Date} now @returns {Filters} */
export function fresh(now) {
  return { ...empty(FIELDS), ...lastDays(now, DAYS) };
}

/** The filters of an address; `fresh` where it has none. @param {string} query @param {Date} now @returns {Filters} */
export function fromAddress(query, now) {
  const asked = inAddress(FIELDS, query);
  return Object.keys(asked).length === 0 ? fresh(now) : { ...empty(FIELDS), ...asked };
}

/**
 * The address of filters, with the call that is open, if one is, and what else it names.
 *
 * @param {Filters} filters
 * @param {string | null} [call]
 * @param {Record<string, string>} [more]
 * @returns {string}
 */
export function toAddress(filters, call = null, more = {}) {
  const parameters = new URLSearchParams([
    ...FIELDS.filter((name) => filters[name] !== "").map((name) => [name, filters[name]]),
    ...Object.entries(more),
  ]);
  if (call !== null) parameters.set("call", call);
  const query = String(parameters);
  return query ? `?${query}` : "?";
}

/**
 * What the server is asked: days become moments of this browser's time zone, the last day included.
 *
 * @param {Filters} filters
 * @returns {Record<string, string>}
 */
export function toQuery(filters) {
  return inMoments(given(FIELDS, filters));
}
