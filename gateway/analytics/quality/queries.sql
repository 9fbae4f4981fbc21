-- All SQL behind the judging of contacts. Every statement runs in a transaction that has named its tenant (app.tenant), and
-- row level security confines it to that tenant.

-- due --
-- Contacts that ended in a span and that a rubric has not judged, the earliest first.
SELECT c.tenant, c.call_id, c.line, c.language, c.direction, c.channel, c.caller, c.called, c.started_at, c.ended_at,
       c.end_reason, c.node, c.epoch
FROM calls AS c
WHERE c.tenant = %(tenant)s
  AND c.ended_at > %(since)s AND c.ended_at <= %(until)s
  AND c.channel = ANY (%(channels)s)
  AND (c.ended_at, c.call_id) > (%(after_at)s, %(after_id)s)
  AND NOT EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'quality.scored'
          AND e.payload ->> 'rubric' = %(rubric)s)
ORDER BY c.ended_at, c.call_id
LIMIT %(limit)s;

-- judgements --
-- How contacts that began in a span stand by the rubrics that judged them, as one row of JSON: a page of those that fit,
-- the latest first, behind one if it is given; what all of them come to by rubric, however they stand; and who was judged
-- by what in the span. A null asks for nothing. Decisions and objections stand behind the score, so that no more of a log
-- than that is read for them; contacts whose words were erased have nothing left to be looked at.
WITH judged AS MATERIALIZED (
    SELECT c.call_id, c.started_at, c.ended_at, c.language, c.channel, s.seq, s.rubric, s.agents,
           analytics.number(coalesce(later.decided, s.payload) -> 'score') AS score,
           analytics.truth(coalesce(later.decided, s.payload) -> 'passed') AS passed,
           later.objected > later.answered AS open
    FROM calls AS c
    CROSS JOIN LATERAL (
        SELECT e.seq, e.payload ->> 'rubric' AS rubric, e.payload -> 'agents' AS agents, e.payload
        FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'quality.scored'
          AND NOT e.payload ? 'erased' OFFSET 0
    ) AS s
    CROSS JOIN LATERAL (
        SELECT (array_agg(e.payload ORDER BY e.seq DESC) FILTER (WHERE e.kind = 'quality.overridden'))[1] AS decided,
               count(DISTINCT e.payload ->> 'appeal') FILTER (WHERE e.kind = 'quality.appealed') AS objected,
               count(DISTINCT e.payload ->> 'appeal') FILTER (WHERE e.kind = 'quality.overridden') AS answered
        FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.seq > s.seq
          AND e.kind IN ('quality.overridden', 'quality.appealed') AND e.payload ->> 'rubric' = s.rubric
    ) AS later
    WHERE c.tenant = %(tenant)s
      AND (%(since)s::timestamptz IS NULL OR c.started_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR c.started_at < %(until)s)
      AND (%(own)s::text IS NULL OR s.agents ? %(own)s)
      AND (%(queues)s::text[] IS NULL OR EXISTS (
            SELECT FROM contact_events AS e
            WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'handoff.queued'
              AND e.payload ->> 'queue' = ANY (%(queues)s) OFFSET 0))
), chosen AS (
    SELECT * FROM judged
    WHERE (%(rubric)s::text IS NULL OR rubric = %(rubric)s) AND (%(agent)s::text IS NULL OR agents ? %(agent)s)
), page AS (
    SELECT call_id, started_at, ended_at, language, channel, seq, rubric FROM chosen
    WHERE CASE %(standing)s::text
              WHEN 'passed' THEN passed WHEN 'failed' THEN NOT passed WHEN 'objected' THEN open ELSE true
          END
      AND (%(before)s::text IS NULL OR (started_at, call_id, rubric) < (
            (SELECT b.started_at FROM calls AS b WHERE b.tenant = %(tenant)s AND b.call_id = %(before)s),
            %(before)s, %(before_rubric)s))
    ORDER BY started_at DESC, call_id DESC, rubric DESC
    LIMIT %(limit)s
), totals AS (
    SELECT rubric, count(*) AS contacts, round(avg(score)::numeric, 1)::float8 AS average,
           count(*) FILTER (WHERE passed) AS passed, count(*) FILTER (WHERE NOT passed) AS failed,
           count(*) FILTER (WHERE open) AS open
    FROM chosen
    GROUP BY rubric
), people AS (
    SELECT latest.agent, joined.name
    FROM (
        SELECT who.agent, max(judged.call_id) AS call_id
        FROM judged
        CROSS JOIN LATERAL jsonb_array_elements_text(judged.agents) AS who (agent)
        GROUP BY who.agent
        ORDER BY who.agent
        LIMIT %(most_people)s
    ) AS latest
    CROSS JOIN LATERAL (
        SELECT max(e.payload ->> 'name') AS name
        FROM contact_events AS e
        WHERE e.tenant = %(tenant)s AND e.call_id = latest.call_id AND e.kind = 'agent.joined'
          AND e.payload ->> 'agent' = latest.agent
    ) AS joined
)
SELECT coalesce((SELECT jsonb_agg(to_jsonb(page) ORDER BY started_at DESC, call_id DESC, rubric DESC) FROM page), '[]'),
       coalesce((SELECT jsonb_agg(to_jsonb(totals) ORDER BY rubric) FROM totals), '[]'),
       coalesce((SELECT jsonb_object_agg(agent, coalesce(name, agent)) FROM people), '{}'),
       coalesce((SELECT jsonb_agg(DISTINCT rubric) FROM judged), '[]');

-- told --
-- How contacts were judged, each from one of its events on, and what people said to it.
SELECT e.tenant, e.call_id, e.seq, e.at, e.kind, e.payload
FROM unnest(%(calls)s::text[], %(seqs)s::bigint[]) AS wanted (call_id, seq)
JOIN contact_events AS e ON e.tenant = %(tenant)s AND e.call_id = wanted.call_id AND e.seq >= wanted.seq
WHERE e.kind IN ('quality.scored', 'quality.overridden', 'quality.appealed')
ORDER BY e.call_id, e.seq;
