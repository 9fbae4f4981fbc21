/**
 * A live view: one snapshot with its watermark, then deltas, over the browser's own EventSource.
 *
 * Nothing is lost and nothing comes twice: numbered events at or below the last number are dropped, a broken connection
 * goes on behind the last number (the browser names it in `Last-Event-ID`, and we in `after`), and when the server says
 * `reset`, or refuses, everything begins again with a new snapshot.
 *
 * The server sends `event: heartbeat` every 15 s at most, so that a connection that is open and dead is noticed; a
 * server that sends none is trusted.
 *
 * Told by the feed, as `CustomEvent`s with `detail`:
 * - `snapshot`: the snapshot
 * - `delta`: `{kind, seq, data}`; `seq` is null for what is not numbered (partials and the like)
 * - `state`: `"loading" | "live" | "reconnecting" | "refused" | "closed"`
 * - `refused`: the `ApiError`, when there is no sense in trying again
 * - `heartbeat`: the server was heard of; what answers it proves to the server that somebody reads
 * - `staleness`: seconds since the server was last heard of, every second while not live, and 0 when live again
 *
 * @module
 */

import { ApiError, get } from "./api.js";

/** @typedef {"loading" | "live" | "reconnecting" | "refused" | "closed"} FeedState */
/** @typedef {{kind: string, seq: number | null, data: any}} Delta */

const SILENCE = 35_000;
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 10_000;

export class Feed extends EventTarget {
  /** @type {EventSource | null} */
  #source = null;
  #last = 0;
  #pause = FIRST_PAUSE;
  #heard = Date.now();
  #beats = false;
  /** @type {number | undefined} */
  #timer;
  /** @type {number | undefined} */
  #clock;
  /** @type {FeedState} */
  #state = "loading";

  /**
   * @param {object} options
   * @param {string} options.stream the address of the events
   * @param {string[]} options.numbered kinds of events that have a number
   * @param {string[]} [options.passing] kinds that have none
   * @param {string} [options.snapshot] the address of the snapshot, whose `watermark` is the number it is good for;
   *   without one the stream is read from its beginning
   * @param {Record<string, string>} [options.query] parameters of both addresses
   */
  constructor({ stream, numbered, passing = [], snapshot, query = {} }) {
    super();
    this.stream = stream;
    this.snapshot = snapshot;
    this.numbered = numbered;
    this.passing = passing;
    this.query = query;
  }

  /** @returns {FeedState} */
  get state() {
    return this.#state;
  }

  /** The number of the last event that was told. */
  get last() {
    return this.#last;
  }

  /** Begin, or begin again from a new snapshot. */
  async open() {
    this.#leave();
    this.#become("loading");
    this.#clock ??= setInterval(() => this.#look(), 1000);
    try {
      if (this.snapshot !== undefined) {
        const shown = await get(this.snapshot, { query: this.query });
        if (this.#state === "closed") return;
        this.#last = shown.watermark ?? 0;
        this.#tell("snapshot", shown);
      }
      this.#listen();
    } catch (error) {
      if (this.#state === "closed") return;
      const final = error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429;
      if (final) this.#give(error);
      else this.#again();
    }
  }

  /** End. */
  close() {
    this.#leave();
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#become("closed");
  }

  #listen() {
    const asked = new URLSearchParams({ ...this.query, after: String(this.#last) });
    const source = new EventSource(`${this.stream}?${asked}`);
    this.#source = source;
    let opened = false;
    source.onopen = () => {
      opened = true;
      this.#alive();
    };
    source.onerror = () => {
      if (source !== this.#source) return;
      const refused = source.readyState === EventSource.CLOSED;
      if (refused && !opened && this.snapshot === undefined) this.#give(new ApiError("refused", "", 0));
      else if (refused) this.#again(); // the snapshot will say why
      else this.#become("reconnecting"); // the browser tries by itself, behind the last number
    };
    for (const kind of this.numbered) source.addEventListener(kind, (event) => this.#number(kind, event));
    // An event without a number bears the one before it: only the kind says whether it has one of its own.
    for (const kind of this.passing) source.addEventListener(kind, (event) => this.#pass(kind, event));
    source.addEventListener("heartbeat", () => {
      this.#beats = true;
      this.#alive();
      this.#tell("heartbeat", null);
    });
    source.addEventListener("reset", () => void this.open());
  }

  /** @param {string} kind @param {MessageEvent} event */
  #number(kind, event) {
    this.#alive();
    const seq = Number(event.lastEventId);
    if (!(seq > this.#last)) return;
    this.#last = seq;
    this.#tell("delta", { kind, seq, data: JSON.parse(event.data) });
  }

  /** @param {string} kind @param {MessageEvent} event */
  #pass(kind, event) {
    this.#alive();
    this.#tell("delta", { kind, seq: null, data: JSON.parse(event.data) });
  }

  #alive() {
    this.#heard = Date.now();
    this.#pause = FIRST_PAUSE;
    this.#become("live");
  }

  /** Try again after a pause that grows, with some chance in it: a thousand desks do not come back at once. */
  #again() {
    this.#leave();
    this.#become("reconnecting");
    this.#timer = setTimeout(() => void this.open(), this.#pause * (0.75 + Math.random() / 2));
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }

  /** @param {ApiError} error */
  #give(error) {
    this.#leave();
    this.#become("refused");
    this.#tell("refused", error);
  }

  #leave() {
    this.#source?.close();
    this.#source = null;
    clearTimeout(this.#timer);
  }

  #look() {
    const silent = Date.now() - this.#heard;
    if (this.#state === "live" && this.#beats && silent > SILENCE) this.#again();
    if (this.#state === "reconnecting") this.#tell("staleness", Math.round(silent / 1000));
  }

  /** @param {FeedState} state */
  #become(state) {
    if (state === this.#state) return;
    // Loading again after a break is still the break to whoever looks on.
    if (state === "loading" && this.#state === "reconnecting") return;
    this.#state = state;
    this.#tell("state", state);
    if (state === "live") this.#tell("staleness", 0);
  }

  /** @param {string} type @param {unknown} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
