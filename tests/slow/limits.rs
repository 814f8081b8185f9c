//! What a request may use: each limit reached, by small guests and by Python, through `invoke` and `dev`.

#[cfg(target_os = "linux")]
use crate::support::after;
#[cfg(unix)]
use crate::support::small_disk;
use crate::support::{DevServer, ONE, Project, python_modules, wat};

fn project(guest: impl AsRef<[u8]>) -> Project {
    Project::new(ONE).file("guest.wat", guest)
}

/// An app whose `/NAME` runs `code/NAME.py`.
fn python_project(scripts: &[(&str, &str)]) -> Project {
    let routes: Vec<_> = scripts.iter().map(|(name, _)| (format!("/{name}"), format!("{name}.py"))).collect();
    let routes: Vec<_> = routes.iter().map(|(route, file)| (route.as_str(), file.as_str())).collect();
    let project = Project::new(&python_modules(&routes));
    scripts.iter().fold(project, |project, (name, script)| project.file(&format!("code/{name}.py"), script))
}

/// Checks that a request fails in the same words in the answer and in the terminal, and that the server lives on.
#[track_caller]
fn fails(server: &DevServer, path: &str, line: &str, remedy: &str) {
    let reply = server.get(path);
    assert_eq!(reply.line, "HTTP/1.1 500 Internal Server Error");
    let page = reply.text();
    assert!(page.starts_with(&format!("500 Internal Server Error\n\n{line}\n")), "{page}");
    assert!(page.contains(&format!("\n  help: {remedy}\n")), "{page}");
    server.wait_for_log(&format!("{line}\n  help: {remedy}\n"));
}

/// A guest that does this and answers nothing.
fn doing(what: &str) -> String {
    format!("(module (memory (export \"memory\") 1) (func $f {what}) (func (export \"_start\") (call $f)))")
}

#[test]
fn a_guest_without_end_is_stopped_at_the_time_limit() {
    let run =
        project(wat::hangs("Content-Type: a/b\n\n", "")).pywagi(["invoke", "/", "-q", "--timeout", "100ms"]).output();
    run.code(3)
        .stderr("error: guest.wat was stopped after 100ms, the time limit\n  help: give it more time with --timeout\n");
    run.stdout_has("500 Internal Server Error\n\nguest.wat was stopped after 100ms, the time limit\n  help: ");
}

#[cfg(target_os = "linux")]
#[test]
fn no_guest_runs_without_the_thread_that_enforces_the_time_limit() {
    let project = project(wat::prints("Content-Type: a/b\n\nanswered"));
    let invoke = || project.pywagi(["invoke", "/", "-q", "--timeout", "100ms"]);
    invoke().output().code(0).stdout("answered").stderr("");
    // The stack of each thread that asks for no other size: more than the address space has.
    invoke().env("RUST_MIN_STACK", (1_u64 << 47).to_string()).output().code(1).stdout("").stderr(
        "error: cannot start the thread that enforces time limits: Resource temporarily unavailable (os error 11)\n  \
         help: end other processes, or raise their limit with `ulimit -u`\n",
    );
}

#[test]
fn python_is_stopped_at_the_time_limit_busy_or_asleep() {
    let project = python_project(&[
        ("busy", "while True: pass\n"),
        ("asleep", "import time\ntime.sleep(600)\n"),
        ("reading", "import select, sys\nwhile True: sys.stdin.read()\n"),
        ("good", "print('Content-Type: text/plain\\n\\ngood')\n"),
    ]);
    for flags in [&["--timeout", "500ms"][..], &["--timeout", "500ms", "--cold"]] {
        let server = project.dev(flags);
        for name in ["busy", "asleep", "reading"] {
            let line = format!("/code/{name}.py was stopped after 500ms, the time limit");
            fails(&server, &format!("/{name}"), &line, "give it more time with --timeout");
        }
    }
    assert_eq!(project.dev(&[]).get("/good").text(), "good\n");
}

#[cfg(unix)]
#[test]
fn a_write_beyond_the_limit_on_file_sizes_fails_in_the_script_and_ends_nothing() {
    let script = "result = 'written'\n\
                  try:\n    with open('/code/big', 'wb') as file: file.write(b'x' * 12_000_000)\n\
                  except OSError as error: result = error.strerror\n\
                  print(f'Content-Type: text/plain\\n\\n{result}')\n";
    let project = python_project(&[("write", script)]);
    // The saved interpreter is larger than the limit.
    project.pywagi(["invoke", "/write", "-q"]).output().code(0).stdout("written\n");
    let server = DevServer::start_after(&project, &small_disk(10_000_000), &[]);
    for _ in 0..2 {
        assert_eq!(server.get("/write").text(), "File too large\n");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn too_little_address_space_is_no_failure_of_the_script() {
    let project = project(wat::prints("Content-Type: a/b\n\nanswered"));
    let command = project.pywagi(["invoke", "/", "-q"]).into_command();
    let output = after("ulimit -v 3000000", &command).output().expect("pywagi runs");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: guest.wat could not be started: cannot reserve 4328521728 bytes of address space: Cannot allocate memory \
         (os error 12)\n  help: raise the limit on address space (`ulimit -v`), or remove it: a run reserves that much, \
         however little memory it uses\n"
    );
}

#[test]
fn memory_is_bounded() {
    // A guest that asks for 64 KiB until it is refused and then fails.
    let grows = doing("(loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable");
    let run = project(grows).pywagi(["invoke", "/", "-q", "--max-memory", "8M"]).output();
    run.code(3).stderr(
        "error: guest.wat trapped: wasm `unreachable` instruction executed; it was refused memory beyond the limit of \
         8 MiB\n  help: give it more memory with --max-memory\n",
    );
    let run = project(doing("")).pywagi(["invoke", "/", "-q", "--max-memory", "1000"]).output();
    run.code(3).stderr(
        "error: guest.wat could not be started: memory minimum size of 1 pages exceeds memory limits; it was refused \
         memory beyond the limit of 1000 bytes\n  help: give it more memory with --max-memory\n",
    );
    // Many memories and tables share the limit.
    let many =
        format!("(module {} (memory (export \"memory\") 1) (func (export \"_start\")))", "(memory 64)".repeat(3));
    let run = project(many).pywagi(["invoke", "/", "-q", "--max-memory", "10MiB"]).output();
    run.code(3).stderr(
        "error: guest.wat could not be started: memory minimum size of 64 pages exceeds memory limits; it was refused \
         memory beyond the limit of 10 MiB\n  help: give it more memory with --max-memory\n",
    );
    let table = "(module (table $t 1 funcref) (memory (export \"memory\") 1) (func (export \"_start\")
        (loop $l (br_if $l (i32.ne (table.grow $t (ref.null func) (i32.const 1000)) (i32.const -1)))) unreachable))";
    let run = project(table).pywagi(["invoke", "/", "-q", "--max-memory", "1MiB"]).output();
    run.code(3).stderr(
        "error: guest.wat trapped: wasm `unreachable` instruction executed; it was refused memory beyond the limit of \
         1 MiB\n  help: give it more memory with --max-memory\n",
    );
}

#[test]
fn a_guest_that_bears_a_refusal_answers() {
    let head = "Content-Type: text/plain\n\n";
    let guest = wat::prints(format!("{head}fine")).replacen(
        "(func (export \"_start\")",
        "(func (export \"_start\") (drop (memory.grow (i32.const 65000)))",
        1,
    );
    project(guest).pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine").stderr("");
}

#[test]
fn python_that_needs_too_much_memory_is_told_the_limit() {
    let project = python_project(&[
        ("hungry", "x = []\nwhile True: x.append(bytes(1 << 20))\n"),
        ("large", "print('Content-Type: text/plain\\n')\nprint(len(bytes(100 << 20)))\n"),
    ]);
    for flags in [&["--max-memory", "64M"][..], &["--max-memory", "64M", "--cold"]] {
        let server = project.dev(flags);
        let limit = "it was refused memory beyond the limit of 64 MiB";
        for name in ["hungry", "large"] {
            let line = format!("/code/{name}.py failed with exit code 1: MemoryError; {limit}");
            fails(&server, &format!("/{name}"), &line, "give it more memory with --max-memory");
        }
    }
    assert_eq!(project.dev(&[]).get("/large").text(), "104857600\n");
    // Less than the interpreter itself needs.
    let run = project.pywagi(["invoke", "/large", "-q", "--max-memory", "1M"]).output();
    run.code(3).stderr(
        "error: /code/large.py could not be started: memory minimum size of 289 pages exceeds memory limits; it was \
         refused memory beyond the limit of 1 MiB\n  help: give it more memory with --max-memory\n",
    );
}

#[test]
fn a_request_body_is_bounded_alike_in_dev_and_invoke() {
    let project = project(wat::echo()).file("body", "x".repeat(1001));
    let server = project.dev(&["--max-body", "1000"]);
    let text = "413 Payload Too Large\nthe request body is larger than the limit of 1000 bytes; --max-body raises it\n";
    let reply = server.request("POST /", &["Content-Length: 1001"], &[b'x'; 1001]);
    assert_eq!((reply.line.as_str(), reply.text().trim_end()), ("HTTP/1.1 413 Payload Too Large", text.trim_end()));
    let chunked = [b"3e9\r\n".as_slice(), &[b'x'; 1001], b"\r\n0\r\n\r\n"].concat();
    assert_eq!(server.request("POST /", &["Transfer-Encoding: chunked"], &chunked).status(), 413);
    assert_eq!(server.request("POST /", &["Content-Length: 1000"], &[b'x'; 1000]).body, [b'x'; 1000]);
    server.wait_for_log("the request body is larger than the limit of 1000 bytes; --max-body raises it\n");

    let invoke = |more: &[&str]| project.pywagi(["invoke", "/", "-q"].iter().chain(more)).output();
    invoke(&["-d", "@body", "--max-body", "1000", "--fail"])
        .code(4)
        .stdout(text)
        .stderr("error: the answer's status is 413 Payload Too Large\n");
    invoke(&["-d", "@body", "--max-body", "1001"]).code(0).stdout("x".repeat(1001));
}

#[cfg(unix)]
#[test]
fn a_body_file_without_end_is_not_read_for_ever() {
    let run = project(wat::echo()).pywagi(["invoke", "/", "-q", "-d", "@/dev/zero", "--max-body", "1M"]).output();
    run.code(0)
        .stdout("413 Payload Too Large\nthe request body is larger than the limit of 1 MiB; --max-body raises it\n");
}

#[test]
fn what_a_guest_prints_is_bounded() {
    let guest = wat::prints(format!("Content-Type: a/b\n\n{}", "x".repeat(1000)));
    let invoke = |size| project(&guest).pywagi(["invoke", "/", "-q", "--max-response", size]).output();
    invoke("1018").code(3).stderr(
        "error: guest.wat was stopped: its output grew beyond the limit of 1018 bytes\n  \
         help: let it print more with --max-response\n",
    );
    invoke("1019").code(0).stdout("x".repeat(1000));
    let project = python_project(&[("loud", "print('Content-Type: a/b\\n')\nwhile True: print('x' * 1000)\n")]);
    let line = "/code/loud.py was stopped: its output grew beyond the limit of 1 MiB";
    fails(&project.dev(&["--max-response", "1MiB"]), "/loud", line, "let it print more with --max-response");
}

#[test]
fn what_a_guest_logs_is_bounded_and_what_is_lost_is_counted() {
    let guest = wat::writes("Content-Type: a/b\n\nfine", "0123456789", 0);
    let warning =
        "its standard error grew beyond the limit of 4 bytes: 6 bytes more were dropped; --max-log keeps them";
    let run = project(&guest).pywagi(["invoke", "/", "-q", "--max-log", "4"]).output();
    run.code(0).stdout("fine").stderr(&format!("0123\nwarning: {warning}\n"));
    let server = project(&guest).dev(&["--max-log", "4", "--log-dir", "logs"]);
    assert_eq!(server.get("/").text(), "fine");
    server.wait_for_log(&format!("             0123\nwarning: {warning}\n"));
    // The rest of an endless log is not kept anywhere.
    let project = python_project(&[(
        "log",
        "import sys\nfor _ in range(100): sys.stderr.write('x' * 99999 + '\\n')\nprint('Content-Type: a/b\\n\\nfine')\n",
    )]);
    let server = project.dev(&["--log-dir", "logs"]);
    assert_eq!(server.get("/log").text(), "fine\n");
    server.wait_for_log("beyond the limit of 1 MiB: 8951424 bytes more were dropped; --max-log keeps them\n");
    let kept = project.files().into_iter().find(|(name, _)| name.ends_with("module.stderr")).expect("a log");
    assert_eq!(kept.1.len(), 1 << 20);
}

#[test]
fn calls_too_deep_end_the_guest_and_not_the_server() {
    let deep = project("(module (memory (export \"memory\") 1) (func $f (param i64) (call $f (i64.add (local.get 0)
        (i64.const 1))) (drop (i64.add (local.get 0) (i64.const 2)))) (func (export \"_start\") (call $f (i64.const 0))))");
    let server = deep.dev(&[]);
    let remedy = "look for a recursion without an end; the size of the stack is fixed";
    for _ in 0..3 {
        fails(&server, "/", "guest.wat was stopped: its calls went deeper than its stack", remedy);
    }
    let run = deep.pywagi(["invoke", "/", "--json", "-q"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(3).stdout).expect("JSON");
    assert_eq!(
        (&object["exit"], &object["failure"]["help"]),
        (&serde_json::json!({ "kind": "stack-exhausted" }), &remedy.into())
    );
}

#[test]
fn python_that_recurses_without_end_is_an_error_of_its_own() {
    let project = python_project(&[
        ("plain", "def f(): f()\nf()\n"),
        ("raised", "import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()\n"),
        ("in_c", "it = iter([1])\nfor _ in range(200_000): it = filter(None, it)\nnext(it)\n"),
        ("parser", "compile('(' * 100_000, 'x', 'eval')\n"),
        ("nested", "x = []\nfor _ in range(100_000): x = [x]\nimport json\njson.dumps(x)\n"),
        ("good", "print('Content-Type: text/plain\\n\\ngood')\n"),
    ]);
    for flags in
        [&["--timeout", "20s", "--max-memory", "96M"][..], &["--timeout", "20s", "--max-memory", "96M", "--cold"]]
    {
        let server = project.dev(flags);
        for name in ["plain", "raised", "in_c", "parser", "nested"] {
            let reply = server.get(&format!("/{name}"));
            assert_eq!(reply.status(), 500, "{name}");
            let page = reply.text();
            assert!(page.starts_with(&format!("500 Internal Server Error\n\n/code/{name}.py ")), "{page}");
            assert_eq!(server.get("/good").text(), "good\n", "after {name}");
        }
        let line = "/code/in_c.py was stopped: its calls went deeper than its stack";
        fails(&server, "/in_c", line, "look for a recursion without an end; the size of the stack is fixed");
        let log = server.log();
        assert!(
            log.contains("/code/plain.py failed with exit code 1: RecursionError: maximum recursion depth exceeded"),
            "{log}"
        );
        assert!(!log.contains("panicked"), "{log}");
    }
}

#[test]
fn a_size_that_is_none_is_a_usage_error() {
    for flag in ["--max-memory", "--max-body", "--max-response", "--max-log"] {
        let run = project("").pywagi(["invoke", "/", flag, "many"]).output();
        run.code(2).stderr(&format!(
            "error: invalid value 'many' for '{flag} <SIZE>': give a size such as 65536, 64K, 64MiB or 1G\n\n\
             For more information, try '--help'.\n"
        ));
    }
}
