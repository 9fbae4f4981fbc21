/**
 * Figures and what they are told apart by, as people of the page's language write them.
 *
 * @module
 */

import { duration, languageName, number, percent } from "../common/format.js";
import { has, locale, named, t } from "../common/i18n.js";

/**
 * @typedef {{kpi: string, unit: string, group: string, parts: boolean, total: Amount, rows: Row[], by?: string}} Figure
 * @typedef {{numerator: number, denominator: number, contacts: number, provisional: number, value: number | null}} Amount
 * @typedef {Amount & {key: string | null}} Row
 * @typedef {{queues: any[], lines: any[], agents: any[], languages: string[]}} Choices
 * @typedef {{time_zone: string, answer_within: Record<string, number>, answer_within_otherwise: number,
 *   repeat_days: number, silence_seconds: number, satisfied_from: number, currency: string | null}} Rules
 */

/** A figure as it is read out; a dash where there is none. @param {string} unit @param {number | null} value @param {Rules | null} rules */
export function figure(unit, value, rules) {
  if (value === null) return "–";
  if (unit === "share") return percent(value, 1);
  if (unit === "seconds") return value < 10 ? t("value.seconds", { seconds: number(value, { maximumFractionDigits: 1 }) }) : duration(value);
  if (unit === "money" && rules?.currency)
    return number(value, { style: "currency", currency: rules.currency });
  return number(value, { maximumFractionDigits: 2 });
}

/** What stands above or below the line of a figure. @param {string} unit @param {number} amount @param {Rules | null} rules */
export function numerator(unit, amount, rules) {
  return unit === "share" || unit === "score" ? number(amount, { maximumFractionDigits: 1 }) : figure(unit, amount, rules);
}

/** What a row is about. @param {string} by @param {string | null} key @param {Choices} choices @returns {string} */
export function keyName(by, key, choices) {
  if (key === null) return t(`none.${by}`);
  if (by === "day") return dayName(key);
  if (by === "hour") return t("value.hour", { hour: Number(key) });
  if (by === "queue") return named(choices.queues.find((one) => one.id === key)?.name) || key;
  if (by === "line") return choices.lines.find((one) => one.id === key)?.name ?? key;
  if (by === "agent") return choices.agents.find((one) => one.id === key)?.name ?? key;
  if (by === "language") return languageName(key);
  return has(`part.${key}`) ? t(`part.${key}`) : key;
}

/** A day of somebody else's time zone, which has no moments here: `Fri, Nov 20`. @param {string} key */
export function dayName(key) {
  const options = /** @type {const} */ ({ weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  return new Intl.DateTimeFormat(locale(), options).format(new Date(`${key}T00:00:00Z`));
}
