-- All SQL of the entrance. Every statement runs in a transaction that has named its tenant (app.tenant), and row level
-- security confines it to that tenant.

-- add_account --
-- A new account; nothing where its login or its name in the directory is another's.
INSERT INTO accounts (tenant, account, login, name, roles, queues, skills, languages, locale, created_at, password,
                      issuer, subject)
VALUES (%(tenant)s, %(account)s, %(login)s, %(name)s, %(roles)s, %(queues)s, %(skills)s, %(languages)s, %(locale)s,
        %(created_at)s, %(password)s, %(issuer)s, %(subject)s)
ON CONFLICT DO NOTHING;

-- account --
-- One account by its id.
SELECT tenant, account, login, name, roles, queues, skills, languages, locale, created_at, password, issuer, subject,
       disabled_at
FROM accounts WHERE tenant = %(tenant)s AND account = %(account)s;

-- account_by_login --
-- One account by its login.
SELECT tenant, account, login, name, roles, queues, skills, languages, locale, created_at, password, issuer, subject,
       disabled_at
FROM accounts WHERE tenant = %(tenant)s AND login = %(login)s;

-- account_by_directory --
-- One account by what the directory calls it.
SELECT tenant, account, login, name, roles, queues, skills, languages, locale, created_at, password, issuer, subject,
       disabled_at
FROM accounts WHERE tenant = %(tenant)s AND issuer = %(issuer)s AND subject = %(subject)s;

-- accounts --
-- All accounts.
SELECT tenant, account, login, name, roles, queues, skills, languages, locale, created_at, password, issuer, subject,
       disabled_at
FROM accounts WHERE tenant = %(tenant)s ORDER BY login COLLATE "C";

-- set_password --
-- Another password, where the old one is the expected one or none is expected.
UPDATE accounts SET password = %(password)s
WHERE tenant = %(tenant)s AND account = %(account)s
  AND (%(instead_of)s::text IS NULL OR password = %(instead_of)s);

-- set_locale --
-- The language of somebody's pages.
UPDATE accounts SET locale = %(locale)s WHERE tenant = %(tenant)s AND account = %(account)s;

-- set_identity --
-- What somebody is, and what the directory calls them, if it has said so.
UPDATE accounts
SET name = %(name)s, roles = %(roles)s, queues = %(queues)s, skills = %(skills)s, languages = %(languages)s,
    issuer = coalesce(%(issuer)s, issuer), subject = coalesce(%(subject)s, subject)
WHERE tenant = %(tenant)s AND account = %(account)s;

-- disable_account --
-- An account that signs in no more.
UPDATE accounts SET disabled_at = %(now)s WHERE tenant = %(tenant)s AND account = %(account)s;

-- enable_account --
-- An account that signs in again.
UPDATE accounts SET disabled_at = NULL WHERE tenant = %(tenant)s AND account = %(account)s;

-- end_sessions --
-- All sessions of somebody; their tickets go with them.
DELETE FROM account_sessions WHERE tenant = %(tenant)s AND account = %(account)s;

-- lock_login --
-- One try at a login after the other, until the commit.
SELECT pg_advisory_xact_lock(hashtextextended('sign_in_tries ' || %(tenant)s || ' ' || %(login)s, 0));

-- tries --
-- How often a login was tried.
SELECT tries, last_at, paused_until FROM sign_in_tries WHERE tenant = %(tenant)s AND login = %(login)s;

-- count_try --
-- A login was tried once more.
INSERT INTO sign_in_tries (tenant, login, tries, last_at, paused_until)
VALUES (%(tenant)s, %(login)s, %(tries)s, %(last_at)s, %(paused_until)s)
ON CONFLICT (tenant, login) DO UPDATE
SET tries = excluded.tries, last_at = excluded.last_at, paused_until = excluded.paused_until;

-- forget_old_tries --
-- Tries that count no more; some of them at a time, and more of them than one try adds.
DELETE FROM sign_in_tries WHERE tenant = %(tenant)s AND login IN (
    SELECT login FROM sign_in_tries WHERE tenant = %(tenant)s AND last_at <= %(before)s
    ORDER BY last_at LIMIT 10 FOR UPDATE SKIP LOCKED
);

-- touch_try --
-- The try has failed. Something is written whoever's login it is, so that every failure costs the same.
UPDATE sign_in_tries SET last_at = %(now)s WHERE tenant = %(tenant)s AND login = %(login)s;

-- record_failure --
-- An entry of the audit, where the login is somebody's.
INSERT INTO audit_entries (tenant, at, actor, what, whose, why, details, number, previous, digest)
SELECT %(tenant)s, %(at)s, %(actor)s, %(what)s, %(whose)s, %(why)s, %(details)s, %(number)s, %(previous)s, %(digest)s
FROM accounts WHERE tenant = %(tenant)s AND login = %(plain)s;

-- whose_login --
-- Whose a login is.
SELECT account FROM accounts WHERE tenant = %(tenant)s AND login = %(plain)s;

-- forget_tries --
-- A login begins anew.
DELETE FROM sign_in_tries WHERE tenant = %(tenant)s AND login = %(login)s;

-- end_expired_sessions --
-- Sessions that have expired.
DELETE FROM account_sessions WHERE tenant = %(tenant)s AND (ends_at <= %(now)s OR seen_at <= %(idle_since)s);

-- open_session --
-- A new session.
INSERT INTO account_sessions (tenant, digest, account, opened_at, seen_at, ends_at)
VALUES (%(tenant)s, %(digest)s, %(account)s, %(opened_at)s, %(seen_at)s, %(ends_at)s);

-- session --
-- One session, and whose it is.
SELECT s.opened_at, s.seen_at, s.ends_at, a.tenant, a.account, a.login, a.name, a.roles, a.queues, a.skills,
       a.languages, a.locale, a.created_at, a.password, a.issuer, a.subject, a.disabled_at
FROM account_sessions s JOIN accounts a USING (tenant, account)
WHERE s.tenant = %(tenant)s AND s.digest = %(digest)s;

-- use_session --
-- A session was used.
UPDATE account_sessions SET seen_at = greatest(seen_at, %(now)s) WHERE tenant = %(tenant)s AND digest = %(digest)s;

-- end_session --
-- One session; its tickets go with it.
DELETE FROM account_sessions WHERE tenant = %(tenant)s AND digest = %(digest)s;

-- drop_old_tickets --
-- Tickets that nobody has shown in time.
DELETE FROM access_tickets WHERE tenant = %(tenant)s AND expires_at <= %(now)s;

-- keep_ticket --
-- A new ticket.
INSERT INTO access_tickets (tenant, digest, account, session, purpose, subject, expires_at)
VALUES (%(tenant)s, %(digest)s, %(account)s, %(session)s, %(purpose)s, %(subject)s, %(expires_at)s);

-- take_ticket --
-- A ticket that is there no more from now on: of many who take it one gets the row. With it, whose it was.
WITH taken AS (
    DELETE FROM access_tickets WHERE tenant = %(tenant)s AND digest = %(digest)s
    RETURNING tenant, account, session, purpose, subject, expires_at
)
SELECT t.session, t.purpose, t.subject, t.expires_at, a.tenant, a.account, a.login, a.name, a.roles, a.queues,
       a.skills, a.languages, a.locale, a.created_at, a.password, a.issuer, a.subject, a.disabled_at
FROM taken t JOIN accounts a USING (tenant, account);

-- lock_audit --
-- One entry of a tenant's audit after the other, until the commit: each is sealed with the one before it.
SELECT pg_advisory_xact_lock(hashtextextended('audit_entries ' || %(tenant)s, 0));

-- last_line --
-- The number and the seal of the latest entry of the chain.
SELECT number, digest FROM audit_entries
WHERE tenant = %(tenant)s AND number IS NOT NULL ORDER BY number DESC LIMIT 1;

-- entries_before_the_chain --
-- Entries that are older than the chain, in their order.
SELECT tenant, at, actor, what, whose, why, details FROM audit_entries
WHERE tenant = %(tenant)s AND number IS NULL ORDER BY place;

-- record --
-- An entry of the audit.
INSERT INTO audit_entries (tenant, at, actor, what, whose, why, details, number, previous, digest)
VALUES (%(tenant)s, %(at)s, %(actor)s, %(what)s, %(whose)s, %(why)s, %(details)s, %(number)s, %(previous)s, %(digest)s);

-- lines --
-- Entries of the audit behind a place, in order, with their seals; those from before the chain have none.
SELECT place, coalesce(number, 0), coalesce(previous, ''), coalesce(digest, ''),
       tenant, at, actor, what, whose, why, details
FROM audit_entries WHERE tenant = %(tenant)s AND (%(after)s::bigint IS NULL OR place > %(after)s)
ORDER BY place LIMIT %(limit)s;

-- entries --
-- The latest entries of the audit, of one actor or one deed, and of a span of time, where these are named.
SELECT place, tenant, at, actor, what, whose, why, details FROM audit_entries
WHERE tenant = %(tenant)s
  AND (%(before)s::bigint IS NULL OR place < %(before)s)
  AND (%(actor)s = '' OR actor = %(actor)s)
  AND (%(what)s = '' OR what = %(what)s)
  AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
ORDER BY place DESC LIMIT %(limit)s;
