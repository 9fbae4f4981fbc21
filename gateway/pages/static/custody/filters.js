/**
 * What the page shows, as its address keeps it: which view, what is looked for in it, and the receipt that is open; and
 * what the server is asked. Pure.
 *
 * @module
 */

import { empty, given, inAddress, inMoments } from "../common/filters.js";

/** @typedef {"holds" | "receipts" | "retention" | "audit"} View */
/** @typedef {Record<string, string>} Filters */
/** @typedef {{view: View, filters: Filters, receipt: string | null}} Place */

/** @type {readonly View[]} */
export const VIEWS = ["holds", "receipts", "retention", "audit"];

/** What is looked for in each view. @type {Record<View, readonly string[]>} */
export const FIELDS = {
  holds: ["contact", "state"],
  receipts: ["contact", "from", "to", "by"],
  retention: [],
  audit: ["who", "what", "from", "to"],
};

/** On whose word a contact was erased. */
export const ASKED_BY = /** @type {const} */ (["caller", "api", "command", "retention"]);

/** Filters of a view that nobody has narrowed. @param {View} view @returns {Filters} */
export function fresh(view) {
  return empty(FIELDS[view]);
}

/** What an address means; what it does not say is the first view, and nothing looked for. @param {string} query @returns {Place} */
export function fromAddress(query) {
  const asked = new URLSearchParams(query);
  const view = VIEWS.find((known) => known === asked.get("view")) ?? VIEWS[0];
  const receipt = view === "receipts" ? asked.get("receipt") : null;
  return { view, filters: { ...fresh(view), ...inAddress(FIELDS[view], query) }, receipt };
}

/** The address of a place. @param {View} view @param {Filters} [filters] @param {string | null} [receipt] */
export function toAddress(view, filters = fresh(view), receipt = null) {
  const shown = { view, ...given(FIELDS[view], filters), ...(receipt === null ? {} : { receipt }) };
  return `?${new URLSearchParams(shown)}`;
}

/** What the server is asked. @param {View} view @param {Filters} filters @returns {Record<string, string>} */
export function toQuery(view, filters) {
  const { state, ...asked } = given(FIELDS[view], filters);
  return inMoments({ ...asked, ...(state === "all" ? { released: "true" } : {}) });
}
