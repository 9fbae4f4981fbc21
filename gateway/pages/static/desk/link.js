/**
 * `<desk-link>`: whether what is shown is live, and how old it is where it is not; and the telephone beside it.
 */
import { h, setText } from "../common/element.js";
import { t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { DeskElement, show } from "./desk-element.js";

class Link extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["link", "phone"];

  build() {
    this.line = h("span", { class: "connection", "data-part": "link" });
    this.telephone = h("span", { class: "connection", "data-part": "phone" });
    this.again = h("button", {
      type: "button",
      class: "button small",
      "data-t": "link.again",
      onclick: () => this.work.again(),
    });
    return [this.line, this.telephone, this.again];
  }

  refresh() {
    const { state, staleness } = this.work.link;
    const text =
      state === "live" || staleness < 1
        ? t(`state.${state}`)
        : `${t(`state.${state}`)} · ${t("state.stale", { count: staleness })}`;
    if (this.line) {
      this.line.dataset.state = state;
      setText(this.line, text);
    }
    if (this.was && this.was !== state) announce(t(`state.${state}`), { urgent: state === "refused" });
    this.was = state;
    const phone = this.work.phone.state;
    if (this.telephone) {
      this.telephone.dataset.state = phone;
      setText(this.telephone, t(`phone.${phone}`));
    }
    show(this.telephone, phone !== "off");
    show(this.again, state === "refused" || (state === "reconnecting" && staleness > 5));
  }
}

customElements.define("desk-link", Link);
