-- All SQL of the intents of actions. Every statement runs in a transaction that has named its tenant (app.tenant), and
-- row level security confines it to that tenant.

-- lock_audit --
-- One move of a tenant's intents at a time: the lines of its audit are a chain.
SELECT pg_advisory_xact_lock(hashtextextended('action_audit ' || %(tenant)s, 0));

-- enter_intent --
-- A new proposal.
INSERT INTO action_intents (tenant, intent, call_id, turn, action, arguments, digest, release, expires_at, evidence,
                            standing, parent, state)
VALUES (%(tenant)s, %(intent)s, %(call_id)s, %(turn)s, %(action)s, %(arguments)s::jsonb, %(digest)s, %(release)s,
        %(expires_at)s, %(evidence)s, %(standing)s::jsonb, %(parent)s, %(state)s);

-- read_intent --
-- An intent, without holding it.
SELECT intent, call_id, turn, action, arguments, digest, release, expires_at, evidence, standing, parent, state,
       confirmation, outcome, started_at
FROM action_intents WHERE tenant = %(tenant)s AND intent = %(intent)s;

-- move_intent --
-- An intent's new state with what belongs to it. It was read under the lock, so that nobody has moved it meanwhile.
UPDATE action_intents
SET state = %(state)s, confirmation = %(confirmation)s::jsonb, outcome = %(outcome)s::jsonb, started_at = %(started_at)s
WHERE tenant = %(tenant)s AND intent = %(intent)s;

-- is_twin_unresolved --
-- Whether the same action with the same arguments is under way elsewhere, or nobody knows what became of it.
SELECT EXISTS (
    SELECT FROM action_intents
    WHERE tenant = %(tenant)s AND digest = %(digest)s AND intent <> %(intent)s
      AND state IN ('started', 'unknown')
);

-- plain_digests --
-- Intents from before digests were made under a key.
SELECT intent, digest FROM action_intents
WHERE tenant = %(tenant)s AND digest ~ '^[0-9a-f]{64}$' ORDER BY intent LIMIT %(limit)s;

-- key_digests --
-- The same digests under the key; of an intent that was erased meanwhile there is none any more.
UPDATE action_intents AS i SET digest = made.keyed
FROM unnest(%(intents)s::text[], %(plain)s::text[], %(keyed)s::text[]) AS made (intent, plain, keyed)
WHERE i.tenant = %(tenant)s AND i.intent = made.intent AND i.digest = made.plain;

-- count_spent --
-- How often an action was carried out in a call, or may have been.
SELECT count(*) FROM action_intents
WHERE tenant = %(tenant)s AND call_id = %(call_id)s AND action = %(action)s AND intent <> %(intent)s
  AND state IN ('started', 'succeeded', 'unknown', 'compensated');

-- keep_in_outbox --
-- Somebody has to look after an intent at that time, unless it is brought to its end before.
INSERT INTO action_outbox (tenant, intent, due_at) VALUES (%(tenant)s, %(intent)s, %(due_at)s)
ON CONFLICT (tenant, intent) DO UPDATE SET due_at = excluded.due_at;

-- take_from_outbox --
-- An intent has ended, or only a human can find out what became of it.
DELETE FROM action_outbox WHERE tenant = %(tenant)s AND intent = %(intent)s;

-- claim_due --
-- Intents whose time has come; nobody else gets them before %(again_at)s.
WITH due AS (
    SELECT intent FROM action_outbox
    WHERE tenant = %(tenant)s AND due_at <= %(now)s
    ORDER BY due_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE action_outbox SET due_at = %(again_at)s
    WHERE tenant = %(tenant)s AND intent IN (SELECT intent FROM due)
    RETURNING intent
)
SELECT intent, call_id, turn, action, arguments, digest, release, expires_at, evidence, standing, parent, state,
       confirmation, outcome, started_at
FROM action_intents WHERE tenant = %(tenant)s AND intent IN (SELECT intent FROM claimed)
ORDER BY place;

-- last_line --
-- The audit's last line, which the next one is sealed with.
SELECT number, at, intent, body, previous, digest FROM action_audit
WHERE tenant = %(tenant)s ORDER BY number DESC LIMIT 1;

-- append_line --
-- The audit's next line.
INSERT INTO action_audit (tenant, number, at, intent, body, previous, digest)
VALUES (%(tenant)s, %(number)s, %(at)s, %(intent)s, %(body)s::jsonb, %(previous)s, %(digest)s);

-- read_audit --
-- The audit's lines after a number, in order.
SELECT number, at, intent, body, previous, digest FROM action_audit
WHERE tenant = %(tenant)s AND number > %(after)s ORDER BY number LIMIT %(limit)s;
