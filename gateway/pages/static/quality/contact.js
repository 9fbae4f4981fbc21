/**
 * `<quality-contact>`: one contact as it was judged, each criterion with the words that show it. Who may hear the call is
 * led to the place in it. Tells `back`, and `judged` when somebody decided or objected.
 *
 * @module
 */

import { get } from "../common/api.js";
import { AiccElement, follow, h, setText } from "../common/element.js";
import { clock, dateTime, list } from "../common/format.js";
import { t } from "../common/i18n.js";
import { icon } from "../common/icon.js";
import { noteText } from "../calls/notes.js";
import "../calls/quality.js";
import { replay, rowOf } from "../calls/timeline.js";

class Contact extends AiccElement {
  call = "";
  /** @type {any} */
  judged = { rubrics: [], people: {}, may: {} };
  /** @type {import("../calls/timeline.js").LedgerEvent[]} */
  events = [];
  /** @type {import("../calls/timeline.js").Row[]} */
  rows = [];
  /** The rubrics in the order of their urgency when they were loaded: nothing moves under somebody's hand. @type {string[]} */
  order = [];

  build() {
    this.back = /** @type {HTMLAnchorElement} */ (h("a", { class: "button quiet small" }, icon("back"), h("span", {})));
    follow(this.back, () => this.tell("back"));
    this.heading = h("h1", { tabindex: -1 });
    this.who = h("p", { class: "muted" });
    this.whole = h("a", { class: "button small" });
    this.none = h("p", { class: "card empty" });
    this.quality = /** @type {any} */ (h("call-quality"));
    return [
      h("div", { class: "spread" }, h("div", { class: "row" }, this.back, this.heading), this.whole),
      this.who,
      this.none,
      this.quality,
    ];
  }

  connected() {
    this.listen(this, "judged", ({ detail }) => {
      this.judged = detail;
      this.changed();
    });
  }

  /**
   * Load how a contact was judged and show it.
   *
   * @param {string} call
   * @throws {import("../common/api.js").ApiError}
   */
  async load(call) {
    this.loading?.abort();
    const { signal } = (this.loading = new AbortController());
    const address = `/v1/calls/${encodeURIComponent(call)}/quality`;
    const [judged, events] = await Promise.all([get(address, { signal }), get(`${address}/evidence`, { signal })]);
    if (signal.aborted) return;
    const order = [...judged.rubrics].sort((one, other) => urgency(one) - urgency(other)).map(({ rubric }) => rubric);
    Object.assign(this, { call, judged, events, order, rows: replay(events).rows });
    this.changed();
  }

  refresh() {
    const { back, heading, who, whole, none, quality, judged, events, call } = this;
    if (!back || !heading || !who || !whole || !none || !quality) return;
    setText(/** @type {Element} */ (back.querySelector("span")), t("contact.back"));
    setText(heading, events[0] ? t("contact.title", { at: dateTime(events[0].at) }) : t("page.quality"));
    const agents = [...new Set(judged.rubrics.flatMap((/** @type {any} */ one) => one.agents))];
    setText(who, list(agents.map((agent) => judged.people[agent] ?? agent)) || t("speaker.bot"));
    setText(whole, t("contact.whole"));
    whole.hidden = !judged.may.replay;
    whole.setAttribute("href", `/calls?${new URLSearchParams({ call })}`);
    none.hidden = judged.rubrics.length > 0;
    setText(none, t("contact.none"));
    const rubrics = this.order.map((name) => judged.rubrics.find((/** @type {any} */ { rubric }) => rubric === name));
    quality.show({ call, ...judged, rubrics, place: (/** @type {number} */ seq) => this.proof(seq) });
  }

  /** What an event says, and when. @param {number} seq */
  proof(seq) {
    const row = rowOf(this.rows, seq);
    if (row === null) return document.createTextNode("–");
    const at = clock(Math.max(0, row.from));
    const place = `/calls?${new URLSearchParams({ call: this.call, event: String(seq) })}`;
    const when = this.judged.may.replay
      ? h("a", { class: "when tabular", href: place, "aria-label": t("contact.go_to", { at }) }, at)
      : h("span", { class: "when tabular" }, at);
    return h("div", { class: "proof" }, when, row.type === "said" ? words(row) : h("p", {}, noteText(row, { queues: [] })));
  }
}

/** What waits for an answer comes before what failed. @param {import("../calls/quality.js").Judged} judged */
function urgency({ appeals, passed }) {
  if (appeals.some(({ answer }) => answer === null)) return 0;
  return passed === false ? 1 : 2;
}

/** @param {import("../calls/timeline.js").Said} row */
function words({ speaker, name, text, unheard, language }) {
  return h(
    "p",
    { "data-speaker": speaker },
    h("span", { class: "label" }, name || t(`speaker.${speaker}`)),
    " ",
    h("q", { lang: language || null }, text || unheard),
  );
}

customElements.define("quality-contact", Contact);
