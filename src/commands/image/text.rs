//! What `pywagi image` shows, as text.

use std::fmt::Write;

use indicatif::HumanBytes;

use crate::guest::{Finding, ImageDetails, LeftOut, Proof, Source, Spared, VariableRead};

/// The routes that start from one interpreter.
pub fn named(routes: &[String]) -> String {
    let word = if routes.len() == 1 { "route" } else { "routes" };
    format!("{word} {}", routes.join(", "))
}

/// A number with its word.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

/// What the image of `routes` has ready.
pub fn details(routes: &[String], details: &Result<Option<ImageDetails>, String>) -> String {
    let mut text = format!("{}: ", named(routes));
    // Writing to a String does not fail.
    let _ = match details {
        Err(why) => writeln!(text, "each request starts an interpreter: {why}"),
        Ok(None) => writeln!(text, "no interpreter is saved yet; the next request saves one"),
        Ok(Some(details)) => {
            let ImageDetails { arguments, memory, stored, spared, modules, others, refreshed, left_out, .. } = details;
            let ImageDetails { scripts, warm_up, warm_up_output, .. } = details;
            let size = format!("{} of memory, {} of it stored", HumanBytes(*memory), HumanBytes(*stored));
            let _ = writeln!(text, "`{}`, {size}", arguments.join(" "));
            let Spared { file_operations, memory, copied } = *spared;
            let filled = HumanBytes(memory);
            let _ = writeln!(
                text,
                "  spares each request {file_operations} file operations, and {filled} of memory to fill"
            );
            if copied > 0 {
                let _ = writeln!(text, "  a request copies {} of that, and what it changes itself", HumanBytes(copied));
            }
            let mut list = |number: String, names: &[String]| {
                let _ = writeln!(text, "  {number}{}{}", if names.is_empty() { "" } else { ": " }, names.join(", "));
            };
            list(counted(modules.len(), "module loaded", "modules loaded"), modules);
            if !others.is_empty() {
                let (one, many) =
                    ("module of packages and of the app loaded", "modules of packages and of the app loaded");
                list(counted(others.len(), one, many), others);
            }
            if !refreshed.is_empty() {
                list("made anew in each request".to_owned(), refreshed);
            }
            list(counted(scripts.len(), "file of the app compiled", "files of the app compiled"), scripts);
            if let Some(path) = warm_up {
                let output = indented(warm_up_output);
                let what = if output.is_empty() { "" } else { ", which wrote:" };
                let _ = writeln!(text, "  warmed up by {path}{what}{output}");
            }
            for alike in left_out.chunk_by(|a, b| a.why == b.why) {
                let names: Vec<_> = alike.iter().map(|LeftOut { name, .. }| name.as_str()).collect();
                let why = alike.first().map_or("", |left_out| &left_out.why);
                let why = if why.contains('\n') { indented(why) } else { format!(" {why}") };
                let _ = writeln!(text, "  left out: {}:{why}", names.join(", "));
            }
            Ok(())
        }
    };
    text
}

/// The lines of a text, each on a line of its own.
fn indented(text: &str) -> String {
    text.lines().map(|line| format!("\n    {line}")).collect()
}

/// What was proved.
pub fn proof(routes: &[String], proof: &Proof) -> String {
    let mut text = String::new();
    let modules = counted(proof.modules, "module", "modules");
    let others = match proof.others.len() {
        0 => "all of the standard library".to_owned(),
        number => format!("{number} not of the standard library"),
    };
    let verdict = match proof.findings.len() {
        0 => "nothing differs".to_owned(),
        number => counted(number, "finding", "findings"),
    };
    // Writing to a String does not fail.
    let _ = writeln!(text, "{}: {modules}, {others}: {verdict}", named(routes));
    for finding in &proof.findings {
        text.push_str(&described(finding));
    }
    if !proof.refreshed.is_empty() {
        let _ = writeln!(text, "  note: made anew in each request: {}", proof.refreshed.join(", "));
    }
    let line_of = |read: &VariableRead| (read.module.clone(), read.file.clone(), read.line);
    for reads in proof.reads.chunk_by(|a, b| line_of(a) == line_of(b)) {
        let names: Vec<_> = reads.iter().filter_map(|read| read.variable.as_deref()).collect();
        let variables = match names.as_slice() {
            names if names.len() < reads.len() => "all variables".to_owned(),
            [name] => format!("the variable {name}"),
            names => format!("the variables {}", names.join(", ")),
        };
        for VariableRead { module, file, line, .. } in reads.iter().take(1) {
            let what = format!("{module} reads {variables} while it is loaded");
            let _ = writeln!(text, "  {file}:{line}: note: {what}; a request that has another value loads it anew");
        }
    }
    let dependent = [
        (&proof.of_variables, "depends on variables that are read while it is loaded"),
        (&proof.of_hashes, "depends on the seed of string hashes, which is the same for all requests"),
        (&proof.effects, "is changed by modules outside of the standard library"),
    ];
    for (findings, why) in dependent {
        for finding in findings {
            let more = if finding.more > 0 { format!(" (and {} more in it)", finding.more) } else { String::new() };
            let _ = writeln!(text, "  note: {} {why}{}{more}", finding.name(), finding.values());
        }
    }
    for look in &proof.quiet {
        let source = match look.source {
            Source::Clock => "the clock",
            Source::Entropy => "random bytes",
        };
        let _ = writeln!(
            text,
            "  {}: note: uses {source} while a module is loaded; nothing of that is left that differs",
            look.place
        );
    }
    text
}

fn described(finding: &Finding) -> String {
    let place = finding.places.first().map_or(String::new(), |place| format!("{place}: "));
    let mut text = format!("  {place}{finding}\n");
    for place in finding.places.iter().skip(1) {
        // Writing to a String does not fail.
        let _ = writeln!(text, "    or from {place}");
    }
    text
}
