/**
 * Which judgements are looked for, as the page's address keeps it, and as the server is asked for it. Pure.
 *
 * @module
 */

import { empty, given, inAddress, inMoments, lastDays } from "../common/filters.js";

/** @typedef {"from" | "to" | "rubric" | "agent" | "standing"} Field */
/** @typedef {Record<Field, string>} Filters */

/** @type {readonly Field[]} */
export const FIELDS = ["from", "to", "rubric", "agent", "standing"];

/** How a judgement can stand. */
export const STANDINGS = /** @type {const} */ (["passed", "failed", "objected"]);

/** Days that nobody has narrowed: what is objected to may be some weeks old. */
const DAYS = 28;

/** The last days, and nothing else. @param {Date} now @returns {Filters} */
export function fresh(now) {
  return { ...empty(FIELDS), ...lastDays(now, DAYS) };
}

/** The filters of an address; the days of `fresh` where it has none. @param {string} query @param {Date} now @returns {Filters} */
export function fromAddress(query, now) {
  return { ...fresh(now), ...inAddress(FIELDS, query) };
}

/** The address of filters, with the contact that is open, if one is. @param {Filters} filters @param {string | null} [call] */
export function toAddress(filters, call = null) {
  return `?${new URLSearchParams({ ...given(FIELDS, filters), ...(call === null ? {} : { call }) })}`;
}

/** What the server is asked. @param {Filters} filters @returns {Record<string, string>} */
export function toQuery(filters) {
  return inMoments(given(FIELDS, filters));
}
