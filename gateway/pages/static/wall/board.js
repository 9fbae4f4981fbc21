/**
 * What the elements of the wall share: the state with its feed, and the supervisor's part in a call.
 *
 * @module
 */

import { AiccElement } from "../common/element.js";
import { Feed } from "../common/feed.js";
import { named, t } from "../common/i18n.js";
import { announce } from "../common/live-region.js";
import { Listening } from "./listening.js";
import { EMPTY, NUMBERED, PASSING, apply, fromSnapshot } from "./state.js";

/** Told, as `Event`s: `wall` (what is shown is another), `link` (the connection), `listening`. */
export class Board extends EventTarget {
  wall = EMPTY;
  staleness = 0;
  /** Why nothing is shown. @type {import("../common/api.js").ApiError | null} */
  refused = null;
  listening = new Listening();
  feed = new Feed({ snapshot: "/v1/wall", stream: "/v1/desk/feed", numbered: NUMBERED, passing: PASSING });

  constructor() {
    super();
    this.feed.addEventListener("snapshot", (event) =>
      this.#show(fromSnapshot(/** @type {CustomEvent} */ (event).detail)),
    );
    this.feed.addEventListener("delta", (event) =>
      this.#show(apply(this.wall, /** @type {CustomEvent} */ (event).detail)),
    );
    this.feed.addEventListener("state", () => {
      this.refused = this.feed.state === "refused" ? this.refused : null;
      this.#tell("link");
    });
    this.feed.addEventListener("refused", (event) => {
      this.refused = /** @type {CustomEvent} */ (event).detail;
      this.#tell("link");
    });
    this.feed.addEventListener("staleness", (event) => {
      this.staleness = /** @type {CustomEvent} */ (event).detail;
      this.#tell("link");
    });
    this.feed.addEventListener("heartbeat", () => this.listening.beat());
    this.listening.addEventListener("change", () => this.#tell("listening"));
  }

  /** A queue's name in the language of the page. @param {string | null} id */
  queueName(id) {
    return id === null ? "" : named(this.wall.queues.find((queue) => queue.id === id)?.name) || id;
  }

  /** Whose a call is, as a person would say. @param {import("./state.js").Call} call */
  ownerName({ owner, agent }) {
    if (owner === "bot" || !agent) return t(`speaker.${owner}`);
    return this.wall.agents.get(agent)?.name ?? agent;
  }

  /** @param {import("./state.js").Wall} wall */
  #show(wall) {
    for (const call of wall.calls.values()) {
      if (call.falling && this.wall.calls.get(call.call)?.falling === false) {
        announce(t("calls.falling.announce", { line: call.line, who: this.ownerName(call) }));
      }
    }
    this.wall = wall;
    this.#tell("wall");
  }

  /** @param {string} type */
  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

/** An element that shows something of the board. */
export class BoardElement extends AiccElement {
  /** What it is brought up to date by. @type {("wall" | "link" | "listening")[]} */
  static parts = ["wall"];

  /** @type {Board} */
  board;

  connected() {
    for (const part of /** @type {typeof BoardElement} */ (this.constructor).parts) {
      this.listen(this.board, part, () => this.changed());
    }
  }
}

/** An element of the wall. @param {string} tag @param {Board} board */
export function place(tag, board) {
  return Object.assign(/** @type {BoardElement} */ (document.createElement(tag)), { board });
}
