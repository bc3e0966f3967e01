-- Finds what a patient may read of the log: who asked about them and what became of it. SQLite keeps it in step with the
-- events themselves, also with those of before; it is no part of the chain.
CREATE INDEX audit_event_look ON audit_event (
    json_extract(CAST(event AS TEXT), '$.entity[0].what.identifier.value'),
    sequence
) WHERE instr(CAST(event AS TEXT), '"code":"decision"') > 0
    OR instr(CAST(event AS TEXT), '"code":"disclosure"') > 0
    OR instr(CAST(event AS TEXT), '"code":"unlink"') > 0
    OR instr(CAST(event AS TEXT), '"code":"relink"') > 0
    OR instr(CAST(event AS TEXT), '"code":"log-read"') > 0;
