//! What `dev` tells of failures: pages for browsers, text, JSON and Markdown for those who ask for these.

use serde_json::{Value, json};

use crate::support::{DevServer, Project, Reply, python_modules, wat};

const BROKEN: &str = "\
import os
from items import price_of

print('Content-Type: text/html\\n')
print('<p>half a page')
token = 'abc'
items = [{'price': 3}, {os.environ.get('QUERY_STRING'): '<script>alert(1)</script>'}]
try:
    print(sum([price_of(item) for item in items]))
except KeyError as error:
    raise ValueError(f'no total of {items}') from error
";

const ITEMS: &str = "\
def price_of(item):
    '''It's
    that.'''
    return item['price']  # not <b>
";

const HTML: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// An app with these scripts.
fn app(scripts: &[(&str, &str)]) -> Project {
    let routes: Vec<_> =
        scripts.iter().map(|(name, _)| (format!("/{}", name.trim_end_matches(".py")), *name)).collect();
    let routes: Vec<_> = routes.iter().map(|(route, name)| (route.as_str(), *name)).collect();
    scripts.iter().fold(Project::new(&python_modules(&routes)), |project, (name, text)| {
        project.file(&format!("code/{name}"), text)
    })
}

fn get(server: &DevServer, target: &str, headers: &[&str]) -> Reply {
    server.request(&format!("GET {target}"), headers, b"")
}

fn json(server: &DevServer, target: &str) -> Value {
    let reply = get(server, target, &["Accept: application/json"]);
    assert_eq!(reply.header("Content-Type"), Some("application/json"));
    serde_json::from_slice(&reply.body).expect("JSON")
}

#[test]
fn each_client_gets_the_form_that_it_asks_for() {
    let project = app(&[("broken.py", BROKEN), ("items.py", ITEMS)]);
    let server = project.dev(&["--editor", "vscode"]);
    let text = get(&server, "/broken", &["Accept: */*"]);
    assert_eq!((text.status(), text.header("Content-Type")), (500, Some("text/plain; charset=utf-8")));
    let start = "500 Internal Server Error\n\n/code/broken.py failed with exit code 1: ValueError: no total of";
    assert!(text.text().starts_with(start) && text.header("Content-Security-Policy").is_none(), "{}", text.text());
    assert!(text.text().contains("\n  at File \"/code/broken.py\", line 11, in <module>\n"), "{}", text.text());

    let report = json(&server, "/broken?%3Cb%3E");
    let [error, cause] = [0, 1].map(|i| &report["exceptions"][i]);
    assert_eq!((error["class"].as_str(), cause["class"].as_str()), (Some("ValueError"), Some("KeyError")));
    assert_eq!(cause["belongs"], "the direct cause of the ValueError");
    let frame = &cause["frames"][0];
    assert_eq!((frame["function"].as_str(), frame["line"].as_u64()), (Some("price_of"), Some(4)));
    assert_eq!(frame["host"], "code/items.py");
    assert_eq!(frame["source"]["lines"][2], "    return item['price']  # not <b>");
    assert_eq!(frame["source"]["marked"], json!([11, 24]));
    let editor = frame["editor"].as_str().expect("a link");
    assert!(editor.starts_with("vscode://file/") && editor.ends_with("/code/items.py:4:12"), "{editor}");
    assert_eq!(frame["variables"][0]["value"], "{'%3Cb%3E': '<script>alert(1)</script>'}");
    assert_eq!(error["frames"][0]["variables"][0]["value"], "'********'");
    assert_eq!(report["stdout"], "Content-Type: text/html\n\n<p>half a page\n");
    assert_eq!(report["request"]["query"], json!([["<b>", ""]]));

    let markdown = get(&server, "/broken", &["Accept: text/markdown"]);
    assert_eq!(markdown.header("Content-Type"), Some("text/markdown; charset=utf-8"));
    let markdown = markdown.text();
    for part in ["## ValueError\n", ">    4      return item['price']  # not <b>\n", "```\nGET /broken\n"] {
        assert!(markdown.contains(part), "{part}\n{markdown}");
    }

    let page = get(&server, "/broken?%3Cscript%3E", &[HTML, "Cookie: a=<script>", "X-X: <script>"]);
    assert_eq!((page.status(), page.header("Content-Type")), (500, Some("text/html; charset=utf-8")));
    let policy = page.header("Content-Security-Policy").expect("a policy");
    assert!(policy.contains("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    let html = page.text();
    let shown =
        "<mark>item[</mark><mark class=\"s\">'price'</mark><mark>]</mark>  <span class=\"c\"># not &lt;b&gt;</span>";
    assert!(html.contains(shown) && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
    // The only scripts are files of ours.
    let of_ours = html.matches("<script src=\"/__pywagi/assets/").count();
    assert_eq!((html.matches("<script").count(), of_ours), (2, 2), "{html}");
    let asset = get(&server, "/__pywagi/assets/error.js", &[]);
    assert_eq!((asset.status(), asset.header("Content-Type")), (200, Some("text/javascript; charset=utf-8")));
    // The replays that tell of it wrote nothing: each request did once.
    assert_eq!(server.log().matches("    raise ValueError(").count(), 4, "{}", server.log());
}

#[test]
fn only_this_machine_by_its_own_name_is_shown_more_than_text() {
    let project = app(&[("broken.py", "1 / 0\n")]);
    let server = project.dev(&["--verbose"]);
    let plain = get(&server, "/broken", &[]).body;
    let port = server.address.port();
    let host = |name: &str| format!("{name}:{port}");
    let raw = |host: &str, more: &str| {
        let request = format!("GET /broken HTTP/1.1\r\nHost: {host}\r\n{HTML}\r\n{more}Connection: close\r\n\r\n");
        Reply::parse(&server.raw(request))
    };
    assert_ne!(raw(&host("localhost"), "").body, plain);
    for (name, more) in [
        (host("evil.example"), ""),
        ("localhost:1".to_owned(), ""),
        (host("localhost"), "Origin: http://evil.example\r\n"),
        (host("localhost"), "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\n"),
    ] {
        let reply = raw(&name, more);
        assert_eq!((reply.status(), &reply.body), (500, &plain), "{name} {more}");
    }
    server.wait_for_log(
        "the failure is told as plain text: pywagi's own pages are not for requests that another site sends",
    );
    let denied = "GET /__pywagi/assets/style.css HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert_eq!(Reply::parse(&server.raw(denied)).status(), 403);
    assert_eq!(server.get("/__pywagi/nothing").status(), 404);
    assert_eq!(server.request("POST /__pywagi/assets/style.css", &[&origin(&server)], b"").status(), 405);
}

#[test]
fn without_inspect_all_is_as_on_any_host() {
    let project =
        Project::new("[[module]]\nroute = \"/...\"\nmodule = \"guest.wat\"\n").file("guest.wat", wat::shows());
    let server = project.dev(&["--no-inspect"]);
    assert!(server.get("/__pywagi/assets/style.css").text().contains("PATH_INFO=/__pywagi/assets/style.css"));
    let project = app(&[("broken.py", "1 / 0\n")]);
    let server = project.dev(&["--no-inspect"]);
    let reply = get(&server, "/broken", &[HTML]);
    assert_eq!(reply.header("Content-Type"), Some("text/plain; charset=utf-8"));
    assert_eq!(reply.body, get(&server, "/broken", &[]).body);
}

#[test]
fn what_pywagi_answers_itself_is_a_page_too() {
    let project =
        app(&[("a.py", "print('Content-Type: text/plain\\n')"), ("loop.py", "def f():\n    while True: pass\nf()\n")]);
    let server = project.dev(&["--timeout", "300ms"]);
    let page = get(&server, "/nothing", &[HTML]);
    assert_eq!(page.status(), 404);
    assert!(page.text().contains("<a href=\"/a\"><code>/a</code></a>"), "{}", page.text());
    assert_eq!(json(&server, "/nothing")["routes"], json!(["/a", "/loop"]));

    let stopped = json(&server, "/loop");
    let frame = &stopped["stopped_at"][0];
    assert_eq!((frame["function"].as_str(), frame["line"].as_u64()), (Some("f"), Some(2)));
    assert!(get(&server, "/loop", &[HTML]).text().contains("<h2>Where it was stopped</h2>"));

    project.write("modules.toml", "[[module]]\nroute = 1\n");
    let broken = json(&server, "/a");
    assert!(broken["message"].as_str().is_some_and(|text| text.contains("modules.toml:2:9")), "{broken}");
    assert!(get(&server, "/a", &[HTML]).text().contains("modules.toml:2:9"));
}

#[test]
fn nothing_that_a_handler_printed_is_lost() {
    let handler = "\
import sys
def hook(*_):
    print('Content-Type: text/plain\\n\\nthe page of my handler')
sys.excepthook = hook
{}['k']
";
    let project = app(&[("handled.py", handler)]);
    // A cold start does not tell of an exception that a handler took: the first request makes the next ones warm.
    project.pywagi(["invoke", "/handled"]).output();
    let run = project.pywagi(["invoke", "/handled", "--json"]).output();
    let report: Value = serde_json::from_str(&run.stdout_text()).expect("JSON");
    assert_eq!(report["stdout"], "Content-Type: text/plain\n\nthe page of my handler\n");
    let failure = &report["failure"];
    assert_eq!((failure["type"].as_str(), failure["line"].as_u64()), (Some("KeyError"), Some(5)));
    assert_eq!(failure["exceptions"][0]["frames"][0]["file"], "/code/handled.py");
    project.pywagi(["invoke", "/handled", "--verbose"]).output().stderr_has("printed: the page of my handler");
    let server = project.dev(&["--verbose"]);
    assert!(get(&server, "/handled", &[HTML]).text().contains("the page of my handler"));
    server.wait_for_log("printed: the page of my handler");
}

#[test]
fn an_editor_that_is_not_known_is_a_usage_error() {
    let project = app(&[("a.py", "")]);
    let names = "vscode, cursor, zed, idea, pycharm, sublime, textmate, emacs, macvim, nova";
    let help = format!("  help: give one of {names}, or a URL with {{file}} and {{line}} in it\n");
    let run = project.pywagi(["dev", "-l", "0", "--editor", "ed"]).output();
    run.code(2).stderr(&format!("error: --editor ed: no such editor is known\n{help}"));
    let run = project.pywagi(["dev", "-l", "0"]).env("PYWAGI_EDITOR", "javascript:{file}").output();
    run.code(2).stderr(&format!("error: PYWAGI_EDITOR=javascript:{{file}}: no such editor is known\n{help}"));
}

#[test]
fn text_whose_encoding_clients_must_guess_is_warned_of_once() {
    let project = app(&[("a.py", "print('Content-Type: text/html\\n\\ncaf\\u00e9')\n")]);
    let warning = "warning: the answers of /a are not ASCII and their Content-Type, text/html, names no charset, so that \
                   clients guess one: print `Content-Type: text/html; charset=utf-8`";
    let server = project.dev(&[]);
    server.get("/a");
    server.get("/a");
    server.wait_for_log(warning);
    server.get("/nothing");
    assert_eq!(server.wait_for_log("404").matches(warning).count(), 1);
}

/// What a browser sends with a POST of a page of the server.
fn origin(server: &DevServer) -> String {
    format!("Origin: http://{}", server.address)
}

/// Asks a prompt of the last failed request; gives back the status and the object.
fn ask(server: &DevServer, recording: &str, token: &str, question: &Value) -> (u16, Value) {
    let token = format!("X-Pywagi-Token: {token}");
    let body = question.to_string();
    let length = format!("Content-Length: {}", body.len());
    let headers = [origin(server), token, length];
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let reply = server.request(&format!("POST /__pywagi/console/{recording}"), &headers, body.as_bytes());
    assert_eq!(reply.header("Content-Type"), Some("application/json"), "{}", reply.text());
    (reply.status(), serde_json::from_slice(&reply.body).expect("JSON"))
}

/// The token of the prompts, which is shown once somebody asks without it.
fn token(server: &DevServer) -> String {
    let log = server.wait_for_log("Console token ");
    let (_, rest) = log.split_once("Console token ").expect("it was waited for");
    rest.split_whitespace().next().expect("a token").to_owned()
}

/// A request to `/broken` that a browser sends; gives back the ID of its recording, if there are prompts on the page.
fn fail(server: &DevServer) -> Option<String> {
    let page = get(server, "/broken", &[HTML]).text();
    let (_, rest) = page.split_once("data-recording=\"")?;
    rest.split_once('"').map(|(id, _)| id.to_owned())
}

#[test]
fn a_failed_request_answers_at_its_prompts_to_who_knows_the_token() {
    let project = app(&[("broken.py", BROKEN), ("items.py", ITEMS)]);
    let server = project.dev(&[]);
    let id = fail(&server).expect("prompts");
    let evaluate = |frame: usize, text: &str| json!({ "do": "evaluate", "frame": frame, "text": text });
    for wrong in ["", "00", "000000000000000000000000"] {
        assert_eq!(ask(&server, &id, wrong, &evaluate(0, "1")).0, 401);
    }
    let token = token(&server);
    let output = |frame: usize, text: &str| ask(&server, &id, &token, &evaluate(frame, text)).1["output"].clone();
    // The frames of the exception, then those of its cause.
    assert_eq!(output(0, "len(items)"), "2\n");
    assert_eq!(output(2, "item"), "{'': '<script>alert(1)</script>'}\n");
    assert_eq!(output(2, "kept = 7"), "");
    assert_eq!(output(2, "kept"), "7\n");
    let (status, answer) = ask(&server, &id, &token, &evaluate(0, "open('/code/new.txt', 'w')"));
    assert!(
        status == 200 && answer["error"].as_str().is_some_and(|error| error.contains("PermissionError")),
        "{answer}"
    );
    assert!(!project.path("code/new.txt").exists());
    let (status, answer) = ask(&server, &id, &token, &json!({ "do": "complete", "frame": 2, "text": "item.val" }));
    assert_eq!((status, answer), (200, json!({ "names": ["item.values"] })));

    // Each line that led there, with the variables as they were.
    let (_, end) = ask(&server, &id, &token, &json!({ "do": "stand" }));
    let count = end["count"].as_u64().expect("a number");
    let (status, before) = ask(&server, &id, &token, &json!({ "do": "stand", "line": count - 1 }));
    let frame = &before["frames"][0];
    assert_eq!((status, frame["line"].as_u64(), frame["file"].as_str()), (200, Some(11), Some("/code/broken.py")));
    assert!(before["html"].as_str().is_some_and(|html| html.contains("&lt;script&gt;")), "{before}");
    // There are no more lines before the exception.
    let (status, answer) = ask(&server, &id, &token, &json!({ "do": "stand", "line": 9999 }));
    assert_eq!((status, answer["count"].as_u64()), (200, Some(count)));

    for (recording, question, status, error) in [
        ("zzzzz", json!({ "do": "stand" }), 404, "the recording of this request is gone: send it again"),
        ("../x", json!({ "do": "stand" }), 404, "the recording of this request is gone: send it again"),
        (id.as_str(), json!({ "do": "dance" }), 422, "it is no question: unknown variant `dance`"),
        (id.as_str(), json!([]), 422, "it is no question: "),
        (id.as_str(), evaluate(77, "1"), 200, "there is no such frame\n"),
    ] {
        let (got, answer) = ask(&server, recording, &token, &question);
        assert_eq!(got, status, "{answer}");
        assert!(answer["error"].as_str().is_some_and(|text| text.starts_with(error)), "{answer}");
    }
    assert_eq!(server.request(&format!("GET /__pywagi/console/{id}"), &[], b"").status(), 405);
    let cross =
        [format!("X-Pywagi-Token: {token}"), "Sec-Fetch-Site: cross-site".to_owned(), "Content-Length: 0".to_owned()];
    let cross: Vec<&str> = cross.iter().map(String::as_str).collect();
    assert_eq!(server.request(&format!("POST /__pywagi/console/{id}"), &cross, b"").status(), 403);
    // The server goes on as before.
    assert_eq!(get(&server, "/broken", &[]).status(), 500);
}

#[test]
fn there_are_no_prompts_where_others_reach_the_server_or_nothing_is_recorded() {
    let project = app(&[("broken.py", "1 / 0\n")]);
    let why = "there are no prompts: requests are not recorded (--no-record), or the server listens on an address that other \
               machines reach (--console allows them then)";
    let server = project.dev(&["--no-record"]);
    assert_eq!(fail(&server), None);
    assert_eq!(ask(&server, "zzzzz", "", &json!({ "do": "stand" })), (404, json!({ "error": why })));
    let server = project.dev_on("0.0.0.0:0", &[]);
    assert_eq!(fail(&server), None);
    let server = project.dev_on("0.0.0.0:0", &["--console"]);
    assert!(fail(&server).is_some());
}

#[test]
fn pages_reload_themselves_with_live() {
    let project =
        app(&[("a.py", "print('Content-Type: text/html\\nETag: \"1\"\\n\\n<p>one')\n"), ("broken.py", "1 / 0\n")])
            .file("code/data.db", "1");
    let server = project.dev(&["--live"]);
    let navigation = ["Sec-Fetch-Dest: document", HTML];
    let plain = get(&server, "/a", &[HTML]);
    assert_eq!((plain.text().as_str(), plain.header("ETag")), ("<p>one\n", Some("\"1\"")));
    let page = get(&server, "/a", &navigation);
    let version = get(&server, "/__pywagi/live", &[]).text();
    let script = format!("<script src=\"/__pywagi/assets/live.js\" data-version=\"{version}\" defer></script>\n");
    assert_eq!(page.text(), format!("<p>one\n{script}"));
    assert_eq!((page.header("ETag"), page.header("Cache-Control")), (None, Some("no-store")));
    assert!(get(&server, "/broken", &navigation).text().ends_with(&script));
    assert_eq!(server.request("POST /a", &[&navigation[..], &["Content-Length: 0"]].concat(), b"").text(), "<p>one\n");

    project.write("code/a.py", "print('Content-Type: text/html\\n\\n<p>two')\n");
    let changed = || get(&server, "/__pywagi/live", &[]).text() != version;
    let start = std::time::Instant::now();
    while !changed() {
        assert!(start.elapsed().as_secs() < 30, "no change was seen");
    }
    assert!(get(&server, "/a", &navigation).text().starts_with("<p>two\n<script"));
    let other = project.dev(&[]);
    assert_eq!(get(&other, "/a", &navigation).text(), "<p>two\n");
    assert_eq!(get(&other, "/__pywagi/live", &[]).status(), 404);
}

#[cfg(target_os = "linux")]
#[test]
fn the_browser_is_opened_where_that_is_asked_for() {
    use std::os::unix::fs::PermissionsExt;

    let project = app(&[("a.py", "")]).file("bin/xdg-open", "#!/bin/sh\necho \"$1\" > \"$0.opened\"\n");
    let opener = project.path("bin/xdg-open");
    std::fs::set_permissions(&opener, PermissionsExt::from_mode(0o755)).expect("its mode can be set");
    let path = format!("export PATH={}:$PATH", project.path("bin").display());
    let server = DevServer::start_after(&project, &path, &["--open"]);
    let opened = project.path("bin/xdg-open.opened");
    let start = std::time::Instant::now();
    let url = format!("http://{}\n", server.address);
    while std::fs::read_to_string(&opened).ok().as_deref() != Some(url.as_str()) {
        assert!(start.elapsed().as_secs() < 30, "no browser was opened");
        std::thread::yield_now();
    }
}
