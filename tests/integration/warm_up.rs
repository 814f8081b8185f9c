//! `warm-up`: a script of the app that is run once before the interpreter is saved. What it leaves in modules is there for
//! each request, and nothing else of it. What it may not do is in tests/slow/warm_up.rs.

use serde_json::{Value, json};

use crate::support::{DevServer, Project, python_modules};

/// An app whose request runs `script`, warmed up by `warm_up`, with modules beside them.
fn app(warm_up: &str, script: &str, files: &[(&str, &str)]) -> Project {
    let modules = python_modules(&[("/", "main.py")]).replace("volumes", "warm-up = \"code/warmup.py\"\nvolumes");
    let script = format!("print('Content-Type: text/plain\\n')\n{script}");
    let project = Project::new(&modules).file("code/main.py", script).file("code/warmup.py", warm_up);
    files.iter().fold(project, |project, (path, content)| project.file(&format!("code/{path}"), content))
}

/// What is in the interpreter that the route starts from.
fn image(project: &Project) -> Value {
    let shown = project.pywagi(["image", "show", "--json"]).output();
    let object: Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
    object["image"].clone()
}

fn answer(project: &Project, more: &[&str]) -> String {
    let arguments = [&["invoke", "/"], more].concat();
    let output = project.pywagi(arguments).output();
    output.code(0).stdout_text()
}

/// The reason why the warm-up is left out.
fn why(project: &Project) -> String {
    answer(project, &[]);
    let image = image(project);
    assert_eq!(image["warm_up"], Value::Null, "{image}");
    assert_eq!(image["left_out"][0]["name"], "/code/warmup.py", "{image}");
    image["left_out"][0]["why"].as_str().expect("a text").to_owned()
}

/// A module whose first use takes long.
const SLOW: &str =
    "import functools\nUSES = []\n\n\n@functools.cache\ndef table():\n    USES.append(1)\n    return {'a': 1}\n";

#[test]
fn what_the_first_use_makes_is_there_for_each_request() {
    let script = "import slow\nprint(len(slow.USES), slow.table(), slow.USES)\n";
    let app = app("import slow\nslow.table()\nprint('warm', slow.USES)\n", script, &[("slow.py", SLOW)]);
    assert_eq!(answer(&app, &["--cold"]), "0 {'a': 1} [1]\n");
    assert_eq!(answer(&app, &[]), "0 {'a': 1} [1]\n");
    assert_eq!([answer(&app, &[]), answer(&app, &[])], ["1 {'a': 1} [1]\n"; 2]);
    let image = image(&app);
    assert_eq!((&image["warm_up"], &image["others"]), (&json!("/code/warmup.py"), &json!(["slow"])), "{image}");
    assert_eq!(image["left_out"], json!([]), "{image}");
    let shown = app.pywagi(["image", "show"]).output();
    assert!(
        shown.code(0).stdout_text().contains("\n  warmed up by /code/warmup.py, which wrote:\n    warm [1]\n"),
        "{shown}"
    );
}

#[test]
fn modules_that_the_warm_up_and_requests_import_are_whole_in_both() {
    // Of these one is frozen into the interpreter, and both have `os`.
    let script = "import os, runpy, shutil\nprint(runpy.os is os, shutil.os is os, callable(runpy.run_path))\n";
    let app = app("import runpy, shutil\nshutil.which('x')\n", script, &[]);
    assert_eq!([&["--cold"][..], &[], &[], &[]].map(|more| answer(&app, more)), ["True True True\n"; 4]);
    assert_eq!(image(&app)["warm_up"], json!("/code/warmup.py"));
}

#[test]
fn an_edit_of_the_warm_up_or_of_what_it_reads_or_imports_makes_the_interpreter_anew() {
    let warm_up = "import slow\nslow.USES.append(open('/code/number.txt').read())\nslow.table()\n";
    let files = [("slow.py", SLOW), ("number.txt", "7")];
    let app = app(warm_up, "import slow\nprint(slow.USES)\n", &files);
    answer(&app, &[]);
    assert_eq!(answer(&app, &[]), "['7', 1]\n");
    app.write("code/number.txt", "8");
    assert_eq!([answer(&app, &[]), answer(&app, &[])], ["[]\n", "['8', 1]\n"]);
    app.write("code/warmup.py", "import slow\nslow.USES.append('edited')\n");
    assert_eq!([answer(&app, &[]), answer(&app, &[])], ["[]\n", "['edited']\n"]);
    app.write("code/slow.py", "USES = ['anew']\n");
    assert_eq!([answer(&app, &[]), answer(&app, &[])], ["['anew']\n", "['anew', 'edited']\n"]);
}

/// Changes of a script that no request may see, and a request that would see them.
const CHANGES: &str = "\
import atexit, builtins, contextvars, decimal, gc, json, logging, os, random, slow, sys, tempfile, warnings, weakref
made = {'anything'}
logging.basicConfig(level=logging.DEBUG)
logging.getLogger('slow').setLevel(logging.ERROR)
logging.disable(logging.WARNING)
logging.warning('not seen')
decimal.getcontext().prec = 3
os.environ['CHANGED'] = 'yes'
os.environ['HOME'] = '/changed'
sys.argv.append('more')
sys.path.append('/more')
sys.setswitchinterval(0.5)
sys.setrecursionlimit(12345)
sys.set_int_max_str_digits(1000)
sys.excepthook = sys.displayhook = print
sys.settrace(lambda *_: None)
slow.NAME = slow.OTHER = 'changed'
slow.__class__
gc.disable()
gc.set_threshold(1)
atexit.register(print, 'at exit')
weakref.finalize(made.__class__, print, 'finalized')
warnings.simplefilter('error')
random.seed(1)
tempfile.gettempdir
print('written', file=sys.stderr)
sys.stdout.write('written')
sys.stdout.reconfigure(encoding='latin-1')
json.dumps = builtins.len = sys.stdout = sys.stderr = None
";

const LOOKS: &str = "\
import atexit, decimal, gc, json, logging, os, random, slow, sys, warnings, weakref
print(sorted(name for name in sys.modules if not name.startswith('_')))
root, own = logging.getLogger(), logging.getLogger('slow')
print(root.level, root.handlers, own.level, root.manager.disable, decimal.getcontext().prec)
print(os.environ.get('CHANGED'), os.environ.get('HOME'), sys.argv, sys.path, sys.orig_argv)
print(sys.getswitchinterval(), sys.getrecursionlimit(), sys.get_int_max_str_digits(), sys.gettrace(), sys.getprofile())
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__, len(json.dumps([1])))
print(slow.NAME, hasattr(slow, 'OTHER'), gc.isenabled(), gc.get_threshold(), warnings.filters)
print(sorted(vars(sys.modules['__main__'])), sys.stdout is sys.__stdout__, sys.stdout.encoding, sys.stderr.encoding)
print([each for each in gc.get_objects() if type(each) is set and each == {'anything'}])
weakref.finalize(slow.Thing, print, 'the end')
atexit.register(print, 'my end')
";

#[test]
fn what_it_changes_of_the_interpreter_is_undone() {
    let slow = "import logging\nlogging.getLogger('slow')\nNAME = 'plain'\n\n\nclass Thing:\n    pass\n";
    let app = app(CHANGES, LOOKS, &[("slow.py", slow)]);
    let cold = answer(&app, &["--cold"]);
    answer(&app, &[]);
    assert_eq!(answer(&app, &[]), cold);
    let image = image(&app);
    assert_eq!((&image["warm_up"], &image["left_out"]), (&json!("/code/warmup.py"), &json!([])), "{image}");
    assert_eq!(image["warm_up_output"], "writtenwritten\n", "{image}");
}

#[test]
fn random_numbers_differ_from_request_to_request() {
    let warm_up = "import random\nrandom.seed(1)\nprint(random.random())\n";
    let app = app(warm_up, "import random\nprint(random.random())\n", &[]);
    let answers: Vec<_> = (0..4).map(|_| answer(&app, &[])).collect();
    assert_eq!(image(&app)["warm_up"], "/code/warmup.py");
    let different: std::collections::HashSet<_> = answers.iter().collect();
    assert_eq!(different.len(), 4, "{answers:?}");
}

#[test]
fn a_module_that_is_imported_by_a_function_is_imported_anew() {
    let lazy = "_random = None\n\n\ndef draw():\n    global _random\n    if _random is None:\n        import random\n        \
                _random = random.random\n    return _random()\n";
    let script = "import lazy, sys\nprint('random' in sys.modules)\nprint(lazy.draw())\n";
    let app = app("import lazy\nlazy.draw()\n", script, &[("lazy.py", lazy)]);
    let answers: Vec<_> = (0..4).map(|_| answer(&app, &[])).collect();
    assert_eq!(image(&app)["warm_up"], "/code/warmup.py");
    let different: std::collections::HashSet<_> = answers.iter().collect();
    assert_eq!(different.len(), 4, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.starts_with("False\n")), "{answers:?}");
}

#[test]
fn an_exception_is_told_once_with_its_traceback_and_requests_are_answered() {
    let app =
        app("import slow\n\n\ndef main():\n    slow.table()['b']\n\n\nmain()\n", "print('ok')\n", &[("slow.py", SLOW)]);
    let server = DevServer::start(&app, &[]);
    let told = "warning: requests start without the warm-up /code/warmup.py:\nTraceback (most recent call last):\n  \
                File \"/code/warmup.py\", line 8, in <module>\n    main()\n  \
                File \"/code/warmup.py\", line 5, in main\n    slow.table()['b']\n    ~~~~~~~~~~~~^^^^^\nKeyError: 'b'\n";
    assert_eq!(server.get("/").text(), "ok\n");
    let log = server.wait_for(|log| log.contains("KeyError: 'b'\n"), "the traceback");
    assert_eq!([server.get("/").text(), server.get("/").text()], ["ok\n"; 2]);
    assert!(log.contains(told), "{log}");
    let shown = app.pywagi(["image", "show"]).output();
    let left_out = "\n  left out: /code/warmup.py:\n    Traceback (most recent call last):\n";
    assert!(shown.code(0).stdout_text().contains(left_out), "{shown}");
    assert_eq!(image(&app)["others"], json!([]));
    // An edit mends it.
    app.write("code/warmup.py", "import slow\nslow.table()\n");
    answer(&app, &[]);
    let image = image(&app);
    assert_eq!((&image["warm_up"], &image["others"]), (&json!("/code/warmup.py"), &json!(["slow"])), "{image}");
}

#[test]
fn a_warm_up_that_leaves_a_time_or_random_bytes_is_found_by_the_proof() {
    let keeps = "import functools, secrets, time\n\n\n@functools.cache\ndef token():\n    return secrets.token_hex()\n\n\n\
                 @functools.cache\ndef start():\n    return time.time()\n";
    for call in ["token", "start"] {
        let warm_up = format!("import keeps\nkeeps.{call}()\n");
        let app = app(&warm_up, &format!("import keeps\nprint(keeps.{call}())\n"), &[("keeps.py", keeps)]);
        let why = why(&app);
        assert!(why.contains("keeps") && why.ends_with("each time") || why.contains("(/code/keeps.py:"), "{why}");
        let answers: Vec<_> = (0..3).map(|_| answer(&app, &[])).collect();
        assert!(answers[0] != answers[1] && answers[1] != answers[2], "{answers:?}");
    }
}

#[test]
fn a_normal_exit_is_no_failure_and_a_name_of_the_script_is_its_own() {
    let warm_up = "import slow, sys\nslow.table()\nprint(__name__, __file__, sys.argv, sys.path[0])\nsys.exit()\n";
    let app = app(warm_up, "print('ok')\n", &[("slow.py", SLOW)]);
    answer(&app, &[]);
    let image = image(&app);
    let output = "__main__ /code/warmup.py ['/code/warmup.py'] /code\n";
    assert_eq!((&image["warm_up"], &image["warm_up_output"]), (&json!("/code/warmup.py"), &json!(output)), "{image}");
}
