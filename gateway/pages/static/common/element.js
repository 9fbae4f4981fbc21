/**
 * Making elements, and the base of our custom elements. Text is always text: transcripts, knowledge and names are
 * hostile input, so nothing here (or anywhere in these pages) parses markup out of a string.
 *
 * @module
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

const SAFE_ADDRESS = /^(https?:\/\/|\/(?!\/)|#|\?|blob:|data:image\/)/i;
const ADDRESSES = new Set(["href", "src", "action", "formaction", "xlink:href"]);
const REFUSED = new Set(["style", "srcdoc"]);

/**
 * An element with attributes and children.
 *
 * `true` sets an attribute without a value, `false`, `null` and `undefined` leave it out, a function named `onclick` and
 * the like becomes a listener. Addresses that are no web address are left out, whoever wrote them.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  made.append(...nodes(children));
  return made;
}

/**
 * Set one attribute as `h` does.
 *
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
export function setAttribute(element, name, value) {
  if (typeof value === "function" && name.startsWith("on")) {
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    return;
  }
  if (name.startsWith("on") || REFUSED.has(name)) throw new TypeError(`${name} cannot be set on an element`);
  if (value === false || value === null || value === undefined) element.removeAttribute(name);
  else if (ADDRESSES.has(name) && !SAFE_ADDRESS.test(String(value))) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * Set an element's text, only if it is another one: what did not change is not read out again.
 *
 * @param {Element} element
 * @param {string | number | null | undefined} text
 */
export function setText(element, text) {
  const wanted = text === null || text === undefined ? "" : String(text);
  if (element.textContent !== wanted) element.textContent = wanted;
}

/**
 * The parts of an element that hold facts, by their names (`data-fact`).
 *
 * @param {Element} element
 * @returns {(name: string) => HTMLElement}
 */
export function factsOf(element) {
  return (name) => /** @type {HTMLElement} */ (element.querySelector(`[data-fact=${name}]`));
}

/**
 * Bring a parent's children in line with a list, touching only what differs: elements are kept by their key, so focus,
 * selection and scroll position stay where they are.
 *
 * @template T
 * @param {Element} parent whose children all come from here
 * @param {Iterable<T>} items in order
 * @param {(item: T) => string} keyOf different for each item
 * @param {(item: T) => HTMLElement} make called once for a key
 * @param {(element: HTMLElement, item: T) => void} [refresh] called every time, also right after `make`
 */
export function reconcile(parent, items, keyOf, make, refresh) {
  /** @type {Map<string, HTMLElement>} */
  const known = parent[KEYED] ?? (parent[KEYED] = new Map());
  const wanted = new Set();
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    wanted.add(key);
    let element = known.get(key);
    if (element === undefined) {
      element = make(item);
      known.set(key, element);
    }
    refresh?.(element, item);
    if (element === place) place = place.nextElementSibling;
    else parent.insertBefore(element, place);
  }
  for (const [key, element] of known) {
    if (wanted.has(key)) continue;
    element.remove();
    known.delete(key);
  }
}

const KEYED = Symbol("elements by key");

/**
 * Have a link followed by the page itself; a press that means another tab or window is left to the browser.
 *
 * @param {HTMLAnchorElement} anchor
 * @param {() => void} go
 */
export function follow(anchor, go) {
  anchor.onclick = (event) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    go();
  };
}

/**
 * The base of our custom elements.
 *
 * `build` is called once and returns the children. `refresh` brings them up to date: after `build`, after every
 * `changed()` (at most once for all that changes in one go), and when the language changes. What is listened to with
 * `listen` is let go when the element leaves the page.
 */
export class AiccElement extends HTMLElement {
  #built = false;
  #waiting = false;
  /** @type {AbortController | null} */
  #leaving = null;

  connectedCallback() {
    this.#leaving = new AbortController();
    if (!this.#built) {
      this.#built = true;
      this.append(...nodes([this.build()]));
    }
    this.listen(document, "localechange", () => this.changed());
    this.connected();
    this.refresh();
  }

  disconnectedCallback() {
    this.#leaving?.abort();
    this.#leaving = null;
    this.disconnected();
  }

  /** Aborted when the element leaves the page. @returns {AbortSignal} */
  get leaving() {
    if (this.#leaving === null) throw new Error("the element is not on the page");
    return this.#leaving.signal;
  }

  /**
   * Listen to something for as long as the element is on the page.
   *
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} handler
   */
  listen(target, type, handler) {
    target.addEventListener(type, handler, { signal: this.leaving });
  }

  /** Have `refresh` called soon, once. */
  changed() {
    if (this.#waiting || !this.#built) return;
    this.#waiting = true;
    queueMicrotask(() => {
      this.#waiting = false;
      if (this.isConnected) this.refresh();
    });
  }

  /**
   * Tell those around.
   *
   * @param {string} type
   * @param {unknown} [detail]
   */
  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
  }

  /** The children, made once. @returns {Child | Child[]} */
  build() {
    return [];
  }

  /** Bring the children up to date. */
  refresh() {}

  /** The element came onto the page. */
  connected() {}

  /** The element left the page. */
  disconnected() {}
}

/** @param {unknown[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : String(child)));
}
