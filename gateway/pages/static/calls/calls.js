/**
 * Past calls: search, list, and replay. The address holds the search and the call that is open, so that both can be kept
 * and sent to somebody else.
 *
 * @module
 */

import { get } from "../common/api.js";
import { h } from "../common/element.js";
import "../common/entrance.js";
import { startLocale, t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import "../common/pages.js";
import "../common/preferences.js";
import { asked, behindOf, namedBehind } from "./behind.js";
import { fromAddress, toAddress, toQuery } from "./filters.js";
import "./list.js";
import "./replay.js";
import "./search.js";

/** Longer than the server searches or counts for, so that it is the server who says that there is too much. */
const PATIENCE = 25_000;

await startLocale("desk", "reports", "calls");

const entrance = /** @type {any} */ (h("aicc-entrance"));
const search = /** @type {any} */ (h("call-search"));
const figure = /** @type {any} */ (h("call-behind", { hidden: true }));
const found = /** @type {any} */ (h("call-list"));
const replay = /** @type {any} */ (h("call-replay", { hidden: true }));
const listing = h(
  "div",
  { class: "stack listing" },
  h("h1", { class: "visually-hidden", "data-t": "page.calls" }),
  figure,
  search,
  found,
);
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));

let filters = fromAddress(location.search, new Date());
/** The figure whose calls are listed, if it is one's. */
const behind = behindOf(location.search);
const address = (/** @type {string | null} */ call = null) => toAddress(filters, call, namedBehind(behind));
let choices = { queues: [], dispositions: [], languages: [] };
/** @type {AbortController | null} */
let asking = null;

search.addEventListener("search", (/** @type {CustomEvent} */ event) => {
  filters = event.detail;
  history.replaceState(null, "", address());
  void find();
});
found.addEventListener("more", () => void find(found.next));
found.addEventListener("open", (/** @type {CustomEvent} */ event) => {
  history.pushState(null, "", address(event.detail));
  void show();
});
replay.addEventListener("back", () => {
  history.pushState(null, "", address());
  void show();
});
entrance.addEventListener("again", () => void begin());
addEventListener("popstate", () => void show());
document.addEventListener("localechange", named);
main.append(entrance, listing, replay);
entrance.kept = [listing, replay];
translate();
search.show(filters);
search.hidden = behind !== null;
figure.show(behind, filters);
found.address = address;
await begin();

/** The list, and the call that the address names. */
async function begin() {
  await Promise.all([find(), show()]);
}

/** Search; `before` is the last call of the page before. @param {string | null} [before] */
async function find(before = null) {
  asking?.abort();
  const mine = (asking = new AbortController());
  found.show(before === null ? { busy: true, items: [], next: null } : { busy: true });
  await entrance.guard(async () => {
    const { path, query } = behind ? asked(behind, filters) : { path: "/v1/calls", query: toQuery(filters) };
    const page = await get(path, { query: { ...query, before }, signal: mine.signal, patience: PATIENCE });
    choices = page.choices ?? choices;
    search.offer(choices);
    replay.offer(choices);
    found.show({
      items: before === null ? page.calls : [...found.items, ...page.calls],
      next: page.next,
      busy: false,
      choices,
    });
    if (before === null) announce(t("list.count", { count: page.calls.length }));
  }, mine.signal);
  if (!mine.signal.aborted) found.show({ busy: false });
}

/** Show the call of the address, or the list. */
async function show() {
  const call = new URLSearchParams(location.search).get("call");
  listing.hidden = call !== null;
  replay.hidden = call === null;
  named();
  await entrance.guard(() => open(call), undefined, "call");
}

/** @param {string | null} call */
async function open(call) {
  if (call === null) {
    replay.close();
    return;
  }
  replay.back.setAttribute("href", address());
  scrollTo(0, 0);
  try {
    await replay.load(call);
    const event = Number(new URLSearchParams(location.search).get("event"));
    if (event) replay.go(event);
  } finally {
    replay.heading.focus();
  }
}

function named() {
  document.title = `${t("page.calls")} · ${t("product")}`;
}
