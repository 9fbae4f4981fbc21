/**
 * The agent's work, between the gateway and the page: follows the feeds, sends the commands, holds the telephone.
 *
 * Refuses: the document (its elements listen to the desk) and to guess. A command changes nothing on the page; what
 * became of it comes back by the feed, and a refused one is said.
 */

import { ApiError, get, post } from "../common/api.js";
import { usedSince } from "../common/use.js";
import { callFeed, deskFeed } from "./feeds.js";

/** @typedef {import("./store.js").Desk} Desk */

const CARD_APART = 2_500; // ms between two readings of the card while the call goes on
const FRESH = 5_000; // ms: what is older, by clocks that differ or a network that was away, says nothing of the page
const BACK_AFTER = 1_000; // ms, and twice as long each time
const LONGEST_BACK = 30_000; // ms
const AFTER_THE_END = 10_000; // ms for which records may still follow a call

/** Where a call is. @param {string} call */
const callPath = (call) => `/v1/desk/calls/${encodeURIComponent(call)}`;

export class Work {
  /**
   * @param {Desk} desk
   * @param {{phone: import("./phone.js").Phone, latency: import("./latency.js").Latency,
   *   embedding: {tell: (what: any, detail: Record<string, string>) => void}}} around
   */
  constructor(desk, { phone, latency, embedding }) {
    this.desk = desk;
    this.phone = phone;
    this.latency = latency;
    this.embedding = embedding;
    /** @type {{id: number, tone: "info" | "error", key: string, places: Record<string, string>}[]} */
    this.notices = [];
    /** What is known of the connection: the worse of the two feeds. */
    this.link = { state: "loading", staleness: 0 };
    this.feeds = { desk: deskFeed(), /** @type {import("../common/feed.js").Feed | null} */ call: null };
    this.timers = { card: 0, end: 0, back: 0 };
    this.cardRead = 0;
    /** When the agent pressed for a take-over, of performance.now(). */
    this.takingOver = 0;
    this.noticeCount = 0;
    /** @type {import("./keyboard.js").Keys} */
    this.keys = /** @type {any} */ (null);
    /** The call that was accepted here and whose item has not come by the feed yet. */
    this.accepted = "";
    this.openCall = "";
    this.openedAt = 0;
  }

  /** Follow the desk from now on. */
  start() {
    const feed = this.feeds.desk;
    feed.addEventListener("snapshot", (event) => this.#load(/** @type {CustomEvent} */ (event).detail));
    feed.addEventListener("delta", (event) => this.#deskDelta(/** @type {CustomEvent} */ (event).detail));
    // Not by a clock: in the background it may come round once a minute, and a desk whose feed is dead is none.
    feed.addEventListener("heartbeat", () => this.#beat());
    this.#watch(feed);
    feed.open();
  }

  /** Let go of everything: the agent signs off. */
  stop() {
    this.feeds.desk.close();
    this.#leave();
  }

  /** Read everything again: after signing in anew, or when the agent asks for it. */
  again() {
    this.feeds.desk.open();
    this.feeds.call?.open();
    this.readCard();
  }

  /** @param {string} presence @param {string} [reason] */
  presence(presence, reason) {
    return this.#send("/v1/desk/presence", reason ? { presence, reason } : { presence });
  }

  async accept() {
    const offer = this.desk.offer;
    if (!offer) return false;
    const answer = await this.#send(`/v1/desk/offers/${encodeURIComponent(offer.offer)}/accept`);
    if (!answer) {
      this.feeds.desk.open(); // who has it now stands in the snapshot
      return false;
    }
    this.embedding.tell("accepted", { item: answer.item, call: answer.call });
    this.accepted = answer.call;
    this.desk.begin(answer.call);
    this.#enter(answer.call, offer.offer, answer.ticket);
    return true;
  }

  /** @param {string} why */
  reject(why) {
    const offer = this.desk.offer;
    return offer ? this.#send(`/v1/desk/offers/${encodeURIComponent(offer.offer)}/reject`, { why }) : false;
  }

  /**
   * A command on the call, carrying the epoch under which the agent decided it.
   * @param {string} name @param {Record<string, unknown>} [body]
   */
  async command(name, body = {}) {
    const contact = this.desk.contact;
    if (!contact) return null;
    if (name === "take-over") this.takingOver = performance.now();
    const done = await this.#send(`${callPath(contact.call)}/${name}`, { epoch: contact.epoch, ...body });
    if (!done) {
      this.takingOver = 0;
      this.readCard();
    }
    return done;
  }

  /**
   * What became of a card.
   * @param {string} card @param {"used" | "dismissed" | "edited"} what @param {Record<string, unknown>} [body]
   */
  async card(card, what, body = {}) {
    const contact = this.desk.contact;
    if (!contact) return null;
    if (what === "dismissed" && contact.assist?.card === card) {
      contact.assist = null;
      this.desk.tell(["assist"]);
    }
    return this.#send(`${callPath(contact.call)}/cards/${encodeURIComponent(card)}/${what}`, body);
  }

  /** @param {string} text @param {string} language */
  search(text, language) {
    return get("/v1/desk/search", { query: { q: text, language } });
  }

  /** @param {string} path  below the call's actions @param {Record<string, unknown>} body */
  action(path, body = {}) {
    const contact = this.desk.contact;
    if (!contact) return Promise.resolve(null);
    return this.#send(`${callPath(contact.call)}/actions${path}`, { epoch: contact.epoch, ...body });
  }

  /** The wrap-up as it was prefilled. @param {string} item */
  wrapUp(item) {
    return get(`/v1/desk/items/${encodeURIComponent(item)}/wrap-up`);
  }

  /** Who else is at work at this moment. @returns {Promise<import("./types.js").Colleague[]>} */
  async colleagues() {
    try {
      this.desk.colleagues = (await get("/v1/desk/snapshot")).agents ?? [];
    } catch (error) {
      this.refuse(error);
    }
    return this.desk.colleagues;
  }

  /** @param {string} item @param {{summary: string, disposition: string, note: string}} written */
  async finish(item, written) {
    return this.#send(`/v1/desk/items/${encodeURIComponent(item)}/wrap-up`, written);
  }

  /**
   * Microphone or loudspeaker cannot be used: the call goes to somebody who hears it.
   * @param {string} code
   * @param {string} offer
   */
  deviceFailed(code, offer) {
    this.notify("error", `softphone.${code}`);
    if (offer && this.desk.item?.state !== "connected") {
      this.#send(`/v1/desk/offers/${encodeURIComponent(offer)}/device-error`, { message: code });
    }
  }

  /** @param {"info" | "error"} tone @param {string} key @param {Record<string, string>} [places] */
  notify(tone, key, places = {}) {
    const last = this.notices.at(-1);
    if (last?.key === key && last.places.message === places.message) this.dismiss(last.id); // said again, not twice
    this.noticeCount += 1;
    this.notices = [...this.notices, { id: this.noticeCount, tone, key, places }].slice(-3);
    this.desk.tell(["notices"]);
  }

  /** @param {number} id */
  dismiss(id) {
    this.notices = this.notices.filter((notice) => notice.id !== id);
    this.desk.tell(["notices"]);
  }

  /** Say why something was refused. @param {unknown} error */
  refuse(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return; // whoever is signed out is asked to sign in again
    if (error.status >= 500) this.notify("error", "error.network");
    else this.notify("error", `refused.${error.code}`, { message: error.message, code: error.code });
  }

  /** Read the call's card again: at once, or when the last reading is a moment ago. @param {boolean} [soon] */
  readCard(soon = false) {
    window.clearTimeout(this.timers.card);
    const wait = soon ? Math.max(0, this.cardRead + CARD_APART - performance.now()) : 0;
    this.timers.card = window.setTimeout(() => this.#readCard(), wait);
  }

  async #readCard() {
    const contact = this.desk.contact;
    if (!contact) return;
    this.cardRead = performance.now();
    try {
      const card = await get(callPath(contact.call));
      if (contact !== this.desk.contact || !contact.read(card)) return;
      this.desk.tell(["card", "script", "control"]);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) this.#over(contact);
      else if (error.status >= 400 && error.status !== 401) this.refuse(error);
      else if (!contact.card && !contact.ended) this.readCard(true);
    }
  }

  /** @param {import("./types.js").Snapshot} snapshot */
  #load(snapshot) {
    this.accepted = "";
    this.desk.load(snapshot);
    this.#follow();
  }

  /** @param {import("../common/feed.js").Delta} delta */
  #deskDelta({ kind, seq, data }) {
    const offered = this.desk.offer?.offer;
    const incomplete = this.desk.apply(seq, kind, data);
    if (incomplete) this.feeds.desk.open();
    const offer = this.desk.offer;
    if (offer?.card && offer.offer !== offered) {
      const { queue, language, reason } = offer.card;
      this.embedding.tell("offer", { offer: offer.offer, item: offer.item, queue, language, reason });
    }
    this.#follow();
  }

  /** Be in the call whose item is at hand, or see the one that is only heard; be in no other. */
  #follow() {
    const { item, contact } = this.desk;
    if (!item && this.accepted) return;
    this.accepted = "";
    if (!contact) return this.#leave();
    if (this.feeds.call && this.openCall !== contact.call) this.#leave();
    if (!item || item.state === "wrap_up") this.phone.leave();
    else this.#enter(item.call, item.offer ?? "");
    if (!this.feeds.call) this.#open(contact.call);
  }

  #enter(call, offer, ticket) {
    if (!this.feeds.call) this.#open(call);
    this.phone.enter(call, offer, ticket);
  }

  #open(call) {
    window.clearTimeout(this.timers.end);
    const feed = callFeed(call);
    this.feeds.call = feed;
    this.openCall = call;
    this.openedAt = Date.now();
    feed.addEventListener("delta", (event) => this.#callDelta(call, /** @type {CustomEvent} */ (event).detail));
    feed.addEventListener("refused", () => this.#comeBack(feed, BACK_AFTER));
    this.#watch(feed);
    feed.open();
    this.readCard();
  }

  /**
   * The call's feed was turned away: because the call is over, because the gateway was, for a moment, or because the
   * agent may not see it any more. Then asking again helps nobody: `again` does after signing in, and who has the call
   * now is told by the desk's feed.
   */
  #comeBack(feed, after) {
    this.timers.back = window.setTimeout(async () => {
      const { contact } = this.desk;
      if (feed !== this.feeds.call || !contact || contact.ended) return;
      try {
        contact.read(await get(callPath(contact.call)));
        feed.open(); // goes on behind the last number that it told
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status === 404) this.#over(contact);
        else if (error.status !== 401 && error.status !== 403) this.#comeBack(feed, Math.min(2 * after, LONGEST_BACK));
      }
    }, after * (0.75 + Math.random() / 2));
  }

  #leave() {
    this.phone.leave();
    window.clearTimeout(this.timers.card);
    window.clearTimeout(this.timers.end);
    window.clearTimeout(this.timers.back);
    if (!this.feeds.call) return;
    this.feeds.call.close();
    this.feeds.call = null;
    this.embedding.tell("ended", { call: this.openCall });
    this.desk.tell(["card", "transcript", "partial", "assist", "script", "control"]);
    this.#linked();
  }

  #callDelta(call, { kind, seq, data }) {
    const contact = this.desk.contact;
    if (contact?.call !== call) return;
    const arrived = performance.now();
    const { changed, stale } = contact.apply(seq, kind, data);
    if (changed.length === 0 && !stale) return;
    this.desk.tell(changed);
    this.#measure(kind, changed, arrived, data);
    if (stale) this.readCard(true);
    if (changed.includes("ended")) this.#ended();
  }

  /** The call does not go on any more, and was over before we came: what is left of it is the wrap-up. */
  #over(contact) {
    if (contact !== this.desk.contact) return;
    contact.ended = true;
    this.feeds.call?.close();
    this.desk.tell(["control", "ended"]);
    this.#linked();
  }

  #ended() {
    this.phone.leave();
    const feed = this.feeds.call;
    this.timers.end = window.setTimeout(() => feed?.close(), AFTER_THE_END);
  }

  /** What was waited for is measured, not what had been said before the call was opened here. */
  #measure(kind, changed, arrived, data) {
    if (kind === "partial") this.latency.shown("partial", arrived);
    if (kind === "card") this.latency.shown("card", arrived);
    const at = Date.parse(data.at);
    const age = Date.now() - at;
    if (kind.endsWith(".turn") && changed.includes("transcript") && at > this.openedAt && Math.abs(age) < FRESH) {
      this.latency.shown("final_render", arrived);
      this.latency.shown("final", arrived - Math.max(0, age));
    }
    if (kind === "control.changed" && this.takingOver) {
      this.latency.shown("take_over", this.takingOver);
      this.takingOver = 0;
    }
  }

  #watch(feed) {
    feed.addEventListener("state", () => this.#linked());
    feed.addEventListener("staleness", (event) => {
      this.link = { ...this.link, staleness: /** @type {CustomEvent} */ (event).detail };
      this.desk.tell(["link"]);
    });
  }

  #linked() {
    const order = ["refused", "reconnecting", "loading", "live", "closed"];
    const call = this.desk.contact?.ended ? "closed" : (this.feeds.call?.state ?? "closed");
    const states = [this.feeds.desk.state, call === "refused" ? "reconnecting" : call];
    const state = order.find((one) => states.includes(/** @type {any} */ (one))) ?? "closed";
    this.link = { state, staleness: state === "live" ? 0 : this.link.staleness };
    this.desk.tell(["link"]);
  }

  async #beat() {
    const active = usedSince() || this.desk.item?.state === "connected"; // who talks to a caller is there
    try {
      const { signed_on: on } = (await post("/v1/desk/heartbeat", { active })) ?? {};
      // Lost for too long: the floor has gone on without this desk, and what is shown here is not true any more.
      if (on === false && this.desk.me?.presence !== "offline") this.feeds.desk.open();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // the feed tells of lost connections, and of being signed out
    }
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} [body]
   * @returns {Promise<any>} the answer, or null if refused
   */
  async #send(path, body = {}) {
    try {
      return (await post(path, body)) ?? {};
    } catch (error) {
      this.refuse(error);
      return null;
    }
  }
}
