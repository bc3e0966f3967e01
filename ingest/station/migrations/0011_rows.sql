-- Of files with rows: the row of the file where what is held begins.
ALTER TABLE quarantine ADD COLUMN at_row BIGINT;
