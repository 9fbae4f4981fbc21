/**
 * `<desk-presence>`: whether the agent takes calls, why not, and what comes after the call at hand.
 */
import { h, setText } from "../common/element.js";
import { named, t } from "../common/i18n.js";
import { clock } from "../common/format.js";
import { DeskElement, show } from "./desk-element.js";

/** @type {Record<string, string>} */
const TONES = { idle: "ok", reserved: "info", on_contact: "info", wrap_up: "warn", not_responding: "danger" };

class Presence extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["me", "item"];

  build() {
    this.choice = /** @type {HTMLSelectElement} */ (
      h("select", { id: "presence", class: "input", onchange: () => this.#choose() })
    );
    this.routing = h("span", { class: "badge", "data-part": "routing" });
    this.next = h("span", { class: "small muted" });
    this.back = h("button", {
      type: "button",
      class: "button primary small",
      "data-t": "presence.back",
      onclick: () => this.work.presence("available"),
    });
    return [
      h("label", { for: "presence", class: "visually-hidden", "data-t": "presence.label" }),
      this.choice,
      this.routing,
      this.next,
      this.back,
    ];
  }

  connected() {
    super.connected();
    this.every(1000, () => this.#since());
  }

  refresh() {
    const { me, presences } = this.desk;
    if (!me || !this.choice) return;
    const next = me.next_presence ? { presence: me.next_presence, reason: me.next_reason } : null;
    const chosen = keyOf(next ?? me);
    const options = presences.map((one) => new Option(named(one.name), keyOf(one)));
    // Who is offline, or away for a reason of their own, stands there as they are.
    if (!presences.some((one) => keyOf(one) === chosen))
      options.unshift(new Option(me.reason || t(`presence.${me.presence}`), chosen));
    const changed =
      [...this.choice.options].map((o) => o.value + o.text).join() !== options.map((o) => o.value + o.text).join();
    if (changed) this.choice.replaceChildren(...options);
    this.choice.value = chosen;
    setText(/** @type {HTMLElement} */ (this.next), next ? t("presence.next", { name: this.#name(next) }) : "");
    show(this.next, Boolean(next));
    show(this.back, me.routing === "not_responding");
    this.#since();
  }

  /** For how long it has been so. */
  #since() {
    const me = this.desk.me;
    if (!me || !this.routing) return;
    const state = me.presence === "available" ? t(`routing.${me.routing}`) : t(`presence.${me.presence}`);
    const seconds = me.since ? (Date.now() - Date.parse(me.since)) / 1000 : 0;
    this.routing.replaceChildren(state, h("span", { class: "since", "aria-hidden": "true" }, clock(seconds)));
    const tone = me.presence === "available" ? TONES[me.routing] : "";
    this.routing.className = `badge ${tone}`;
  }

  #name(presence) {
    const found = this.desk.presences.find((one) => keyOf(one) === keyOf(presence));
    return found ? named(found.name) : t(`presence.${presence.presence}`);
  }

  #choose() {
    const [presence, reason] = /** @type {HTMLSelectElement} */ (this.choice).value.split("/");
    this.work.presence(presence, reason).then((done) => done || this.changed());
  }
}

function keyOf({ presence, reason }) {
  return `${presence}/${reason ?? ""}`;
}

customElements.define("desk-presence", Presence);
