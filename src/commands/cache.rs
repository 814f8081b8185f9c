//! `pywagi cache`: what the cache holds, and emptying it.

use std::fmt::Write;

use indicatif::HumanBytes;

use crate::cache::Cache;
use crate::cache::contents::{self, Usage};
use crate::cli::CacheCommand;
use crate::error::Result;
use crate::guest::{self, Saved};
use crate::terminal::{self, Terminal};

/// Runs `pywagi cache`. The listing goes to standard output, what was done to standard error.
///
/// # Errors
/// As [`contents::usage`] and [`contents::clean`].
pub fn run(command: CacheCommand, terminal: &Terminal) -> Result<()> {
    let root = Cache::location()?;
    match command {
        CacheCommand::Info => {
            let mut text = listing(&root.display().to_string(), &contents::usage(&root)?);
            text += &interpreters(&guest::saved(&root.join(contents::IMAGES)));
            terminal::print(text)
        }
        CacheCommand::Clean => {
            let cleaned = contents::clean(&root)?;
            for path in &cleaned.in_use {
                terminal.warn(format_args!("{} is in use by another process and stays", path.display()));
            }
            let (files, bytes) = (count(cleaned.files), HumanBytes(cleaned.bytes));
            terminal.step("Removed", format_args!("{files}, {bytes} from {}", root.display()));
            Ok(())
        }
    }
}

/// The sections as a table, below the place of the cache.
fn listing(root: &str, sections: &[Usage]) -> String {
    let total = Usage {
        section: "total",
        holds: "",
        files: sections.iter().map(|s| s.files).sum(),
        bytes: sections.iter().map(|s| s.bytes).sum(),
    };
    let mut text = format!("{root}\n");
    for Usage { section, holds, files, bytes } in sections.iter().chain([&total]) {
        let row = format!("  {section:<9}  {:>9}  {:>11}  {holds}", count(*files), HumanBytes(*bytes).to_string());
        // Writing to a String does not fail.
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text
}

/// What requests start from, one line each.
fn interpreters(saved: &[Saved]) -> String {
    let mut text = String::new();
    for Saved { module, arguments, modules, scripts, unusable } in saved {
        let counted = |n: usize, what: &str| if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") };
        let ready = format!("{} and {} ready", counted(*modules, "module"), counted(*scripts, "script"));
        let state = unusable.map_or_else(|| format!("warm: {ready}"), |why| format!("cold: {why}"));
        let (module, arguments) = (module.display(), arguments.join(" "));
        let _ = writeln!(text, "\nRequests that run `{arguments}` of {module} start\n  {state}");
    }
    text
}

fn count(files: u64) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_saved_interpreter_says_what_it_spares_or_why_not() {
        let saved = |modules, scripts, unusable| Saved {
            module: "opt/python3.wasm".into(),
            arguments: vec!["python".into(), "-u".into()],
            modules,
            scripts,
            unusable,
        };
        assert_eq!(
            interpreters(&[saved(36, 1, None), saved(1, 0, Some("its module is gone"))]),
            "\nRequests that run `python -u` of opt/python3.wasm start\n\
            \x20 warm: 36 modules and 1 script ready\n\
            \nRequests that run `python -u` of opt/python3.wasm start\n\
            \x20 cold: its module is gone\n"
        );
    }

    #[test]
    fn the_listing_is_a_table_with_a_total() {
        let sections = [
            Usage { section: "downloads", holds: "interpreters", files: 2, bytes: 3 << 20 },
            Usage { section: "code", holds: "modules", files: 1, bytes: 512 },
        ];
        assert_eq!(
            listing("/cache", &sections),
            "/cache\n\
            \x20 downloads    2 files     3.00 MiB  interpreters\n\
            \x20 code          1 file        512 B  modules\n\
            \x20 total        3 files     3.00 MiB\n"
        );
    }
}
