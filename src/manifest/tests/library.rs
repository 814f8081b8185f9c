//! `[[library]]` tables.

use super::*;
use crate::guest::Returned;

const MODULE: &str = "[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\n";

#[test]
fn a_library_is_read() {
    let app = App::new();
    let text = "[[library]]\nname = \"markdown_c\"\nmodule = \"a.wasm\"\nvolumes = { \"/d\" = { path = \"data\", read-only = true } }\n\
                returns = { render = \"string\", digest = \"bytes\" }\ntimeout = \"2s\"\nmax-memory = \"64M\"\nmax-response = 10\n\
                max-log = 20\n";
    let manifest = app.good(&format!("{MODULE}{text}"));
    let dir = app.0.path();
    let library = Library {
        line: 4,
        name: "markdown_c".to_owned(),
        module: dir.join("a.wasm"),
        volumes: vec![Volume { guest: "/d".to_owned(), host: dir.join("data"), read_only: true }],
        returns: vec![("render".to_owned(), Returned::String), ("digest".to_owned(), Returned::Bytes)],
        limits: LimitOverrides {
            timeout: Some(Duration::from_secs(2)),
            max_memory: Some(64 << 20),
            max_response: Some(10),
            max_log: Some(20),
        },
        problem: None,
    };
    assert_eq!((manifest.libraries.as_slice(), manifest.warnings.is_empty()), (&[library][..], true));
}

/// The mistake of a library whose `name` and `module` are right, but for these lines.
fn bad(lines: &str) -> (String, String) {
    App::new().bad(&format!("{MODULE}[[library]]\nmodule = \"a.wasm\"\n{lines}\n"))
}

#[test]
fn a_mistake_is_told_with_its_line_and_what_to_write() {
    let name = "give it a name that Python imports, such as \"markdown_c\"";
    let returns = "write \"string\" or \"bytes\"; leave out the functions that return numbers";
    let is_no_name =
        |text: &str| format!("`{text}` is no name of a library: it must be a letter, then letters, digits and `_`");
    for (line, column, width, message, remedy) in [
        ("name = \"a-b\"", 8, 5, is_no_name("a-b"), name),
        ("name = \"1a\"", 8, 4, is_no_name("1a"), name),
        ("name = \"_a\"", 8, 4, is_no_name("_a"), name),
        ("name = \"\"", 8, 2, is_no_name(""), name),
        ("name = \"class\"", 8, 7, "`class` is no name of a library: it is a keyword of Python".to_owned(), name),
        (
            "name = \"LibraryError\"",
            8,
            14,
            "`LibraryError` is no name of a library: pywagi.libraries has it for itself".to_owned(),
            name,
        ),
        ("name = 1", 8, 1, "`name` must be a string, not an integer".to_owned(), "put it in quotes: name = \"1\""),
    ] {
        assert_eq!(bad(line), (at(6, column, width, &message, line), remedy.to_owned()), "{line}");
    }
    for (line, column, width, message, remedy) in [
        (
            "returns = \"string\"",
            11,
            8,
            "`returns` must be a table, not a string",
            "write returns = { render = \"string\" }",
        ),
        ("returns = { f = \"text\" }", 17, 6, "`f` cannot return `text`", returns),
        ("returns = { f = 1 }", 17, 1, "what `f` returns must be a string, not an integer", returns),
        ("volume = {}", 1, 6, "unknown key `volume` in [[library]]", "did you mean `volumes`?"),
        ("max_memory = 1", 1, 10, "unknown key `max_memory` in [[library]]", "did you mean `max-memory`?"),
        (
            "timeout = true",
            11,
            4,
            "`timeout` must be a time, not a boolean",
            "give a time such as \"500ms\", \"30s\" or \"2m\"",
        ),
        (
            "volumes = { \"/.pywagi\" = \"code\" }",
            13,
            10,
            "`/.pywagi` is reserved: pywagi keeps files of its own below /.pywagi",
            "give the volume another guest path",
        ),
    ] {
        let expected = (at(7, column, width, message, line), remedy.to_owned());
        assert_eq!(bad(&format!("name = \"a\"\n{line}")), expected, "{line}");
    }
}

#[test]
fn what_a_library_lacks_is_told() {
    let app = App::new();
    let (message, remedy) = app.bad(&format!("{MODULE}[[library]]\nmodul = \"a.wasm\"\n"));
    assert!(message.contains("unknown key `modul` in [[library]]"), "{message}");
    assert!(message.contains("this [[library]] has no `name`") && !message.contains("no `module`"), "{message}");
    assert_eq!(remedy, "did you mean `module`?");
    // At the top of the file, before the modules.
    let (message, remedy) = app.bad(&format!("library = 1\n{MODULE}"));
    assert_eq!(message, at(1, 1, 7, "`library` must be a list of tables, not an integer", "library = 1"));
    assert_eq!(remedy, "write [[library]] in two pairs of brackets, once for each library");
}

#[test]
fn two_libraries_have_two_names() {
    let library = "[[library]]\nname = \"a\"\nmodule = \"a.wasm\"\n";
    let (message, remedy) = App::new().bad(&format!("{MODULE}{library}{library}"));
    let expected = at(8, 8, 3, "the library `a` is there twice: the other is on line 4", "name = \"a\"");
    assert_eq!((message, remedy), (expected, "give one of the two another name".to_owned()));
}

#[test]
fn a_library_that_is_not_there_fails_itself_alone() {
    let app = App::new();
    let manifest = app.good(&format!("{MODULE}[[library]]\nname = \"a\"\nmodule = \"b.wat\"\n"));
    let problem = manifest.libraries[0].problem.clone().expect("a problem");
    assert_eq!(app.plain(&problem.message), at(6, 10, 7, "there is no file DIR/b.wat", "module = \"b.wat\""));
    assert_eq!(manifest.modules[0].problem, None);
}
