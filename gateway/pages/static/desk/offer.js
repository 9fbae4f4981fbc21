/**
 * `<desk-offer>`: the call that rings: from whom, why, for how long yet; accept or decline. It is told aloud and
 * rings, and takes nobody's focus.
 */
import { h, setText } from "../common/element.js";
import { has, named, t } from "../common/i18n.js";
import { duration, languageName } from "../common/format.js";
import { announce } from "../common/live-region.js";
import { button, DeskElement, show } from "./desk-element.js";

class Offer extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["offer", "queues"];

  build() {
    this.who = h("p", { class: "who", id: "offer-who" });
    this.why = h("dl", { class: "facts" });
    this.wish = h("p", { class: "wish" });
    this.left = h("span", { class: "left", "aria-hidden": "true" });
    this.bar = /** @type {HTMLProgressElement} */ (
      h("progress", { class: "countdown", max: 1, "data-t-aria-label": "offer.left" })
    );
    this.accepting = button(
      "offer.accept",
      { class: "button primary big", onclick: () => this.accept() },
      "offer.accept",
    );
    this.declining = button("offer.reject", { class: "button big", onclick: () => this.reject() }, "offer.reject");
    return h(
      "section",
      { class: "offer", "aria-labelledby": "offer-title offer-who" },
      h("div", { class: "ringing", "aria-hidden": "true" }),
      h(
        "div",
        { class: "about" },
        h("h2", { id: "offer-title", "data-t": "offer.title" }),
        this.who,
        this.wish,
        this.why,
      ),
      h(
        "div",
        { class: "answer" },
        h("p", { class: "remaining" }, this.left, this.bar),
        h("div", { class: "buttons" }, this.accepting, this.declining),
      ),
    );
  }

  connected() {
    super.connected();
    this.every(200, () => this.#tick());
  }

  refresh() {
    const offer = this.desk.offer;
    show(this, Boolean(offer));
    if (!offer) return this.#gone();
    const card = offer.card;
    setText(this.who, card?.caller || t("caller.withheld"));
    setText(this.wish, card?.wish ?? "");
    if (card?.language) this.wish?.setAttribute("lang", card.language);
    show(this.wish, Boolean(card?.wish));
    const facts = card
      ? [
          ["offer.queue", this.#queue(card.queue)],
          ["offer.language", languageName(card.language)],
          ["offer.reason", reasonText(card.reason)],
          ["offer.waited", duration(card.waited)],
        ]
      : [];
    this.why?.replaceChildren(...facts.flatMap(([key, value]) => [h("dt", {}, t(key)), h("dd", {}, value)]));
    if (this.shown === offer.offer) return;
    if (!card) return; // the rest is being asked for
    this.shown = offer.offer;
    this.#begin(offer);
    announce(t("offer.announced", { queue: this.#queue(card.queue), reason: reasonText(card.reason) }), {
      urgent: true,
    });
  }

  async accept() {
    if (!this.desk.offer || this.accepting?.hasAttribute("disabled")) return;
    this.#busy(true);
    await this.work.accept();
    this.#busy(false);
  }

  async reject() {
    if (!this.desk.offer) return;
    this.#busy(true);
    await this.work.reject("declined");
    this.#busy(false);
  }

  /** The countdown begins: of the gateway's own seconds, so that clocks which differ do not shorten it. */
  #begin(offer) {
    const whole = Date.parse(offer.expires_at) - Date.parse(offer.made_at);
    this.whole = Math.max(1, whole);
    this.until = Date.now() + Math.min(this.whole, Math.max(0, Date.parse(offer.expires_at) - Date.now()));
    this.#tick();
  }

  #tick() {
    if (!this.desk.offer || !this.until || !this.bar || !this.left) return;
    const left = Math.max(0, this.until - Date.now());
    this.bar.value = left / /** @type {number} */ (this.whole);
    setText(this.left, t("offer.seconds", { count: Math.ceil(left / 1000) }));
    this.toggleAttribute("data-urgent", left < 5000);
  }

  #gone() {
    if (!this.shown) return;
    this.shown = "";
    if (!this.desk.lostOffer) return;
    this.work.notify("info", `lost.${this.desk.lostOffer}`);
    this.desk.lostOffer = "";
  }

  #busy(busy) {
    for (const one of [this.accepting, this.declining]) one?.toggleAttribute("disabled", busy);
  }

  #queue(id) {
    return named(this.desk.queues.find((queue) => queue.id === id)?.name) || id;
  }
}

/** Why a person is wanted, in words. @param {string | undefined} reason */
export function reasonText(reason) {
  return reason ? (has(`reason.${reason}`) ? t(`reason.${reason}`) : reason) : "";
}

customElements.define("desk-offer", Offer);
