-- Which map made a version, with its version and the hash of its files. Empty: made before this was kept.
ALTER TABLE version ADD COLUMN map TEXT NOT NULL DEFAULT '';

-- What became of the leaves of messages, by place in the source, without indexes and values.
CREATE TABLE loss (
    source   TEXT   NOT NULL,
    path     TEXT   NOT NULL,
    mapped   BIGINT NOT NULL,
    ignored  BIGINT NOT NULL,
    unmapped BIGINT NOT NULL,
    PRIMARY KEY (source, path)
);
