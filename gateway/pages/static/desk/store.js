/**
 * What the desk knows: the agent's own state, the offer that rings, the item at hand, the queues, and the call.
 * A snapshot sets it, the feed's events move it on, and whoever listens is told which parts changed.
 *
 * Refuses: the document and the network. An event at or below the watermark changes nothing.
 */

import { Contact } from "./contact.js";

/** @typedef {import("./types.js").Snapshot} Snapshot */
/** @typedef {import("./types.js").Offer} Offer */
/** @typedef {import("./types.js").WorkItem} WorkItem */

/** States of an item in which it is on its agent's desk. */
const AT_HAND = new Set(["accepted", "connected", "wrap_up"]);

/** @typedef {"me" | "offer" | "item" | "queues" | "link" | "phone" | "notices" | import("./contact.js").Part} DeskPart */

export class Desk {
  constructor() {
    /** @type {import("./types.js").AgentState | null} */
    this.me = null;
    /** @type {Offer | null} */
    this.offer = null;
    /** @type {WorkItem | null} */
    this.item = null;
    /** @type {import("./types.js").QueueCount[]} */
    this.queues = [];
    /** @type {Snapshot["dispositions"]} */
    this.dispositions = [];
    /** @type {Snapshot["presences"]} */
    this.presences = [];
    /** Who else is at work, as of the snapshot. @type {import("./types.js").Colleague[]} */
    this.colleagues = [];
    /** Where outside a call may be moved to. @type {{id: string, name: string}[]} */
    this.targets = [];
    /** The agent's call on another platform. @type {string | null} */
    this.overheard = null;
    /** @type {Contact | null} */
    this.contact = null;
    this.watermark = 0;
    /** How an offer that rang here ended, when that was not by the agent's own hand. @type {string} */
    this.lostOffer = "";
    /** @type {Map<string, Set<() => void>>} */
    this.listeners = new Map();
  }

  /**
   * Be told of changes of these parts. Returns how to stop.
   * @param {DeskPart[]} parts
   * @param {() => void} listener
   */
  listen(parts, listener) {
    for (const part of parts) {
      if (!this.listeners.has(part)) this.listeners.set(part, new Set());
      this.listeners.get(part)?.add(listener);
    }
    return () => parts.forEach((part) => this.listeners.get(part)?.delete(listener));
  }

  /** @param {Iterable<DeskPart>} parts */
  tell(parts) {
    /** @type {Set<() => void>} */
    const told = new Set();
    for (const part of parts) for (const listener of this.listeners.get(part) ?? []) told.add(listener);
    for (const listener of told) listener();
  }

  /** @param {Snapshot} snapshot */
  load(snapshot) {
    this.watermark = Number(snapshot.watermark);
    this.me = snapshot.me;
    this.offer = snapshot.offer;
    this.queues = snapshot.queues ?? [];
    this.dispositions = snapshot.dispositions ?? [];
    this.presences = snapshot.presences ?? [];
    this.colleagues = snapshot.agents ?? [];
    this.targets = snapshot.targets ?? [];
    this.overheard = snapshot.overheard ?? null;
    this.#hold(snapshot.item);
    this.tell(["me", "offer", "item", "queues"]);
  }

  /**
   * One event of the desk's feed; `seq` is none for counts of queues. Returns whether what is known has to be read
   * again because the event does not tell all that is shown.
   * @param {number | null} seq
   * @param {string} kind
   * @param {Record<string, any>} data
   */
  apply(seq, kind, data) {
    if (kind === "queues") {
      this.queues = Array.isArray(data) ? data : (data.queues ?? []);
      this.tell(["queues"]);
      return false;
    }
    if (kind === "overheard") {
      this.overheard = data.call;
      this.#hold(this.item);
      this.tell(["item"]);
      return false;
    }
    if (seq === null || seq <= this.watermark) return false;
    this.watermark = seq;
    if (kind.startsWith("offer.")) return this.#offer(kind, entity(data, "offer"));
    if (kind.startsWith("item.")) this.#item(entity(data, "item"));
    else if (kind.startsWith("agent.")) this.#agent(entity(data, "agent"));
    return false;
  }

  /** Whether the call is with this agent. */
  get mine() {
    const card = this.contact?.card;
    return card?.owner === "agent" && (card.agent === undefined || card.agent === this.me?.agent);
  }

  /** What somebody is called, as far as it is known. @param {string} who */
  nameOf(who) {
    if (who === this.me?.agent) return this.me?.name ?? who;
    return this.contact?.names.get(who) ?? this.colleagues.find((one) => one.agent === who)?.name ?? who;
  }

  /** The call at hand, begun when its item is first seen. @param {string} call */
  begin(call) {
    if (this.contact?.call !== call) this.contact = new Contact(call);
    return this.contact;
  }

  #offer(kind, offer) {
    if (this.me && offer.agent !== this.me.agent) return false;
    if (kind === "offer.made") {
      this.lostOffer = "";
      this.offer = offer;
      this.tell(["offer"]);
      return !offer.card;
    }
    if (this.offer?.offer !== offer.offer) return false;
    if (kind !== "offer.accepted" && kind !== "offer.rejected") this.lostOffer = kind;
    this.offer = null;
    this.tell(["offer"]);
    return false;
  }

  #item(item) {
    const mine = this.me !== null && item.agent === this.me.agent;
    if (!mine && this.item?.item !== item.item) return;
    this.#hold(mine && AT_HAND.has(item.state) ? item : null);
    this.tell(["item"]);
  }

  #agent(agent) {
    if (this.me && agent.agent !== this.me.agent) return;
    this.me = { ...this.me, ...agent };
    this.tell(["me"]);
  }

  #hold(item) {
    this.item = item;
    const call = item?.call ?? this.overheard; // a call of ours goes before one of theirs
    if (call) this.begin(call);
    else this.contact = null;
  }
}

/**
 * The entity that an event carries: under its own name, or as the event's data themselves.
 * @param {Record<string, any>} data
 * @param {string} name
 */
function entity(data, name) {
  const inner = data[name];
  return inner !== null && typeof inner === "object" ? inner : data;
}
