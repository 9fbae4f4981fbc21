-- All SQL of the floors. Every statement but those that look for what is due, and LISTEN, runs in a transaction that has
-- named its tenant (app.tenant), and row level security confines it to that tenant. Rows come and go as JSON whose keys
-- are the columns' names.

-- enter_floor --
-- A tenant's floor is there from its first use on.
INSERT INTO floors (tenant) VALUES (%(tenant)s) ON CONFLICT DO NOTHING;

-- hold_floor --
-- Have the floor for oneself until the commit.
SELECT seq FROM floors WHERE tenant = %(tenant)s FOR UPDATE;

-- hold_floor_if_free --
-- The same, or nothing where somebody else has it.
SELECT seq FROM floors WHERE tenant = %(tenant)s FOR UPDATE SKIP LOCKED;

-- read_floor --
-- All that is going on, as of one moment: the last event, open items, ringing offers, agents.
SELECT seq,
    (SELECT coalesce(jsonb_agg(to_jsonb(i) - 'tenant'), '[]') FROM work_items AS i
     WHERE i.tenant = %(tenant)s AND i.state NOT IN ('completed', 'abandoned', 'cancelled', 'expired')),
    (SELECT coalesce(jsonb_agg(to_jsonb(o) - 'tenant'), '[]') FROM offers AS o
     WHERE o.tenant = %(tenant)s AND o.state = 'pending'),
    (SELECT coalesce(jsonb_agg(to_jsonb(a) - 'tenant' - 'heard_at'), '[]') FROM agent_states AS a
     WHERE a.tenant = %(tenant)s)
FROM floors WHERE tenant = %(tenant)s;

-- write_items --
-- Items as they stand now.
INSERT INTO work_items
SELECT (given).* FROM jsonb_populate_recordset(NULL::work_items, %(rows)s::jsonb) AS given
ON CONFLICT (tenant, item) DO UPDATE SET
    queue = excluded.queue, language = excluded.language, skills = excluded.skills, priority = excluded.priority,
    state = excluded.state, reason = excluded.reason, enqueued_at = excluded.enqueued_at,
    eligible_at = excluded.eligible_at, queue_since = excluded.queue_since, since = excluded.since,
    offer = excluded.offer, agent = excluded.agent, for_agent = excluded.for_agent, attempts = excluded.attempts,
    asked = excluded.asked, overflowed_from = excluded.overflowed_from, callback = excluded.callback,
    answered_at = excluded.answered_at;

-- write_offers --
-- Offers as they stand now; those that ended come before those that were made after them.
INSERT INTO offers
SELECT (given).* FROM jsonb_populate_recordset(NULL::offers, %(rows)s::jsonb) AS given
ON CONFLICT (tenant, offer) DO UPDATE SET
    state = excluded.state, ended_at = excluded.ended_at, reason = excluded.reason;

-- write_agents --
-- Agents as they stand now. Who has just come has just been heard of.
INSERT INTO agent_states
SELECT (given).* FROM jsonb_populate_recordset(NULL::agent_states, %(rows)s::jsonb) AS given
ON CONFLICT (tenant, agent) DO UPDATE SET
    name = excluded.name, presence = excluded.presence, reason = excluded.reason, routing = excluded.routing,
    next_presence = excluded.next_presence, next_reason = excluded.next_reason, skills = excluded.skills,
    queues = excluded.queues, item = excluded.item, since = excluded.since, idle_since = excluded.idle_since,
    until = excluded.until,
    heard_at = CASE WHEN agent_states.presence = 'offline' THEN excluded.heard_at ELSE agent_states.heard_at END;

-- append_events --
-- What happened.
INSERT INTO floor_events (tenant, seq, at, kind, subject, payload)
SELECT tenant, seq, at, kind, subject, payload
FROM jsonb_populate_recordset(NULL::floor_events, %(rows)s::jsonb);

-- move_floor --
-- The last event, and when somebody is to look again: at the floor's own deadline, or when a desk has been silent.
UPDATE floors SET
    seq = %(seq)s,
    next_due = least(%(deadline)s::timestamptz, (
        SELECT min(heard_at) + make_interval(secs => %(silent)s) FROM agent_states
        WHERE tenant = %(tenant)s AND presence <> 'offline'))
WHERE tenant = %(tenant)s;

-- move_handoffs --
-- Hand-offs follow their items.
UPDATE handoffs SET state = moved.state
FROM jsonb_to_recordset(%(rows)s::jsonb) AS moved (item text, state text)
WHERE handoffs.tenant = %(tenant)s AND handoffs.handoff_id = moved.item AND handoffs.state <> moved.state;

-- notify --
-- Tell whoever listens whose floor has changed; delivered when the transaction commits.
SELECT pg_notify('floor_events', %(tenant)s);

-- listen --
-- Hear what notify tells.
LISTEN floor_events;

-- read_events --
-- What happened behind a number.
SELECT seq, at, kind, subject, payload FROM floor_events
WHERE tenant = %(tenant)s AND seq > %(after_seq)s
ORDER BY seq LIMIT %(limit)s;

-- waiting_handoffs --
-- Hand-offs that wait and are no items yet, the oldest first, each with its call's language and node.
SELECT h.tenant, h.handoff_id, h.call_id, h.reason, h.queue, h.skills, h.summary, h.state, h.created_at,
       c.language, c.node
FROM handoffs AS h JOIN calls AS c ON c.tenant = h.tenant AND c.call_id = h.call_id
WHERE h.tenant = %(tenant)s AND h.state = 'queued' AND c.ended_at IS NULL
  AND NOT EXISTS (SELECT FROM work_items AS i WHERE i.tenant = h.tenant AND i.item = h.handoff_id)
ORDER BY h.created_at, h.handoff_id LIMIT %(limit)s;

-- orphaned_items --
-- Items that somebody waits in, or talks in, whose call is over: it ended, or its node was lost.
SELECT i.item FROM work_items AS i
LEFT JOIN calls AS c ON c.tenant = i.tenant AND c.call_id = i.call
LEFT JOIN handoffs AS h ON h.tenant = i.tenant AND h.handoff_id = i.item
WHERE i.tenant = %(tenant)s AND i.state IN ('queued', 'offered', 'accepted', 'connected') AND i.callback IS NULL
  AND (c.ended_at IS NOT NULL OR h.state = 'abandoned')
ORDER BY i.item LIMIT %(limit)s;

-- hear --
-- An agent's desk lives. No row: it is not signed in.
UPDATE agent_states SET heard_at = greatest(heard_at, %(now)s)
WHERE tenant = %(tenant)s AND agent = %(agent)s AND presence <> 'offline'
RETURNING agent;

-- silent_agents --
-- Agents whose desks were not heard of since a time.
SELECT agent FROM agent_states
WHERE tenant = %(tenant)s AND presence <> 'offline' AND heard_at <= %(before)s
ORDER BY agent;

-- due_floors --
-- Tenants on whose floors time has brought something.
SELECT tenant FROM floors WHERE next_due <= %(now)s ORDER BY next_due, tenant;

-- read_figures --
-- What became of the calls of each queue since a time; calls that are called back are counted nowhere.
WITH goals AS (
    SELECT * FROM unnest(%(queues)s::text[], %(goals)s::float8[]) AS goal (queue, seconds)
), recent AS (
    SELECT i.queue, i.state, i.answered_at, make_interval(secs => g.seconds) AS goal,
           i.answered_at - i.enqueued_at AS waited, i.since - i.enqueued_at AS stayed, i.since - i.answered_at AS took
    FROM work_items AS i JOIN goals AS g USING (queue)
    WHERE i.tenant = %(tenant)s AND i.since >= %(since)s AND i.callback IS NULL
)
SELECT queue,
       count(*) FILTER (WHERE state <> 'abandoned' AND answered_at >= %(since)s),
       count(*) FILTER (WHERE state <> 'abandoned' AND answered_at >= %(since)s AND waited <= goal),
       count(*) FILTER (WHERE state = 'abandoned'),
       count(*) FILTER (WHERE state = 'abandoned' AND stayed <= goal),
       count(*) FILTER (WHERE state = 'completed' AND answered_at IS NOT NULL),
       extract(epoch FROM avg(took) FILTER (WHERE state = 'completed' AND answered_at IS NOT NULL))::float8
FROM recent GROUP BY queue;
