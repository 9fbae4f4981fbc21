-- All SQL behind the settling of contacts. Every statement runs in a transaction that has named its tenant (app.tenant),
-- and row level security confines it to that tenant.

-- page --
-- The next contacts that are over, in the order of their ends, and whether no row is kept of each.
SELECT c.ended_at, c.call_id,
       NOT EXISTS (SELECT FROM analytics.settled_contact AS s WHERE s.tenant = c.tenant AND s.contact = c.call_id) AS due
FROM (
    SELECT tenant, call_id, ended_at FROM calls
    WHERE tenant = %(tenant)s AND ended_at <= %(until)s AND (ended_at, call_id) > (%(after_at)s, %(after_id)s)
    ORDER BY ended_at, call_id LIMIT %(limit)s
) AS c
ORDER BY c.ended_at, c.call_id;

-- hold --
-- Hold contacts that are over, so that nothing is written into their logs until the transaction ends; those that nobody
-- else holds.
SELECT call_id FROM calls
WHERE tenant = %(tenant)s AND call_id = ANY (%(calls)s) AND ended_at IS NOT NULL
FOR UPDATE SKIP LOCKED;

-- settle --
-- Keep what the logs of contacts come to, which are held since before this statement. Of one that has its row already
-- there is nothing to be kept.
INSERT INTO analytics.settled_contact
SELECT * FROM analytics.live_contact WHERE tenant = %(tenant)s AND contact = ANY (%(calls)s);
