/**
 * `<desk-assist>`: one card of advice at a time, with where it comes from; or, said plainly, that nothing was found.
 *
 * A newer card takes the place of the one before, but not while the agent is changing its words.
 */
import { h, setText } from "../common/element.js";
import { named, t } from "../common/i18n.js";
import { date, percent } from "../common/format.js";
import { announce } from "../common/live-region.js";
import { button, DeskElement, show } from "./desk-element.js";

class Assist extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["assist", "card", "item"];

  build() {
    this.kind = h("span", { class: "badge push" });
    this.asked = h("p", { class: "small muted asked" });
    this.text = h("p", { class: "advice" });
    this.source = sourceBlock();
    this.writing = /** @type {HTMLTextAreaElement} */ (
      h("textarea", {
        class: "input",
        rows: 4,
        id: "assist-words",
        onkeydown: (event) => event.key === "Escape" && !event.isComposing && this.#stop(),
      })
    );
    this.editor = h(
      "div",
      { class: "stack tight" },
      h("label", { for: "assist-words", class: "label", "data-t": "assist.words" }),
      this.writing,
      h(
        "div",
        { class: "row tight" },
        button("assist.save", { class: "button primary small", onclick: () => this.#save() }),
        button("assist.stop", { class: "button quiet small", onclick: () => this.#stop() }),
      ),
    );
    this.waits = h("p", { class: "small muted", "data-t": "assist.waits" });
    this.done = h("p", { class: "badge ok", hidden: true });
    this.using = button("assist.use", { class: "button primary small", onclick: () => this.use() }, "card.use");
    this.editing = button("assist.edit", { class: "button small", onclick: () => this.edit() }, "card.edit");
    this.dismissing = button(
      "assist.dismiss",
      { class: "button quiet small", onclick: () => this.dismiss() },
      "card.dismiss",
    );
    this.looking = button("assist.look", {
      class: "button small",
      onclick: () =>
        this.tell(
          "look",
          this.card?.text ||
            this.desk.contact?.transcript.lines.findLast((line) => line.speaker === "caller")?.text ||
            "",
        ),
    });
    this.buttons = h("div", { class: "row tight" }, this.using, this.editing, this.looking, this.dismissing);
    this.none = h("p", { class: "muted", "data-t": "assist.waiting" });
    return h(
      "section",
      { class: "card assist", "aria-labelledby": "assist-title" },
      h("div", { class: "card-head" }, h("h2", { id: "assist-title", "data-t": "assist.title" }), this.kind),
      h(
        "div",
        { class: "card-body stack" },
        this.none,
        this.asked,
        this.text,
        this.source,
        this.editor,
        this.waits,
        this.done,
        this.buttons,
      ),
    );
  }

  refresh() {
    const newest = this.desk.contact?.assist ?? null;
    const open = Boolean(this.changing);
    const waits = open && newest?.card !== this.card?.card;
    show(this.waits, waits);
    if (!open) this.#show(newest);
    show(this.editor, open);
    show(this.buttons, !open && this.card !== null && this.card !== undefined);
    show(this.text, !open && Boolean(this.card) && this.card?.kind !== "action");
  }

  use() {
    const card = this.card;
    if (!card || card.kind === "nothing") return;
    this.work.card(card.card, "used").then((done) => done && this.#mark("assist.used"));
    if (card.kind === "action" && card.action) this.tell("act", card.action);
  }

  edit() {
    if (this.card?.kind !== "answer" || this.changing || !this.writing) return;
    this.changing = true;
    this.writing.value = this.card.text ?? "";
    this.refresh();
    this.writing.focus();
  }

  dismiss() {
    if (this.card && !this.changing) this.work.card(this.card.card, "dismissed");
  }

  #save() {
    const text = this.writing?.value.trim() ?? "";
    if (!text || !this.card) return this.#stop();
    this.card = { ...this.card, text };
    this.edited = this.card.card;
    if (this.text) setText(this.text, text);
    this.work.card(this.card.card, "edited", { text }).then((done) => done && this.#mark("assist.edited"));
    this.#stop();
  }

  #stop() {
    this.changing = false;
    this.refresh();
    this.editing?.focus();
  }

  #show(card) {
    const another = card?.card !== this.card?.card;
    if (!another && this.edited === card?.card && this.saidIn === document.documentElement.lang) return;
    this.saidIn = document.documentElement.lang;
    if (another) show(this.done, false);
    this.card = card;
    show(this.none, !card);
    const kind = card?.kind;
    setText(
      /** @type {HTMLElement} */ (this.kind),
      kind === "answer" && typeof card.confidence === "number"
        ? t("assist.confidence", { share: percent(card.confidence) })
        : kind
          ? t(`assist.kind.${kind}`)
          : "",
    );
    if (this.kind)
      this.kind.className = `badge push ${{ answer: "info", action: "bot", nothing: "warn" }[kind ?? ""] ?? ""}`;
    show(this.kind, Boolean(kind));
    setText(/** @type {HTMLElement} */ (this.text), this.#words(card));
    if (kind === "answer") this.text?.setAttribute("lang", this.desk.contact?.card?.language ?? "");
    else this.text?.removeAttribute("lang");
    showSource(this.source, card?.kind === "nothing" ? undefined : card?.source);
    setText(
      /** @type {HTMLElement} */ (this.asked),
      kind === "action" && card.action
        ? t("assist.action", { name: named(card.action.title) || card.action.name })
        : "",
    );
    show(this.asked, kind === "action");
    show(this.using, kind === "answer" || kind === "action");
    show(this.editing, kind === "answer");
    show(this.looking, kind === "nothing");
    if (another && card)
      announce(
        kind === "nothing"
          ? t("assist.nothing")
          : t("assist.announced", { title: card.source?.title ?? named(card.action?.title) }),
      );
  }

  #words(card) {
    if (!card) return "";
    if (card.kind === "nothing")
      return card.text ? t("assist.nothing_about", { text: card.text }) : t("assist.nothing");
    return card.text ?? "";
  }

  #mark(key) {
    setText(/** @type {HTMLElement} */ (this.done), t(key));
    show(this.done, true);
  }
}

/** A place for a source: its words, what they stand in, since when that holds. */
export function sourceBlock() {
  return h(
    "figure",
    { class: "source" },
    h("blockquote", {}),
    h("figcaption", {}, h("cite", {}), h("span", { class: "small muted" }), h("span", { class: "badge warn" })),
  );
}

/** @param {any} block @param {import("./types.js").Source | undefined} source */
export function showSource(block, source) {
  show(block, Boolean(source));
  if (!source) return;
  const [quote, caption] = block.children;
  setText(quote, source.excerpt);
  setText(caption.children[0], source.title);
  setText(caption.children[2], t("source.internal"));
  show(caption.children[2], Boolean(source.internal));
  setText(
    caption.children[1],
    source.effective_from ? t("source.since", { date: date(source.effective_from) }) : t("source.undated"),
  );
}

customElements.define("desk-assist", Assist);
