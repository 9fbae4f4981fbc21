/**
 * A supervisor's part in one call: listening, whispering, in the middle of it, or its owner.
 *
 * A pure machine with `now` as an argument. What cannot be taken back (taking a call over, ending it) takes two steps: the
 * first arms it for a few seconds, the second does it; nothing that is pressed by accident silences anybody.
 *
 * @module
 */

/** Milliseconds within which the second step has to come. */
export const ARMED_FOR = 5_000;

/**
 * @typedef {"listen" | "whisper" | "barge"} Mode
 * @typedef {"take-over" | "hang-up"} Deed
 * @typedef {"idle" | "joining" | "listen" | "whisper" | "barge" | "taken"} State
 * @typedef {{deed: Deed, until: number}} Armed
 * @typedef {{state: State, call: string | null, wanted: Mode | Deed | null, armed: Armed | null, problem: string | null}} Monitor
 * @typedef {{kind: "join", call: string} | {kind: "ready"} | {kind: "want", mode: Mode} | {kind: "arm", deed: Deed}
 *   | {kind: "disarm"} | {kind: "commit"} | {kind: "done"} | {kind: "refused", code: string} | {kind: "given_back"}
 *   | {kind: "ended", code?: string} | {kind: "read"} | {kind: "tick"}} MonitorEvent
 */

/** @type {Monitor} */
export const IDLE = { state: "idle", call: null, wanted: null, armed: null, problem: null };

const BESIDE = ["listen", "whisper", "barge"];
const INSIDE = [...BESIDE, "taken"];

/** In which states an event means anything. @type {Record<MonitorEvent["kind"], readonly string[]>} */
const WHERE = {
  join: ["idle"],
  ready: ["joining"],
  want: BESIDE,
  arm: INSIDE,
  disarm: INSIDE,
  commit: INSIDE,
  done: INSIDE,
  given_back: ["taken"],
  refused: ["joining", ...INSIDE],
  ended: ["joining", ...INSIDE],
  tick: INSIDE,
  read: ["idle", ...INSIDE],
};

/**
 * The machine after an event; what does not fit leaves it as it is.
 *
 * @param {Monitor} monitor
 * @param {MonitorEvent} event
 * @param {number} now milliseconds
 * @returns {Monitor}
 */
export function step(monitor, event, now) {
  if (!WHERE[event.kind].includes(monitor.state)) return monitor;
  switch (event.kind) {
    case "join":
      return { ...IDLE, state: "joining", call: event.call };
    case "ready":
    case "given_back":
      return { ...monitor, state: "listen", wanted: null, armed: null, problem: null };
    case "want":
      return { ...monitor, wanted: event.mode === monitor.state ? null : event.mode, armed: null, problem: null };
    case "arm":
      return { ...monitor, armed: { deed: event.deed, until: now + ARMED_FOR }, problem: null };
    case "commit":
      return {
        ...monitor,
        wanted: isArmed(monitor, now) ? /** @type {Armed} */ (monitor.armed).deed : monitor.wanted,
        armed: null,
      };
    case "done":
      return settled(monitor);
    case "refused":
      return { ...(monitor.state === "joining" ? IDLE : monitor), wanted: null, armed: null, problem: event.code };
    case "ended":
      return { ...IDLE, problem: event.code ?? null };
    case "read":
      return { ...monitor, problem: null };
    case "disarm":
      return { ...monitor, armed: null };
    case "tick":
      return monitor.armed !== null && !isArmed(monitor, now) ? { ...monitor, armed: null } : monitor;
  }
}

/** Whether the next step does it. @param {Monitor} monitor @param {number} now */
export function isArmed(monitor, now) {
  return monitor.armed !== null && now < monitor.armed.until;
}

/** Who hears the supervisor now: `nobody`, `agent` or `everybody`. @param {Monitor} monitor */
export function heardBy(monitor) {
  if (monitor.state === "whisper") return "agent";
  return monitor.state === "barge" || monitor.state === "taken" ? "everybody" : "nobody";
}

/** @param {Monitor} monitor @returns {Monitor} */
function settled(monitor) {
  if (monitor.wanted === null) return monitor;
  if (monitor.wanted === "hang-up") return { ...IDLE, problem: "call_ended.wrap_up" };
  return { ...monitor, state: monitor.wanted === "take-over" ? "taken" : monitor.wanted, wanted: null };
}
