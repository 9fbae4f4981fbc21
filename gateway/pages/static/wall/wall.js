/**
 * The wallboard: queues, agents and live calls for supervisors.
 *
 * @module
 */

import { post } from "../common/api.js";
import { h, setText } from "../common/element.js";
import "../common/entrance.js";
import { startLocale, t, translate } from "../common/i18n.js";
import { icon } from "../common/icon.js";
import "../common/pages.js";
import "../common/preferences.js";
import { usedSince } from "../common/use.js";
import "./agents.js";
import { Board, BoardElement, place } from "./board.js";
import "./calls.js";
import "./monitor-bar.js";
import "./queues.js";

const USED_EVERY = 60_000; // ms

/** `<wall-link>`: whether what is shown is live, and the whole screen for it. */
class Link extends BoardElement {
  static parts = /** @type {any} */ (["link"]);

  build() {
    this.state = h("span", { class: "connection", role: "status" });
    this.full = h(
      "button",
      { type: "button", class: "button quiet small", onclick: () => void turnFullScreen() },
      icon("full"),
      h("span", { "data-t": "full_screen" }),
    );
    return [this.state, this.full];
  }

  refresh() {
    translate(this);
    const { feed, staleness } = this.board;
    if (!this.state) return;
    this.state.dataset.state = feed.state;
    const late = feed.state !== "live" && staleness > 0;
    setText(
      this.state,
      [t(`state.${feed.state}`), late && t("state.stale", { count: staleness })].filter(Boolean).join(" · "),
    );
  }
}

customElements.define("wall-link", Link);

async function turnFullScreen() {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await document.documentElement.requestFullscreen();
}

/** @param {string} title @param {string} name @param {Board} board */
function section(title, name, board) {
  return h(
    "section",
    { class: `wall-${name}`, "aria-labelledby": `${name}-title` },
    h("h2", { id: `${name}-title`, "data-t": title }),
    place(`wall-${name}`, board),
  );
}

await startLocale("desk", "wall");
const board = new Board();
const entrance = /** @type {any} */ (document.createElement("aicc-entrance"));
const shown = h(
  "div",
  { class: "wall" },
  place("wall-totals", board),
  section("queues", "queues", board),
  section("calls", "calls", board),
  section("agents", "agents", board),
);
document.querySelector(".page-head aicc-preferences")?.before(h("div", { id: "link", class: "push" }, place("wall-link", board)));
document.querySelector("#main")?.append(h("h1", { class: "visually-hidden", "data-t": "page.wall" }), entrance, shown);
document.querySelector("#page")?.append(h("div", { id: "monitor" }, place("wall-monitor", board)));
const named = () => (document.title = `${t("page.wall")} · ${t("product")}`);
document.addEventListener("localechange", named);
entrance.addEventListener("again", () => void board.feed.open());
board.addEventListener("link", () => {
  entrance.refused = board.refused;
  shown.hidden = board.refused !== null;
});
// Whoever uses the page stays signed in; an open one that nobody uses does not keep anybody so.
const used = () => board.refused === null && usedSince() && post("/v1/desk/heartbeat", { active: true }).catch(() => null);
setInterval(used, USED_EVERY);
addEventListener("pagehide", () => void board.listening.leave());
named();
translate();
await board.feed.open();
