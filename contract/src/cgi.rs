//! A request as a CGI program sees it: meta-variables (RFC 3875 4.1) and arguments.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use percent_encoding::percent_decode_str;

use crate::request::{Request, Scheme};
use crate::route::Pattern;

/// Environment variables by name. Sorted, so that the same request always gives the same list.
pub type Variables = BTreeMap<String, String>;

/// The header that only modules with `pass-authorization` are given, in the spelling of [`header_variable`]: it concerns
/// the server (RFC 3875 4.1.18).
const AUTHORIZATION: &str = "HTTP_AUTHORIZATION";

/// Request headers that never become an `HTTP_*` variable. The first concerns the server alone (RFC 3875 4.1.18);
/// `HTTP_PROXY` would redirect a guest's HTTP client (CVE-2016-5385).
const WITHHELD: [&str; 2] = ["HTTP_CONNECTION", "HTTP_PROXY"];

/// The port of a request that no server received: the default of the reference server.
const DEFAULT_PORT: u16 = 3000;

/// The meta-variables that are set for every request, besides `HTTP_*`.
const ALWAYS_SET: [&str; 19] = [
    "AUTH_TYPE",
    "CONTENT_LENGTH",
    "CONTENT_TYPE",
    "GATEWAY_INTERFACE",
    "PATH_INFO",
    "PATH_TRANSLATED",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "REMOTE_USER",
    "REQUEST_METHOD",
    "SCRIPT_NAME",
    "SERVER_NAME",
    "SERVER_PORT",
    "SERVER_PROTOCOL",
    "SERVER_SOFTWARE",
    "X_FULL_URL",
    "X_MATCHED_ROUTE",
    "X_RAW_PATH_INFO",
];

/// Whether every request sets the variable `name`, so that a value given for it elsewhere has no effect.
fn is_always_set(name: &str) -> bool {
    ALWAYS_SET.contains(&name)
}

/// Why giving guests the variable `name` does not do what it says, as the predicate of a sentence about the variable.
pub fn caveat(name: &str) -> Option<&'static str> {
    match name {
        _ if is_always_set(name) => Some("has no effect: every request sets it"),
        // WASI's C library has no time zones.
        "TZ" => Some("does not change local time, which is UTC in the sandbox; use zoneinfo"),
        _ => None,
    }
}

/// The route that a request matched, and the host it was sent to.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'a> {
    /// The route.
    pub pattern: &'a Pattern,
    /// What follows the route in the path, as sent.
    pub path_info: &'a str,
    /// The name and the port that stand in for what the Host header lacks; without a port, the one that the request came
    /// in by.
    pub default_host: (&'a str, Option<u16>),
    /// Whether the guest is given the Authorization header.
    pub pass_authorization: bool,
}

/// Sets the CGI variables of `request`. They replace variables of the same names.
pub fn set_variables(variables: &mut Variables, request: &Request, matched: Matched<'_>) {
    let host = request.headers.get("Host").map(text).unwrap_or_default();
    let (name, port) = split_host(&host);
    let name = name.unwrap_or(matched.default_host.0);
    let port = port.or(matched.default_host.1).or(request.port).unwrap_or(DEFAULT_PORT);
    let query = request.query.as_deref();
    let scheme = request.scheme.as_str();
    let (mark, shown_query) = if query.is_some() { ("?", query.unwrap_or_default()) } else { ("", "") };
    let path_info = percent_decode_str(matched.path_info).decode_utf8_lossy().into_owned();
    let remote = request.remote.map(|address| address.to_string()).unwrap_or_default();

    let mut set = |name: &str, value: &str| {
        variables.insert(name.to_owned(), value.to_owned());
    };
    set("AUTH_TYPE", "");
    set("CONTENT_LENGTH", &request.body.len().to_string());
    set("CONTENT_TYPE", &request.headers.get("Content-Type").map(text).unwrap_or_default());
    set("GATEWAY_INTERFACE", "CGI/1.1");
    set("PATH_INFO", &path_info);
    set("PATH_TRANSLATED", &path_info);
    set("QUERY_STRING", query.unwrap_or_default());
    set("REMOTE_ADDR", &remote);
    set("REMOTE_HOST", &remote);
    set("REMOTE_USER", "");
    set("REQUEST_METHOD", &request.method);
    // With it, SCRIPT_NAME and PATH_INFO are the whole path of the URL (RFC 3875 3.3).
    let mount = percent_decode_str(&request.mount).decode_utf8_lossy();
    set("SCRIPT_NAME", &format!("{mount}{}", matched.pattern.script_name()));
    set("SERVER_NAME", name);
    set("SERVER_PORT", &port.to_string());
    set("SERVER_PROTOCOL", request.protocol.as_str());
    set("SERVER_SOFTWARE", "WAGI/1");
    let (mount, path) = (&request.mount, &request.path);
    set("X_FULL_URL", &format!("{scheme}://{name}:{port}{mount}{path}{mark}{shown_query}"));
    set("X_MATCHED_ROUTE", matched.pattern.as_str());
    set("X_RAW_PATH_INFO", matched.path_info);

    if request.scheme == Scheme::Https {
        set("HTTPS", "on");
    }

    variables.extend(header_variables(request, matched.pass_authorization));
}

/// The `HTTP_*` variables of the request's headers (RFC 3875 4.1.18).
///
/// The values of a header that was sent several times are joined with `, ` (Cookie with `; `, RFC 9113 8.2.3), in the
/// order they were sent.
fn header_variables(request: &Request, pass_authorization: bool) -> Variables {
    let mut variables = Variables::new();
    for (name, value) in request.headers.iter().filter(|(name, _)| !is_ambiguous(name)) {
        let variable = header_variable(name);
        if WITHHELD.contains(&variable.as_str()) || variable == AUTHORIZATION && !pass_authorization {
            continue;
        }
        let separator = if variable == "HTTP_COOKIE" { "; " } else { ", " };
        let value = text(value);
        variables
            .entry(variable)
            .and_modify(|joined| {
                joined.push_str(separator);
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    variables
}

/// Whether a header of this name is dropped: with `_` for `-` it would become the variable of another header, which a
/// proxy may vouch for.
pub fn is_ambiguous(name: &str) -> bool {
    name.contains('_')
}

/// The variable of a header: `HTTP_`, the name upper-cased, `-` as `_`.
pub fn header_variable(name: &str) -> String {
    format!("HTTP_{}", name.to_ascii_uppercase().replace('-', "_"))
}

/// A header value as text, without surrounding white space: decoded as UTF-8 if it is valid UTF-8, else as Latin-1.
fn text(value: &[u8]) -> String {
    let value = value.trim_ascii();
    match core::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    }
}

/// Splits a Host header or a `--hostname` into name and port (RFC 3986 3.2.2, 3.2.3); what is absent or cannot be
/// understood is `None`. An IPv6 address keeps its brackets, as `SERVER_NAME` does (RFC 3875 4.1.14).
pub fn split_host(host: &str) -> (Option<&str>, Option<u16>) {
    let (name, port) = match host.rfind(']') {
        Some(end) if host.starts_with('[') => match host.split_at(end + 1) {
            (name, "") => (name, None),
            (name, rest) => match rest.strip_prefix(':') {
                Some(port) => (name, Some(port)),
                None => return (None, None),
            },
        },
        _ => match host.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (host, None),
        },
    };
    let inside = name.strip_prefix('[').and_then(|n| n.strip_suffix(']'));
    let valid = match inside {
        Some(address) => address.parse::<core::net::Ipv6Addr>().is_ok(),
        // unreserved, pct-encoded and sub-delims of RFC 3986: anything else would make X_FULL_URL ambiguous.
        None => !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=".contains(&b)),
    };
    // `parse` alone would take "+80".
    let port = port.filter(|p| p.bytes().all(|b| b.is_ascii_digit())).and_then(|p| p.parse().ok());
    (valid.then_some(name), port)
}

/// The arguments of a request, `argv[0]` first.
///
/// Without a `template` they are the path and one argument for each `&`-separated piece of the query, as sent. With
/// one, `${SCRIPT_NAME}` becomes the path and then `${ARGS}` the query with spaces for `&`; the result is split on
/// white space. Text that came in with the query is not expanded again.
pub fn arguments(template: Option<&str>, path: &str, query: Option<&str>) -> Vec<String> {
    let Some(template) = template else {
        let pieces = query.into_iter().flat_map(|q| q.split('&'));
        return core::iter::once(path).chain(pieces).map(str::to_owned).collect();
    };
    let words = query.unwrap_or_default().replace('&', " ");
    let expanded = template.replace("${SCRIPT_NAME}", path).replace("${ARGS}", &words);
    expanded.split_whitespace().map(str::to_owned).collect()
}

/// Names the first variable or argument that holds a NUL byte. WASI passes both lists as C strings, which end at a NUL,
/// so a request that would need one is answered with 400.
pub fn find_nul(variables: &[(String, String)], arguments: &[String]) -> Option<String> {
    let variable = variables.iter().find(|(name, value)| name.contains('\0') || value.contains('\0'));
    let argument = arguments.iter().position(|a| a.contains('\0'));
    match (variable, argument) {
        (Some((name, _)), _) => Some(format!("the variable {}", name.replace('\0', "\u{fffd}"))),
        (None, Some(i)) => Some(format!("argument {i}")),
        (None, None) => None,
    }
}

#[cfg(test)]
#[path = "cgi_tests.rs"]
mod tests;
