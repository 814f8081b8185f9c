//! Runs that end in every way, and guests of every kind, recorded by `invoke` and replayed from a file.

use super::{ids, newest, replay};
use crate::support::{ONE, Output, Project, python_modules, wat};

/// Records a request by `invoke` with these flags, and checks that its replay prints the same and ends alike.
#[track_caller]
fn alike(project: &Project, flags: &[&str]) -> Output {
    let invoked = project.pywagi(["invoke", "/", "-q", "--record", "rec"].iter().chain(flags)).output();
    let id = ids(&replay(project, &["--record", "rec"])).swap_remove(0);
    let replayed = replay(project, &["-q", &format!("rec/{id}.replay")]);
    assert_eq!((&replayed.code, replayed.stderr_text()), (&invoked.code, invoked.stderr_text()), "{replayed}");
    replayed.stdout(&invoked.stdout);
    replayed
}

fn guest(text: impl AsRef<[u8]>) -> Project {
    Project::new(ONE).file("guest.wat", text)
}

#[test]
fn a_guest_that_is_no_python() {
    alike(&guest(wat::prints("Content-Type: a/b\n\n\u{ff}\0fine")), &[]).code(0);
    alike(&guest(wat::writes("Content-Type: a/b\n\nhalf", "words\n", 3)), &[]).code(3);
    alike(&guest(wat::traps("", "words\n")), &[]).code(3);
    alike(&guest(wat::prints("no header")), &[]).code(3);
    let body = vec![b'\xfe'; 300_000];
    let project = guest(wat::echo()).file("body", &body);
    alike(&project, &["-d", "@body"]).code(0).stdout(&body);
    alike(&guest(wat::shows()), &["-H", "X-Secret: 1", "-d", "a=b"]).code(0).stdout_has("HTTP_X_SECRET=1");
    let missing = guest(wat::prints("x")).file("modules.toml", format!("{ONE}entrypoint = \"_start\"\n"));
    alike(&missing, &[]).code(3);
}

#[test]
fn limits_that_are_reached() {
    alike(&guest(wat::prints("x".repeat(2000))), &["--max-response", "1K"]).code(3).stderr_has("--max-response");
    alike(&guest(wat::writes("Content-Type: a/b\n\n", "x".repeat(2000), 0)), &["--max-log", "1K"]).code(0);
    let sleeps = "import time\nprint('Content-Type: a/b\\n', flush=True)\ntime.sleep(100)\n";
    let python = |script: &str| Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", script);
    alike(&python(sleeps), &["--timeout", "2s"]).code(3).stderr_has("was stopped after 2s");
    let memory = "x = bytearray(1 << 29)\n";
    alike(&python(memory), &["--max-memory", "256M"]).code(3).stderr_has("MemoryError");
}

#[test]
fn a_run_that_was_stopped_is_replayed_at_once() {
    // It would loop for ten minutes, had its log no end.
    let project = guest(wat::hangs("Content-Type: a/b\n\n", "waiting\n"));
    let server = project.dev(&["--timeout", "10m"]);
    let mut client = server.connect();
    client.send("GET /left HTTP/1.1\r\nHost: a\r\n\r\n");
    server.wait_for_log("waiting\n");
    drop(client);
    server.wait_for_log(" GET /left 499 ");
    let list = replay(&project, &[]);
    list.stdout_has("  GET /left  (client left)\n");
    let id = ids(&list).swap_remove(0);
    let run = replay(&project, &["-q", &id]);
    run.code(3).stderr("waiting\nerror: guest.wat was stopped: its client disconnected\n");
}

#[test]
fn a_file_that_is_read_a_thousand_times_is_recorded_once() {
    let script = "import hashlib\nprint('Content-Type: a/b\\n')\nread = b''\n\
                  for i in range(1000):\n    with open('/code/large', 'rb', 0) as file:\n        \
                  file.seek(i % 2 * 7)\n        part = file.read(100_000)\n    read += part[:1] + part[-1:]\n\
                  print(len(part), hashlib.sha256(read).hexdigest())\n";
    let large: Vec<_> = (0..150_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let project = Project::new(&python_modules(&[("/...", "app.py")]));
    let project = project.file("code/app.py", script).file("code/large", &large);
    // A hundred megabytes are more than a log holds.
    for flags in [&["--cold"][..], &[], &[]] {
        alike(&project, flags).code(0).stdout_has("100000 ").stderr("");
    }
}

#[test]
fn python_from_the_beginning_and_from_saved_interpreters() {
    let script =
        "import sys, time, uuid\nprint('Content-Type: a/b\\n')\nprint(uuid.uuid4(), time.time(), sys.stdin.read())\n";
    let project = Project::new(&python_modules(&[("/...", "app.py")])).file("code/app.py", script);
    for flags in [&["--cold"][..], &["-d", "x"], &["-d", "y"], &["-d", "x", "--cold"]] {
        alike(&project, flags).code(0).stderr("");
    }
    let fails = project.file("code/app.py", "import nothing_such\n");
    alike(&fails, &[]).code(3).stderr_has("ModuleNotFoundError");
    alike(&fails, &["--cold"]).code(3).stderr_has("ModuleNotFoundError");
    let broken = fails.file("code/app.py", "def\n");
    alike(&broken, &[]).code(3).stderr_has("SyntaxError");
}

#[test]
fn a_guest_that_moves_its_output_is_not_recorded() {
    let project = guest(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_renumber" (func $fd_renumber (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\13\00\00\00")
  (data (i32.const 16) "Content-Type: a/b\n\n")
  (func (export "_start")
    (if (call $fd_renumber (i32.const 1) (i32.const 3)) (then unreachable))
    (if (call $fd_write (i32.const 3) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))))"#,
    );
    let project = project.file("modules.toml", format!("{ONE}volumes = {{ \"/v\" = \".\" }}\n"));
    let run = project.pywagi(["invoke", "/", "-qi", "--record", "rec"]).output();
    run.stderr_has(
        "warning: the request was not recorded: the log of its calls is larger than 64 MiB, or it moved a standard stream\n",
    );
    replay(&project, &["-q", "--record", "rec"]).code(0).stdout("").stderr("");
    let run = project.pywagi(["invoke", "/healthz", "-q", "--record", "rec", "-c", "other.toml"]);
    project.write("other.toml", ONE.replace("/...", "/x"));
    run.output().code(0).stdout("OK").stderr("warning: the request was not recorded: no guest ran\n");
}

#[test]
fn a_script_that_was_not_there() {
    let modules = python_modules(&[("/...", "${SCRIPT_NAME}")]).replace("/code/${SCRIPT_NAME}", "/code${SCRIPT_NAME}");
    let project = Project::new(&modules).directory("code");
    let run = alike(&project, &["-X", "POST"]);
    run.code(4).stderr_has("error: there is no script /code/\n");
}

#[test]
fn an_answer_to_head_has_no_body() {
    let project = guest(wat::prints("Content-Type: a/b\n\nbody"));
    let server = project.dev(&[]);
    server.request("HEAD /head", &[], b"");
    let id = newest(&project, &server, "/get");
    replay(&project, &["-q", &id]).code(0).stdout("body");
    let head = ids(&replay(&project, &[])).swap_remove(1);
    replay(&project, &["-q", &head]).code(0).stdout("");
    replay(&project, &["-qi", &head])
        .code(0)
        .stdout("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\n");
}
