-- The records that reports and warehouses read, made of what happened and of nothing else.
--
-- Views, so that no figure can be older than its log. Whoever reads them sees what row level security lets them see of
-- the tables beneath. What is not known is null, never 0 and never false. docs/exports.md has every column.

-- Which transaction wrote an event. What is exported piece by piece has to miss nothing: a transaction may commit late,
-- behind others that began after it, and no clock and no number tells that. Everything below pg_snapshot_xmin is there
-- for good; see gateway/analytics/exports. The first default gives events that are there already a number before all
-- others, without writing the table anew.
ALTER TABLE contact_events ADD COLUMN written xid8 NOT NULL DEFAULT '0';
ALTER TABLE contact_events ALTER COLUMN written SET DEFAULT pg_current_xact_id();
ALTER TABLE floor_events ADD COLUMN written xid8 NOT NULL DEFAULT '0';
ALTER TABLE floor_events ALTER COLUMN written SET DEFAULT pg_current_xact_id();
CREATE INDEX contact_events_by_commit ON contact_events (tenant, written);
CREATE INDEX floor_events_by_commit ON floor_events (tenant, written);

-- An event is changed only when words are taken out of it; that has to reach whoever holds a copy.
CREATE FUNCTION written_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.written := pg_current_xact_id();
    RETURN NEW;
END $$;
CREATE TRIGGER contact_events_changed BEFORE UPDATE ON contact_events FOR EACH ROW EXECUTE FUNCTION written_now();
CREATE TRIGGER floor_events_changed BEFORE UPDATE ON floor_events FOR EACH ROW EXECUTE FUNCTION written_now();

CREATE SCHEMA analytics;
GRANT USAGE ON SCHEMA analytics TO {application_role};

-- A field of a payload as a number or a truth; null where it is neither. One odd payload must not fail a report.
CREATE FUNCTION analytics.number(field jsonb) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(field) WHEN 'number' THEN field::double precision END;
CREATE FUNCTION analytics.truth(field jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(field) WHEN 'boolean' THEN field::boolean END;
CREATE FUNCTION analytics.moment(field jsonb) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE jsonb_typeof(field) WHEN 'string' THEN (field #>> '{}')::timestamptz END;

-- Whether something was taken out of what an event says: a placeholder or a mask stands for it, or it was erased.
CREATE FUNCTION analytics.redacted(payload jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN payload ? 'erased' OR coalesce(payload ->> 'text'
        ~ '•|\[(registration|card|account|passport|driving licence|phone|email|address|name)\]', false);

-- Seconds of stretches of time; null of none given, and while one of them goes on.
CREATE FUNCTION analytics.seconds(stretches tstzmultirange) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN stretches IS NOT NULL AND NOT upper_inf(stretches) THEN
        coalesce((SELECT sum(extract(epoch FROM upper(stretch) - lower(stretch)))
                  FROM unnest(stretches) AS stretch), 0)::double precision END;

-- Who had the caller, from when to when: agent and supervisor (somebody of the desk, or at a target outside, takes part;
-- mode says how), hold (participant: who held), queue (participant: which), bot (what is left).
CREATE VIEW analytics.segment WITH (security_invoker = true) AS
WITH opened AS NOT MATERIALIZED (
    SELECT e.tenant, e.call_id, e.seq, e.at AS started_at, e.written,
           CASE e.kind
               WHEN 'handoff.queued' THEN 'queue'
               WHEN 'call.held' THEN 'hold'
               ELSE coalesce(
                   e.payload ->> 'role',
                   (SELECT j.payload ->> 'role' FROM contact_events AS j
                    WHERE j.tenant = e.tenant AND j.call_id = e.call_id AND j.seq < e.seq AND j.kind = 'agent.joined'
                      AND j.payload ->> 'agent' = e.payload ->> 'agent'
                    ORDER BY j.seq DESC LIMIT 1),
                   'agent')
           END AS kind,
           CASE e.kind
               WHEN 'handoff.queued' THEN e.payload ->> 'queue'
               WHEN 'call.held' THEN e.payload ->> 'by'
               ELSE e.payload ->> 'agent'
           END AS participant,
           e.payload ->> 'mode' AS mode,
           closed.at AS ended_at,
           CASE WHEN closed.at IS NOT NULL THEN coalesce(closed.payload ->> 'why', closed.kind) END AS ended_by,
           closed.written AS closed_written
    FROM contact_events AS e
    LEFT JOIN LATERAL (
        SELECT n.at, n.kind, n.payload, n.written
        FROM contact_events AS n
        WHERE n.tenant = e.tenant AND n.call_id = e.call_id AND n.seq > e.seq
          AND (n.kind = 'call.ended'
               OR CASE e.kind
                      WHEN 'call.held' THEN n.kind = 'call.resumed'
                      WHEN 'handoff.queued' THEN
                          n.kind IN ('handoff.accepted', 'handoff.abandoned', 'handoff.ended', 'callback.requested',
                                     'call.transferred')
                          AND n.payload ->> 'handoff' = e.payload ->> 'handoff'
                      ELSE
                          n.kind IN ('agent.left', 'agent.mode', 'agent.joined')
                          AND n.payload ->> 'agent' = e.payload ->> 'agent'
                  END)
        ORDER BY n.seq LIMIT 1
    ) AS closed ON true
    WHERE e.kind IN ('agent.joined', 'agent.mode', 'call.held', 'handoff.queued')
)
SELECT o.tenant, o.call_id AS contact, o.kind || '-' || o.seq AS segment, o.kind, o.participant, o.mode,
       o.started_at, o.ended_at, o.ended_by,
       extract(epoch FROM o.ended_at - o.started_at)::double precision AS seconds,
       c.started_at AS contact_started_at,
       coalesce(o.ended_at, o.started_at) AS updated_at, 1 AS schema_version, false AS is_redacted,
       greatest(o.written, o.closed_written) AS written
FROM opened AS o
JOIN calls AS c ON c.tenant = o.tenant AND c.call_id = o.call_id
UNION ALL
SELECT whole.tenant, whole.call_id, 'bot-' || bot.place, 'bot', NULL, NULL,
       lower(bot.stretch), upper(bot.stretch), NULL,
       extract(epoch FROM upper(bot.stretch) - lower(bot.stretch))::double precision,
       c.started_at,
       coalesce(upper(bot.stretch), lower(bot.stretch)), 1, false, whole.written
FROM (
    SELECT e.tenant, e.call_id, min(e.at) AS answered_at,
           (SELECT min(n.at) FROM contact_events AS n
            WHERE n.tenant = e.tenant AND n.call_id = e.call_id AND n.kind = 'call.ended') AS ended_at,
           (SELECT max(n.written) FROM contact_events AS n
            WHERE n.tenant = e.tenant AND n.call_id = e.call_id
              AND n.kind IN ('call.answered', 'call.ended', 'agent.joined', 'agent.mode', 'agent.left', 'handoff.queued',
                             'handoff.accepted', 'handoff.abandoned', 'handoff.ended', 'callback.requested',
                             'call.transferred')) AS written,
           (SELECT range_agg(tstzrange(o.started_at, greatest(o.ended_at, o.started_at))) FROM opened AS o
            WHERE o.tenant = e.tenant AND o.call_id = e.call_id
              AND (o.kind = 'queue' OR o.kind <> 'hold' AND o.mode = 'talk')) AS others
    FROM contact_events AS e
    WHERE e.kind = 'call.answered'
    GROUP BY e.tenant, e.call_id
) AS whole
JOIN calls AS c ON c.tenant = whole.tenant AND c.call_id = whole.call_id
CROSS JOIN LATERAL unnest(
    tstzmultirange(tstzrange(whole.answered_at, greatest(whole.ended_at, whole.answered_at)))
    - coalesce(whole.others, '{}')
) WITH ORDINALITY AS bot (stretch, place);
COMMENT ON VIEW analytics.segment IS 'Who had the caller, from when to when.';
GRANT SELECT ON analytics.segment TO {application_role};

-- When somebody spoke: the caller by the times of the words that were recognized (media seconds count from the answer),
-- the bot by when its replies began and stopped to be heard. Of people of the desk the log keeps no times.
CREATE VIEW analytics.speech WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, 'caller' AS channel,
       answered.at + make_interval(secs => analytics.number(e.payload -> 'words' -> 0 -> 'start')) AS started_at,
       answered.at + make_interval(secs => analytics.number(e.payload -> 'words' -> -1 -> 'end')) AS ended_at
FROM contact_events AS e
CROSS JOIN LATERAL (
    SELECT min(a.at) AS at FROM contact_events AS a
    WHERE a.tenant = e.tenant AND a.call_id = e.call_id AND a.kind = 'call.answered'
) AS answered
WHERE e.kind = 'transcript.final'
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
COMMENT ON VIEW analytics.speech IS 'When the caller and the bot spoke.';
GRANT SELECT ON analytics.speech TO {application_role};

-- One row for each contact.
CREATE VIEW analytics.contact WITH (security_invoker = true) AS
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
       log.disposition, log.csat, known.subject AS customer, log.summary_unedited, log.turns,
       analytics.seconds(part.with_bot) AS bot_seconds,
       analytics.seconds(part.with_bot - (voice.caller + coalesce(voice.bot, '{}'))) AS silence_seconds,
       analytics.seconds(voice.caller * coalesce(voice.bot, '{}')) AS overlap_seconds,
       analytics.seconds(voice.caller) AS caller_speech_seconds,
       analytics.seconds(voice.bot) AS bot_speech_seconds,
       c.started_at AS contact_started_at,
       coalesce(log.updated_at, c.started_at) AS updated_at, 1 AS schema_version,
       coalesce(log.is_redacted, false) AS is_redacted, coalesce(log.written, '0') AS written
FROM calls AS c
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
           max(e.at) AS updated_at, bool_or(analytics.redacted(e.payload)) AS is_redacted, max(e.written) AS written
    FROM contact_events AS e
    WHERE e.tenant = c.tenant AND e.call_id = c.call_id
) AS log
LEFT JOIN LATERAL (
    -- What shows that the bot did what the caller wanted: its last answer was heard to the end, or its last action done and
    -- nothing else asked for; and it was the caller or the goodbye that ended the call.
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
           range_agg(tstzrange(s.started_at, greatest(s.ended_at, s.started_at))) FILTER (WHERE s.channel = 'bot') AS bot
    FROM analytics.speech AS s
    WHERE s.tenant = c.tenant AND s.contact = c.call_id
) AS voice ON true
LEFT JOIN LATERAL (
    SELECT m.subject FROM memory_contacts AS m
    WHERE m.tenant = c.tenant AND m.contact = c.call_id
    ORDER BY m.subject LIMIT 1  -- customer: before number:
) AS known ON true;
COMMENT ON VIEW analytics.contact IS 'Contacts: when, with whom, how long, and what came of it.';
GRANT SELECT ON analytics.contact TO {application_role};

-- What was said, by whom: of the caller as it was understood, of the bot as it was heard.
CREATE VIEW analytics.turn WITH (security_invoker = true) AS
SELECT said.tenant, said.call_id AS contact, said.turn, said.exchange, said.reply, said.speaker, said.agent,
       said.said_at, said.language, said.text, said.decided_text, said.complete, said.silent, said.continues,
       said.decision, said.expects, said.confidence, said.signals, said.citations, said.latency_seconds, said.stages,
       said.timings, said.model, said.release, said.speaker = 'bot' AS synthetic,
       c.started_at AS contact_started_at,
       said.updated_at, 1 AS schema_version, said.is_redacted, said.written
FROM (
    -- Each field is looked for in the events that have it, and in no other: that is half of what a turn costs.
    SELECT e.tenant, e.call_id, min(e.seq) AS turn,
           max(analytics.number(e.payload -> 'turn')) FILTER (WHERE e.kind IN ('caller.turn', 'reply.decided'))::integer
               AS exchange,
           max(analytics.number(e.payload -> 'reply')) FILTER (WHERE e.kind = 'reply.decided')::integer AS reply,
           CASE min(e.kind) WHEN 'caller.turn' THEN 'caller' WHEN 'agent.turn' THEN 'agent' ELSE 'bot' END AS speaker,
           max(e.payload ->> 'agent') FILTER (WHERE e.kind = 'agent.turn') AS agent,
           min(e.at) AS said_at,
           max(e.payload ->> 'language') FILTER (WHERE e.kind IN ('caller.turn', 'agent.turn', 'reply.decided')) AS language,
           max(e.payload ->> 'text') FILTER (WHERE e.kind IN ('caller.turn', 'agent.turn', 'reply.heard')) AS text,
           max(e.payload ->> 'text') FILTER (WHERE e.kind = 'reply.decided') AS decided_text,
           bool_or(analytics.truth(e.payload -> 'complete')) FILTER (WHERE e.kind = 'reply.heard') AS complete,
           bool_or(analytics.truth(e.payload -> 'silent')) FILTER (WHERE e.kind = 'caller.turn') AS silent,
           bool_or(analytics.truth(e.payload -> 'continues')) FILTER (WHERE e.kind = 'caller.turn') AS continues,
           max(e.payload ->> 'decision') FILTER (WHERE e.kind = 'reply.decided') AS decision,
           max(e.payload ->> 'expects') FILTER (WHERE e.kind = 'reply.decided') AS expects,
           max(analytics.number(e.payload -> 'confidence'))
               FILTER (WHERE e.kind IN ('caller.turn', 'agent.turn', 'reply.decided')) AS confidence,
           any_value(e.payload -> 'signals') FILTER (WHERE e.kind = 'reply.decided') AS signals,
           any_value(e.payload -> 'citations') FILTER (WHERE e.kind = 'reply.decided') AS citations,
           max(analytics.number(e.payload -> 'latency')) FILTER (WHERE e.kind = 'reply.started') AS latency_seconds,
           any_value(e.payload -> 'stages') FILTER (WHERE e.kind = 'reply.started') AS stages,
           any_value(e.payload -> 'timings') FILTER (WHERE e.kind = 'reply.decided') AS timings,
           nullif(max(e.payload ->> 'model') FILTER (WHERE e.kind = 'reply.decided'), '') AS model,
           max(e.payload ->> 'release') FILTER (WHERE e.kind = 'reply.decided') AS release,
           max(e.at) AS updated_at, max(e.written) AS written,
           coalesce(bool_or(analytics.redacted(e.payload)) FILTER (WHERE e.kind <> 'reply.started'), false) AS is_redacted
    FROM contact_events AS e
    WHERE e.kind IN ('caller.turn', 'agent.turn', 'reply.decided', 'reply.started', 'reply.heard')
    GROUP BY e.tenant, e.call_id,
             CASE WHEN e.kind LIKE 'reply.%' THEN 'reply ' || (e.payload ->> 'reply') ELSE 'turn ' || e.seq END
) AS said
JOIN calls AS c ON c.tenant = said.tenant AND c.call_id = said.call_id;
COMMENT ON VIEW analytics.turn IS 'What was said, by whom, and how the bot came to say it.';
GRANT SELECT ON analytics.turn TO {application_role};

-- What the bot wanted to do, and what became of it.
CREATE VIEW analytics.action WITH (security_invoker = true) AS
SELECT done.tenant, done.call_id AS contact, done.action, done.name, done.risk, done.proposed_at, done.confirmed_at,
       done.declined_at, done.started_at, done.ended_at, done.outcome, done.error, done.seconds, done.arguments,
       done.result, done.reconciled,
       c.started_at AS contact_started_at,
       done.updated_at, 1 AS schema_version, done.is_redacted, done.written
FROM (
    SELECT e.tenant, e.call_id, coalesce(e.payload ->> 'key', e.payload ->> 'action') AS action,
           max(e.payload ->> 'name') AS name, max(e.payload ->> 'risk') AS risk,
           min(e.at) FILTER (WHERE e.kind = 'action.proposed') AS proposed_at,
           min(e.at) FILTER (WHERE e.kind = 'action.confirmed') AS confirmed_at,
           min(e.at) FILTER (WHERE e.kind = 'action.declined') AS declined_at,
           min(e.at) FILTER (WHERE e.kind = 'action.started') AS started_at,
           max(e.at) FILTER (WHERE e.kind IN ('action.succeeded', 'action.failed', 'action.unknown',
                                              'action.reconciled')) AS ended_at,
           substr((array_agg(CASE e.kind WHEN 'action.reconciled' THEN e.payload ->> 'outcome' ELSE e.kind END
                             ORDER BY e.seq DESC)
               FILTER (WHERE e.kind NOT IN ('action.proposed', 'action.confirmed', 'action.started')))[1], 8) AS outcome,
           max(e.payload ->> 'error') AS error,
           max(analytics.number(e.payload -> 'seconds')) AS seconds,
           any_value(e.payload -> 'arguments') FILTER (WHERE e.payload ? 'arguments') AS arguments,
           any_value(e.payload -> 'result') FILTER (WHERE e.payload ? 'result') AS result,
           bool_or(e.kind = 'action.reconciled') AS reconciled,
           max(e.at) AS updated_at, bool_or(analytics.redacted(e.payload)) AS is_redacted, max(e.written) AS written
    FROM contact_events AS e
    WHERE e.kind IN ('action.proposed', 'action.confirmed', 'action.declined', 'action.started', 'action.succeeded',
                     'action.failed', 'action.unknown', 'action.reconciled')
    GROUP BY e.tenant, e.call_id, coalesce(e.payload ->> 'key', e.payload ->> 'action')
) AS done
JOIN calls AS c ON c.tenant = done.tenant AND c.call_id = done.call_id;
COMMENT ON VIEW analytics.action IS 'Business actions, from the proposal to what became of them.';
GRANT SELECT ON analytics.action TO {application_role};

-- Every attempt to give a call to an agent.
CREATE VIEW analytics.offer WITH (security_invoker = true) AS
SELECT f.tenant, w.call AS contact, f.subject AS offer, f.payload ->> 'item' AS item, w.queue, f.payload ->> 'agent' AS agent,
       analytics.moment(f.payload -> 'made_at') AS made_at, analytics.moment(f.payload -> 'expires_at') AS expires_at,
       analytics.moment(f.payload -> 'ended_at') AS ended_at, f.payload ->> 'state' AS state,
       nullif(f.payload ->> 'reason', '') AS reason,
       extract(epoch FROM analytics.moment(f.payload -> 'ended_at') - analytics.moment(f.payload -> 'made_at'))
           ::double precision AS rang_seconds,
       coalesce(c.started_at, analytics.moment(f.payload -> 'made_at')) AS contact_started_at,
       f.at AS updated_at, 1 AS schema_version, false AS is_redacted, f.written
FROM (
    SELECT DISTINCT ON (tenant, subject) tenant, subject, at, payload, written
    FROM floor_events
    WHERE kind LIKE 'offer.%'
    ORDER BY tenant, subject, seq DESC
) AS f
LEFT JOIN work_items AS w ON w.tenant = f.tenant AND w.item = f.payload ->> 'item'
LEFT JOIN calls AS c ON c.tenant = w.tenant AND c.call_id = w.call;
COMMENT ON VIEW analytics.offer IS 'Attempts to give calls to agents.';
GRANT SELECT ON analytics.offer TO {application_role};

-- Every step of a call through the queues.
CREATE VIEW analytics.queue_event WITH (security_invoker = true) AS
SELECT f.tenant, f.payload ->> 'call' AS contact, f.seq AS queue_event, f.subject AS item, f.at AS happened_at,
       substr(f.kind, 6) AS event, f.payload ->> 'queue' AS queue, f.payload ->> 'agent' AS agent,
       nullif(f.payload ->> 'reason', '') AS reason,
       analytics.number(f.payload -> 'priority')::integer AS priority,
       analytics.number(f.payload -> 'attempts')::integer AS attempts,
       analytics.moment(f.payload -> 'enqueued_at') AS enqueued_at,
       analytics.moment(f.payload -> 'answered_at') AS answered_at,
       extract(epoch FROM f.at - analytics.moment(f.payload -> 'enqueued_at'))::double precision AS since_enqueued_seconds,
       coalesce(c.started_at, f.at) AS contact_started_at,
       f.at AS updated_at, 1 AS schema_version, false AS is_redacted, f.written
FROM floor_events AS f
LEFT JOIN calls AS c ON c.tenant = f.tenant AND c.call_id = f.payload ->> 'call'
WHERE f.kind LIKE 'item.%';
COMMENT ON VIEW analytics.queue_event IS 'Steps of calls through the queues.';
GRANT SELECT ON analytics.queue_event TO {application_role};

-- Where an agent stood, from when to when.
CREATE VIEW analytics.agent_state WITH (security_invoker = true) AS
SELECT s.tenant, s.agent, s.agent_state, s.name, s.presence, nullif(s.reason, '') AS reason, s.routing, s.item,
       w.call AS contact, s.started_at, s.ended_at,
       extract(epoch FROM s.ended_at - s.started_at)::double precision AS seconds,
       s.started_at AS contact_started_at,
       coalesce(s.ended_at, s.started_at) AS updated_at, 1 AS schema_version, false AS is_redacted, s.written
FROM (
    SELECT tenant, subject AS agent, seq AS agent_state, payload ->> 'name' AS name, payload ->> 'presence' AS presence,
           payload ->> 'reason' AS reason, payload ->> 'routing' AS routing, payload ->> 'item' AS item,
           at AS started_at, lead(at) OVER following AS ended_at,
           greatest(written, lead(written) OVER following) AS written
    FROM floor_events
    WHERE kind LIKE 'agent.%'
    WINDOW following AS (PARTITION BY tenant, subject ORDER BY seq)
) AS s
LEFT JOIN work_items AS w ON w.tenant = s.tenant AND w.item = s.item;
COMMENT ON VIEW analytics.agent_state IS 'Where agents stood, from when to when.';
GRANT SELECT ON analytics.agent_state TO {application_role};

-- What agents were shown, and what they did with it.
CREATE VIEW analytics.assist WITH (security_invoker = true) AS
SELECT a.tenant, a.call_id AS contact, a.card AS assist, a.kind, a.utterance, a.agent, a.shown_at, a.text, a.confidence,
       a.sources, a.latency_seconds, a.outcome, a.outcome_at, a.outcome_seconds, a.used_text, a.kept,
       c.started_at AS contact_started_at,
       a.updated_at, 1 AS schema_version, a.is_redacted, a.written
FROM (
    SELECT e.tenant, e.call_id, e.payload ->> 'card' AS card, max(e.payload ->> 'kind') AS kind,
           max(e.payload ->> 'utterance') AS utterance, max(e.payload ->> 'agent') AS agent,
           min(e.at) FILTER (WHERE e.kind = 'assist.shown') AS shown_at,
           max(e.payload ->> 'text') FILTER (WHERE e.kind = 'assist.shown') AS text,
           max(analytics.number(e.payload -> 'confidence')) AS confidence,
           any_value(e.payload -> 'sources') FILTER (WHERE e.kind = 'assist.shown') AS sources,
           max(analytics.number(e.payload -> 'seconds')) FILTER (WHERE e.kind = 'assist.shown') AS latency_seconds,
           substr(max(e.kind) FILTER (WHERE e.kind <> 'assist.shown'), 8) AS outcome,
           max(e.at) FILTER (WHERE e.kind <> 'assist.shown') AS outcome_at,
           max(analytics.number(e.payload -> 'seconds')) FILTER (WHERE e.kind <> 'assist.shown') AS outcome_seconds,
           max(e.payload ->> 'text') FILTER (WHERE e.kind = 'assist.edited') AS used_text,
           max(analytics.number(e.payload -> 'kept')) AS kept,
           max(e.at) AS updated_at, bool_or(analytics.redacted(e.payload)) AS is_redacted, max(e.written) AS written
    FROM contact_events AS e
    WHERE e.kind IN ('assist.shown', 'assist.used', 'assist.edited', 'assist.dismissed')
    GROUP BY e.tenant, e.call_id, e.payload ->> 'card'
) AS a
JOIN calls AS c ON c.tenant = a.tenant AND c.call_id = a.call_id;
COMMENT ON VIEW analytics.assist IS 'Cards that agents were shown, and what they did with them.';
GRANT SELECT ON analytics.assist TO {application_role};

-- How agents closed cases.
CREATE VIEW analytics.disposition WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, e.seq AS disposition_id, e.at AS filed_at, e.payload ->> 'agent' AS agent,
       e.payload ->> 'disposition' AS disposition, e.payload ->> 'note' AS note, e.payload ->> 'summary' AS summary,
       e.payload -> 'prefilled' ->> 'summary' AS prefilled_summary,
       e.payload -> 'prefilled' ->> 'disposition' AS prefilled_disposition,
       analytics.number(e.payload -> 'kept') AS kept, analytics.truth(e.payload -> 'unedited') AS unedited,
       analytics.number(e.payload -> 'seconds') AS seconds,
       c.started_at AS contact_started_at,
       e.at AS updated_at, 1 AS schema_version,
       analytics.redacted(e.payload)
           OR analytics.redacted(jsonb_build_object('text', concat_ws(' ', e.payload ->> 'note', e.payload ->> 'summary')))
           AS is_redacted,
       e.written
FROM contact_events AS e
JOIN calls AS c ON c.tenant = e.tenant AND c.call_id = e.call_id
WHERE e.kind = 'wrap_up.done';
COMMENT ON VIEW analytics.disposition IS 'How agents closed cases.';
GRANT SELECT ON analytics.disposition TO {application_role};

-- Whom we asked how it was, and what they said. Asked and not answered is a row without a score.
CREATE VIEW analytics.csat WITH (security_invoker = true) AS
SELECT s.tenant, s.call_id AS contact, s.question, s.rated, s.asked_at, s.answered_at, s.score, s.answered_by,
       c.started_at AS contact_started_at,
       s.updated_at, 1 AS schema_version, s.is_redacted, s.written
FROM (
    SELECT e.tenant, e.call_id, coalesce(e.payload ->> 'question', '') AS question, max(e.payload ->> 'with') AS rated,
           min(e.at) FILTER (WHERE e.kind = 'survey.asked') AS asked_at,
           max(e.at) FILTER (WHERE e.kind = 'survey.answered') AS answered_at,
           (array_agg(analytics.number(e.payload -> 'score') ORDER BY e.seq)
               FILTER (WHERE e.kind = 'survey.answered'))[1] AS score,
           max(e.payload ->> 'by') AS answered_by,
           max(e.at) AS updated_at, bool_or(analytics.redacted(e.payload)) AS is_redacted, max(e.written) AS written
    FROM contact_events AS e
    WHERE e.kind IN ('survey.asked', 'survey.answered')
    GROUP BY e.tenant, e.call_id, coalesce(e.payload ->> 'question', '')
) AS s
JOIN calls AS c ON c.tenant = s.tenant AND c.call_id = s.call_id;
COMMENT ON VIEW analytics.csat IS 'Surveys: who was asked, and what they said.';
GRANT SELECT ON analytics.csat TO {application_role};

-- What callers were asked to agree to, and what they said.
CREATE VIEW analytics.consent WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, e.seq AS consent, e.at AS happened_at, substr(e.kind, 9) AS event,
       e.payload ->> 'purpose' AS purpose, e.payload ->> 'words' AS words,
       coalesce(e.payload ->> 'policy', e.payload ->> 'wording') AS policy,
       c.started_at AS contact_started_at,
       e.at AS updated_at, 1 AS schema_version,
       analytics.redacted(e.payload) OR analytics.redacted(jsonb_build_object('text', e.payload ->> 'words'))
           AS is_redacted,
       e.written
FROM contact_events AS e
JOIN calls AS c ON c.tenant = e.tenant AND c.call_id = e.call_id
WHERE e.kind IN ('consent.asked', 'consent.given', 'consent.declined', 'consent.assumed');
COMMENT ON VIEW analytics.consent IS 'What callers were asked to agree to, and what they said.';
GRANT SELECT ON analytics.consent TO {application_role};

-- That callers heard that a machine speaks, and in which words.
CREATE VIEW analytics.disclosure WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, e.seq AS disclosure, e.at AS heard_at, e.payload ->> 'language' AS language,
       e.payload ->> 'version' AS version, e.payload ->> 'sha256' AS sha256, e.payload ->> 'text' AS text,
       analytics.number(e.payload -> 'reply')::integer AS reply, analytics.truth(e.payload -> 'confirmed') AS confirmed,
       c.started_at AS contact_started_at,
       e.at AS updated_at, 1 AS schema_version, analytics.redacted(e.payload) AS is_redacted, e.written
FROM contact_events AS e
JOIN calls AS c ON c.tenant = e.tenant AND c.call_id = e.call_id
WHERE e.kind = 'disclosure.heard';
COMMENT ON VIEW analytics.disclosure IS 'That callers heard that a machine speaks.';
GRANT SELECT ON analytics.disclosure TO {application_role};

-- How contacts were judged, and what people said to that.
CREATE VIEW analytics.quality WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, e.seq AS quality, e.at AS happened_at, substr(e.kind, 9) AS event,
       e.payload ->> 'rubric' AS rubric, e.payload ->> 'version' AS version,
       analytics.number(e.payload -> 'score') AS score, analytics.truth(e.payload -> 'passed') AS passed,
       e.payload -> 'agents' AS agents, e.payload -> 'criteria' AS criteria,
       e.payload ->> 'criterion' AS criterion, e.payload ->> 'verdict' AS verdict, e.payload ->> 'before' AS verdict_before,
       e.payload ->> 'by' AS judged_by, e.payload ->> 'reason' AS reason, e.payload ->> 'appeal' AS appeal,
       c.started_at AS contact_started_at,
       e.at AS updated_at, 1 AS schema_version, analytics.redacted(e.payload) AS is_redacted, e.written
FROM contact_events AS e
JOIN calls AS c ON c.tenant = e.tenant AND c.call_id = e.call_id
WHERE e.kind IN ('quality.scored', 'quality.overridden', 'quality.appealed');
COMMENT ON VIEW analytics.quality IS 'How contacts were judged, and what people said to that.';
GRANT SELECT ON analytics.quality TO {application_role};

-- Contacts whose words were erased: whoever holds copies is to erase theirs.
CREATE VIEW analytics.tombstone WITH (security_invoker = true) AS
SELECT e.tenant, e.call_id AS contact, e.payload ->> 'erasure' AS erasure, e.at AS erased_at,
       e.payload ->> 'by' AS erased_by,
       c.started_at AS contact_started_at,
       e.at AS updated_at, 1 AS schema_version, true AS is_redacted, e.written
FROM contact_events AS e
JOIN calls AS c ON c.tenant = e.tenant AND c.call_id = e.call_id
WHERE e.kind = 'contact.erased';
COMMENT ON VIEW analytics.tombstone IS 'Contacts whose words were erased.';
GRANT SELECT ON analytics.tombstone TO {application_role};
