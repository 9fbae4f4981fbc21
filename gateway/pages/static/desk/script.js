/**
 * `<desk-script>`: the lines that this line of business requires to be said; each is ticked when it was heard.
 */
import { h, reconcile, setText } from "../common/element.js";
import { t } from "../common/i18n.js";
import { DeskElement, show } from "./desk-element.js";

class Script extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["card", "script"];

  build() {
    this.lines = h("ul", { class: "script-lines" });
    this.count = h("span", { class: "badge plain push" });
    return h(
      "section",
      { class: "card", "aria-labelledby": "script-title" },
      h("div", { class: "card-head" }, h("h2", { id: "script-title", "data-t": "script.title" }), this.count),
      h("div", { class: "card-body" }, this.lines),
    );
  }

  refresh() {
    const card = this.desk.contact?.card;
    const script = card?.script ?? [];
    show(this, script.length > 0);
    const said = script.filter((line) => line.said).length;
    setText(/** @type {HTMLElement} */ (this.count), t("script.count", { said, all: script.length }));
    reconcile(
      /** @type {HTMLElement} */ (this.lines),
      script,
      (line) => line.id,
      () =>
        h(
          "li",
          {},
          h("span", { class: "tick", "aria-hidden": "true" }),
          h("span", { class: "visually-hidden" }),
          h("span", { class: "line" }),
        ),
      (element, line) => {
        element.dataset.said = String(line.said);
        const [, state, text] = element.children;
        setText(state, t(line.said ? "script.said" : "script.open"));
        setText(text, line.text);
        text.setAttribute("lang", card?.language ?? "");
      },
    );
  }
}

customElements.define("desk-script", Script);
