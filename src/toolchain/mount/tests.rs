//! What becomes of the text of modules.toml.

use super::*;
use crate::toolchain::layout::INTERPRETER;

const ROUTE: &str = "# The app.\n[[module]]\nroute = \"/\" # all\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n";

/// The edit of a manifest that has `rest` below [`ROUTE`].
fn edited(rest: &str) -> Edit {
    edited_text(&format!("{ROUTE}{rest}"))
}

/// The edit of a manifest with this text for an interpreter that needs the whole installation.
fn edited_text(text: &str) -> Edit {
    edited_for(text, None, true)
}

/// The edit for an interpreter that finds its library at the guest path `mount`.
fn edited_for(text: &str, mount: Option<&str>, needs_library: bool) -> Edit {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let opt = root.join("opt");
    let installation = opt.join("wasi-python");
    for directory in
        [installation.join("bin"), installation.join("lib/python3.14"), root.join("code"), root.join("data")]
    {
        std::fs::create_dir_all(directory).unwrap();
    }
    std::fs::write(installation.join(INTERPRETER), "").unwrap();
    let mut record = Record::of(&installation, "3.14.7".into(), Default::default(), Vec::new()).unwrap();
    record.mount = mount.map(str::to_owned);
    edit::edit(text, &Wanted::new(&root, &opt, &installation, &record, needs_library)).unwrap()
}

#[test]
fn the_mount_is_added_and_everything_else_stays() {
    for (before, after, line, shown) in [
        (
            "volumes = { \"/code\" = \"code\" } # mine\n",
            "volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" } # mine\n",
            5,
            "volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" } # mine",
        ),
        ("volumes = {}\n", "volumes = { \"/opt\" = \"opt\" }\n", 5, "volumes = { \"/opt\" = \"opt\" }"),
        (
            "volumes = {\n  # code\n  \"/code\" = \"code\", # end\n}\n",
            "volumes = {\n  # code\n  \"/code\" = \"code\", \"/opt\" = \"opt\", # end\n}\n",
            7,
            "\"/code\" = \"code\", \"/opt\" = \"opt\", # end",
        ),
        (
            "argv = \"python\"\n[module.volumes]\n\"/code\" = \"code\" # code\n\n# end\n",
            "argv = \"python\"\n[module.volumes]\n\"/code\" = \"code\" # code\n\"/opt\" = \"opt\"\n\n# end\n",
            8,
            "\"/opt\" = \"opt\"",
        ),
        (
            "volumes = { \"/opt\" = \"data\" }",
            "volumes = { \"/opt\" = \"data\", \"/opt/wasi-python\" = \"opt/wasi-python\" }",
            5,
            "volumes = { \"/opt\" = \"data\", \"/opt/wasi-python\" = \"opt/wasi-python\" }",
        ),
    ] {
        let edit = edited(before);
        assert_eq!(edit.text, Some(format!("{ROUTE}{after}")), "{before}");
        assert_eq!((edit.changed, edit.missing), (vec![(line, shown.to_owned())], vec![]), "{before}");
    }
}

#[test]
fn line_ends_stay_what_they_are() {
    for (rest, line) in [
        ("argv = \"python\"\r\n", "volumes = { \"/opt\" = \"opt\" }"),
        ("[module.volumes]\r\n\"/code\" = \"code\"\r\n", "\"/opt\" = \"opt\""),
        ("[module.volumes]\r\n", "\"/opt\" = \"opt\""),
    ] {
        let edit = edited_text(&format!("{}{rest}", ROUTE.replace('\n', "\r\n")));
        let text = edit.text.expect("an edit");
        assert_eq!(text.split("\r\n").filter(|part| *part == line).count(), 1, "{text:?}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
        assert_eq!(edit.changed.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), [line]);
    }
}

#[test]
fn a_file_that_was_changed_meanwhile_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let manifest = dir.path().join("modules.toml");
    std::fs::write(&manifest, "\u{feff}a").unwrap();
    let edit = Edit { text: Some("b".to_owned()), ..Edit::default() };
    let plan = |before: &str| Plan { manifest: manifest.clone(), edit: edit.clone(), before: before.to_owned() };
    let error = write(&plan("x")).expect_err("it was changed");
    assert_eq!(error.to_string(), format!("{} was changed meanwhile and is left as it is", manifest.display()));
    assert_eq!(error.remedy_text(), Some("run the command again"));
    assert_eq!(std::fs::read_to_string(&manifest).unwrap(), "\u{feff}a");
    write(&plan("a")).unwrap();
    assert_eq!(std::fs::read_to_string(&manifest).unwrap(), "\u{feff}b");
}

#[test]
fn a_module_without_volumes_gets_the_key() {
    for (rest, shift) in [("argv = \"python\"\n", 1), ("", 1)] {
        let edit = edited(rest);
        assert_eq!(edit.text, Some(format!("{ROUTE}volumes = {{ \"/opt\" = \"opt\" }}\n{rest}")));
        assert_eq!(edit.changed, [(4 + shift, "volumes = { \"/opt\" = \"opt\" }".to_owned())]);
    }
}

#[test]
fn every_module_that_runs_the_interpreter_is_edited() {
    let other = "[[module]]\nroute = \"/other\"\nmodule = \"other.wasm\"\n";
    let edit = edited(&format!("{other}{ROUTE}volumes = {{}}\n"));
    let mounted = "volumes = { \"/opt\" = \"opt\" }\n";
    assert_eq!(edit.text, Some(format!("{ROUTE}{mounted}{other}{ROUTE}{mounted}")));
    assert_eq!(edit.changed.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 13]);
}

#[test]
fn a_module_that_sees_the_installation_stays() {
    for rest in [
        "volumes = { \"/opt\" = \"opt\" }\n",
        "volumes = { \"/\" = \".\" }\n",
        "volumes = { \"/py\" = { path = \"opt/wasi-python\", read-only = true } }\n",
    ] {
        assert_eq!(edited(rest), Edit::default(), "{rest}");
    }
}

#[test]
fn a_form_that_is_not_edited_is_left_to_the_user() {
    let mount = Mount::opt();
    assert_eq!(mount.to_string(), "\"/opt\" = \"opt\"");
    for rest in ["volumes.\"/code\" = \"code\"\n", "volumes = 3\n"] {
        assert_eq!(edited(rest), Edit { missing: vec![(2, mount.clone())], ..Edit::default() }, "{rest}");
    }
}

const OWN_PLACE: &str = "/usr/local/lib/python3.14";

/// The edit of a manifest that has `rest` below [`ROUTE`], for 3.14 with its library in its own place: the rest of the text, and
/// the changed lines.
#[track_caller]
fn mounted(rest: &str) -> (String, Vec<(usize, String)>) {
    let edit = edited_for(&format!("{ROUTE}{rest}"), Some(OWN_PLACE), true);
    assert_eq!((edit.missing, edit.stale), (vec![], vec![]), "{rest}");
    (edit.text.expect("an edit").strip_prefix(ROUTE).expect("the beginning stays").to_owned(), edit.changed)
}

#[test]
fn a_library_is_mounted_where_the_interpreter_looks_for_it() {
    let entry = "\"/usr/local/lib/python3.14\" = \"opt/wasi-python/lib/python3.14\"";
    let line = format!("volumes = {{ \"/code\" = \"code\", {entry} }}");
    assert_eq!(mounted("volumes = { \"/code\" = \"code\" }"), (line.clone(), vec![(5, line)]));
    // What shows the interpreter its library in another way stays.
    for seen in [
        "{ \"/opt\" = \"opt\" }".to_owned(),
        format!("{{ {entry} }}"),
        "{ \"/usr/local\" = \"opt/wasi-python\" }".to_owned(),
    ] {
        assert_eq!(edited_for(&format!("{ROUTE}volumes = {seen}"), Some(OWN_PLACE), true), Edit::default(), "{seen}");
    }
    let taken = mounted("volumes = { \"/usr/local/lib/python3.14\" = \"data\" }").0;
    assert_eq!(taken, "volumes = { \"/usr/local/lib/python3.14\" = \"data\", \"/opt\" = \"opt\" }");
}

const OLD: &str = "\"/usr/local/lib/python3.13\" = \"opt/wasi-python/lib/python3.13\"";

#[test]
fn the_library_of_another_version_makes_place_for_the_new_one() {
    let new = OLD.replace("3.13", "3.14");
    for before in [
        format!("volumes = {{ \"/code\" = \"code\", {OLD} }} # mine\n"),
        format!("volumes = {{ {OLD}, \"/code\" = \"code\" }}\n"),
        format!("volumes = {{\n  \"/code\" = \"code\",\n  {OLD},\n}}\n"),
        format!("[module.volumes]\n{OLD} # the library\n\"/code\" = \"code\"\n"),
        format!("volumes.{OLD}\n"),
    ] {
        let (after, changed) = mounted(&before);
        assert_eq!(after, before.replace(OLD, &new));
        let (line, shown) = &changed[0];
        assert_eq!(after.lines().nth(line - 5).map(str::trim), Some(shown.as_str()));
    }
}

#[test]
fn the_library_of_another_version_is_removed_where_the_new_one_needs_none() {
    for (before, after) in [
        (format!("{{ \"/code\" = \"code\", {OLD} }} # mine\n"), "{ \"/code\" = \"code\" } # mine\n"),
        (format!("{{ {OLD}, \"/code\" = \"code\" }}\n"), "{ \"/code\" = \"code\" }\n"),
        (format!("{{ {OLD} }}\n"), "{ }\n"),
    ] {
        let edit = edited_for(&format!("{ROUTE}volumes = {before}"), None, false);
        assert_eq!(edit.text, Some(format!("{ROUTE}volumes = {after}")));
        assert_eq!(edit.changed, [(5, format!("volumes = {}", after.trim_end()))]);
    }
    let table = format!("{ROUTE}[module.volumes]\n\"/code\" = \"code\"\n{OLD} # old\n\"/data\" = \"data\"\n");
    let edit = edited_for(&table, None, false);
    assert_eq!(edit.text, Some(table.replace(&format!("{OLD} # old\n"), "")));
    assert_eq!(edit.changed, [(7, "(removed)".to_owned())]);
    // A form that is not edited is told; other directories that are not there are not meant.
    let dotted = edited_for(&format!("{ROUTE}volumes.{OLD}\n"), None, false);
    let stale = vec![(5, "/usr/local/lib/python3.13".to_owned())];
    assert_eq!(dotted, Edit { stale, ..Edit::default() });
    assert_eq!(
        edited_for(&format!("{ROUTE}volumes = {{ \"/x\" = \"x/lib/python3.13\" }}\n"), None, false),
        Edit::default()
    );
}
