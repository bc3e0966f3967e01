#![no_main]

#[path = "../../ingest/gather/tests/smoke/targets/notification.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
