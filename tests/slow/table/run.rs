//! Runs the table and says of every row that does not hold what it expected and what came.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::app::{GIVEN, Mode, flags};
use super::case::{ABSENT, Case, Expected, Request, Seen};
use crate::support::{Output, Project};

/// What a check finds wrong.
pub type Check = Result<(), String>;

/// Sends every row to one server.
pub fn over_the_socket(mode: Mode, table: &[Case]) {
    let project = mode.app();
    assert_starts_as(mode, &project);
    let mut flags = flags(true);
    flags.extend(mode.cold.then_some("--cold"));
    let server = project.dev(&flags);
    let mut failures = Vec::new();
    for case in table {
        let sent = bytes_of(&case.request);
        let mut connection = server.connect();
        connection.send(&sent);
        // The client has nothing more to send, so that the connection ends whatever was asked for.
        connection.finish();
        let answer = undated(&connection.rest());
        let result = check_answer(mode, case, &answer, Way::Socket).and_then(|()| match case.warning {
            Some(warning) if !server.wait_for_log(warning).contains(warning) => Err(format!("no warning {warning}")),
            _ => Ok(()),
        });
        failures.extend(result.err().map(|why| failure(case, &why)));
    }
    report(table.len(), failures);
}

/// Makes every row's request on a command line of its own, two at a time.
pub fn by_invoke(mode: Mode, table: &[Case]) {
    let project = mode.app();
    assert_starts_as(mode, &project);
    let rows: Vec<_> = table.iter().filter(|case| case.socket_only.is_none()).collect();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(case) = rows.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = invoke(mode, &project, case) {
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure(case, &why));
                    }
                }
            });
        }
    });
    report(rows.len(), failures.into_inner().unwrap_or_else(PoisonError::into_inner));
}

/// Checks that the mode's guests start as it says, so that a table that is run warm is.
fn assert_starts_as(mode: Mode, project: &Project) {
    let invoke = || {
        let mut arguments = vec!["invoke", "/show", "--json", "-q"];
        arguments.extend(mode.cold.then_some("--cold"));
        arguments.extend(flags(false));
        let output = project.pywagi(arguments).output();
        let object: serde_json::Value = serde_json::from_slice(&output.code(0).stdout).expect("an object");
        object["start"]["kind"].as_str().expect("how it started").to_owned()
    };
    // The first of all tests finds no image; it makes the one that the others start from.
    let first = invoke();
    let kind = if mode.cold || first == "warm" { first } else { invoke() };
    assert_eq!(kind, if mode.cold { "cold" } else { "warm" });
}

/// How an answer came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Socket,
    Invoke,
    #[cfg(unix)]
    Cgi,
    Component,
}

fn invoke(mode: Mode, project: &Project, case: &Case) -> Check {
    let Request::Parts { method, target, host, headers, body } = &case.request else {
        return Err("a row for the socket alone".to_owned());
    };
    let mut arguments = vec!["invoke".to_owned(), target.clone(), "-i".to_owned()];
    arguments.extend(["-X".to_owned(), (*method).to_owned()]);
    // As with curl, a header without a value ends in a semicolon.
    let header = |name: &str, value: &str| {
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        ["-H".to_owned(), header]
    };
    arguments.extend(host.iter().flat_map(|host| header("Host", host)));
    arguments.extend(headers.iter().flat_map(|(name, value)| header(name, value)));
    arguments.extend((!body.is_empty()).then(|| ["-d", "@-"].map(str::to_owned)).into_iter().flatten());
    arguments.extend(mode.cold.then(|| "--cold".to_owned()));
    arguments.extend(flags(false).into_iter().map(str::to_owned));
    let output = project.pywagi(&arguments).stdin(body.as_slice()).output();
    check_answer(mode, case, &output.stdout, Way::Invoke).map_err(|why| format!("{why}\n{}", output.stderr_text()))?;
    check_exit(case, &output)
}

/// 3 where the guest failed, 4 where no route or no script is there, else 0; and the warning.
fn check_exit(case: &Case, output: &Output) -> Check {
    let failed = case.warning.is_some_and(|w| w.contains("makes the response a 502"));
    let code = if failed || matches!(case.expected, Expected::Page { .. }) {
        3
    } else if ["No route matches ", "There is no script "]
        .iter()
        .any(|why| output.stdout_text().contains(&format!("\n404 Not Found\n\n{why}")))
    {
        4
    } else {
        0
    };
    if output.code != Some(code) {
        return Err(format!("expected exit code {code}\n{output}"));
    }
    match case.warning {
        Some(warning) if !output.stderr_text().contains(warning) => Err(format!("no warning {warning}\n{output}")),
        _ => Ok(()),
    }
}

/// The bytes that a socket carries.
pub fn bytes_of(request: &Request) -> Vec<u8> {
    match request {
        Request::Raw(bytes) => bytes.clone(),
        Request::Parts { method, target, host, headers, body } => {
            let mut head = format!("{method} {target} HTTP/1.1\r\n");
            let length = (!body.is_empty()).then(|| ("Content-Length", body.len().to_string()));
            let host = host.map(|host| ("Host", host.to_owned()));
            let given = headers.iter().map(|&(name, value)| (name, value.to_owned()));
            for (name, value) in host.into_iter().chain(given).chain(length) {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            [head.as_bytes(), b"\r\n", body].concat()
        }
    }
}

fn check_answer(mode: Mode, case: &Case, answer: &[u8], way: Way) -> Check {
    match &case.expected {
        Expected::Seen(seen) => check_seen(mode, case, seen, answer, way),
        Expected::Answer(expected) => same(expected, answer),
        Expected::Page { name, route, what } => {
            // A module of the app is shown relative to the directory that pywagi runs in.
            let module = if name.ends_with(".wat") { (*name).to_owned() } else { mode.module() };
            let body = format!(
                "500 Internal Server Error\n\n{name} {what}\n\nroute:  {route}\nmodule: {module}\n\n\
                 What it wrote to standard error is in the terminal where pywagi runs.\n"
            );
            let head = "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n";
            let head = format!("{head}Content-Length: {}\r\n\r\n", body.len());
            same(format!("{head}{body}").as_bytes(), answer)
        }
    }
}

/// What a guest told of itself.
struct Told {
    arguments: Vec<String>,
    variables: BTreeMap<String, String>,
    stdin: Vec<u8>,
}

pub fn check_seen(mode: Mode, case: &Case, seen: &Seen, answer: &[u8], way: Way) -> Check {
    let shown = || String::from_utf8_lossy(&answer[..answer.len().min(2000)]).into_owned();
    let ok = answer.starts_with(b"HTTP/1.1 200 OK\r\n") || answer.starts_with(b"HTTP/1.0 200 OK\r\n");
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").filter(|_| ok);
    let body = end.map(|end| &answer[end + 4..]).ok_or_else(|| format!("no answer of show: {}", shown()))?;
    let told =
        told_json(body).or_else(|| told_raw(body)).ok_or_else(|| format!("not what show prints: {}", shown()))?;

    let mut variables: BTreeMap<&str, String> =
        PLAIN.iter().chain(&GIVEN).chain(mode.needed()).map(|&(name, value)| (name, value.to_owned())).collect();
    if way == Way::Invoke {
        // As curl does, unless the request has its own (README, `pywagi invoke`).
        variables.insert("HTTP_USER_AGENT", concat!("pywagi/", env!("CARGO_PKG_VERSION")).to_owned());
        variables.insert("HTTP_ACCEPT", "*/*".to_owned());
    }
    if way == Way::Component {
        // `wasi:http` 0.2 does not tell.
        variables.extend(["REMOTE_ADDR", "REMOTE_HOST"].map(|name| (name, String::new())));
    }
    variables.extend(seen.variables.iter().map(|(name, value)| (*name, value.clone())));
    variables.retain(|_, value| value != ABSENT);
    for (name, value) in &variables {
        if told.variables.get(*name) != Some(value) {
            return Err(format!("expected {name}={value:?}, found {:?}", told.variables.get(*name)));
        }
    }
    if let Some((name, value)) = told.variables.iter().find(|(name, _)| !variables.contains_key(name.as_str())) {
        return Err(format!("unexpected {name}={value:?}"));
    }

    let arguments = seen.arguments.clone().unwrap_or_else(|| vec!["python", "/code/show.py"]);
    if told.arguments != arguments {
        return Err(format!("expected the arguments {arguments:?}, found {:?}", told.arguments));
    }
    if told.stdin != seen.stdin {
        let (found, expected) = (String::from_utf8_lossy(&told.stdin), String::from_utf8_lossy(&seen.stdin));
        return Err(format!("{}: expected the body {expected:?}, found {found:?}", case.rule));
    }
    Ok(())
}

/// What a guest of `/show` sees of a plain GET.
const PLAIN: [(&str, &str); 18] = [
    ("AUTH_TYPE", ""),
    ("CONTENT_LENGTH", "0"),
    ("CONTENT_TYPE", ""),
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("HTTP_HOST", "localhost:3000"),
    ("PATH_INFO", ""),
    ("PATH_TRANSLATED", ""),
    ("REMOTE_ADDR", "127.0.0.1"),
    ("REMOTE_HOST", "127.0.0.1"),
    ("REMOTE_USER", ""),
    ("SCRIPT_NAME", "/show"),
    ("SERVER_NAME", "localhost"),
    ("SERVER_PORT", "3000"),
    ("SERVER_PROTOCOL", "HTTP/1.1"),
    ("SERVER_SOFTWARE", "WAGI/1"),
    ("X_MATCHED_ROUTE", "/show/..."),
    ("X_RAW_PATH_INFO", ""),
    ("REQUEST_METHOD", "GET"),
];

/// What show.py printed.
fn told_json(body: &[u8]) -> Option<Told> {
    let object: serde_json::Value = serde_json::from_slice(body).ok()?;
    let texts = |value: &serde_json::Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
    };
    let (arguments, argv) = (texts(&object["arguments"])?, texts(&object["argv"])?);
    // `python [options] script …`: Python's own view ends as the whole does, from the script on.
    assert!(arguments.ends_with(&argv) && argv.first().is_some_and(|s| s == "/code/show.py"), "{arguments:?} {argv:?}");
    let variables: HashMap<String, String> = serde_json::from_value(object["variables"].clone()).ok()?;
    let stdin = object["stdin"].as_str()?.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
    Some(Told { arguments, variables: variables.into_iter().collect(), stdin })
}

/// What [`wat::shows`](crate::support::wat::shows) printed.
fn told_raw(body: &[u8]) -> Option<Told> {
    let mut parts = body.splitn(3, |&b| b == 0xff);
    let (arguments, variables, stdin) = (parts.next()?, parts.next()?, parts.next()?);
    let texts = |bytes: &[u8]| -> Option<Vec<String>> {
        let text = String::from_utf8(bytes.to_owned()).ok()?;
        Some(text.split_terminator('\0').map(str::to_owned).collect())
    };
    let variables = texts(variables)?;
    let variables = variables.iter().map(|v| v.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())));
    Some(Told { arguments: texts(arguments)?, variables: variables.collect::<Option<_>>()?, stdin: stdin.to_owned() })
}

/// Answers without their Date lines, of which each has one, the only thing in them that no row can foresee.
fn undated(answers: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"\r\nDate: ";
    /// An IMF-fixdate (RFC 9110 5.6.7).
    const LENGTH: usize = "Sun, 06 Nov 1994 08:49:37 GMT".len();
    let mut rest = answers;
    let mut undated = Vec::with_capacity(answers.len());
    // Looked for in what may be heads alone: bodies are as large as they come.
    while let Some(at) = rest[..rest.len().min(1 << 16)].windows(NAME.len()).position(|w| w == NAME) {
        let (before, after) = rest.split_at(at);
        let date = after.get(NAME.len()..NAME.len() + LENGTH).and_then(|d| std::str::from_utf8(d).ok());
        undated.extend_from_slice(before);
        match date.filter(|date| httpdate::parse_http_date(date).is_ok()) {
            Some(_) => rest = &after[NAME.len() + LENGTH..],
            None => {
                undated.extend_from_slice(NAME);
                rest = &after[NAME.len()..];
            }
        }
    }
    undated.extend_from_slice(rest);
    undated
}

fn same(expected: &[u8], found: &[u8]) -> Check {
    let shown = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]));
    if expected == found {
        Ok(())
    } else {
        let lengths = format!("{} bytes expected, {} found", expected.len(), found.len());
        Err(format!("{lengths}\n  expected {}\n  found    {}", shown(expected), shown(found)))
    }
}

pub fn failure(case: &Case, why: &str) -> String {
    format!("{}\n  {}\n  {why}", case.rule, case.shown())
}

#[track_caller]
pub fn report(rows: usize, failures: Vec<String>) {
    assert!(failures.is_empty(), "{} of {rows} rows do not hold:\n\n{}", failures.len(), failures.join("\n\n"));
}
