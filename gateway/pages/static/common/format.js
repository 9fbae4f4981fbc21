/**
 * Numbers, times and durations as people of the page's language write them.
 *
 * @module
 */

import { locale } from "./i18n.js";

/** @type {Map<string, any>} */
const made = new Map();

/**
 * A formatter, made once for a language: making one costs more than all that it writes.
 *
 * @template T
 * @param {new (locale: string, options: any) => T} kind
 * @param {object} options
 * @returns {T}
 */
function formatter(kind, options) {
  const key = `${locale()} ${kind.name} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new kind(locale(), options));
  return made.get(key);
}

/** `1,234` @param {number} value @param {Intl.NumberFormatOptions} [options] */
export function number(value, options = {}) {
  return formatter(Intl.NumberFormat, options).format(value);
}

/** A share as `82%`. @param {number | null | undefined} share 0 to 1 @param {number} [digits] */
export function percent(share, digits = 0) {
  if (share === null || share === undefined) return "–";
  return formatter(Intl.NumberFormat, { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A clock that runs: `0:07`, `12:34`, `1:02:03`. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** A duration in words: `2 min 5 sec`, `2분 5초`. @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    ["hour", Math.floor(whole / 3600)],
    ["minute", Math.floor(whole / 60) % 60],
    ["second", whole % 60],
  ].filter(([, value]) => value);
  if (parts.length === 0) parts.push(["second", 0]);
  return parts
    .slice(0, 2)
    .map(([unit, value]) => number(/** @type {number} */ (value), { style: "unit", unit: String(unit), unitDisplay: "short" }))
    .join(" ");
}

/** The time of day, `14:05:09`. @param {string | Date} at */
export function time(at) {
  return formatter(Intl.DateTimeFormat, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(
    new Date(at),
  );
}

/** Day and time. @param {string | Date} at */
export function dateTime(at) {
  return formatter(Intl.DateTimeFormat, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** A day. @param {string | Date} at */
export function date(at) {
  return formatter(Intl.DateTimeFormat, { dateStyle: "medium" }).format(new Date(at));
}

/** How long ago: `3 minutes ago`. @param {string | Date} at @param {number} [now] milliseconds */
export function ago(at, now = Date.now()) {
  const seconds = Math.round((new Date(at).getTime() - now) / 1000);
  const size = Math.abs(seconds);
  const [unit, one] = size < 60 ? ["second", 1] : size < 3600 ? ["minute", 60] : size < 86_400 ? ["hour", 3600] : ["day", 86_400];
  return formatter(Intl.RelativeTimeFormat, { numeric: "auto" }).format(
    Math.round(seconds / Number(one)),
    /** @type {Intl.RelativeTimeFormatUnit} */ (unit),
  );
}

/** Names in a row: `A, B and C`. @param {string[]} names */
export function list(names) {
  return formatter(Intl.ListFormat, { type: "conjunction" }).format(names);
}

/** What a language is called: `Korean`, `영어`. @param {string} code */
export function languageName(code) {
  return formatter(Intl.DisplayNames, { type: "language" }).of(code) ?? code;
}
