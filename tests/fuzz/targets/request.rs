//! A request's head as tiny_http gives it: whatever comes, what passes the check is a request that CGI can be made of.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use libfuzzer_sys::fuzz_target;
use pywagi::cgi::{self, Matched, Variables};
use pywagi::request::{Headers, Scheme, is_token};
use pywagi::route::Pattern;
use pywagi::server::fuzzing::Head;

/// Splits bytes as a client would send them; each byte becomes a character, so that every value can occur.
fn head(bytes: &[u8]) -> Head {
    let text: String = bytes.iter().copied().map(char::from).collect();
    let mut lines = text.split('\n');
    let mut words = lines.next().unwrap_or_default().splitn(3, ' ').map(str::to_owned);
    let mut headers = Headers::default();
    let mut version = (1, 1);
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if let Some(digits) = words.next().filter(|w| w.len() == 2) {
        version = (digits.as_bytes()[0] % 4, digits.as_bytes()[1] % 4);
    }
    for line in lines {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        headers.push(name, value.trim());
    }
    Head { method, target, version, headers, scheme: Scheme::Http, remote: IpAddr::V4(Ipv4Addr::LOCALHOST) }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok((request, _)) = head(bytes).check(1 << 20) else { return };
    assert!(is_token(&request.method), "{:?}", request.method);
    assert!(request.path.starts_with('/') && !request.path.contains('?'), "{:?}", request.path);
    for (name, value) in request.headers.iter() {
        assert!(is_token(name), "{name:?}");
        assert!(!value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)), "{value:?}");
    }
    let pattern = Pattern::parse("/...").expect("a route");
    let path_info = pattern.path_info(&request.path).expect("this route takes every path");
    let mut variables = Variables::new();
    cgi::set_variables(&mut variables, &request, Matched { pattern: &pattern, path_info, default_host: ("h", 1) });
    assert_eq!(variables["REQUEST_METHOD"], request.method);
    assert!(variables.keys().all(|name| !matches!(name.as_str(), "HTTP_PROXY" | "HTTP_AUTHORIZATION")));
    let _ = cgi::arguments(None, &request.path, request.query.as_deref());
});
