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
-- The latest holds: those that stand, or all; of one contact where it is named; those behind one where that is named.
SELECT hold, call_id, why, placed_by, placed_at, released_by, released_at FROM legal_holds
WHERE tenant = %(tenant)s AND (released_at IS NULL OR %(released)s)
  AND (%(call)s::text IS NULL OR call_id = %(call)s)
  AND (%(before)s::text IS NULL OR (placed_at, hold) < (
      SELECT last.placed_at, last.hold FROM legal_holds AS last WHERE last.tenant = %(tenant)s AND last.hold = %(before)s))
ORDER BY placed_at DESC, hold DESC LIMIT %(limit)s;

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
-- The latest receipts: of one contact, of a span of time, of who asked for it, behind an erasure, where these are named.
SELECT receipt FROM erasures
WHERE tenant = %(tenant)s AND done_at IS NOT NULL AND (%(call)s::text IS NULL OR call_id = %(call)s)
  AND (%(since)s::timestamptz IS NULL OR done_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR done_at < %(until)s)
  AND (%(by)s::text IS NULL OR asked_by = %(by)s)
  AND (%(before)s::text IS NULL OR (done_at, erasure) < (
      SELECT last.done_at, last.erasure FROM erasures AS last
      WHERE last.tenant = %(tenant)s AND last.erasure = %(before)s))
ORDER BY done_at DESC, erasure DESC LIMIT %(limit)s;

-- receipt --
-- The receipt of one erasure that is done.
SELECT receipt FROM erasures WHERE tenant = %(tenant)s AND erasure = %(erasure)s AND done_at IS NOT NULL;

-- contacts_of_number --
-- The contacts of a customer's number, in the forms in which it may lie: calls from it, and ours to it.
SELECT call_id FROM calls
WHERE tenant = %(tenant)s AND CASE direction WHEN 'outbound' THEN called ELSE caller END = ANY (%(numbers)s)
ORDER BY started_at;

-- words_due --
-- Contacts whose words were kept long enough: over, under no hold, nothing still to come, not without words already.
SELECT call_id, ended_at FROM calls AS c
WHERE tenant = %(tenant)s AND ended_at < %(before)s
  AND NOT is_held(call_id)
  AND NOT EXISTS (SELECT FROM erasures AS e WHERE e.tenant = c.tenant AND e.call_id = c.call_id)
  AND NOT EXISTS (SELECT FROM still_to_come(c.call_id))
ORDER BY ended_at LIMIT %(limit)s;

-- recordings_due --
-- Contacts of this node whose recordings were kept long enough: over, under no hold, recorded, the sound not gone already.
-- Recordings lie with the node that made them; where no node is named, all nodes'.
SELECT call_id, ended_at FROM calls AS c
WHERE tenant = %(tenant)s AND (%(node)s::text IS NULL OR node = %(node)s) AND ended_at < %(before)s AND NOT is_held(call_id)
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

-- records_due --
-- Contacts without words whose record was kept long enough: under no hold, nothing still to come.
SELECT call_id, ended_at FROM calls AS c
WHERE tenant = %(tenant)s AND ended_at < %(before)s AND was_erased(call_id)
  AND NOT EXISTS (SELECT FROM still_to_come(c.call_id))
ORDER BY ended_at LIMIT %(limit)s;

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

-- release_reasons --
-- Why holds were released, as it was said: of each the line of the audit that came last and not after its release.
SELECT DISTINCT ON (h.hold) h.hold, a.why
FROM legal_holds AS h
JOIN audit_entries AS a ON a.tenant = h.tenant AND a.details ->> 'hold' = h.hold AND a.at <= h.released_at
WHERE h.tenant = %(tenant)s AND h.hold = ANY (%(holds)s) AND h.released_at IS NOT NULL AND a.what = 'contact.released'
ORDER BY h.hold, a.place DESC;

-- digest_in_audit --
-- The digest of a receipt, as the audit has it since the erasure was done.
SELECT details ->> 'receipt' FROM audit_entries
WHERE tenant = %(tenant)s AND what = 'contact.erased' AND whose = %(call)s AND details ->> 'erasure' = %(erasure)s
ORDER BY place LIMIT 1;

-- audit_ends --
-- The latest line of each of the two audits: its number, its seal, and when it was written.
(SELECT 'access', number, digest, at FROM audit_entries
 WHERE tenant = %(tenant)s AND number IS NOT NULL ORDER BY number DESC LIMIT 1)
UNION ALL
(SELECT 'actions', number, digest, at FROM action_audit WHERE tenant = %(tenant)s ORDER BY number DESC LIMIT 1);

-- audit_deeds --
-- What the audit has lines about: each deed once, one look into the index for each.
WITH RECURSIVE deeds AS (
    (SELECT what FROM audit_entries WHERE tenant = %(tenant)s ORDER BY what LIMIT 1)
    UNION ALL
    SELECT (SELECT a.what FROM audit_entries AS a WHERE a.tenant = %(tenant)s AND a.what > deeds.what
            ORDER BY a.what LIMIT 1)
    FROM deeds WHERE deeds.what IS NOT NULL
)
SELECT what FROM deeds WHERE what IS NOT NULL LIMIT %(limit)s;

-- audit_actors --
-- Whom the audit has lines of: each once, in the same way.
WITH RECURSIVE actors AS (
    (SELECT actor FROM audit_entries WHERE tenant = %(tenant)s ORDER BY actor LIMIT 1)
    UNION ALL
    SELECT (SELECT a.actor FROM audit_entries AS a WHERE a.tenant = %(tenant)s AND a.actor > actors.actor
            ORDER BY a.actor LIMIT 1)
    FROM actors WHERE actors.actor IS NOT NULL
)
SELECT actor FROM actors WHERE actor IS NOT NULL LIMIT %(limit)s;
