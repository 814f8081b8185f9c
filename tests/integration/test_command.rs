//! `pywagi test`, and `pywagi invoke --save-test`.

use crate::support::{ONE, Project, python_modules, wat};

const ANSWER: &str =
    "Content-Type: application/json\nX-Number: 17\n\n{\"units\": [\"m\", \"km\"], \"at\": \"12:34\"}\n";

/// An app that answers each request with [`ANSWER`], and a file of tests.
fn app(tests: &str) -> Project {
    Project::new(ONE).file("guest.wat", wat::writes(ANSWER, "one line\nits log\n", 0)).file("tests/a.toml", tests)
}

/// What is printed, with the times as `T`.
fn without_times(text: &str) -> String {
    let line = |line: &str| match line.rsplit_once("  ") {
        Some((rest, time)) if time.ends_with(" ms") => format!("{rest}  T\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

const PASSING: &str = r#"
[[test]]
name = "all is as expected"
request = "PUT /a?b"
body = "x"

[test.expect]
status = 200
headers = { Content-Type = "application/json", x-number = "1*" }
body = '{"units": ["m", "km"], "at": "*:*"}'
contains = ["km", "at"]
matches = '"at": "\d\d:\d\d"'
json = { "$.units[*]" = "km", "$.units" = ["m", "k*"] }
stderr = "its log"
time = "30s"

[[test]]
request = "/"
"#;

#[test]
fn tests_pass_where_the_answer_is_as_expected() {
    let project = app(PASSING);
    let run = project.pywagi(["test"]).output();
    run.code(0).stderr_has("      Passed 2 tests in ");
    assert_eq!(
        without_times(&run.stdout_text()),
        "ok  tests/a.toml:2  all is as expected  T\nok  tests/a.toml:17  /  T\n"
    );
    project.pywagi(["test", "-q"]).output().code(0).stdout("").stderr("");
    let one = project.pywagi(["test", "--filter", "as expected"]).output();
    assert_eq!(without_times(&one.code(0).stdout_text()), "ok  tests/a.toml:2  all is as expected  T\n");
    let none = "error: there is no test with \"nothing\" in its name\n  help: `pywagi invoke PATH --save-test NAME` writes one; \
                `pywagi help test` shows what it holds\n";
    project.pywagi(["test", "-f", "nothing"]).output().code(2).stdout("").stderr(none);
}

#[test]
fn what_differs_is_told_with_the_difference() {
    let tests = r#"
[[test]]
request = "/"
[test.expect]
status = 201
headers = { X-Number = "2", X-None = "*" }
contains = "miles"
matches = "^miles$"
json = { "$.units[0]" = "mi", "$.none" = 1 }
stderr = "nothing"
body = '''
{"units": ["m"]}
'''
snapshot = "none.json"
"#;
    let project = app(tests);
    let run = project.pywagi(["test", "--junit", "out.xml"]).output();
    let expected = r#"FAILED  tests/a.toml:2  /  T
    the status is 200, expected 201
    the header X-None is not there, expected *
    the header X-Number is 17, expected 2
    the body does not contain "miles"
    the body does not match "^miles$"
    standard error does not contain "nothing"
    $.none is not there, expected 1
    $.units[0] is "m", expected "mi"
    the body is another one
      --- expected
      +++ got
      @@ -1 +1 @@
      -{"units": ["m"]}
      +{"units": ["m", "km"], "at": "12:34"}
    there is no snapshot tests/none.json: --update writes it
    standard error:
      one line
      its log
"#;
    assert_eq!(without_times(&run.stdout_text()), expected);
    run.code(1).stderr_has("error: 1 of 1 test failed, in ");
    let xml = project.read("out.xml");
    assert!(xml.contains("<testsuites tests=\"1\" failures=\"1\">"), "{xml}");
    assert!(xml.contains("<failure message=\"the status is 200, expected 201\">"), "{xml}");
    assert!(xml.contains("+{&quot;units&quot;: [&quot;m&quot;, &quot;km&quot;]"), "{xml}");
}

#[test]
fn snapshots_are_written_where_that_is_asked_for() {
    let project = app("[[test]]\nrequest = \"/\"\nexpect.snapshot = \"shots/a.json\"\n");
    project.pywagi(["test"]).output().code(1);
    assert!(!project.path("tests/shots").exists());
    project.pywagi(["test", "--update"]).output().code(0).stderr_has("     Updated 1 snapshot\n");
    assert_eq!(project.read("tests/shots/a.json"), "{\"units\": [\"m\", \"km\"], \"at\": \"12:34\"}\n");
    project.pywagi(["test"]).output().code(0);
    // What varies is a star, which an update keeps.
    project.write("tests/shots/a.json", "{\"units\": [*], \"at\": \"*\"}");
    project.pywagi(["test", "--update"]).output().code(0);
    assert_eq!(project.read("tests/shots/a.json"), "{\"units\": [*], \"at\": \"*\"}");
    project.write("tests/shots/a.json", "{\"units\": [*], \"from\": \"*\"}");
    project.pywagi(["test"]).output().code(1).stdout_has("the body is not that of tests/shots/a.json\n");
}

#[test]
fn a_guest_that_fails_fails_its_test_with_what_helps() {
    let project = Project::new(&python_modules(&[("/a", "a.py")]))
        .file("code/a.py", "import flask\n")
        .file("tests/a.toml", "[[test]]\nrequest = \"/a\"\n[[test]]\nrequest = \"/a\"\nexpect.status = 500\n");
    let run = project.pywagi(["test"]).output();
    run.code(1).stderr_has("error: 1 of 2 tests failed");
    run.stdout_has(
        "    the status is 500, expected one below 400\n    /code/a.py failed with exit code 1: ModuleNotFoundError",
    );
    run.stdout_has("    help: the package flask is not installed: `pywagi add flask`\n");
    run.stdout_has("\nok  tests/a.toml:3");
}

#[test]
fn files_that_are_no_tests_are_told_all_at_once() {
    let project = app("[[test]]\nrequest = 1\n").file("tests/b.toml", "x = 1\n").file("tests/c.txt", "no test");
    let help = "  help: `pywagi help test` shows what a file of tests holds\n";
    let expected = format!(
        "error: tests/a.toml:2: invalid type: integer `1`, expected a string\n{help}tests/b.toml:1: unknown field `x`, expected \
         `test`\n{help}"
    );
    project.pywagi(["test"]).output().code(1).stdout("").stderr(&expected);
    project.pywagi(["test", "none.toml"]).output().code(1).stderr_has("cannot read none.toml");
    let empty = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: a/b\n\n"));
    empty.pywagi(["test"]).output().code(2).stderr_has("error: there is no test\n");
}

#[test]
fn a_request_on_the_command_line_becomes_a_test_that_passes() {
    let project = app(PASSING);
    let run = project.pywagi(["invoke", "/x?y=z", "-d", "a=b", "-H", "X-Y: 1", "--save-test", "mine", "-q"]).output();
    run.code(0).stdout("{\"units\": [\"m\", \"km\"], \"at\": \"12:34\"}\n");
    let saved = project.read("tests/mine.toml");
    for part in ["request = \"POST /x?y=z\"\n", "X-Y = \"1\"", "body = \"a=b\"\n", "status = 200\n"] {
        assert!(saved.contains(part), "{part}\n{saved}");
    }
    project.pywagi(["test", "-f", "mine"]).output().code(0);
    let wrong = project.pywagi(["invoke", "/", "--save-test", "../mine", "-q"]).output();
    wrong.code(2).stdout("").stderr(
        "error: \"../mine\" cannot be the name of a test\n  help: give a word of letters, digits, `-` and `_`: it is the name of \
         a file in tests/\n",
    );
}
