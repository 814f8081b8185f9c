//! Preparing a module: a valid one stays valid, and its memory is what its data segments say.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::guest::fuzzing::prepare;
use wasmparser::{Validator, WasmFeatures};

fuzz_target!(|bytes: &[u8]| {
    let valid = Validator::new_with_features(WasmFeatures::default()).validate_all(bytes).is_ok();
    if let Ok(Some(prepared)) = prepare(bytes) {
        assert!(prepared.memory.len() <= prepared.minimum);
        if valid {
            // It may lack the segments that its code names, which is for the compiler to find.
            for payload in wasmparser::Parser::new(0).parse_all(&prepared.wasm) {
                payload.expect("well-formed");
            }
        }
    } else if valid {
        prepare(bytes).expect("a valid module can be read");
    }
});
