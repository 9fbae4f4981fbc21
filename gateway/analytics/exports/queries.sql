-- All SQL of exports. Every statement runs in one read-only transaction that has named its tenant (app.tenant), so that
-- row level security confines it to that tenant and all tables are of the same moment. {columns}, {view} and {order} are
-- names out of the list of tables (tables.py), put in by source.py.

-- limits --
-- An export reads longer than anything else; what it waits for is bounded all the same. Compiling plans costs more than
-- it saves where one plan runs row by row.
SELECT set_config('statement_timeout', '6h', true), set_config('idle_in_transaction_session_timeout', '10min', true),
       set_config('jit', 'off', true), set_config('work_mem', '32MB', true);

-- lock --
-- Nobody else exports this tenant to this place until the transaction ends. False: somebody does.
SELECT pg_try_advisory_xact_lock(hashtextextended(%(place)s, 0x61696363));

-- watermark --
-- Which cluster this is; below which transaction everything is there and nothing is still to come; and the first one that
-- has not begun.
SELECT system_identifier::text, pg_snapshot_xmin(pg_current_snapshot())::text, pg_snapshot_xmax(pg_current_snapshot())::text
FROM pg_control_system();

-- rows_of_calls --
-- A table's rows, call by call in the order of their beginnings: the calls of a time, or those whose log has grown.
COPY (
    SELECT to_char(c.started_at AT TIME ZONE %(time_zone)s, 'YYYY-MM-DD') AS day, {columns}
    FROM (
        SELECT tenant, call_id, started_at FROM calls
        WHERE tenant = %(tenant)s
          AND (%(since)s::timestamptz IS NULL OR started_at >= %(since)s)
          AND (%(until)s::timestamptz IS NULL OR started_at < %(until)s)
          AND (%(after)s::xid8 IS NULL OR call_id IN (
                SELECT e.call_id FROM contact_events AS e WHERE e.tenant = %(tenant)s AND e.written >= %(after)s::xid8))
        ORDER BY started_at, call_id
    ) AS c
    CROSS JOIN LATERAL (
        SELECT * FROM analytics.{view} AS v
        WHERE v.tenant = c.tenant AND v.contact = c.call_id
          AND (%(after)s::xid8 IS NULL OR v.written >= %(after)s::xid8)
        ORDER BY {order}
    ) AS r
) TO STDOUT (FORMAT csv);

-- rows --
-- The rows of a table that is not made of calls' logs alone: those of a time, or those that have changed.
COPY (
    SELECT to_char(r.contact_started_at AT TIME ZONE %(time_zone)s, 'YYYY-MM-DD') AS day, {columns}
    FROM analytics.{view} AS r
    WHERE r.tenant = %(tenant)s
      AND (%(since)s::timestamptz IS NULL OR r.contact_started_at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR r.contact_started_at < %(until)s)
      AND (%(after)s::xid8 IS NULL OR r.written >= %(after)s::xid8)
    ORDER BY r.contact_started_at, {order}
) TO STDOUT (FORMAT csv);

-- ended_calls --
-- The calls of a time, or those whose log has grown, that are over, in the order of their beginnings, behind one.
SELECT tenant, call_id, line, language, direction, channel, caller, called, started_at, ended_at, end_reason, node, epoch
FROM calls
WHERE tenant = %(tenant)s AND ended_at IS NOT NULL
  AND (%(since)s::timestamptz IS NULL OR started_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR started_at < %(until)s)
  AND (%(after)s::xid8 IS NULL OR call_id IN (
        SELECT e.call_id FROM contact_events AS e WHERE e.tenant = %(tenant)s AND e.written >= %(after)s::xid8))
  AND (%(behind_at)s::timestamptz IS NULL OR (started_at, call_id) > (%(behind_at)s, %(behind_id)s))
ORDER BY started_at, call_id LIMIT %(limit)s;

-- events --
-- A call's whole log.
SELECT tenant, call_id, seq, at, kind, payload FROM contact_events
WHERE tenant = %(tenant)s AND call_id = %(call)s ORDER BY seq;
