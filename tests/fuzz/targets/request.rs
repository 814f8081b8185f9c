//! A request's head as a client sends it: whatever comes, what passes the check is a request that CGI can be made of.

#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use libfuzzer_sys::fuzz_target;
use pywagi::cgi::{self, Matched, Variables};
use pywagi::request::{Scheme, is_token};
use pywagi::route::Pattern;
use pywagi::request::head::{Client, RequestLine, parse};

fuzz_target!(|bytes: &[u8]| {
    let client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), scheme: Scheme::Http, port: 80 };
    let parsed = RequestLine::split(bytes).and_then(|(line, fields)| parse(&line, fields, client, 1 << 20));
    let Ok((request, _)) = parsed else { return };
    assert!(is_token(&request.method), "{:?}", request.method);
    assert!(request.path.bytes().all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#'), "{:?}", request.path);
    for (name, value) in request.headers.iter() {
        assert!(is_token(name), "{name:?}");
        assert!(!value.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)), "{value:?}");
    }
    let pattern = Pattern::parse("/...").expect("a route");
    let Some(path_info) = pattern.path_info(&request.path) else {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("OPTIONS", "*"));
        return;
    };
    let mut variables = Variables::new();
    let matched = Matched { pattern: &pattern, path_info, default_host: ("h", None), pass_authorization: false };
    cgi::set_variables(&mut variables, &request, matched);
    assert_eq!(variables["REQUEST_METHOD"], request.method);
    assert!(variables.keys().all(|name| !matches!(name.as_str(), "HTTP_PROXY" | "HTTP_AUTHORIZATION")));
    let _ = cgi::arguments(None, &request.path, request.query.as_deref());
});
