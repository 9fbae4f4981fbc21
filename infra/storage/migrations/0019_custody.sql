-- What is kept of contacts, for how long, what must not be let go of, and what was.

-- Nothing of a held contact is let go of, whatever its age and whoever asks. A hold is released, never deleted.
CREATE TABLE legal_holds (
    tenant text NOT NULL REFERENCES tenants,
    hold text NOT NULL CHECK (hold <> ''),
    call_id text NOT NULL,
    why text NOT NULL CHECK (why <> ''),
    placed_by text NOT NULL CHECK (placed_by <> ''),
    placed_at timestamptz NOT NULL,
    released_by text,
    released_at timestamptz,
    PRIMARY KEY (tenant, hold),
    CHECK ((released_by IS NULL) = (released_at IS NULL))
);
CREATE INDEX legal_holds_standing ON legal_holds (tenant, call_id) WHERE released_at IS NULL;
ALTER TABLE legal_holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE legal_holds FORCE ROW LEVEL SECURITY;
CREATE POLICY legal_holds_read ON legal_holds FOR SELECT USING (tenant = app_tenant());
CREATE POLICY legal_holds_place ON legal_holds FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY legal_holds_release ON legal_holds FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE (released_by, released_at) ON legal_holds TO {application_role};

-- One row for each time that a contact's words were let go of: begun before anything goes, done when all is gone. It
-- outlives the contact itself, and says nothing of what was in it.
CREATE TABLE erasures (
    tenant text NOT NULL REFERENCES tenants,
    erasure text NOT NULL CHECK (erasure <> ''),
    call_id text NOT NULL,
    asked_by text NOT NULL CHECK (asked_by IN ('caller', 'api', 'command', 'retention')),
    why text NOT NULL,
    begun_at timestamptz NOT NULL,
    done_at timestamptz,
    receipt jsonb,
    PRIMARY KEY (tenant, erasure),
    CHECK ((done_at IS NULL) = (receipt IS NULL))
);
CREATE UNIQUE INDEX erasures_one_at_a_time ON erasures (tenant, call_id) WHERE done_at IS NULL;
CREATE INDEX erasures_by_call ON erasures (tenant, call_id, done_at);
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY erasures_read ON erasures FOR SELECT USING (tenant = app_tenant());
CREATE POLICY erasures_begin ON erasures FOR INSERT WITH CHECK (tenant = app_tenant() AND done_at IS NULL);
CREATE POLICY erasures_finish ON erasures FOR UPDATE USING (tenant = app_tenant() AND done_at IS NULL)
    WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE (done_at, receipt) ON erasures TO {application_role};

-- What of a contact has not ended: the call itself, an action, a promised callback, a call of ours.
CREATE FUNCTION still_to_come(call text) RETURNS SETOF text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'the call goes on' FROM calls WHERE tenant = app_tenant() AND call_id = $1 AND ended_at IS NULL
    UNION ALL
    SELECT 'the outcome of an action (' || action || ') is not known yet' FROM action_intents
    WHERE tenant = app_tenant() AND call_id = $1 AND state IN ('confirmed', 'started', 'unknown')
    UNION ALL
    SELECT 'it still waits for an agent or for its callback' FROM work_items
    WHERE tenant = app_tenant() AND work_items.call = $1
      AND state NOT IN ('completed', 'abandoned', 'cancelled', 'expired')
    UNION ALL
    SELECT 'a call of ours because of it is still to be made (' || due_call || ')' FROM due_calls
    WHERE tenant = app_tenant() AND $1 IN (contact, call_id)
      AND state IN ('due', 'placing', 'unknown', 'ringing', 'answered');
END;

-- The log stays append-only for the role that does the daily work. Its owner may take words out of a contact while an
-- erasure of it stands open, and delete what is left of one that was erased; where one role is both, it may do no more
-- than that by these policies either. The two functions that do so are below.
CREATE FUNCTION is_held(call text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM legal_holds WHERE tenant = app_tenant() AND call_id = call AND released_at IS NULL);
CREATE FUNCTION is_being_erased(call text) RETURNS boolean LANGUAGE sql STABLE
    RETURN NOT is_held(call)
       AND EXISTS (SELECT FROM erasures WHERE tenant = app_tenant() AND call_id = call AND done_at IS NULL);
CREATE FUNCTION was_erased(call text) RETURNS boolean LANGUAGE sql STABLE
    RETURN NOT is_held(call)
       AND EXISTS (SELECT FROM erasures WHERE tenant = app_tenant() AND call_id = call AND done_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM erasures WHERE tenant = app_tenant() AND call_id = call AND done_at IS NULL);

CREATE POLICY contact_events_erase ON contact_events FOR UPDATE TO CURRENT_USER
    USING (tenant = app_tenant() AND is_being_erased(call_id));
CREATE POLICY floor_events_erase ON floor_events FOR UPDATE TO CURRENT_USER
    USING (tenant = app_tenant() AND EXISTS (
        SELECT FROM work_items WHERE work_items.tenant = app_tenant() AND item = subject AND is_being_erased(call)));
CREATE POLICY contact_events_drop ON contact_events FOR DELETE TO CURRENT_USER
    USING (tenant = app_tenant() AND was_erased(call_id));
CREATE POLICY calls_drop ON calls FOR DELETE TO CURRENT_USER USING (tenant = app_tenant() AND was_erased(call_id));
CREATE POLICY handoffs_drop ON handoffs FOR DELETE TO CURRENT_USER USING (tenant = app_tenant() AND was_erased(call_id));

-- What of an event's payload says nothing about a person: numbers, names out of the tenant's configuration, the program's
-- own ids. Everything else goes, so that a kind of event that is new does not keep words by mistake.
CREATE FUNCTION without_words(payload jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE RETURN (
    SELECT coalesce(jsonb_object_agg(field.key, field.value), '{}') || '{"erased": true}'
    FROM jsonb_each(payload) AS field
    WHERE field.key IN (
        'action', 'after', 'agent', 'agents', 'appeal', 'attempt', 'before', 'by', 'card', 'channels', 'choice',
        'complete', 'confidence', 'confirmed', 'contacts', 'continues', 'criteria', 'criterion', 'decision',
        'disposition', 'epoch', 'escalation', 'expects', 'failure', 'handoff', 'initiation', 'kept', 'key', 'kind',
        'latency', 'level', 'line', 'lost_frames', 'method', 'mode', 'model', 'name', 'outcome', 'owner', 'passed',
        'passes_at', 'policy', 'protocol', 'purpose', 'question', 'queue', 'rate', 'release', 'reply', 'role',
        'rubric', 'score', 'seconds', 'sha256', 'signals', 'silent', 'skills', 'stage', 'stages', 'synthetic',
        'target', 'timings', 'turn', 'unedited', 'verdict', 'version', 'waited', 'way')
      AND (jsonb_typeof(field.value) <> 'string' OR length(field.value #>> '{}') <= 128)
    OR field.key IN ('reason', 'language', 'direction', 'channel') AND field.value #>> '{}' ~ '^[a-z_]{1,40}$'
);

-- Takes the words out of all that is kept of a contact, and tells how many rows of each kind it changed. Whoever calls it
-- has made sure that nothing of the contact is still to come: see the program. Temporary tables come last: nobody may lend
-- it theirs.
CREATE FUNCTION erase_words(call text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed jsonb := '{}';
    many integer;
BEGIN
    IF NOT is_being_erased(call) THEN
        RAISE EXCEPTION 'no erasure of % is open, or it is held', call USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE contact_events SET payload = without_words(payload)
        WHERE tenant = app_tenant() AND call_id = call AND kind <> 'contact.erased' AND NOT payload @> '{"erased": true}';
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('events', many);
    UPDATE calls  -- the other number is the tenant's own
        SET caller = CASE direction WHEN 'outbound' THEN caller END, called = CASE direction WHEN 'inbound' THEN called END
        WHERE tenant = app_tenant() AND call_id = call
          AND CASE direction WHEN 'inbound' THEN caller ELSE called END IS NOT NULL;
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('numbers', many);
    UPDATE handoffs SET summary = '{}' WHERE tenant = app_tenant() AND call_id = call AND summary <> '{}';
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('handoffs', many);
    UPDATE action_intents
        SET arguments = '{}', digest = '', standing = jsonb_set(standing, '{customer}', 'null'),
            confirmation = confirmation || '{"evidence": ""}',
            outcome = outcome || CASE outcome ->> 'is' WHEN 'Succeeded' THEN '{"result": {}}' ELSE '{"detail": ""}' END::jsonb
        WHERE tenant = app_tenant() AND call_id = call AND digest <> '';
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('actions', many);
    UPDATE work_items SET callback = NULL
        WHERE tenant = app_tenant() AND work_items.call = erase_words.call AND callback IS NOT NULL;
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('callbacks', many);
    UPDATE floor_events SET payload = jsonb_set(payload, '{callback}', 'null')
        WHERE tenant = app_tenant() AND jsonb_typeof(payload -> 'callback') = 'object'
          AND subject IN (SELECT item FROM work_items WHERE tenant = app_tenant() AND work_items.call = erase_words.call);
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('floor', many);
    DELETE FROM memory_contacts WHERE tenant = app_tenant() AND contact = call;
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('memories', many);
    DELETE FROM due_calls WHERE tenant = app_tenant() AND call IN (contact, call_id);
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('due_calls', many);
    UPDATE call_opt_outs SET words = '', contact = NULL WHERE tenant = app_tenant() AND contact = call;
    GET DIAGNOSTICS many = ROW_COUNT;
    changed := changed || jsonb_build_object('opt_outs', many);
    RETURN changed;
END $$;
REVOKE ALL ON FUNCTION erase_words(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION erase_words(text) TO {application_role};

-- Deletes what is left of contacts that ended before a time, at most so many: those whose words are gone, and never one
-- under a hold. Their rows are held first and looked at then, so that who holds a contact meanwhile comes before this, or
-- after.
CREATE FUNCTION drop_records(ended_before timestamptz, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    due text[];
BEGIN
    due := ARRAY(
        SELECT call_id FROM calls
        WHERE tenant = app_tenant() AND ended_at < ended_before AND was_erased(call_id)
        ORDER BY ended_at LIMIT most FOR UPDATE SKIP LOCKED);
    due := ARRAY(SELECT call FROM unnest(due) AS call WHERE was_erased(call));
    DELETE FROM contact_events WHERE tenant = app_tenant() AND call_id = ANY (due);
    DELETE FROM handoffs WHERE tenant = app_tenant() AND call_id = ANY (due);
    DELETE FROM calls WHERE tenant = app_tenant() AND call_id = ANY (due);
    RETURN cardinality(due);
END $$;
REVOKE ALL ON FUNCTION drop_records(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_records(timestamptz, integer) TO {application_role};

-- Numbers that are to be called, and those that must not be, lie sealed: what they look like is no number any more.
ALTER TABLE due_calls DROP CONSTRAINT due_calls_number_check;

-- Tombstones outlive the contacts: whoever holds copies may ask for them later than the record is kept.
ALTER TABLE erasures ADD COLUMN written xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE TRIGGER erasures_changed BEFORE UPDATE ON erasures FOR EACH ROW EXECUTE FUNCTION written_now();
CREATE OR REPLACE VIEW analytics.tombstone WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, e.erasure, e.done_at AS erased_at, e.asked_by AS erased_by,
       coalesce(c.started_at, e.begun_at) AS contact_started_at,
       e.done_at AS updated_at, 1 AS schema_version, true AS is_redacted, e.written
FROM erasures AS e
LEFT JOIN calls AS c ON c.tenant = e.tenant AND c.call_id = e.call_id
WHERE e.done_at IS NOT NULL;
