-- The same for SQLite and PostgreSQL. Times are microseconds since 1970. No number or name of a person stands here:
-- `patient`, `external` and `hash` are keyed hashes, `sealed` is encrypted.

-- A message, and how far it is. What it says is in the object.
CREATE TABLE message (
    sequence BIGINT NOT NULL PRIMARY KEY,
    source   TEXT   NOT NULL,
    external TEXT   NOT NULL,
    hash     TEXT   NOT NULL,
    format   TEXT   NOT NULL,
    received BIGINT NOT NULL,
    clock    BIGINT,
    bytes    BIGINT NOT NULL,
    object   TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    place    BIGINT NOT NULL,
    length   BIGINT NOT NULL,
    patient  TEXT,
    changed  BIGINT NOT NULL DEFAULT 0,
    -- pending, done, held, closed, erased, expired
    state    TEXT   NOT NULL,
    UNIQUE (source, external, hash)
);
CREATE INDEX message_by_state ON message (source, state, sequence);
CREATE INDEX message_by_object ON message (source, object);
CREATE INDEX message_by_patient ON message (source, patient);

-- Every version of every resource. `current` is 1 for the one with the latest source clock.
CREATE TABLE version (
    source  TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    id      TEXT   NOT NULL,
    version BIGINT NOT NULL,
    clock   BIGINT NOT NULL,
    hash    TEXT   NOT NULL,
    patient TEXT,
    deleted BIGINT NOT NULL,
    current BIGINT NOT NULL,
    served  BIGINT NOT NULL,
    verdict TEXT   NOT NULL,
    stored  BIGINT NOT NULL,
    object  TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    place   BIGINT NOT NULL,
    length  BIGINT NOT NULL,
    message BIGINT NOT NULL,
    PRIMARY KEY (source, kind, id, version)
);
CREATE INDEX version_by_patient ON version (source, patient, current);
CREATE INDEX version_by_object ON version (source, object);

-- A patient of a source: whether it is announced at the index, and whether it may be read.
CREATE TABLE patient (
    source    TEXT   NOT NULL,
    patient   TEXT   NOT NULL,
    announced BIGINT NOT NULL DEFAULT 0,
    -- the number, encrypted under the key of the source; gone after an erasure
    sealed    TEXT,
    -- null, erasing, erased
    barrier   TEXT,
    PRIMARY KEY (source, patient)
);

-- What is to be told to others, once and in order.
CREATE TABLE outbox (
    entry    BIGINT NOT NULL PRIMARY KEY,
    source   TEXT   NOT NULL,
    patient  TEXT   NOT NULL,
    action   TEXT   NOT NULL,
    sealed   TEXT,
    made     BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    state    TEXT   NOT NULL
);
CREATE INDEX outbox_by_state ON outbox (source, state, due);

-- What is held, and why. One row a message and reason.
CREATE TABLE quarantine (
    source      TEXT   NOT NULL,
    message     BIGINT NOT NULL,
    fingerprint TEXT   NOT NULL,
    stage       TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    occurrences BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    -- new, mapping-fix, source-resend, waived, discarded, closed
    state       TEXT   NOT NULL,
    by_whom     TEXT,
    reason      TEXT,
    until       BIGINT,
    PRIMARY KEY (source, message, fingerprint)
);
CREATE INDEX quarantine_by_fingerprint ON quarantine (source, fingerprint, state);

-- What was found and did not hold a message back, counted; for the source's quality report.
CREATE TABLE finding (
    source      TEXT   NOT NULL,
    stage       TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    code        TEXT   NOT NULL,
    severity    TEXT   NOT NULL,
    occurrences BIGINT NOT NULL,
    PRIMARY KEY (source, stage, rule, path, code)
);

-- Counts of a source: leaves mapped, ignored, unmapped, and the like.
CREATE TABLE tally (
    source TEXT   NOT NULL,
    name   TEXT   NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (source, name)
);

-- The kill switch.
CREATE TABLE stopped (
    source TEXT   NOT NULL PRIMARY KEY,
    at     BIGINT NOT NULL,
    reason TEXT   NOT NULL
);

-- Erasures, the pending ones included: they are taken up again after a crash.
CREATE TABLE erasure (
    erasure   TEXT   NOT NULL PRIMARY KEY,
    source    TEXT   NOT NULL,
    patient   TEXT   NOT NULL,
    requested BIGINT NOT NULL,
    finished  BIGINT,
    by_whom   TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    records   BIGINT NOT NULL DEFAULT 0
);
