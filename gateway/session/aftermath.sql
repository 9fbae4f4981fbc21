-- What is written into the record of a contact after it is over.

-- append_late --
-- An event of a contact that ended before %(settled)s: by then nobody else writes to it. None otherwise.
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT calls.tenant, calls.call_id,
       (SELECT coalesce(max(seq), 0) + 1 FROM contact_events AS e
        WHERE e.tenant = calls.tenant AND e.call_id = calls.call_id),
       %(at)s, %(kind)s, %(payload)s::jsonb
FROM calls
WHERE calls.tenant = %(tenant)s AND calls.call_id = %(call_id)s AND calls.ended_at < %(settled)s
ON CONFLICT (tenant, call_id, seq) DO NOTHING
RETURNING seq;

-- stands_already --
-- Whether a contact's record has such an event about an action.
SELECT EXISTS (
    SELECT FROM contact_events
    WHERE tenant = %(tenant)s AND call_id = %(call_id)s AND kind = %(kind)s AND payload->>'key' = %(key)s
);
