-- All SQL behind the reports. Every statement runs in a transaction that has named its tenant (app.tenant), and row level
-- security confines it to that tenant. {view} is one of the views of the schema kpi, {key} what rows are told apart by;
-- both come from the catalogue in kpi.py and never from who asks. The page, what is downloaded and the calls behind a
-- figure are one selection: every query has the same bounds. These are moments and not days, so that they are known when
-- a query is planned: contacts of other days are then not looked at.

-- limits --
-- A report is counted for longer than other statements take. Compiling plans costs more than it saves.
SELECT set_config('statement_timeout', %(seconds)s || 's', true), set_config('jit', 'off', true);

-- rules --
-- What the tenant's figures are counted by.
SELECT time_zone, answer_within, answer_within_otherwise, repeat_days, silence_seconds, satisfied_from, currency
FROM kpi.rules;

-- keep_rules --
-- Keep the rules that the tenant's file has.
INSERT INTO report_rules (tenant, rules) VALUES (%(tenant)s, %(rules)s)
ON CONFLICT (tenant) DO UPDATE SET rules = EXCLUDED.rules, changed_at = now()
WHERE report_rules.rules <> EXCLUDED.rules;

-- amounts --
-- What contacts add up to, for each of the figures of a view, by something: one row for each figure and key.
SELECT {kpi} AS kpi, {key} AS key, sum(f.numerator) AS numerator, sum(f.denominator) AS denominator,
       count(*) AS contacts, count(*) FILTER (WHERE f.provisional) AS provisional
FROM {view} AS f
WHERE f.at >= %(since)s AND f.at < %(until)s
  AND (%(queue)s::text IS NULL OR f.queue = %(queue)s)
  AND (%(queues)s::text[] IS NULL OR f.queue = ANY (%(queues)s))
  AND (%(line)s::text IS NULL OR f.line = %(line)s)
  AND (%(language)s::text IS NULL OR f.language = %(language)s)
  AND (%(agent)s::text IS NULL OR f.agent = %(agent)s)
GROUP BY 1, 2
ORDER BY 1, 2 NULLS LAST
LIMIT %(limit)s;

-- contacts --
-- The contacts behind a figure, the latest first, behind one if it is given. counted: those that add something to the
-- numerator (yes), or nothing (no); part: those of one part.
SELECT f.contact
FROM {view} AS f
WHERE f.at >= %(since)s AND f.at < %(until)s
  AND (%(queue)s::text IS NULL OR f.queue = %(queue)s)
  AND (%(queues)s::text[] IS NULL OR f.queue = ANY (%(queues)s))
  AND (%(line)s::text IS NULL OR f.line = %(line)s)
  AND (%(language)s::text IS NULL OR f.language = %(language)s)
  AND (%(agent)s::text IS NULL OR f.agent = %(agent)s)
  AND (%(part)s::text IS NULL OR f.part = %(part)s)
  AND (%(counted)s = 'all' OR (f.numerator > 0) = (%(counted)s = 'yes'))
  AND (%(before_at)s::timestamptz IS NULL OR (f.at, f.contact) < (%(before_at)s, %(before_id)s))
GROUP BY f.contact, f.at
ORDER BY f.at DESC, f.contact DESC
LIMIT %(limit)s;

-- choices --
-- The lines that were called and the agents who were in calls of a span of days, for who chooses among them: what, id,
-- name.
WITH asked AS (
    SELECT c.line, c.agents FROM analytics.any_contact AS c
    WHERE c.tenant = %(tenant)s AND c.started_at >= %(since)s AND c.started_at < %(until)s
)
SELECT 'line' AS what, line AS id, line AS name FROM asked
UNION
SELECT 'agent', agent.id, max(agent.name)
FROM asked
CROSS JOIN LATERAL jsonb_each_text(asked.agents) AS agent (id, name)
GROUP BY agent.id
ORDER BY 1, 2
LIMIT %(limit)s;

-- said --
-- What callers said in a span of days, in one language, in the order of time, with the number of contacts of those days.
-- Of more than most_contacts it is a sample: those whose ids have the lowest hashes, so that a contact that is looked at
-- is looked at again next week. It is cut off between two contacts, or within one, where it has most_turns.
WITH chosen AS (
    SELECT c.tenant, c.call_id, c.started_at, c.language, hashtextextended(c.call_id, 0) AS lot, count(*) OVER () AS every
    FROM calls AS c
    WHERE c.tenant = %(tenant)s AND c.started_at >= %(since)s AND c.started_at < %(until)s
      AND (%(line)s::text IS NULL OR c.line = %(line)s)
      AND (%(queue)s::text IS NULL AND %(queues)s::text[] IS NULL OR EXISTS (
            SELECT FROM contact_events AS e
            WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'handoff.queued'
              AND (%(queue)s::text IS NULL OR e.payload ->> 'queue' = %(queue)s)
              AND (%(queues)s::text[] IS NULL OR e.payload ->> 'queue' = ANY (%(queues)s)) OFFSET 0))
      AND (%(agent)s::text IS NULL OR EXISTS (
            SELECT FROM contact_events AS e
            WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'agent.joined'
              AND e.payload ->> 'agent' = %(agent)s OFFSET 0))
    ORDER BY lot, c.call_id
    LIMIT %(most_contacts)s
), said AS (
    SELECT t.contact, (c.started_at AT TIME ZONE %(zone)s)::date AS day, t.text, t.said_at, c.every
    FROM chosen AS c
    CROSS JOIN LATERAL (
        SELECT e.call_id AS contact, e.payload ->> 'text' AS text, e.at AS said_at
        FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'caller.turn'
          AND coalesce(e.payload ->> 'language', c.language) = %(language)s AND e.payload ->> 'text' <> ''
    ) AS t
    ORDER BY c.lot, t.contact, t.said_at
    LIMIT %(most_turns)s
)
SELECT contact, day, text, every FROM said ORDER BY said_at, contact;
