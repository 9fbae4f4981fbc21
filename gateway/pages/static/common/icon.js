/**
 * Small drawings beside words, made by DOM calls. They never stand alone: whoever does not see them misses nothing.
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

/** Strokes on a field of 24 × 24. @type {Record<string, string[]>} */
const SHAPES = {
  bot: [
    "M12 3v3",
    "M5 9a3 3 0 0 1 3-3h8a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3H8a3 3 0 0 1-3-3z",
    "M9 11.5v1.5",
    "M15 11.5v1.5",
    "M2.5 11v4",
    "M21.5 11v4",
  ],
  agent: [
    "M4 14v-2a8 8 0 0 1 16 0v2",
    "M4 14a2 2 0 0 1 2-2h1v6H6a2 2 0 0 1-2-2z",
    "M20 14a2 2 0 0 0-2-2h-1v6h1a2 2 0 0 0 2-2z",
    "M19 18c0 2-2.5 3-5 3",
  ],
  supervisor: ["M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.500-7-10V6z", "M9 12l2.200 2.200L15.500 10"],
  listen: [
    "M6.500 9a5.500 5.500 0 1 1 11 0c0 4-3.500 4.500-3.500 8a3 3 0 0 1-5.500 1.700",
    "M9.500 9.500a2.500 2.500 0 1 1 5 0c0 2-2 2-2 4",
  ],
  whisper: [
    "M4 5h10a2 2 0 0 1 2 2v5a2 2 0 0 1-2 2H9l-4 4v-4H4a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z",
    "M20 9.500c1 1 1 3 0 4",
  ],
  barge: ["M4 10v4h3l6 4V6L7 10z", "M16.500 8.500a5 5 0 0 1 0 7", "M19 6a8.500 8.500 0 0 1 0 12"],
  takeover: ["M4 12h12", "M11 6l6 6-6 6", "M20.500 4.500v15"],
  leave: ["M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8", "M10 12h11", "M17 8l4 4-4 4"],
  falling: ["M3 7l6 6 4-4 8 8", "M21 11v6h-6"],
  search: ["M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14z", "M16.200 16.200L21 21"],
  play: ["M7 4.500v15l12-7.500z"],
  pause: ["M8 5v14", "M16 5v14"],
  full: ["M4 9V4h5", "M15 4h5v5", "M20 15v5h-5", "M9 20H4v-5"],
  back: ["M15 5l-7 7 7 7"],
  microphone: [
    "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z",
    "M5.500 11a6.500 6.500 0 0 0 13 0",
    "M12 17.500V21",
  ],
};

/**
 * An element of SVG.
 *
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {...SVGElement} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes = {}, ...children) {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

/** A drawing by its name. @param {string} name @returns {SVGElement} */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" },
    ...(SHAPES[name] ?? []).map((d) => svg("path", { d })),
  );
}
