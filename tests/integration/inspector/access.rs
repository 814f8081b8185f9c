//! Who may see the inspector, and send requests again.

use crate::support::{DevServer, ONE, Project, Reply, wat};

/// A server that has answered one request.
fn server() -> DevServer {
    let server = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nsecret")).dev(&[]);
    assert_eq!(server.get("/").text(), "secret");
    server
}

/// A request with these header lines alone.
fn ask(server: &DevServer, line: &str, headers: &[&str]) -> Reply {
    let head: String = [line, " HTTP/1.1\r\nConnection: close\r\n"].concat();
    let fields: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    Reply::parse(&server.raw(format!("{head}{fields}\r\n")))
}

#[test]
fn a_page_of_another_name_reads_nothing() {
    let server = server();
    let port = server.address.port();
    for path in ["", "api/requests", "api/requests/1", "api/har", "requests/1", "assets/style.css"] {
        for host in ["evil.example", &format!("evil.example:{port}"), "localhost:1", "localhost.evil.example"] {
            let reply = ask(&server, &format!("GET /__pywagi/{path}"), &[&format!("Host: {host}")]);
            assert_eq!(reply.status(), 403, "{path} {host}");
            let why = format!("not by the Host {host:?}");
            assert!(reply.text().contains(&why) && !reply.text().contains("secret"), "{}", reply.text());
        }
        assert_eq!(ask(&server, &format!("GET /__pywagi/{path}"), &[]).status(), 403, "{path}");
    }
    for host in ["localhost", "127.0.0.1", "[::1]"] {
        let reply = ask(&server, "GET /__pywagi/api/requests/1", &[&format!("Host: {host}:{port}")]);
        assert!(reply.status() == 200 && reply.text().contains("secret"), "{host}");
    }
}

#[test]
fn only_a_page_of_the_server_sends_a_request_again() {
    let server = server();
    let port = server.address.port();
    let (host, own) = (format!("Host: localhost:{port}"), format!("Origin: http://localhost:{port}"));
    let post = |headers: &[&str]| {
        let all: Vec<_> = [&[host.as_str()], headers].concat();
        ask(&server, "POST /__pywagi/api/requests/1/send", &all)
    };
    let other_port = format!("Origin: http://localhost:{}", port.wrapping_add(1));
    let other_host = format!("Origin: http://127.0.0.1:{port}");
    for headers in [
        &[][..],
        &["Origin: null"],
        &["Origin: http://evil.example"],
        &[other_port.as_str()],
        &[other_host.as_str()],
        &["Sec-Fetch-Site: none"],
        &["Sec-Fetch-Site: cross-site"],
        &["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"],
        &["Sec-Fetch-Site: same-site", &own],
        &["Sec-Fetch-Site: same-origin", "Origin: null"],
    ] {
        let reply = post(headers);
        assert_eq!(reply.status(), 403, "{headers:?}: {}", reply.text());
    }
    let unsaid = format!("add `Origin: http://localhost:{port}` (https with --tls-cert)\n");
    assert!(post(&[]).text().ends_with(&unsaid), "{}", post(&[]).text());
    let last = |server: &DevServer| server.get("/__pywagi/api/requests").text().contains("\"last\":1,");
    assert!(last(&server), "nothing was sent");
    for headers in [&[own.as_str()][..], &["Sec-Fetch-Site: same-origin"], &["Sec-Fetch-Site: same-origin", &own]] {
        let reply = post(headers);
        assert_eq!(reply.status(), 201, "{headers:?}: {}", reply.text());
    }
}

#[test]
fn a_page_of_another_site_may_lead_here_and_read_nothing() {
    let server = server();
    let host = format!("Host: {}", server.address);
    let get = |headers: &[&str]| ask(&server, "GET /__pywagi/api/requests", &[&[host.as_str()], headers].concat());
    for headers in [
        &["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors"][..],
        &["Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: cors"],
        &["Origin: null"],
        &["Origin: http://evil.example"],
    ] {
        assert_eq!(get(headers).status(), 403, "{headers:?}");
    }
    let reply = get(&["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"]);
    assert_eq!(reply.status(), 200);
    let policy = reply.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(reply.header("access-control-allow-origin"), None);
}
