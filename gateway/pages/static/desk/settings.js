/**
 * `<desk-settings>`: the list of keys, each of which can be changed; whether it rings; and which page opens with a
 * call.
 */
import { h, reconcile, setText } from "../common/element.js";
import { combination } from "../common/keys.js";
import { t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { DeskElement } from "./desk-element.js";
import { legible } from "./keyboard.js";
import { prefer, preferences } from "./preferences.js";
import { screenPop } from "./record.js";

/** Letters and digits alone would be struck while writing, and by speech input (WCAG 2.2, 2.1.4). */
const WITH_MODIFIER = /^(F\d{1,2}|.*(Ctrl|Alt|Meta)\+.+)$/;
const EXAMPLE = { call: "1", item: "1", queue: "orders", language: "ko", caller: "010" };

class Settings extends DeskElement {
  build() {
    const chosen = preferences();
    this.keys = h("ul", { class: "key-list" });
    this.said = h("p", { class: "small muted", role: "status" });
    this.ring = /** @type {HTMLInputElement} */ (
      h("input", { type: "checkbox", id: "ring", checked: chosen.ring, onchange: () => this.#ring() })
    );
    this.pop = /** @type {HTMLInputElement} */ (
      h("input", {
        class: "input mono",
        id: "pop",
        type: "text",
        inputmode: "url",
        autocomplete: "off",
        spellcheck: "false",
        value: chosen.pop,
        placeholder: "https://crm.example/?q={known.order_id}",
        "aria-describedby": "pop-hint",
        onchange: () => this.#pop(),
      })
    );
    this.dialog = /** @type {HTMLDialogElement} */ (
      h(
        "dialog",
        { class: "settings", "aria-labelledby": "settings-title", onkeydown: (event) => this.#pressed(event) },
        h(
          "form",
          { method: "dialog", class: "stack" },
          h(
            "div",
            { class: "spread" },
            h("h2", { id: "settings-title", "data-t": "settings.title" }),
            h("button", { class: "button quiet small", "data-t": "close" }),
          ),
          h("div", { class: "field check" }, this.ring, h("label", { for: "ring", "data-t": "settings.ring" })),
          h(
            "div",
            { class: "field" },
            h("label", { for: "pop", "data-t": "settings.pop" }),
            this.pop,
            h("p", { class: "small muted", id: "pop-hint", "data-t": "settings.pop.hint" }),
          ),
          h(
            "div",
            { class: "stack tight" },
            h(
              "div",
              { class: "spread" },
              h("h3", { "data-t": "settings.keys" }),
              h("button", {
                type: "button",
                class: "button quiet small",
                "data-t": "settings.keys.reset",
                onclick: () => this.#reset(),
              }),
            ),
            this.said,
            this.keys,
          ),
        ),
      )
    );
    return this.dialog;
  }

  refresh() {
    reconcile(
      /** @type {HTMLElement} */ (this.keys),
      this.work.keys.shortcuts.list(),
      (shortcut) => shortcut.id,
      (shortcut) =>
        h(
          "li",
          {},
          h("span", {}),
          h("button", { type: "button", class: "button small", onclick: () => this.#ask(shortcut.id) }),
        ),
      (element, shortcut) => {
        const [label, keys] = element.children;
        const asked = this.asked === shortcut.id;
        setText(label, t(shortcut.label));
        setText(keys, asked ? t("settings.keys.press") : legible(shortcut.keys));
        keys.setAttribute(
          "aria-label",
          t("settings.keys.change", { name: t(shortcut.label), keys: legible(shortcut.keys) }),
        );
        keys.setAttribute("aria-pressed", String(asked));
      },
    );
  }

  open() {
    if (this.dialog?.open) return this.dialog.close();
    setText(/** @type {HTMLElement} */ (this.said), t("settings.keys.hint"));
    this.asked = "";
    this.refresh();
    this.dialog?.showModal();
  }

  #ask(id) {
    this.asked = this.asked === id ? "" : id;
    this.refresh();
  }

  /** Keys that are struck while some are asked for become those. */
  #pressed(event) {
    if (!this.asked) return;
    const keys = combination(event);
    if (keys === null || event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    const id = this.asked;
    this.asked = "";
    if (event.key === "Escape") return this.refresh();
    this.#change(id, keys);
  }

  #change(id, keys) {
    const { shortcuts } = this.work.keys;
    if (!WITH_MODIFIER.test(keys)) this.#say(t("settings.keys.modifier"));
    else {
      const taken = shortcuts.change(id, keys);
      this.#say(
        taken
          ? t("settings.keys.taken", { keys: legible(keys), name: t(`keys.${taken}`) })
          : t("settings.keys.changed", { keys: legible(keys), name: t(`keys.${id}`) }),
      );
    }
    this.work.keys.write(document);
    this.refresh();
  }

  #reset() {
    for (const { id } of this.work.keys.shortcuts.list()) this.work.keys.shortcuts.change(id, "");
    this.work.keys.write(document);
    this.#say(t("settings.keys.were_reset"));
    this.refresh();
  }

  #ring() {
    const { ring } = prefer({ ring: this.ring?.checked ?? true });
    this.tell("ringpreference", ring);
  }

  #pop() {
    const template = this.pop?.value.trim() ?? "";
    const known = Object.fromEntries([...template.matchAll(/\{known\.([a-z_]+)\}/g)].map(([, name]) => [name, "1"]));
    const good = template === "" || screenPop(template, EXAMPLE, known) !== null;
    this.pop?.setAttribute("aria-invalid", String(!good));
    this.#say(t(good ? "settings.pop.kept" : "settings.pop.refused"));
    if (good) prefer({ pop: template });
  }

  #say(text) {
    setText(/** @type {HTMLElement} */ (this.said), text);
    announce(text);
  }
}

customElements.define("desk-settings", Settings);
