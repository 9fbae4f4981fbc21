/**
 * `<wall-calls>`: the calls that are going on, with the trend of the bot's confidence, and a way into each.
 *
 * While somebody points at the list or is in it with the keyboard, nothing in it changes its place: what is pressed is
 * what was aimed at.
 *
 * @module
 */

import { factsOf, h, reconcile, setText } from "../common/element.js";
import { languageName, percent } from "../common/format.js";
import { t } from "../common/i18n.js";
import { BoardElement } from "./board.js";
import { icon } from "../common/icon.js";
import { isArmed } from "./monitor.js";
import "./since.js";
import { draw, sparkline } from "./sparkline.js";
import { callsInOrder } from "./state.js";

const SHOWN = /** @type {const} */ (["all", "falling", "bot", "people"]);
const WAYS = /** @type {const} */ (["listen", "whisper", "barge", "take-over"]);
const ICONS = { listen: "listen", whisper: "whisper", barge: "barge", "take-over": "takeover" };

class Calls extends BoardElement {
  static parts = /** @type {any} */ (["wall", "listening"]);
  /** @type {import("./state.js").Shown} */
  shown = "all";
  /** @type {string[]} */
  order = [];

  build() {
    this.choices = SHOWN.map((name) =>
      h("button", { type: "button", class: "segment", "data-shown": name, onclick: () => this.choose(name) }),
    );
    this.filter = h("div", { class: "segments", role: "group" }, this.choices);
    this.list = h("ul", { class: "calls", role: "list" });
    this.none = h("p", { class: "empty" });
    return [this.filter, this.list, this.none];
  }

  connected() {
    super.connected();
    for (const type of ["pointerleave", "focusout"])
      this.listen(/** @type {Element} */ (this.list), type, () => this.changed());
  }

  /** @param {import("./state.js").Shown} shown */
  choose(shown) {
    this.shown = shown;
    this.order = [];
    this.changed();
  }

  refresh() {
    if (!this.list || !this.none || !this.filter) return;
    this.filter.setAttribute("aria-label", t("calls.filter"));
    for (const choice of this.choices ?? []) {
      const name = choice.dataset.shown ?? "all";
      setText(choice, t(`calls.filter.${name}`));
      choice.setAttribute("aria-pressed", String(name === this.shown));
    }
    const held = this.list.matches(":hover, :focus-within");
    const calls = callsInOrder(this.board.wall, this.shown, held ? this.order : []);
    this.order = calls.map(({ call }) => call);
    reconcile(
      this.list,
      calls,
      ({ call }) => call,
      (call) => this.make(call),
      (element, call) => this.show(element, call),
    );
    this.none.hidden = calls.length > 0;
    setText(this.none, t(this.shown === "falling" ? "calls.none.falling" : "calls.none"));
  }

  /** @param {import("./state.js").Call} call */
  make(call) {
    const trend = sparkline();
    const ways = WAYS.map((way) =>
      h(
        "button",
        {
          type: "button",
          class: "button small way",
          "data-way": way,
          onclick: () => void this.board.listening.act(call.call, way),
        },
        icon(ICONS[way]),
        h("span", { "data-fact": "way" }),
        h("span", { class: "visually-hidden", "data-fact": "of" }),
      ),
    );
    return h(
      "li",
      { class: "call", "data-call": call.call },
      h(
        "div",
        { class: "call-owner" },
        h("span", { class: "owner-mark" }),
        h(
          "div",
          { class: "call-who" },
          h(
            "p",
            { class: "row tight" },
            h("span", { class: "strong", "data-fact": "owner" }),
            h("span", { class: "badge warn", "data-fact": "waiting" }),
            h("span", { class: "badge info", "data-fact": "present" }),
          ),
          h("p", { class: "muted small clip", "data-fact": "about" }),
        ),
      ),
      h(
        "p",
        { class: "call-since" },
        h("span", { class: "visually-hidden", "data-fact": "since-label" }),
        h("aicc-since", { class: "tabular strong", "data-fact": "since" }),
      ),
      h(
        "div",
        { class: "call-confidence" },
        trend,
        h(
          "p",
          { class: "confidence-words" },
          h("strong", { class: "tabular", "data-fact": "confidence" }),
          h("span", { "data-fact": "trend" }),
        ),
      ),
      h("div", { class: "call-ways" }, ways),
    );
  }

  /** @param {HTMLElement} element @param {import("./state.js").Call} call */
  show(element, call) {
    const at = factsOf(element);
    const owner = this.board.ownerName(call);
    const about = [call.line, this.board.queueName(call.queue), languageName(call.language)]
      .filter(Boolean)
      .join(" · ");
    element.classList.toggle("falling", call.falling);
    if (element.dataset.owner !== call.owner) {
      element.dataset.owner = call.owner;
      element.querySelector(".owner-mark")?.replaceChildren(icon(call.owner));
    }
    setText(at("owner"), owner);
    setText(at("about"), about);
    at("waiting").hidden = !call.waiting;
    setText(at("waiting"), call.waiting ? t("calls.waiting") : "");
    setText(at("since-label"), t("calls.since"));
    at("since").setAttribute("at", call.since);
    draw(/** @type {any} */ (element.querySelector(".sparkline")), call.confidence, call.falling);
    const latest = call.confidence.at(-1);
    setText(at("confidence"), latest === undefined ? "–" : percent(latest));
    at("trend").className = call.falling ? "badge danger" : "muted small";
    setText(
      at("trend"),
      t(call.falling ? "calls.falling" : latest === undefined ? "calls.unanswered" : "calls.confidence"),
    );
    this.ways(element, call, `${owner}, ${about}`);
  }

  /** @param {HTMLElement} element @param {import("./state.js").Call} call @param {string} name */
  ways(element, call, name) {
    const { monitor } = this.board.listening;
    const here = monitor.call === call.call;
    const present = element.querySelector("[data-fact=present]");
    element.classList.toggle("here", here);
    if (present) {
      /** @type {HTMLElement} */ (present).hidden = !here;
      setText(present, here ? t(`monitor.${monitor.state}`) : "");
    }
    for (const button of element.querySelectorAll("[data-way]")) {
      const way = /** @type {typeof WAYS[number]} */ (/** @type {HTMLElement} */ (button).dataset.way);
      const armed = here && way === "take-over" && isArmed(monitor, Date.now()) && monitor.armed?.deed === way;
      const off =
        (way === "whisper" && call.owner !== "agent") ||
        (here && monitor.state === "taken") ||
        (!here && monitor.state === "taken");
      /** @type {HTMLButtonElement} */ (button).disabled = off;
      button.setAttribute(
        "title",
        way === "whisper" && call.owner !== "agent" ? t("way.whisper.nobody") : t(`way.${way}.means`),
      );
      if (way !== "take-over") button.setAttribute("aria-pressed", String(here && monitor.state === way));
      button.classList.toggle("danger", armed);
      button.classList.toggle("primary", armed);
      setText(
        /** @type {Element} */ (button.querySelector("[data-fact=way]")),
        t(armed ? "way.take-over.again" : `way.${way}`),
      );
      setText(/** @type {Element} */ (button.querySelector("[data-fact=of]")), `: ${name}`);
    }
  }
}

customElements.define("wall-calls", Calls);
