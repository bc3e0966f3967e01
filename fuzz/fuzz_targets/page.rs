#![no_main]

#[path = "../../profiles/tests/smoke/targets/page.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::run(data));
