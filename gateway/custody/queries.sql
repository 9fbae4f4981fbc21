-- All SQL of what is kept and let go of. Every statement runs in a transaction that has named its tenant (app.tenant),
-- and row level security confines it to that tenant.

-- hold_contact --
-- Hold the record of a contact until the transaction ends, so that nobody puts it under a hold or erases it meanwhile.
SELECT call_id, started_at, ended_at FROM calls WHERE tenant = %(tenant)s AND call_id = %(call)s FOR UPDATE;

-- place_hold --
-- Put a contact under a hold.
INSERT INTO legal_holds (tenant, hold, call_id, why, placed_by, placed_at)
VALUES (%(tenant)s, %(hold)s, %(call)s, %(why)s, %(by)s, %(at)s);

-- release_hold --
-- Release a hold that stands. No row: there is none of that name, or it was released before.
UPDATE legal_holds SET released_by = %(by)s, released_at = %(at)s
WHERE tenant = %(tenant)s AND hold = %(hold)s AND released_at IS NULL
RETURNING call_id;

-- holds --
-- The latest holds: those that stand, or all.
SELECT hold, call_id, why, placed_by, placed_at, released_by, released_at FROM legal_holds
WHERE tenant = %(tenant)s AND (released_at IS NULL OR %(released)s)
ORDER BY placed_at DESC LIMIT %(limit)s;

-- holds_of --
-- The holds that a contact stands under.
SELECT hold FROM legal_holds WHERE tenant = %(tenant)s AND call_id = %(call)s AND released_at IS NULL ORDER BY placed_at;

-- still_to_come --
-- What of a contact has not ended.
SELECT what FROM still_to_come(%(call)s) AS what;

-- begin_erasure --
-- Begin to erase a contact, unless that has begun already.
INSERT INTO erasures (tenant, erasure, call_id, asked_by, why, begun_at)
VALUES (%(tenant)s, %(erasure)s, %(call)s, %(asked_by)s, %(why)s, %(at)s)
ON CONFLICT (tenant, call_id) WHERE done_at IS NULL DO NOTHING;

-- open_erasure_of --
-- The erasure of a contact that has begun and is not done.
SELECT erasure, call_id, asked_by, why, begun_at FROM erasures
WHERE tenant = %(tenant)s AND call_id = %(call)s AND done_at IS NULL;

-- open_erasures --
-- Erasures that have begun and are not done, the oldest first: whoever began them may have died.
SELECT erasure, call_id, asked_by, why, begun_at FROM erasures
WHERE tenant = %(tenant)s AND done_at IS NULL ORDER BY begun_at LIMIT %(limit)s;

-- erase_words --
-- Take the words out of all that is kept of a contact. How many rows of each kind.
SELECT erase_words(%(call)s);

-- append_tombstone --
-- The last event of an erased contact.
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, %(call)s, coalesce(max(seq), 0) + 1, %(at)s, 'contact.erased', %(payload)s::jsonb
FROM contact_events WHERE tenant = %(tenant)s AND call_id = %(call)s;

-- finish_erasure --
-- All of a contact is gone that was to go.
UPDATE erasures SET done_at = %(at)s, receipt = %(receipt)s::jsonb
WHERE tenant = %(tenant)s AND erasure = %(erasure)s AND done_at IS NULL;

-- receipts --
-- The latest receipts, of one contact where it is named.
SELECT receipt FROM erasures
WHERE tenant = %(tenant)s AND done_at IS NOT NULL AND (%(call)s::text IS NULL OR call_id = %(call)s)
ORDER BY done_at DESC LIMIT %(limit)s;

-- contacts_of_number --
-- The contacts of a customer's number, in the forms in which it may lie: calls from it, and ours to it.
SELECT call_id FROM calls
WHERE tenant = %(tenant)s AND CASE direction WHEN 'outbound' THEN called ELSE caller END = ANY (%(numbers)s)
ORDER BY started_at;

-- words_due --
-- Contacts whose words were kept long enough: over, under no hold, nothing still to come, not without words already.
SELECT call_id FROM calls AS c
WHERE tenant = %(tenant)s AND ended_at < %(before)s
  AND NOT is_held(call_id)
  AND NOT EXISTS (SELECT FROM erasures AS e WHERE e.tenant = c.tenant AND e.call_id = c.call_id)
  AND NOT EXISTS (SELECT FROM still_to_come(c.call_id))
ORDER BY ended_at LIMIT %(limit)s;

-- recordings_due --
-- Contacts of this node whose recordings were kept long enough: over, under no hold, recorded, the sound not gone already.
-- Recordings lie with the node that made them.
SELECT call_id FROM calls AS c
WHERE tenant = %(tenant)s AND node = %(node)s AND ended_at < %(before)s AND NOT is_held(call_id)
  AND EXISTS (SELECT FROM contact_events AS e
              WHERE e.tenant = c.tenant AND e.call_id = c.call_id AND e.kind = 'recording.started')
  AND NOT EXISTS (SELECT FROM contact_events AS e
                  WHERE e.tenant = c.tenant AND e.call_id = c.call_id
                    AND e.kind IN ('recording.deleted', 'contact.erased'))
ORDER BY ended_at LIMIT %(limit)s;

-- append_recording_deleted --
-- The sound of a contact is gone.
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, %(call)s, coalesce(max(seq), 0) + 1, %(at)s, 'recording.deleted', '{"why": "retention"}'
FROM contact_events WHERE tenant = %(tenant)s AND call_id = %(call)s;

-- drop_records --
-- Delete what is left of contacts that were kept long enough and have no words any more. How many.
SELECT drop_records(%(before)s, %(limit)s);

-- readable_tables --
-- All tables that the program may read, its own catalog excepted.
SELECT schemaname::text, tablename::text FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
  AND has_table_privilege(format('%I.%I', schemaname, tablename), 'SELECT')
ORDER BY 1, 2;

-- take_time --
-- Let this transaction read as long as it takes: all that is kept.
SET LOCAL statement_timeout = 0;
