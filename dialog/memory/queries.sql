-- What is remembered between contacts. All run inside a transaction of their tenant.

-- standing --
-- The answer of a subject that was there lately, and how it likes to be served.
SELECT a.agreed, a.at, a.wording, a.contact, p.language, p.slower, p.louder, p.channel
FROM memory_agreements a LEFT JOIN memory_preferences p USING (tenant, subject)
WHERE a.tenant = %(tenant)s AND a.subject = %(subject)s AND a.used_at >= %(since)s

-- contacts --
-- The latest contacts of a subject that was there lately, latest first.
SELECT c.contact, c.at, c.channel, c.language, c.about, c.done, c.promised, c.reason, c.unfinished
FROM memory_contacts c JOIN memory_agreements a USING (tenant, subject)
WHERE c.tenant = %(tenant)s AND c.subject = %(subject)s AND c.at >= %(since)s AND a.used_at >= %(since)s
ORDER BY c.at DESC, c.contact DESC LIMIT %(limit)s

-- erasures --
-- When a subject was forgotten, latest first.
SELECT at, by, kinds, reference FROM memory_erasures
WHERE tenant = %(tenant)s AND subject = %(subject)s ORDER BY place DESC LIMIT 100

-- lock_subject --
-- One after the other for each subject, until the end of the transaction: who agrees waits for who forgets.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || '/' || %(subject)s, 7))

-- agree --
-- Let an answer stand, unless the subject was forgotten since it was given.
INSERT INTO memory_agreements (tenant, subject, agreed, at, wording, contact, used_at)
SELECT %(tenant)s, %(subject)s, %(agreed)s, %(at)s, %(wording)s, %(contact)s, %(at)s
WHERE NOT EXISTS (
    SELECT FROM memory_erasures WHERE tenant = %(tenant)s AND subject = %(subject)s AND at >= %(at)s
)
ON CONFLICT (tenant, subject) DO UPDATE SET
    agreed = excluded.agreed, at = excluded.at, wording = excluded.wording, contact = excluded.contact,
    used_at = excluded.used_at
RETURNING agreed

-- rename_agreement --
-- The answer of a subject that had another name; the later of two stands. None that is older than the last forgetting.
INSERT INTO memory_agreements AS known (tenant, subject, agreed, at, wording, contact, used_at)
SELECT tenant, %(subject)s, agreed, at, wording, contact, used_at FROM memory_agreements AS former
WHERE tenant = %(tenant)s AND subject = %(before)s AND NOT EXISTS (
    SELECT FROM memory_erasures AS erased
    WHERE erased.tenant = %(tenant)s AND erased.subject = %(subject)s AND erased.at >= former.at
)
ON CONFLICT (tenant, subject) DO UPDATE SET
    agreed = CASE WHEN excluded.at > known.at THEN excluded.agreed ELSE known.agreed END,
    wording = CASE WHEN excluded.at > known.at THEN excluded.wording ELSE known.wording END,
    contact = CASE WHEN excluded.at > known.at THEN excluded.contact ELSE known.contact END,
    at = greatest(excluded.at, known.at),
    used_at = greatest(excluded.used_at, known.used_at)
RETURNING agreed

-- rename_preferences --
-- How a subject that had another name likes to be served, unless it is known by the new one.
INSERT INTO memory_preferences (tenant, subject, language, slower, louder, channel)
SELECT tenant, %(subject)s, language, slower, louder, channel FROM memory_preferences
WHERE tenant = %(tenant)s AND subject = %(before)s
ON CONFLICT (tenant, subject) DO NOTHING

-- rename_contacts --
-- What the contacts of a subject that had another name came to.
INSERT INTO memory_contacts
    (tenant, subject, contact, at, channel, language, about, done, promised, reason, unfinished)
SELECT tenant, %(subject)s, contact, at, channel, language, about, done, promised, reason, unfinished
FROM memory_contacts WHERE tenant = %(tenant)s AND subject = %(before)s
ON CONFLICT (tenant, subject, contact) DO NOTHING

-- drop_preferences --
-- How a subject likes to be served is not kept any more.
DELETE FROM memory_preferences WHERE tenant = %(tenant)s AND subject = %(subject)s

-- drop_contacts --
-- What a subject's contacts were about is not kept any more.
DELETE FROM memory_contacts WHERE tenant = %(tenant)s AND subject = %(subject)s

-- use --
-- A subject was there, if it agrees to be remembered.
UPDATE memory_agreements SET used_at = %(now)s
WHERE tenant = %(tenant)s AND subject = %(subject)s AND agreed RETURNING agreed

-- prefer --
-- How a subject likes to be served.
INSERT INTO memory_preferences (tenant, subject, language, slower, louder, channel)
VALUES (%(tenant)s, %(subject)s, %(language)s, %(slower)s, %(louder)s, %(channel)s)
ON CONFLICT (tenant, subject) DO UPDATE SET
    language = excluded.language, slower = excluded.slower, louder = excluded.louder, channel = excluded.channel

-- enter_contact --
-- What a contact came to.
INSERT INTO memory_contacts
    (tenant, subject, contact, at, channel, language, about, done, promised, reason, unfinished)
VALUES (
    %(tenant)s, %(subject)s, %(contact)s, %(at)s, %(channel)s, %(language)s, %(about)s, %(done)s, %(promised)s,
    %(reason)s, %(unfinished)s
)
ON CONFLICT (tenant, subject, contact) DO NOTHING

-- kinds --
-- Of which kinds there is anything of a subject.
SELECT EXISTS (SELECT FROM memory_agreements WHERE tenant = %(tenant)s AND subject = %(subject)s),
       EXISTS (SELECT FROM memory_preferences WHERE tenant = %(tenant)s AND subject = %(subject)s),
       EXISTS (SELECT FROM memory_contacts WHERE tenant = %(tenant)s AND subject = %(subject)s)

-- forget --
-- Delete a subject's answer; all that hangs on it goes with it.
DELETE FROM memory_agreements WHERE tenant = %(tenant)s AND subject = %(subject)s

-- enter_erasure --
-- That a subject was forgotten.
INSERT INTO memory_erasures (tenant, subject, at, by, kinds, reference)
VALUES (%(tenant)s, %(subject)s, %(at)s, %(by)s, %(kinds)s, %(reference)s)

-- left --
-- How many of these subjects anything is there of: what there is hangs on an answer.
SELECT count(*) FROM memory_agreements WHERE tenant = %(tenant)s AND subject = ANY(%(subjects)s)

-- sweep_subjects --
-- Delete what is there of subjects that were not there for long.
DELETE FROM memory_agreements WHERE tenant = %(tenant)s AND used_at < %(before)s

-- sweep_contacts --
-- Delete contacts that are long past, but for those under a legal hold.
DELETE FROM memory_contacts WHERE tenant = %(tenant)s AND at < %(before)s AND NOT is_held(contact)
