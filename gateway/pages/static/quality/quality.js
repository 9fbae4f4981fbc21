/**
 * Quality: how contacts were judged. Whoever is judged sees their own, and may object; supervisors see those of their
 * queues, and decide. The address holds the search and the contact that is open.
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
import "./contact.js";
import { fresh, fromAddress, toAddress, toQuery } from "./filters.js";
import "./list.js";
import "./search.js";
import "./totals.js";

/** Longer than the server looks, so that it is the server who says that there is too much. */
const PATIENCE = 25_000;

await startLocale("desk", "calls", "quality");

const entrance = /** @type {any} */ (h("aicc-entrance"));
const search = /** @type {any} */ (h("quality-search"));
const totals = /** @type {any} */ (h("quality-totals"));
const found = /** @type {any} */ (h("quality-list"));
const contact = /** @type {any} */ (h("quality-contact", { hidden: true }));
const own = h("p", { class: "muted", "data-t": "quality.own", hidden: true });
const listing = h(
  "div",
  { class: "stack listing" },
  h("h1", { class: "visually-hidden", "data-t": "page.quality" }),
  own,
  search,
  totals,
  found,
);
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));

let filters = fromAddress(location.search, new Date());
/** What the list shows, as a question; empty where somebody has decided since. */
let listed = "";
/** @type {AbortController | null} */
let asking = null;

search.addEventListener("search", (/** @type {CustomEvent} */ event) => narrow(event.detail));
totals.addEventListener("narrow", (/** @type {CustomEvent} */ event) => {
  const { from, to, agent } = filters;
  narrow({ ...fresh(new Date()), from, to, agent, ...event.detail });
});
found.addEventListener("more", () => void find(found.next));
found.addEventListener("open", (/** @type {CustomEvent} */ event) => go(event.detail));
contact.addEventListener("back", () => go(null));
contact.addEventListener("judged", () => (listed = ""));
entrance.addEventListener("again", () => void show());
addEventListener("popstate", () => {
  filters = fromAddress(location.search, new Date());
  void show();
});
document.addEventListener("localechange", titled);
main.append(entrance, listing, contact);
entrance.kept = [listing, contact];
found.address = (/** @type {string} */ call) => toAddress(filters, call);
translate();
await show();

/** @param {import("./filters.js").Filters} wanted */
function narrow(wanted) {
  filters = wanted;
  listed = "";
  go(null);
}

/** @param {string | null} call */
function go(call) {
  history.pushState(null, "", toAddress(filters, call));
  void show();
}

/** Show what the address says: a contact, or the list. */
async function show() {
  const call = new URLSearchParams(location.search).get("call");
  listing.hidden = call !== null;
  contact.hidden = call === null;
  titled();
  if (call === null) {
    search.show(filters);
    if (listed !== JSON.stringify(filters)) await find();
    return;
  }
  contact.back.setAttribute("href", toAddress(filters));
  scrollTo(0, 0);
  await entrance.guard(() => contact.load(call));
  contact.heading.focus();
}

/** Search; `before` is the last of the page before. @param {{call: string, rubric: string} | null} [before] */
async function find(before = null) {
  asking?.abort();
  const mine = (asking = new AbortController());
  const question = JSON.stringify(filters);
  found.show(before === null ? { busy: true, items: [], next: null } : { busy: true });
  await entrance.guard(async () => {
    const behind = before === null ? {} : { before: before.call, before_rubric: before.rubric };
    const query = { ...toQuery(filters), ...behind };
    const page = await get("/v1/quality", { query, signal: mine.signal, patience: PATIENCE });
    listed = question;
    search.every = own.hidden = page.every;
    search.offer(page.choices);
    totals.show(page.totals);
    found.show({
      items: before === null ? page.judgements : [...found.items, ...page.judgements],
      next: page.next,
      agents: page.choices.agents,
    });
    if (before === null) announce(t("judged.count", { count: page.judgements.length }));
  }, mine.signal);
  if (!mine.signal.aborted) found.show({ busy: false });
}

function titled() {
  document.title = `${t("page.quality")} · ${t("product")}`;
}
