#![no_main]

#[path = "../../server/tests/smoke/targets/search.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
