/**
 * A small line of a call's latest confidences, drawn by DOM calls. What it shows is also said in words beside it, so that
 * it is decoration to whoever does not see it.
 *
 * @module
 */

import { svg } from "../common/icon.js";

const WIDTH = 96;
const HEIGHT = 28;
const MARGIN = 3;

/**
 * Where the values stand: from left to right, 1 on top and 0 at the bottom. One value stands at the right end.
 *
 * @param {readonly number[]} values 0 to 1
 * @param {number} [width]
 * @param {number} [height]
 * @returns {{x: number, y: number}[]}
 */
export function points(values, width = WIDTH, height = HEIGHT) {
  const apart = values.length > 1 ? (width - 2 * MARGIN) / (values.length - 1) : 0;
  const place = (/** @type {number} */ value) => MARGIN + (1 - Math.min(1, Math.max(0, value))) * (height - 2 * MARGIN);
  return values.map((value, index) => ({
    x: values.length > 1 ? MARGIN + index * apart : width - MARGIN,
    y: place(value),
  }));
}

/** @returns {SVGElement} */
export function sparkline() {
  return svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    class: "sparkline",
    "aria-hidden": "true",
    focusable: "false",
  });
}

/**
 * Draw the values, if they are others than before.
 *
 * @param {SVGElement} drawing made by `sparkline`
 * @param {readonly number[]} values
 * @param {boolean} falling
 */
export function draw(drawing, values, falling) {
  const key = values.join(" ");
  drawing.classList.toggle("falling", falling);
  if (drawing.dataset.drawn === key) return;
  drawing.dataset.drawn = key;
  const [middle] = points([0.5]);
  const line = points(values);
  const last = line.at(-1);
  drawing.replaceChildren(
    svg("line", { x1: 0, x2: WIDTH, y1: middle.y, y2: middle.y, class: "half" }),
    svg("polyline", { points: line.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" "), class: "trend" }),
    ...(last ? [svg("circle", { cx: last.x.toFixed(1), cy: last.y.toFixed(1), r: 2.5, class: "latest" })] : []),
  );
}
