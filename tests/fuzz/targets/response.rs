//! What a guest prints: a response can neither inject a header nor lose a byte of the body.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::request::is_token;
use pywagi::response::parse;
use pywagi::response::head::plain_head;

fuzz_target!(|stdout: &[u8]| {
    let parsed = parse(stdout.to_vec(), false);
    assert!(parsed.warnings.iter().all(|w| !w.contains('\n') && w.len() < 1000), "{:?}", parsed.warnings);
    let response = match parsed.response {
        Ok(response) => response,
        Err(malformed) => {
            assert!(!malformed.start.contains('\n'), "{malformed:?}");
            return;
        }
    };
    assert!((100..=999).contains(&response.status));
    assert!(stdout.ends_with(&response.body));
    for (name, value) in response.headers.iter() {
        assert!(is_token(name), "{name:?}");
        assert!(!value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)), "{value:?}");
    }
    // The status line, a line for each field, one for Content-Length at most, and the empty one.
    let head = plain_head(&response);
    let lines = head.split(|&b| b == b'\n').count() - 1;
    let most = response.headers.iter().count() + 3;
    assert!(lines == most || lines + 1 == most, "{:?}", String::from_utf8_lossy(&head));
});
