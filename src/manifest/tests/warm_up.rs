//! `warm-up`: the script that is run before the interpreter is saved.

use super::*;

const EXAMPLE: &str = "write warm-up = \"code/warmup.py\", with the path of a script of Python in a volume";

/// A manifest of a module of Python with these lines of keys, of which the first is the fourth of the file.
fn python(keys: &str) -> String {
    format!("[[module]]\nroute = \"/\"\nmodule = \"python3.wasm\"\n{keys}\nargv = \"python /code/app.py\"\n")
}

/// An app of one script.
fn app() -> App {
    let app = App::new();
    for name in ["python3.wasm", "code/app.py", "code/warm.py", "data/warm.py"] {
        std::fs::write(app.0.path().join(name), "").unwrap();
    }
    app
}

#[test]
fn a_warm_up_is_found_in_a_volume_however_its_path_is_written() {
    let app = app();
    for (path, volumes, guest) in [
        ("code/warm.py", "\"/code\" = \"code\"", "/code/warm.py"),
        ("./data/../code//warm.py", "\"/code\" = \"./code\"", "/code/warm.py"),
        ("code/warm.py", "\"/\" = \".\", \"/code\" = \"code\"", "/code/warm.py"),
        ("code/warm.py", "\"/app\" = \".\"", "/app/code/warm.py"),
        // A directory that is mounted within another one hides what is there.
        ("code/warm.py", "\"/x\" = \".\", \"/x/code\" = \"data\", \"/code\" = \"code\"", "/code/warm.py"),
    ] {
        let manifest = app.good(&python(&format!("warm-up = \"{path}\"\nvolumes = {{ {volumes} }}")));
        let expected = Script { guest: guest.to_owned(), host: Some(app.0.path().join("code/warm.py")) };
        assert_eq!(manifest.modules[0].warm_up, Some(expected), "{path} {volumes}");
    }
}

#[test]
fn a_warm_up_that_cannot_be_run_is_told_with_its_line() {
    let app = app();
    std::fs::create_dir(app.0.path().join("code/dir.py")).unwrap();
    let volumes = "volumes = { \"/code\" = \"code\" }";
    let missing = "create it, correct the path, or leave `warm-up` out; a relative path starts at the directory of \
                   modules.toml, DIR";
    for (value, width, message, remedy) in [
        ("1", 1, "`warm-up` must be a string, not an integer", "put it in quotes: warm-up = \"1\""),
        ("[\"code/warm.py\"]", 16, "`warm-up` must be a string, not an array", "give one string"),
        ("\"code/warm.txt\"", 15, "`code/warm.txt` is no script of Python: its name does not end in .py", EXAMPLE),
        ("\"code/gone.py\"", 14, "there is no script DIR/code/gone.py", missing),
        ("\"code/dir.py\"", 13, "DIR/code/dir.py is a directory", EXAMPLE),
        (
            "\"data/warm.py\"",
            14,
            "no volume of this [[module]] holds DIR/data/warm.py, so Python cannot run it",
            "put it into one of these directories: DIR/code",
        ),
    ] {
        let line = format!("warm-up = {value}");
        let expected = (at(4, 11, width, message, &line), remedy.to_owned());
        assert_eq!(app.bad(&python(&format!("{line}\n{volumes}"))), expected, "{value}");
    }
    let line = "warm-up = \"code/warm.py\"";
    let message = "no volume of this [[module]] holds DIR/code/warm.py, so Python cannot run it";
    let remedy = "give the directory of the script as a volume: volumes = { \"/code\" = \"code\" }";
    assert_eq!(
        app.bad_line(line).0,
        at(4, 11, 14, "`warm-up` is a script of Python, which DIR/a.wasm does not run", line)
    );
    assert_eq!(app.bad(&python(line)), (at(4, 11, 14, message, line), remedy.to_owned()));
}
