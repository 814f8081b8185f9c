//! modules.toml: every mistake has a place inside the text and a remedy.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use pywagi::manifest;

fuzz_target!(|text: &str| {
    match manifest::parse(Path::new("modules.toml"), text) {
        Ok(manifest) => {
            let lines = text.split('\n').count();
            assert!(!manifest.modules.is_empty());
            assert!(manifest.modules.iter().all(|m| (1..=lines).contains(&m.line)));
        }
        Err(error) => {
            let message = error.to_string();
            assert!(error.remedy_text().is_some(), "{message}");
            let place = message.strip_prefix("modules.toml:").expect("the file's name");
            let mut numbers = place.split(':').map_while(|n| n.parse::<usize>().ok());
            let line = numbers.next().unwrap_or_else(|| panic!("no line: {message}"));
            let found = text.split('\n').nth(line - 1).unwrap_or_else(|| panic!("no such line: {message}"));
            if let Some(column) = numbers.next() {
                assert!((1..=found.chars().count() + 1).contains(&column), "no such column: {message}");
            }
        }
    }
});
