-- All SQL of webhooks. Every statement runs in a transaction that has named its tenant (app.tenant), and row level security
-- confines it to that tenant.

-- want --
-- A subscription as it is from now on.
INSERT INTO webhook_subscriptions (tenant, subscription, kinds)
VALUES (%(tenant)s, %(subscription)s, %(kinds)s)
ON CONFLICT (tenant, subscription) DO UPDATE SET kinds = excluded.kinds
WHERE webhook_subscriptions.kinds <> excluded.kinds;

-- forget_others --
-- Subscriptions that there are no more.
DELETE FROM webhook_subscriptions WHERE tenant = %(tenant)s AND NOT subscription = ANY (%(subscriptions)s);

-- give_up_others --
-- What was due for subscriptions that there are no more.
UPDATE webhook_deliveries SET state = 'dead', next_at = %(now)s, reason = %(reason)s
WHERE tenant = %(tenant)s AND state = 'due' AND NOT subscription = ANY (%(subscriptions)s);

-- take_new --
-- Deliveries that nobody has been told of. They are marked only afterwards: told twice is better than never.
SELECT subscription, contact, seq FROM webhook_deliveries
WHERE tenant = %(tenant)s AND state = 'due' AND NOT queued
ORDER BY subscription, contact, seq LIMIT %(limit)s;

-- mark_queued --
-- Somebody has been told of them.
UPDATE webhook_deliveries AS d SET queued = true
FROM unnest(%(subscriptions)s::text[], %(contacts)s::text[], %(seqs)s::bigint[]) AS told (subscription, contact, seq)
WHERE d.tenant = %(tenant)s AND d.subscription = told.subscription AND d.contact = told.contact AND d.seq = told.seq;

-- overdue --
-- Contacts whose next delivery should have been tried long ago: whoever was told of it is gone.
SELECT subscription, contact FROM (
    SELECT DISTINCT ON (subscription, contact) subscription, contact, next_at FROM webhook_deliveries
    WHERE tenant = %(tenant)s AND state = 'due'
    ORDER BY subscription, contact, seq
) AS heads
WHERE next_at < %(before)s
ORDER BY next_at LIMIT %(limit)s;

-- due --
-- What a subscription is to be told next of a contact, in order, each with its event as the log has it now.
SELECT d.subscription, d.contact, d.seq, d.kind, d.since, d.state, d.attempts, d.next_at, d.reason,
       e.tenant, e.call_id, e.seq, e.at, e.kind, e.payload
FROM webhook_deliveries AS d
LEFT JOIN contact_events AS e ON e.tenant = d.tenant AND e.call_id = d.contact AND e.seq = d.seq
WHERE d.tenant = %(tenant)s AND d.subscription = %(subscription)s AND d.contact = %(contact)s AND d.state = 'due'
ORDER BY d.seq LIMIT %(limit)s;

-- move_lightly --
-- What is moved next need not have reached the disk when that is acknowledged: lost, it is told of once more.
SET LOCAL synchronous_commit = off;

-- move --
-- What became of a due delivery.
UPDATE webhook_deliveries SET state = %(state)s, attempts = %(attempts)s, next_at = %(next_at)s, reason = %(reason)s
WHERE tenant = %(tenant)s AND subscription = %(subscription)s AND contact = %(contact)s AND seq = %(seq)s
  AND state = 'due';

-- skip --
-- Give up the event that a contact's later ones wait for. No row: nothing of that contact is due there.
UPDATE webhook_deliveries AS d SET state = 'dead', next_at = %(now)s, reason = %(reason)s
WHERE d.tenant = %(tenant)s AND d.subscription = %(subscription)s AND d.contact = %(contact)s AND d.state = 'due'
  AND d.seq = (SELECT min(seq) FROM webhook_deliveries
               WHERE tenant = d.tenant AND subscription = d.subscription AND contact = d.contact AND state = 'due')
RETURNING subscription, contact, seq, kind, since, state, attempts, next_at, reason;

-- latest --
-- The latest deliveries, of one state, subscription or contact, or of all.
SELECT subscription, contact, seq, kind, since, state, attempts, next_at, reason FROM webhook_deliveries
WHERE tenant = %(tenant)s
  AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(subscription)s::text IS NULL OR subscription = %(subscription)s)
  AND (%(contact)s::text IS NULL OR contact = %(contact)s)
ORDER BY next_at DESC, contact, seq DESC LIMIT %(limit)s;

-- counts --
-- How many are due or given up, of each subscription.
SELECT subscription, state, count(*) FROM webhook_deliveries
WHERE tenant = %(tenant)s AND state IN ('due', 'dead') GROUP BY subscription, state ORDER BY subscription, state;

-- redeliver --
-- Let deliveries that are over be due once more, from the beginning, where their subscription is there.
UPDATE webhook_deliveries AS d
SET state = 'due', attempts = 0, since = %(now)s, next_at = %(now)s, reason = '', queued = false
WHERE d.tenant = %(tenant)s AND d.state = ANY (%(states)s)
  AND (%(subscription)s::text IS NULL OR d.subscription = %(subscription)s)
  AND (%(contact)s::text IS NULL OR d.contact = %(contact)s)
  AND EXISTS (SELECT FROM webhook_subscriptions AS s WHERE s.tenant = d.tenant AND s.subscription = d.subscription)
RETURNING d.subscription, d.contact;

-- sweep --
-- What was remembered for long enough.
DELETE FROM webhook_deliveries
WHERE tenant = %(tenant)s
  AND (state = 'delivered' AND next_at < %(delivered_before)s OR state = 'dead' AND next_at < %(dead_before)s);
