-- All SQL of what calls to targets cost. Every statement runs in a transaction that has named its tenant (app.tenant), and
-- row level security confines it to that tenant.

-- lock_toll --
-- One decision about a tenant's calls to targets at a time.
SELECT pg_advisory_xact_lock(hashtextextended('toll ' || %(tenant)s, 0));

-- usage --
-- How many calls are open, and the seconds of a day; open ones count as long as they may still last.
SELECT count(*) FILTER (WHERE open_until > %(now)s), coalesce(sum(seconds) FILTER (WHERE day = %(day)s), 0)
FROM toll_calls
WHERE tenant = %(tenant)s AND (day = %(day)s OR open_until > %(now)s);

-- begin --
-- A call is about to be dialled.
INSERT INTO toll_calls (tenant, toll_call, call_id, destination, day, began_at, seconds, open_until)
VALUES (%(tenant)s, %(id)s, %(call)s, %(destination)s, %(day)s, %(now)s, %(seconds)s, %(open_until)s);

-- end --
-- A call is over, and has lasted so long.
UPDATE toll_calls SET seconds = %(seconds)s, open_until = NULL
WHERE tenant = %(tenant)s AND toll_call = %(id)s AND open_until IS NOT NULL;
