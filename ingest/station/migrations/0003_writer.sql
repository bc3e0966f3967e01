-- How often the database was opened for writing; only who opened it last may write. Used on PostgreSQL.
CREATE TABLE writer (
    epoch BIGINT NOT NULL
);
INSERT INTO writer (epoch) VALUES (0);
