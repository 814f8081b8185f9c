//! Env files: what is read can be given to a guest, and a mistake has a line that exists.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::environment::{name_mistake, parse};

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(variables) => {
            for (name, value) in variables {
                assert_eq!(name_mistake(&name), None, "{name:?}");
                assert!(!value.contains('\0'), "{value:?}");
            }
        }
        Err(mistake) => assert!((1..=text.split('\n').count()).contains(&mistake.line), "{mistake:?}"),
    }
});
