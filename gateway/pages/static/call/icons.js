/**
 * The few pictures of this page, drawn with lines. They say nothing to a screen reader: the words beside them do.
 *
 * @module
 */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  phone: "M5 4.5c0-.6.4-1 1-1h2.6c.5 0 .9.3 1 .8l.7 3c.1.4 0 .8-.3 1.1L8.2 10a13 13 0 0 0 5.8 5.8l1.6-1.8c.3-.3.7-.4 1.1-.3l3 .7c.5.1.8.5.8 1V18c0 .6-.4 1-1 1C11.6 20.5 3.5 12.4 5 4.5z",
  microphone: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4M8.5 21h7",
  silent: "M4 4l16 16M15 10.5V6a3 3 0 0 0-5.7-1.3M9 9v2a3 3 0 0 0 4.5 2.6M6 11a6 6 0 0 0 9.5 4.9M18 11c0 .9-.2 1.8-.6 2.6M12 17v4M8.5 21h7",
  keypad: "M6 5h.01M12 5h.01M18 5h.01M6 11h.01M12 11h.01M18 11h.01M6 17h.01M12 17h.01M18 17h.01M12 21.5h.01",
  hangup: "M3.5 14.5c-.6-.6-.7-1.5-.2-2.2C5.2 9.8 8.5 8.5 12 8.5s6.8 1.3 8.7 3.8c.5.7.4 1.6-.2 2.2l-1.5 1.5c-.4.4-1 .5-1.5.2l-2.6-1.5c-.4-.2-.7-.7-.6-1.2l.1-1.3a9 9 0 0 0-4.8 0l.1 1.3c.1.5-.2 1-.6 1.2l-2.6 1.5c-.5.3-1.1.2-1.5-.2z",
};

/**
 * @param {keyof typeof PATHS} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("viewBox", "0 0 24 24");
  drawn.setAttribute("aria-hidden", "true");
  drawn.setAttribute("class", `icon icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  drawn.append(path);
  return drawn;
}
