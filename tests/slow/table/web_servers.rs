//! The table behind web servers: what they leave to `pywagi cgi`.

use std::io::Write;

use super::WARM;
use super::app::flags;
use super::case::{Case, Expected, Request};
use super::run::{Check, Way, check_seen, failure, report};
use crate::support::part::part;
use crate::support::web_server::{Kind, WebServer};
use crate::support::{Reply, binary};

/// Makes every row's request that a server passes on.
pub fn behind(kind: Kind, table: Vec<Case>) {
    let project = WARM.app();
    let program = project.path("app.cgi");
    let mut given = flags(false);
    let hostname = given.iter().position(|flag| *flag == "--hostname").expect("a host of its own");
    // That is the server's word here.
    given.drain(hostname..hostname + 2);
    let given = shell_words::join(given);
    let modules = project.path("modules.toml");
    project.write("app.cgi", format!("#!/bin/sh\nexec '{}' cgi {given} '{}'\n", binary().display(), modules.display()));
    crate::cgi::servers::make_executable(&program);
    let Some(server) = WebServer::start(kind, &project, "", "app.cgi") else { return };
    let whole = table.len();
    let rows: Vec<_> = table.into_iter().filter(|case| !is_the_servers(kind, case)).collect();
    let _ = writeln!(std::io::stderr(), "{kind:?} passes on {} of {whole} rows", rows.len());
    assert!(rows.len() > 240, "{} rows", rows.len());
    let rows = part(&format!("the table behind {kind:?}"), rows, 6, 2 * usize::from(kind == Kind::Apache), |_| false);
    let failures: Vec<_> =
        rows.iter().filter_map(|case| check(&server, case).err().map(|why| failure(case, &why))).collect();
    report(rows.len(), failures);
}

/// Whether the server decides what becomes of a request, or of an answer, in a way of its own.
fn is_the_servers(kind: Kind, case: &Case) -> bool {
    let Request::Parts { method, target, headers, body, .. } = &case.request else { return true };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let lower = path.to_ascii_lowercase();
    let is_odd = |name: &str| !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    // Which hosts it answers for is its configuration; it takes no method that it does not know.
    let is_host = case.socket_only.is_some() || case.rule.contains("SERVER_NAME, SERVER_PORT");
    let is_unknown = !["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"].contains(method);
    // It collapses slashes and dots, decodes what it likes, and a part of a path may be a file's name to it.
    let is_normalized = ["//", "/.", "%2e", "%2f", "%0", "%ff"].iter().any(|part| lower.contains(part))
        || path.split('%').skip(1).any(|code| !code.bytes().take(2).all(|b| b.is_ascii_hexdigit()) || code.len() < 2)
        || path.len() > 4096
        || path == "*";
    // As variables, their names are as those with `-`; a variable that is empty is none; two are joined in another way.
    let is_dropped = headers.iter().any(|(name, value)| is_odd(name) || value.is_empty() || *name == "cookie");
    let is_of_kind = match kind {
        // It asks for the length of an empty body, too, which the row does not send.
        Kind::Lighttpd => {
            let is_seen = matches!(case.expected, Expected::Seen(_));
            (*method == "GET" && !body.is_empty() || *method == "POST" && body.is_empty() && is_seen)
                || query.contains(['{', '|', '\\'])
                || query.contains("%ff")
        }
        // Credentials are given to programs only by `CGIPassAuth On`; a time that is none is not sent.
        Kind::Apache => {
            let withheld = headers.iter().any(|(name, _)| name.ends_with("Authorization"));
            withheld && path != "/show"
                || headers.iter().any(|(name, _)| name.starts_with("Proxy-"))
                || case.rule.ends_with(" 8.8.2")
        }
    };
    // One of them is sent in `tests/slow/cgi`.
    let is_large = body.len() > 1 << 20 || path == "/large";
    let is_length = headers.iter().any(|(name, _)| *name == "Content-Length");
    is_host || is_unknown || is_normalized || is_dropped || is_of_kind || is_length || is_large
}

fn check(server: &WebServer, case: &Case) -> Check {
    let Request::Parts { method, target, host, headers, body } = &case.request else {
        return Err("a row for the socket alone".to_owned());
    };
    let mut lines: Vec<_> = host.iter().map(|host| format!("Host: {host}")).collect();
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !body.is_empty() || *method == "POST" {
        lines.push(format!("Content-Length: {}", body.len()));
    }
    let reply = server.request(&format!("{method} {target}"), &lines, body);
    match &case.expected {
        Expected::Seen(seen) => {
            let head = format!("HTTP/1.1 {} {}\r\n\r\n", reply.status(), if reply.status() == 200 { "OK" } else { "" });
            check_seen(WARM, case, seen, &[head.as_bytes(), &reply.body].concat(), Way::Cgi)
        }
        Expected::Answer(expected) => same(&Reply::parse(expected), &reply),
        Expected::Page { name, what, .. } => {
            let found = (reply.status(), reply.text());
            if found != (500, "500 Internal Server Error\n".to_owned()) {
                return Err(format!("no terse page: {found:?}"));
            }
            let logged = format!("{method} {target}: {name} {}", what.lines().next().unwrap_or_default());
            server.wait_for_log(&logged);
            Ok(())
        }
    }
}

/// Compares what is not the server's of an answer: it may word the reason, and order, frame and date the rest itself.
fn same(expected: &Reply, found: &Reply) -> Check {
    const OWN: [&str; 8] =
        ["accept-ranges", "connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "vary"];
    let fields = |reply: &Reply| {
        let fields = reply.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
        let mut all: Vec<(String, String)> = Vec::new();
        for (name, value) in fields.filter(|(name, value)| !OWN.contains(&name.as_str()) && !value.is_empty()) {
            match all.iter_mut().find(|(known, _)| *known == name && name != "set-cookie") {
                Some((_, values)) => *values = format!("{values}, {value}"),
                None => all.push((name, value)),
            }
        }
        all.sort();
        all
    };
    // The pages that pywagi makes say no more than the status.
    let page = expected.line.split_once(' ').map(|(_, status)| format!("{status}\n"));
    let is_page =
        expected.status() >= 400 && page.as_ref().is_some_and(|page| expected.body.starts_with(page.as_bytes()));
    let body = if is_page { page.unwrap_or_default().into_bytes() } else { expected.body.clone() };
    let (wanted, came) = ((expected.status(), fields(expected), &body), (found.status(), fields(found), &found.body));
    if wanted == came { Ok(()) } else { Err(format!("expected {wanted:.2000?}\n  found    {came:.2000?}")) }
}
