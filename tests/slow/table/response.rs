//! What a guest prints and what the client is answered (wagi.md Response; RFC 3875 6, RFC 9110, RFC 9112 4).

use super::case::{Case, answers, case};

/// The rows.
pub fn rows() -> Vec<Case> {
    let mut rows = good();
    rows.extend(statuses());
    rows.extend(dropped());
    rows.extend(lengths());
    rows.extend(once());
    rows.extend(failures());
    rows.extend(head());
    rows
}

fn good() -> Vec<Case> {
    let typed = "wagi.md Response, Content-Type; RFC 3875 6.3.1";
    let ends = "wagi.md Response, lines end in LF or CRLF; RFC 3875 6.2";
    let body = "wagi.md Response, the body is bytes, kept exactly; RFC 3875 6.4";
    let other = "wagi.md Response, any other header; RFC 3875 6.3.4, 6.3.5";
    let own = "wagi.md Response, the server sets these itself; RFC 9110 8.6, 7.6.1, 6.6.1";
    let location = "wagi.md Response, Location; RFC 3875 6.2.3, 6.3.2";
    vec![
        case("wagi.md Response; WASI fd_write, all buffers", "GET /buffers")
            .answered("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nthree"),
        answers(
            typed,
            "Content-Type: a/b\n\nbody",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\nbody",
        ),
        answers(typed, "content-TYPE:a/b\n\n", "HTTP/1.1 200 OK\r\ncontent-TYPE: a/b\r\nContent-Length: 0\r\n\r\n"),
        answers(
            typed,
            "Content-Type: \t a/b; c=\"d e\" \t\n\nx",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b; c=\"d e\"\r\nContent-Length: 1\r\n\r\nx",
        ),
        answers(typed, "Content-Type:\n\nx", "HTTP/1.1 200 OK\r\nContent-Type: \r\nContent-Length: 1\r\n\r\nx"),
        answers(
            ends,
            "Content-Type: a/b\r\nX: y\r\n\r\nbody",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX: y\r\nContent-Length: 4\r\n\r\nbody",
        ),
        answers(
            ends,
            "Content-Type: a/b\r\nX: y\n\r\nbody",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX: y\r\nContent-Length: 4\r\n\r\nbody",
        ),
        answers(
            ends,
            "Content-Type: a/b\nX: y\r\n\nbody",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX: y\r\nContent-Length: 4\r\n\r\nbody",
        ),
        answers(
            body,
            b"Content-Type: a/b\n\n\r\n\n\0\xff\r\n\n",
            b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 8\r\n\r\n\r\n\n\0\xff\r\n\n",
        ),
        answers(
            body,
            "Content-Type: a/b\n\nX: y\n\nz",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 7\r\n\r\nX: y\n\nz",
        ),
        answers(body, "Content-Type: a/b\n\n\n", "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\n\n"),
        answers(
            "wagi.md Response, repeated headers are all kept, in order; RFC 6265 3, RFC 9110 5.3",
            "Set-Cookie: a=1\nContent-Type: a/b\nset-cookie: b=2; Path=/\nX: 1\nX: 2\nSet-Cookie: a=3\n\n",
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nContent-Type: a/b\r\nset-cookie: b=2; Path=/\r\nX: 1\r\nX: 2\r\n\
             Set-Cookie: a=3\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            other,
            "Content-Type: a/b\nX-Colons: a:b: c\nX-Empty:\nSERVER: mine\n\n",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX-Colons: a:b: c\r\nX-Empty: \r\nSERVER: mine\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            other,
            "Content-Type: a/b\nX-CGI-Thing: x\nWWW-Authenticate: Basic realm=\"a\"\n\n",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX-CGI-Thing: x\r\nWWW-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            "RFC 9110 5.6.2",
            "Content-Type: a/b\n!#$%&'*+-.^_`|~09: x\n\n",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n!#$%&'*+-.^_`|~09: x\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            "wagi.md Response; RFC 9110 5.5",
            b"Content-Type: a/b\nX: caf\xe9 \xc3\xa9 \xff\n\n",
            b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX: caf\xe9 \xc3\xa9 \xff\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            "RFC 9110 5.5",
            "Content-Type: a/b\nX: a\tb\n\n",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nX: a\tb\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            own,
            "Content-Type: a/b\nContent-Length: 4\n\nbody",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\nbody",
        ),
        answers(
            own,
            "Content-Type: a/b\nTransfer-Encoding: chunked\n\n4\r\nbody\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 14\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
        )
        .warned("ignored the header line \"Transfer-Encoding: chunked\": the body is sent as it was printed"),
        answers(
            own,
            "Content-Type: a/b\nConnection: close\nDATE: never\n\nx",
            "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\n\r\nx",
        ),
        answers(
            location,
            "Location: /there\n\n",
            "HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            location,
            "Location: http://other.test/x?y#z\n\nmoved",
            "HTTP/1.1 302 Found\r\nLocation: http://other.test/x?y#z\r\nContent-Length: 5\r\n\r\nmoved",
        ),
        answers(
            location,
            "Content-Type: a/b\nlocation: /there\n\n",
            "HTTP/1.1 302 Found\r\nContent-Type: a/b\r\nlocation: /there\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            location,
            "Location: /there\nStatus: 301\n\n",
            "HTTP/1.1 301 Moved Permanently\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n",
        ),
        answers(
            location,
            "Status: 201 Created\nLocation: /new\n\n",
            "HTTP/1.1 201 Created\r\nLocation: /new\r\nContent-Length: 0\r\n\r\n",
        ),
        // No server's own redirect: a path is answered as any Location (wagi.md; RFC 3875 6.2.2 lets servers differ).
        answers(
            location,
            "Location: relative\n\n",
            "HTTP/1.1 302 Found\r\nLocation: relative\r\nContent-Length: 0\r\n\r\n",
        ),
    ]
}

fn statuses() -> Vec<Case> {
    let status = "wagi.md Response, Status; RFC 3875 6.3.3";
    let reason = "RFC 9112 4, RFC 3875 6.3.3";
    let without = "RFC 9110 8.6, RFC 9112 6.3";
    let mut rows: Vec<Case> = [
        (status, "Status: 204 No Content", "204 No Content", None),
        (status, "Status: 404 Not Found", "404 Not Found", Some(4)),
        (status, "STATUS:418 I'm a teapot", "418 I'm a teapot", Some(4)),
        (status, "Status: 200", "200 OK", Some(4)),
        (status, "Status: 503", "503 Service Unavailable", Some(4)),
        (reason, "Status: 404 Nothing Like It", "404 Nothing Like It", Some(4)),
        (reason, "Status: 200 \t ", "200 OK", Some(4)),
        (reason, "Status: \t299\t Very  Fine ", "299 Very  Fine", Some(4)),
        // Not registered, so the phrase is empty; the space before it stays.
        (reason, "Status: 299", "299 ", Some(4)),
        (reason, "Status: 999", "999 ", Some(4)),
        (reason, "Status: 200 Schön", "200 Schön", Some(4)),
        (without, "Status: 304", "304 Not Modified", None),
        ("RFC 9110 15.3.6", "Status: 205", "205 Reset Content", Some(0)),
    ]
    .into_iter()
    .map(|(rule, line, answered, length)| {
        let length: Option<usize> = length;
        let head = length.map(|n| format!("Content-Length: {n}\r\n")).unwrap_or_default();
        let body = if length == Some(4) { "body" } else { "" };
        let row = answers(rule, format!("{line}\n\nbody"), format!("HTTP/1.1 {answered}\r\n{head}\r\n{body}"));
        // invoke prints what the guest printed below the head, whatever HTTP makes of it.
        if body.is_empty() { row.socket_only("without a connection there is no end of a head to keep") } else { row }
    })
    .collect();
    let bad = "wagi.md Response, Status that is no number from 100 to 999";
    let none = "makes the response a 502: `Status` is not a number from 100 to 999";
    let interim = "makes the response a 502: `Status` is below 200, which only an interim response has";
    let invalid = [
        ("", none),
        ("OK", none),
        ("99", none),
        ("1000", none),
        ("0200", none),
        ("+200", none),
        ("-1", none),
        ("2e2", none),
        ("200OK", none),
        ("2 00", none),
        ("٢٠٠", none),
        ("100", interim),
        ("101 Switching Protocols", interim),
        ("103 Early Hints", interim),
        ("199", interim),
    ];
    rows.extend(invalid.into_iter().map(|(value, warning)| {
        let rule = if warning == none { bad } else { "RFC 9110 15.2" };
        let output = format!("X: 1\nStatus: {value}\nSet-Cookie: a\n\nas printed");
        let answer = "HTTP/1.1 502 Bad Gateway\r\nX: 1\r\nSet-Cookie: a\r\nContent-Length: 10\r\n\r\nas printed";
        answers(rule, output, answer).warned(warning)
    }));
    rows.push(
        answers(
            "RFC 3875 6.3.3; wagi.md Response, Status",
            "Status: 200 First\nStatus: 404 Last\n\nbody",
            "HTTP/1.1 404 Last\r\nContent-Length: 4\r\n\r\nbody",
        )
        .warned("\"Status: 404 Last\" sets the status again: the last `Status` counts"),
    );
    rows
}

/// Lines that are no header; what stands around them stands.
fn dropped() -> impl Iterator<Item = Case> {
    let rule = "wagi.md Response, that line is dropped with a warning";
    let stray = "wagi.md Response, a second header with a stray CR; RFC 9110 5.5";
    let colon = ": it has no colon";
    let name = "is not a valid header name";
    let control = ": the value contains a control character";
    [
        (rule, "hello", format!("\"hello\"{colon}")),
        (rule, "HTTP/1.1 200 OK", format!("\"HTTP/1.1 200 OK\"{colon}")),
        // Folding is not spoken any more (RFC 9112 5.2).
        ("RFC 9112 5.2", " folded", format!("\" folded\"{colon}")),
        ("RFC 9112 5.2", "\tX: folded", format!("\"\\tX: folded\": \"\\tX\" {name}")),
        ("RFC 9112 5.1", "X : y", format!("\"X : y\": \"X \" {name}")),
        (rule, ": y", format!("\": y\": \"\" {name}")),
        (rule, "A(B: y", format!("\"A(B: y\": \"A(B\" {name}")),
        (rule, "É: y", format!("\"É: y\": \"É\" {name}")),
        (stray, "X: a\rSet-Cookie: evil", format!("\"X: a\\rSet-Cookie: evil\"{control}")),
        (stray, "X: a\r\r", format!("\"X: a\\r\"{control}")),
        (stray, "Status: 200 a\rX: b", format!("\"Status: 200 a\\rX: b\"{control}")),
        (stray, "X\r: b", format!("\"X\\r: b\": \"X\\r\" {name}")),
        ("RFC 9110 5.5", "X: a\0b", format!("\"X: a\\0b\"{control}")),
        ("RFC 9110 5.5", "X: \u{1b}[2J", format!("\"X: \\u{{1b}}[2J\"{control}")),
        ("RFC 9110 5.5", "X: \u{7f}", format!("\"X: \\u{{7f}}\"{control}")),
    ]
    .into_iter()
    .map(|(rule, line, warning)| {
        let output = format!("Content-Type: a/b\n{line}\nY: z\n\nbody");
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nY: z\r\nContent-Length: 4\r\n\r\nbody";
        answers(rule, output, answer).warned(format!("dropped the header line {warning}").leak())
    })
}

/// What a script says of its body's length; the body is `body`.
fn lengths() -> impl Iterator<Item = Case> {
    let rule = "wagi.md Response, the server sets these itself, and warns where what the script said was wrong";
    [
        ("Content-Length: 999", "\"Content-Length: 999\": the body has 4 bytes"),
        ("CONTENT-LENGTH:1", "\"CONTENT-LENGTH:1\": the body has 4 bytes"),
        ("Content-Length: 4x", "\"Content-Length: 4x\": it is not a number of bytes"),
        ("Content-Length: -4", "\"Content-Length: -4\": it is not a number of bytes"),
        ("Content-Length:", "\"Content-Length:\": it is not a number of bytes"),
        ("Content-Length: 99999999999999999999", "\"Content-Length: 99999999999999999999\": the body has 4 bytes"),
        ("Content-Length: 4\ncontent-length: 4", "\"content-length: 4\": the length was given before"),
    ]
    .into_iter()
    .map(move |(lines, warning)| {
        let output = format!("{lines}\nContent-Type: a/b\n\nbody");
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\nbody";
        answers(rule, output, answer).warned(format!("ignored the header line {warning}").leak())
    })
}

/// Headers that HTTP allows once, printed twice.
fn once() -> impl Iterator<Item = Case> {
    [
        ("Content-Type", "RFC 9110 8.3"),
        ("Content-Location", "RFC 9110 8.7"),
        ("Last-Modified", "RFC 9110 8.8.2"),
        ("ETag", "RFC 9110 8.8.3"),
        ("Retry-After", "RFC 9110 10.2.3"),
        ("Server", "RFC 9110 10.2.4"),
        ("Content-Range", "RFC 9110 14.4"),
        ("Age", "RFC 9111 5.1"),
        ("Expires", "RFC 9111 5.3"),
    ]
    .into_iter()
    .map(|(name, rule)| {
        let again = name.to_ascii_lowercase();
        let output = format!("Status: 200\n{name}: one\nX: 1\n{name}: two\nX: 2\n{again}: three\n\n");
        let answer = format!("HTTP/1.1 200 OK\r\nX: 1\r\nX: 2\r\n{again}: three\r\nContent-Length: 0\r\n\r\n");
        answers(rule, output, answer)
            .warned(format!("\"{again}: three\" replaces an earlier `{again}`, which HTTP allows once").leak())
    })
    .chain([answers(
        "wagi.md Response, Location; RFC 9110 10.2.2",
        "Location: /one\nLocation: /two\n\n",
        "HTTP/1.1 302 Found\r\nLocation: /two\r\nContent-Length: 0\r\n\r\n",
    )
    .warned("\"Location: /two\" replaces an earlier `Location`, which HTTP allows once")])
}

/// What is not a response, and guests that fail.
fn failures() -> impl Iterator<Item = Case> {
    let none = "wagi.md Response, none of Content-Type, Status, Location; RFC 3875 6.2";
    let no_headers = "there is no Content-Type, Status or Location header before the first empty line";
    let print_type = "help: print a Content-Type header and an empty line before the body";
    let unfinished = "there is no empty line after the headers";
    let print_line = "help: print an empty line between the headers and the body: print()";
    let malformed = [
        (
            "",
            "it wrote nothing to standard output",
            "",
            "help: print a Content-Type header, an empty line, then the body",
        ),
        ("Hello\n", no_headers, "\"Hello\\n\"", print_type),
        ("X: y\n\nbody", no_headers, "\"X: y\\n\\nbody\"", print_type),
        ("Content-Type: a/b", unfinished, "\"Content-Type: a/b\"", print_line),
        ("Content-Type: a/b\nStatus: 200\n", unfinished, "\"Content-Type: a/b\\nStatus: 200\\n\"", print_line),
        (
            "\nContent-Type: a/b\n\n",
            "the output begins with an empty line, so it has no headers",
            "\"\\nContent-Type: a/b\\n\\n\"",
            "help: print the Content-Type header before anything else",
        ),
        (
            "early\n\nContent-Type: a/b\n\n",
            "other output comes before the headers",
            "\"early\\n\\nContent-Type: a/b\\n\\n\"",
            "help: print the headers first, and flush them (sys.stdout.flush()) before writing to sys.stdout.buffer",
        ),
    ];
    let malformed = malformed.into_iter().map(move |(output, missing, start, help)| {
        let start = if start.is_empty() { String::new() } else { format!("  its output begins with {start}\n") };
        let what = format!("did not print a valid response: {missing}\n{start}  {help}");
        answers(none, output, "").failed("/code/answer.py", "/answer", what)
    });
    let ended = "wagi.md Response, a guest that traps, exits with a code other than 0, or raises";
    let place = "\n  at File \"/code/end.py\", line 7, in <module>";
    let trapped = "trapped: wasm `unreachable` instruction executed";
    let failed = [
        ("raise", format!("failed with exit code 1: ValueError: no luck{place}")),
        ("exit&3", "failed with exit code 3".to_owned()),
        ("exit&255", "failed with exit code 255".to_owned()),
        ("_exit&4", "failed with exit code 4".to_owned()),
        ("words", "failed with exit code 1\n  its standard error ends with \"said in words\"".to_owned()),
        ("syntax", "failed with exit code 1: SyntaxError: invalid syntax\n  at File \"<string>\", line 1".to_owned()),
        // An exception that was handled and logged did not end the script.
        ("handled&3", "failed with exit code 3".to_owned()),
        ("handled&1", "failed with exit code 1".to_owned()),
        ("handled&abort", format!("{trapped}\n  at File \"/code/end.py\", line 22, in <module>")),
        (
            "handled&raise",
            "failed with exit code 1: LookupError: not handled\n  at File \"/code/end.py\", line 24, in <module>"
                .to_owned(),
        ),
    ];
    let failed = failed
        .into_iter()
        .map(move |(query, what)| case(ended, &format!("GET /end-by?{query}")).failed("/code/end.py", "/end-by", what));
    let done = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\ndone\n";
    let success = ["exit&0", "_exit&0", "nothing", "handled&0"];
    let success = success.into_iter().map(move |query| {
        case("wagi.md Response, exit code 0 is success", &format!("GET /end-by?{query}")).answered(done)
    });
    malformed.chain(failed).chain(success).chain([case(ended, "GET /trap").failed("trap.wat", "/trap", trapped)])
}

fn head() -> Vec<Case> {
    let rule = "wagi.md Response, HEAD; RFC 9110 9.3.2";
    let fixed = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Fixed: yes\r\nContent-Length: 5\r\n\r\n";
    vec![
        case(rule, "GET /fixed").answered(format!("{fixed}body\n")),
        case(rule, "HEAD /fixed").answered(fixed),
        case(rule, "HEAD /fixed/below?query").answered(fixed),
        case(rule, "HEAD /fixed").header("Accept", "*/*").answered(fixed),
        // Only HEAD is: methods are compared with case (RFC 9110 9.1).
        case("RFC 9110 9.1", "head /fixed").answered(format!("{fixed}body\n")),
    ]
}
