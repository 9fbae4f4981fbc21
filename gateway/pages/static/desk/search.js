/**
 * `<desk-search>`: the enterprise's own knowledge, asked by the agent. What was found stands there with its source;
 * where nothing was found, that is said.
 */
import { h, setText } from "../common/element.js";
import { t } from "../common/i18n.js";
import { languageName } from "../common/format.js";
import { announce } from "../common/live-region.js";
import { DeskElement, show } from "./desk-element.js";
import { showSource, sourceBlock } from "./assist.js";

const LANGUAGES = ["ko", "en"];

class Search extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["card", "item"];

  build() {
    this.box = /** @type {HTMLInputElement} */ (
      h("input", {
        class: "input",
        type: "search",
        id: "search-box",
        autocomplete: "off",
        "data-t-placeholder": "search.placeholder",
        maxlength: 200,
      })
    );
    this.language = /** @type {HTMLSelectElement} */ (
      h(
        "select",
        { class: "input small", "data-t-aria-label": "search.language" },
        LANGUAGES.map((code) => h("option", { value: code })),
      )
    );
    this.found = h("ol", { class: "found" });
    this.said = h("p", { class: "small muted", role: "status" });
    return h(
      "section",
      { class: "card search", "aria-labelledby": "search-title" },
      h(
        "div",
        { class: "card-head" },
        h("h2", { id: "search-title", "data-t": "search.title" }),
        this.language,
        h("kbd", { class: "push", "aria-hidden": "true", "data-keys": "search.focus" }),
      ),
      h(
        "div",
        { class: "card-body stack tight" },
        h(
          "form",
          { class: "ask", role: "search", onsubmit: (event) => this.#submitted(event) },
          h("label", { for: "search-box", class: "visually-hidden", "data-t": "search.title" }),
          this.box,
          h("button", { type: "submit", class: "button", "data-t": "search.go" }),
        ),
        this.said,
        this.found,
      ),
    );
  }

  refresh() {
    const options = /** @type {HTMLSelectElement} */ (this.language).options;
    for (const option of options) setText(option, languageName(option.value));
    const language = this.desk.contact?.card?.language?.slice(0, 2) ?? document.documentElement.lang;
    if (this.asked !== this.desk.contact?.call) {
      this.asked = this.desk.contact?.call;
      this.#show([], "");
    }
    if (this.given !== language && LANGUAGES.includes(language)) {
      this.given = language;
      /** @type {HTMLSelectElement} */ (this.language).value = language;
    }
    for (const [i, found] of (this.results ?? []).entries())
      showSource(this.found?.children[i]?.firstElementChild, found);
    if (this.results?.length)
      setText(/** @type {HTMLElement} */ (this.said), t("search.found", { count: this.results.length }));
  }

  /** Look for something that stands elsewhere. @param {string} text */
  look(text) {
    if (!this.box) return;
    this.box.value = text;
    this.box.focus();
    if (text) this.#search();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    this.#search();
  }

  async #search() {
    const text = this.box?.value.trim() ?? "";
    if (!text) return;
    const number = (this.number = (this.number ?? 0) + 1);
    this.setAttribute("aria-busy", "true");
    try {
      const found = await this.work.search(text, this.language?.value ?? "ko");
      // Of two searches the newer one counts, whichever answer comes first.
      if (number === this.number) this.#show(found ?? [], text);
    } catch (error) {
      this.work.refuse(error);
    } finally {
      this.removeAttribute("aria-busy");
    }
  }

  #show(found, text) {
    this.results = found;
    const said = found.length ? t("search.found", { count: found.length }) : text ? t("search.nothing", { text }) : "";
    setText(/** @type {HTMLElement} */ (this.said), said);
    this.found?.replaceChildren(
      ...found.map((one) => {
        const block = sourceBlock();
        showSource(block, one);
        return h("li", { lang: this.language?.value ?? "" }, block);
      }),
    );
    show(this.found, found.length > 0);
    if (text && !found.length) announce(said);
  }
}

customElements.define("desk-search", Search);
