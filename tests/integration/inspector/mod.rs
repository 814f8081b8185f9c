//! The inspector below `/__pywagi/`: what is kept of requests, as JSON and as pages, and who may see it.

mod access;
#[cfg(unix)]
mod copied;
mod events;
mod pages;
mod schema;

use serde_json::{Value, json};

use crate::support::{DevServer, ONE, Project, Reply, python_modules, wat};

use schema::Schemas;

/// GET of a part of the API, which docs/openapi.json describes as a schema of this name.
#[track_caller]
fn api(server: &DevServer, path: &str, schema: &str) -> Value {
    let reply = server.get(&format!("/__pywagi/api/{path}"));
    assert_eq!((reply.status(), reply.header("content-type")), (200, Some("application/json")), "{}", reply.text());
    let value = serde_json::from_slice(&reply.body).expect("JSON");
    Schemas::read().check(schema, &value);
    value
}

/// The request of this number.
#[track_caller]
fn entry(server: &DevServer, id: u64) -> Value {
    api(server, &format!("requests/{id}"), "Entry")
}

/// The numbers in a list.
fn ids(list: &Value) -> Vec<u64> {
    let requests = list["requests"].as_array().expect("a list");
    requests.iter().map(|request| request["id"].as_u64().expect("a number")).collect()
}

/// POST to a part of the API, from a page of the server.
fn post(server: &DevServer, path: &str, body: &str) -> Reply {
    let origin = format!("Origin: http://{}", server.address);
    let length = format!("Content-Length: {}", body.len());
    server.request(&format!("POST /__pywagi/api/{path}"), &[&origin, &length], body.as_bytes())
}

/// Sends a request again; the number of the new one.
#[track_caller]
fn send(server: &DevServer, id: u64, changes: &str) -> u64 {
    let reply = post(server, &format!("requests/{id}/send"), changes);
    assert_eq!(reply.status(), 201, "{}", reply.text());
    let sent = serde_json::from_slice(&reply.body).expect("JSON");
    Schemas::read().check("Again", &sent);
    assert_eq!(reply.header("location"), sent["url"].as_str());
    sent["id"].as_u64().expect("a number")
}

/// An answer of the API that is a refusal: its status and text.
fn refusal(reply: &Reply) -> (u16, String) {
    let value = serde_json::from_slice(&reply.body).unwrap_or_else(|why| panic!("{why}: {}", reply.text()));
    Schemas::read().check("Error", &value);
    (reply.status(), value["error"].as_str().expect("a text").to_owned())
}

#[test]
fn every_request_is_kept_with_its_answer_and_how_it_came_about() {
    let guest =
        wat::writes("Status: 418 Short\nContent-Type: text/plain\nX-A: 1\nX-A: 2\nbad\n\nanswer", "one\ntwo", 0);
    let server = Project::new(ONE).file("guest.wat", guest).dev(&["-e", "DB_PASSWORD=geheim", "-e", "A=b"]);
    let none = api(&server, "requests", "List");
    assert_eq!((&none["last"], &none["requests"]), (&json!(0), &json!([])));
    let headers =
        ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 7", "Cookie: c=d", "X-B: caf\u{e9}"];
    assert_eq!(server.request("POST /x%20y?q=%C3%A9&r", &headers, b"f=1%2B1").status(), 418);

    let list = api(&server, "requests", "List");
    let summary = &list["requests"][0];
    assert_eq!(
        (&list["last"], &summary["id"], &summary["url"]),
        (&json!(1), &json!(1), &json!("/__pywagi/requests/1"))
    );
    let entry = entry(&server, 1);
    for (name, expected) in [
        ("method", json!("POST")),
        ("target", json!("/x%20y?q=%C3%A9&r")),
        ("status", json!(418)),
        ("reason", json!("Short")),
        ("size", json!(6)),
        ("route", json!("/...")),
        ("start", json!("cold")),
        ("failed", json!(false)),
        ("failure", Value::Null),
        ("again_of", Value::Null),
    ] {
        assert_eq!((&summary[name], &entry[name]), (&expected, &expected), "{name}");
    }
    assert!(entry["duration_ms"].as_f64().is_some_and(|time| time > 0.0 && time < 120e3), "{entry}");
    assert!(entry["time"].as_str().is_some_and(|time| time.ends_with('Z')), "{entry}");
    assert!(entry["cold_reason"].as_str().is_some_and(|why| !why.is_empty()), "{entry}");
    assert!(entry["recording"].is_string(), "{entry}");
    let request = &entry["request"];
    assert_eq!(request["headers"].as_array().map(Vec::len), Some(6));
    assert!(request["headers"].as_array().expect("a list").contains(&json!(["X-B", "caf\u{e9}"])));
    assert_eq!(request["query"], json!([["q", "\u{e9}"], ["r", ""]]));
    assert_eq!((&request["cookies"], &request["form"]), (&json!([["c", "d"]]), &json!([["f", "1+1"]])));
    assert_eq!((&request["body"], &request["size"], &request["kept"]), (&json!("f=1%2B1"), &json!(7), &json!(7)));
    let response = &entry["response"];
    assert_eq!(response["headers"], json!([["Content-Type", "text/plain"], ["X-A", "1"], ["X-A", "2"]]));
    assert_eq!((&response["body"], &response["body_encoding"]), (&json!("answer"), &json!("utf-8")));
    assert_eq!(entry["stderr"], "one\ntwo");
    assert_eq!(entry["warnings"], json!(["dropped the header line \"bad\": it has no colon"]));
    let environment = entry["environment"].as_array().expect("it is recorded");
    assert!(environment.contains(&json!(["A", "b"])) && environment.contains(&json!(["DB_PASSWORD", "********"])));
    assert!(environment.contains(&json!(["REQUEST_METHOD", "POST"])));
    assert_eq!(entry["arguments"][0], "/x%20y", "{entry}");
    assert!(!entry.to_string().contains("geheim"));
}

#[test]
fn bodies_that_are_no_text_are_in_base64_and_long_ones_are_cut() {
    let server = Project::new(ONE).file("guest.wat", wat::echo()).dev(&[]);
    server.request("POST /", &["Content-Length: 3"], b"\xff\0a");
    let small = entry(&server, 1);
    for body in [&small["request"], &small["response"]] {
        assert_eq!((&body["body"], &body["body_encoding"]), (&json!("/wBh"), &json!("base64")));
    }
    const MIB: usize = 1 << 20;
    let length = format!("Content-Length: {}", MIB + 1);
    server.request("POST /", &[&length], &vec![b'x'; MIB + 1]);
    let large = entry(&server, 2);
    for body in [&large["request"], &large["response"]] {
        assert_eq!((&body["size"], &body["kept"]), (&json!(MIB + 1), &json!(MIB)));
        assert_eq!(body["body"].as_str().map(str::len), Some(MIB));
    }
    let why = format!("the body has {} bytes, of which only the first {MIB} were kept; send it with a body", MIB + 1);
    assert_eq!(refusal(&post(&server, "requests/2/send", "")), (400, why));
    let again = entry(&server, send(&server, 2, "{\"body_base64\":\"/wBh\"}"));
    assert_eq!(again["response"], small["response"]);
}

#[test]
fn a_multipart_form_is_told_part_by_part() {
    let server = Project::new(ONE).file("guest.wat", wat::echo()).dev(&[]);
    let body = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; \
                name=\"f\"; filename=\"<x>.bin\"\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n--B--\r\n";
    let headers = ["Content-Type: multipart/form-data; boundary=B", &format!("Content-Length: {}", body.len())];
    server.request("POST /", &headers, body.as_bytes());
    let parts = &entry(&server, 1)["request"]["parts"];
    assert_eq!(
        (&parts[0]["name"], &parts[0]["body"], &parts[0]["file_name"]),
        (&json!("a"), &json!("1"), &Value::Null)
    );
    assert_eq!((&parts[1]["file_name"], &parts[1]["body"]), (&json!("<x>.bin"), &json!("\u{1}")));
    assert_eq!(parts[1]["headers"][1], json!(["Content-Type", "image/png"]));
}

#[test]
fn lists_are_filtered_and_have_what_is_new() {
    let modules = format!("[[module]]\nroute = \"/bad\"\nmodule = \"bad.wat\"\n{ONE}");
    let project = Project::new(&modules).file("guest.wat", wat::prints("Content-Type: a/b\n\nx"));
    let server = project.file("bad.wat", wat::traps("", "")).dev(&[]);
    server.get("/a?b");
    server.get("/bad");
    server.request("HEAD /c", &[], b"");
    for (query, expected) in [
        ("", &[3, 2, 1][..]),
        ("?after=1", &[3, 2]),
        ("?after=3", &[]),
        ("?path=%3Fb", &[1]),
        ("?status=5xx", &[2]),
        ("?status=200&method=head", &[3]),
        ("?failed", &[2]),
        ("?limit=1", &[3]),
    ] {
        let list = api(&server, &format!("requests{query}"), "List");
        assert_eq!((ids(&list), &list["last"]), (expected.to_vec(), &json!(3)), "{query}");
    }
    let errors = api(&server, "errors", "Errors");
    assert_eq!(ids(&errors), [2]);
    assert!(errors["requests"][0]["failure"].as_str().is_some_and(|text| text.contains("trap")), "{errors}");
    // The pages of pywagi are no requests of the app.
    assert_eq!(api(&server, "requests", "List")["last"], 3);

    for (path, expected) in [
        ("requests?status=x", (400, "status=\"x\" cannot be filtered by: give a status such as 404 or 5xx")),
        ("requests/4", (404, "request 4 is not kept, or not any more")),
        ("requests/0", (404, "request 0 is not kept, or not any more")),
        ("requests/-1", (404, "\"-1\" is not the number of a request")),
        ("requests/4/har", (404, "request 4 is not kept, or not any more")),
        ("x", (404, "there is no /__pywagi/api/x; docs/openapi.json of pywagi lists what there is")),
        ("requests/1/send", (405, "only POST is answered here")),
    ] {
        let (status, why) = expected;
        assert_eq!(refusal(&server.get(&format!("/__pywagi/api/{path}"))), (status, why.to_owned()), "{path}");
    }
    assert_eq!(refusal(&post(&server, "requests", "")), (405, "only GET and HEAD is answered here".to_owned()));
}

#[test]
fn a_request_is_sent_again_as_it_was_or_changed_to_the_code_as_it_is_now() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: text/plain\n\nold"));
    let server = project.dev(&[]);
    server.request("PUT /a?b", &["X-A: 1", "Content-Length: 4"], b"body");
    project.write("guest.wat", wat::shows());
    let again = entry(&server, send(&server, 1, ""));
    assert_eq!((&again["id"], &again["again_of"], &again["target"]), (&json!(2), &json!(1), &json!("/a?b")));
    let seen = shown(&again);
    for variable in ["REQUEST_METHOD=PUT", "HTTP_X_A=1", "CONTENT_LENGTH=4", "QUERY_STRING=b"] {
        assert!(seen.contains(&variable.to_owned()), "{variable}: {seen:?}");
    }
    assert!(seen.last().is_some_and(|body| body == "body"), "{seen:?}");
    assert_eq!(entry(&server, 1)["response"]["body"], "old");

    let changes =
        json!({"method": "POST", "target": "/c?d", "headers": [["Host", "h"], ["X-A", "2"]], "body": "b\u{e9}"});
    let changed = shown(&entry(&server, send(&server, 2, &changes.to_string())));
    for variable in ["REQUEST_METHOD=POST", "HTTP_X_A=2", "CONTENT_LENGTH=3", "QUERY_STRING=d", "SERVER_NAME=h"] {
        assert!(changed.contains(&variable.to_owned()), "{variable}: {changed:?}");
    }
    assert!(changed.last().is_some_and(|body| body == "b\u{e9}"), "{changed:?}");
    // What is sent again is in the log like any other.
    let log = server.wait_for_log(" POST /c?d 200 ");
    assert!(log.contains(" PUT /a?b 200 "), "{log}");

    for (changes, why) in [
        ("{\"target\":\"/__pywagi/\"}", "\"/__pywagi/\" is a page of pywagi, not of the app"),
        ("{\"method\":\"G T\"}", "\"G T\" is not a valid method"),
    ] {
        assert_eq!(refusal(&post(&server, "requests/1/send", changes)), (400, why.to_owned()));
    }
}

#[test]
fn a_request_and_its_answer_become_a_test() {
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: text/plain\n\nfine\n"));
    let server = project.dev(&[]);
    server.request("PUT /a?b", &["X-A: 1", "Content-Length: 4"], b"body");
    let reply = post(&server, "requests/1/test", "{\"name\":\"mine\"}");
    let written: Value = serde_json::from_slice(&reply.body).expect("JSON");
    Schemas::read().check("Written", &written);
    assert_eq!((reply.status(), &written["files"]), (201, &json!(["tests/mine.toml"])));
    project.pywagi(["test"]).output().code(0).stdout_has("tests/mine.toml:1  mine");
    server.wait_for_log("Saved tests/mine.toml");
    for (id, body, status, why) in [
        (1, "{\"name\":\"../x\"}", 400, "\"../x\" cannot be the name of a test"),
        (1, "{}", 400, "the body is not an object with a name: missing field `name` at line 1 column 2"),
        (9, "{\"name\":\"x\"}", 404, "request 9 is not kept, or not any more"),
    ] {
        assert_eq!(refusal(&post(&server, &format!("requests/{id}/test"), body)), (status, why.to_owned()));
    }
}

/// What the guest of [`wat::shows`] was given: its arguments, variables and body.
fn shown(entry: &Value) -> Vec<String> {
    use base64::Engine;
    let body = entry["response"]["body"].as_str().expect("a body");
    let bytes = base64::engine::general_purpose::STANDARD.decode(body).expect("it has bytes that are no UTF-8");
    bytes.split(|byte| matches!(byte, 0 | 0xff)).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
}

#[test]
fn a_failure_is_told_with_its_exception() {
    let project = Project::new(&python_modules(&[("/", "app.py")]))
        .file("code/app.py", "price = 1\nprint('Content-Type: text/plain\\n\\nhalf')\n{}['key']\n");
    let server = project.dev(&[]);
    assert_eq!(server.get("/?plain").header("x-pywagi-request"), None);
    let reply = server.request("GET /?page", &["Accept: application/json"], b"");
    let url = format!("http://{}/__pywagi/requests/2", server.address);
    assert_eq!((reply.status(), reply.header("x-pywagi-request")), (500, Some(url.as_str())));
    let errors = api(&server, "errors", "Errors");
    assert_eq!(ids(&errors), [2, 1]);
    for failed in errors["requests"].as_array().expect("a list") {
        assert_eq!(failed["failure"], "/code/app.py failed with exit code 1: KeyError: 'key'");
        let exception = &failed["report"]["exceptions"][0];
        assert_eq!((&exception["class"], &exception["frames"][0]["line"]), (&json!("KeyError"), &json!(3)));
        assert!(failed["stderr"].as_str().is_some_and(|text| text.starts_with("Traceback")), "{failed}");
    }
    // The request is run again for its variables where a page is shown.
    let variables = |index: usize| &errors["requests"][index]["report"]["exceptions"][0]["frames"][0]["variables"];
    assert!(variables(0).as_array().expect("a list").contains(&json!({"name": "price", "value": "1"})), "{errors}");
    assert_eq!(variables(1), &json!([]));
    assert!(errors["requests"][1]["report"]["without_variables"].is_string(), "{errors}");

    // The page leads to the request's own.
    let page = server.request("GET /", &["Accept: text/html"], b"").text();
    assert!(page.contains("<a href=\"/__pywagi/requests/3\">this request in the inspector</a>"), "{page}");

    // The answer to a request that is sent again is what its client would get.
    let again = entry(&server, send(&server, 2, ""));
    assert_eq!((&again["status"], &again["report"]["is_replayed"]), (&json!(500), &json!(true)));
    let headers = again["response"]["headers"].as_array().expect("a list");
    let own = json!(["X-Pywagi-Request", format!("http://{}/__pywagi/requests/4", server.address)]);
    assert!(headers.contains(&own), "{headers:?}");
    project.write("code/app.py", "print('Content-Type: text/plain\\n\\nmended')\n");
    assert_eq!(entry(&server, send(&server, 2, ""))["response"]["body"], "mended\n");
}

#[test]
fn a_request_is_an_http_archive() {
    let guest = wat::prints("Status: 302\nLocation: /b\nSet-Cookie: s=1; Path=/\n\n\u{e9}");
    let server = Project::new(ONE).file("guest.wat", guest).dev(&[]);
    server.request("POST /a?q=%20", &["Content-Type: a/b", "Content-Length: 1", "Cookie: c=d"], b"\xff");
    server.get("/b");
    let archive = api(&server, "har", "Archive");
    let entries = archive["log"]["entries"].as_array().expect("a list");
    assert_eq!((&archive["log"]["version"], entries.len()), (&json!("1.2"), 2));
    let one = api(&server, "requests/1/har", "Archive");
    let entry = &one["log"]["entries"][0];
    assert_eq!(&entries[0], entry);
    let (request, response) = (&entry["request"], &entry["response"]);
    assert_eq!(request["url"], format!("http://{}/a?q=%20", server.address));
    assert_eq!(request["queryString"], json!([{"name": "q", "value": " "}]));
    assert_eq!(request["cookies"], json!([{"name": "c", "value": "d"}]));
    assert_eq!(request["postData"], json!({"mimeType": "a/b", "params": [], "text": "/w==", "encoding": "base64"}));
    assert_eq!((&response["status"], &response["redirectURL"]), (&json!(302), &json!("/b")));
    assert_eq!(response["cookies"], json!([{"name": "s", "value": "1"}]));
    assert_eq!(response["content"], json!({"size": 2, "mimeType": "", "text": "\u{e9}"}));
    assert_eq!((&entry["timings"]["send"], &entry["cache"]), (&json!(0.0), &json!({})));
    assert_eq!(entries[1]["request"].get("postData"), None);
}

#[test]
fn what_is_documented_is_what_there_is() {
    let documented: Vec<_> = Schemas::read().operations();
    let mut there: Vec<_> = pywagi::inspect::PATHS.map(|(method, path)| (method.to_owned(), path.to_owned())).to_vec();
    there.sort();
    assert_eq!(documented, there);
}

#[test]
fn nothing_is_kept_with_no_inspect() {
    let server = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\nguest")).dev(&["--no-inspect"]);
    assert_eq!(server.get("/__pywagi/api/requests").text(), "guest");
    assert_eq!(post(&server, "requests/1/send", "").text(), "guest");
}

#[test]
fn without_recordings_the_environment_is_not_known() {
    let server = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n")).dev(&["--no-record"]);
    server.get("/");
    let entry = entry(&server, 1);
    assert_eq!(
        (&entry["environment"], &entry["arguments"], &entry["recording"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
}
