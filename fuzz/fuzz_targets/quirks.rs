#![no_main]

#[path = "../../ingest/conform/tests/smoke/targets/quirks.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
