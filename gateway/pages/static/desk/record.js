/**
 * The page of the customer's record in the enterprise's own system: its address, made of a template that the agent
 * chose.
 *
 * Refuses: addresses that are no web addresses, and ones that something is missing from.
 */
import { preferences } from "./preferences.js";

/**
 * The address of the customer's record: `{call}`, `{item}`, `{queue}`, `{language}`, `{caller}` and what is known
 * (`{known.order_id}`) stand for the call's own values. None if the template is not an http(s) address or asks for what
 * is not there.
 * @param {string} template @param {Record<string, unknown>} values @param {Record<string, unknown>} known
 * @returns {URL | null}
 */
export function screenPop(template, values, known = {}) {
  let complete = true;
  const filled = template.trim().replace(/\{([a-z_.]+)\}/g, (_, name) => {
    const value = name.startsWith("known.") ? known[name.slice(6)] : values[name];
    if (value === undefined || value === null || value === "") complete = false;
    return encodeURIComponent(String(value ?? ""));
  });
  if (!complete || !URL.canParse(filled)) return null;
  const url = new URL(filled);
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
}

/** The record's address for the call at hand; none without a template. @param {import("./store.js").Desk} desk */
export function recordOf(desk) {
  const card = desk.contact?.card;
  const template = preferences().pop;
  if (!card || !template) return null;
  const values = {
    call: card.call,
    item: desk.item?.item,
    queue: card.queue,
    language: card.language,
    caller: card.caller,
  };
  return screenPop(template, values, { ...card.summary?.known, ...card.slots });
}
