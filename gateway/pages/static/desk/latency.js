/**
 * How long the agent waited, as the page itself saw it: from the moment an event arrived to the frame that shows it.
 * Every measurement is a performance measure (`desk.<stage>`) and one line to the gateway.
 *
 * Refuses: to slow the page down. Of a stage that comes many times a second only some are sent, and what cannot be
 * sent is let go (newest dropped beyond `MOST_WAITING`).
 */

/** One of so many is sent. */
const SENT = { partial: 5 };
const MOST_WAITING = 20;

export class Latency {
  /** @param {(stage: string, ms: number) => Promise<unknown>} send */
  constructor(send) {
    this.send = send;
    this.seen = new Map();
    this.waiting = 0;
  }

  /**
   * What came at `arrived` (performance.now()) is in the document; measure when it is on the screen.
   * @param {string} stage @param {number} arrived
   */
  shown(stage, arrived) {
    afterPaint(() => this.took(stage, arrived, performance.now()));
  }

  /** @param {string} stage @param {number} start @param {number} end  both of performance.now() */
  took(stage, start, end) {
    if (start < 0) return; // it happened before there was a page to wait in front of
    performance.measure(`desk.${stage}`, { start, end });
    const count = (this.seen.get(stage) ?? 0) + 1;
    this.seen.set(stage, count);
    if (count % 500 === 0) performance.clearMeasures(`desk.${stage}`);
    if ((count - 1) % (SENT[stage] ?? 1) !== 0 || this.waiting >= MOST_WAITING) return;
    this.waiting += 1;
    this.send(stage, Math.round((end - start) * 10) / 10)
      .catch(() => undefined)
      .finally(() => {
        this.waiting -= 1;
      });
  }
}

/** Calls back once the next frame was drawn; in a hidden page, which draws none, at once. @param {() => void} then */
export function afterPaint(then) {
  if (document.hidden) return void setTimeout(then);
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      then();
    };
    channel.port2.postMessage(null);
  });
}
