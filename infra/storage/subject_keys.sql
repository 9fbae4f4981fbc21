-- Contacts' keys. All run inside a transaction of their tenant.

-- find_key --
-- A subject's key as it is kept; empty where it was shredded.
SELECT ring_key, wrapped FROM subject_keys WHERE tenant = %(tenant)s AND subject = %(subject)s

-- make_key --
-- Give a subject its key, unless it has, or had, one: who comes second gets the first one's.
INSERT INTO subject_keys (tenant, subject, ring_key, wrapped)
VALUES (%(tenant)s, %(subject)s, %(ring_key)s, %(wrapped)s)
ON CONFLICT DO NOTHING

-- shred_key --
-- Take a subject's key away for good.
UPDATE subject_keys SET wrapped = NULL, ring_key = NULL, shredded_at = now()
WHERE tenant = %(tenant)s AND subject = %(subject)s AND shredded_at IS NULL
RETURNING subject

-- bar_key --
-- A subject that has no key gets none any more.
INSERT INTO subject_keys (tenant, subject, shredded_at) VALUES (%(tenant)s, %(subject)s, now())
ON CONFLICT DO NOTHING

-- keys_of_others --
-- Keys that are wrapped by another key of the ring than this one, the next so many.
SELECT subject, ring_key, wrapped FROM subject_keys
WHERE tenant = %(tenant)s AND ring_key <> %(ring_key)s AND subject > %(after)s
ORDER BY subject LIMIT %(limit)s

-- rewrap_key --
-- The same key under another key of the ring, unless it was changed or shredded meanwhile.
UPDATE subject_keys SET wrapped = %(wrapped)s, ring_key = %(ring_key)s
WHERE tenant = %(tenant)s AND subject = %(subject)s AND wrapped = %(before)s
RETURNING subject

-- count_keys --
-- How many keys each key of the ring has wrapped.
SELECT ring_key, count(*) FROM subject_keys
WHERE tenant = %(tenant)s AND ring_key IS NOT NULL GROUP BY ring_key ORDER BY ring_key
