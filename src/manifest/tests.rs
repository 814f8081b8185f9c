//! Manifests good and bad; every message is compared as a whole, with `DIR` for the directory of the test.

mod allowed_hosts;
mod keys;
mod library;
mod limits;
mod script;
mod warm_up;

use std::time::Duration;

use super::*;

/// An app directory with a module, a volume and a file, and the manifest that is being tested.
struct App(tempfile::TempDir);

impl App {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("code")).unwrap();
        std::fs::create_dir_all(dir.path().join("data")).unwrap();
        std::fs::write(dir.path().join("a.wasm"), "").unwrap();
        Self(dir)
    }

    fn parse(&self, text: &str) -> Result<Manifest> {
        parse(&self.0.path().join("modules.toml"), text)
    }

    fn good(&self, text: &str) -> Manifest {
        self.parse(text).unwrap_or_else(|e| panic!("{e}"))
    }

    /// The message and the remedy of a bad manifest.
    fn bad(&self, text: &str) -> (String, String) {
        let error = self.parse(text).expect_err(text);
        (self.plain(&error.to_string()), self.plain(error.remedy_text().unwrap_or_default()))
    }

    fn plain(&self, text: &str) -> String {
        let text =
            text.replace(&self.0.path().display().to_string(), "DIR").replace(env!("CARGO_MANIFEST_DIR"), "HERE");
        if cfg!(windows) { text.replace('\\', "/") } else { text }
    }

    fn warnings(&self, text: &str) -> Vec<String> {
        self.good(text).warnings.iter().map(|w| self.plain(w)).collect()
    }

    /// The warnings for a line below a good `[[module]]`'s first three lines.
    fn warnings_of_line(&self, line: &str) -> Vec<String> {
        self.warnings(&format!("[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\n{line}\n"))
    }

    /// A mistake on a line below a good `[[module]]`'s first three lines.
    fn bad_line(&self, line: &str) -> (String, String) {
        self.bad(&format!("[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\n{line}\n"))
    }
}

/// The message of a mistake on `line`, marked from `column` on for `width` characters.
fn at(number: usize, column: usize, width: usize, message: &str, line: &str) -> String {
    let gutter = " ".repeat(number.to_string().len());
    let (pad, carets) = (" ".repeat(column - 1), "^".repeat(width));
    format!("DIR/modules.toml:{number}:{column}: {message}\n{gutter} |\n{number} | {line}\n{gutter} | {pad}{carets}")
}

#[test]
fn a_whole_manifest_is_read() {
    let app = App::new();
    let dir = app.0.path();
    std::fs::write(dir.join("code/warm.py"), "").unwrap();
    let manifest = app.good(
        r#"
[[module]]
route = "/..."
module = "a.wasm"
argv = "python /code/env.py ${ARGS}"
entrypoint = "main"
volumes = { "/z" = "code", "/a/" = { path = "data", read-only = true }, "/m" = { path = "." } }
timeout = "2m"
max-memory = "64MiB"
max-response = 10_000
max-log = "64K"
pass-authorization = true
preload = ["shop.app"]
warm-up = "code/warm.py"
allowed_hosts = ["https://example.com", "db:5432"]

[module.environment]
ZED = "1"
ALPHA = ""

[[module]]
route = "/second"
module = "file://a.wasm"
"#,
    );
    let volume = |guest: &str, host: PathBuf, read_only| Volume { guest: guest.to_owned(), host, read_only };
    let first = Module {
        line: 2,
        route: Pattern::parse("/...").unwrap(),
        module: dir.join("a.wasm"),
        entrypoint: "main".to_owned(),
        argv: Some("python /code/env.py ${ARGS}".to_owned()),
        // Whatever runs it, `main` is not what a Python interpreter exports.
        script: None,
        // In file order, which is the order the guest numbers them in.
        volumes: vec![
            volume("/z", dir.join("code"), false),
            volume("/a", dir.join("data"), true),
            volume("/m", dir.join("."), false),
        ],
        environment: vec![("ZED".to_owned(), "1".to_owned()), ("ALPHA".to_owned(), String::new())],
        limits: LimitOverrides {
            timeout: Some(Duration::from_secs(120)),
            max_memory: Some(64 << 20),
            max_response: Some(10_000),
            max_log: Some(64 << 10),
        },
        pass_authorization: true,
        preload: vec!["shop.app".to_owned()],
        warm_up: Some(Script { guest: "/z/warm.py".to_owned(), host: Some(dir.join("code/warm.py")) }),
        allowed_hosts: ["https://example.com", "db:5432"].map(|host| host.parse().unwrap()).to_vec(),
        problem: None,
    };
    let second = Module {
        line: 21,
        route: Pattern::parse("/second").unwrap(),
        module: dir.join("a.wasm"),
        entrypoint: "_start".to_owned(),
        argv: None,
        script: None,
        volumes: vec![],
        environment: vec![],
        limits: LimitOverrides::default(),
        pass_authorization: false,
        preload: vec![],
        warm_up: None,
        allowed_hosts: vec![],
        problem: None,
    };
    assert_eq!(manifest.modules, [first, second]);
    assert_eq!(manifest.directory, dir);
    assert_eq!(manifest.path, dir.join("modules.toml"));
}

#[test]
fn without_a_module_nothing_can_be_answered() {
    let app = App::new();
    let message = "there is no [[module]], so nothing can be answered";
    let remedy = "add a route, for example:\n\
                  [[module]]\n\
                  route = \"/...\"\n\
                  module = \"opt/wasi-python/bin/python3.wasm\"";
    for (text, line) in [("", ""), ("\n", ""), ("# nothing\n", " # nothing")] {
        let message = format!("DIR/modules.toml:1:1: {message}\n  |\n1 |{line}\n  | ^");
        assert_eq!(app.bad(text), (message, remedy.to_owned()));
    }
}

#[test]
fn a_mistake_in_the_syntax_has_its_place() {
    let app = App::new();
    let remedy = "correct the line; https://toml.io shows how TOML is written".to_owned();
    for (text, message) in [
        (
            "[[module]]\nroute = \"/\nmodule = \"a\"\n",
            at(2, 11, 1, "not valid TOML: invalid basic string, expected `\"`", "route = \"/"),
        ),
        ("[[module]]\nroute\n", at(2, 6, 1, "not valid TOML: key with no value, expected `=`", "route")),
        ("[[module]]\nroute = \"/\"\nroute = \"/\"\n", at(3, 1, 5, "not valid TOML: duplicate key", "route = \"/\"")),
        ("[[module]\n", at(1, 10, 1, "not valid TOML: unclosed array table, expected `]`", "[[module]")),
    ] {
        assert_eq!(app.bad(text), (message, remedy.clone()));
    }
}

#[test]
fn a_missing_key_is_told_at_the_module() {
    let app = App::new();
    let message = at(1, 1, 10, "this [[module]] has no `route`", "[[module]]");
    let remedy = "add one, for example: route = \"/...\"".to_owned();
    assert_eq!(app.bad("[[module]]\nmodule = \"a.wasm\"\n"), (message, remedy));
    let message = at(1, 1, 10, "this [[module]] has no `module`", "[[module]]");
    let remedy = "add one, for example: module = \"opt/wasi-python/bin/python3.wasm\"".to_owned();
    assert_eq!(app.bad("[[module]]\nroute = \"/\"\n"), (message, remedy));
}

#[test]
fn a_value_of_the_wrong_type_is_told_with_what_to_write() {
    let app = App::new();
    for (line, column, width, message, remedy) in [
        ("argv = 8", 8, 1, "`argv` must be a string, not an integer", "put it in quotes: argv = \"8\""),
        ("argv = [\"a\"]", 8, 5, "`argv` must be a string, not an array", "give one string"),
        (
            "entrypoint = true",
            14,
            4,
            "`entrypoint` must be a string, not a boolean",
            "put it in quotes: entrypoint = \"true\"",
        ),
        (
            "volumes = \"code\"",
            11,
            6,
            "`volumes` must be a table, not a string",
            "write volumes = { \"/code\" = \"code\" }",
        ),
        (
            "volumes = { \"/a\" = 1 }",
            20,
            1,
            "`\"/a\"` must be a string, not an integer",
            "put it in quotes: \"/a\" = \"1\"",
        ),
        (
            "environment = []",
            15,
            2,
            "`environment` must be a table, not an array",
            "write environment = { NAME = \"value\" }",
        ),
        ("environment = { A = 1.50 }", 21, 4, "`A` must be a string, not a float", "put it in quotes: A = \"1.50\""),
        ("argv = \"a\\u0000\"", 8, 9, "`argv` holds a NUL, which no program can be given", "leave it out"),
    ] {
        assert_eq!(app.bad_line(line), (at(4, column, width, message, line), remedy.to_owned()));
    }
    let message = at(1, 2, 6, "`module` must be a list of tables, not a table", "[module]");
    let remedy = "write [[module]] in two pairs of brackets, once for each route".to_owned();
    assert_eq!(app.bad("[module]\nroute = \"/\"\n"), (message, remedy));
    let message = at(1, 11, 1, "a module must be a table, not an integer", "module = [1]");
    assert_eq!(app.bad("module = [1]\n"), (message, "write [[module]], and its keys below".to_owned()));
}

#[test]
fn a_key_above_the_first_module_is_told_to_stand_below_it() {
    let app = App::new();
    let message = at(1, 1, 5, "`route` stands outside a [[module]]", "route = \"/\"");
    assert_eq!(app.bad("route = \"/\"\n"), (message, "put [[module]] above it".to_owned()));
}

#[test]
fn a_route_that_is_none_is_told_with_what_to_write() {
    let app = App::new();
    let message = at(2, 9, 6, "`path` is not a valid route: a route begins with `/`", "route = \"path\"");
    assert_eq!(app.bad("[[module]]\nroute = \"path\"\nmodule = \"a.wasm\"\n"), (message, "write `/path`".to_owned()));
    let message =
        at(2, 9, 9, "`/.../ab` is not a valid route: `...` stands only at the end of a route", "route = \"/.../ab\"");
    let text = "[[module]]\nroute = \"/.../ab\"\nmodule = \"a.wasm\"\n";
    assert_eq!(app.bad(text), (message, "write `/...`".to_owned()));
}

#[test]
fn a_module_that_is_not_there_is_told_with_where_to_get_it() {
    let app = App::new();
    for (module, message, remedy) in [
        (
            "opt/wasi-python/bin/python3.wasm",
            "there is no file DIR/opt/wasi-python/bin/python3.wasm",
            "run `pywagi toolchain install --opt-dir DIR/opt` to install the interpreter",
        ),
        (
            "b.wasm",
            "there is no file DIR/b.wasm",
            "check the path; a relative one starts at the directory of modules.toml, DIR",
        ),
        // From the working directory there is such a file, since that is the package's.
        (
            "src/main.rs",
            "there is no file DIR/src/main.rs",
            "a relative path starts at the directory of modules.toml, DIR, not at the working directory, where src/main.rs \
             is: write \"HERE/src/main.rs\"",
        ),
        ("code", "DIR/code is a directory", "give the path of a .wasm or .wat file"),
        ("", "`module` is empty", "give the path of a .wasm or .wat file"),
        (
            "oci:registry/a:1",
            "`oci:` modules are not supported: a module is a file",
            "fetch it first, then give the path of the .wasm file",
        ),
        (
            "bindle:a/1.0.0",
            "`bindle:` modules are not supported: a module is a file",
            "fetch it first, then give the path of the .wasm file",
        ),
    ] {
        let line = format!("module = \"{module}\"");
        let expected = (at(3, 10, module.len() + 2, message, &line), remedy.to_owned());
        assert_eq!(app.bad(&format!("[[module]]\nroute = \"/\"\n{line}\n")), expected);
    }
}

#[test]
fn argv_and_entrypoint_are_not_empty() {
    let app = App::new();
    let message = at(4, 8, 3, "`argv` is empty, so the program would have no argv[0]", "argv = \" \"");
    let remedy = "begin it with the program's name, for example: argv = \"python /code/env.py ${ARGS}\"".to_owned();
    assert_eq!(app.bad_line("argv = \" \""), (message, remedy));
    let message = at(4, 14, 2, "`entrypoint` is empty", "entrypoint = \"\"");
    let remedy = "name an exported function, or leave the key out for `_start`".to_owned();
    assert_eq!(app.bad_line("entrypoint = \"\""), (message, remedy));
}

#[test]
fn a_volume_needs_an_absolute_guest_path_and_a_host_directory() {
    let app = App::new();
    let missing = "create it, or correct the path; a relative one starts at the directory of modules.toml, DIR";
    for (entry, column, width, message, remedy) in [
        (
            "\"code\" = \"code\"",
            13,
            6,
            "the guest path `code` is not absolute",
            "write \"/code\" = \"…\": the guest's path stands first, the host's second",
        ),
        ("\"/a/..\" = \"code\"", 13, 7, "the guest path `/a/..` climbs by `..`", "write the path without `..`"),
        ("\"/a\" = \"nowhere\"", 20, 9, "there is no directory DIR/nowhere", missing),
        (
            "\"/a\" = \"a.wasm\"",
            20,
            8,
            "DIR/a.wasm is not a directory",
            "give a directory: a single file cannot be a volume",
        ),
        ("\"/a\" = \"\"", 20, 2, "the host directory is empty", "write \".\" for the directory of this file"),
        ("\"/a\" = \"code\", \"/a/\" = \"data\"", 28, 5, "`/a` is given as a volume twice", "leave one of them out"),
        (
            "\"/.pywagi\" = \"code\"",
            13,
            10,
            "`/.pywagi` is reserved: pywagi keeps files of its own below /.pywagi",
            "give the volume another guest path",
        ),
        (
            "\"//./.pywagi/net/\" = \"code\"",
            13,
            18,
            "`/.pywagi/net` is reserved: pywagi keeps files of its own below /.pywagi",
            "give the volume another guest path",
        ),
        ("\"/a\" = { paht = \"code\" }", 22, 4, "unknown key `paht` in a volume", "did you mean `path`?"),
        (
            "\"/a\" = { path = \"code\", read_only = true }",
            37,
            9,
            "unknown key `read_only` in a volume",
            "did you mean `read-only`?",
        ),
        (
            "\"/a\" = { path = \"code\", read-only = 1 }",
            49,
            1,
            "`read-only` must be true or false, not an integer",
            "write read-only = true",
        ),
        (
            "\"/a\" = { read-only = true }",
            20,
            20,
            "the volume `/a` has no `path`",
            "add one, for example: { path = \"code\", read-only = true }",
        ),
    ] {
        let line = format!("volumes = {{ {entry} }}");
        assert_eq!(app.bad_line(&line), (at(4, column, width, message, &line), remedy.to_owned()));
    }
}

#[test]
fn a_variable_needs_a_name() {
    let app = App::new();
    for (name, message) in [
        ("", "the name of a variable is empty"),
        ("A=B", "the name of a variable holds no `=`"),
        ("A B", "the name of a variable holds no white space or control character"),
    ] {
        let line = format!("environment = {{ \"{name}\" = \"x\" }}");
        let message = at(4, 17, name.len() + 2, message, &line);
        assert_eq!(app.bad_line(&line), (message, "correct the name".to_owned()));
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_file_order() {
    let app = App::new();
    let text = "[[module]]\nroute = 1\nmodule = \"b.wasm\"\nargv = 1\n";
    let first = at(2, 9, 1, "`route` must be a string, not an integer", "route = 1");
    let second = at(3, 10, 8, "there is no file DIR/b.wasm", "module = \"b.wasm\"");
    let third = at(4, 8, 1, "`argv` must be a string, not an integer", "argv = 1");
    let message = format!(
        "{first}\n  help: put it in quotes: route = \"1\"\n\
         {second}\n  help: check the path; a relative one starts at the directory of modules.toml, DIR\n\
         {third}"
    );
    assert_eq!(app.bad(text), (message, "put it in quotes: argv = \"1\"".to_owned()));
}

#[test]
fn a_file_that_is_no_modules_toml_does_not_flood_the_terminal() {
    let app = App::new();
    let text: String = (0..30).map(|i| format!("nonsense{i} = 1\n")).collect();
    let message = at(1, 1, 1, "there is no [[module]], so nothing can be answered", "nonsense0 = 1");
    assert_eq!(app.bad(&text).0, message);
    let text: String = (10..40).map(|i| format!("[[module]]\nroute = {i}\nmodule = \"a.wasm\"\n")).collect();
    let (message, _) = app.bad(&text);
    assert_eq!(message.matches("`route` must be a string").count(), 10);
    assert!(message.ends_with("\n  help: put it in quotes: route = \"19\"\nand 20 more mistakes"), "{message}");
}

#[test]
fn what_has_no_effect_is_a_warning() {
    let app = App::new();
    let text = "\
bindle_server = \"x\"
[[module]]
route = \"/a/...\"
module = \"a.wasm\"
argv = \"a ${ARG} ${SCRIPT_NAME} ${ARGS} ${\"
allowed_hosts = [\"x:1\", \"*://*:443\", \"x.:1\"]
http_max_concurrency = 1
repository = \"x\"
environment = { PATH_INFO = \"x\", HTTP_PROXY = \"y\" }
[[module]]
route = \"/a/b\"
module = \"a.wasm\"
[[module]]
route = \"/é\"
module = \"a.wasm\"
";
    let expected = [
        "DIR/modules.toml:1:1: `bindle_server` has no effect here",
        "DIR/modules.toml:5:8: `${ARG}` stays as it is: only `${SCRIPT_NAME}` and `${ARGS}` are replaced",
        "DIR/modules.toml:6:25: `*://*:443` permits every public address: list the hosts that it needs",
        "DIR/modules.toml:6:38: `x.:1` permits the same as `x:1` before it",
        "DIR/modules.toml:7:1: `http_max_concurrency` has no effect here",
        "DIR/modules.toml:8:1: `repository` has no effect here",
        "DIR/modules.toml:9:17: `PATH_INFO` has no effect: every request sets it",
        "DIR/modules.toml:14:9: clients send `/é` percent-encoded, so it never matches: write `/%C3%A9`",
        "DIR/modules.toml:11:9: the route `/a/b` never matches: `/a/...` on line 2 takes all of its requests",
    ];
    assert_eq!(app.warnings(text), expected);
}

#[test]
fn a_manifest_is_found_upwards() {
    let app = App::new();
    let dir = app.0.path();
    let below = dir.join("code/deep");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(dir.join("modules.toml"), "").unwrap();
    assert_eq!(find_above(&below).unwrap(), dir.join("modules.toml"));
    assert_eq!(find_above(dir).unwrap(), dir.join("modules.toml"));
    std::fs::write(dir.join("code/modules.toml"), "").unwrap();
    assert_eq!(find_above(&below).unwrap(), dir.join("code/modules.toml"));
}

#[test]
fn a_manifest_that_is_nowhere_is_told_with_where_it_was_looked_for() {
    // No directory above a relative path: the search ends without looking at what the machine has.
    let error = find_above(Path::new("nowhere")).expect_err("must fail");
    assert_eq!(error.to_string(), "there is no modules.toml in nowhere or a directory above it");
    assert_eq!(error.remedy_text(), Some("run `pywagi init` to create an app here, or name the file with -c"));
    let app = App::new();
    let path = app.0.path().join("no.toml");
    let error = find(Some(&path)).expect_err("must fail");
    assert_eq!(app.plain(&error.to_string()), "there is no file DIR/no.toml");
    assert_eq!(error.remedy_text(), Some("check the path, or run `pywagi init` to create an app"));
}

#[test]
fn a_manifest_that_cannot_be_read_is_an_error() {
    let app = App::new();
    let path = app.0.path().join("modules.toml");
    std::fs::create_dir(&path).unwrap();
    assert_eq!(find(Some(&path)).unwrap(), path);
    let error = load(&path).expect_err("must fail");
    assert_eq!(app.plain(&error.to_string()), "DIR/modules.toml is a directory");
}
