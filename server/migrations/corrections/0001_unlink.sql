-- What a person said is not the same. References are keyed hashes: no number of a patient and no address of a record
-- stands here.
CREATE TABLE unlink (
    id           INTEGER PRIMARY KEY,
    patient      BLOB NOT NULL,
    a            BLOB NOT NULL,
    b            BLOB NOT NULL,
    ground       TEXT NOT NULL,
    recorded     TEXT NOT NULL,
    recorded_by  TEXT NOT NULL,
    withdrawn    TEXT,
    withdrawn_by TEXT
) STRICT;

CREATE UNIQUE INDEX unlink_in_force ON unlink (patient, a, b) WHERE withdrawn IS NULL;
