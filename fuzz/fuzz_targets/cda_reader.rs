#![no_main]

#[path = "../../ingest/conform/tests/smoke/targets/cda_reader.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
