//! The table answered by a built component, in wasmtime's `wasi:http`. Rows that cannot hold there are named with the reason.

use std::collections::BTreeSet;

use super::app::{GIVEN, Mode, flags};
use super::case::{Case, Expected, Request};
use super::run::{self, Check, Way, bytes_of, failure, report};
use crate::component::server::{Allocator, ComponentServer};
use crate::support::Reply;

/// Why a row cannot hold in a component, if it cannot.
fn exception(case: &Case) -> Option<&'static str> {
    let Request::Parts { target, host, method, headers, .. } = &case.request else {
        return Some("framing is the host's");
    };
    match host {
        None => return Some("a host asks for the Host header of HTTP/1.1"),
        Some(host) if host.parse::<hyper::http::uri::Authority>().is_err() => {
            return Some("a host refuses a Host header that is no authority");
        }
        _ => {}
    }
    if target.parse::<hyper::Uri>().is_err() {
        return Some("a host refuses a target that is no URI");
    }
    if headers.iter().any(|(name, _)| name.starts_with("Proxy-")) {
        return Some("a host keeps headers of proxies to itself");
    }
    if matches!(&case.expected, Expected::Seen(seen) if seen.variables.contains_key("REMOTE_ADDR")) {
        return Some("wasi:http 0.2 does not tell the client's address");
    }
    if target.ends_with("&abort") {
        return Some("abort() ends the instance by a trap, and the host answers");
    }
    if target.starts_with("/options") {
        return Some("its options need another interpreter, so another component");
    }
    if *method == "CONNECT" {
        return Some("a host takes CONNECT for a tunnel");
    }
    None
}

/// Builds the app of the table, and sends it every row that can hold.
pub fn by_component(mode: Mode, table: &[Case]) {
    let project = mode.component_app();
    let mut arguments = vec!["build", "--env-file", "given.env", "--hostname", "default.test:8000", "-q"];
    let names: Vec<_> = flags(false).into_iter().filter_map(|flag| Some(flag.split_once('=')?.0)).collect();
    names.iter().for_each(|name| arguments.extend(["-e", name]));
    project.pywagi(arguments).output().code(0);
    let server = ComponentServer::start(&project.path("app.wasm"), Allocator::OnDemand, &GIVEN);
    let (mut failures, mut tried, mut reasons) = (Vec::new(), 0, BTreeSet::new());
    for case in table {
        if let Some(why) = exception(case) {
            reasons.insert(why);
            continue;
        }
        tried += 1;
        let mut connection = server.connect();
        connection.send(bytes_of(&case.request));
        connection.finish();
        let answer = connection.rest();
        let checked = if answer.is_empty() { Err("no answer".to_owned()) } else { check(mode, case, &answer) };
        failures.extend(checked.err().map(|why| failure(case, &why)));
    }
    assert_eq!(reasons.len(), 9, "reasons that no row has any more, or new ones: {reasons:#?}");
    assert!(tried > 100, "{tried} rows");
    report(tried, failures);
}

fn check(mode: Mode, case: &Case, answer: &[u8]) -> Check {
    match &case.expected {
        Expected::Seen(seen) => run::check_seen(mode, case, seen, answer, Way::Component),
        Expected::Answer(expected) => same(&Reply::parse(expected), &Reply::parse(answer)),
        // In production a page says what went wrong to nobody but the log.
        Expected::Page { .. } => {
            let page = b"500 Internal Server Error\n\nWhat went wrong is in the server's log.\n";
            let reply = Reply::parse(answer);
            match (reply.status(), reply.body.as_slice() == page) {
                (500, true) => Ok(()),
                _ => Err(format!("expected the page of a failure, found {reply:?}")),
            }
        }
    }
}

/// Compares status, fields and body. The reason phrase, the case of names and the order of fields are the host's.
fn same(expected: &Reply, found: &Reply) -> Check {
    let fields = |reply: &Reply| {
        let own = ["connection", "date", "keep-alive"];
        let fields = reply.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        let mut fields: Vec<_> = fields.filter(|(name, _)| !own.contains(&name.as_str())).collect();
        fields.sort();
        fields
    };
    let is_404 = expected.status() == 404;
    let same_body = is_404 || expected.body == found.body;
    let same_fields = is_404 || fields(expected) == fields(found);
    if expected.status() == found.status() && same_body && same_fields {
        Ok(())
    } else {
        Err(format!("expected {expected:?}\n  found    {found:?}"))
    }
}
