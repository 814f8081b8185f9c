//! assets/python/static.py, which answers files.

use crate::support::{Project, python_modules};

const BODY: &str = "0123456789";

/// An app whose files are in `files/`, below `/static/`.
fn app() -> Project {
    let modules = python_modules(&[("/static/...", "static.py")]);
    let modules = modules
        .replace("static.py ${ARGS}", "static.py /files")
        .replace("\"code\" }", "\"code\", \"/files\" = \"files\" }");
    Project::new(&modules)
        .file("code/static.py", include_str!("../../assets/python/static.py"))
        .file("files/a.txt", BODY)
        .file("files/page/index.html", "<p>index</p>")
        .file("files/b.tar.gz", "x")
        .file("files/ü ?.svg", "<svg/>")
        .file("files/.secret", "secret")
        .file("secret.txt", "secret")
        .directory("files/empty")
}

/// The head and the body of an answer, without the lines that depend on the time.
fn ask(project: &Project, arguments: &[&str]) -> String {
    let output = project.pywagi(["invoke", "-i", "-q"].iter().chain(arguments)).output();
    output.code(0).stderr("");
    let text = output.stdout_text().replace("\r\n", "\n");
    let kept = text.split_inclusive('\n').filter(|line| {
        !["etag:", "last-modified:", "date:", "cache-control:", "content-length:"]
            .iter()
            .any(|name| line.to_lowercase().starts_with(name))
    });
    kept.collect()
}

fn header(project: &Project, target: &str, name: &str) -> String {
    let text = project.pywagi(["invoke", "-I", target]).output().stdout_text();
    let line = text.lines().find(|line| line.to_lowercase().starts_with(&format!("{}:", name.to_lowercase())));
    line.and_then(|line| line.split_once(": ")).unwrap_or_else(|| panic!("no {name} in {text}")).1.trim().to_owned()
}

const OK: &str = "X-Content-Type-Options: nosniff\nAccept-Ranges: bytes\n";

#[test]
fn a_file_is_answered_with_its_type() {
    let app = app();
    let plain = format!("HTTP/1.1 200 OK\nContent-Type: text/plain; charset=utf-8\n{OK}\n");
    assert_eq!(ask(&app, &["/static/a.txt"]), format!("{plain}{BODY}"));
    assert_eq!(ask(&app, &["/static/a.txt", "-I"]), plain);
    for (target, kind) in [
        ("/static/page/", "text/html; charset=utf-8"),
        ("/static/b.tar.gz", "application/octet-stream"),
        ("/static/%C3%BC%20%3F.svg", "image/svg+xml; charset=utf-8"),
    ] {
        assert_eq!(header(&app, target, "Content-Type"), kind, "{target}");
    }
    assert_eq!(header(&app, "/static/a.txt", "Cache-Control"), "no-cache");
    let redirected = ask(&app, &["/static/page"]);
    assert!(redirected.starts_with("HTTP/1.1 301 Moved Permanently\nLocation: /static/page/\n"), "{redirected}");
    let redirected = ask(&app, &["/static//page"]);
    assert!(redirected.starts_with("HTTP/1.1 301 Moved Permanently\nLocation: /static/page/\n"), "{redirected}");
}

#[test]
fn what_is_not_there_hidden_or_outside_is_not_found() {
    let app = app();
    #[cfg(unix)]
    for (target, link) in
        [("../secret.txt", "out"), ("a.txt", "in.txt"), ("/etc", "etc"), ("..", "up"), ("nowhere", "dangling")]
    {
        std::os::unix::fs::symlink(target, app.path("files").join(link)).expect("a link");
    }
    for path in [
        "",
        "/",
        "/none",
        "/empty/",
        "/.secret",
        "/../secret.txt",
        "/page/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/a.txt/x",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/out",
        "/etc/hostname",
        "/up/secret.txt",
        "/dangling",
        "/page/..%2f..%2fcode/static.py",
    ] {
        let answer = ask(&app, &[&format!("/static{path}")]);
        if path.is_empty() {
            assert!(answer.starts_with("HTTP/1.1 301 "), "{answer}");
        } else {
            let expected =
                "HTTP/1.1 404 Not Found\nContent-Type: text/plain; charset=utf-8\n\nThere is no such file.\n";
            assert_eq!(answer, expected, "{path}");
        }
    }
    #[cfg(unix)]
    assert!(ask(&app, &["/static/in.txt"]).ends_with(BODY));
    let refused = ask(&app, &["/static/a.txt", "-X", "POST"]);
    assert!(refused.starts_with("HTTP/1.1 405 Method Not Allowed\nAllow: GET, HEAD\n"), "{refused}");
}

#[test]
fn a_client_that_has_the_file_is_told_so() {
    let app = app();
    let (tag, date) = (header(&app, "/static/a.txt", "ETag"), header(&app, "/static/a.txt", "Last-Modified"));
    let status = |name: &str, value: &str| {
        ask(&app, &["/static/a.txt", "-H", &format!("{name}: {value}")]).lines().next().map(str::to_owned)
    };
    let (new, same) = (Some("HTTP/1.1 200 OK".to_owned()), Some("HTTP/1.1 304 Not Modified".to_owned()));
    for (name, value, expected) in [
        ("If-None-Match", tag.as_str(), &same),
        ("If-None-Match", &format!("\"x\", W/{tag}"), &same),
        ("If-None-Match", "*", &same),
        ("If-None-Match", "\"x\"", &new),
        ("If-Modified-Since", &date, &same),
        ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", &new),
        ("If-Modified-Since", "yesterday", &new),
    ] {
        assert_eq!(&status(name, value), expected, "{name}: {value}");
    }
    app.write("files/a.txt", "changed");
    assert_eq!(status("If-None-Match", &tag), new);
}

#[test]
fn a_range_of_a_file_can_be_asked_for() {
    let app = app();
    let (tag, date) = (header(&app, "/static/a.txt", "ETag"), header(&app, "/static/a.txt", "Last-Modified"));
    let ask = |flags: &[&str]| {
        let flags = flags.iter().flat_map(|header| ["-H", header]);
        let answer = ask(&app, &["/static/a.txt"].into_iter().chain(flags).collect::<Vec<_>>());
        let (head, body) = answer.split_once("\n\n").expect("a head");
        let range = head.lines().find_map(|line| line.strip_prefix("Content-Range: ")).unwrap_or_default().to_owned();
        (head.split(' ').nth(1).expect("a status").to_owned(), range, body.to_owned())
    };
    for (range, status, content_range, body) in [
        ("bytes=0-3", "206", "bytes 0-3/10", "0123"),
        ("bytes=8-", "206", "bytes 8-9/10", "89"),
        ("bytes=5-99999999999999999999999", "206", "bytes 5-9/10", "56789"),
        ("bytes=-3", "206", "bytes 7-9/10", "789"),
        ("bytes=-99", "206", "bytes 0-9/10", BODY),
        ("bytes=10-", "416", "bytes */10", "There is no such range.\n"),
        ("bytes=-0", "416", "bytes */10", "There is no such range.\n"),
        ("bytes=3-1", "200", "", BODY),
        ("bytes=0-1,3-4", "200", "", BODY),
        ("lines=0-1", "200", "", BODY),
        ("bytes=-", "200", "", BODY),
    ] {
        let expected = (status.to_owned(), content_range.to_owned(), body.to_owned());
        assert_eq!(ask(&[&format!("Range: {range}")]), expected, "{range}");
    }
    for (condition, status) in [
        (tag.as_str(), "206"),
        (&date, "206"),
        ("\"x\"", "200"),
        (&format!("W/{tag}"), "200"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "200"),
    ] {
        assert_eq!(ask(&["Range: bytes=0-3", &format!("If-Range: {condition}")]).0, status, "{condition}");
    }
}
