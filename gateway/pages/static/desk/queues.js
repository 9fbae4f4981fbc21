/**
 * `<desk-queues>`: what waits where, for an agent between two calls: how many, how long, how long yet, and on what
 * that estimate rests.
 */
import { h, reconcile, setText } from "../common/element.js";
import { named, t } from "../common/i18n.js";
import { clock, duration, number, percent } from "../common/format.js";
import { DeskElement, show } from "./desk-element.js";

const COLUMNS = [
  "queues.name",
  "queues.waiting",
  "queues.oldest",
  "queues.estimate",
  "queues.answering",
  "queues.service_level",
];

class Queues extends DeskElement {
  /** @type {import("./store.js").DeskPart[]} */
  static parts = ["queues", "me"];

  build() {
    this.rows = h("tbody", {});
    this.ready = h("p", { class: "ready" });
    this.hint = h("p", { class: "muted" });
    this.none = h("p", { class: "empty", "data-t": "queues.none" });
    this.start = h("button", {
      type: "button",
      class: "button primary",
      "data-t": "ready.start",
      onclick: () => this.work.presence("available"),
    });
    return h(
      "div",
      { class: "stack" },
      h("section", { class: "card card-body waiting-state spread" }, h("div", {}, this.ready, this.hint), this.start),
      h(
        "section",
        { class: "card", "aria-labelledby": "queues-title" },
        h("div", { class: "card-head" }, h("h2", { id: "queues-title", "data-t": "queues.title" })),
        h(
          "div",
          { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "queues-title" },
          h(
            "table",
            { class: "table" },
            h(
              "thead",
              {},
              h(
                "tr",
                {},
                COLUMNS.map((key, i) => h("th", { scope: "col", class: i ? "number" : "", "data-t": key })),
              ),
            ),
            this.rows,
          ),
        ),
        this.none,
      ),
    );
  }

  connected() {
    super.connected();
    this.every(1000, () => this.#rows());
  }

  refresh() {
    const me = this.desk.me;
    if (!me) return;
    const state = me.presence === "available" ? me.routing : me.presence;
    this.dataset.state = state;
    setText(/** @type {HTMLElement} */ (this.ready), t(`ready.${state}`));
    setText(/** @type {HTMLElement} */ (this.hint), t(`ready.${state}.hint`));
    show(this.start, state === "away" || state === "offline" || state === "not_responding");
    show(this.none, this.desk.queues.length === 0);
    this.#rows();
  }

  #rows() {
    if (!this.rows || this.closest("[hidden]")) return;
    reconcile(
      this.rows,
      this.desk.queues,
      (queue) => queue.id,
      () =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }),
          COLUMNS.slice(1).map(() => h("td", { class: "number" })),
        ),
      (row, queue) => {
        const oldest = queue.oldest_since ? clock((Date.now() - Date.parse(queue.oldest_since)) / 1000) : "–";
        const cells = [
          named(queue.name),
          number(queue.waiting),
          oldest,
          estimate(queue.estimate),
          number(queue.answering ?? 0),
          percent(queue.service_level),
        ];
        cells.forEach((text, i) => setText(row.children[i], text));
        row.dataset.waiting = String(queue.waiting > 0);
      },
    );
  }
}

/** How long somebody who comes now is likely to wait; "unknown" is an answer. */
function estimate(estimated) {
  if (!estimated || estimated.seconds === null) return t("queues.unknown");
  return t("queues.about", { time: duration(estimated.seconds), sample: estimated.sample });
}

customElements.define("desk-queues", Queues);
