/**
 * `<aicc-entrance>`: why a page shows nothing: nobody is signed in, or they may not, or the server cannot be reached.
 * Tells `again` when there is sense in another try. `kept` are the parts of the page that nobody else is to see.
 *
 * @module
 */

import { ApiError } from "./api.js";
import { AiccElement, h, setText } from "./element.js";
import { has, t, translate } from "./i18n.js";
import "../desk/sign-in.js";

class Entrance extends AiccElement {
  /** What was refused, and why. @type {Map<string, import("./api.js").ApiError>} */
  #refusals = new Map();
  /** @type {HTMLElement[]} */
  kept = [];

  /** Why, of what was refused last; null hides it. @returns {import("./api.js").ApiError | null} */
  get refused() {
    return [...this.#refusals.values()].at(-1) ?? null;
  }

  set refused(refused) {
    this.#told("", refused);
  }

  /**
   * Do something that the server may refuse, and say so where it does. What `signal` has ended refuses nothing. Of what
   * is done at the same time each has a name: what one was refused is not forgotten because another was not.
   *
   * @param {() => Promise<void>} work
   * @param {AbortSignal} [signal]
   * @param {string} [name]
   */
  async guard(work, signal, name = "") {
    try {
      await work();
      this.#told(name, null);
    } catch (error) {
      if (signal?.aborted || (error instanceof DOMException && error.name === "AbortError")) return;
      if (!(error instanceof ApiError)) throw error;
      this.#told(name, error);
    }
    const status = this.refused?.status;
    for (const part of this.kept) part.classList.toggle("refused", status === 401 || status === 403);
  }

  /** @param {string} name @param {import("./api.js").ApiError | null} refused */
  #told(name, refused) {
    this.#refusals.delete(name);
    if (refused !== null) this.#refusals.set(name, refused);
    this.changed();
  }

  build() {
    this.said = h("p", { role: "alert" });
    this.again = h("button", { type: "button", class: "button", "data-t": "retry", onclick: () => this.tell("again") });
    this.why = h("div", { class: "card empty" }, this.said, this.again);
    return this.why;
  }

  refresh() {
    const { refused } = this;
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

/** What went wrong, in words. @param {import("./api.js").ApiError} error */
export function told(error) {
  return has(`error.${error.code}`) ? t(`error.${error.code}`) : t("error.unknown", { message: error.message });
}

customElements.define("aicc-entrance", Entrance);
