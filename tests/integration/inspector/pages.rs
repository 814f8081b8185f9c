//! The pages of the inspector.

use serde_json::json;

use super::send;
use crate::support::{DevServer, ONE, Project, wat};

/// What would run if it were taken for markup.
const HOSTILE: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// A page of the inspector.
#[track_caller]
pub fn page(server: &DevServer, path: &str) -> String {
    let reply = server.get(&format!("/__pywagi/{path}"));
    assert_eq!(reply.status(), 200, "{path}: {}", reply.text());
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = reply.header("content-security-policy").expect("a policy");
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
    reply.text()
}

#[test]
fn nothing_of_a_request_or_its_answer_is_markup() {
    let stderr = format!(
        "Traceback (most recent call last):\n  File \"/{HOSTILE}\", line 1, in {HOSTILE}\nValueError: {HOSTILE}\n"
    );
    let answer = format!("Content-Type: text/html\nX-A: {HOSTILE}\nbad {HOSTILE}\n\n{HOSTILE}");
    let modules = format!("[[module]]\nroute = \"/fails\"\nmodule = \"fails.wat\"\n{ONE}");
    let project = Project::new(&modules).file("guest.wat", wat::writes(answer, HOSTILE, 0));
    let server = project.file("fails.wat", wat::writes(HOSTILE, stderr, 1)).dev(&[]);
    let part = format!(
        "--B\r\nContent-Disposition: form-data; name=\"{HOSTILE}\"; filename=\"<script>\"\r\n\r\n{HOSTILE}\r\n--B--\r\n"
    );
    let form = "Content-Type: application/x-www-form-urlencoded";
    let target = "/'%3Cscript%3E?a=%3Cscript%3Ealert(1)%3C/script%3E";
    for (line, content_type, body) in [
        (format!("POST {target}"), form, format!("f={HOSTILE}")),
        ("POST /".to_owned(), "Content-Type: multipart/form-data; boundary=B", part),
        ("POST /".to_owned(), "Content-Type: application/json", json!({HOSTILE: HOSTILE}).to_string()),
        ("POST /fails".to_owned(), form, HOSTILE.to_owned()),
    ] {
        let length = format!("Content-Length: {}", body.len());
        let (header, cookie) = (format!("X-B: {HOSTILE}"), format!("Cookie: {HOSTILE}={HOSTILE}"));
        server.request(&line, &[content_type, &length, &header, &cookie], body.as_bytes());
    }
    for id in 1..=4 {
        let page = page(&server, &format!("requests/{id}"));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{page}");
        assert!(!page.contains("<script>") && !page.contains("<img"), "{page}");
        // Scripts are files of the inspector's own.
        let scripts: Vec<_> = page.split("<script").skip(1).collect();
        assert!(scripts.iter().all(|rest| rest.starts_with(" src=\"/__pywagi/assets/")), "{page}");
        assert!(!page.contains("style=\""), "{page}");
    }
    let failed = page(&server, "requests/4");
    assert!(failed.contains("<h2>ValueError</h2>"), "{failed}");
    let list = page(&server, "?path=%22%3E%3Cscript%3E");
    assert!(list.contains("value=\"&quot;&gt;&lt;script&gt;\"") && !list.contains("<script>"), "{list}");
}

#[test]
fn an_answer_is_previewed_where_it_can_do_nothing() {
    let modules = format!(
        "[[module]]\nroute = \"/picture\"\nmodule = \"picture.wat\"\n[[module]]\nroute = \"/text\"\nmodule = \"text.wat\"\n{ONE}"
    );
    let html = wat::prints(format!("Content-Type: text/html; charset=latin1\n\n{HOSTILE}"));
    let project = Project::new(&modules).file("guest.wat", html);
    let project = project.file("picture.wat", wat::prints(b"Content-Type: image/png\n\n\x89PNG"));
    let server = project.file("text.wat", wat::prints(format!("Content-Type: text/plain\n\n{HOSTILE}"))).dev(&[]);
    for path in ["/page", "/picture", "/text"] {
        server.get(path);
    }
    for (id, content_type, body) in [(1, "text/html; charset=latin1", HOSTILE.as_bytes()), (2, "image/png", b"\x89PNG")]
    {
        let preview = server.get(&format!("/__pywagi/requests/{id}/preview"));
        assert_eq!((preview.header("content-type"), &preview.body[..]), (Some(content_type), body));
        assert_eq!(preview.all("content-security-policy").len(), 1);
        let policy = preview.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("sandbox; default-src 'none';") && !policy.contains("script"), "{policy}");
        assert_eq!(preview.header("x-content-type-options"), Some("nosniff"));
        let page = page(&server, &format!("requests/{id}"));
        let frame = format!("<iframe sandbox src=\"/__pywagi/requests/{id}/preview\"");
        assert!(page.contains(&frame), "{page}");
    }
    assert_eq!(server.get("/__pywagi/requests/3/preview").status(), 404);
    assert!(!page(&server, "requests/3").contains("<iframe"));
    // A body by itself is a file, whatever it holds.
    let file = server.get("/__pywagi/requests/1/response-body");
    assert_eq!(file.header("content-type"), Some("application/octet-stream"));
    assert_eq!(file.header("content-disposition"), Some("attachment; filename=\"response-1.bin\""));
    assert_eq!(file.text(), HOSTILE);
    for path in ["requests/4", "requests/x", "requests/1/x", "requests/", "x", "requests/4/preview"] {
        assert_eq!(server.get(&format!("/__pywagi/{path}")).status(), 404, "{path}");
    }
}

#[test]
fn a_page_has_what_is_known_of_a_request() {
    let guest = wat::writes("Content-Type: application/json\n\n{\"a\":[1]}", "logged", 0);
    let server = Project::new(ONE).file("guest.wat", guest).dev(&["-e", "API_KEY=geheim", "-e", "A=shown"]);
    server.request("POST /x?q=1", &["Content-Length: 2", "Cookie: c=d"], b"\xff\0");
    let id = send(&server, 1, "");
    let page = page(&server, &format!("requests/{id}"));
    for text in [
        "<title>POST /x?q=1 — pywagi</title>",
        "href=\"/__pywagi/requests/1\" rel=\"prev\"",
        "sent again from <a href=\"/__pywagi/requests/1\">request 1</a>",
        "{\n  &quot;a&quot;: [\n    1\n  ]\n}",
        "00000000  ff 00                                            ..\n",
        "<th scope=\"row\">c</th><td><code>d</code></td>",
        "<th scope=\"row\">A</th><td><code>shown</code></td>",
        "<th scope=\"row\">API_KEY</th><td><code>********</code></td>",
        "<pre>logged</pre>",
        "The body has bytes that are no text, and is sent as it was.",
        "<dt class=\"run\">run</dt>",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    assert!(!page.contains("geheim"), "{page}");
}

#[test]
fn two_requests_are_compared_line_by_line() {
    let server = Project::new(ONE).file("guest.wat", wat::echo()).dev(&[]);
    let json = ["Content-Type: application/json", "Content-Length: 9"];
    server.request("POST /a", &json, b"[1, \"<p>\"");
    server.request("POST /a", &json, b"[12,\"x\"] ");
    send(&server, 1, "");
    let differ = page(&server, "compare?a=1&b=2");
    for text in [
        "<tr class=\"differs\"><td class=\"old\">[1, &quot;&lt;p&gt;&quot;</td><td class=\"new\">[</td></tr>",
        "<tr class=\"differs\"><td class=\"old\"></td><td class=\"new\">  12,</td></tr>",
        "<tr><td class=\"old\">Content-Length: 9</td><td class=\"new\">Content-Length: 9</td></tr>",
        "Given to the script<span class=\"place\"> — equal</span>",
    ] {
        assert!(differ.contains(text), "{text}\n{differ}");
    }
    let equal = page(&server, "compare?a=1&b=3");
    assert_eq!((equal.matches(" — equal").count(), equal.matches("differs").count()), (4, 0), "{equal}");
    for query in ["", "?a=1", "?a=1&b=4", "?a=1&b=x", "?a=0&b=1"] {
        assert_eq!(server.get(&format!("/__pywagi/compare{query}")).status(), 404, "{query}");
    }
}
