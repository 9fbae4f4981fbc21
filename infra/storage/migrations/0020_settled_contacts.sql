-- Contacts that are over, worked out once, so that a report reads a row of each and not its log.
--
-- A row is kept only for as long as it is what the log says: whatever is written into, changed in or taken out of the
-- log of a contact that is over takes its row away in the same transaction. Of a contact without a row the log is read,
-- as of one that goes on. So no figure is older than its log, whether anybody settles contacts or not. A migration that
-- changes what is made of a log empties the table (TRUNCATE): the rows come back by themselves.

-- A text that is no moment is none: one odd payload must not fail a report.
CREATE OR REPLACE FUNCTION analytics.moment(field jsonb) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN jsonb_typeof(field) = 'string' AND (field #>> '{}') ~ '^\d{4}-\d\d-\d\d'
                     AND pg_input_is_valid(field #>> '{}', 'timestamptz')
           THEN (field #>> '{}')::timestamptz END;

-- Of people of the desk the log keeps the times of words as well, by the same media seconds as the caller's.
CREATE OR REPLACE VIEW analytics.speech WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, CASE e.kind WHEN 'agent.turn' THEN 'agent' ELSE 'caller' END AS channel,
       answered.at + make_interval(secs => analytics.number(e.payload -> 'words' -> 0 -> 'start')) AS started_at,
       answered.at + make_interval(secs => analytics.number(e.payload -> 'words' -> -1 -> 'end')) AS ended_at
FROM contact_events AS e
CROSS JOIN LATERAL (
    SELECT min(a.at) AS at FROM contact_events AS a
    WHERE a.tenant = e.tenant AND a.call_id = e.call_id AND a.kind = 'call.answered'
) AS answered
WHERE e.kind IN ('transcript.final', 'agent.turn')
  AND analytics.number(e.payload -> 'words' -> 0 -> 'start') <= analytics.number(e.payload -> 'words' -> -1 -> 'end')
UNION ALL
SELECT e.tenant, e.call_id, 'bot', e.at, heard.at
FROM contact_events AS e
CROSS JOIN LATERAL (
    SELECT h.at FROM contact_events AS h
    WHERE h.tenant = e.tenant AND h.call_id = e.call_id AND h.seq > e.seq AND h.kind = 'reply.heard'
      AND h.payload -> 'reply' = e.payload -> 'reply'
    ORDER BY h.seq LIMIT 1
) AS heard
WHERE e.kind = 'reply.started';
COMMENT ON VIEW analytics.speech IS 'When the caller, the bot and agents spoke.';

-- How the caller and the house (the bot, or people of the desk) sounded together in a part of a contact: how long each
-- pause was, and for how long both spoke, by whose doing. A pause is the caller's where the house had spoken before it,
-- and else the house's. Who speaks over the other is who began second.
CREATE FUNCTION analytics.sound(part tstzmultirange, house tstzmultirange, caller tstzmultirange)
    RETURNS TABLE (house_pauses double precision[], caller_pauses double precision[], house_overlap double precision,
                   caller_overlap double precision)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT pauses.of_house, pauses.of_caller, overlap.by_house, overlap.by_caller
    FROM (
        SELECT coalesce(array_agg(long) FILTER (WHERE NOT after_house), '{}') AS of_house,
               coalesce(array_agg(long) FILTER (WHERE after_house), '{}') AS of_caller
        FROM (
            SELECT extract(epoch FROM upper(pause) - lower(pause))::double precision AS long,
                   EXISTS (SELECT FROM unnest(house) AS s (stretch) WHERE upper(s.stretch) = lower(pause))
                       AS after_house
            FROM unnest(part - (coalesce(caller, '{}') + house)) AS pause
        ) AS pause
    ) AS pauses
    CROSS JOIN (
        SELECT coalesce(sum(long) FILTER (WHERE NOT caller_second), 0) AS by_house,
               coalesce(sum(long) FILTER (WHERE caller_second), 0) AS by_caller
        FROM (
            SELECT extract(epoch FROM upper(piece) - lower(piece))::double precision AS long,
                   NOT EXISTS (SELECT FROM unnest(house) AS s (stretch) WHERE lower(s.stretch) = lower(piece))
                       AS caller_second
            FROM unnest(caller * house) AS piece
        ) AS piece
    ) AS overlap;
END;

-- What the log of a contact that is over comes to. It holds no words. Customers' memories and the tenant's rules, which
-- change without the log, stay out of it. Null is not known, as everywhere.
CREATE TABLE analytics.settled_contact (
    tenant text NOT NULL,
    contact text NOT NULL,
    previous_contact text,
    initiation text NOT NULL,
    channel text NOT NULL,
    line text NOT NULL,
    language text NOT NULL,
    direction text NOT NULL,
    started_at timestamptz NOT NULL,
    answered_at timestamptz,
    ended_at timestamptz NOT NULL,
    end_reason text NOT NULL,
    queue text,
    enqueued_at timestamptz,
    agent text,
    agent_joined_at timestamptz,
    waited_seconds double precision,
    abandoned boolean,
    callback_requested boolean,
    talk_seconds double precision,
    hold_seconds double precision,
    wrap_up_seconds double precision,
    escalation_reason text,
    transferred text,
    bot_only boolean,
    resolved boolean,
    resolution_evidence text,
    disposition text,
    csat double precision,
    summary_unedited boolean,
    turns bigint,
    bot_seconds double precision,
    silence_seconds double precision,
    overlap_seconds double precision,
    caller_speech_seconds double precision,
    bot_speech_seconds double precision,
    updated_at timestamptz NOT NULL,
    is_redacted boolean NOT NULL,
    written xid8 NOT NULL,
    agents jsonb,                                 -- everybody of the desk who joined, by id: their names
    about text,                                   -- the first intent that was understood
    surveys_asked bigint NOT NULL,
    surveys_answered bigint NOT NULL,             -- of those that were asked
    scores double precision[] NOT NULL,           -- one for each survey that was answered
    bot_pauses double precision[],                -- seconds; all eight are null where not everybody's words have times
    caller_pauses double precision[],
    bot_overlap double precision,
    caller_overlap double precision,
    agent_pauses double precision[],              -- the same while agents talked with the caller
    caller_pauses_with_agents double precision[],
    agent_overlap double precision,
    caller_overlap_with_agents double precision,
    PRIMARY KEY (tenant, contact),
    FOREIGN KEY (tenant, contact) REFERENCES calls ON DELETE CASCADE
);
CREATE INDEX settled_contact_by_time ON analytics.settled_contact (tenant, started_at);
ALTER TABLE analytics.settled_contact ENABLE ROW LEVEL SECURITY;
ALTER TABLE analytics.settled_contact FORCE ROW LEVEL SECURITY;
CREATE POLICY settled_contact_own ON analytics.settled_contact
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, DELETE ON analytics.settled_contact TO {application_role};

-- Whoever settles a contact holds its call FOR UPDATE and reads the log in a statement begun after that. Whoever writes
-- into the log of a contact that is over takes a lock that cannot be had beside it, until the transaction ends: what is
-- written is either seen by who settles the contact, or takes away the row. It takes two statements, for one that
-- waited for the lock would look for the row as of before. Of calls that go on nothing is locked and nothing is looked
-- for: what was begun while they went on is over long before anybody settles them (transactions have limits, and a node
-- that was fenced has none open).
CREATE FUNCTION analytics.log_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM (SELECT DISTINCT tenant, call_id FROM touched) AS t
    CROSS JOIN LATERAL (
        SELECT FROM public.calls AS c
        WHERE c.tenant = t.tenant AND c.call_id = t.call_id AND c.ended_at IS NOT NULL
        FOR KEY SHARE
    ) AS over;
    IF FOUND THEN
        DELETE FROM analytics.settled_contact AS s USING touched AS t
        WHERE s.tenant = t.tenant AND s.contact = t.call_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_events_unsettle_added AFTER INSERT ON contact_events
    REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION analytics.log_changed();
CREATE TRIGGER contact_events_unsettle_changed AFTER UPDATE ON contact_events
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION analytics.log_changed();
CREATE TRIGGER contact_events_unsettle_taken AFTER DELETE ON contact_events
    REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION analytics.log_changed();

-- In the call's own record nothing changes after its end that a row is made of. Should it do so, the row goes as well.
CREATE FUNCTION analytics.call_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM analytics.settled_contact AS s WHERE s.tenant = OLD.tenant AND s.contact = OLD.call_id;
    RETURN NULL;
END $$;
CREATE TRIGGER calls_unsettle
    AFTER UPDATE OF line, language, direction, channel, started_at, ended_at, end_reason ON calls
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION analytics.call_changed();

-- Contacts are looked up by who called, and memories by the contact.
CREATE INDEX calls_by_caller ON calls (tenant, caller, started_at) WHERE direction = 'inbound' AND caller IS NOT NULL;
CREATE INDEX memory_contacts_by_contact ON memory_contacts (tenant, contact);

-- What a contact was about, as far as its turns tell: the first intent that was understood.
CREATE FUNCTION analytics.first_intent(tenant text, contact text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE RETURN (
    SELECT e.payload ->> 'intent' FROM contact_events AS e
    WHERE e.tenant = first_intent.tenant AND e.call_id = contact AND e.kind = 'turn.understood'
      AND e.payload ->> 'intent' <> ''
    ORDER BY e.seq LIMIT 1
);

-- The contacts that have no such row: those that go on, have just ended, or whose log has changed since.
CREATE VIEW analytics.live_contact WITH (security_invoker = true) AS
SELECT c.tenant, c.call_id AS contact, log.previous_contact, coalesce(log.initiation, c.direction) AS initiation,
       c.channel, c.line, c.language, c.direction, c.started_at, log.answered_at, c.ended_at, c.end_reason,
       log.queue, log.enqueued_at, log.agent, log.agent_joined_at,
       CASE WHEN log.enqueued_at IS NOT NULL THEN
           extract(epoch FROM coalesce(log.agent_joined_at, log.left_queue_at, c.ended_at) - log.enqueued_at)
       END::double precision AS waited_seconds,
       CASE WHEN log.enqueued_at IS NULL THEN NULL
            WHEN log.agent_joined_at IS NOT NULL OR log.called_back OR log.transferred IS NOT NULL THEN false
            WHEN log.left_queue THEN true
            WHEN c.ended_at IS NOT NULL THEN false
       END AS abandoned,
       log.called_back AS callback_requested,
       analytics.seconds(part.with_agent - coalesce(part.on_hold, '{}')) AS talk_seconds,
       analytics.seconds(part.with_agent * coalesce(part.on_hold, '{}')) AS hold_seconds,
       log.wrap_up_seconds, log.escalation_reason, log.transferred,
       CASE WHEN log.answered_at IS NOT NULL THEN
           log.enqueued_at IS NULL AND log.agent_joined_at IS NULL AND log.transferred IS NULL
       END AS bot_only,
       CASE WHEN c.ended_at IS NOT NULL AND log.turns > 0 AND log.enqueued_at IS NULL AND log.agent_joined_at IS NULL
                 AND log.transferred IS NULL
            THEN proof.evidence IS NOT NULL
       END AS resolved,
       proof.evidence AS resolution_evidence,
       log.disposition, log.csat, log.summary_unedited, log.turns,
       analytics.seconds(part.with_bot) AS bot_seconds,
       analytics.seconds(part.with_bot - (voice.caller + coalesce(voice.bot, '{}'))) AS silence_seconds,
       analytics.seconds(voice.caller * coalesce(voice.bot, '{}')) AS overlap_seconds,
       analytics.seconds(voice.caller) AS caller_speech_seconds,
       analytics.seconds(voice.bot) AS bot_speech_seconds,
       coalesce(log.updated_at, c.started_at) AS updated_at,
       coalesce(log.is_redacted, false) AS is_redacted, coalesce(log.written, '0') AS written,
       log.agents, analytics.first_intent(c.tenant, c.call_id) AS about,
       survey.asked AS surveys_asked, survey.answered AS surveys_answered, survey.scores,
       bot.house_pauses AS bot_pauses, bot.caller_pauses, bot.house_overlap AS bot_overlap, bot.caller_overlap,
       people.house_pauses AS agent_pauses, people.caller_pauses AS caller_pauses_with_agents,
       people.house_overlap AS agent_overlap, people.caller_overlap AS caller_overlap_with_agents
FROM (
    SELECT * FROM calls
    WHERE NOT EXISTS (
        SELECT FROM analytics.settled_contact AS s WHERE s.tenant = calls.tenant AND s.contact = calls.call_id)
) AS c
CROSS JOIN LATERAL (
    SELECT min(e.at) FILTER (WHERE e.kind = 'call.answered') AS answered_at,
           (array_agg(e.payload ->> 'contact' ORDER BY e.seq) FILTER (WHERE e.kind = 'call.purpose'))[1]
               AS previous_contact,
           (array_agg(e.payload ->> 'initiation' ORDER BY e.seq) FILTER (WHERE e.kind = 'call.purpose'))[1]
               AS initiation,
           (array_agg(e.payload ->> 'queue' ORDER BY e.seq DESC)
               FILTER (WHERE e.kind IN ('handoff.queued', 'handoff.accepted') AND e.payload ? 'queue'))[1] AS queue,
           min(e.at) FILTER (WHERE e.kind = 'handoff.queued') AS enqueued_at,
           min(e.at) FILTER (WHERE e.kind IN ('handoff.abandoned', 'callback.requested', 'call.transferred'))
               AS left_queue_at,
           coalesce(bool_or(e.kind = 'handoff.abandoned'), false) AS left_queue,
           coalesce(bool_or(e.kind = 'callback.requested'), false) AS called_back,
           (array_agg(e.payload ->> 'agent' ORDER BY e.seq)
               FILTER (WHERE e.kind = 'agent.joined' AND e.payload ->> 'role' = 'agent'))[1] AS agent,
           min(e.at) FILTER (WHERE e.kind = 'agent.joined' AND e.payload ->> 'role' = 'agent') AS agent_joined_at,
           sum(analytics.number(e.payload -> 'seconds')) FILTER (WHERE e.kind = 'wrap_up.done') AS wrap_up_seconds,
           (array_agg(e.payload ->> 'reason' ORDER BY e.seq)
               FILTER (WHERE e.kind IN ('escalation.decided', 'handoff.queued')))[1] AS escalation_reason,
           (array_agg(e.payload ->> 'target' ORDER BY e.seq DESC)
               FILTER (WHERE e.kind = 'call.transferred'
                          OR e.kind = 'transfer.answered' AND e.payload ->> 'way' = 'bridge'))[1] AS transferred,
           (array_agg(e.payload ->> 'disposition' ORDER BY e.seq DESC) FILTER (WHERE e.kind = 'wrap_up.done'))[1]
               AS disposition,
           (array_agg(analytics.truth(e.payload -> 'unedited') ORDER BY e.seq DESC)
               FILTER (WHERE e.kind = 'wrap_up.done'))[1] AS summary_unedited,
           (array_agg(analytics.number(e.payload -> 'score') ORDER BY e.seq)
               FILTER (WHERE e.kind = 'survey.answered'))[1] AS csat,
           count(*) FILTER (WHERE e.kind = 'caller.turn' AND NOT coalesce(analytics.truth(e.payload -> 'silent'), false))
               AS turns,
           (array_agg(e.payload ORDER BY e.seq DESC)
               FILTER (WHERE e.kind = 'reply.decided' AND e.payload ->> 'decision' <> 'converse'))[1] AS decided,
           (array_agg(CASE e.kind WHEN 'action.reconciled' THEN e.payload ->> 'outcome' ELSE e.kind END
                      ORDER BY e.seq DESC) FILTER (WHERE e.kind LIKE 'action.%'))[1] AS last_of_action,
           max(e.seq) FILTER (WHERE e.kind LIKE 'action.%') AS acted_seq,
           max(e.seq) FILTER (WHERE e.kind = 'reply.decided' AND e.payload ->> 'decision' <> 'converse') AS decided_seq,
           jsonb_object_agg(e.payload ->> 'agent', e.payload ->> 'name')
               FILTER (WHERE e.kind = 'agent.joined' AND e.payload ->> 'role' = 'agent' AND e.payload ->> 'agent' <> '')
               AS agents,
           max(e.at) AS updated_at, bool_or(analytics.redacted(e.payload)) AS is_redacted, max(e.written) AS written
    FROM contact_events AS e
    WHERE e.tenant = c.tenant AND e.call_id = c.call_id
) AS log
LEFT JOIN LATERAL (
    -- What shows that the bot did what the caller wanted: its last answer was heard to the end, or its last action done
    -- and nothing else asked for; and it was the caller or the goodbye that ended the call.
    SELECT CASE
               WHEN log.decided ->> 'decision' = 'answer' AND EXISTS (
                    SELECT FROM contact_events AS h
                    WHERE h.tenant = c.tenant AND h.call_id = c.call_id AND h.kind = 'reply.heard'
                      AND h.payload -> 'reply' = log.decided -> 'reply' AND analytics.truth(h.payload -> 'complete'))
               THEN 'answer_heard'
               WHEN log.decided ->> 'decision' = 'act' AND log.last_of_action = 'action.succeeded' AND NOT EXISTS (
                    SELECT FROM contact_events AS t
                    WHERE t.tenant = c.tenant AND t.call_id = c.call_id AND t.kind = 'caller.turn'
                      AND t.seq > log.acted_seq AND t.seq < log.decided_seq)
               THEN 'action_succeeded'
           END AS evidence
    WHERE c.end_reason IN ('caller_hung_up', 'completed') AND log.turns > 0 AND log.enqueued_at IS NULL
      AND log.agent_joined_at IS NULL AND log.transferred IS NULL
) AS proof ON true
LEFT JOIN LATERAL (
    SELECT range_agg(tstzrange(s.started_at, greatest(s.ended_at, s.started_at)))
               FILTER (WHERE s.kind = 'agent' AND s.mode = 'talk') AS with_agent,
           range_agg(tstzrange(s.started_at, greatest(s.ended_at, s.started_at)))
               FILTER (WHERE s.kind = 'hold' AND s.participant IS DISTINCT FROM 'caller') AS on_hold,
           range_agg(tstzrange(s.started_at, s.ended_at)) FILTER (WHERE s.kind = 'bot') AS with_bot
    FROM analytics.segment AS s
    WHERE s.tenant = c.tenant AND s.contact = c.call_id
) AS part ON true
LEFT JOIN LATERAL (
    SELECT range_agg(tstzrange(s.started_at, s.ended_at)) FILTER (WHERE s.channel = 'caller') AS caller,
           range_agg(tstzrange(s.started_at, greatest(s.ended_at, s.started_at))) FILTER (WHERE s.channel = 'bot')
               AS bot,
           range_agg(tstzrange(s.started_at, s.ended_at)) FILTER (WHERE s.channel = 'agent') AS agent
    FROM analytics.speech AS s
    WHERE s.tenant = c.tenant AND s.contact = c.call_id
) AS voice ON true
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE s.asked_at IS NOT NULL) AS asked,
           count(*) FILTER (WHERE s.asked_at IS NOT NULL AND s.score IS NOT NULL) AS answered,
           coalesce(array_agg(s.score) FILTER (WHERE s.score IS NOT NULL), '{}') AS scores
    FROM analytics.csat AS s
    WHERE s.tenant = c.tenant AND s.contact = c.call_id
) AS survey ON true
LEFT JOIN LATERAL analytics.sound(part.with_bot, voice.bot, voice.caller) AS bot
    ON part.with_bot <> '{}' AND voice.bot <> '{}' AND (voice.caller <> '{}' OR log.turns = 0)
LEFT JOIN LATERAL analytics.sound(part.with_agent - coalesce(part.on_hold, '{}'), voice.agent, voice.caller) AS people
    ON part.with_agent <> '{}' AND voice.agent <> '{}' AND voice.caller <> '{}';
COMMENT ON VIEW analytics.live_contact IS 'Contacts that are worked out from their log, for no row of them is kept.';
GRANT SELECT ON analytics.live_contact TO {application_role};

-- All contacts, with what figures are counted from.
CREATE VIEW analytics.any_contact WITH (security_invoker = true) AS
SELECT * FROM analytics.settled_contact
UNION ALL
SELECT * FROM analytics.live_contact;
COMMENT ON VIEW analytics.any_contact IS 'Contacts, whether a row is kept of them or not.';
GRANT SELECT ON analytics.any_contact TO {application_role};

CREATE OR REPLACE VIEW analytics.contact WITH (security_invoker = true) AS
SELECT c.tenant, c.contact, c.previous_contact, c.initiation, c.channel, c.line, c.language, c.direction, c.started_at,
       c.answered_at, c.ended_at, c.end_reason, c.queue, c.enqueued_at, c.agent, c.agent_joined_at, c.waited_seconds,
       c.abandoned, c.callback_requested, c.talk_seconds, c.hold_seconds, c.wrap_up_seconds, c.escalation_reason,
       c.transferred, c.bot_only, c.resolved, c.resolution_evidence, c.disposition, c.csat,
       (SELECT m.subject FROM memory_contacts AS m
        WHERE m.tenant = c.tenant AND m.contact = c.contact
        ORDER BY m.subject LIMIT 1) AS customer,  -- customer: before number:
       c.summary_unedited, c.turns, c.bot_seconds, c.silence_seconds, c.overlap_seconds, c.caller_speech_seconds,
       c.bot_speech_seconds, c.started_at AS contact_started_at, c.updated_at, 1 AS schema_version, c.is_redacted,
       c.written
FROM analytics.any_contact AS c;

-- The figures count from these, contact by contact and without its log.
CREATE OR REPLACE VIEW kpi.contact_fact WITH (security_invoker = true) AS
SELECT c.tenant, fact.kpi, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, fact.part,
       fact.numerator, fact.denominator, fact.provisional
FROM analytics.any_contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
CROSS JOIN LATERAL (
    SELECT
        -- A person took it out of a queue; or it left the queue by itself. Who is called back, or sent elsewhere, is
        -- neither: nobody failed them.
        (c.enqueued_at IS NOT NULL AND c.agent_joined_at IS NOT NULL)::integer::double precision AS answered,
        coalesce(c.abandoned, false)::integer::double precision AS abandoned,
        (c.waited_seconds <= coalesce(analytics.number(r.answer_within -> c.queue), r.answer_within_otherwise))
            ::integer::double precision AS in_time,
        -- It was with a person, and is over. A wrap-up comes a little later than the end.
        (c.agent_joined_at IS NOT NULL AND c.ended_at IS NOT NULL)::integer::double precision AS handled,
        c.talk_seconds + coalesce(c.hold_seconds, 0) + coalesce(c.wrap_up_seconds, 0) AS handling,
        c.wrap_up_seconds IS NULL AND c.ended_at > now() - interval '1 day' AS unwrapped,
        -- Somebody called, the bot had them, and it is over.
        (c.direction = 'inbound' AND c.ended_at IS NOT NULL AND coalesce(c.bot_seconds, 0) > 0)
            ::integer::double precision AS with_bot,
        (c.bot_only AND coalesce(c.resolved, false))::integer::double precision AS contained,
        (c.bot_only AND NOT coalesce(c.resolved, false))::integer::double precision AS unresolved,
        (NOT c.bot_only)::integer::double precision AS handed_over,
        c.waited_seconds, c.transferred, c.agent, c.agents, c.summary_unedited::integer AS unedited, c.escalation_reason,
        c.bot_seconds, c.answered_at, c.ended_at
    OFFSET 0  -- what is worked out here is worked out once for each contact, and not once for each figure
) AS it
CROSS JOIN LATERAL (VALUES
    ('average_speed_of_answer', NULL, it.answered * it.waited_seconds, it.answered, false),
    ('service_level_1', NULL, (it.answered + it.abandoned) * it.in_time, it.answered + it.abandoned, false),
    ('service_level_2', NULL, it.answered * it.in_time, it.answered, false),
    ('service_level_3', NULL, it.answered * it.in_time, it.answered + it.abandoned, false),
    ('service_level_4', NULL, it.answered * it.in_time, it.answered + it.abandoned * (1 - it.in_time), false),
    ('abandonment', NULL, it.abandoned, it.answered + it.abandoned, false),
    ('average_handling_time', NULL, it.handling, it.handled, it.unwrapped),
    ('transfer_between_people', NULL, CASE WHEN it.handled > 0 THEN
        (it.transferred IS NOT NULL OR coalesce(it.agents - it.agent, '{}') <> '{}')::integer END, it.handled, false),
    ('unedited_summaries', NULL, it.unedited, (it.unedited IS NOT NULL)::integer, false),
    ('containment', NULL, it.contained, it.with_bot, false),
    ('ended_in_bot_unresolved', NULL, it.unresolved, it.with_bot, false),
    ('transfer_to_people', NULL, it.handed_over, it.with_bot, false),
    ('escalation_reasons', it.escalation_reason, 1, (it.escalation_reason IS NOT NULL)::integer, false),
    ('cost_per_contact', NULL,
        r.per_contact + r.per_line_minute * extract(epoch FROM it.ended_at - it.answered_at) / 60
            + r.per_bot_minute * coalesce(it.bot_seconds, 0) / 60 + r.per_agent_minute * coalesce(it.handling, 0) / 60,
        (it.ended_at IS NOT NULL AND it.answered_at IS NOT NULL)::integer, it.handled > 0 AND it.unwrapped)
) AS fact (kpi, part, numerator, denominator, provisional)
WHERE fact.denominator > 0 AND fact.numerator IS NOT NULL;

-- Pauses count from the length on that the tenant's rules say. A call whose words have no times is in none of these.
CREATE OR REPLACE VIEW kpi.sound_fact WITH (security_invoker = true) AS
SELECT c.tenant, fact.kpi, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, NULL AS part,
       CASE WHEN fact.pauses IS NOT NULL
            THEN coalesce((SELECT sum(pause) FROM unnest(fact.pauses) AS pause WHERE pause >= r.silence_seconds), 0)
            ELSE fact.seconds END AS numerator,
       fact.denominator, false AS provisional
FROM analytics.any_contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
CROSS JOIN LATERAL (VALUES
    ('silence_ours', c.bot_pauses, NULL, c.bot_seconds),
    ('silence_callers', c.caller_pauses, NULL, c.bot_seconds),
    ('overlap_ours', NULL, c.bot_overlap, c.bot_seconds),
    ('overlap_callers', NULL, c.caller_overlap, c.bot_seconds),
    ('silence_agents', c.agent_pauses, NULL, c.talk_seconds),
    ('silence_callers_with_agents', c.caller_pauses_with_agents, NULL, c.talk_seconds),
    ('overlap_agents', NULL, c.agent_overlap, c.talk_seconds),
    ('overlap_callers_with_agents', NULL, c.caller_overlap_with_agents, c.talk_seconds)
) AS fact (kpi, pauses, seconds, denominator)
WHERE c.ended_at IS NOT NULL AND fact.denominator > 0 AND (fact.pauses IS NOT NULL OR fact.seconds IS NOT NULL);

-- Whether callers came back about the same within some days. Two contacts of customers who are remembered
-- (docs/memory.md) are one customer's and about the same where the memory says so. Of others the number tells who
-- calls, where the network told it, and the first intent that was understood what about; where nothing was understood in
-- one of two, the second counts as a return. What we called about is no return.
CREATE OR REPLACE VIEW kpi.first_contact_resolution WITH (security_invoker = true) AS
SELECT c.tenant, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, NULL::text AS part,
       (NOT EXISTS (
            SELECT FROM memory_contacts AS again
            JOIN calls ON calls.tenant = again.tenant AND calls.call_id = again.contact
            WHERE again.tenant = c.tenant AND again.subject = known.subject AND again.about = known.about
              AND calls.direction = 'inbound'
              AND calls.started_at > c.started_at AND calls.started_at <= c.ended_at + r.repeat_days * interval '1 day')
        AND NOT EXISTS (
            SELECT FROM calls AS again
            LEFT JOIN analytics.settled_contact AS s ON s.tenant = again.tenant AND s.contact = again.call_id
            WHERE again.tenant = c.tenant AND again.caller = mine.caller AND again.direction = 'inbound'
              AND again.started_at > c.started_at AND again.started_at <= c.ended_at + r.repeat_days * interval '1 day'
              AND (known.subject IS NULL OR NOT EXISTS (
                    SELECT FROM memory_contacts AS m WHERE m.tenant = again.tenant AND m.contact = again.call_id))
              AND (CASE WHEN s.contact IS NULL THEN analytics.first_intent(again.tenant, again.call_id) ELSE s.about END
                   <> c.about) IS NOT TRUE)
       )::integer::double precision AS numerator,
       1::double precision AS denominator,
       c.ended_at + r.repeat_days * interval '1 day' > now() AS provisional
FROM analytics.any_contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
CROSS JOIN LATERAL (
    -- Contact by contact, and never the other way round: without statistics all logs would be read for each call.
    SELECT calls.caller FROM calls WHERE calls.tenant = c.tenant AND calls.call_id = c.contact OFFSET 0
) AS mine
LEFT JOIN LATERAL (
    SELECT m.subject, m.about FROM memory_contacts AS m
    WHERE m.tenant = c.tenant AND m.contact = c.contact
    ORDER BY m.subject LIMIT 1
) AS known ON true
WHERE c.direction = 'inbound' AND c.ended_at IS NOT NULL AND (known.subject IS NOT NULL OR mine.caller IS NOT NULL);
COMMENT ON VIEW kpi.first_contact_resolution IS
    'Contacts that nobody came back from about the same / contacts of callers who can be known again.';

-- A contact in which more than one question was asked is one row, with all that was answered.
CREATE OR REPLACE VIEW kpi.csat_fact WITH (security_invoker = true) AS
SELECT c.tenant, fact.kpi, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, NULL AS part,
       fact.numerator, fact.denominator, false AS provisional
FROM analytics.any_contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
CROSS JOIN LATERAL (VALUES
    ('csat_score', (SELECT sum(score) FROM unnest(c.scores) AS score), cardinality(c.scores)::double precision),
    ('csat_satisfied', (SELECT count(*) FROM unnest(c.scores) AS score WHERE score >= r.satisfied_from),
     cardinality(c.scores)),
    ('csat_response', c.surveys_answered, c.surveys_asked)
) AS fact (kpi, numerator, denominator)
WHERE c.surveys_asked + cardinality(c.scores) > 0 AND fact.denominator > 0;

DO $$
DECLARE
    name text;
    definition text;
BEGIN
    FOR name, definition IN VALUES
        ('silence_agents', 'Seconds of long pauses that agents made / seconds of talk with agents.'),
        ('silence_callers_with_agents', 'Seconds of long pauses that callers made / seconds of talk with agents.'),
        ('overlap_agents', 'Seconds in which agents spoke over callers / seconds of talk with agents.'),
        ('overlap_callers_with_agents', 'Seconds in which callers spoke over agents / seconds of talk with agents.')
    LOOP
        EXECUTE format(
            'CREATE VIEW kpi.%I WITH (security_invoker = true) AS '
            'SELECT tenant, contact, at, queue, line, language, agent, part, numerator, denominator, provisional '
            'FROM kpi.sound_fact WHERE kpi = %L', name, name);
        EXECUTE format('COMMENT ON VIEW kpi.%I IS %L', name, definition);
        EXECUTE format('GRANT SELECT ON kpi.%I TO {application_role}', name);
    END LOOP;
END $$;
