-- Which message gave a version its clock, when it brought the same content again later. 0: the one that made it.
ALTER TABLE version ADD COLUMN touched BIGINT NOT NULL DEFAULT 0;
CREATE INDEX version_by_touch ON version (source, touched) WHERE touched <> 0;
