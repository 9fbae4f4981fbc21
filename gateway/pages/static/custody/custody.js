/**
 * Custody: what is held, what was erased, for how long what is kept, and whether the audits are whole. Supervisors look;
 * whoever keeps watch over data holds, lifts, erases and verifies. The address holds the view, the search and the receipt
 * that is open.
 *
 * @module
 */

import { h, follow } from "../common/element.js";
import "../common/entrance.js";
import { startLocale, t, translate } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import "../common/pages.js";
import "../common/preferences.js";
import "./ask.js";
import "./audit.js";
import { VIEWS, fromAddress, toAddress } from "./filters.js";
import "./holds.js";
import "./receipt.js";
import "./receipts.js";
import "./retention.js";

await startLocale("desk", "custody");

const entrance = /** @type {any} */ (h("aicc-entrance"));
const ask = /** @type {any} */ (h("custody-ask"));
const receipt = /** @type {any} */ (h("custody-receipt"));
const views = /** @type {Record<string, any>} */ (
  Object.fromEntries(VIEWS.map((name) => [name, h(`custody-${name}`)]))
);
const links = VIEWS.map((name) => {
  const link = /** @type {HTMLAnchorElement} */ (
    h("a", { class: "segment", href: toAddress(name), "data-view": name, "data-t": `view.${name}` })
  );
  follow(link, () => go(toAddress(name)));
  return link;
});
const tabs = h("nav", { class: "segments", "data-t-aria-label": "views" }, links);
const slot = h("div", { class: "listing" });
const main = /** @type {HTMLElement} */ (document.querySelector("#main"));

/** @type {AbortController | null} */
let asking = null;
/** What whoever is signed in may do, once the server has said so. */
let keeps = false;

slot.addEventListener("search", (/** @type {any} */ { detail }) => go(toAddress(place().view, detail)));
slot.addEventListener("open", (/** @type {any} */ { detail }) => go(toAddress("receipts", place().filters, detail)));
slot.addEventListener("back", () => go(toAddress("receipts", place().filters)));
slot.addEventListener("more", () => void load(views[place().view].list.next));
slot.addEventListener("ask", (/** @type {any} */ { detail }) => ask.open(detail));
slot.addEventListener("done", (/** @type {any} */ { detail }) => void done(detail));
slot.addEventListener("verify", () => void entrance.guard(() => views.audit.verify()));
entrance.addEventListener("again", () => void show());
addEventListener("popstate", () => void show());
document.addEventListener("localechange", titled);
main.append(h("div", { class: "stack" }, tabs, entrance, slot), ask);
entrance.kept = [slot];
translate();
await show();

function place() {
  return fromAddress(location.search);
}

/** @param {string} address */
function go(address) {
  history.pushState(null, "", address);
  void show();
}

/** Show what the address says. */
async function show() {
  const { view, filters, receipt: erasure } = place();
  const shown = erasure === null ? views[view] : receipt;
  if (slot.firstElementChild !== shown) slot.replaceChildren(shown);
  titled();
  if (erasure === null) {
    await load();
  } else {
    receipt.back.setAttribute("href", toAddress("receipts", filters));
    scrollTo(0, 0);
    asking?.abort();
    const mine = (asking = new AbortController());
    await entrance.guard(() => receipt.load(erasure, mine.signal), mine.signal);
  }
  offered();
}

/** Search; `before` is the last of the page before. @param {string | number | null} [before] */
async function load(before = null) {
  asking?.abort();
  const { signal } = (asking = new AbortController());
  const { view, filters } = place();
  await entrance.guard(async () => {
    keeps = (await views[view].load(filters, signal, before)).keep;
  }, signal);
  offered();
}

/** Something was changed: say so, and show how it stands now. @param {string} said */
async function done(said) {
  await load();
  announce(said);
  /** @type {HTMLElement | null} */ (slot.querySelector("h1"))?.focus(); // what had the focus may be gone
}

/** Who is not signed in has nowhere to go; the audit is for who keeps watch. */
function offered() {
  tabs.hidden = entrance.refused?.status === 401;
  for (const link of links) link.hidden = link.dataset.view === "audit" && !keeps && place().view !== "audit";
}

function titled() {
  const { view } = place();
  for (const link of links) {
    if (link.dataset.view === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${t(`view.${view}`)} · ${t("page.custody")} · ${t("product")}`;
  offered();
}
