//! See the function of that name in `src/fuzzing`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| density_exporter::fuzzing::run("token", data));
