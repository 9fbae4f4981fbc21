-- Numbers of callers and of those whom we call, and what else the network says of them, lie sealed: in the record of a
-- call and in its log. The program seals them as it writes (gateway/session/numbers.py); what lies there from before it
-- seals when it starts, by the function below.

ALTER TABLE calls
    ADD COLUMN number_ending text,                              -- how the customer's number ends, sealed as well
    ADD COLUMN numbers_sealed boolean NOT NULL DEFAULT false;   -- here and in the log
CREATE INDEX calls_by_number_ending ON calls (tenant, number_ending) WHERE number_ending IS NOT NULL;
CREATE INDEX calls_with_clear_numbers ON calls (tenant, call_id) WHERE NOT numbers_sealed;

-- An ending goes with its number, whoever takes that out.
CREATE FUNCTION forget_number_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.number_ending := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER calls_forget_number_ending BEFORE UPDATE ON calls FOR EACH ROW
    WHEN (NEW.number_ending IS NOT NULL
          AND CASE NEW.direction WHEN 'outbound' THEN NEW.called ELSE NEW.caller END IS NULL)
    EXECUTE FUNCTION forget_number_ending();

-- The log stays append-only for the role that does the daily work. Of a call that is over and lies there from before, its
-- owner may put sealed numbers in the place of readable ones, and change nothing else.
CREATE FUNCTION numbers_lie_clear(call text) RETURNS boolean LANGUAGE sql STABLE
    RETURN EXISTS (SELECT FROM calls
                   WHERE tenant = app_tenant() AND call_id = call AND ended_at IS NOT NULL AND NOT numbers_sealed);

CREATE POLICY contact_events_seal ON contact_events FOR UPDATE TO CURRENT_USER
    USING (tenant = app_tenant() AND kind IN ('call.offered', 'call.answered', 'callback.requested')
           AND numbers_lie_clear(call_id));

-- Seals numbers in the log of a call. ``sealed`` has, by the number of an event, the fields that are sealed from now on;
-- what was null or is not there already is no number. How many events that were.
CREATE FUNCTION seal_numbers(call text, sealed jsonb) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    many integer;
BEGIN
    IF NOT numbers_lie_clear(call) THEN
        RAISE EXCEPTION 'the numbers of % lie sealed, or it goes on', call USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT FROM jsonb_each(sealed) AS event, jsonb_each(event.value) AS field
               WHERE field.key NOT IN ('caller', 'called', 'ani', 'dnis', 'asserted', 'diverted_from', 'headers', 'number')
                  OR jsonb_typeof(field.value) <> 'string' OR NOT field.value #>> '{}' LIKE 'siv:%') THEN
        RAISE EXCEPTION 'only numbers are sealed, and only sealed ones take their place'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE contact_events AS e SET payload = e.payload || event.value
        FROM jsonb_each(sealed) AS event
        WHERE e.tenant = app_tenant() AND e.call_id = call AND e.seq = event.key::bigint
          AND e.kind IN ('call.offered', 'call.answered', 'callback.requested')
          AND e.payload ?& ARRAY(SELECT jsonb_object_keys(event.value));
    GET DIAGNOSTICS many = ROW_COUNT;
    RETURN many;
END $$;
REVOKE ALL ON FUNCTION seal_numbers(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_numbers(text, jsonb) TO {application_role};
