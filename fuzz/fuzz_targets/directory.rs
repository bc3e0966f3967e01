#![no_main]

#[path = "../../ingest/gather/tests/smoke/targets/directory.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
