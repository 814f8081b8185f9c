//! Unknown and misspelt keys, manifests of other tools, and paths in the notation of Windows.

use super::*;

#[test]
fn an_unknown_key_has_no_effect_and_is_warned_of_with_the_nearest_known_one() {
    let app = App::new();
    for (line, key, near) in [
        ("entry_point = \"a\"", "entry_point", Some("entrypoint")),
        ("Argv = \"a\"", "Argv", Some("argv")),
        ("ragv = \"a\"", "ragv", Some("argv")),
        ("volume = {}", "volume", Some("volumes")),
        ("env = { A = 1 }", "env", Some("environment")),
        ("time-out = 1", "time-out", Some("timeout")),
        ("max_memory = 1", "max_memory", Some("max-memory")),
        ("rout = 1", "rout", Some("route")),
        ("nonsense = 1", "nonsense", None),
    ] {
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let expected = format!("DIR/modules.toml:4:1: unknown key `{key}` in [[module]] has no effect{near}");
        assert_eq!(app.warnings_of_line(line), [expected]);
    }
    let module = "[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\n";
    for (line, message) in [
        ("title = 1", "unknown key `title` at the top of the file has no effect"),
        ("modul = 1", "unknown key `modul` at the top of the file has no effect; did you mean `module`?"),
        ("argv = 1", "`argv` stands outside a [[module]] and has no effect; put [[module]] above it"),
        ("default_host = 1", "`default_host` has no effect here; --hostname sets the default host"),
        ("host = 1", "`host` has no effect here"),
        ("files = []", "`files` has no effect here"),
    ] {
        assert_eq!(app.warnings(&format!("{line}\n{module}")), [format!("DIR/modules.toml:1:1: {message}")]);
    }
    let volume = "volumes = { \"/a\" = { path = \"code\", x = 1 } }";
    let expected = "DIR/modules.toml:4:37: unknown key `x` in a volume has no effect";
    assert_eq!(app.warnings_of_line(volume), [expected]);
}

#[test]
fn many_unknown_keys_do_not_flood_the_terminal() {
    let app = App::new();
    let lines: String = (10..40).map(|i| format!("nonsense{i} = 1\n")).collect();
    let warnings = app.warnings_of_line(&lines);
    assert_eq!(warnings.len(), 11);
    assert_eq!(warnings[9], "DIR/modules.toml:13:1: unknown key `nonsense19` in [[module]] has no effect");
    assert_eq!(warnings[10], "DIR/modules.toml: 20 more unknown keys have no effect");
    let lines: String = (10..21).map(|i| format!("nonsense{i} = 1\n")).collect();
    assert_eq!(app.warnings_of_line(&lines)[10], "DIR/modules.toml: 1 more unknown key has no effect");
}

#[test]
fn a_manifest_of_spin_is_named_as_one() {
    let app = App::new();
    let remedy = "`spin up` runs it; for a component whose executor is wagi, write a modules.toml with a [[module]]:\n\
                  `route` is that of its trigger, `module` its `source`, `argv` that of its executor, and `volumes` its \
                  `files`";
    for (line, column, key) in [
        ("spin_manifest_version = 2", 1, "spin_manifest_version"),
        ("spin_manifest_version = \"1\"", 1, "spin_manifest_version"),
        ("  spin_version = \"1\"", 3, "spin_version"),
    ] {
        let text = format!("{line}\n[application]\nname = \"x\"\n[[trigger.http]]\nroute = \"/...\"\n");
        let message = at(1, column, key.len(), "this is the manifest of a Spin app, not a modules.toml", line);
        assert_eq!(app.bad(&text), (message, remedy.to_owned()));
    }
    let below = app.0.path().join("code");
    std::fs::write(app.0.path().join("spin.toml"), "").unwrap();
    let error = find_above(&below).expect_err("there is no modules.toml");
    let message = "there is no modules.toml in DIR/code or a directory above it, but the manifest of a Spin app: \
                   DIR/spin.toml";
    assert_eq!((&*app.plain(&error.to_string()), error.remedy_text()), (message, Some(remedy)));
}

#[test]
fn a_windows_path_in_double_quotes_is_told_to_be_put_in_single_ones() {
    let app = App::new();
    let remedy = "in double quotes a backslash begins an escape: put a Windows path in single quotes, as in \
                  'C:\\app\\code', or write it with /";
    for (value, column, width, message) in [
        (
            "\"C:\\Users\\a.wasm\"",
            15,
            1,
            "not valid TOML: too few unicode value digits, expected unicode hexadecimal value",
        ),
        (
            "\"C:\\python\\a.wasm\"",
            14,
            1,
            "not valid TOML: missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`",
        ),
        ("\"C:\\temp\\new.wasm\"", 10, 18, "there is no file DIR/C:\temp\new.wasm"),
    ] {
        let line = format!("module = {value}");
        let bad = app.bad(&format!("[[module]]\nroute = \"/\"\n{line}\n"));
        assert_eq!(bad, (at(3, column, width, message, &line), remedy.to_owned()));
    }
}

#[test]
fn a_misspelt_required_key_is_one_mistake() {
    let app = App::new();
    let message = at(2, 1, 4, "unknown key `rout` in [[module]]", "rout = \"/\"");
    let remedy = "did you mean `route`?".to_owned();
    assert_eq!(app.bad("[[module]]\nrout = \"/\"\nmodule = \"a.wasm\"\n"), (message, remedy));
    let message = at(1, 3, 7, "unknown key `modules` at the top of the file", "[[modules]]");
    let remedy = "did you mean `module`?".to_owned();
    assert_eq!(app.bad("[[modules]]\nroute = \"/\"\n"), (message, remedy));
}
