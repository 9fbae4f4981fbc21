/**
 * `<call-replay>`: one call again: its sound, what was said, why, and what was done. Tells `back`.
 *
 * @module
 */

import { ApiError, get } from "../common/api.js";
import { AiccElement, follow, h, setText } from "../common/element.js";
import { clock, dateTime } from "../common/format.js";
import { t } from "../common/i18n.js";
import { Shortcuts } from "../common/keys.js";
import { icon } from "../common/icon.js";
import "./details.js";
import "./player.js";
import "./quality.js";
import { replay, rowOf } from "./timeline.js";
import "./transcript.js";
import "./waveform.js";

const PAGE = 1000;
const POINTS = 1600;

class Replay extends AiccElement {
  /** @type {any} */
  record = null;
  /** @type {import("./timeline.js").Row[]} */
  rows = [];

  build() {
    this.back = /** @type {HTMLAnchorElement} */ (
      h("a", { class: "button quiet small", href: "?" }, icon("back"), h("span", {}))
    );
    follow(this.back, () => this.tell("back"));
    this.heading = h("h1", { tabindex: -1 });
    this.wave = /** @type {any} */ (h("call-waveform"));
    this.player = /** @type {any} */ (h("call-player"));
    this.transcript = /** @type {any} */ (h("call-transcript"));
    this.details = /** @type {any} */ (h("call-details"));
    this.quality = /** @type {any} */ (h("call-quality"));
    const sound = h("section", { class: "card sound" }, this.wave, this.player);
    return [
      h("div", { class: "row" }, this.back, this.heading),
      sound,
      h(
        "div",
        { class: "replay-body" },
        h("section", { class: "card card-body" }, this.transcript),
        h("aside", { class: "stack" }, this.details, this.quality),
      ),
    ];
  }

  connected() {
    this.listen(this, "seek", (event) => this.player.seek(event.detail));
    this.listen(this, "judged", (event) => this.quality.show(event.detail));
    this.listen(this, "moved", (event) => {
      this.wave.move(event.detail);
      this.transcript.move(event.detail);
    });
    const keys = new Shortcuts([
      {
        id: "calls.play",
        keys: "Alt+P",
        label: "replay.play",
        run: () => this.player.turn(),
        when: () => !this.hidden,
      },
      {
        id: "calls.follow",
        keys: "Alt+F",
        label: "replay.follow",
        run: () => this.transcript.setFollowing(true),
        when: () => !this.hidden,
      },
    ]);
    keys.listen(this.leaving);
    this.setAttribute("aria-keyshortcuts", "Alt+P Alt+F");
  }

  /**
   * Load a call and show it. How it was judged and the shape of its sound may come later: nobody waits for them to begin.
   *
   * @param {string} call
   * @throws {ApiError}
   */
  async load(call) {
    this.loading?.abort();
    const loading = (this.loading = new AbortController());
    const { signal } = loading;
    const address = `/v1/calls/${encodeURIComponent(call)}`;
    const [record, events] = await Promise.all([get(address, { signal }), allEvents(address, signal)]);
    if (signal.aborted) return;
    const told = replay(events);
    this.record = record;
    this.rows = told.rows;
    this.transcript.show(told);
    this.details.show({ record, replay: told });
    this.wave.show({ seconds: told.seconds, channels: [], rows: told.rows });
    this.player.show({ address: record.recorded ? `${address}/recording` : null, seconds: told.seconds });
    this.wave.move(0);
    this.changed();
    void this.#judged(call, told, signal);
    if (record.recorded) void this.#shape(address, told, signal);
  }

  /** Names of queues and outcomes, once they are known. @param {any} choices */
  offer(choices) {
    this.transcript.offer(choices);
    Object.assign(this.details, { choices }).changed();
  }

  /** No call is shown any more. */
  close() {
    this.loading?.abort();
    this.player.show({ address: null, seconds: 0 });
  }

  refresh() {
    if (this.back) setText(/** @type {Element} */ (this.back.querySelector("span")), t("replay.back"));
    if (this.heading && this.record) setText(this.heading, t("replay.title", { at: dateTime(this.record.started_at) }));
  }

  /** @param {string} call @param {import("./timeline.js").Replay} told @param {AbortSignal} signal */
  async #judged(call, told, signal) {
    const place = (/** @type {number} */ seq) => this.#place(told, seq);
    this.quality.show({ call, place, rubrics: [], people: {}, may: {} });
    try {
      const judged = await get(`/v1/calls/${encodeURIComponent(call)}/quality`, { signal });
      if (!signal.aborted) this.quality.show(judged);
    } catch (error) {
      // A call can be heard and read without knowing how it was judged.
      if (!signal.aborted && !(error instanceof ApiError)) throw error;
    }
  }

  /** What leads to the place of an event in the call. @param {import("./timeline.js").Replay} told @param {number} seq */
  #place(told, seq) {
    const seconds = Math.max(0, rowOf(told.rows, seq)?.from ?? 0);
    const at = clock(seconds);
    const label = t("replay.go_to", { at });
    const go = () => this.player.seek(seconds);
    return h("button", { type: "button", class: "when tabular", "aria-label": label, onclick: go }, at);
  }

  /** Go to what an event tells. @param {number} seq */
  go(seq) {
    const row = rowOf(this.rows, seq);
    if (row) this.player.seek(row.from);
  }

  /** @param {string} address @param {import("./timeline.js").Replay} told @param {AbortSignal} signal */
  async #shape(address, told, signal) {
    try {
      const { seconds, channels } = await get(`${address}/waveform`, { query: { points: POINTS }, signal });
      this.wave.show({ seconds, channels, rows: told.rows });
      this.player.seconds = seconds;
      this.player.changed();
    } catch (error) {
      // Without its shape the recording can still be heard: who spoke when is shown instead.
      if (!signal.aborted && !(error instanceof ApiError)) throw error;
    }
  }
}

/** All events of a call, however many pages they fill. @param {string} address @param {AbortSignal} signal */
async function allEvents(address, signal) {
  const found = [];
  for (;;) {
    const page = await get(`${address}/events`, { query: { after: found.at(-1)?.seq ?? 0, limit: PAGE }, signal });
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

customElements.define("call-replay", Replay);
