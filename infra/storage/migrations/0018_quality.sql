-- Judging contacts: those that are over and that no rubric has judged are asked for again and again, so that finding none
-- must cost next to nothing.
CREATE INDEX contact_events_quality ON contact_events (tenant, call_id, (payload ->> 'rubric'))
    WHERE kind = 'quality.scored';
CREATE INDEX calls_by_end ON calls (tenant, ended_at, call_id) WHERE ended_at IS NOT NULL;
