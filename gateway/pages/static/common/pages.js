/**
 * `<aicc-pages>`: the way to the other pages of those who work here, for the head of theirs. The caller's page has none.
 *
 * @module
 */

import { AiccElement, h } from "./element.js";

const PAGES = ["desk", "wall", "calls", "reports", "quality", "custody"];

class Pages extends AiccElement {
  build() {
    const others = PAGES.filter((name) => name !== document.body.dataset.page);
    return h(
      "nav",
      { class: "row tight", "data-t-aria-label": "pages" },
      others.map((name) => h("a", { class: "button quiet small", href: `/${name}`, "data-t": `page.${name}` })),
    );
  }
}

customElements.define("aicc-pages", Pages);
