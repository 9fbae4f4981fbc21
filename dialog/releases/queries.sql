-- Releases and where labels point to. All run inside a transaction of their tenant.

-- add_file --
-- Keep a file's bytes under their digest; the same bytes are kept once.
INSERT INTO release_files (tenant, sha256, content) VALUES (%(tenant)s, %(sha256)s, %(content)s) ON CONFLICT DO NOTHING

-- known_files --
-- Which of these digests are kept already.
SELECT sha256 FROM release_files WHERE tenant = %(tenant)s AND sha256 = ANY(%(digests)s)

-- add_release --
-- Enter a release; the same content is the same release, and its first note stays.
INSERT INTO releases (tenant, release, manifest, note, created_at)
VALUES (%(tenant)s, %(release)s, %(manifest)s, %(note)s, now()) ON CONFLICT DO NOTHING

-- releases --
-- The latest releases, newest first, with the labels that point to each now.
WITH current AS (
    SELECT DISTINCT ON (label) label, release FROM release_moves
    WHERE tenant = %(tenant)s ORDER BY label, move DESC
)
SELECT r.release, r.note, r.created_at,
       coalesce(array_agg(c.label ORDER BY c.label) FILTER (WHERE c.label IS NOT NULL), '{}')
FROM releases r LEFT JOIN current c USING (release)
WHERE r.tenant = %(tenant)s
GROUP BY r.release, r.note, r.created_at
ORDER BY r.created_at DESC, r.release LIMIT %(limit)s

-- pointed_to --
-- The release that a label points to now.
SELECT release FROM release_moves WHERE tenant = %(tenant)s AND label = %(label)s ORDER BY move DESC LIMIT 1

-- begins_with --
-- Releases whose name begins so; two are enough to know that it is not one.
SELECT release FROM releases WHERE tenant = %(tenant)s AND release LIKE %(beginning)s || '%%' LIMIT 2

-- manifest --
-- A release's table of contents.
SELECT manifest FROM releases WHERE tenant = %(tenant)s AND release = %(release)s

-- files --
-- The bytes of these digests.
SELECT sha256, content FROM release_files WHERE tenant = %(tenant)s AND sha256 = ANY(%(digests)s)

-- move_label --
-- Let a label point to a release from now on.
INSERT INTO release_moves (tenant, label, release, moved_at, moved_by)
VALUES (%(tenant)s, %(label)s, %(release)s, now(), %(by)s)

-- moves --
-- Where a label pointed to, latest first.
SELECT release, moved_at, moved_by FROM release_moves
WHERE tenant = %(tenant)s AND label = %(label)s ORDER BY move DESC LIMIT %(limit)s
