/**
 * What happened in a call, said in words: one line for each kind of event that is no utterance.
 *
 * @module
 */

import { duration, languageName, number, percent } from "../common/format.js";
import { has, named, t } from "../common/i18n.js";

/** What stands for what an event does not say. */
const MISSING = { words: "", error: "", seconds: "–", waited: "–", intent: "–", probability: "–", score: "–" };

/**
 * A note as a line of text. A kind that nobody has words for is shown by its name, for what happened must not be hidden.
 *
 * @param {import("./timeline.js").Note} note
 * @param {{queues: any[]}} choices
 * @returns {string}
 */
export function noteText({ kind, payload }, choices) {
  const key = `note.${kind}`;
  return has(key)
    ? t(key, { ...places(payload), queue: queueName(choices, payload.queue) })
    : [kind, ...plain(payload)].join(" · ");
}

/**
 * Names of the ledger's own in the language of the page: reasons, ends, modes.
 *
 * @param {string} area
 * @param {unknown} value
 */
export function word(area, value) {
  const text = value === null || value === undefined ? "" : String(value);
  return has(`${area}.${text}`) ? t(`${area}.${text}`) : text;
}

/** A queue's name in the language of the page. @param {{queues: any[]}} choices @param {string | null} id */
export function queueName({ queues }, id) {
  return id ? named(queues.find((one) => one.id === id)?.name) || id : "";
}

/** What the outcome of a case is called. @param {{dispositions: any[]}} choices @param {string | null} id */
export function dispositionName({ dispositions }, id) {
  return id ? named(dispositions.find((one) => one.id === id)?.name) || id : "";
}

/** @param {Record<string, any>} payload @returns {Record<string, string>} */
function places(payload) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const [name, value] of Object.entries(payload)) {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      found[name] = String(value);
  }
  if (payload.before) found.before = languageName(payload.before);
  if (payload.after) found.after = languageName(payload.after);
  for (const name of ["waited", "seconds"]) {
    if (typeof payload[name] === "number") found[name] = duration(payload[name]);
  }
  for (const name of ["confidence", "probability"]) {
    if (typeof payload[name] === "number") found[name] = percent(payload[name]);
  }
  if (typeof payload.attempts === "number") found.attempts = number(payload.attempts);
  return {
    ...MISSING,
    who: payload.name || payload.agent || payload.by || "",
    name: payload.action ?? "",
    ...found,
    reason: word("reason", payload.reason),
    mode: word("mode", payload.mode),
    verdict: word("verdict", payload.verdict),
    owner: word("speaker", payload.owner),
    role: word("speaker", payload.role ?? "agent"),
  };
}

/** @param {Record<string, any>} payload */
function plain(payload) {
  return Object.entries(payload)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && value !== "")
    .slice(0, 4)
    .map(([name, value]) => `${name}: ${value}`);
}
