/**
 * `<desk-hand-over>`: everything that is known of the call before the agent says a word: why a person is wanted, who
 * the caller has proved to be, what they want, what was tried, what was promised, what was heard so far.
 *
 * The sentiment is the customer's, from their words, and stands there in words with its reason.
 */
import { h, setText } from "../common/element.js";
import { has, t } from "../common/i18n.js";
import { DeskElement, show } from "./desk-element.js";
import { reasonText } from "./offer.js";

const VERIFIED = { none: "warn", knowledge: "info", code: "ok" };
const SENTIMENT = { negative: "danger", neutral: "", positive: "ok", unknown: "plain" };

class HandOver extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["card", "control"];

  build() {
    this.reason = h("p", { class: "reason" });
    this.verified = h("p", { class: "badge" });
    this.wish = h("p", { class: "wish" });
    this.promised = h("ul", { class: "promises" });
    this.tried = h("ol", {});
    this.known = h("dl", { class: "facts" });
    this.mood = h("p", { class: "badge" });
    this.moodWhy = h("p", { class: "small muted" });
    this.summary = h("p", { class: "summary" });
    this.earlier = h("ul", { class: "small muted" });
    this.blocks = {
      wish: block("handover.wish", this.wish),
      sentiment: block("handover.sentiment", this.mood, this.moodWhy),
      promised: block("handover.promised", this.promised),
      tried: block("handover.tried", this.tried),
      known: block("handover.known", this.known),
      summary: block("handover.summary", this.summary),
      earlier: block("handover.earlier", this.earlier),
    };
    return h(
      "section",
      { class: "card hand-over", "aria-labelledby": "handover-title" },
      h("div", { class: "card-head" }, h("h2", { id: "handover-title", "data-t": "handover.title" }), this.verified),
      h("div", { class: "card-body stack" }, this.reason, Object.values(this.blocks)),
    );
  }

  refresh() {
    const card = this.desk.contact?.card;
    if (!card) return;
    const { summary = {}, verified = "none", sentiment = { label: "unknown" } } = card;
    setText(/** @type {HTMLElement} */ (this.reason), card.reason ? reasonText(card.reason) : t("reason.none"));
    badge(this.verified, t(`verified.${verified}`), VERIFIED[verified]);
    this.#text("wish", this.wish, summary.wish, card.language);
    this.#list("promised", this.promised, summary.promised, card.language);
    this.#list("tried", this.tried, summary.tried, card.language);
    this.#list("earlier", this.earlier, summary.earlier, card.language);
    this.#text("summary", this.summary, card.live_summary || summary.text, card.language);
    this.#known({ ...summary.known, ...card.slots });
    badge(this.mood, t(`sentiment.${sentiment.label}`), SENTIMENT[sentiment.label]);
    setText(/** @type {HTMLElement} */ (this.moodWhy), sentiment.why ?? "");
    show(this.moodWhy, Boolean(sentiment.why));
  }

  #text(name, element, text, language) {
    setText(element, text ?? "");
    element.lang = language ?? "";
    show(this.blocks?.[name], Boolean(text));
  }

  #list(name, element, entries = [], language = "") {
    element.replaceChildren(...entries.map((entry) => h("li", { lang: language }, entry)));
    show(this.blocks?.[name], entries.length > 0);
  }

  #known(known) {
    const entries = Object.entries(known).filter(([, value]) => value !== null && value !== undefined && value !== "");
    this.known?.replaceChildren(
      ...entries.flatMap(([name, value]) => [h("dt", {}, slotName(name)), h("dd", {}, plain(value))]),
    );
    show(this.blocks?.known, entries.length > 0);
  }
}

/** What a slot is called: the catalogue's word for it where it has one. @param {string} name */
export function slotName(name) {
  return has(`slot.${name}`) ? t(`slot.${name}`) : name.replaceAll("_", " ");
}

/** A value as it is shown. @param {unknown} value */
export function plain(value) {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

function block(key, ...content) {
  return h("div", { class: "block" }, h("h3", { class: "label", "data-t": key }), ...content);
}

function badge(element, text, tone) {
  setText(element, text);
  element.className = `badge ${tone}`;
}

customElements.define("desk-hand-over", HandOver);
