//! What a guest's `_routes` prints, and paths against the routes that come of it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pywagi::route::{Pattern, Table, parse_dynamic};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = bytes.splitn(3, |&b| b == 0);
    let mut next = || parts.next().unwrap_or_default();
    let own = String::from_utf8_lossy(next()).into_owned();
    let path = String::from_utf8_lossy(next()).into_owned();
    let Ok(own) = Pattern::parse(&own) else { return };
    let (dynamic, warnings) = parse_dynamic(&own, next());
    assert!(warnings.iter().all(|w| !w.contains('\n')));
    for route in &dynamic {
        // Registered below the module's own route, and a route as if it had been written there.
        assert!(route.pattern.as_str().starts_with(own.script_name().trim_end_matches('/')));
        assert_eq!(Pattern::parse(route.pattern.as_str()).as_ref(), Ok(&route.pattern));
    }
    let mut table = Table::default();
    table.push((own, usize::MAX), dynamic.into_iter().enumerate().map(|(i, d)| (d.pattern, i)).collect());
    if let Some((pattern, _, path_info)) = table.find(&path) {
        assert_eq!(format!("{}{path_info}", pattern.script_name()), path);
    }
});
