/**
 * The page's language: Korean or English, chosen by the person and independent of any call's language.
 *
 * A page has one catalogue of its own beside `common`: `/static/i18n/{ko,en}/{common,call,desk,wall,calls}.json`, flat
 * objects of key and text. A text may have `{places}`; a text that depends on a number is an object by plural category
 * (`{"one": "…", "other": "…"}`), chosen by the parameter `count`.
 *
 * @module
 */

/** @typedef {"ko" | "en"} Locale */
/** @typedef {Record<string, string | Record<string, string>>} Catalogue */

export const LOCALES = /** @type {const} */ (["ko", "en"]);
const STORED = "aicc.locale";

/** @type {Locale} */
let current = "en";
/** @type {Catalogue} */
let texts = {};
/** @type {string[]} */
let catalogues = [];
let plural = new Intl.PluralRules("en");

/** The language of the page. @returns {Locale} */
export function locale() {
  return current;
}

/**
 * Load the catalogues `common` and `names` in the person's language, and say all that is marked on the page.
 *
 * The language is the one in the address (`?lang=ko`), the one chosen before, or the browser's.
 *
 * @param {...string} names
 */
export async function startLocale(...names) {
  catalogues = ["common", ...names];
  await show(preferred());
}

/**
 * Change the language, and remember it. `document` tells `localechange`.
 *
 * @param {Locale} wanted
 */
export async function setLocale(wanted) {
  remember(wanted);
  await show(wanted);
}

/**
 * A text of the catalogues. Without one the key itself, so that what is missing is seen.
 *
 * @param {string} key
 * @param {Record<string, string | number>} [places]
 * @returns {string}
 */
export function t(key, places = {}) {
  const found = texts[key];
  if (found === undefined) return key;
  const text = typeof found === "string" ? found : (found[plural.select(Number(places.count))] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in places ? String(places[name]) : whole));
}

/** Whether the catalogues have a text: for keys made of what a server says. @param {string} key @returns {boolean} */
export function has(key) {
  return texts[key] !== undefined;
}

/**
 * A name that people of the tenant wrote, in the language of the page or whatever there is: one text, or one for each
 * language.
 *
 * @param {Record<string, string> | string | null | undefined} name
 * @returns {string}
 */
export function named(name) {
  if (name === null || name === undefined) return "";
  return typeof name === "string" ? name : (name[current] ?? Object.values(name)[0] ?? "");
}

/**
 * Say all that is marked under `root`: `data-t="key"` is an element's text, `data-t-title`, `data-t-placeholder` and
 * `data-t-aria-label` are attributes.
 *
 * @param {ParentNode} [root]
 */
export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(/** @type {HTMLElement} */ (element).dataset.t ?? "");
  }
  for (const name of ["title", "placeholder", "aria-label"]) {
    for (const element of root.querySelectorAll(`[data-t-${name}]`)) {
      element.setAttribute(name, t(element.getAttribute(`data-t-${name}`) ?? ""));
    }
  }
}

/** @param {Locale} wanted */
async function show(wanted) {
  const loaded = await Promise.all(catalogues.map((name) => load(wanted, name)));
  current = wanted;
  texts = Object.assign({}, ...loaded);
  plural = new Intl.PluralRules(wanted);
  document.documentElement.lang = wanted;
  translate();
  document.dispatchEvent(new CustomEvent("localechange", { detail: wanted }));
}

/** @param {Locale} wanted @param {string} name @returns {Promise<Catalogue>} */
async function load(wanted, name) {
  const response = await fetch(`/static/i18n/${wanted}/${name}.json`);
  if (!response.ok) throw new Error(`the catalogue ${wanted}/${name} cannot be loaded (${response.status})`);
  return response.json();
}

/** @returns {Locale} */
function preferred() {
  const asked = new URLSearchParams(location.search).get("lang");
  for (const wish of [asked, remembered(), ...navigator.languages]) {
    const found = LOCALES.find((known) => wish?.toLowerCase().split("-")[0] === known);
    if (found !== undefined) return found;
  }
  return "en";
}

/** @returns {string | null} */
function remembered() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // an embedding page may keep us from our storage
  }
}

/** @param {Locale} wanted */
function remember(wanted) {
  try {
    localStorage.setItem(STORED, wanted);
  } catch {
    // the same: the choice lasts as long as the page
  }
}
