-- The figures that a contact center is judged by: one view each, in the schema kpi. docs/kpis.md has each one's source.
--
-- All have the same columns: a row for each contact that counts, with what it adds to the numerator and the denominator.
-- Summed over whatever contacts are asked about, one divided by the other is the figure, and the rows are the calls
-- behind it. A contact of which something is not known is in no figure that needs it: null is not nought. What time may
-- still change is provisional.

-- What a tenant counts by (goals, days, thresholds, prices), as its gateway read it from tenant.yaml.
CREATE TABLE report_rules (
    tenant text PRIMARY KEY REFERENCES tenants,
    rules jsonb NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE report_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY report_rules_own ON report_rules USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON report_rules TO {application_role};

CREATE SCHEMA kpi;
GRANT USAGE ON SCHEMA kpi TO {application_role};

-- The same with what is meant where nothing is said: one row, the tenant's whose transaction it is.
CREATE VIEW kpi.rules WITH (security_invoker = true) AS
SELECT app_tenant() AS tenant,
       coalesce(r.rules ->> 'time_zone', 'UTC') AS time_zone,
       coalesce(r.rules -> 'answer_within', '{}') AS answer_within,
       20::double precision AS answer_within_otherwise,
       coalesce((r.rules ->> 'repeat_days')::integer, 7) AS repeat_days,
       coalesce((r.rules ->> 'silence_seconds')::double precision, 5) AS silence_seconds,
       coalesce((r.rules ->> 'satisfied_from')::double precision, 4) AS satisfied_from,
       r.rules -> 'prices' ->> 'currency' AS currency,
       (r.rules -> 'prices' ->> 'per_contact')::double precision AS per_contact,
       (r.rules -> 'prices' ->> 'per_line_minute')::double precision AS per_line_minute,
       (r.rules -> 'prices' ->> 'per_bot_minute')::double precision AS per_bot_minute,
       (r.rules -> 'prices' ->> 'per_agent_minute')::double precision AS per_agent_minute
FROM (SELECT 1) AS one
LEFT JOIN report_rules AS r ON r.tenant = app_tenant();
COMMENT ON VIEW kpi.rules IS 'What this tenant''s figures are counted by.';
GRANT SELECT ON kpi.rules TO {application_role};

-- What each contact adds to the figures of the queues, the people, the bot and the cost. The table in the middle is
-- their definition: who counts is who has a denominator.
CREATE VIEW kpi.contact_fact WITH (security_invoker = true) AS
SELECT c.tenant, fact.kpi, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, fact.part,
       fact.numerator, fact.denominator, fact.provisional
FROM analytics.contact AS c
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
        c.waited_seconds, c.transferred, c.agent, c.summary_unedited::integer AS unedited, c.escalation_reason,
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
    ('transfer_between_people', NULL, CASE WHEN it.handled > 0 THEN (it.transferred IS NOT NULL OR EXISTS (
        SELECT FROM contact_events AS e
        WHERE e.tenant = c.tenant AND e.call_id = c.contact AND e.kind = 'agent.joined'
          AND e.payload ->> 'role' = 'agent' AND e.payload ->> 'agent' <> it.agent))::integer END, it.handled, false),
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
GRANT SELECT ON kpi.contact_fact TO {application_role};

-- How the bot's conversations sounded. Silence is a pause of some length: ours where the caller had spoken and waits for
-- us (or nobody has yet), the caller's where we had. Overlap is theirs where they began to speak while we did. A call
-- whose words have no times is in none of these.
CREATE VIEW kpi.sound_fact WITH (security_invoker = true) AS
SELECT c.tenant, fact.kpi, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, NULL AS part,
       fact.numerator, with_bot.seconds AS denominator, false AS provisional
FROM analytics.contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
CROSS JOIN LATERAL (
    SELECT coalesce(range_agg(tstzrange(s.started_at, s.ended_at)) FILTER (WHERE s.channel = 'caller'), '{}') AS caller,
           coalesce(range_agg(tstzrange(s.started_at, greatest(s.ended_at, s.started_at)))
               FILTER (WHERE s.channel = 'bot'), '{}') AS bot
    FROM analytics.speech AS s
    WHERE s.tenant = c.tenant AND s.contact = c.contact
) AS spoken
CROSS JOIN LATERAL (
    -- The same as the contact's own bot_seconds, which would have every stretch looked up once more.
    SELECT range_agg(tstzrange(s.started_at, s.ended_at)) AS stretches,
           analytics.seconds(range_agg(tstzrange(s.started_at, s.ended_at))) AS seconds
    FROM analytics.segment AS s
    WHERE s.tenant = c.tenant AND s.contact = c.contact AND s.kind = 'bot'
) AS with_bot
CROSS JOIN LATERAL (
    SELECT coalesce(sum(long) FILTER (WHERE NOT after_bot), 0) AS ours,
           coalesce(sum(long) FILTER (WHERE after_bot), 0) AS callers
    FROM (
        SELECT extract(epoch FROM upper(pause) - lower(pause))::double precision AS long,
               EXISTS (SELECT FROM unnest(spoken.bot) AS s (stretch) WHERE upper(s.stretch) = lower(pause)) AS after_bot
        FROM unnest(with_bot.stretches - (spoken.caller + spoken.bot)) AS pause
    ) AS pauses
    WHERE long >= r.silence_seconds
) AS silence
CROSS JOIN LATERAL (
    SELECT coalesce(sum(long) FILTER (WHERE NOT by_caller), 0) AS ours,
           coalesce(sum(long) FILTER (WHERE by_caller), 0) AS callers
    FROM (
        SELECT extract(epoch FROM upper(piece) - lower(piece))::double precision AS long,
               NOT EXISTS (SELECT FROM unnest(spoken.bot) AS s (stretch) WHERE lower(s.stretch) = lower(piece)) AS by_caller
        FROM unnest(spoken.caller * spoken.bot) AS piece
    ) AS pieces
) AS overlap
CROSS JOIN LATERAL (VALUES
    ('silence_ours', silence.ours), ('silence_callers', silence.callers),
    ('overlap_ours', overlap.ours), ('overlap_callers', overlap.callers)
) AS fact (kpi, numerator)
WHERE c.ended_at IS NOT NULL AND with_bot.seconds > 0 AND spoken.bot <> '{}' AND (spoken.caller <> '{}' OR c.turns = 0);
GRANT SELECT ON kpi.sound_fact TO {application_role};

-- Whether customers came back about the same within some days. Only customers who are remembered can be known again
-- (docs/memory.md), so that these are the contacts of those alone. What we called about is no return.
CREATE VIEW kpi.first_contact_resolution WITH (security_invoker = true) AS
SELECT c.tenant, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, NULL::text AS part,
       (NOT EXISTS (
            SELECT FROM memory_contacts AS again
            JOIN calls ON calls.tenant = again.tenant AND calls.call_id = again.contact
            WHERE again.tenant = m.tenant AND again.subject = m.subject AND again.contact <> m.contact
              AND again.about = m.about AND again.at > m.at AND again.at <= m.at + r.repeat_days * interval '1 day'
              AND calls.direction = 'inbound'))::integer::double precision AS numerator,
       1::double precision AS denominator,
       m.at + r.repeat_days * interval '1 day' > now() AS provisional
FROM analytics.contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
JOIN memory_contacts AS m ON m.tenant = c.tenant AND m.contact = c.contact AND m.subject = c.customer
WHERE c.direction = 'inbound' AND c.ended_at IS NOT NULL;
COMMENT ON VIEW kpi.first_contact_resolution IS 'Contacts that nobody came back from about the same / contacts of known customers.';
GRANT SELECT ON kpi.first_contact_resolution TO {application_role};

-- What customers said of the contact, and how many of those who were asked said anything.
CREATE VIEW kpi.csat_fact WITH (security_invoker = true) AS
SELECT c.tenant, fact.kpi, c.contact, c.started_at AS at, c.queue, c.line, c.language, c.agent, NULL AS part,
       fact.numerator, fact.denominator, false AS provisional
FROM analytics.contact AS c
JOIN kpi.rules AS r ON r.tenant = c.tenant
CROSS JOIN LATERAL (
    -- Contact by contact, so that nobody's surveys of other days are looked at.
    SELECT csat.score, csat.asked_at FROM analytics.csat WHERE csat.tenant = c.tenant AND csat.contact = c.contact
) AS s
CROSS JOIN LATERAL (VALUES
    ('csat_score', s.score, (s.score IS NOT NULL)::integer::double precision),
    ('csat_satisfied', (s.score >= r.satisfied_from)::integer, (s.score IS NOT NULL)::integer),
    ('csat_response', (s.score IS NOT NULL)::integer, (s.asked_at IS NOT NULL)::integer)
) AS fact (kpi, numerator, denominator)
WHERE fact.denominator > 0 AND fact.numerator IS NOT NULL;
GRANT SELECT ON kpi.csat_fact TO {application_role};

-- All of them, for a page that shows all of them: each contact is looked at once and not once for each figure.
CREATE VIEW kpi.fact WITH (security_invoker = true) AS
SELECT tenant, kpi, contact, at, queue, line, language, agent, part, numerator, denominator, provisional
FROM kpi.contact_fact
UNION ALL
SELECT tenant, kpi, contact, at, queue, line, language, agent, part, numerator, denominator, provisional
FROM kpi.sound_fact
UNION ALL
SELECT tenant, 'first_contact_resolution', contact, at, queue, line, language, agent, part, numerator, denominator,
       provisional
FROM kpi.first_contact_resolution
UNION ALL
SELECT tenant, kpi, contact, at, queue, line, language, agent, part, numerator, denominator, provisional
FROM kpi.csat_fact;
COMMENT ON VIEW kpi.fact IS 'What each contact adds to each figure.';
GRANT SELECT ON kpi.fact TO {application_role};

-- And each by its own name. The comment is its definition.
DO $$
DECLARE
    source text;
    name text;
    definition text;
BEGIN
    FOR source, name, definition IN VALUES
        ('contact_fact', 'average_speed_of_answer', 'Seconds in the queue of answered contacts / answered contacts.'),
        ('contact_fact', 'service_level_1', '(Answered + abandoned in time) / (answered + abandoned).'),
        ('contact_fact', 'service_level_2', 'Answered in time / answered.'),
        ('contact_fact', 'service_level_3', 'Answered in time / (answered + abandoned).'),
        ('contact_fact', 'service_level_4', 'Answered in time / (answered + abandoned not in time).'),
        ('contact_fact', 'abandonment', 'Left the queue by themselves / (answered + abandoned).'),
        ('contact_fact', 'average_handling_time', 'Seconds of talk, hold and wrap-up / contacts that people handled.'),
        ('contact_fact', 'transfer_between_people', 'Went on to another person or target / contacts people handled.'),
        ('contact_fact', 'unedited_summaries', 'Wrap-ups whose summary was left as it was / wrap-ups with one.'),
        ('contact_fact', 'containment', 'Ended with the bot, with evidence of resolution / contacts with the bot.'),
        ('contact_fact', 'ended_in_bot_unresolved', 'Ended with the bot, without evidence / contacts with the bot.'),
        ('contact_fact', 'transfer_to_people', 'Handed over to people / contacts with the bot.'),
        ('contact_fact', 'escalation_reasons', 'Contacts of which a person was to take over, by why.'),
        ('contact_fact', 'cost_per_contact', 'What contacts cost by the price list / contacts.'),
        ('sound_fact', 'silence_ours', 'Seconds of long pauses that we made / seconds with the bot.'),
        ('sound_fact', 'silence_callers', 'Seconds of long pauses that callers made / seconds with the bot.'),
        ('sound_fact', 'overlap_ours', 'Seconds in which we spoke over callers / seconds with the bot.'),
        ('sound_fact', 'overlap_callers', 'Seconds in which callers spoke over us / seconds with the bot.'),
        ('csat_fact', 'csat_score', 'Scores / answered surveys.'),
        ('csat_fact', 'csat_satisfied', 'Scores that say satisfied / answered surveys.'),
        ('csat_fact', 'csat_response', 'Answered surveys / surveys that were asked.')
    LOOP
        EXECUTE format(
            'CREATE VIEW kpi.%I WITH (security_invoker = true) AS '
            'SELECT tenant, contact, at, queue, line, language, agent, part, numerator, denominator, provisional '
            'FROM kpi.%I WHERE kpi = %L', name, source, name);
        EXECUTE format('COMMENT ON VIEW kpi.%I IS %L', name, definition);
        EXECUTE format('GRANT SELECT ON kpi.%I TO {application_role}', name);
    END LOOP;
END $$;
