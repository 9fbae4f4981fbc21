-- All SQL behind the search for calls. Every statement runs in a transaction that has named its tenant (app.tenant), and
-- row level security confines it to that tenant.

-- find --
-- A page of the calls that fit, the latest first, behind a call if one is given. A null asks for nothing. Words must all
-- stand in one utterance; queues: a call counts for those that it waited in. OFFSET 0 keeps the planner from reading the
-- whole log at once: call by call it reads what the time bounds, and no further than the page is long.
SELECT c.tenant, c.call_id, c.line, c.language, c.direction, c.channel, c.caller, c.called, c.started_at, c.ended_at,
       c.end_reason, c.node, c.epoch
FROM calls AS c
WHERE c.tenant = %(tenant)s
  AND (%(call)s::text IS NULL OR c.call_id = %(call)s)
  AND (%(since)s::timestamptz IS NULL OR c.started_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR c.started_at < %(until)s)
  AND (%(before_at)s::timestamptz IS NULL OR (c.started_at, c.call_id) < (%(before_at)s, %(before_id)s))
  AND (%(language)s::text IS NULL OR c.language = %(language)s)
  AND (%(numbers)s::text[] IS NULL OR (c.number_ending = %(ending)s OR NOT c.numbers_sealed)
       AND CASE c.direction WHEN 'outbound' THEN c.called ELSE c.caller END = ANY (%(numbers)s))
  AND (%(queues)s::text[] IS NULL OR EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'handoff.queued'
          AND e.payload ->> 'queue' = ANY (%(queues)s) OFFSET 0))
  AND (%(queue)s::text IS NULL OR EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'handoff.queued'
          AND e.payload ->> 'queue' = %(queue)s OFFSET 0))
  AND (%(agent)s::text IS NULL OR EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id
          AND e.kind IN ('agent.joined', 'handoff.accepted', 'wrap_up.done')
          AND %(agent)s IN (e.payload ->> 'agent', e.payload ->> 'name') OFFSET 0))
  AND (%(disposition)s::text IS NULL OR EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'wrap_up.done'
          AND e.payload ->> 'disposition' = %(disposition)s OFFSET 0))
  AND (%(words)s::text[] IS NULL OR EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id
          AND e.kind IN ('caller.turn', 'reply.heard', 'agent.turn')
          AND e.payload ->> 'text' ILIKE ALL (%(words)s) OFFSET 0))
ORDER BY c.started_at DESC, c.call_id DESC
LIMIT %(limit)s;

-- numbers --
-- The numbers, as they lie, that end like one, and those that still lie readable from before numbers were sealed.
SELECT DISTINCT CASE direction WHEN 'outbound' THEN called ELSE caller END AS number
FROM calls
WHERE tenant = %(tenant)s AND (number_ending = %(ending)s OR NOT numbers_sealed)
  AND CASE direction WHEN 'outbound' THEN called ELSE caller END IS NOT NULL
LIMIT %(limit)s;

-- these --
-- Calls by their ids.
SELECT tenant, call_id, line, language, direction, channel, caller, called, started_at, ended_at, end_reason, node, epoch
FROM calls
WHERE tenant = %(tenant)s AND call_id = ANY (%(calls)s);

-- outline --
-- What a list shows of some calls beside their records: one row for each that has a log.
SELECT call_id,
       count(*) FILTER (WHERE kind = 'caller.turn' AND payload ->> 'text' <> '') AS turns,
       (array_agg(payload ->> 'text' ORDER BY seq) FILTER (WHERE kind = 'caller.turn' AND payload ->> 'text' <> ''))[1]
           AS opening,
       min((payload ->> 'confidence')::float8) FILTER (WHERE kind = 'reply.decided') AS confidence,
       (array_agg(payload ->> 'queue' ORDER BY seq DESC) FILTER (WHERE kind = 'handoff.queued'))[1] AS queue,
       (array_agg(payload ->> 'reason' ORDER BY seq DESC) FILTER (WHERE kind = 'handoff.queued'))[1] AS reason,
       array_agg(DISTINCT coalesce(payload ->> 'name', payload ->> 'agent'))
           FILTER (WHERE kind = 'agent.joined' AND payload ->> 'role' = 'agent') AS agents,
       (array_agg(payload ->> 'disposition' ORDER BY seq DESC) FILTER (WHERE kind = 'wrap_up.done'))[1] AS disposition,
       bool_or(kind = 'recording.stored') AS recorded
FROM contact_events
WHERE tenant = %(tenant)s AND call_id = ANY (%(calls)s)
  AND kind IN ('caller.turn', 'reply.decided', 'handoff.queued', 'agent.joined', 'wrap_up.done', 'recording.stored')
GROUP BY call_id;
