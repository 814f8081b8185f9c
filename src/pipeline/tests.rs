//! Whole requests, answered by small guests that are written here.

mod load;

use std::sync::{Arc, Mutex};

use super::*;
use crate::error::Result;
use crate::guest::{Runtime, Volume};
use crate::manifest;
use crate::terminal::{ColorChoice, Terminal};

/// The head of every guest: `$print` writes `length` bytes at `start` to a descriptor.
const PRELUDE: &str = r#"
(import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
(import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes (param i32 i32) (result i32)))
(import "wasi_snapshot_preview1" "environ_get" (func $environ (param i32 i32) (result i32)))
(memory (export "memory") 4)
(func $print (param $fd i32) (param $start i32) (param $length i32)
  (i32.store (i32.const 0) (local.get $start))
  (i32.store (i32.const 4) (local.get $length))
  (drop (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
"#;

/// A function `name` that writes `text` to descriptor `fd` and then does `then`; `at` is where its text lies.
fn printing(name: &str, at: usize, fd: u32, text: &str, then: &str) -> String {
    let escaped: String = text.bytes().map(|b| format!("\\{b:02x}")).collect();
    let length = text.len();
    format!(
        "(data (i32.const {at}) \"{escaped}\")\n(func (export \"{name}\")\n  \
         (call $print (i32.const {fd}) (i32.const {at}) (i32.const {length})) {then})\n"
    )
}

/// A guest whose `_start` writes `text` to standard output and then does `then`.
fn saying(text: &str, then: &str) -> String {
    printing("_start", 1024, 1, text, then)
}

/// A guest that answers with its arguments and its environment, each ended by a NUL, an empty line between the two
/// and after them, and then its standard input.
const ECHO: &str = r#"
(data (i32.const 1024) "Content-Type: text/plain\n\n")
(data (i32.const 1056) "\n\n")
(func (export "_start")
  (call $print (i32.const 1) (i32.const 1024) (i32.const 26))
  (drop (call $args_sizes (i32.const 16) (i32.const 20)))
  (drop (call $args (i32.const 2048) (i32.const 16384)))
  (call $print (i32.const 1) (i32.const 16384) (i32.load (i32.const 20)))
  (call $print (i32.const 1) (i32.const 1056) (i32.const 2))
  (drop (call $environ_sizes (i32.const 16) (i32.const 20)))
  (drop (call $environ (i32.const 2048) (i32.const 16384)))
  (call $print (i32.const 1) (i32.const 16384) (i32.load (i32.const 20)))
  (call $print (i32.const 1) (i32.const 1056) (i32.const 2))
  (loop $more
    (i32.store (i32.const 0) (i32.const 65536))
    (i32.store (i32.const 4) (i32.const 4096))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (if (i32.load (i32.const 8))
      (then
        (call $print (i32.const 1) (i32.const 65536) (i32.load (i32.const 8)))
        (br $more)))))
"#;

/// An app in a temporary directory.
struct Site {
    dir: tempfile::TempDir,
    options: Options,
}

impl Site {
    /// Guests by file name, and a modules.toml.
    fn new(guests: &[(&str, &str)], manifest: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for (name, body) in guests {
            std::fs::write(dir.path().join(name), format!("(module {PRELUDE} {body})")).unwrap();
        }
        std::fs::write(dir.path().join("modules.toml"), manifest).unwrap();
        Self { dir, options: Options::default() }
    }

    /// One guest for every path.
    fn of(guest: &str) -> Self {
        Self::new(&[("a.wat", guest)], "[[module]]\nroute = \"/...\"\nmodule = \"a.wat\"\n")
    }

    fn load(&self) -> Result<App> {
        let manifest = manifest::load(&self.dir.path().join("modules.toml"))?;
        let terminal = Terminal::new(ColorChoice::Never, true, false);
        App::load(manifest, self.options.clone(), &Runtime::new(None)?, None, &terminal)
    }

    fn answer(&self, request: &Request) -> Outcome {
        let app = self.load().unwrap_or_else(|e| panic!("{e}"));
        run(&app, request)
    }

    fn get(&self, target: &str) -> Outcome {
        self.answer(&Request::new("GET", target))
    }

    /// `text` with `DIR` for the site's directory.
    fn plain(&self, text: &str) -> String {
        text.replace(&self.dir.path().display().to_string(), "DIR").replace("DIR\\", "DIR/")
    }

    fn failure(&self) -> Error {
        match self.load() {
            Ok(_) => panic!("must not load"),
            Err(e) => e,
        }
    }
}

/// Answers on a thread with the stack that a guest needs.
fn run(app: &App, request: &Request) -> Outcome {
    std::thread::scope(|scope| {
        let builder = guest::GuestThread::new("guest");
        builder
            .spawn_scoped(scope, || handle(app, request, Arc::new(|_| ()), Cancellation::new()))
            .unwrap()
            .join()
            .unwrap()
    })
}

fn body(outcome: &Outcome) -> String {
    String::from_utf8_lossy(&outcome.response.body).into_owned()
}

/// What [`ECHO`] answered: arguments, environment, standard input.
fn echoed(outcome: &Outcome) -> (Vec<String>, Vec<String>, String) {
    let body = body(outcome);
    let mut parts = body.splitn(3, "\n\n").map(str::to_owned);
    let mut next = || parts.next().expect("three parts");
    let list = |text: String| text.split_terminator('\0').map(str::to_owned).collect();
    (list(next()), list(next()), next())
}

#[test]
fn a_guest_answers_with_what_it_printed() {
    let outcome = Site::of(&saying("Status: 201 Made\nX: y\r\n\nbody\n", "")).get("/some/path");
    assert_eq!((outcome.response.status, outcome.response.reason.as_deref()), (201, Some("Made")));
    assert_eq!(outcome.response.headers.get("X"), Some(&b"y"[..]));
    assert_eq!(body(&outcome), "body\n");
    assert_eq!(outcome.route.as_deref(), Some("/..."));
    assert_eq!(outcome.exit, Some(Exit::Code(0)));
    assert_eq!((outcome.failure, outcome.warnings), (None, vec![]));
    assert!(matches!(outcome.start, Some(Start::Cold(_))));
}

#[test]
fn a_guest_gets_arguments_environment_and_body() {
    let mut site = Site::new(
        &[("a.wat", ECHO)],
        "[[module]]\nroute = \"/x/...\"\nmodule = \"a.wat\"\nargv = \"guest ${SCRIPT_NAME} ${ARGS}\"\n\
         environment = { A = \"module\", B = \"module\", C = \"module\", D = \"module\", PATH_INFO = \"evil\" }\n",
    );
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    site.options.interpreter_environment = |module, volumes| {
        assert!(module.ends_with("a.wat") && volumes.is_empty());
        Ok(["A", "Z"].map(|name| (name.to_owned(), "interpreter".to_owned())).to_vec())
    };
    site.options.env_file = vec![pair("B", "file"), pair("C", "file"), pair("D", "file"), pair("D", "later")];
    site.options.environment = vec![pair("C", "flag"), pair("C", "last flag"), pair("PATH_INFO", "evil")];
    let mut request = Request::new("POST", "/x/p%20q?a=1&b");
    request.headers.push("Host", "here:1");
    request.body = b"sent\n\n\0body"[..].into();
    let outcome = site.answer(&request);
    let (arguments, environment, stdin) = echoed(&outcome);
    assert_eq!(arguments, ["guest", "/x/p%20q", "a=1", "b"]);
    assert_eq!(stdin, "sent\n\n\0body");
    let expected = [
        "A=module",
        "AUTH_TYPE=",
        "B=file",
        "C=last flag",
        "CONTENT_LENGTH=11",
        "CONTENT_TYPE=",
        "D=later",
        "GATEWAY_INTERFACE=CGI/1.1",
        "HTTP_HOST=here:1",
        "PATH_INFO=/p q",
        "PATH_TRANSLATED=/p q",
        "QUERY_STRING=a=1&b",
        "REMOTE_ADDR=127.0.0.1",
        "REMOTE_HOST=127.0.0.1",
        "REMOTE_USER=",
        "REQUEST_METHOD=POST",
        "SCRIPT_NAME=/x",
        "SERVER_NAME=here",
        "SERVER_PORT=1",
        "SERVER_PROTOCOL=HTTP/1.1",
        "SERVER_SOFTWARE=WAGI/1",
        "X_FULL_URL=http://here:1/x/p%20q?a=1&b",
        "X_MATCHED_ROUTE=/x/...",
        "X_RAW_PATH_INFO=/p%20q",
        "Z=interpreter",
    ];
    assert_eq!(environment, expected);
}

#[test]
fn a_head_request_runs_the_guest_and_keeps_what_get_would_answer() {
    let outcome = Site::of(&saying("Content-Type: a\n\nbody", "")).answer(&Request::new("HEAD", "/"));
    assert_eq!((outcome.response.status, body(&outcome)), (200, "body".to_owned()));
}

/// wagi.md, Response, last paragraph: 500 even if it had printed headers.
#[test]
fn a_guest_that_fails_is_500_whatever_it_printed() {
    let printed = "Status: 204 Fine\n\n";
    for (then, what, exit) in [
        ("(call $proc_exit (i32.const 3))", "failed with exit code 3", Some(Exit::Code(3))),
        ("unreachable", "trapped: wasm `unreachable` instruction executed", None),
        (
            "(loop $l (br $l))",
            "was stopped after 200ms, the time limit",
            Some(Exit::TimedOut(Duration::from_millis(200))),
        ),
    ] {
        let mut site = Site::of(&saying(printed, then));
        site.options.limits.timeout = Some(Duration::from_millis(200));
        let outcome = site.get("/");
        assert_eq!(outcome.response.status, 500, "{then}");
        assert_eq!(outcome.response.headers.get("content-type"), Some(&b"text/plain; charset=utf-8"[..]));
        assert_eq!(outcome.failure.as_ref().map(|f| site.plain(&f.to_string())), Some(format!("DIR/a.wat {what}")));
        if exit.is_some() {
            assert_eq!(outcome.exit, exit);
        }
        let help = if then.contains("loop") { "  help: give it more time with --timeout\n" } else { "" };
        let page = format!(
            "500 Internal Server Error\n\nDIR/a.wat {what}\n{help}\nroute:  /...\nmodule: DIR/a.wat\n\n\
             What it wrote to standard error is in the terminal where pywagi runs.\n"
        );
        assert_eq!(site.plain(&body(&outcome)), page);
    }
}

#[test]
fn an_exit_with_code_0_is_success() {
    let outcome = Site::of(&saying("Content-Type: a\n\nb", "(call $proc_exit (i32.const 0))")).get("/");
    assert_eq!((outcome.response.status, outcome.failure), (200, None));
}

#[test]
fn a_traceback_on_standard_error_is_told_and_passed_on() {
    let stderr = "Traceback (most recent call last):\n  File \"/code/a.py\", line 7, in <module>\nKeyError: 'k'\n";
    let guest = printing("_start", 1024, 2, stderr, "(call $proc_exit (i32.const 1))");
    let site = Site::new(
        &[("a.wat", &guest)],
        "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\nargv = \"python /code/a.py ${ARGS}\"\n",
    );
    let app = site.load().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink: StderrSink = {
        let seen = Arc::clone(&seen);
        Arc::new(move |bytes| seen.lock().unwrap().extend_from_slice(bytes))
    };
    let outcome = std::thread::scope(|scope| {
        let builder = guest::GuestThread::new("guest");
        builder
            .spawn_scoped(scope, || handle(&app, &Request::new("GET", "/"), sink, Cancellation::new()))
            .unwrap()
            .join()
            .unwrap()
    });
    assert_eq!(seen.lock().unwrap().as_slice(), stderr.as_bytes());
    assert_eq!(outcome.stderr, stderr.as_bytes());
    assert_eq!(
        outcome.failure.as_ref().map(ToString::to_string).as_deref(),
        Some("/code/a.py failed with exit code 1: KeyError: 'k'")
    );
    let page = "500 Internal Server Error\n\n\
                /code/a.py failed with exit code 1: KeyError: 'k'\n  \
                at File \"/code/a.py\", line 7, in <module>\n\n\
                route:  /\n\
                module: DIR/a.wat\n\n\
                What it wrote to standard error is in the terminal where pywagi runs.\n";
    assert_eq!(site.plain(&body(&outcome)), page);
}

#[test]
fn output_that_is_no_response_is_500_with_its_start() {
    let site = Site::of(&saying("Content-Type: a\nHello\n", ""));
    let outcome = site.get("/");
    let what = "DIR/a.wat did not print a valid response: there is no empty line after the headers";
    assert_eq!(outcome.failure.as_ref().map(|f| site.plain(&f.to_string())).as_deref(), Some(what));
    assert_eq!(outcome.exit, Some(Exit::Code(0)));
    let page = format!(
        "500 Internal Server Error\n\n{what}\n  its output begins with \"Content-Type: a\\nHello\\n\"\n  \
         help: print an empty line between the headers and the body: print()\n\n\
         route:  /...\nmodule: DIR/a.wat\n\n\
         What it wrote to standard error is in the terminal where pywagi runs.\n"
    );
    assert_eq!((outcome.response.status, site.plain(&body(&outcome))), (500, page));
}

#[test]
fn a_bad_status_is_502_with_the_rest_as_printed_and_a_failure() {
    let site = Site::of(&saying("Status: OK\nX: y\n\nbody", ""));
    let outcome = site.get("/");
    assert_eq!((outcome.response.status, body(&outcome)), (502, "body".to_owned()));
    assert_eq!(outcome.response.headers.get("X"), Some(&b"y"[..]));
    let failure = "DIR/a.wat did not print a valid response: its `Status` is not a number from 100 to 999";
    assert_eq!(outcome.failure.as_ref().map(|f| site.plain(&f.to_string())).as_deref(), Some(failure));
    let warning = "\"Status: OK\" makes the response a 502: `Status` is not a number from 100 to 999";
    assert_eq!(outcome.warnings, [warning]);
}

#[test]
fn a_dropped_header_line_is_a_warning() {
    let outcome = Site::of(&saying("Content-Type: a\noops\n\nbody", "")).get("/");
    assert_eq!((outcome.response.status, outcome.failure), (200, None));
    assert_eq!(outcome.warnings, ["dropped the header line \"oops\": it has no colon"]);
}

#[test]
fn a_path_with_a_nul_is_400_before_any_guest_runs() {
    let site = Site::of("(func (export \"_start\") unreachable)");
    let outcome = site.get("/a%00b");
    assert_eq!((outcome.response.status, outcome.exit.clone(), outcome.failure.clone()), (400, None, None));
    let text = "400 Bad Request\n\nthe variable PATH_INFO would hold a NUL byte, which no guest can be given.\n";
    assert_eq!(body(&outcome), text);
    assert_eq!(outcome.route.as_deref(), Some("/..."));
}

/// wagi.md, Routing.
#[test]
fn without_a_route_it_is_404_but_for_healthz() {
    let guest = saying("Content-Type: a\n\nguest", "");
    let manifest = "[[module]]\nroute = \"/a/...\"\nmodule = \"a.wat\"\n";
    let app = Site::new(&[("a.wat", &guest)], manifest).load().unwrap();
    let answer = |method: &str, target: &str| {
        let outcome = run(&app, &Request::new(method, target));
        assert_eq!((outcome.route.as_deref(), outcome.exit.clone()), (None, None));
        (outcome.response.status, body(&outcome))
    };
    assert_eq!(answer("GET", "/healthz"), (200, "OK".to_owned()));
    assert_eq!(answer("HEAD", "/healthz"), (200, "OK".to_owned()));
    let missing = |path: &str| (404, format!("404 Not Found\n\nNo route matches {path}. The routes are:\n  /a/...\n"));
    assert_eq!(answer("POST", "/healthz"), missing("/healthz"));
    assert_eq!(answer("GET", "/healthz/x"), missing("/healthz/x"));
    assert_eq!(answer("GET", "/ab"), missing("/ab"));

    let outcome = Site::of(&guest).get("/healthz");
    assert_eq!((outcome.response.status, body(&outcome)), (200, "guest".to_owned()));
}

#[test]
fn a_volume_that_went_away_is_told_in_the_answer() {
    let site = Site::new(
        &[("a.wat", &saying("Content-Type: a\n\nb", ""))],
        "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\nvolumes = { \"/d\" = \"d\" }\n",
    );
    let volume = site.dir.path().join("d");
    std::fs::create_dir(&volume).unwrap();
    let app = site.load().unwrap();
    std::fs::remove_dir(&volume).unwrap();
    let outcome = run(&app, &Request::new("GET", "/"));
    assert_eq!(outcome.response.status, 500);
    let failure = site.plain(&outcome.failure.as_ref().map(ToString::to_string).unwrap_or_default());
    let why = std::fs::read_dir(&volume).expect_err("it is gone");
    let expected = format!("DIR/a.wat could not be started: the volume /d cannot be opened: DIR/d: {why}");
    assert_eq!(failure, expected);
    assert_eq!(
        outcome.failure.as_ref().and_then(|f| f.help.as_deref()),
        Some("create the directory, or correct `volumes` in modules.toml")
    );
}

#[test]
fn a_description_names_the_route_the_start_and_each_step() {
    let described = |timings, route: Option<&str>, start| {
        let mut outcome = Outcome::without_guest(Response::plain(200, ""), timings);
        outcome.route = route.map(str::to_owned);
        outcome.start = start;
        summary(&outcome)
    };
    let ms = Duration::from_millis;
    let timings = Timings { route: ms(1), cgi: ms(2), instantiate: ms(3), run: ms(4), response: ms(5), total: ms(15) };
    let steps = "route 1.00 ms, cgi 2.00 ms, instantiate 3.00 ms, run 4.00 ms, response 5.00 ms, total 15.00 ms";
    assert_eq!(described(timings, Some("/a"), Some(Start::Warm)), format!("route /a; warm; {steps}"));
    let cold = Start::Cold("--cold".to_owned());
    assert_eq!(described(timings, Some("/a"), Some(cold)), format!("route /a; cold (--cold); {steps}"));
    assert_eq!(described(timings, None, None), format!("no route; no guest ran; {steps}"));
}
