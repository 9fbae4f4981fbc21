/**
 * Lines over days and bars over kinds, drawn by DOM calls. A table beside each says the same in words and leads on, so
 * that the drawing is decoration to whoever does not see it.
 *
 * @module
 */

import { svg } from "../common/icon.js";

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 56;
const BELOW = 26;
const ABOVE = 10;
const MOST_BARS = 24;

/** The width of a letter, about. */
const LETTER = 7;

/** @typedef {{label: string, value: number | null, provisional?: boolean}} Point */

/**
 * A scale that ends on a round number at or above the largest value, and the marks on it.
 *
 * @param {readonly (number | null)[]} values
 * @param {boolean} share at most 1
 * @returns {{top: number, marks: number[]}}
 */
export function scale(values, share) {
  const largest = Math.max(0, ...values.map((value) => value ?? 0));
  if (largest === 0) return { top: 1, marks: [0, 1] };
  const size = 10 ** Math.floor(Math.log10(largest));
  const round = [1, 2, 2.5, 5, 10].map((step) => step * size).find((step) => step >= largest * 0.999) ?? 10 * size;
  const top = share ? Math.min(1, round) : round;
  return { top, marks: [0, top / 2, top] };
}

/**
 * Stretches of neighbouring days that have a value: a day without one is a gap and not nought.
 *
 * @param {readonly Point[]} given
 * @param {number} top
 * @param {number} [width]
 * @param {number} [height]
 * @returns {{x: number, y: number, at: number}[][]}
 */
export function stretches(given, top, width = WIDTH, height = HEIGHT) {
  const apart = given.length > 1 ? (width - LEFT - 12) / (given.length - 1) : 0;
  /** @type {{x: number, y: number, at: number}[][]} */
  const found = [];
  let before = -2;
  given.forEach(({ value }, at) => {
    if (value === null) return;
    const x = given.length > 1 ? LEFT + at * apart : (LEFT + width) / 2;
    const y = ABOVE + (1 - value / top) * (height - ABOVE - BELOW);
    if (at !== before + 1) found.push([]);
    found.at(-1)?.push({ x, y, at });
    before = at;
  });
  return found;
}

/**
 * A figure day by day.
 *
 * @param {readonly Point[]} given
 * @param {(value: number) => string} say
 * @param {boolean} share
 * @returns {SVGElement}
 */
export function lineChart(given, say, share) {
  const { top, marks } = scale(given.map(({ value }) => value), share);
  const lines = stretches(given, top);
  return drawing(
    ...grid(marks, top, say),
    ...lines.map((line) => svg("polyline", { points: line.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "), class: "chart-line" })),
    ...lines.flat().map(({ x, y, at }) => {
      const { label, value, provisional } = given[at];
      const dot = svg("circle", { cx: x.toFixed(1), cy: y.toFixed(1), r: 4, class: provisional ? "chart-dot open" : "chart-dot" });
      return titled(dot, `${label}: ${say(value ?? 0)}`);
    }),
    ...names(given),
  );
}

/**
 * A figure by kinds, in the order given.
 *
 * @param {readonly Point[]} given
 * @param {(value: number) => string} say
 * @param {boolean} share
 * @returns {SVGElement}
 */
export function barChart(given, say, share) {
  const shown = given.slice(0, MOST_BARS);
  const { top, marks } = scale(shown.map(({ value }) => value), share);
  const room = (WIDTH - LEFT - 12) / Math.max(1, shown.length);
  const wide = Math.min(48, room * 0.7);
  const bars = shown.map(({ label, value }, at) => {
    const high = ((value ?? 0) / top) * (HEIGHT - ABOVE - BELOW);
    const place = { x: (LEFT + room * (at + 0.5) - wide / 2).toFixed(1), y: (HEIGHT - BELOW - high).toFixed(1) };
    const bar = svg("rect", { ...place, width: wide.toFixed(1), height: high.toFixed(1), rx: 3, class: "chart-bar" });
    return titled(bar, `${label}: ${value === null ? "–" : say(value)}`);
  });
  return drawing(...grid(marks, top, say), ...bars, ...names(shown, (at) => LEFT + room * (at + 0.5), room));
}

/** The trend of a tile: nothing but its line. @param {readonly Point[]} given @param {boolean} share @returns {SVGElement} */
export function trendLine(given, share) {
  const [width, height] = [160, 36];
  const { top } = scale(given.map(({ value }) => value), share);
  const apart = given.length > 1 ? (width - 6) / (given.length - 1) : 0;
  const at = (/** @type {number} */ place, /** @type {number} */ value) =>
    `${(given.length > 1 ? 3 + place * apart : width - 3).toFixed(1)},${(3 + (1 - value / top) * (height - 6)).toFixed(1)}`;
  /** @type {string[][]} */
  const lines = [[]];
  given.forEach(({ value }, place) => (value === null ? lines.push([]) : lines.at(-1)?.push(at(place, value))));
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "trend", "aria-hidden": "true", focusable: "false", preserveAspectRatio: "none" },
    ...lines.filter((line) => line.length > 1).map((line) => svg("polyline", { points: line.join(" "), class: "chart-line" })),
    ...lines.filter((line) => line.length === 1).map(([only]) => {
      const [cx, cy] = only.split(",");
      return svg("circle", { cx, cy, r: 2.5, class: "chart-dot" });
    }),
  );
}

/** @param {...SVGElement} parts */
function drawing(...parts) {
  return svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "chart", "aria-hidden": "true", focusable: "false" }, ...parts);
}

/** @param {number[]} marks @param {number} top @param {(value: number) => string} say */
function grid(marks, top, say) {
  return marks.flatMap((mark) => {
    const y = (ABOVE + (1 - mark / top) * (HEIGHT - ABOVE - BELOW)).toFixed(1);
    const text = svg("text", { x: LEFT - 8, y: Number(y) + 4, class: "chart-text end" });
    text.textContent = say(mark);
    return [svg("line", { x1: LEFT, x2: WIDTH, y1: y, y2: y, class: "chart-grid" }), text];
  });
}

/** As many names below as there is room for. @param {readonly Point[]} given @param {(at: number) => number} [x] @param {number} [room] */
function names(given, x, room) {
  const apart = given.length > 1 ? (WIDTH - LEFT - 12) / (given.length - 1) : 0;
  const place = x ?? ((/** @type {number} */ at) => (given.length > 1 ? LEFT + at * apart : (LEFT + WIDTH) / 2));
  const every = Math.max(1, Math.ceil(84 / Math.max(1, room ?? (apart || 84))));
  return given.flatMap(({ label }, at) => {
    if (at % every) return [];
    const text = svg("text", { x: place(at).toFixed(1), y: HEIGHT - 8, class: at === 0 && !room ? "chart-text" : "chart-text middle" });
    const most = Math.max(6, Math.floor((room ?? 84) / LETTER));
    text.textContent = label.length > most ? `${label.slice(0, most - 1)}…` : label;
    return [text];
  });
}

/** @param {SVGElement} element @param {string} text */
function titled(element, text) {
  const title = svg("title");
  title.textContent = text;
  element.append(title);
  return element;
}
