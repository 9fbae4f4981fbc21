/**
 * Which events the desk listens to: those that it shows, those that move what it shows, and no others.
 */
import { Feed } from "../common/feed.js";

const DESK = [
  "item.queued",
  "item.offered",
  "item.accepted",
  "item.connected",
  "item.wrap_up",
  "item.completed",
  "item.abandoned",
  "item.overflowed",
  "item.callback_scheduled",
  "item.cancelled",
  "item.expired",
  "item.requeued",
  "offer.made",
  "offer.accepted",
  "offer.rejected",
  "offer.timeout",
  "offer.canceled",
  "offer.rescinded",
  "offer.device_error",
  "offer.caller_gone",
  "agent.presence",
  "agent.routing",
  "agent.joined",
  "agent.left",
];

const CALL = [
  "caller.turn",
  "reply.decided",
  "reply.heard",
  "agent.turn",
  "dtmf.pressed",
  "action.proposed",
  "action.confirmed",
  "action.declined",
  "action.started",
  "action.succeeded",
  "action.failed",
  "action.unknown",
  "handoff.queued",
  "handoff.accepted",
  "handoff.ended",
  "agent.joined",
  "agent.left",
  "call.held",
  "call.resumed",
  "call.transferred",
  "transfer.tried",
  "transfer.answered",
  "transfer.failed",
  "call.ended",
  "control.changed",
  "recording.started",
  "recording.stopped",
  "language.changed",
  "caller.identified",
  "caller.verified",
];

/** What the agent's own desk hears of. */
export function deskFeed() {
  return new Feed({ snapshot: "/v1/desk/snapshot", stream: "/v1/desk/feed", numbered: DESK, passing: ["queues", "overheard"] });
}

/** A call from its first event on. @param {string} call */
export function callFeed(call) {
  return new Feed({
    stream: `/v1/desk/calls/${encodeURIComponent(call)}/feed`,
    numbered: CALL,
    passing: ["partial", "card", "script", "summary"],
  });
}
