/**
 * The page inside another one (a CRM): it tells its parent what happens.
 *
 * Only pages of allowed origins can be the parent at all: the gateway's content security policy (`frame-ancestors`)
 * lets browsers show this page in no other. The parent greets (`{type: "aicc.desk.hello"}`), and from then on
 * everything goes to the origin that the browser said the greeting came from, and to no other.
 *
 * Refuses: to obey. The greeting is the only word taken from outside, and nothing that was said in a call leaves this
 * way.
 */

/** @typedef {"offer" | "accepted" | "ended"} Told */

const PREFIX = "aicc.desk.";
const MOST_WAITING = 20;

export class Embedding {
  /** @param {Window | null} parent  none where the page stands alone */
  constructor(parent) {
    this.parent = parent;
    /** The parent's origin, once it has greeted. */
    this.origin = "";
    /** What happened before the greeting; of more the oldest is dropped. @type {object[]} */
    this.waiting = [];
  }

  /** @param {MessageEvent} event  of any window */
  heard(event) {
    if (!this.parent || event.source !== this.parent || event.data?.type !== `${PREFIX}hello`) return;
    this.origin = event.origin;
    for (const message of [{ type: `${PREFIX}ready` }, ...this.waiting.splice(0)])
      this.parent.postMessage(message, this.origin);
  }

  /** @param {Told} what @param {Record<string, string>} detail */
  tell(what, detail) {
    if (!this.parent) return;
    const message = { type: PREFIX + what, ...detail };
    if (this.origin) return this.parent.postMessage(message, this.origin);
    this.waiting.push(message);
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
  }
}
