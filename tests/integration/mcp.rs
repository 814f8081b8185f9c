//! `pywagi mcp`, driven as an assistant drives it: by messages on standard input and output.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{self, Receiver};

use serde_json::{Value, json};

use crate::support::{ONE, PATIENCE, Project, python_modules, wat};

/// A client of a `pywagi mcp`, which does not outlive it.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    /// The lines that it prints.
    lines: Receiver<String>,
    last: u64,
}

impl Client {
    /// Starts `pywagi mcp` in the project, and greets it.
    fn start(project: &Project, arguments: &[&str]) -> Self {
        let mut client = Self::ungreeted(project, arguments);
        let answer = client.greet("2025-06-18");
        assert_eq!(answer["result"]["protocolVersion"], "2025-06-18", "{answer}");
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        client
    }

    fn ungreeted(project: &Project, arguments: &[&str]) -> Self {
        let mut command = project.pywagi(["mcp"].iter().chain(arguments)).into_command();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the binary starts");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("piped"));
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map(|line| line.expect("the pipe is readable"));
            // The test may have ended.
            lines.map_while(|line| sender.send(line).ok()).for_each(drop);
        });
        Self { child, input, lines, last: 0 }
    }

    #[track_caller]
    fn greet(&mut self, revision: &str) -> Value {
        let client = json!({ "name": "t", "version": "1" });
        self.request("initialize", json!({ "protocolVersion": revision, "capabilities": {}, "clientInfo": client }))
    }

    fn write(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it was not closed");
        input.write_all(format!("{line}\n").as_bytes()).expect("the process reads");
    }

    fn send(&mut self, message: &Value) {
        self.write(&message.to_string());
    }

    /// The next message, which is all that there is on standard output.
    #[track_caller]
    fn read(&mut self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("the process answers");
        serde_json::from_str(&line).unwrap_or_else(|why| panic!("{why}: {line}"))
    }

    /// Sends a request and gives back its number.
    fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.last += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }));
        self.last
    }

    #[track_caller]
    fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        let answer = self.read();
        assert_eq!((&answer["id"], &answer["jsonrpc"]), (&json!(id), &json!("2.0")), "{answer}");
        answer
    }

    fn begin(&mut self, tool: &str, arguments: Value) -> u64 {
        self.ask("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Calls a tool: its text, and whether that is an error.
    #[track_caller]
    fn text(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        let result = &answer["result"];
        assert_eq!(result["content"][0]["type"], "text", "{answer}");
        let text = result["content"][0]["text"].as_str().expect("a text").to_owned();
        (text, result["isError"].as_bool().expect("it says so"))
    }

    /// Calls a tool that gives an object.
    #[track_caller]
    fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let (text, is_error) = self.text(tool, arguments);
        assert!(!is_error, "{text}");
        serde_json::from_str(&text).unwrap_or_else(|why| panic!("{why}: {text}"))
    }

    /// Calls a tool that fails: its error, the project's directory as `[DIR]`.
    #[track_caller]
    fn error(&mut self, tool: &str, arguments: Value, root: &Path) -> String {
        let (text, is_error) = self.text(tool, arguments);
        assert!(is_error, "{text}");
        text.replace(&*root.to_string_lossy(), "[DIR]").replace('\\', "/")
    }

    /// Closes its input and checks that it ends well, having said nothing more.
    fn end(mut self) {
        drop(self.input.take());
        assert_eq!(self.lines.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected));
        assert_eq!(self.child.wait().expect("it ends").code(), Some(0));
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It has ended already where the test waited for that.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const SCRIPT: &str = "\
import os, sys
from urllib.parse import parse_qs


def half(n):
    api_key = 'geheim'
    return 2 / n


fields = parse_qs(os.environ['QUERY_STRING'])
print('Content-Type: text/plain\\n')
for n in [1, 2, int(fields['n'][0])]:
    print(half(n))
print('seen', file=sys.stderr)
";

/// An app whose route `/half` fails for n=0.
fn app() -> Project {
    Project::new(&python_modules(&[("/half", "app.py")])).file("code/app.py", SCRIPT)
}

/// The mended script.
fn mended() -> String {
    SCRIPT.replace("return 2 / n", "return 2 / n if n else 0")
}

/// What all that tell of the failure of [`app`] say of it.
#[track_caller]
fn check_failure(failure: &Value) {
    let exception = &failure["exceptions"][0];
    assert_eq!((&exception["class"], &exception["message"]), (&json!("ZeroDivisionError"), &json!("division by zero")));
    let [inner, outer] = &exception["frames"].as_array().expect("frames")[..] else { panic!("{failure}") };
    assert_eq!((&inner["at"], &inner["in"]), (&json!("code/app.py:7"), &json!("half")), "{failure}");
    assert_eq!(inner["variables"], json!({ "n": "0", "api_key": "'********'" }), "{failure}");
    assert!(
        inner["source"].as_str().is_some_and(|source| source.contains("\n>    7      return 2 / n\n")),
        "{failure}"
    );
    assert_eq!((&outer["at"], &outer["variables"]["n"]), (&json!("code/app.py:13"), &json!("0")), "{failure}");
    assert_eq!(failure["stdout"], "Content-Type: text/plain\n\n2.0\n1.0\n", "{failure}");
}

#[test]
fn a_failing_route_of_a_running_server_is_found_read_and_verified_as_mended_in_three_calls() {
    let project = app();
    let server = project.dev(&[]);
    for target in ["/half?n=2", "/half?n=0", "/half?n=1"] {
        server.get(target);
    }
    let mut client = Client::start(&project, &[]);

    let found = client.call("requests", json!({ "failed": true }));
    assert_eq!(found["from"], format!("pywagi dev at http://{}", server.address));
    let [failed] = &found["requests"].as_array().expect("a list")[..] else { panic!("{found}") };
    assert_eq!((&failed["target"], &failed["status"]), (&json!("/half?n=0"), &json!(500)));

    // The client that asked was told in plain text, so that nobody has looked at the variables yet.
    let read = client.call("errors", json!({ "id": failed["id"] }));
    let [error] = &read["errors"].as_array().expect("a list")[..] else { panic!("{read}") };
    check_failure(&error["failure"]);
    assert_eq!(error["recording"], failed["recording"]);

    project.write("code/app.py", mended());
    let verified = client.call("invoke", json!({ "request": "/half?n=0" }));
    assert_eq!((&verified["status"], &verified["body"]), (&json!(200), &json!("2.0\n1.0\n0\n")), "{verified}");
    assert_eq!((&verified["stderr"], &verified["failure"]), (&json!("seen\n"), &Value::Null));

    // What it sent itself is apart, and the request of the server can still be looked into.
    let own = client.call("requests", json!({ "from": "mcp" }));
    assert_eq!((&own["from"], own["requests"].as_array().map(Vec::len)), (&json!("invoke"), Some(1)));
    let arguments =
        json!({ "recording": failed["recording"], "at": "code/app.py:7", "time": 2, "evaluate": ["n * 10"] });
    let replayed = client.call("replay", arguments);
    assert_eq!(
        (&replayed["frames"][0]["at"], &replayed["evaluated"][0]["output"]),
        (&json!("code/app.py:7"), &json!("20\n"))
    );
    let whole = client.call("request", json!({ "id": failed["id"] }));
    assert_eq!(whole["request"]["request"]["query"], json!([["n", "0"]]), "{whole}");
    check_failure(&whole["request"]["failure"]);
    client.end();
}

#[test]
fn without_a_server_a_failure_is_caused_looked_into_and_verified_as_mended() {
    let project = app().file("tests/half.toml", "[[test]]\nrequest = \"/half?n=0\"\nexpect.contains = \"0\\n\"\n");
    let mut client = Client::start(&project, &[]);
    assert_eq!(client.call("errors", json!({})), json!({ "from": "invoke", "errors": [] }));
    let found = client.call("test", json!({}));
    assert_eq!((&found["passed"], &found["failed"]), (&json!(0), &json!(1)));
    let failure = &found["failures"][0];
    assert_eq!((&failure["name"], &failure["line"]), (&json!("/half?n=0"), &json!(1)));
    assert!(failure["faults"][0]["what"] == "the status is 500, expected one below 400", "{failure}");

    let caused = client.call("invoke", json!({ "request": "GET /half?n=0", "headers": { "X-Y": ["a", "b"] } }));
    assert_eq!(caused["status"], 500);
    check_failure(&caused["failure"]);
    let errors = client.call("errors", json!({}));
    check_failure(&errors["errors"][0]["failure"]);

    let recording = &caused["recording"];
    let at_end =
        client.call("replay", json!({ "recording": recording, "evaluate": ["n, api_key", "1 +", "n = 5", "n"] }));
    assert_eq!(at_end["stands"], "at the exception that ended the run");
    let outputs: Vec<_> = (0..4).map(|i| at_end["evaluated"][i]["output"].as_str().unwrap_or_default()).collect();
    assert_eq!(outputs, ["(0, 'geheim')\n", "", "", "5\n"]);
    assert!(at_end["evaluated"][1]["error"].as_str().is_some_and(|error| error.contains("SyntaxError")), "{at_end}");
    let steps = at_end["steps"].as_u64().expect("a number");
    let before = client.call("replay", json!({ "recording": recording, "step": steps - 1 }));
    assert_eq!(
        (&before["stands"], &before["frames"][0]["at"]),
        (&json!("before the line of its innermost call"), &json!("code/app.py:7"))
    );
    let outer =
        client.call("replay", json!({ "recording": recording, "step": steps - 1, "frame": 0, "evaluate": ["fields"] }));
    assert_eq!(outer["evaluated"][0]["output"], "{'n': ['0']}\n");
    let never = client.call("replay", json!({ "recording": recording, "at": "/code/app.py:14" }));
    assert_eq!((&never["note"], &never["steps"]), (&json!("the run did not come to /code/app.py:14"), &json!(steps)));

    project.write("code/app.py", mended());
    let verified = client.call("test", json!({ "filter": "half" }));
    assert_eq!(verified, json!({ "passed": 1, "failed": 0, "failures": [] }));

    project.write("tests/seen.toml", "[[test]]\nrequest = \"/half?n=4\"\nexpect.snapshot = \"seen.txt\"\n");
    let arguments = json!({ "filter": "seen" });
    assert_eq!(client.call("test", arguments.clone())["failed"], 1);
    let updated = client.call("test", json!({ "filter": "seen", "update": true }));
    assert_eq!(updated, json!({ "passed": 1, "failed": 0, "failures": [], "updated": 1 }));
    assert_eq!(project.read("tests/seen.txt"), "2.0\n1.0\n0.5\n");
    assert_eq!(client.call("test", arguments)["passed"], 1);
    client.end();
}

#[test]
fn what_the_tools_take_is_described_and_what_is_no_call_is_told_so() {
    let project = Project::new(ONE).file("guest.wat", wat::shows());
    let mut client = Client::ungreeted(&project, &[]);
    let greeting = client.greet("1999-01-01");
    assert_eq!(greeting["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(greeting["result"]["serverInfo"], json!({ "name": "pywagi", "version": env!("CARGO_PKG_VERSION") }));
    assert_eq!(greeting["result"]["capabilities"], json!({ "tools": {} }));
    assert_eq!(client.request("ping", json!({}))["result"], json!({}));
    let tools = client.request("tools/list", json!({}))["result"]["tools"].take();
    let names: Vec<_> = tools.as_array().expect("a list").iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert_eq!(names, ["routes", "check", "invoke", "requests", "request", "errors", "replay", "test"]);
    for tool in tools.as_array().expect("a list") {
        assert!(tool["description"].as_str().is_some_and(|text| text.ends_with('.')), "{tool}");
        assert_eq!(
            (&tool["inputSchema"]["type"], &tool["inputSchema"]["additionalProperties"]),
            (&json!("object"), &json!(false))
        );
    }

    let error =
        |answer: Value| (answer["error"]["code"].as_i64(), answer["error"]["message"].as_str().map(str::to_owned));
    let none = client.request("resources/list", json!({}));
    assert_eq!(error(none), (Some(-32601), Some("resources/list".to_owned())));
    let other = client.request("textDocument/hover", json!({}));
    let why = "there is no method \"textDocument/hover\": this server has tools and nothing else";
    assert_eq!(error(other), (Some(-32601), Some(why.to_owned())));
    let unknown = client.request("tools/call", json!({ "name": "rm", "arguments": {} }));
    let why = "there is no tool \"rm\"; there are routes, check, invoke, requests, request, errors, replay, test";
    assert_eq!(error(unknown), (Some(-32602), Some(why.to_owned())));
    let form = "`tools/call` takes `name`, the name of a tool, and `arguments`, an object";
    for params in [json!({}), json!({ "name": "invoke", "arguments": [1] })] {
        assert_eq!(error(client.request("tools/call", params)), (Some(-32602), Some(form.to_owned())));
    }
    // What is no JSON cannot be answered, and what comes after it is.
    client.write("{\"jsonrpc\"");
    let by_position = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":[]}";
    for line in ["\"x\"", "[{\"id\":\"a\",\"method\":\"ping\"}]", "{}", by_position] {
        client.write(line);
        let invalid = json!({ "code": -32600, "message": "Invalid request" });
        assert_eq!(client.read(), json!({ "jsonrpc": "2.0", "error": invalid }), "{line}");
    }

    let root = project.root().to_owned();
    for (tool, arguments, expected) in [
        ("routes", json!({ "x": 1 }), "the arguments of `routes` are wrong: unknown field `x`, there are no fields"),
        ("invoke", json!({}), "the arguments of `invoke` are wrong: missing field `request`"),
        (
            "invoke",
            json!({ "request": "x" }),
            "the arguments of `invoke` are wrong: `request = \"x\"` is no request: write a method and a path, such as \
             \"GET /units?q=m\"",
        ),
        (
            "invoke",
            json!({ "request": "/", "body": "", "json": 1 }),
            "the arguments of `invoke` are wrong: a request has one of `body`, `json` and `form`",
        ),
        (
            "invoke",
            json!({ "request": "/__pywagi/" }),
            "/__pywagi/ is a page of pywagi, not of the app\nhelp: `requests` and `errors` read what those pages show",
        ),
        ("requests", json!({ "status": "x" }), "status=\"x\" cannot be filtered by: give a status such as 404 or 5xx"),
        (
            "requests",
            json!({ "status": [] }),
            "the arguments of `requests` are wrong: status=[] is neither a text nor a number",
        ),
        ("request", json!({ "id": 7 }), "request 7 is not kept, or not any more"),
        (
            "errors",
            json!({ "from": "dev" }),
            "no `pywagi dev` of modules.toml is found\nhelp: start it with `pywagi dev`; one with --no-inspect or --no-record is \
             not found. Without it, `invoke` sends requests",
        ),
        (
            "replay",
            json!({ "recording": "../x" }),
            "the arguments of `replay` are wrong: \"../x\" is not the ID of a recording\nhelp: `invoke`, `requests` and `errors` \
             give it as `recording`",
        ),
        (
            "replay",
            json!({ "recording": "22222", "at": "app.py" }),
            "the arguments of `replay` are wrong: `at` is FILE:LINE, such as \"code/app.py:12\", not \"app.py\"",
        ),
        (
            "replay",
            json!({ "recording": "22222", "at": "a:1", "step": 1 }),
            "the arguments of `replay` are wrong: give `at` or `step`, not both",
        ),
        (
            "replay",
            json!({ "recording": "22222", "time": 1 }),
            "the arguments of `replay` are wrong: `time` goes with `at`",
        ),
        (
            "test",
            json!({ "paths": ["x.toml"], "update": true }),
            "the arguments of `test` are wrong: `update` is for the app's own tests: give `filter`, not `paths`",
        ),
        (
            "test",
            json!({ "filter": "x" }),
            "there is no test with \"x\" in its name\nhelp: `pywagi invoke PATH --save-test NAME` writes one; `pywagi help test` \
             shows what it holds",
        ),
    ] {
        let told = client.error(tool, arguments.clone(), &root);
        let told = told.replace("[DIR]/", "");
        assert_eq!(told, expected, "{tool} {arguments}");
    }
    // A guest that is no Python is answered, and not looked into.
    let answered = client.call("invoke", json!({ "request": "PUT /x?y", "json": { "a": 1 } }));
    assert_eq!((&answered["status"], &answered["start"]), (&json!(200), &json!("cold")), "{answered}");
    let told = client.error("replay", json!({ "recording": answered["recording"] }), &root);
    assert!(told.contains("it was a cold start, and a debugger needs a saved interpreter of CPython"), "{told}");
    client.end();
}

#[test]
fn an_app_that_is_missing_or_broken_is_told_and_found_once_it_is_there() {
    let project = Project::empty();
    let mut client = Client::start(&project, &[]);
    let root = project.root().to_owned();
    let missing = "there is no modules.toml in [DIR] or a directory above it\nhelp: run `pywagi init` to create an app here, or \
                   name the file with -c";
    for (tool, arguments) in
        [("routes", json!({})), ("check", json!({})), ("invoke", json!({ "request": "/" })), ("errors", json!({}))]
    {
        assert_eq!(client.error(tool, arguments, &root), missing, "{tool}");
    }
    project.write("modules.toml", "[[module]]\nrout = \"/\"\nmodule = \"guest.wat\"\n");
    let broken = client.error("invoke", json!({ "request": "/" }), &root);
    let unknown = "modules.toml:2:1: unknown key `rout` in [[module]]\n  |\n2 | rout = \"/\"\n  | ^^^^\n  help: did you mean `route`?\n";
    assert!(broken.starts_with(unknown), "{broken}");
    let checked = client.call("check", json!({}));
    assert!(checked["findings"][0]["message"].as_str().is_some_and(|text| text.contains("rout")), "{checked}");
    project.write("modules.toml", ONE);
    let no_guest = client.error("invoke", json!({ "request": "/" }), &root);
    assert!(no_guest.contains("guest.wat"), "{no_guest}");
    project.write("guest.wat", wat::prints("Content-Type: text/plain\n\nhere\n"));
    assert_eq!(client.call("invoke", json!({ "request": "/" }))["body"], "here\n");
    let routes = client.call("routes", json!({}));
    assert_eq!((&routes["routes"][0]["route"], &routes["routes"][0]["line"]), (&json!("/..."), &json!(1)));
    // An edit counts at once, and so does a mistake.
    project.write("modules.toml", ONE.replace("/...", "/a"));
    assert_eq!(client.call("invoke", json!({ "request": "/" }))["status"], 404);
    project.write("modules.toml", "[[module]]\n");
    assert!(client.error("invoke", json!({ "request": "/a" }), &root).contains("route"));
    client.end();
}

#[test]
fn a_call_that_takes_long_can_be_cancelled_and_pings_are_answered_meanwhile() {
    let project = Project::new(ONE).file("guest.wat", wat::hangs("", ""));
    let mut client = Client::start(&project, &[]);
    let running = client.begin("invoke", json!({ "request": "/" }));
    let waiting = client.begin("invoke", json!({ "request": "/" }));
    assert_eq!(client.request("ping", json!({}))["result"], json!({}));
    for id in [waiting, running] {
        client.send(&json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } }));
    }
    // Neither has an answer; the next call has.
    let routes = client.call("routes", json!({}));
    assert_eq!(routes["routes"][0]["program"], "guest.wat");
    client.end();
}

#[test]
fn a_server_without_pages_or_of_another_app_is_not_asked() {
    let other = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: text/plain\n\nother"));
    let project = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: text/plain\n\nmine"));
    let (elsewhere, blind) = (other.dev(&[]), project.dev(&["--no-inspect"]));
    elsewhere.get("/");
    blind.get("/");
    let mut client = Client::start(&project, &[]);
    assert_eq!(client.call("requests", json!({})), json!({ "from": "invoke", "requests": [] }));
    // That of another one is, where its file is named.
    let config = other.path("modules.toml");
    let mut client = Client::start(&project, &["-c", config.to_str().expect("UTF-8")]);
    let list = client.call("requests", json!({ "limit": 5, "status": 200, "method": "get", "path": "/" }));
    assert_eq!(
        (&list["from"], list["requests"].as_array().map(Vec::len)),
        (&json!(format!("pywagi dev at http://{}", elsewhere.address)), Some(1))
    );
    drop(elsewhere);
    // Once it was killed, it is not waited for.
    assert_eq!(client.call("requests", json!({}))["from"], "invoke");
    client.end();
}

#[test]
fn input_that_ends_or_is_another_protocol_before_a_greeting_ends_it() {
    let project = Project::empty();
    let run = project.pywagi(["mcp"]).stdin("").output();
    assert_eq!((run.code(0).stdout_text(), run.stderr_text()), (String::new(), String::new()));
    let other = "{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}\n\
                 {\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    let run = project.pywagi(["mcp"]).stdin(other).output();
    let why = "error: the first message on standard input is not `initialize`\n  help: `pywagi help mcp` shows how assistants and \
               editors are told to start this command\n";
    assert_eq!((run.code(1).stdout_text(), run.stderr_text()), (String::new(), why.to_owned()));
}
