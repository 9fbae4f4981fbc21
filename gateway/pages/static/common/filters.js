/**
 * What searches of pages have in common: fields of text that the page's address keeps, and days that a person means. Pure.
 *
 * @module
 */

/** The first and the last day of so many, the last of which is today here. @param {Date} now @param {number} days */
export function lastDays(now, days) {
  return { from: day(new Date(now.getFullYear(), now.getMonth(), now.getDate() - days + 1)), to: day(now) };
}

/**
 * Filters that ask for nothing.
 *
 * @template {string} Field
 * @param {readonly Field[]} fields
 * @returns {Record<Field, string>}
 */
export function empty(fields) {
  return /** @type {Record<Field, string>} */ (Object.fromEntries(fields.map((name) => [name, ""])));
}

/**
 * The filters that an address names, in their order; those it has no value for are left out.
 *
 * @template {string} Field
 * @param {readonly Field[]} fields
 * @param {string} query
 * @returns {Partial<Record<Field, string>>}
 */
export function inAddress(fields, query) {
  const parameters = new URLSearchParams(query);
  const named = fields.filter((name) => parameters.get(name));
  return /** @type {any} */ (Object.fromEntries(named.map((name) => [name, parameters.get(name)])));
}

/**
 * Those filters that ask for something, without spaces around it.
 *
 * @template {string} Field
 * @param {readonly Field[]} fields
 * @param {Record<Field, string>} filters
 * @returns {Record<string, string>}
 */
export function given(fields, filters) {
  return Object.fromEntries(fields.map((name) => [name, filters[name].trim()]).filter(([, value]) => value !== ""));
}

/**
 * The same with its days as moments of this browser's time zone, the last day included.
 *
 * @param {Record<string, string>} asked
 * @returns {Record<string, string>}
 */
export function inMoments({ from, to, ...asked }) {
  return { ...(from && { from: moment(from, 0) }), ...(to && { to: moment(to, 1) }), ...asked };
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
