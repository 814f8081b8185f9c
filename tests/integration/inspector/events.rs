//! The requests as they come, as server-sent events; and those that never were one of the app.

use serde_json::{Value, json};

use super::{Schemas, api, entry, ids};
#[cfg(target_os = "linux")]
use crate::support::PATIENCE;
use crate::support::{Connection, DevServer, ONE, Project, wat};

/// A client that follows.
struct Follower {
    connection: Connection,
    head: String,
}

impl Follower {
    fn of(server: &DevServer) -> Self {
        let mut connection = server.connect();
        connection.send(format!("GET /__pywagi/api/events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address));
        let head = Self::part(&mut connection, "\r\n\r\n");
        Self { connection, head }
    }

    /// What comes up to `end`, a byte at a time, since nothing says how much there will be.
    fn part(connection: &mut Connection, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            text.push_str(&String::from_utf8(connection.some(1)).expect("ASCII"));
        }
        text
    }

    /// The next event: its name and its data. Comments are none.
    fn event(&mut self) -> (String, Value) {
        loop {
            let text = Self::part(&mut self.connection, "\n\n");
            let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
            if let (Some(name), Some(data)) = (field("event: "), field("data: ")) {
                return (name, serde_json::from_str(&data).expect("JSON"));
            }
        }
    }
}

#[test]
fn each_request_is_told_to_those_who_follow_while_others_are_answered() {
    let server = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine")).dev(&[]);
    server.get("/before");
    let mut follower = Follower::of(&server);
    assert!(follower.head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"), "{}", follower.head);
    assert!(follower.head.ends_with("\r\nConnection: close\r\n\r\n"), "{}", follower.head);
    assert!(!follower.head.contains("Content-Length"), "{}", follower.head);
    let list = api(&server, "requests", "List");
    assert_eq!(follower.event(), ("start".to_owned(), json!({ "started": list["started"], "last": 1 })));
    let mut second = Follower::of(&server);
    second.event();
    for (number, target) in [(2, "/a?b=%22"), (3, "/c")] {
        assert_eq!(server.get(target).text(), "fine");
        for follower in [&mut follower, &mut second] {
            let (name, summary) = follower.event();
            Schemas::read().check("Summary", &summary);
            assert_eq!(
                (name.as_str(), &summary["id"], &summary["target"]),
                ("request", &json!(number), &json!(target))
            );
        }
    }
    let reply = server.request("GET /__pywagi/api/events", &["Origin: http://evil.example"], b"");
    assert_eq!(reply.status(), 403);
    assert_eq!(server.request("HEAD /__pywagi/api/events", &[], b"").status(), 405);
}

#[cfg(target_os = "linux")]
#[test]
fn those_who_follow_keep_neither_descriptors_nor_connections_nor_the_end_of_the_server() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine"));
    let server = DevServer::start_after(&project, "ulimit -n 60", &[]);
    server.get("/");
    // More than may be connected: those that follow longest make room, and are not waited for.
    let followers: Vec<_> = (0..40).map(|_| Follower::of(&server)).collect();
    assert_eq!(server.get("/").text(), "fine");
    drop(followers);
    let deadline = std::time::Instant::now() + PATIENCE;
    while server.open_files() > 30 {
        assert!(std::time::Instant::now() < deadline, "{} files are open", server.open_files());
        std::thread::yield_now();
    }
    let mut last = Follower::of(&server);
    last.event();
    server.signal(rustix::process::Signal::TERM);
    let (status, log) = server.wait();
    assert!(status.success(), "{log}");
    last.connection.rest();
}

#[test]
fn requests_that_the_server_refuses_are_kept_with_the_reason() {
    let server =
        Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nfine")).dev(&["--max-body", "3"]);
    let mut follower = Follower::of(&server);
    follower.event();
    for refused in [
        "POST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n",
        "GET /folded HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n",
        "\u{1}<b>\r\n\r\n",
    ] {
        server.raw(refused);
        // It is kept after its answer was sent: the next one could be before it.
        assert_eq!(follower.event().0, "request");
    }
    let list = api(&server, "requests", "List");
    assert_eq!(ids(&list), [3, 2, 1]);
    let of = |index: usize| {
        let summary = &list["requests"][index];
        (summary["method"].clone(), summary["target"].clone(), summary["status"].clone(), summary["route"].clone())
    };
    assert_eq!(of(2), (json!("POST"), json!("/x?y"), json!(413), Value::Null));
    assert_eq!(of(1), (json!("GET"), json!("/folded"), json!(400), Value::Null));
    assert_eq!(of(0), (json!("-"), json!("-"), json!(400), Value::Null));
    let large = entry(&server, 1);
    let why = "the request body is larger than the limit of 3 bytes; --max-body raises it";
    assert_eq!(large["report"]["message"], why, "{large}");
    assert!(large["response"]["body"].as_str().is_some_and(|body| body.contains(why)), "{large}");
    for (id, text) in [(1, why), (2, "/folded"), (3, "400 Bad Request")] {
        let page = server.get(&format!("/__pywagi/requests/{id}"));
        assert!(page.status() == 200 && page.text().contains(text), "{}", page.text());
    }
    let again = super::post(&server, "requests/3/send", "");
    assert_eq!(super::refusal(&again), (400, "\"-\" cannot be asked for: it does not begin with `/`".to_owned()));
}
