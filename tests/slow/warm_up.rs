//! What a warm-up script may not do, since each run is to do it: then it is left out, and the reason told.

use serde_json::Value;

use crate::support::{Project, python_modules};

/// An app that is warmed up by this.
fn app(warm_up: &str) -> Project {
    let modules = python_modules(&[("/", "main.py")]).replace("volumes", "warm-up = \"code/warmup.py\"\nvolumes");
    Project::new(&modules)
        .file("code/main.py", "print('Content-Type: text/plain\\n\\nok')\n")
        .file("code/warmup.py", warm_up)
        .file("code/keeps.py", "FILES = []\n")
        .file("code/loud.py", "print('loud')\n")
        .file("code/warns.py", "import warnings\nwarnings.warn('old', stacklevel=2)\n")
}

/// The reason why `warm_up` is left out of the saved interpreter of an app.
fn reason(warm_up: &str) -> String {
    let project = app(warm_up);
    let answer = || project.pywagi(["invoke", "/"]).output().code(0).stdout_text();
    assert_eq!([answer(), answer()], ["ok\n"; 2], "{warm_up}");
    let shown = project.pywagi(["image", "show", "--json"]).output();
    let object: Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
    let image = &object["image"];
    assert_eq!(
        (&image["warm_up"], &image["left_out"][0]["name"]),
        (&Value::Null, &"/code/warmup.py".into()),
        "{image}"
    );
    assert_eq!(project.path("code").read_dir().expect("a directory").count(), 5, "{warm_up}");
    image["left_out"][0]["why"].as_str().expect("a text").to_owned()
}

#[test]
fn a_warm_up_that_does_what_each_run_is_to_do_is_left_out_with_the_reason() {
    for (warm_up, expected) in [
        ("import os\nos._exit(3)\n", "it ends the interpreter"),
        ("open('/code/new.txt', 'w')\n", "it changes the file new.txt"),
        ("import tempfile\ntempfile.mkstemp('', '', '/code')\n", " behind"),
        // What it has made is gone then, for which others might wait.
        (
            "import tempfile\ntempfile.mkstemp('', '', '/code')\nopen('/code/main.py', 'a')\n",
            "it changes the file main.py",
        ),
        ("import keeps\nkeeps.FILES.append(open('/code/main.py'))\n", "it leaves the file main.py open"),
        ("import os\nos.chdir('/code')\n", "it changes the working directory"),
        ("import sys\nsys.stdout.close()\n", "it closes standard output or standard error"),
        ("import loud\n", "a module that it imports writes to standard output or standard error while it is loaded"),
        ("import warns\n", "it imports warns, which warns whoever imports it"),
        (
            "import os\nprint(os.environ.get('QUERY_STRING'))\n",
            "it reads the variable QUERY_STRING, which each request has its own of",
        ),
        (
            "import os\nprint('HTTP_HOST' in os.environ)\n",
            "it reads the variable HTTP_HOST, which each request has its own of",
        ),
        ("raise SystemExit('no')\n", "SystemExit: no"),
    ] {
        let why = reason(warm_up);
        assert!(why.ends_with(expected), "{warm_up}: {why}");
    }
}
