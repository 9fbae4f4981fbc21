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
