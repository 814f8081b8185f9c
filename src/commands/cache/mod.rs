//! `pywagi cache`: shows the size of the cache, empties and fills it.

mod warm;

use std::fmt::Write;

use indicatif::HumanBytes;

use crate::cache::Cache;
use crate::cache::contents::{self, Usage};
use crate::cli::CacheCommand;
use crate::error::Result;
use crate::terminal::{self, Terminal};

/// Runs `pywagi cache`. The listing goes to standard output, messages to standard error.
///
/// # Errors
/// As [`contents::usage`], [`contents::clean`] and [`warm::run`].
pub fn run(command: &CacheCommand, terminal: &Terminal) -> Result<()> {
    let root = Cache::location()?;
    match command {
        CacheCommand::Warm(arguments) => warm::run(arguments, terminal),
        CacheCommand::Info => {
            let kind = if Cache::is_portable_at(&root) { " (portable)" } else { "" };
            terminal::print(kinds(&format!("{}{kind}", root.display()), &contents::usage(&root)?))
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

fn line(text: &mut String, bytes: u64, what: &str) {
    // Writing to a String does not fail.
    let _ = writeln!(text, "{:>12}  {what}", HumanBytes(bytes).to_string());
}

fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

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
