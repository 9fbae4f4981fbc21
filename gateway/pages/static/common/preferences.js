/**
 * `<aicc-preferences>`: the language of the page and its theme, for the head of every page.
 *
 * @module
 */

import { AiccElement, h, setText } from "./element.js";
import { LOCALES, locale, setLocale, t } from "./i18n.js";

const THEMES = ["system", "light", "dark"];
const NAMES = { ko: "한국어", en: "English" };

class Preferences extends AiccElement {
  build() {
    this.languages = LOCALES.map((code) =>
      h("button", { type: "button", class: "segment", lang: code, "data-locale": code, onclick: () => void setLocale(code) }, NAMES[code]),
    );
    this.language = h("div", { class: "segments", role: "group" }, this.languages);
    this.theme = h("button", { type: "button", class: "button quiet small", "data-theme-toggle": true, onclick: () => this.turn() });
    return [this.language, this.theme];
  }

  refresh() {
    this.language?.setAttribute("aria-label", t("preferences.language"));
    for (const button of this.languages ?? []) {
      button.setAttribute("aria-pressed", String(button.dataset.locale === locale()));
    }
    if (this.theme) setText(this.theme, t(`preferences.theme.${theme()}`));
  }

  turn() {
    const chosen = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
    const root = document.documentElement;
    if (chosen === "system") delete root.dataset.theme;
    else root.dataset.theme = chosen;
    try {
      if (chosen === "system") localStorage.removeItem("aicc.theme");
      else localStorage.setItem("aicc.theme", chosen);
    } catch {
      // it lasts as long as the page
    }
    this.refresh();
  }
}

/** @returns {string} */
function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

customElements.define("aicc-preferences", Preferences);
