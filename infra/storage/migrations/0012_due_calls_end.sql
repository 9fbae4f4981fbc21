-- What became of a call of ours is kept for so long and no longer, and not at all of whoever wanted to be forgotten.
--
-- A call that is under way when its callee is forgotten has to be heard to its end, and goes with it. A number that must
-- not be called is kept, without the words: it is what keeps us from calling it.

ALTER TABLE due_calls ADD COLUMN forgotten boolean NOT NULL DEFAULT false;
CREATE INDEX due_calls_by_number ON due_calls (tenant, number);
CREATE POLICY due_calls_end ON due_calls FOR DELETE USING (tenant = app_tenant());
GRANT DELETE ON due_calls TO {application_role};
