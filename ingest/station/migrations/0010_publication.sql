-- Why the index did not take an entry the last time: a stable code, never what was sent or answered.
ALTER TABLE outbox ADD COLUMN problem TEXT;
