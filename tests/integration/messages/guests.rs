//! Guests that fail: the line in the terminal and what helps, by `invoke` and by `dev`, and the page of the 500.

use crate::dev::{ONE, python_modules};
use crate::support::{DevServer, Project, wat};

fn project(guest: impl AsRef<[u8]>) -> Project {
    Project::new(ONE).file("guest.wat", guest)
}

/// Checks the whole of what `invoke` says of a guest that fails, and the lines about it in the log of `dev`. What the
/// guest writes to standard error comes before.
#[track_caller]
fn fails(guest: impl AsRef<[u8]>, flags: &[&str], stderr: &str, line: &str, details: &str) {
    let project = project(guest);
    let run = project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output();
    let help = details.lines().find(|line| line.starts_with("  help: ")).map(|help| format!("{help}\n"));
    let help = help.unwrap_or_default();
    run.code(3).stderr(&format!("{stderr}error: guest.wat {line}\n{help}"));
    run.stdout(format!(
        "500 Internal Server Error\n\nguest.wat {line}\n{details}\nroute:  /...\nmodule: guest.wat\n\n\
         What it wrote to standard error is in the terminal where pywagi runs.\n"
    ));
    let server = project.dev(flags);
    server.get("/");
    in_the_log(&server, &format!("\nerror: guest.wat {line}\n{help}"));
}

/// Waits for whole lines at the end of the log.
#[track_caller]
fn in_the_log(server: &DevServer, lines: &str) {
    server.wait_for(|log| log.ends_with(lines), lines);
}

#[test]
fn an_exit_code_and_a_trap() {
    fails(wat::writes("Content-Type: a/b\n\nhalf", "", 3), &[], "", "failed with exit code 3", "");
    let details = "  its standard error ends with \"the last words\"\n";
    let guest = wat::writes("", "words\nthe last words\n\n", 255);
    fails(guest, &[], "words\nthe last words\n\n", "failed with exit code 255", details);
    let trap = "trapped: wasm `unreachable` instruction executed";
    fails(wat::traps("Content-Type: a/b\n\nhalf", ""), &[], "", trap, "");
    let traceback = "Traceback (most recent call last):\n  File \"/code/a.py\", line 7, in <module>\nKeyError: 'k'\n";
    let line = "failed with exit code 1: KeyError: 'k'";
    let details = "  at File \"/code/a.py\", line 7, in <module>\n";
    fails(wat::writes("", traceback, 1), &[], traceback, line, details);
}

#[test]
fn limits_that_are_reached() {
    fails(
        wat::hangs("", "waiting\n"),
        &["--timeout", "100ms"],
        "waiting\n",
        "was stopped after 100ms, the time limit",
        "  help: give it more time with --timeout\n",
    );
    fails(
        wat::prints("x".repeat(2000)),
        &["--max-response", "1K"],
        "",
        "was stopped: its output grew beyond the limit of 1 KiB",
        "  help: let it print more with --max-response\n",
    );
    let deep = "(module (memory (export \"memory\") 1) (func $f (param i64) (call $f (i64.add (local.get 0)
        (i64.const 1))) (drop (i64.add (local.get 0) (i64.const 2)))) (func (export \"_start\") (call $f (i64.const 0))))";
    fails(
        deep,
        &[],
        "",
        "was stopped: its calls went deeper than its stack",
        "  help: look for a recursion without an end; the size of the stack is fixed\n",
    );
}

#[test]
fn output_that_is_no_response() {
    let print_type = "print a Content-Type header and an empty line before the body";
    for (output, missing, help) in [
        ("", "it wrote nothing to standard output", "print a Content-Type header, an empty line, then the body"),
        ("hello\n", "there is no Content-Type, Status or Location header before the first empty line", print_type),
        (
            "Content-Type: a/b\n",
            "there is no empty line after the headers",
            "print an empty line between the headers and the body: print()",
        ),
        (
            "\nhello\n",
            "the output begins with an empty line, so it has no headers",
            "print the Content-Type header before anything else",
        ),
        (
            "early\n\nContent-Type: a/b\n\n",
            "other output comes before the headers",
            "print the headers first, and flush them (sys.stdout.flush()) before writing to sys.stdout.buffer",
        ),
    ] {
        let start = if output.is_empty() { String::new() } else { format!("  its output begins with {output:?}\n") };
        let line = format!("did not print a valid response: {missing}");
        fails(wat::prints(output), &[], "", &line, &format!("{start}  help: {help}\n"));
    }
}

#[test]
fn a_status_that_is_none() {
    for (status, why) in [
        ("none", "`Status` is not a number from 100 to 999"),
        ("103 Early Hints", "`Status` is below 200, which only an interim response has"),
    ] {
        let project = project(wat::prints(format!("Status: {status}\n\nbody")));
        let warning = format!("\"Status: {status}\" makes the response a 502: {why}");
        let error = format!("guest.wat did not print a valid response: its {why}");
        let help = "  help: print a status such as `Status: 404 Not Found`";
        project
            .pywagi(["invoke", "/", "-q", "-i"])
            .output()
            .code(3)
            .stdout("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nbody")
            .stderr(&format!("warning: {warning}\nerror: {error}\n{help}\n"));
        let server = project.dev(&[]);
        server.get("/");
        in_the_log(&server, &format!("\nerror: {error}\n{help}\nwarning: {warning}\n"));
    }
}

#[test]
fn header_lines_that_are_dropped() {
    let lines = "no colon\nA B: c\nX: a\x07b\nStatus: 200\nStatus: 201 Made\n";
    let project = project(wat::prints(format!("Content-Type: a/b\n{lines}{}\nfine", "x\n".repeat(10))));
    let dropped = |line: &str, why: &str| format!("dropped the header line {line}: {why}");
    let mut warnings = vec![
        dropped("\"no colon\"", "it has no colon"),
        dropped("\"A B: c\"", "\"A B\" is not a valid header name"),
        dropped("\"X: a\\u{7}b\"", "the value contains a control character"),
        "\"Status: 201 Made\" sets the status again: the last `Status` counts".to_owned(),
    ];
    warnings.extend((0..6).map(|_| dropped("\"x\"", "it has no colon")));
    warnings.push("and 4 more header lines like these".to_owned());
    let told = |mark: &str| warnings.iter().map(|text| format!("warning: {mark}{text}\n")).collect::<String>();
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine").stderr(&told(""));
    let server = project.dev(&[]);
    server.get("/");
    in_the_log(&server, &format!(" ms\n{}", told("")));
}

#[test]
fn a_python_script_that_raises() {
    let script = "print('Content-Type: text/plain\\n\\nhalf')\ndef f():\n    return 1 / 0\nf()\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    let failure = "/code/app.py failed with exit code 1: ZeroDivisionError: division by zero";
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    run.code(3).stderr(&format!(
        "Traceback (most recent call last):\n  File \"/code/app.py\", line 4, in <module>\n    f()\n  \
         File \"/code/app.py\", line 3, in f\n    return 1 / 0\n           ~~^~~\n\
         ZeroDivisionError: division by zero\nerror: {failure}\n"
    ));
    let place = "at File \"/code/app.py\", line 3, in f";
    let page = run.stdout_text();
    let (page, module) = page.split_once("\nmodule: ").expect("the module");
    assert_eq!(page, format!("500 Internal Server Error\n\n{failure}\n  {place}\n\nroute:  /"));
    let end = "python3.wasm\n\nWhat it wrote to standard error is in the terminal where pywagi runs.\n";
    assert!(module.ends_with(end), "{module}");
}

/// Why a guest began anew, as `--verbose` and `--json` say it.
#[test]
fn a_start_from_the_beginning() {
    let table = "(table (export \"table\") 1 funcref)";
    let guest = |table: &str| {
        format!("(module (memory (export \"memory\") 1) {table} (func (export \"_start\")) (func (export \"main\")))")
    };
    let python = "argv = \"python /code/app.py\"";
    for (guest, line, flags, why) in [
        (guest(table), python, &["--cold"][..], "a cold start was asked for"),
        (guest(table), "entrypoint = \"main\"", &[], "its entry point is `main`"),
        (guest(""), python, &[], "its module's memory and functions cannot be saved apart from its code"),
        (guest(table), python, &["-e", "PYTHONINSPECT=1"], "the variable PYTHONINSPECT needs a start of its own"),
        (guest(table), "argv = \"python -i a.py\"", &[], "the interpreter's option -i needs a start of its own"),
        (guest(table), python, &[], "there is no saved interpreter for it yet"),
    ] {
        let project = Project::new(&format!("{ONE}{line}\n")).file("guest.wat", guest);
        let run = project.pywagi(["invoke", "/", "-q", "--json"].iter().chain(flags)).output();
        let object: serde_json::Value = serde_json::from_slice(&run.code(3).stdout).expect("JSON");
        assert_eq!(object["start"], serde_json::json!({ "kind": "cold", "reason": why }), "{line} {flags:?}");
    }
}

/// What no interpreter can be saved of is said to who asks for more.
#[test]
fn a_guest_that_begins_anew_for_each_request() {
    for (stderr, why) in [
        ("", "the guest is not a CPython that can be saved"),
        ("usage\nno such option\n", "the guest is not a CPython that can be saved; it says: no such option"),
    ] {
        let table = "(table (export \"table\") 1 funcref)\n  (memory";
        let guest = wat::writes("Content-Type: a/b\n\n", stderr, 0).replacen("(memory", table, 1);
        let project = Project::new(&format!("{ONE}argv = \"python /code/app.py\"\n")).file("guest.wat", guest);
        let invoked = project.pywagi(["invoke", "/", "-v"]).output().code(0).stderr_text();
        assert_eq!(invoked.lines().last(), Some(format!("each request starts an interpreter: {why}").as_str()));
        let log = project.dev(&["-v"]).log();
        let line = format!("guest.wat starts from scratch for each request: {why}");
        assert!(log.lines().any(|l| l == line), "{log}");
    }
}

#[test]
fn a_limit_below_what_the_saved_interpreter_has() {
    let script = "print('Content-Type: a/b\\n')\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    project.pywagi(["invoke", "/", "-q"]).output().code(0);
    let run = project.pywagi(["invoke", "/", "-q", "--json", "--max-memory", "10M"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let why = "the saved interpreter is larger than the memory limit";
    assert_eq!(object["start"], serde_json::json!({ "kind": "cold", "reason": why }));
}
