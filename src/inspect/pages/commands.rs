//! Commands that make a request again: for curl, for `pywagi invoke`, and in Python.

use std::borrow::Cow;

use super::super::api::url;
use super::super::decode;
use super::super::store::Entry;

/// What the client's program sets by itself.
const OF_CLIENT: [&str; 5] = ["Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"];

/// What curl sends where nothing else is said.
const OF_CURL: [&str; 2] = ["User-Agent", "Accept"];

/// A command for a shell.
pub fn curl(entry: &Entry) -> String {
    let request = &entry.request;
    let mut command = "curl --globoff --path-as-is".to_owned();
    match (request.method.as_str(), entry.request_size) {
        ("HEAD", _) => command.push_str(" --head"),
        ("GET", 0) => {}
        (method, _) => push(&mut command, "-X", method),
    }
    push(&mut command, "", &url(entry));
    headers(entry, &mut command);
    for name in OF_CURL.iter().filter(|name| request.headers.get(name).is_none()) {
        push(&mut command, "-H", &format!("{name}:"));
    }
    if entry.request_size > 0 {
        if request.headers.get("Content-Type").is_none() {
            push(&mut command, "-H", "Content-Type:");
        }
        match body(entry) {
            Some(text) => push(&mut command, "--data-raw", text),
            None => push(&mut command, "--data-binary", &format!("@{}", file_name(entry))),
        }
    }
    command
}

/// A command for a shell, in the app's directory.
pub fn invoke(entry: &Entry) -> String {
    let request = &entry.request;
    let mut command = String::new();
    let text = body(entry);
    // `-d` would read the file that is named after the @.
    let is_piped = text.is_some_and(|text| text.starts_with('@'));
    if let Some(text) = text.filter(|_| is_piped) {
        push(&mut command, "printf %s", text);
        command.push_str(" | ");
    }
    command.push_str("pywagi invoke");
    push(&mut command, "", &url(entry));
    let is_plain = request.method == "GET" && entry.request_size == 0;
    if !is_plain {
        push(&mut command, "-X", &request.method);
    }
    headers(entry, &mut command);
    for name in OF_CURL.iter().filter(|name| request.headers.get(name).is_none()) {
        push(&mut command, "-H", &format!("{name}:"));
    }
    if entry.request_size > 0 {
        if request.headers.get("Content-Type").is_none() {
            push(&mut command, "-H", "Content-Type:");
        }
        match text {
            Some(_) if is_piped => command.push_str(" -d @-"),
            Some(text) => push(&mut command, "-d", text),
            None => push(&mut command, "-d", &format!("@{}", file_name(entry))),
        }
    }
    command
}

/// A program of Python's standard library.
pub fn python(entry: &Entry) -> String {
    let request = &entry.request;
    let whole = url(entry);
    let host = whole.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
    let class = if request.scheme == crate::request::Scheme::Https { "HTTPSConnection" } else { "HTTPConnection" };
    let mut program = format!(
        "import http.client\n\nconnection = http.client.{class}({})\n\
         connection.putrequest({}, {}, skip_host=True, skip_accept_encoding=True)\n",
        literal(host.as_bytes(), false),
        literal(request.method.as_bytes(), false),
        literal(entry.target().as_bytes(), false)
    );
    for (name, value) in
        request.headers.iter().filter(|(name, _)| !is_of_client(name) || name.eq_ignore_ascii_case("Host"))
    {
        program.push_str(&format!(
            "connection.putheader({}, {})\n",
            literal(name.as_bytes(), false),
            literal(value, !value.is_ascii())
        ));
    }
    if entry.request_size == 0 {
        program.push_str("connection.endheaders()\n");
    } else {
        program.push_str(&format!("connection.putheader(\"Content-Length\", \"{}\")\n", entry.request_size));
        let body = match body(entry) {
            Some(text) => literal(text.as_bytes(), true),
            None if request.body.len() == entry.request_size => literal(&request.body, true),
            None => format!("open(\"{}\", \"rb\").read()", file_name(entry)),
        };
        program.push_str(&format!("connection.endheaders({body})\n"));
    }
    program.push_str(
        "response = connection.getresponse()\nprint(response.status, response.reason)\n\
         print(response.read().decode(errors=\"replace\"))\n",
    );
    program
}

/// The body where a command line can hold it.
fn body(entry: &Entry) -> Option<&str> {
    let body = &entry.request.body;
    let is_whole = body.len() == entry.request_size;
    std::str::from_utf8(body).ok().filter(|text| is_whole && !text.contains('\0') && !text.is_empty())
}

/// The name of the file that the page gives the body as.
fn file_name(entry: &Entry) -> String {
    format!("request-{}.bin", entry.id)
}

fn is_of_client(name: &str) -> bool {
    OF_CLIENT.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn headers(entry: &Entry, command: &mut String) {
    for (name, value) in decode::header_pairs(&entry.request.headers) {
        if !is_of_client(&name) {
            let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
            push(command, "-H", &header);
        }
    }
}

/// Appends a flag with its value, quoted for a POSIX shell.
fn push(command: &mut String, flag: &str, value: &str) {
    for word in [flag, &shell_words::quote(value)].into_iter().filter(|word| !word.is_empty()) {
        if !command.is_empty() && !command.ends_with(' ') {
            command.push(' ');
        }
        command.push_str(word);
    }
}

/// Bytes as a literal of Python.
fn literal(bytes: &[u8], is_bytes: bool) -> String {
    let mut text = if is_bytes { "b\"".to_owned() } else { "\"".to_owned() };
    for byte in bytes {
        let written: Cow<'_, str> = match byte {
            b'\\' => r"\\".into(),
            b'"' => r#"\""#.into(),
            b'\n' => r"\n".into(),
            b'\r' => r"\r".into(),
            b' '..=b'~' => char::from(*byte).to_string().into(),
            byte => format!("\\x{byte:02x}").into(),
        };
        text.push_str(&written);
    }
    text.push('"');
    text
}
