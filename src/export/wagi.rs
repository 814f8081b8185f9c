//! wagi 0.8.1, the reference server: `modules.toml` without what it does not know, and the command that serves it.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::{Export, ExportedFile};
use crate::error::{Error, Result};
use crate::limits::LimitOverrides;
use crate::manifest::{Manifest, Module};
use crate::text_file::{self, shown};
use crate::toolchain;

/// The file of the export, beside modules.toml.
pub const FILE_NAME: &str = "wagi.toml";

const HEADER: &str = "# Made by `pywagi export wagi` from modules.toml; changes belong there.\n";

/// The keys of a module that wagi knows.
const KNOWN: [&str; 8] =
    ["route", "module", "entrypoint", "argv", "volumes", "allowed_hosts", "http_max_concurrency", "bindle_server"];

/// The manifest for wagi, and the command line, to be run in the directory of modules.toml. `env_files` are the files of
/// variables that it is given.
///
/// # Errors
/// Fails where wagi cannot serve the app as it is meant, with the line and what to do.
pub fn export(manifest: &Manifest, env_files: &[String]) -> Result<(Export, String)> {
    let mut notes = Vec::new();
    let mut variables: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut errors = Vec::new();
    for module in &manifest.modules {
        let at = |text: String| format!("{}:{}: {text}", shown(&manifest.path), module.line);
        if let Some(problem) = &module.problem {
            errors.push(problem.into());
            continue;
        }
        let needed = toolchain::environment_for(&module.module, &module.volumes)?;
        for (name, value) in needed.into_iter().chain(module.environment.iter().cloned()) {
            let (known, line) = variables.entry(name.clone()).or_insert_with(|| (value.clone(), module.line));
            if *known != value {
                let why = format!("wagi gives all modules the same variables, and {name} is another in line {line}");
                errors.push(Error::new(at(why)).remedy("give one of the two another name"));
            }
        }
        for note in differences(module) {
            notes.push(at(note));
        }
    }
    for library in &manifest.libraries {
        let (file, line, name) = (shown(&manifest.path), library.line, &library.name);
        notes.push(format!("{file}:{line}: wagi has no libraries: scripts fail where they import `{name}`"));
    }
    if !errors.is_empty() {
        return Err(Error::all(errors));
    }
    let mut command = vec!["wagi".to_owned(), "-c".to_owned(), FILE_NAME.to_owned()];
    for file in env_files {
        command.extend(["--env-file".to_owned(), file.clone()]);
    }
    for (name, (value, _)) in variables {
        command.extend(["-e".to_owned(), format!("{name}={value}")]);
    }
    let content = format!("{HEADER}{}", without_ours(&text_file::read(&manifest.path)?)?);
    let files = vec![ExportedFile { name: FILE_NAME.to_owned(), content }];
    Ok((Export { files, notes }, shell_words::join(command)))
}

/// What wagi has no counterpart for.
fn differences(module: &Module) -> Vec<String> {
    let mut notes = Vec::new();
    for volume in module.volumes.iter().filter(|volume| volume.read_only) {
        notes.push(format!("scripts can write to {} under wagi", volume.guest));
    }
    if module.limits != LimitOverrides::default() {
        notes.push("wagi has no limits".to_owned());
    }
    if !module.allowed_hosts.is_empty() && module.is_python() {
        notes.push("scripts have no network under wagi: they fail where they connect".to_owned());
    }
    if module.pass_authorization {
        notes.push("wagi gives scripts no Authorization header".to_owned());
    }
    notes
}

/// The manifest without the keys that wagi does not know, and with volumes in the one form that it takes.
fn without_ours(text: &str) -> Result<String> {
    let mut document: DocumentMut =
        text.parse().map_err(|e: toml_edit::TomlError| Error::internal(format!("read twice, understood once: {e}")))?;
    document.remove("library");
    match document.get_mut("module") {
        Some(Item::ArrayOfTables(modules)) => modules.iter_mut().for_each(|module| strip(module)),
        Some(Item::Value(Value::Array(modules))) => {
            modules.iter_mut().filter_map(Value::as_inline_table_mut).for_each(|module| strip(module));
        }
        _ => {}
    }
    Ok(document.to_string())
}

fn strip(module: &mut dyn TableLike) {
    let others = module.iter().map(|(key, _)| key.to_owned()).filter(|key| !KNOWN.contains(&key.as_str()));
    for key in others.collect::<Vec<_>>() {
        module.remove(&key);
    }
    let Some(volumes) = module.get_mut("volumes").and_then(Item::as_table_like_mut) else { return };
    for (_, volume) in volumes.iter_mut() {
        let path = volume.as_table_like().and_then(|table| table.get("path")).and_then(Item::as_str).map(str::to_owned);
        if let Some(path) = path {
            *volume = toml_edit::value(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wagi_does_not_know_is_left_out_and_the_rest_stays_as_it_is() {
        let text = "# The shop.\n[[module]]\nroute = '/' # all\nmodule = \"a.wasm\"\ntimeout = '3s'\n\
                    volumes = { \"/a\" = \"a\", \"/b\" = { path = \"b\", read-only = true } }\n\
                    [module.environment]\nA = 'b'\n\n[[module]]\nroute = '/b'\nmodule = 'b.wasm'\npreload = ['x']\n\
                    [module.volumes]\n\"/c\" = { path = 'c' }\n\n[[library]]\nname = 'x'\nmodule = 'x.wasm'\n";
        let expected = "# The shop.\n[[module]]\nroute = '/' # all\nmodule = \"a.wasm\"\n\
                        volumes = { \"/a\" = \"a\", \"/b\" = \"b\" }\n\n[[module]]\nroute = '/b'\nmodule = 'b.wasm'\n\
                        [module.volumes]\n\"/c\" = \"c\"\n";
        assert_eq!(without_ours(text).expect("TOML"), expected);
    }
}
