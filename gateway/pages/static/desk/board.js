/**
 * `<desk-board>`: the desk as a whole: who sits at it, what rings, the call at hand with everything that helps, and
 * between calls what waits.
 */
import { h, setText } from "../common/element.js";
import { t } from "../common/i18n.js";
import { button, DeskElement, place, show } from "./desk-element.js";
import { preferences } from "./preferences.js";
import { recordOf } from "./record.js";
import "../common/preferences.js";
import "./actions.js";
import "./assist.js";
import "./controls.js";
import "./hand-over.js";
import "./link.js";
import "./notices.js";
import "./offer.js";
import "./presence.js";
import "./queues.js";
import "./script.js";
import "./search.js";
import "./settings.js";
import "./transcript-view.js";
import "./wrap-up.js";

/** A call goes on while somebody looks at something else. */
const OTHER_TAB = { target: "_blank", rel: "noopener" };

export class Board extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["me", "offer", "item", "card", "control", "ended"];

  /** @type {{name: string, user: string, tenant: string}} */
  person = { name: "", user: "", tenant: "" };

  build() {
    const part = (/** @type {string} */ tag) => /** @type {any} */ (place(`desk-${tag}`, this.work));
    this.offer = part("offer");
    this.controls = part("controls");
    this.transcript = part("transcript");
    this.assist = part("assist");
    this.actions = part("actions");
    this.search = part("search");
    this.wrapUp = part("wrap-up");
    this.settings = part("settings");
    this.presence = part("presence");
    this.queues = part("queues");
    this.known = column("known", "column.known", part("hand-over"), part("script"));
    this.said = h("div", { class: "column" }, this.transcript);
    this.between = h("div", { class: "column between" }, this.queues);
    this.aid = column("aid", "column.aid", this.wrapUp, this.assist, this.actions, this.search);
    return [
      this.#head(),
      h(
        "main",
        { id: "main", class: "page-main desk", tabindex: "-1" },
        part("notices"),
        this.offer,
        this.controls,
        h("div", { class: "columns" }, this.known, this.said, this.between, this.aid),
      ),
      this.settings,
    ];
  }

  connected() {
    super.connected();
    this.work.keys.listen(this.leaving);
    this.listen(this, "look", (event) => this.search.look(event.detail));
    this.listen(this, "act", (event) => this.actions.begin(event.detail.name, event.detail.arguments));
  }

  refresh() {
    const { contact, item, offer } = this.desk;
    const state = this.wrappingUp ? "wrap-up" : contact ? "call" : "between";
    this.dataset.state = state;
    for (const one of [this.controls, this.known, this.said]) show(one, state !== "between");
    show(this.between, state === "between");
    show(this.assist, state === "call");
    setText(/** @type {HTMLElement} */ (this.name), this.person.name);
    const title = offer ? t("title.ringing") : contact && (item || contact.card) ? t(`title.${state}`) : "";
    document.title = [title, t("page.desk"), t("product")].filter(Boolean).join(" · ");
    this.#pop();
  }

  get ringing() {
    return this.desk.offer !== null;
  }

  get atHand() {
    return this.desk.contact !== null;
  }

  get wrappingUp() {
    return this.desk.item?.state === "wrap_up";
  }

  get inCall() {
    return this.atHand && !this.wrappingUp && !this.desk.contact?.ended;
  }

  focusTranscript() {
    /** @type {HTMLElement | null} */ (this.querySelector("#transcript"))?.focus();
  }

  focusPresence() {
    /** @type {HTMLElement | null} */ (this.querySelector("#presence"))?.focus();
  }

  #head() {
    this.name = h("span", { class: "strong" });
    return h(
      "header",
      { class: "page-head" },
      h(
        "span",
        { class: "brand" },
        h("img", { src: "/static/common/mark.svg", alt: "" }),
        h("span", { "data-t": "product" }),
        h("small", { "data-t": "page.desk" }),
      ),
      this.presence,
      h(
        "div",
        { class: "row tight push" },
        place("desk-link", this.work),
        h("aicc-preferences"),
        h("a", { ...OTHER_TAB, href: "/quality", class: "button quiet small", "data-t": "page.quality" }),
        button("settings.open", { class: "button quiet small", onclick: () => this.settings.open() }, "keys.show"),
        this.name,
        button("sign_out", { class: "button quiet small", onclick: () => this.tell("leave") }),
      ),
    );
  }

  /** The customer's record opens with the call: once, as soon as what its address needs is known. */
  #pop() {
    const contact = this.desk.contact;
    const template = preferences().pop;
    if (!contact?.card || !template || this.popped === contact.call) return;
    this.popped = contact.call;
    const url = recordOf(this.desk);
    if (url) window.open(url, "_blank", "noopener,noreferrer");
    else this.work.notify("info", "pop.incomplete");
  }
}

/** A column that scrolls by itself where there is room for three: also by keyboard. */
function column(name, label, ...content) {
  return h("div", { class: `column ${name}`, tabindex: "0", role: "region", "data-t-aria-label": label }, ...content);
}

customElements.define("desk-board", Board);
