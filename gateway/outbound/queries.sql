-- All SQL of the calls that are to be made. Every statement runs in a transaction that has named its tenant (app.tenant),
-- and row level security confines it to that tenant.

-- lock_number --
-- One decision about a tenant's number at a time: whether it may be called, and that it may not be any more.
SELECT pg_advisory_xact_lock(hashtextextended('due_calls ' || %(tenant)s || ' ' || %(number)s, 0));

-- enter --
-- A new call; nothing where one with the same key is there already.
INSERT INTO due_calls (tenant, due_call, key, number, language, purpose, details, contact, created_at, due_at, not_after,
                       state, next_at, history)
VALUES (%(tenant)s, %(id)s, %(key)s, %(number)s, %(language)s, %(purpose)s, %(details)s::jsonb, %(contact)s,
        %(created_at)s, %(due_at)s, %(not_after)s, %(state)s, %(next_at)s, '[]')
ON CONFLICT (tenant, key) DO NOTHING;

-- read --
-- One call.
SELECT due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
       attempts, ticket, provider_id, sent_at, call_id, reason
FROM due_calls WHERE tenant = %(tenant)s AND due_call = %(id)s;

-- read_by_key --
-- The call that somebody has asked for under a key.
SELECT due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
       attempts, ticket, provider_id, sent_at, call_id, reason
FROM due_calls WHERE tenant = %(tenant)s AND key = %(key)s;

-- hold --
-- One call, held until the commit.
SELECT due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
       attempts, ticket, provider_id, sent_at, call_id, reason
FROM due_calls WHERE tenant = %(tenant)s AND due_call = %(id)s FOR UPDATE;

-- move --
-- A call as it stands after something happened; where its state or reason is another, its history says so.
UPDATE due_calls
SET state = %(state)s, next_at = %(next_at)s, attempts = %(attempts)s, ticket = %(ticket)s,
    provider_id = %(provider_id)s, sent_at = %(sent_at)s, call_id = %(call_id)s, reason = %(reason)s,
    history = CASE WHEN state = %(state)s AND reason = %(reason)s THEN history
              ELSE history || jsonb_build_object('at', %(now)s::timestamptz, 'state', %(state)s::text,
                                                 'reason', %(reason)s::text) END
WHERE tenant = %(tenant)s AND due_call = %(id)s;

-- claim_under_way --
-- Calls under way that somebody is to look after; nobody else gets them before %(again_at)s.
WITH late AS (
    SELECT due_call FROM due_calls
    WHERE tenant = %(tenant)s AND next_at <= %(now)s AND state IN ('placing', 'unknown', 'ringing', 'answered')
    ORDER BY next_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE due_calls SET next_at = %(again_at)s
WHERE tenant = %(tenant)s AND due_call IN (SELECT due_call FROM late)
RETURNING due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
          attempts, ticket, provider_id, sent_at, call_id, reason;

-- claim_due --
-- Calls whose time has come, the oldest first, without those to a number that is being called; nobody else gets them
-- before %(again_at)s.
WITH ready AS (
    SELECT due_call FROM due_calls AS waiting
    WHERE tenant = %(tenant)s AND next_at <= %(now)s AND state = 'due' AND NOT EXISTS (
        SELECT FROM due_calls AS other
        WHERE other.tenant = waiting.tenant AND other.number = waiting.number
          AND other.state IN ('placing', 'unknown', 'ringing', 'answered')
    )
    ORDER BY next_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE due_calls SET next_at = %(again_at)s
WHERE tenant = %(tenant)s AND due_call IN (SELECT due_call FROM ready)
RETURNING due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
          attempts, ticket, provider_id, sent_at, call_id, reason;

-- count_under_way --
-- How many calls of the tenant ring or are about to, or were answered, and are no conversation yet.
SELECT count(*) FROM due_calls
WHERE tenant = %(tenant)s AND (state IN ('placing', 'unknown', 'ringing') OR (state = 'answered' AND call_id IS NULL));

-- latest --
-- The latest calls, in any state or in one.
SELECT due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
       attempts, ticket, provider_id, sent_at, call_id, reason
FROM due_calls
WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY created_at DESC, due_call LIMIT %(limit)s;

-- history --
-- How a call came to stand as it does.
SELECT history FROM due_calls WHERE tenant = %(tenant)s AND due_call = %(id)s;

-- opt_out --
-- A number must not be called any more; said twice, the first time counts.
INSERT INTO call_opt_outs (tenant, number, at, contact, words)
VALUES (%(tenant)s, %(number)s, %(now)s, %(contact)s, %(words)s)
ON CONFLICT (tenant, number) DO NOTHING;

-- waiting_for_number --
-- Calls to a number that are due, held until the commit.
SELECT due_call, key, number, language, purpose, created_at, due_at, not_after, next_at, details, contact, state,
       attempts, ticket, provider_id, sent_at, call_id, reason
FROM due_calls WHERE tenant = %(tenant)s AND number = %(number)s AND state = 'due' FOR UPDATE;

-- is_opted_out --
-- Whether a number must not be called.
SELECT EXISTS (SELECT FROM call_opt_outs WHERE tenant = %(tenant)s AND number = %(number)s);

-- opted_out --
-- The numbers that must not be called, the latest first.
SELECT number, at, contact, words FROM call_opt_outs WHERE tenant = %(tenant)s ORDER BY at DESC LIMIT %(limit)s;

-- numbers --
-- All numbers that calls were to be made to, or of whose owners words are kept.
SELECT number FROM due_calls WHERE tenant = %(tenant)s
UNION SELECT number FROM call_opt_outs WHERE tenant = %(tenant)s AND (words <> '' OR contact IS NOT NULL);

-- mark_forgotten --
-- Calls under way to numbers whose owners want to be forgotten: each goes when it is over.
UPDATE due_calls SET forgotten = true
WHERE tenant = %(tenant)s AND number = ANY(%(numbers)s) AND NOT forgotten
  AND state IN ('placing', 'unknown', 'ringing', 'answered');

-- forget --
-- Delete all other calls to those numbers.
DELETE FROM due_calls
WHERE tenant = %(tenant)s AND number = ANY(%(numbers)s)
  AND state NOT IN ('placing', 'unknown', 'ringing', 'answered');

-- forget_words --
-- That they must not be called stays; how it was said does not.
UPDATE call_opt_outs SET words = '', contact = NULL
WHERE tenant = %(tenant)s AND number = ANY(%(numbers)s) AND (words <> '' OR contact IS NOT NULL);

-- forget_over --
-- Delete a call that is over, or due again, if its callee was forgotten meanwhile.
DELETE FROM due_calls
WHERE tenant = %(tenant)s AND due_call = %(id)s AND forgotten
  AND state NOT IN ('placing', 'unknown', 'ringing', 'answered');

-- left --
-- How many calls there are to numbers, and words of their owners.
SELECT (SELECT count(*) FROM due_calls WHERE tenant = %(tenant)s AND number = ANY(%(numbers)s) AND NOT forgotten)
     + (SELECT count(*) FROM call_opt_outs
        WHERE tenant = %(tenant)s AND number = ANY(%(numbers)s) AND (words <> '' OR contact IS NOT NULL));

-- sweep --
-- Delete calls that were over before a time, and those that were due until then and that nobody places any more; but none
-- of a contact that is under a legal hold.
DELETE FROM due_calls
WHERE tenant = %(tenant)s AND NOT is_held(contact) AND NOT is_held(call_id) AND CASE
    WHEN state IN ('placing', 'unknown', 'ringing', 'answered') THEN false
    WHEN state = 'due' THEN not_after < %(before)s
    ELSE coalesce((history -> -1 ->> 'at')::timestamptz, created_at) < %(before)s
END;

-- opt_in --
-- A number may be called again: its owner has said so.
DELETE FROM call_opt_outs WHERE tenant = %(tenant)s AND number = %(number)s;
