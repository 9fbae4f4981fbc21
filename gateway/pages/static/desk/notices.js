/**
 * `<desk-notices>`: what was refused, and what the agent should know; each is said once and can be put away.
 *
 * What informs goes by itself; what went wrong stays until it was seen.
 */
import { h, reconcile } from "../common/element.js";
import { has, t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { DeskElement, show } from "./desk-element.js";

const READ_WITHIN = 8_000;

class Notices extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["notices"];

  build() {
    this.list = h("ul", { class: "notices" });
    return this.list;
  }

  refresh() {
    show(this, this.work.notices.length > 0);
    reconcile(
      /** @type {HTMLElement} */ (this.list),
      this.work.notices,
      (notice) => String(notice.id),
      (notice) => this.#made(notice),
      (element, notice) => {
        /** @type {HTMLElement} */ (element.firstElementChild).textContent = said(notice);
      },
    );
  }

  #made(notice) {
    announce(said(notice), { urgent: notice.tone === "error" });
    if (notice.tone === "info") setTimeout(() => this.work.dismiss(notice.id), READ_WITHIN);
    return h(
      "li",
      { class: notice.tone === "error" ? "notice danger" : "notice" },
      h("p", {}),
      h(
        "button",
        { type: "button", class: "button quiet small", onclick: () => this.work.dismiss(notice.id) },
        t("close"),
      ),
    );
  }
}

/** The text for it; for a code that no text is written for, the gateway's own words. */
function said({ key, places }) {
  const known = [key, `error.${places.code}`].find((one) => has(one));
  return known ? t(known, places) : t("refused.other", places);
}

customElements.define("desk-notices", Notices);
