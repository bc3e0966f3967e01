-- The audit log: events in order, each chained to the one before it by its hash.
CREATE TABLE audit_event (
    sequence INTEGER PRIMARY KEY NOT NULL CHECK (sequence > 0),
    recorded TEXT NOT NULL,
    event BLOB NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

-- Append-only: nothing is changed, nothing is taken out, nothing is squeezed in between.
CREATE TRIGGER audit_event_keeps BEFORE UPDATE ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only: no update');
END;

CREATE TRIGGER audit_event_stays BEFORE DELETE ON audit_event
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only: no delete');
END;

CREATE TRIGGER audit_event_follows BEFORE INSERT ON audit_event
WHEN NEW.sequence <> (SELECT COALESCE(MAX(sequence), 0) + 1 FROM audit_event)
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only: not the next event');
END;

-- Where the chain ends, sealed with the log's key: a shorter or rewritten chain does not fit it.
CREATE TABLE audit_head (
    stream INTEGER PRIMARY KEY NOT NULL CHECK (stream = 1),
    sequence INTEGER NOT NULL CHECK (sequence >= 0),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    seal BLOB NOT NULL CHECK (length(seal) = 32)
) STRICT;

CREATE TRIGGER audit_head_grows BEFORE UPDATE ON audit_head
WHEN NEW.sequence <= OLD.sequence
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only: the head only grows');
END;

CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only: no delete');
END;

-- How far the copy to an audit repository has come.
CREATE TABLE audit_forwarded (
    stream INTEGER PRIMARY KEY NOT NULL CHECK (stream = 1),
    sequence INTEGER NOT NULL CHECK (sequence >= 0)
) STRICT;

INSERT INTO audit_forwarded (stream, sequence) VALUES (1, 0);
