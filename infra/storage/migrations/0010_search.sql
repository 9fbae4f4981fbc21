-- Finding past calls by who took them, where they waited and how their cases were closed: of a log of a hundred events
-- these few are asked for, and most calls have none of them.
CREATE INDEX contact_events_people ON contact_events (tenant, call_id)
    WHERE kind IN ('handoff.queued', 'handoff.accepted', 'agent.joined', 'wrap_up.done');
