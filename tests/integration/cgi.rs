//! `pywagi cgi` as a web server runs it: variables and standard input in, a CGI response out. Real servers: `tests/slow/cgi`.

use std::time::{Duration, Instant};

use crate::support::{ONE, Output, PATIENCE, Project, Run, python_modules, wat};

/// A run for a request, with these meta-variables beside those that each request has.
fn request(project: &Project, flags: &[&str], variables: &[(&str, &str)]) -> Run {
    let always = [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("REMOTE_ADDR", "10.0.0.7"),
        ("REQUEST_METHOD", "GET"),
        ("SCRIPT_NAME", ""),
        ("SERVER_NAME", "server.test"),
        ("SERVER_PORT", "81"),
        ("SERVER_PROTOCOL", "HTTP/1.0"),
    ];
    let run = project.pywagi(["cgi"].iter().chain(flags));
    always.iter().chain(variables).fold(run, |run, (name, value)| run.env(name, value))
}

/// An app whose guest tells what it sees, at `/show/...`.
fn shows() -> Project {
    let project = Project::new("[[module]]\nroute = \"/show/...\"\nmodule = \"show.wat\"\n");
    project.file("show.wat", wat::shows())
}

/// The arguments, the variables and the body that the guest of [`shows`] told of.
#[track_caller]
fn told(output: &Output) -> (String, Vec<String>, String) {
    let end = output.stdout.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| panic!("no head: {output}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(text(&output.stdout).starts_with("Status: 200 OK\r\n"), "{output}");
    let mut parts = output.stdout[end + 4..].splitn(3, |&b| b == 0xff).map(text);
    let mut next = || parts.next().unwrap_or_else(|| panic!("{output}"));
    let (arguments, variables, body) = (next(), next(), next());
    let mut variables: Vec<_> = variables.split_terminator('\0').map(str::to_owned).collect();
    variables.sort();
    (arguments.replace('\0', " "), variables, body)
}

#[test]
fn a_guest_sees_the_request_and_nothing_else_of_the_servers_environment() {
    let project = shows();
    let output = request(
        &project,
        &["-e", "GIVEN=1", "-e", "INHERITED", "modules.toml"],
        &[
            ("SCRIPT_NAME", "/my app"),
            ("PATH_INFO", "/show/a b"),
            ("REQUEST_URI", "/my%20app/show/a%20b?c&d"),
            ("QUERY_STRING", "c&d"),
            ("REQUEST_METHOD", "POST"),
            ("CONTENT_LENGTH", "4"),
            ("CONTENT_TYPE", "a/b"),
            ("HTTPS", "on"),
            ("HTTP_X_ONE", "1"),
            // What no request may do.
            ("HTTP_PROXY", "http://evil.test"),
            ("HTTP_PYWAGI_CACHE_DIR", "/evil"),
            ("HTTP_CONNECTION", "x"),
            ("HTTP_AUTHORIZATION", "Basic x"),
            ("HTTP_PYTHONPATH", "/evil"),
            // Of the server and its machine.
            ("AUTH_TYPE", "Basic"),
            ("DOCUMENT_ROOT", "/srv"),
            ("INHERITED", "wanted"),
            ("LD_LIBRARY_PATH", "/lib"),
            ("PATH_TRANSLATED", "/srv/show/a b"),
            ("PYTHONPATH", "/srv/python"),
            ("REMOTE_HOST", "client.test"),
            ("SCRIPT_FILENAME", "/srv/modules.toml"),
            ("SERVER_SOFTWARE", "server/1"),
            ("X_FULL_URL", "http://evil.test"),
        ],
    )
    .stdin("bodyand more")
    .output();
    output.code(0).stderr("");
    let (arguments, variables, body) = told(&output);
    assert_eq!((arguments.as_str(), body.as_str()), ("/show/a%20b c d ", "body"));
    let expected = [
        "AUTH_TYPE=",
        "CONTENT_LENGTH=4",
        "CONTENT_TYPE=a/b",
        "GATEWAY_INTERFACE=CGI/1.1",
        "GIVEN=1",
        "HTTPS=on",
        "HTTP_CONTENT_LENGTH=4",
        "HTTP_CONTENT_TYPE=a/b",
        "HTTP_PYTHONPATH=/evil",
        "HTTP_PYWAGI_CACHE_DIR=/evil",
        "HTTP_X_ONE=1",
        "INHERITED=wanted",
        "PATH_INFO=/a b",
        "PATH_TRANSLATED=/a b",
        "QUERY_STRING=c&d",
        "REMOTE_ADDR=10.0.0.7",
        "REMOTE_HOST=10.0.0.7",
        "REMOTE_USER=",
        "REQUEST_METHOD=POST",
        "SCRIPT_NAME=/my app/show",
        "SERVER_NAME=server.test",
        "SERVER_PORT=81",
        "SERVER_PROTOCOL=HTTP/1.0",
        "SERVER_SOFTWARE=WAGI/1",
        "X_FULL_URL=https://server.test:81/my%20app/show/a%20b?c&d",
        "X_MATCHED_ROUTE=/show/...",
        "X_RAW_PATH_INFO=/a%20b",
    ];
    assert_eq!(variables, expected);
}

#[test]
fn words_of_the_query_on_the_command_line_are_no_flags() {
    // CVE-2012-1823 is about a server that passes `?-d+x` so.
    let project = shows().file("other.toml", "[[module]]\nroute = \"/show\"\nmodule = \"none.wat\"\n");
    let words = ["modules.toml", "-c", "other.toml", "--cold", "--help", "-e", "EVIL=1", "--", "other.toml"];
    let output = request(&project, &words, &[("PATH_INFO", "/show"), ("QUERY_STRING", "-c+other.toml")]).output();
    let (_, variables, _) = told(output.code(0).stderr(""));
    assert!(!variables.iter().any(|variable| variable.contains("EVIL")), "{variables:?}");
    // With -c, all words are the query's.
    let words = ["-c", "modules.toml", "other.toml", "-e", "EVIL=1"];
    let output = request(&project, &words, &[("PATH_INFO", "/show")]).output();
    told(output.code(0).stderr(""));
}

#[test]
fn a_response_has_its_status_first_and_keeps_its_headers_in_order() {
    let print = "Set-Cookie: a=1\nContent-Type: a/b\nX-Sendfile: /etc/passwd\nSet-Cookie: b=2\nbad\n\nbody";
    let project = Project::new(ONE).file("guest.wat", wat::prints(print));
    let (get, head) = (("REQUEST_METHOD", "GET"), ("REQUEST_METHOD", "HEAD"));
    let answer =
        "Status: 200 OK\r\nSet-Cookie: a=1\r\nContent-Type: a/b\r\nSet-Cookie: b=2\r\nContent-Length: 4\r\n\r\n";
    let warnings = "warning: dropped the header line \"bad\": it has no colon\n\
                    warning: dropped the response header X-Sendfile: the web server would send a file of its own\n";
    request(&project, &["-q", "modules.toml"], &[get])
        .output()
        .code(0)
        .stdout(format!("{answer}body"))
        .stderr(warnings);
    request(&project, &["-q", "modules.toml"], &[head]).output().code(0).stdout(answer).stderr(warnings);

    for (print, answer) in [
        ("Location: /x\n\n", "Status: 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"),
        ("Status: 204\n\nbody", "Status: 204 No Content\r\n\r\n"),
        ("Status: 299 Fine\n\n", "Status: 299 Fine\r\nContent-Length: 0\r\n\r\n"),
    ] {
        project.write("guest.wat", wat::prints(print));
        request(&project, &["-q", "modules.toml"], &[]).output().code(0).stdout(answer).stderr("");
    }
}

/// An error page, as the client gets it.
fn page(line: &str) -> String {
    let length = line.len() + 1;
    format!("Status: {line}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\r\n{line}\n")
}

#[test]
fn the_client_is_told_of_a_failure_in_one_line_and_the_log_all_of_it() {
    let project = Project::new(&ONE.replace("/...", "/")).file("guest.wat", wat::prints("no header\n"));
    let failed = page("500 Internal Server Error");
    let output = request(&project, &["-q", "modules.toml"], &[("QUERY_STRING", "secret")]).output();
    output.code(0).stdout(&failed).stderr_has("error: GET /?secret: guest.wat ").stderr_has("no header");

    project.write("guest.wat", wat::traps("Content-Type: a/b\n\nhalf", ""));
    let output = request(&project, &["-q", "modules.toml"], &[]).output();
    output.code(0).stdout(&failed).stderr_has("error: GET /: guest.wat trapped");

    let output = request(&project, &["modules.toml"], &[("SCRIPT_NAME", "/app"), ("PATH_INFO", "/no")]).output();
    output.code(0).stdout(page("404 Not Found"));
    output.stderr("GET /app/no: No route matches /no. The routes are: /\n");
    request(&project, &["-q", "modules.toml"], &[("PATH_INFO", "/no")]).output().code(0).stderr("");

    // A status that cannot be sent: what was printed, as everywhere.
    project.write("guest.wat", wat::prints("Status: no\nX: 1\n\nas printed"));
    let output = request(&project, &["-q", "modules.toml"], &[]).output();
    output.code(0).stdout("Status: 502 Bad Gateway\r\nX: 1\r\nContent-Length: 10\r\n\r\nas printed");

    project.write("modules.toml", "[[module]]\nrout = \"/\"\n");
    let output = request(&project, &["-q", "modules.toml"], &[]).output();
    output.code(0).stdout(&failed).stderr_has("error: GET /: modules.toml:1:1: this [[module]] has no `module`");
    let output = request(&project, &["-q", "none.toml"], &[]).output();
    output.code(0).stdout(&failed).stderr_has("error: GET /: there is no file none.toml\n");
}

#[test]
fn a_body_that_is_not_what_its_length_says_reaches_no_guest() {
    let project = shows();
    let ask = |variables: &[(&str, &str)], flags: &[&str], body: &str| {
        let variables = [&[("REQUEST_METHOD", "POST"), ("PATH_INFO", "/show")], variables].concat();
        request(&project, &[flags, &["-q", "modules.toml"]].concat(), &variables).stdin(body).output()
    };
    let refused = "warning: the request was refused: ";
    for (length, flags, body, line, why) in [
        ("5", &[][..], "four", "400 Bad Request", "the request body ends after 4 of the 5 bytes of CONTENT_LENGTH"),
        ("-4", &[], "four", "400 Bad Request", "CONTENT_LENGTH is no number (RFC 3875 4.1.2)"),
        (
            "4",
            &["--max-body", "3"],
            "four",
            "413 Payload Too Large",
            "the request body is larger than the limit of 3 bytes; --max-body raises it",
        ),
        (
            "99999999999999999999999",
            &[],
            "four",
            "413 Payload Too Large",
            "the request body is larger than the limit of 64 MiB; --max-body raises it",
        ),
    ] {
        let output = ask(&[("CONTENT_LENGTH", length)], flags, body);
        output.code(0).stdout(page(line)).stderr(&format!("{refused}{why}\n"));
    }
    let chunked = ("HTTP_TRANSFER_ENCODING", "chunked");
    let (_, variables, body) = told(&ask(&[chunked], &[], "to the end"));
    assert_eq!(body, "to the end");
    assert!(variables.contains(&"CONTENT_LENGTH=10".to_owned()), "{variables:?}");
    ask(&[chunked], &["--max-body", "3"], "four").code(0).stdout(page("413 Payload Too Large"));
    // Without a length there is no body, whatever standard input holds.
    let (_, _, body) = told(&ask(&[], &[], "what is this?"));
    assert_eq!(body, "");
    let odd = request(&project, &["-q", "modules.toml"], &[("REQUEST_METHOD", "GE T")]).output();
    odd.code(0).stdout(page("400 Bad Request")).stderr(&format!("{refused}the method is not a token (RFC 9110 9.1)\n"));
}

#[test]
fn without_a_request_the_command_says_who_runs_it() {
    let output = shows().pywagi(["cgi", "modules.toml"]).output();
    output.code(2).stdout("").stderr(
        "error: there is no request: a web server that runs this sets the variable REQUEST_METHOD\n  \
         help: see `pywagi cgi --help` for web servers; `pywagi invoke /` answers a request of the command line\n",
    );
}

/// A project with Python scripts and a cache of its own, whose compiled code is the shared one.
fn with_own_images(scripts: &[(&str, &str)]) -> (Project, String) {
    let project = Project::new(&python_modules(scripts)).own_images();
    let cache = project.path("cache").display().to_string();
    (project, cache)
}

#[test]
fn a_cold_answer_has_an_interpreter_saved_by_a_process_that_nobody_waits_for() {
    let (project, cache) = with_own_images(&[("/", "hello.py")]);
    project.write("code/hello.py", "import csv\nprint('Content-Type: text/plain\\n\\nhello')\n");
    let ask = || {
        let output = request(&project, &["-v", "modules.toml"], &[]).env("PYWAGI_CACHE_DIR", &cache).output();
        output.code(0).stdout_has("\r\n\r\nhello\n");
        output.stderr_text()
    };
    let first = ask();
    assert!(first.contains("cold (there is no saved interpreter for it yet)"), "{first}");
    // First an image, then one with what the script imports.
    let deadline = Instant::now() + PATIENCE;
    let mut log = ask();
    let modules = || {
        let image = project.pywagi(["image", "show"]).env("PYWAGI_CACHE_DIR", &cache).output();
        image.stdout_text()
    };
    while !(log.contains("; warm; ") && modules().contains("csv")) {
        assert!(Instant::now() < deadline, "no request is warm with csv: {log}\n{}", modules());
        std::thread::sleep(Duration::from_millis(50));
        log = ask();
    }
}

#[test]
fn what_cannot_be_saved_is_told_and_not_tried_by_each_request() {
    let modules = python_modules(&[("/", "hello.py")]);
    let modules = modules.replace("volumes", "environment = { PYTHONPATH = \"/code\" }\nvolumes");
    let project = Project::new(&modules).own_images();
    project.write("code/hello.py", "print('Content-Type: text/plain\\n\\nhello')\n");
    project.write("code/sitecustomize.py", "open('/code/started', 'a').write('x')\n");
    let ask = || {
        let run = request(&project, &["-q", "modules.toml"], &[]).env("PYWAGI_CACHE_DIR", project.path("cache"));
        let output = run.output();
        output.code(0).stdout_has("\r\n\r\nhello\n");
        output.stderr_text()
    };
    let deadline = Instant::now() + PATIENCE;
    let told = "warning: no interpreter is saved for later requests: its start-up changes the file started\n";
    // The process that tries it leaves the reason for the next request.
    loop {
        let log = ask();
        if log == told {
            break;
        }
        assert!(log.is_empty() && Instant::now() < deadline, "{log}");
        std::thread::sleep(Duration::from_millis(50));
    }
    // Each start has its effect, and no further process has started Python to save it.
    let starts = project.read("code/started").len();
    assert_eq!(ask(), told);
    assert_eq!(project.read("code/started").len(), starts + 1);
}

#[test]
fn a_warmed_cache_makes_the_first_request_warm() {
    let (project, cache) = with_own_images(&[("/", "hello.py"), ("/list", "list.py")]);
    project.write("code/hello.py", "import csv\nprint('Content-Type: text/plain\\n\\nhello')\n");
    project.write("code/list.py", "__import__('sch' + 'ed')\nprint('Content-Type: text/plain\\n\\nlist')\n");
    let warm = |arguments: &[&str]| {
        let arguments = ["cache", "warm"].iter().chain(arguments);
        project.pywagi(arguments).env("PYWAGI_CACHE_DIR", &cache).output()
    };
    let has = |module: &str| {
        let image = project.pywagi(["image", "show"]).env("PYWAGI_CACHE_DIR", &cache).output();
        image.stdout_text().split_whitespace().any(|word| word.trim_end_matches(',') == module)
    };
    warm(&[]).code(0).stdout("").stderr_has("Saved the interpreter of /, /list in ");
    assert_eq!((has("csv"), has("sched")), (true, false));
    // What only a run shows.
    warm(&["/list"]).code(0).stdout("").stderr_has("Answered GET /list: 200\n");
    assert_eq!((has("csv"), has("sched")), (true, true));
    for path in ["/", "/list"] {
        let run = request(&project, &["-v", "modules.toml"], &[("PATH_INFO", path)]);
        let output = run.env("PYWAGI_CACHE_DIR", &cache).output();
        output.code(0).stderr_has("; warm; ");
        assert!(!output.stderr_text().contains("no interpreter is saved"), "{output}");
    }

    warm(&["no-path"]).code(2).stderr(
        "error: \"no-path\" is not a path that can be requested\n  \
         help: write a path with an optional query, such as '/search?q=x'\n",
    );
    project.write("code/list.py", "1 / 0\n");
    let failed = warm(&["/list", "/none"]);
    failed.code(1).stderr_has("ZeroDivisionError").stderr_has("/none: No route matches /none.");
}
