/**
 * A search as a person puts it, as the page's address keeps it, and as the server is asked for it. Pure.
 *
 * @module
 */

/** @typedef {"from" | "to" | "text" | "caller" | "agent" | "queue" | "disposition" | "language"} Field */
/** @typedef {Record<Field, string>} Filters */

/** @type {readonly Field[]} */
export const FIELDS = ["from", "to", "text", "caller", "agent", "queue", "disposition", "language"];

/** Days of a search that nobody has narrowed. */
const DAYS = 7;

/** The last days, and nothing else. @param {Date} now @returns {Filters} */
export function fresh(now) {
  const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS + 1);
  return { ...empty(), from: day(from), to: day(now) };
}

/** The filters of an address; `fresh` where it has none. @param {string} query @param {Date} now @returns {Filters} */
export function fromAddress(query, now) {
  const parameters = new URLSearchParams(query);
  const named = FIELDS.filter((name) => parameters.has(name));
  if (named.length === 0) return fresh(now);
  return { ...empty(), ...Object.fromEntries(named.map((name) => [name, parameters.get(name) ?? ""])) };
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
  const asked = Object.fromEntries(
    FIELDS.filter((name) => filters[name].trim() !== "").map((name) => [name, filters[name].trim()]),
  );
  if (asked.from) asked.from = moment(asked.from, 0);
  if (asked.to) asked.to = moment(asked.to, 1);
  return asked;
}

/** @returns {Filters} */
function empty() {
  return /** @type {Filters} */ (Object.fromEntries(FIELDS.map((name) => [name, ""])));
}

/** @param {Date} at */
function day(at) {
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The beginning of a day, or of the one so many days later. @param {string} text @param {number} later */
function moment(text, later) {
  const [year, month, date] = text.split("-").map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
