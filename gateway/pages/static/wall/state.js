/**
 * What the wall shows: queues, agents and live calls, rebuilt from the snapshot and kept by the deltas of the feed.
 *
 * Pure: no clock, no page, no network. A state is never changed; `apply` gives the next one.
 *
 * @module
 */

/**
 * @typedef {{seconds: number | null, method: string, sample: number}} Estimate
 * @typedef {{id: string, name: Record<string, string>, waiting: number, oldest_since: string | null, estimate: Estimate,
 *   answering: number, answer_within?: number, service_level: number | null, answered_today?: number,
 *   abandoned_today?: number}} Queue
 * @typedef {{agent: string, name?: string, presence: string, reason?: string, routing: string,
 *   next_presence?: {presence: string, reason?: string} | null, queues?: string[], skills?: Record<string, number>,
 *   since: string, item?: string | null}} Agent
 * @typedef {{call: string, owner: "bot" | "agent" | "supervisor", language: string, line: string,
 *   queue: string | null, since: string, confidence: number[], falling: boolean, agent: string | null,
 *   waiting?: boolean, ended_at?: string | null}} Call
 * @typedef {{id: string, name: string}} Target a place outside to which calls may be moved
 * @typedef {{queues: Queue[], agents: ReadonlyMap<string, Agent>, calls: ReadonlyMap<string, Call>,
 *   targets: Target[]}} Wall
 */

/** Kinds of events of the feed that have a number. */
export const NUMBERED = [
  ...["queued", "offered", "accepted", "connected", "wrap_up", "completed", "abandoned", "overflowed"],
  ...["callback_scheduled", "cancelled", "expired", "requeued"],
]
  .map((kind) => `item.${kind}`)
  .concat(
    ["made", "accepted", "rejected", "timeout", "canceled", "rescinded", "device_error", "caller_gone"].map(
      (kind) => `offer.${kind}`,
    ),
    ["presence", "routing", "joined", "left"].map((kind) => `agent.${kind}`),
  );

/** And those that have none. */
export const PASSING = ["queues", "call"];

/** @type {Wall} */
export const EMPTY = { queues: [], agents: new Map(), calls: new Map(), targets: [] };

/** @param {{queues?: Queue[], agents?: Agent[], calls?: Call[], targets?: Target[]}} snapshot @returns {Wall} */
export function fromSnapshot({ queues = [], agents = [], calls = [], targets = [] }) {
  return {
    queues,
    targets,
    agents: new Map(agents.map((agent) => [agent.agent, agent])),
    calls: new Map(calls.filter((call) => !call.ended_at).map((call) => [call.call, call])),
  };
}

/**
 * The wall after an event. What is unknown leaves it as it is.
 *
 * @param {Wall} wall
 * @param {{kind: string, data: any}} delta
 * @returns {Wall}
 */
export function apply(wall, { kind, data }) {
  switch (kind) {
    case "queues":
      return { ...wall, queues: merged(wall.queues, Array.isArray(data) ? data : data.queues) };
    case "call":
      return {
        ...wall,
        calls: replaced(wall.calls, data.call, data.ended_at ? null : { ...wall.calls.get(data.call), ...data }),
      };
    case "agent.left":
      return { ...wall, agents: replaced(wall.agents, data.agent ?? data.subject, null) };
    case "agent.joined":
    case "agent.presence":
    case "agent.routing": {
      const name = data.agent ?? data.subject;
      return { ...wall, agents: replaced(wall.agents, name, { ...wall.agents.get(name), ...data, agent: name }) };
    }
    default:
      return wall;
  }
}

/** The totals above everything. @param {Wall} wall */
export function totals(wall) {
  const agents = [...wall.agents.values()].map(stateOf);
  const calls = [...wall.calls.values()];
  const since = wall.queues.map((queue) => queue.oldest_since).filter((at) => at !== null && at !== undefined);
  return {
    waiting: wall.queues.reduce((sum, queue) => sum + queue.waiting, 0),
    oldest: since.length
      ? /** @type {string} */ (since.reduce((a, b) => (Date.parse(b) < Date.parse(a) ? b : a)))
      : null,
    available: agents.filter((state) => state === "available").length,
    talking: agents.filter((state) => state === "talking").length,
    calls: calls.length,
    falling: calls.filter((call) => call.falling).length,
  };
}

/** The states of an agent as people speak of them, those that ask for attention first. */
export const AGENT_STATES = /** @type {const} */ ([
  "not_responding",
  "ringing",
  "talking",
  "wrap_up",
  "available",
  "away",
  "offline",
]);

const ROUTED = { reserved: "ringing", on_contact: "talking", wrap_up: "wrap_up", not_responding: "not_responding" };

/**
 * One word for presence and routing together: what somebody is doing wins over what they said they would do.
 *
 * @param {Agent} agent
 * @returns {typeof AGENT_STATES[number]}
 */
export function stateOf(agent) {
  const routed = ROUTED[/** @type {keyof typeof ROUTED} */ (agent.routing)];
  if (routed !== undefined && agent.presence !== "offline") return /** @type {any} */ (routed);
  if (agent.presence === "available") return "available";
  return agent.presence === "offline" ? "offline" : "away";
}

/** Agents by state, within a state who is in it longest first. @param {Wall} wall @returns {Agent[]} */
export function agentsInOrder(wall) {
  const rank = (/** @type {Agent} */ agent) => AGENT_STATES.indexOf(stateOf(agent));
  return [...wall.agents.values()].sort(
    (a, b) => rank(a) - rank(b) || Date.parse(a.since) - Date.parse(b.since) || a.agent.localeCompare(b.agent),
  );
}

/** @typedef {"all" | "falling" | "bot" | "people"} Shown */

/**
 * The calls to be shown: those whose confidence falls first, then the longest. With `order`, calls named there keep
 * their places, so that nothing moves under somebody's hand.
 *
 * @param {Wall} wall
 * @param {Shown} shown
 * @param {readonly string[]} [order]
 * @returns {Call[]}
 */
export function callsInOrder(wall, shown, order = []) {
  const place = new Map(order.map((name, index) => [name, index]));
  const at = (/** @type {Call} */ call) => place.get(call.call) ?? order.length;
  return [...wall.calls.values()]
    .filter(
      (call) => shown === "all" || (shown === "falling" ? call.falling : (shown === "bot") === (call.owner === "bot")),
    )
    .sort(
      (a, b) =>
        at(a) - at(b) ||
        Number(b.falling) - Number(a.falling) ||
        Date.parse(a.since) - Date.parse(b.since) ||
        a.call.localeCompare(b.call),
    );
}

/** @param {Queue[]} before @param {Queue[]} after */
function merged(before, after) {
  const known = new Map(before.map((queue) => [queue.id, queue]));
  return after.map((queue) => ({ ...known.get(queue.id), ...queue }));
}

/**
 * @template T
 * @param {ReadonlyMap<string, T>} map
 * @param {string} key
 * @param {T | null} value
 * @returns {Map<string, T>}
 */
function replaced(map, key, value) {
  const next = new Map(map);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}
