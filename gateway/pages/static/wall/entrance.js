/**
 * `<aicc-entrance>`: why a page shows nothing: nobody is signed in, or they may not, or the server cannot be reached.
 * Tells `again` when there is sense in another try.
 *
 * @module
 */

import { AiccElement, h, setText } from "../common/element.js";
import { has, t, translate } from "../common/i18n.js";
import "../desk/sign-in.js";

class Entrance extends AiccElement {
  /** @type {import("../common/api.js").ApiError | null} */
  #refused = null;

  /** Why; null hides it. */
  get refused() {
    return this.#refused;
  }

  set refused(refused) {
    this.#refused = refused;
    this.changed();
  }

  build() {
    this.said = h("p", { role: "alert" });
    this.again = h("button", { type: "button", class: "button", "data-t": "retry", onclick: () => this.tell("again") });
    this.why = h("div", { class: "card empty" }, this.said, this.again);
    return this.why;
  }

  refresh() {
    const refused = this.#refused;
    this.hidden = refused === null;
    if (!this.why || !this.said) return;
    translate(this);
    const unknown = refused?.status === 401;
    this.why.hidden = unknown;
    if (unknown) this.ask();
    else this.querySelector("desk-sign-in")?.remove();
    if (refused && !unknown) setText(this.said, told(refused));
  }

  ask() {
    if (this.querySelector("desk-sign-in")) return;
    const asked = document.createElement("desk-sign-in");
    asked.addEventListener("signedin", () => this.tell("again"), { once: true });
    this.append(asked);
  }
}

/** What went wrong, in words. @param {import("../common/api.js").ApiError} error */
export function told(error) {
  return has(`error.${error.code}`) ? t(`error.${error.code}`) : t("error.unknown", { message: error.message });
}

customElements.define("aicc-entrance", Entrance);
