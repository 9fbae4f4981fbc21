-- With the record of a contact goes every row that is about that contact and nothing else: beside its log, its hand-overs
-- and its call, what queues and offers knew of it, what was done in it, what was dialled for its caller, and who was told
-- of it. What stays says why it does, table by table:
--
--   erasures, legal_holds            the proof that it was let go of, and that it could not be before
--   action_audit, audit_entries      chains: whoever took a line out of one would break it
--   subject_keys                     empty: that there was a key, so that nobody makes a second one
--   memory_*                         a customer's, not a contact's; only where they agreed is forgotten here
--   floor_events of agents           an agent's hours; of the contact they name the hand-over, which is nowhere else any more
--   due_calls, call_opt_outs         gone, or without the contact, since its words went

CREATE INDEX work_items_by_call ON work_items (tenant, call);
CREATE INDEX floor_events_by_subject ON floor_events (tenant, subject);
CREATE INDEX toll_calls_by_call ON toll_calls (tenant, call_id);

-- For the owner of the function below alone, as for the log: whoever does the daily work deletes none of these.
CREATE POLICY work_items_drop ON work_items FOR DELETE TO CURRENT_USER
    USING (tenant = app_tenant() AND was_erased(call));
CREATE POLICY offers_drop ON offers FOR DELETE TO CURRENT_USER
    USING (tenant = app_tenant() AND EXISTS (
        SELECT FROM work_items AS i WHERE i.tenant = app_tenant() AND i.item = offers.item AND was_erased(i.call)));
CREATE POLICY floor_events_drop ON floor_events FOR DELETE TO CURRENT_USER
    USING (tenant = app_tenant() AND (
        EXISTS (SELECT FROM work_items AS i WHERE i.tenant = app_tenant() AND i.item = subject AND was_erased(i.call))
        OR EXISTS (SELECT FROM offers AS o JOIN work_items AS i ON i.tenant = o.tenant AND i.item = o.item
                   WHERE o.tenant = app_tenant() AND o.offer = subject AND was_erased(i.call))));
CREATE POLICY action_intents_drop ON action_intents FOR DELETE TO CURRENT_USER
    USING (tenant = app_tenant() AND was_erased(call_id));
CREATE POLICY toll_calls_drop ON toll_calls FOR DELETE TO CURRENT_USER
    USING (tenant = app_tenant() AND was_erased(call_id));

-- Deletes what is left of contacts that ended before a time, at most so many: those whose words are gone, and never one
-- under a hold. Their rows are held first and looked at then, so that who holds a contact meanwhile comes before this, or
-- after. A contact of whose caller something is still to come (a callback that was promised since) waits for that.
CREATE OR REPLACE FUNCTION drop_records(ended_before timestamptz, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    due text[];
    items text[];
    made text[];
BEGIN
    due := ARRAY(
        SELECT call_id FROM calls
        WHERE tenant = app_tenant() AND ended_at < ended_before AND was_erased(call_id)
          AND NOT EXISTS (SELECT FROM still_to_come(call_id))
        ORDER BY ended_at LIMIT most FOR UPDATE SKIP LOCKED);
    due := ARRAY(SELECT call FROM unnest(due) AS call WHERE was_erased(call));
    items := ARRAY(SELECT item FROM work_items WHERE tenant = app_tenant() AND work_items.call = ANY (due));
    made := ARRAY(SELECT offer FROM offers WHERE tenant = app_tenant() AND item = ANY (items));
    DELETE FROM floor_events WHERE tenant = app_tenant() AND subject = ANY (items || made);
    DELETE FROM offers WHERE tenant = app_tenant() AND item = ANY (items);
    DELETE FROM work_items WHERE tenant = app_tenant() AND item = ANY (items);
    DELETE FROM action_outbox AS o USING action_intents AS i
        WHERE o.tenant = app_tenant() AND i.tenant = o.tenant AND i.intent = o.intent AND i.call_id = ANY (due);
    DELETE FROM action_intents WHERE tenant = app_tenant() AND call_id = ANY (due);
    DELETE FROM toll_calls WHERE tenant = app_tenant() AND call_id = ANY (due);
    UPDATE memory_agreements SET contact = '' WHERE tenant = app_tenant() AND contact = ANY (due);
    DELETE FROM contact_events WHERE tenant = app_tenant() AND call_id = ANY (due);
    DELETE FROM webhook_deliveries WHERE tenant = app_tenant() AND contact = ANY (due);
    DELETE FROM handoffs WHERE tenant = app_tenant() AND call_id = ANY (due);
    DELETE FROM calls WHERE tenant = app_tenant() AND call_id = ANY (due);
    RETURN cardinality(due);
END $$;
