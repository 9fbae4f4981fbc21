-- The list of receipts, the newest first, reads a page of them, however many there are.
CREATE INDEX erasures_by_day ON erasures (tenant, done_at DESC, erasure DESC) WHERE done_at IS NOT NULL;
