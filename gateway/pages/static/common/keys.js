/**
 * Keyboard shortcuts that a person can change, safe while Korean is being composed.
 *
 * A key that belongs to an input method (`isComposing`, or key code 229) is never a shortcut; in a text field only one
 * with Ctrl, Alt or Meta is, or Escape and the function keys. Letters and digits go by the key's place (`code`), so that
 * a shortcut works whatever the keyboard's language is.
 *
 * @module
 */

/** @typedef {{id: string, keys: string, label: string, run: (event: KeyboardEvent) => void, when?: () => boolean}} Shortcut */

const STORED = "aicc.keys";
const ALWAYS = /^(Escape|F\d{1,2})$/;

export class Shortcuts {
  /** @type {Map<string, Shortcut>} */
  #known = new Map();
  /** @type {Record<string, string>} */
  #changed = recall();

  /**
   * @param {Shortcut[]} shortcuts each with the keys that it has until somebody changes them, such as `Alt+A` or `F2`;
   *   `label` is a key of the catalogue, `when` says whether it applies now
   */
  constructor(shortcuts) {
    for (const shortcut of shortcuts) this.#known.set(shortcut.id, shortcut);
  }

  /** Listen on the page until `signal` is aborted. @param {AbortSignal} signal */
  listen(signal) {
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal });
  }

  /** All of them, with the keys they have now. @returns {Shortcut[]} */
  list() {
    return [...this.#known.values()].map((shortcut) => ({ ...shortcut, keys: this.keysOf(shortcut.id) }));
  }

  /** The keys of one now. @param {string} id @returns {string} */
  keysOf(id) {
    return this.#changed[id] ?? this.#known.get(id)?.keys ?? "";
  }

  /**
   * Give one other keys, and remember it; empty: its own again.
   *
   * @param {string} id
   * @param {string} keys
   * @returns {string | null} the id of the one that has these keys already, and keeps them
   */
  change(id, keys) {
    const taken = [...this.#known.keys()].find((other) => other !== id && keys !== "" && this.keysOf(other) === keys);
    if (taken !== undefined) return taken;
    if (keys === "") delete this.#changed[id];
    else this.#changed[id] = keys;
    keep(this.#changed);
    return null;
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (event.defaultPrevented || event.repeat) return;
    const keys = combination(event);
    if (keys === null || (isText(event.composedPath()[0]) && !reachesThroughText(event))) return;
    for (const shortcut of this.#known.values()) {
      if (this.keysOf(shortcut.id) !== keys || shortcut.when?.() === false) continue;
      event.preventDefault();
      shortcut.run(event);
      return;
    }
  }
}

/**
 * The keys of an event as they are written: `Ctrl+Shift+K`. Null while a character is being composed, and for a modifier
 * alone.
 *
 * @param {KeyboardEvent} event
 * @returns {string | null}
 */
export function combination(event) {
  if (event.isComposing || event.keyCode === 229) return null;
  if (["Control", "Alt", "Shift", "Meta", "Process", "Dead"].includes(event.key) && !/^(Key|Digit)/.test(event.code)) {
    return null;
  }
  const modifiers = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift", event.metaKey && "Meta"];
  return [...modifiers.filter(Boolean), event.code.replace(/^(Key|Digit)/, "") || event.key].join("+");
}

/** @param {KeyboardEvent} event */
function reachesThroughText(event) {
  return event.ctrlKey || event.altKey || event.metaKey || ALWAYS.test(event.key);
}

/** @param {EventTarget | undefined} target */
function isText(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLInputElement && !["button", "checkbox", "radio", "range", "submit"].includes(target.type);
}

/** @returns {Record<string, string>} */
function recall() {
  try {
    return JSON.parse(localStorage.getItem(STORED) ?? "{}");
  } catch {
    return {}; // no storage, or not ours: everything has its own keys
  }
}

/** @param {Record<string, string>} changed */
function keep(changed) {
  try {
    localStorage.setItem(STORED, JSON.stringify(changed));
  } catch {
    // they last as long as the page
  }
}
