//! Clients that stall, crowd, never read or send too much: the others go on being answered.

#[cfg(unix)]
use crate::support::Connection;
use crate::support::{DevServer, ONE, Project, wat};

/// A server whose guest answers with the request's body.
fn echoing(flags: &[&str]) -> DevServer {
    Project::new(ONE).file("guest.wat", wat::echo()).dev(flags)
}

/// Checks that a new client is answered.
#[track_caller]
fn answers(server: &DevServer) {
    assert_eq!(server.request("POST /", &["Content-Length: 2"], b"ok").text(), "ok");
}

/// Sends a request on an open connection and checks its answer.
#[cfg(unix)]
#[track_caller]
fn answers_on(connection: &mut Connection) {
    connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(connection.reply(true).text(), "ok");
}

#[test]
fn a_crowd_that_stalls_keeps_nobody_out() {
    let server = echoing(&[]);
    // More than may be connected, in each place where a client can stall.
    let starts = [
        "",
        "POST / HT",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    ];
    let mut crowd = Vec::new();
    for start in starts.iter().cycle().take(400) {
        let mut stalled = server.connect();
        stalled.send(start);
        crowd.push(stalled);
    }
    for _ in 0..3 {
        answers(&server);
    }
    // Those who stalled longest had to go, without an answer; the last ones are still there.
    assert_eq!(crowd[1].rest(), b"");
    let last = crowd.last_mut().expect("a client");
    last.send("cde\r\n0\r\n\r\n");
    assert_eq!(last.reply(true).text(), "abcde");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[cfg(unix)]
#[test]
fn a_crowd_is_borne_where_few_files_may_be_open() {
    let project = Project::new(ONE).file("guest.wat", wat::echo());
    let server = DevServer::start_after(&project, "ulimit -n 60", &[]);
    let mut first = server.connect();
    answers_on(&mut first);
    let crowd: Vec<_> = (0..100).map(|_| server.connect()).collect();
    for _ in 0..3 {
        answers(&server);
    }
    drop(crowd);
    let mut last = server.connect();
    for _ in 0..2 {
        answers_on(&mut last);
    }
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_without_a_file_for_a_client_says_so_and_goes_on_when_it_has_one() {
    let server = echoing(&[]);
    let before = server.limit_files(server.open_files() as u64);
    let crowd: Vec<_> = (0..9).map(|_| server.connect()).collect();
    server.wait_for_log(&format!(
        "error: {} accepts no connections for the moment: Too many open files (os error 24)\n  \
         help: close some clients; with too many open files, raise their limit (`ulimit -n`)\n",
        server.address
    ));
    drop(crowd);
    server.limit_files(before);
    answers(&server);
}

#[test]
fn heads_are_bounded() {
    let large = "the request's headers are larger than the limit of 64 KiB; --max-head raises it";
    let long = "the request line is longer than the limit of 64 KiB; --max-head raises it";
    let server = echoing(&[]);
    let many: String = (0..10_000).map(|i| format!("X-{i}: {i}\r\n")).collect();
    for (request, line, why) in [
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n"), "431 Request Header Fields Too Large", large),
        (format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(1 << 20)), "431 Request Header Fields Too Large", large),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(1 << 20)), "414 URI Too Long", long),
        // Without an end.
        ("x".repeat(100_000), "414 URI Too Long", long),
        // Empty lines before a request.
        ("\r\n".repeat(500_000), "431 Request Header Fields Too Large", large),
    ] {
        let mut connection = server.connect();
        connection.send(&request);
        let reply = connection.reply(true);
        assert_eq!(reply.line, format!("HTTP/1.1 {line}"));
        assert_eq!(reply.text(), format!("{line}\n{why}\n"));
        server.wait_for_log(&format!(" - - {} {why}\n", reply.status()));
    }
    answers(&server);
    // To the byte, and by the flag.
    let server = echoing(&["--max-head", "100"]);
    let get = |length: usize| {
        let head = "GET / HTTP/1.1\r\nConnection: close\r\nX: ";
        format!("{head}{}\r\n\r\n", "x".repeat(length - head.len() - 4))
    };
    assert!(server.raw(get(100)).starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(server.raw(get(101)).starts_with(b"HTTP/1.1 431 Request Header Fields Too Large\r\n"));
}

#[test]
fn a_client_that_reads_slowly_delays_nobody() {
    let server = echoing(&[]);
    let body: Vec<u8> = (0..=255).cycle().take(20_000_000).collect();
    let mut slow = server.connect();
    slow.send(format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len()));
    slow.send(&body);
    // The answer is more than the sockets hold, and nobody reads it yet.
    server.wait_for_log(" 20000000 B ");
    for _ in 0..3 {
        answers(&server);
    }
    assert!(slow.reply(true).body == body);
}

#[test]
fn a_head_that_does_not_come_in_time_is_answered_so() {
    let server = echoing(&[]);
    let mut silent = server.connect();
    let mut stalled = server.connect();
    stalled.send("POST / HTTP/1.1\r\nHo");
    let mut in_body = server.connect();
    in_body.send("POST /here HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\nabc");
    let text = "408 Request Timeout\nthe head did not come within 10s\n";
    assert_eq!(stalled.reply(true).text(), text);
    assert_eq!(stalled.rest(), b"");
    // Who has said nothing is told nothing.
    assert_eq!(silent.rest(), b"");
    let text = "408 Request Timeout\nnothing more of the body came for 10s\n";
    assert_eq!(in_body.reply(true).text(), text);
    server.wait_for_log(" - - 408 the head did not come within 10s\n");
    server.wait_for_log(" POST /here 408 nothing more of the body came for 10s\n");
    answers(&server);
}

#[test]
fn a_flood_of_refusals_waits_for_no_guest_and_is_logged_after_it() {
    // More than there may be connections, and more than are kept for the log, while the answering thread is busy.
    let hangs = wat::hangs("Content-Type: a/b\n\n", "begun\n");
    let server = Project::new(ONE).file("guest.wat", hangs).dev(&["--timeout", "10m"]);
    let mut first = server.connect();
    first.send("GET /first HTTP/1.1\r\nHost: a\r\n\r\n");
    server.wait_for_log("begun\n");
    for _ in 0..1100 {
        assert!(server.raw(format!("GET {} HTTP/1.1\r\n\r\n", "x".repeat(300))).starts_with(b"HTTP/1.1 400 "));
    }
    // Its client leaves, which ends the guest.
    drop(first);
    let why = "the request target is not a path: it must begin with `/` (RFC 9112 3.2)";
    let shown = format!(" GET {}… 400 {why}\n", "x".repeat(200));
    let more = "warning: 76 more refused requests are not shown: they came while a request was answered\n";
    server.wait_for(|log| log.contains(more) && log.matches(&shown).count() == 1024, "1024 refusals and a number");
}

#[test]
fn a_client_that_takes_its_time_is_no_client_that_stalls() {
    // A large answer goes on and on while a crowd presses.
    let server = echoing(&[]);
    let body: Vec<u8> = (0..=255).cycle().take(20_000_000).collect();
    let mut slow = server.connect();
    let head = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    slow.send(format!("{head}Content-Length: {}\r\n\r\n", body.len()));
    slow.send(&body);
    let mut taken = Vec::new();
    let mut crowd = Vec::new();
    for _ in 0..20 {
        taken.extend(slow.some(500_000));
        crowd.extend((0..20).map(|_| server.connect()));
    }
    answers(&server);
    taken.extend(slow.rest());
    assert!(taken.ends_with(&body));
}

#[test]
fn what_a_client_sends_does_not_reach_the_terminal_as_it_is() {
    let server = echoing(&[]);
    let mut connection = server.connect();
    connection.send("GET /\x1b[31m\u{9b}x HTTP/1.1\r\n\r\n");
    assert_eq!(connection.reply(true).text(), "400 Bad Request\nthe request target holds a control character\n");
    server.wait_for_log(" GET /\\u{1b}[31m\\u{9b}x 400 the request target holds a control character\n");
}

#[test]
fn nul_bytes_are_refused_before_their_line_ends() {
    let server = echoing(&[]);
    let answer = server.raw([0; 100]);
    let why = "the request line holds a NUL byte";
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{answer}");
    assert!(answer.ends_with(&format!("\r\n\r\n400 Bad Request\n{why}\n")), "{answer}");
    server.wait_for_log(&format!(" - - 400 {why}\n"));
}

#[test]
fn a_client_that_reads_one_megabyte_a_second_is_not_evicted() {
    // Its own system buffers for it, so that it takes some more only now and then. New connections need slots meanwhile.
    let server = echoing(&[]);
    let body: Vec<u8> = (0..=250).cycle().take(20_000_000).collect();
    let mut slow = server.connect();
    slow.send(format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()));
    slow.send(&body);
    let (mut taken, mut crowd) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        std::thread::sleep(std::time::Duration::from_millis(100));
        taken.extend(slow.some(130_000));
        crowd.extend((0..40).map(|_| server.connect()));
    }
    answers(&server);
    taken.extend(slow.rest());
    assert!(taken.ends_with(&body), "{} bytes", taken.len());
}
