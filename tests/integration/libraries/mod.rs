//! Libraries in other languages, by ones in WebAssembly text. Those that a compiler makes are in tests/slow/libraries.rs, what
//! modules.toml may say of them in src/manifest.

mod app;
mod guests;

use crate::support::{Project, python_modules, wat};

use guests::{COMPONENT, FUNCTIONS, SLEEPS, TELLS, WAITS, WRITES};

/// What scripts begin with: a function that tells what came of a call.
const TOLD: &str = "import sys\nprint('Content-Type: text/plain\\n', flush=True)\n\
                    def told(call, *arguments, **options):\n\
                    \x20   try:\n        print(repr(call(*arguments, **options)))\n\
                    \x20   except Exception as error:\n        print(f'{type(error).__name__}: {error}')\n";

/// An app whose `/` runs `script`, with libraries: the lines of each table, and its file.
fn project(libraries: &[(&str, &str)], script: &str) -> Project {
    let mut modules = python_modules(&[("/", "app.py")]);
    let mut project = Project::empty().file("code/app.py", format!("{TOLD}{script}\n"));
    for (number, (lines, content)) in libraries.iter().enumerate() {
        modules.push_str(&format!("[[library]]\nmodule = \"libs/{number}.wat\"\n{lines}\n\n"));
        project = project.file(&format!("libs/{number}.wat"), content);
    }
    project.file("modules.toml", modules)
}

/// What the script prints, started cold, and from a saved interpreter.
fn answers(project: &Project, expected: &str) {
    project.pywagi(["invoke", "/", "-q", "--cold"]).output().code(0).stdout(expected);
    let server = project.dev(&["-v"]);
    for _ in 0..20 {
        assert_eq!(server.get("/").text(), expected);
        if server.log().contains("; warm;") {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    panic!("no request started from a saved interpreter: {}", server.log());
}

#[test]
fn a_command_is_given_arguments_variables_and_bytes() {
    let script = "from pywagi.libraries import tells\nimport pywagi.libraries\n\
                  told(tells)\n\
                  told(tells, '--x', 'é', input=b'in\\0put', environment={'A': 'b'})\n\
                  told(lambda: len(tells(input=bytes(1_000_000))))\n\
                  told(tells, 1)\n\
                  told(tells, input='text')\n\
                  told(tells, 'a\\0b')\n\
                  told(tells, environment={'A=': 'b'})\n\
                  told(tells.render, 1)\n\
                  print(tells is pywagi.libraries.tells, tells, dir(pywagi.libraries))";
    let expected = "b'tells\\x00'\n\
                    b'tells\\x00--x\\x00\\xc3\\xa9\\x00A=b\\x00in\\x00put'\n\
                    1000006\n\
                    LibraryError: the library `tells` (modules.toml:7): argument 1 must be a str, not int\n\
                    TypeError: input must be bytes, not str: encode it\n\
                    LibraryError: the library `tells` (modules.toml:7): an argument holds a NUL, which no program can be given\n\
                    LibraryError: the library `tells` (modules.toml:7): `A=` is no variable that a program can be given\n\
                    LibraryError: `render` of the library `tells` (modules.toml:7): there is no such function: the library is a \
                    command, which is called itself\n\
                    True <the library tells> ['Library', 'LibraryError', 'tells']\n";
    answers(&project(&[("name = \"tells\"", TELLS)], script), expected);
}

#[test]
fn a_command_that_fails_is_an_exception() {
    let libraries = [
        ("name = \"fails\"", wat::writes("out", "first\nlast: \u{1b}x\n", 3)),
        ("name = \"traps\"", wat::traps("", "before")),
        ("name = \"talks\"", wat::writes("out", "note\n", 0)),
        ("name = \"hangs\"\ntimeout = \"200ms\"", wat::hangs("", "")),
        ("name = \"huge\"", "(module (memory (export \"memory\") 65536) (func (export \"_start\")))".to_owned()),
        ("name = \"ten\"", "(module (memory i64 163840) (func (export \"_start\")))".to_owned()),
        ("name = \"prints\"\nmax-response = 3", wat::prints("four")),
        ("name = \"small\"\nmax-memory = \"64K\"", TELLS.to_owned()),
    ];
    let libraries: Vec<_> = libraries.iter().map(|(lines, text)| (*lines, text.as_str())).collect();
    let script = "from pywagi.libraries import LibraryError, fails, traps, talks, hangs, huge, ten, prints, small\n\
                  try: fails()\nexcept LibraryError as error: print(error, error.code, error.stderr)\n\
                  for library in traps, talks, hangs, huge, ten, prints, small: told(library)";
    let expected = "the library `fails` (modules.toml:7): it ended with exit code 3: last:  x 3 b'first\\nlast: \\x1bx\\n'\n\
                    LibraryError: the library `traps` (modules.toml:11): it trapped: wasm `unreachable` instruction executed: before\n\
                    b'out'\n\
                    LibraryError: the library `hangs` (modules.toml:19): it was stopped after 200ms, its `timeout`\n\
                    LibraryError: the library `huge` (modules.toml:24): it could not be started: memory minimum size of 65536 pages \
                    exceeds memory limits; it was refused memory: the request may have 1 GiB with its libraries, by its `max-memory`\n\
                    LibraryError: the library `ten` (modules.toml:28): it could not be started: memory minimum size of 163840 pages \
                    exceeds memory limits; it was refused memory: the request may have 1 GiB with its libraries, by its `max-memory`\n\
                    LibraryError: the library `prints` (modules.toml:32): it was stopped: its output grew beyond the limit of 3 bytes, its \
                    `max-response`\n\
                    LibraryError: the library `small` (modules.toml:37): it could not be started: memory minimum size of 4 pages exceeds \
                    memory limits; it was refused memory beyond 64 KiB, its `max-memory`\n";
    let run = project(&libraries, script).pywagi(["invoke", "/", "-q"]).output();
    run.code(0).stdout(expected).stderr_has("note\n");
}

#[test]
fn functions_take_and_give_numbers_text_and_bytes() {
    let script = "from pywagi.libraries import f\n\
                  told(f.add, 2, 3)\ntold(f.add, 2**32 - 1, 0)\ntold(f.half, 3)\ntold(f.both, -5)\ntold(f.nothing)\n\
                  told(f.count)\ntold(f.count)\n\
                  told(f.same, 'naïve')\ntold(f.same, '')\ntold(f.rest, b'bytes', 2)\n\
                  told(f.add, 2**32, 0)\ntold(f.add, 1)\ntold(f.add, 'x')\ntold(f.half, 'x')\ntold(f.add, 1.5, 2)\n\
                  told(f.same, [1])\ntold(f.ad, 1)\ntold(f.unknown)\ntold(f, 1)\ntold(f.alloc, 1)\n\
                  told(f.add, object())";
    let of = |function: &str| format!("LibraryError: `{function}` of the library `f` (modules.toml:7): ");
    let expected = [
        "5\n-1\n1.5\n(-5, 1.5)\nNone\n1\n2\n'naïve'\n''\nb'tes'\n".to_owned(),
        format!("{}argument 1: 4294967296 does not fit into i32\n", of("add")),
        format!(
            "{}it takes (i32, i32), and (int) are 1 of these: str and bytes are two each, an address and a length\n",
            of("add")
        ),
        "2022\n".to_owned(),
        format!(
            "{}it takes (f64), and (str) are 2 of these: str and bytes are two each, an address and a length\n",
            of("half")
        ),
        format!("{}argument 1: float is no i32\n", of("add")),
        format!(
            "{}it takes (i32, i32), and (list) are 1 of these: str and bytes are two each, an address and a length\n",
            of("same")
        ),
        format!("{}there is no such function; did you mean `add`?\n", of("ad")),
        format!(
            "{}there is no such function; it has add, both, count, deep, garbled, grow, half, hang, nothing, outside, rest, same, \
             trap\n",
            of("unknown")
        ),
        "LibraryError: the library `f` (modules.toml:7): it is no command: call a function of it\n".to_owned(),
        format!(
            "{}there is no such function; it has add, both, count, deep, garbled, grow, half, hang, nothing, outside, rest, same, \
             trap\n",
            of("alloc")
        ),
    ];
    let returns = "name = \"f\"\nreturns = { same = \"string\", rest = \"bytes\" }";
    let project = project(&[(returns, FUNCTIONS)], script);
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    let text = run.code(0).stdout_text();
    let (told, last) = text.trim_end().rsplit_once('\n').expect("lines");
    // The address of the text, which the host chose, and its length.
    let told: Vec<_> =
        told.lines().map(|line| if line.parse::<u32>().is_ok_and(|n| n > 1000) { "2022" } else { line }).collect();
    assert_eq!(told.join("\n") + "\n", expected.concat());
    assert!(last.starts_with("LibraryError: a object cannot be given to a library: <object object at "), "{last}");
    // Each request has an instance of its own.
    project.write("code/app.py", format!("{TOLD}from pywagi.libraries import f\ntold(f.count)\n"));
    answers(&project, "1\n");
}

#[test]
fn a_function_that_goes_wrong_is_an_exception_and_the_server_goes_on() {
    let script = "from pywagi.libraries import f\n\
                  told(f.outside)\ntold(f.garbled)\ntold(f.count)\ntold(f.trap)\ntold(f.count)\ntold(f.deep)\n\
                  told(f.hang)\ntold(f.grow, 65000)\ntold(f.grow, 1)";
    let of = |function: &str| format!("LibraryError: `{function}` of the library `f` (modules.toml:7): ");
    let expected = [
        format!("{}it returned 1000 bytes at the address 65000, which are not all in its memory\n", of("outside")),
        format!("{}it returned text that is not UTF-8\n", of("garbled")),
        "1\n".to_owned(),
        format!("{}it trapped: wasm `unreachable` instruction executed\n", of("trap")),
        "1\n".to_owned(),
        format!("{}it was stopped: its calls went deeper than its stack\n", of("deep")),
        format!("{}it was stopped after 200ms, its `timeout`\n", of("hang")),
        "-1\n1\n".to_owned(),
    ];
    let lines = "name = \"f\"\ntimeout = \"200ms\"\nreturns = { outside = \"bytes\", garbled = \"string\" }";
    answers(&project(&[(lines, FUNCTIONS)], script), &expected.concat());
}

#[test]
fn a_component_is_called_by_its_world() {
    let script = "from pywagi.libraries import c\n\
                  told(c.add, 2, 3)\ntold(c.maths.add_up, 4, 5)\ntold(c.count_calls)\ntold(c.count_calls)\n\
                  told(c.text, 'naïve')\ntold(c.octets, b'\\0\\xff')\ntold(c.numbers, [1, 2.5])\n\
                  told(c.move, {'x': 1, 'y_axis': -2})\ntold(c.check, 9)\ntold(c.check, 10)\n\
                  told(c.paint, 'dark-green')\ntold(c.place, ['right'])\ntold(c.maybe, 7)\ntold(c.maybe, None)\n\
                  told(c.add, -1, 3)\ntold(c.add, 1)\ntold(c.text, b'x')\ntold(c.move, {'x': 1})\ntold(c.move, {'x': 1, 'y_axis': 2, 'z': 3})\n\
                  told(c.paint, 'blue')\ntold(c.use_handle, 1)\ntold(c.mathz.add_up)\n\
                  told(c.outside)\ntold(c.wrong)\ntold(c.hang)\ntold(c.count_calls)\n\
                  try: c.check(10)\nexcept Exception as error: print(repr(error.error))";
    let of = |function: &str| format!("LibraryError: `{function}` of the library `c` (modules.toml:7): ");
    let expected = [
        "5\n9\n1\n2\n'naïve'\nb'\\x00\\xff'\n[1.0, 2.5]\n{'x': 1, 'y_axis': -2}\n9\n".to_owned(),
        format!("{}it returned an error: too large\n", of("check")),
        "'dark-green'\n['right']\n7\nNone\n".to_owned(),
        format!("{}its parameter `a`: -1 does not fit into u32\n", of("add")),
        format!("{}it takes 2 arguments (a, b), and 1 are given\n", of("add")),
        format!("{}its parameter `text`: bytes is no string\n", of("text")),
        format!("{}its parameter `to`: the field `y_axis` is missing\n", of("move")),
        format!("{}its parameter `to`: there is no field `z`\n", of("move")),
        format!("{}its parameter `color`: `blue` is none of red, dark-green\n", of("paint")),
        format!("{}its parameter `one` is or holds a resource, which pywagi does not map\n", of("use_handle")),
        format!("{}there is no such function; did you mean `maths.add_up`?\n", of("mathz.add_up")),
        format!("{}it trapped: string pointer/length out of bounds of memory\n", of("outside")),
        format!("{}it trapped: discriminant 7 out of range [0..2)\n", of("wrong")),
        format!("{}it was stopped after 200ms, its `timeout`\n", of("hang")),
        "1\n'too large'\n".to_owned(),
    ];
    answers(&project(&[("name = \"c\"\ntimeout = \"200ms\"", COMPONENT)], script), &expected.concat());
}

#[test]
fn what_sleeps_is_stopped_in_time() {
    let libraries = [("name = \"c\"\ntimeout = \"200ms\"", SLEEPS), ("name = \"w\"\ntimeout = \"200ms\"", WAITS)];
    let script = "from pywagi.libraries import c, w\ntold(c.sleep, 1000)\ntold(c.sleep, 10**12)\ntold(w)";
    let expected = "None\n\
                    LibraryError: `sleep` of the library `c` (modules.toml:7): it was stopped after 200ms, its `timeout`\n\
                    LibraryError: the library `w` (modules.toml:12): it was stopped after 200ms, its `timeout`\n";
    project(&libraries, script).pywagi(["invoke", "/", "-q"]).output().code(0).stdout(expected);
    // Without one of its own, it has the time of the request.
    for (lines, text, what) in [
        ("name = \"x\"", SLEEPS, "`sleep` of the library `x`"),
        ("name = \"x\"", WAITS, "the library `x`"),
        ("name = \"x\"", FUNCTIONS, "`hang` of the library `x`"),
    ] {
        let call = if text == SLEEPS {
            "x.sleep(10**12)"
        } else if text == WAITS {
            "x()"
        } else {
            "x.hang()"
        };
        let project = project(&[(lines, text)], &format!("from pywagi.libraries import x\n{call}"));
        let run = project.pywagi(["invoke", "/", "-q", "--timeout", "1s"]).output();
        let told = format!("was stopped after 1s, the time limit, while it waited for {what} (modules.toml:7)");
        run.code(3).stderr_has(&told);
    }
}

#[test]
fn a_library_sees_its_volumes_alone() {
    let script = "from pywagi.libraries import w, ro, none\ntold(w)\ntold(w)\ntold(ro)\ntold(none)";
    let libraries = [
        ("name = \"w\"\nvolumes = { \"/data\" = \"data\" }", WRITES),
        ("name = \"ro\"\nvolumes = { \"/data\" = { path = \"code\", read-only = true } }", WRITES),
        ("name = \"none\"", WRITES),
    ];
    let project = project(&libraries, script).directory("data");
    let ended = |name: &str, line: u32, code: i32| {
        format!("LibraryError: the library `{name}` (modules.toml:{line}): it ended with exit code {code}\n")
    };
    // EXIST, PERM, BADF
    let expected = format!("b''\n{}{}{}", ended("w", 7, 20), ended("ro", 12, 63), ended("none", 17, 8));
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout(expected);
    assert_eq!(project.read("data/f"), "written");
}
