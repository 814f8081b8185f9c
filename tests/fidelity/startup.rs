//! What start-up itself does (`sitecustomize`): every request sees it as a start from the beginning would show it.

use std::time::{Duration, Instant};

use pywagi::guest::{self, Input, Start};

use crate::interpreter;
use crate::requests::{App, on_every_version};

/// An app whose `sitecustomize` is in `/code/site`.
fn app(version: interpreter::Version, sitecustomize: &str, script: &str) -> App {
    let mut app = App::new(version, &[("main.py", script), ("site/sitecustomize.py", sitecustomize)]);
    app.input.environment.push(("PYTHONPATH".into(), "/code/site".into()));
    app
}

/// Has every request declined for `reason` and answered as from the beginning.
fn is_declined(app: &App, reason: &str) {
    assert_eq!(guest::warm_up(&app.program, &app.input), Err(reason.to_owned()));
    let (start, answer) = app.answer();
    assert_eq!((start, answer), (Start::Cold(reason.to_owned()), app.cold()));
}

#[test]
fn modules_that_start_up_loads_are_refreshed() {
    const SITE: &str = "import random, tempfile, logging, wsgiref.handlers, xml.sax, uuid, secrets, email, datetime\n\
                        tempfile.tempdir = '/data'\ntempfile.mktemp()\n";
    const SCRIPT: &str = "
import random, tempfile, logging, wsgiref.handlers, xml.sax, uuid, secrets
print(random.random(), random.Random().random(), uuid.uuid4(), secrets.token_hex(), tempfile.mktemp())
print(tempfile.gettempdir(), wsgiref.handlers.BaseHandler.os_environ.get('MARK'), xml.sax.default_parser_list)
started = logging._startTime if logging._startTime < 1e12 else logging._startTime / 1e9
import time
print(abs(time.time() - started) < 30, logging._startTime != 0)
";
    on_every_version(|version| {
        let mut app = app(version, SITE, SCRIPT);
        app.learn();
        app.input.environment.push(("MARK".into(), "seen".into()));
        app.input.environment.push(("PY_SAX_PARSER".into(), "mine".into()));
        let answers = [app.warm(), app.warm(), app.cold()];
        for (i, one) in answers.iter().enumerate() {
            assert_eq!(one.lines().skip(1).collect::<Vec<_>>(), ["/data seen ['mine']", "True True"], "on {version:?}");
            for other in &answers[i + 1..] {
                let drawn = |text: &str| text.lines().next().expect("a line").split(' ').map(str::to_owned).collect();
                let (one, other): (Vec<String>, Vec<String>) = (drawn(one), drawn(other));
                assert!(one.iter().zip(&other).all(|(a, b)| a != b), "{one:?} {other:?} on {version:?}");
            }
        }
    });
}

#[test]
fn exit_functions_of_start_up_run_at_the_end_of_each_request_in_order() {
    const SITE: &str = "
import atexit, logging.handlers, sys
atexit.register(print, 'registered first')
handler = logging.handlers.MemoryHandler(100, target=logging.StreamHandler(sys.stdout))
logging.getLogger().addHandler(handler)
logging.getLogger().warning('from start-up')
# A time that start-up keeps would have each request start an interpreter.
record = handler.buffer[0]
record.created = record.msecs = record.relativeCreated = 0
atexit.register(print, 'registered last')
";
    const SCRIPT: &str = "
import atexit, logging, weakref
print(atexit._ncallbacks())
atexit.register(print, 'of the script')
logging.getLogger().warning('from the script')
";
    on_every_version(|version| {
        let app = app(version, SITE, SCRIPT);
        let cold = app.cold();
        assert!(cold.ends_with("registered first\nfrom start-up\nfrom the script\n"), "{cold}");
        app.learn();
        for _ in 0..2 {
            assert_eq!(app.warm(), cold, "on {version:?}");
        }
    });
}

#[test]
fn what_start_up_changes_in_the_interpreter_shows_in_each_request() {
    const SITE: &str = "
import os, sys, warnings
os.environ['SET'] = 'by start-up'
os.environ.pop('PYTHONPATH')
sys.excepthook = lambda *exception: print('hooked', exception[1])
sys.path.append('/added')
print('buffered')
print('written', flush=True)
sys.stderr.write('')
os.chdir('/data')
warnings.simplefilter('error', DeprecationWarning)
";
    const SCRIPT: &str = "
import os, sys, warnings
print(os.environ.get('SET'), os.environ.get('PYTHONPATH'), os.environ.get('OTHER'), sys.path, os.getcwd())
print(warnings.filters[0])
raise KeyError(1)
";
    on_every_version(|version| {
        let mut app = app(version, SITE, SCRIPT);
        app.input.environment.push(("OTHER".into(), "1".into()));
        let cold = app.cold();
        assert!(cold.starts_with("buffered\nwritten\nby start-up None 1 ["), "{cold}");
        assert!(cold.ends_with("hooked 1\nCode(1)"), "{cold}");
        app.learn();
        for _ in 0..2 {
            assert_eq!(app.warm(), cold, "on {version:?}");
        }
        // Start-up may have looked at the request's own value.
        app.input.environment.push(("SET".into(), "by the request".into()));
        let reason = "start-up sets a variable that the request has, too";
        assert_eq!(app.answer(), (Start::Cold(reason.to_owned()), app.cold()));
    });
}

#[test]
fn start_up_that_uses_files_as_each_run_must_is_not_saved() {
    on_every_version(|version| {
        let open = "file = open('/code/main.py')\n";
        let reason = "its start-up leaves the file main.py open";
        is_declined(&app(version, open, "import sitecustomize\nprint(len(sitecustomize.file.read()))\n"), reason);
        for (site, name) in [
            ("open('/data/log', 'a').write('started\\n')\n", "log"),
            ("import os\nos.makedirs('/data/made', exist_ok=True)\n", "made"),
            ("import os\nos.path.exists('/data/x') and os.remove('/data/x')\nopen('/data/x', 'w').close()\n", "x"),
            ("import os\nos.utime('/data')\nos.path.exists('/data/y') or os.symlink('/data/x', '/data/y')\n", "y"),
        ] {
            let app = app(version, site, "import os\nprint(sorted(os.listdir('/data')))\n");
            is_declined(&app, &format!("its start-up changes the file {name}"));
        }
    });
}

/// As modules do that look whether they can write.
#[test]
fn start_up_that_makes_and_removes_a_file_and_makes_what_is_there_is_saved() {
    const SITE: &str = "
import os
open('/data/lock', 'x').close()
os.unlink('/data/lock')
try:
    os.mkdir('/data')
except FileExistsError:
    pass
";
    on_every_version(|version| {
        let app = app(version, SITE, "import os\nprint(os.listdir('/data'))\n");
        app.learn();
        assert_eq!([app.warm(), app.cold()], ["[]\n"; 2], "on {version:?}");
        // What a capture that is given up has made is gone, for which others might wait.
        let site = "open('/data/lock', 'x').close()\nopen('/code/main.py', 'a').close()\n";
        let app = self::app(version, site, "print(1)\n");
        let reason = "its start-up changes the file main.py".to_owned();
        assert_eq!(guest::warm_up(&app.program, &app.input), Err(reason), "on {version:?}");
        assert_eq!(app.cold(), "1\n", "on {version:?}");
    });
}

/// `sitecustomize` reads a file, tells the test by a file beside compiled modules, which belongs to no image, and waits for
/// the test to have edited what it read.
#[test]
fn an_edit_while_the_interpreter_is_captured_shows_in_the_next_request() {
    const SITE: &str = "
import os, time
value = open('/code/value').read()
open('/code/__pycache__/was_read', 'w').close()
while not os.path.exists('/code/__pycache__/go_on'):
    time.sleep(0.01)
";
    on_every_version(|version| {
        let app = app(version, SITE, "import sitecustomize\nprint(sitecustomize.value)\n");
        app.write("__pycache__/made", "");
        app.write("value", "old");
        let (was_read, go_on) = (app.code("__pycache__/was_read"), app.code("__pycache__/go_on"));
        let value = app.code("value");
        let editor = std::thread::spawn(move || {
            let started = Instant::now();
            while !was_read.exists() && started.elapsed() < Duration::from_secs(60) {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::fs::write(value, "new").expect("written");
            std::fs::write(go_on, "").expect("written");
        });
        guest::warm_up(&app.program, &app.input).expect("the interpreter can be saved");
        editor.join().expect("the editor ends");
        let reason = "a file that the saved interpreter was made from has changed".to_owned();
        assert_eq!(app.answer(), (Start::Cold(reason), "new\n".to_owned()), "on {version:?}");
        app.learn();
        assert_eq!(app.warm(), "new\n", "on {version:?}");
    });
}

#[test]
fn what_start_up_reads_and_looks_for_makes_the_image_stale_when_it_changes() {
    const SITE: &str = "
import os, random
value = open('/code/settings').read(), os.path.exists('/code/flag'), sorted(os.listdir('/code/plugins'))
";
    const SCRIPT: &str = "import random, sitecustomize\nprint(sitecustomize.value, getattr(random, 'mine', None))\n";
    on_every_version(|version| {
        let app = app(version, SITE, SCRIPT);
        app.write("settings", "1");
        app.write("plugins/a", "");
        let changes: [&dyn Fn(); 6] = [
            &|| app.write("settings", "2"),
            &|| app.write("flag", ""),
            &|| app.write("plugins/b", ""),
            &|| app.write("site/random.py", "mine = 1\n"),
            &|| std::fs::remove_file(app.code("site/random.py")).expect("removed"),
            &|| std::fs::remove_file(app.code("flag")).expect("removed"),
        ];
        // What reads and looks is the host's; on one version each kind of change is made once.
        let some = if version.0 == interpreter::VERSIONS[0].0 { changes.len() } else { 4 };
        for (i, change) in changes.iter().take(some).enumerate() {
            app.learn();
            assert_eq!(app.warm(), app.cold(), "before {i} on {version:?}");
            change();
            let reason = "a file that the saved interpreter was made from has changed".to_owned();
            assert_eq!(app.answer(), (Start::Cold(reason), app.cold()), "{i} on {version:?}");
        }
        // What start-up does not look at leaves the image as it is.
        app.learn();
        app.write("site/other.py", "");
        app.write("plugin", "");
        app.write("plugins/a", "as long as it is there");
        assert_eq!(app.warm(), app.cold());
    });
}

/// Archives of modules, made by the interpreter itself.
#[test]
fn a_changed_archive_makes_the_image_stale() {
    const SCRIPT: &str = "
import sys, zipfile
with zipfile.ZipFile('/data/mine.zip', 'w') as archive:
    for i in range(1, len(sys.argv), 2):
        archive.writestr(sys.argv[i], sys.argv[i + 1])
";
    const ASKS: &str = "
import textwrap, sys
print(getattr(textwrap, 'mine', None), getattr(sys, 'mine', None))
";
    on_every_version(|version| {
        let mut app = App::new(version, &[("main.py", ASKS), ("make.py", SCRIPT)]);
        let make = |app: &App, members: &[&str]| {
            let arguments = [&["python", "/code/make.py"], members].concat();
            let arguments = arguments.into_iter().map(str::to_owned).collect();
            let output = guest::run(&app.program, &Input { arguments, cold: true, ..app.input.clone() });
            assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        make(&app, &["other.py", ""]);
        app.input.environment.push(("PYTHONPATH".into(), "/data/mine.zip".into()));
        app.learn();
        assert_eq!(app.warm(), "None None\n");
        for (members, answer) in [
            (&["textwrap.py", "mine = 1"][..], "1 None\n"),
            (&["textwrap.py", "mine = 2", "sitecustomize.py", "import sys; sys.mine = 3"], "2 3\n"),
            (&["sitecustomize.py", "import sys; sys.mine = 4"], "None 4\n"),
        ] {
            make(&app, members);
            let reason = "a file that the saved interpreter was made from has changed".to_owned();
            assert_eq!(app.answer(), (Start::Cold(reason), answer.to_owned()), "on {version:?}");
            app.learn();
            assert_eq!(app.warm(), answer, "on {version:?}");
        }
    });
}

#[cfg(unix)]
#[test]
fn a_volume_that_is_a_link_is_followed_to_where_it_points_now() {
    const SCRIPT: &str = "
import textwrap, mine, sitecustomize
print(getattr(textwrap, 'mine', None), mine.value, sitecustomize.value)
";
    on_every_version(|version| {
        let mut app = App::new(version, &[("unused.py", "")]);
        let time = std::time::SystemTime::now() - Duration::from_secs(1000);
        for (directory, textwrap) in [("one", "base64.py"), ("two", "textwrap.py")] {
            app.write(&format!("{directory}/main.py"), SCRIPT);
            app.write(&format!("{directory}/mine.py"), &format!("value = '{directory}'\n"));
            app.write(&format!("{directory}/{textwrap}"), "mine = 1\n");
            app.write(&format!("{directory}/site/sitecustomize.py"), &format!("value = '{directory}'\n"));
            for path in ["site/sitecustomize.py", "site", "."] {
                let path = app.code(directory).join(path);
                let file = std::fs::File::open(path).expect("it is there");
                file.set_modified(time).expect("its time can be set");
            }
        }
        let link = app.project.path("link");
        let code = app.code("");
        let point = |directory: &str| {
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(code.join(directory), &link).expect("a link");
        };
        point("one");
        app.input.volumes = [&[interpreter::volume("/code", &link)], &app.input.volumes[1..]].concat().into();
        app.input.environment.push(("PYTHONPATH".into(), "/code/site".into()));
        app.input.environment.push(("PYTHONDONTWRITEBYTECODE".into(), "1".into()));
        app.learn();
        assert_eq!(app.warm(), "None one one\n");
        point("two");
        let reason = "a file that the saved interpreter was made from has changed".to_owned();
        assert_eq!(app.answer(), (Start::Cold(reason), "1 two two\n".to_owned()), "on {version:?}");
        app.learn();
        assert_eq!(app.warm(), "1 two two\n", "on {version:?}");
    });
}

#[test]
fn a_module_beside_the_script_is_found_though_the_directory_keeps_its_time() {
    on_every_version(|version| {
        let script = "import textwrap\nprint(getattr(textwrap, 'mine', None))\n";
        let app = App::new(version, &[("main.py", script)]);
        let time = std::time::SystemTime::now() - Duration::from_secs(1000);
        let keep_time = || std::fs::File::open(app.code("")).expect("there").set_modified(time).expect("set");
        keep_time();
        app.learn();
        assert_eq!(app.warm(), "None\n");
        app.write("textwrap.py", "mine = 1\n");
        keep_time();
        assert_eq!(app.warm(), "1\n", "on {version:?}");
    });
}

#[test]
fn the_check_of_unknown_versions_passes_on_those_that_are_known_and_names_what_differs() {
    on_every_version(|version| {
        let plain = app(version, "", "");
        assert_eq!(guest::try_start(&plain.program, &plain.input), Ok(None), "on {version:?}");
        // The command by which an interpreter is saved is the longest of all.
        let site = "import sys\nif len(sys.orig_argv[-1]) > 20000: sys.warnoptions.append('x')\n";
        let other = app(version, site, "");
        let differs = "sys.warnoptions: another than in a start from the beginning".to_owned();
        assert_eq!(guest::try_start(&other.program, &other.input), Ok(Some(differs)), "on {version:?}");
    });
}
