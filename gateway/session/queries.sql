-- All SQL of the ledger. Every statement but those on nodes runs in a transaction that has named its tenant
-- (app.tenant), and row level security confines it to that tenant.

-- register_node --
-- Take a node's name: its epoch grows, so that whoever held the name before is fenced. Waits for their open batch.
INSERT INTO nodes (node, epoch, lease_until)
VALUES (%(node)s, 1, now() + make_interval(secs => %(lease)s))
ON CONFLICT (node) DO UPDATE
SET epoch = nodes.epoch + 1, lease_until = excluded.lease_until, retired = false, registered_at = now()
RETURNING epoch;

-- renew_lease --
-- Say that this node lives. No row: it has been fenced.
UPDATE nodes SET lease_until = now() + make_interval(secs => %(lease)s)
WHERE node = %(node)s AND epoch = %(epoch)s
RETURNING epoch;

-- retire_node --
-- Give up a node's name in good order; its calls that are still open are lost ones from now on.
UPDATE nodes SET epoch = epoch + 1, retired = true
WHERE node = %(node)s AND epoch = %(epoch)s;

-- retire_expired_nodes --
-- Fence the nodes whose lease is over. A lease that ran out while the server itself was away says nothing about its
-- node, so that nobody is fenced in the first length of a lease after the server's start.
UPDATE nodes SET epoch = epoch + 1, retired = true
WHERE NOT retired AND lease_until < now()
  AND now() > pg_postmaster_start_time() + make_interval(secs => %(lease)s)
RETURNING node;

-- hold_fence --
-- Make sure that this node has not been fenced, and keep it from being until the transaction ends.
SELECT true FROM nodes WHERE node = %(node)s AND epoch = %(epoch)s FOR SHARE;

-- set_tenant --
-- Let the statements that follow belong to a tenant, until the transaction ends or names another.
SELECT set_config('app.tenant', %(tenant)s, true);

-- enter_tenant --
-- Enter the tenant in the directory of tenants.
INSERT INTO tenants (tenant) VALUES (%(tenant)s) ON CONFLICT DO NOTHING;

-- open_call --
-- The record of a new call, its customer's number sealed. A batch that is written a second time finds it there already.
INSERT INTO calls (tenant, call_id, line, language, direction, channel, caller, called, started_at, node, epoch,
                   number_ending, numbers_sealed)
VALUES (%(tenant)s, %(call_id)s, %(line)s, %(language)s, %(direction)s, %(channel)s, %(caller)s, %(called)s,
        %(started_at)s, %(node)s, %(epoch)s, %(number_ending)s, true)
ON CONFLICT (tenant, call_id) DO NOTHING;

-- append_events --
-- A tenant's part of a batch. Fewer rows than given means that some were there: see count_same_events.
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, call_id, seq, at, kind, payload::jsonb
FROM unnest(%(call_ids)s::text[], %(seqs)s::bigint[], %(ats)s::timestamptz[], %(kinds)s::text[], %(payloads)s::text[])
     AS batch (call_id, seq, at, kind, payload)
ON CONFLICT (tenant, call_id, seq) DO NOTHING;

-- count_same_events --
-- How many of a batch are there exactly as given: all, if its commit had taken place after all; fewer, if somebody else
-- wrote under the same numbers.
SELECT count(*)
FROM unnest(%(call_ids)s::text[], %(seqs)s::bigint[], %(ats)s::timestamptz[], %(kinds)s::text[], %(payloads)s::text[])
     AS batch (call_id, seq, at, kind, payload)
JOIN contact_events AS stored ON stored.tenant = %(tenant)s
    AND stored.call_id = batch.call_id AND stored.seq = batch.seq AND stored.at = batch.at
    AND stored.kind = batch.kind AND stored.payload = batch.payload::jsonb;

-- hold_settled_call --
-- Hold the record of a call that ended before %(settled)s until the transaction ends: nobody else appends to it
-- meanwhile. No row: it goes on, has just ended, or is not there.
SELECT true FROM calls
WHERE tenant = %(tenant)s AND call_id = %(call_id)s AND ended_at < %(settled)s
FOR UPDATE;

-- append_late --
-- An event behind the last one of a call that is held, unless one of that kind with that key stands there. Of a contact
-- that was erased it tells no words.
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, %(call_id)s, coalesce(max(seq), 0) + 1, %(at)s, %(kind)s,
       CASE WHEN EXISTS (SELECT FROM erasures WHERE erasures.tenant = %(tenant)s AND erasures.call_id = %(call_id)s)
            THEN without_words(%(payload)s::jsonb) ELSE %(payload)s::jsonb END
FROM contact_events
WHERE tenant = %(tenant)s AND call_id = %(call_id)s
HAVING NOT coalesce(bool_or(kind = %(kind)s AND payload->>'key' = %(key)s), false)
RETURNING seq;

-- end_call --
-- Close the record of a call.
UPDATE calls SET ended_at = %(at)s, end_reason = %(reason)s
WHERE tenant = %(tenant)s AND call_id = %(call_id)s AND ended_at IS NULL;

-- queue_handoff --
-- A hand-off that begins to wait.
INSERT INTO handoffs (tenant, handoff_id, call_id, reason, queue, skills, summary, state, created_at)
VALUES (%(tenant)s, %(handoff_id)s, %(call_id)s, %(reason)s, %(queue)s, %(skills)s, %(summary)s::jsonb, %(state)s,
        %(created_at)s)
ON CONFLICT (tenant, handoff_id) DO NOTHING;

-- move_handoff --
-- Change a hand-off's state if it still has the state that the mover believes it has.
UPDATE handoffs SET state = %(after)s
WHERE tenant = %(tenant)s AND handoff_id = %(handoff_id)s AND state = %(before)s;

-- close_lost_calls --
-- Close what belongs to fenced nodes: the record ends at the last event that is known, the log gets a call.ended behind
-- that event, and hand-offs that were waiting are abandoned.
WITH lost AS (
    UPDATE calls
    SET end_reason = 'node_lost',
        ended_at = coalesce(
            (SELECT max(at) FROM contact_events AS e WHERE e.tenant = calls.tenant AND e.call_id = calls.call_id),
            calls.started_at)
    FROM nodes
    WHERE nodes.node = calls.node AND calls.epoch < nodes.epoch
      AND calls.tenant = %(tenant)s AND calls.ended_at IS NULL
    RETURNING calls.call_id, calls.node, calls.ended_at
), abandoned AS (
    UPDATE handoffs SET state = 'abandoned'
    FROM lost
    WHERE handoffs.tenant = %(tenant)s AND handoffs.call_id = lost.call_id
      AND handoffs.state IN ('queued', 'transferring')
    RETURNING handoffs.call_id, handoffs.handoff_id
)
INSERT INTO contact_events (tenant, call_id, seq, at, kind, payload)
SELECT %(tenant)s, lost.call_id,
       (SELECT coalesce(max(seq), 0) + 1 FROM contact_events AS e
        WHERE e.tenant = %(tenant)s AND e.call_id = lost.call_id),
       %(at)s, 'call.ended',
       jsonb_build_object(
           'reason', 'node_lost', 'node', lost.node, 'last_heard_of', lost.ended_at,
           'abandoned_handoffs',
           coalesce((SELECT jsonb_agg(handoff_id) FROM abandoned WHERE abandoned.call_id = lost.call_id), '[]'))
FROM lost
RETURNING call_id, seq;

-- notify --
-- Tell whoever listens which calls have grown; delivered when the transaction commits.
SELECT pg_notify('contact_events', %(payload)s);

-- listen --
-- Hear what notify tells.
LISTEN contact_events;

-- read_events --
-- A call's log behind a number.
SELECT tenant, call_id, seq, at, kind, payload FROM contact_events
WHERE tenant = %(tenant)s AND call_id = %(call_id)s AND seq > %(after_seq)s
ORDER BY seq LIMIT %(limit)s;

-- read_call --
-- One call's record.
SELECT tenant, call_id, line, language, direction, channel, caller, called, started_at, ended_at, end_reason, node, epoch
FROM calls WHERE tenant = %(tenant)s AND call_id = %(call_id)s;

-- read_calls --
-- A page of calls, the latest first, behind a call if one is given.
SELECT tenant, call_id, line, language, direction, channel, caller, called, started_at, ended_at, end_reason, node, epoch
FROM calls
WHERE tenant = %(tenant)s
  AND (%(before_at)s::timestamptz IS NULL OR (started_at, call_id) < (%(before_at)s, %(before_id)s))
ORDER BY started_at DESC, call_id DESC LIMIT %(limit)s;

-- read_handoffs --
-- A tenant's hand-offs, the oldest first, of one state or of all.
SELECT tenant, handoff_id, call_id, reason, queue, skills, summary, state, created_at FROM handoffs
WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY created_at, handoff_id LIMIT %(limit)s;

-- read_handoff --
-- One hand-off.
SELECT tenant, handoff_id, call_id, reason, queue, skills, summary, state, created_at FROM handoffs
WHERE tenant = %(tenant)s AND handoff_id = %(handoff_id)s;

-- hold_clear_calls --
-- Calls that ended before %(settled)s and whose numbers lie readable, held until the transaction ends; those that somebody
-- else holds are left to them.
SELECT tenant, call_id, line, language, direction, channel, caller, called, started_at, ended_at, end_reason, node, epoch
FROM calls WHERE tenant = %(tenant)s AND NOT numbers_sealed AND ended_at < %(settled)s
ORDER BY call_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- read_numbers --
-- The events of a call in which numbers stand.
SELECT seq, kind, payload FROM contact_events
WHERE tenant = %(tenant)s AND call_id = %(call_id)s
  AND kind IN ('call.offered', 'call.answered', 'callback.requested');

-- seal_numbers --
-- Put sealed numbers in the place of those that stand in a call's log: by the number of an event, its fields.
SELECT seal_numbers(%(call_id)s, %(sealed)s::jsonb);

-- seal_record --
-- Put the sealed number in the place of the one that stands in a call's record; its log is sealed already.
UPDATE calls SET caller = %(caller)s, called = %(called)s, number_ending = %(number_ending)s, numbers_sealed = true
WHERE tenant = %(tenant)s AND call_id = %(call_id)s;
