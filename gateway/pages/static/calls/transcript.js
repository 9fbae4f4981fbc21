/**
 * `<call-transcript>`: what was said and what happened, in order; it follows the recording and leads to any place of it.
 *
 * Tells `seek` with the seconds. Who scrolls by themselves is not pulled back: following stops until it is asked for.
 *
 * @module
 */

import { AiccElement, h, setText } from "../common/element.js";
import { clock, percent, time } from "../common/format.js";
import { t } from "../common/i18n.js";
import { decisionDetails } from "./decision.js";
import { noteText } from "./notes.js";
import { saidAt } from "./timeline.js";

class Transcript extends AiccElement {
  /** @type {import("./timeline.js").Replay | null} */
  replay = null;
  /** @type {{queues: any[]}} */
  choices = { queues: [] };
  following = true;
  /** @type {HTMLElement | null} */
  current = null;
  /** @type {Map<number, HTMLElement>} */
  elements = new Map();

  build() {
    this.follow = h("button", {
      type: "button",
      class: "button small",
      onclick: () => this.setFollowing(!this.following),
    });
    this.open = h("button", { type: "button", class: "button small quiet", onclick: () => this.openAll() });
    this.list = h("ol", { class: "spoken scroll", tabindex: 0, role: "list" });
    this.heading = h("h2", {});
    return [
      h("div", { class: "spread" }, this.heading, h("div", { class: "row tight" }, this.open, this.follow)),
      this.list,
    ];
  }

  connected() {
    for (const type of ["wheel", "touchmove"])
      this.listen(/** @type {Element} */ (this.list), type, () => this.setFollowing(false));
    this.listen(/** @type {Element} */ (this.list), "keydown", (event) => {
      if (["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"].includes(event.key)) this.setFollowing(false);
    });
  }

  /** @param {import("./timeline.js").Replay} replay */
  show(replay) {
    this.replay = replay;
    this.current = null;
    this.following = true;
    this.changed();
  }

  /** Names of queues, once they are known: only notes have them, and what was opened stays so. @param {any} choices */
  offer(choices) {
    this.choices = choices;
    for (const row of this.replay?.rows ?? []) {
      const said = row.type === "note" ? this.elements.get(row.seq)?.querySelector("p") : null;
      if (said && row.type === "note") setText(said, noteText(row, choices));
    }
  }

  refresh() {
    const { replay, list } = this;
    if (!list || !this.heading || !this.open || !this.follow) return;
    setText(this.heading, t("replay.transcript"));
    setText(this.open, t("replay.decisions"));
    this.#shownFollowing();
    list.setAttribute("aria-label", t("replay.transcript"));
    this.elements = new Map(
      (replay?.rows ?? []).map((row) => [row.seq, row.type === "said" ? this.said(row) : this.note(row)]),
    );
    list.replaceChildren(...this.elements.values());
    this.open.hidden = !list.querySelector("details");
    this.mark(this.at ?? 0);
  }

  /** Another place is heard now. @param {number} seconds */
  move(seconds) {
    this.at = seconds;
    this.mark(seconds);
  }

  /** @param {number} seconds */
  mark(seconds) {
    const row = this.replay ? saidAt(this.replay.rows, seconds) : null;
    const element = row ? (this.elements.get(row.seq) ?? null) : null;
    if (element === this.current) return;
    this.current?.removeAttribute("aria-current");
    element?.setAttribute("aria-current", "true");
    this.current = element;
    if (element && this.following && this.list) {
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const top = element.offsetTop - this.list.clientHeight / 3;
      this.list.scrollTo({ top, behavior: still ? "instant" : "smooth" });
    }
  }

  /** @param {boolean} following */
  setFollowing(following) {
    if (following === this.following) return;
    this.following = following;
    this.#shownFollowing();
    if (following) {
      this.current = null;
      this.mark(this.at ?? 0);
    }
  }

  #shownFollowing() {
    if (!this.follow) return;
    setText(this.follow, t("replay.follow"));
    this.follow.setAttribute("aria-pressed", String(this.following));
  }

  openAll() {
    const all = [...(this.list?.querySelectorAll("details") ?? [])];
    const open = all.some((one) => !one.open);
    for (const one of all) one.open = open;
  }

  /** @param {import("./timeline.js").Said} row */
  said(row) {
    const who = row.name || t(`speaker.${row.speaker}`);
    const sure =
      row.confidence === null || row.confidence > 0.6
        ? null
        : h("span", { class: "badge warn plain" }, t("replay.unsure", { share: percent(row.confidence) }));
    const lang = row.language || null;
    return h(
      "li",
      { class: "said-row", "data-speaker": row.speaker, "data-seq": row.seq },
      this.when(row),
      h(
        "div",
        { class: "said-what" },
        h("p", { class: "said-who" }, h("span", { class: "label" }, who), sure),
        h(
          "p",
          { class: "said", lang, onclick: () => this.#goTo(row) },
          row.text,
          row.unheard
            ? [
                " ",
                h("s", { class: "muted", title: t("replay.unheard") }, row.unheard),
                h("span", { class: "visually-hidden" }, ` (${t("replay.unheard")})`),
              ]
            : null,
        ),
        row.decision ? decisionDetails(row.decision) : null,
      ),
    );
  }

  /** @param {import("./timeline.js").Note} row */
  note(row) {
    return h(
      "li",
      { class: "note-row", "data-about": row.about, "data-seq": row.seq },
      this.when(row),
      h("p", { class: "small" }, noteText(row, this.choices)),
    );
  }

  /** When it was, and the way there. @param {import("./timeline.js").Row} row */
  when(row) {
    const at = this.replay ? time(new Date(this.replay.origin + row.from * 1000)) : "";
    if (row.from < 0 && row.until < 0) return h("span", { class: "when muted small tabular", title: at }, "–");
    const label = clock(Math.max(0, row.from));
    return h(
      "button",
      {
        type: "button",
        class: "when tabular",
        title: at,
        "aria-label": t("replay.go_to", { at: label }),
        onclick: () => this.#goTo(row),
      },
      label,
    );
  }

  /** @param {import("./timeline.js").Row} row */
  #goTo(row) {
    if (getSelection()?.isCollapsed === false) return; // they mark words to copy them
    if (row.until >= 0) this.tell("seek", Math.max(0, row.from));
  }
}

customElements.define("call-transcript", Transcript);
