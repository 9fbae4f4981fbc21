/**
 * What the elements of the desk have in common: the work they show, and which parts of it they are brought up to date
 * by.
 */
import { AiccElement, h } from "../common/element.js";
import { translate } from "../common/i18n.js";

export class DeskElement extends AiccElement {
  /** The parts of the desk that this element shows. @type {import("./store.js").DeskPart[]} */
  static parts = [];

  /** @type {import("./work.js").Work} */
  work;

  get desk() {
    return this.work.desk;
  }

  connected() {
    translate(this);
    this.work.keys?.write(this);
    const parts = /** @type {typeof DeskElement} */ (this.constructor).parts;
    this.leaving.addEventListener(
      "abort",
      this.desk.listen(parts, () => this.changed()),
    );
  }

  /**
   * Have something done again and again for as long as the element is on the page.
   * @param {number} ms
   * @param {() => void} run
   */
  every(ms, run) {
    const timer = setInterval(run, ms);
    this.leaving.addEventListener("abort", () => clearInterval(timer));
  }
}

/**
 * A control with its label, a text of the catalogue.
 * @param {string} key @param {HTMLElement} control @param {string} [more]  further classes
 */
export function field(key, control, more = "") {
  return h("div", { class: `field ${more}` }, h("label", { for: control.id, "data-t": key }), control);
}

/**
 * An element of the desk at work.
 * @param {string} tag @param {import("./work.js").Work} work
 */
export function place(tag, work) {
  return Object.assign(/** @type {DeskElement} */ (document.createElement(tag)), { work });
}

/**
 * A button whose text is of the catalogue, with its shortcut where it has one.
 * @param {string} key @param {Record<string, unknown>} attributes @param {string} [shortcut]  the id of its shortcut
 */
export function button(key, attributes, shortcut) {
  return h(
    "button",
    { type: "button", ...attributes, "data-shortcut": shortcut },
    h("span", { "data-t": key }),
    shortcut ? h("kbd", { "aria-hidden": "true", "data-keys": shortcut }) : null,
  );
}

/**
 * Hidden without being let go.
 * @param {Element | null | undefined} element @param {boolean} shown
 */
export function show(element, shown) {
  if (element) /** @type {HTMLElement} */ (element).hidden = !shown;
}
