//! Byte code of the modules that a saved interpreter does not have: requests that import them are spared compiling them.
//!
//! It is what CPython keeps in `__pycache__`, made by the app's own interpreter, with nothing in it by which an import would
//! doubt it: sources in a component do not change. No directory is listed for it.

use std::sync::Arc;
use std::time::Duration;

use super::files::{Source, Trees};
use super::plan::Plan;
use crate::error::{Error, Result};
use crate::guest::{self, Calls, Cancellation, Exit, Frozen, Input, Limits, python};

/// How much source is compiled, in bytes: of modules that are likely imported, and of all. A megabyte takes a second.
const MOST_LIKELY: usize = 8 << 20;
const MOST: usize = 2 << 20;

/// How long that may take.
const TIME: Duration = Duration::from_secs(300);

/// Directories of packages that no request imports from.
const TESTS: [&str; 2] = ["tests", "test"];

/// Compiles what requests may import and `frozen` does not have. Adds the byte code to `trees`; gives back of how many modules.
///
/// # Errors
/// Fails where the interpreter does not do it.
pub fn add(plan: &Plan<'_>, frozen: &Frozen, trees: &mut Trees) -> Result<usize> {
    let Some(input) = plan.inputs.first() else { return Ok(0) };
    let (mut wanted, mut size) = (Vec::new(), 0);
    for module in candidates(plan, input, frozen, trees) {
        let with = size + module.source.size;
        if with <= if module.rank == Rank::Package { MOST } else { MOST_LIKELY } {
            size = with;
            wanted.push(module);
        }
    }
    if wanted.is_empty() {
        return Ok(0);
    }
    let compiled = compile(plan, input, &wanted)?;
    let count = compiled.iter().filter(|(_, code)| !code.is_empty()).count();
    for (Module { source, .. }, (name, code)) in wanted.into_iter().zip(compiled) {
        if !code.is_empty() {
            trees.add_byte_code(&source, &name, code);
        }
    }
    Ok(count)
}

/// A module that may be compiled.
struct Module {
    source: Source,
    /// Its path in the guest.
    path: String,
    /// What is likelier imported is before what is less so.
    rank: Rank,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// It is the app's own.
    Own,
    /// It is of a package of which something could not be saved.
    LeftOut,
    /// It is of another package.
    Package,
}

/// The modules that the interpreter does not have, the likeliest first.
fn candidates(plan: &Plan<'_>, input: &Input, frozen: &Frozen, trees: &Trees) -> Vec<Module> {
    let mut found: Vec<Module> = Vec::new();
    for (number, volume) in plan.volumes() {
        for source in trees.sources(number) {
            let path = format!("{}/{}", volume.trim_end_matches('/'), source.path);
            let is_known = found.iter().any(|known| known.source.is_same(&source)) || frozen.compiled.contains(&path);
            let root = input.early.roots.iter().find_map(|root| path.strip_prefix(root.trim_end_matches('/')));
            let name = root.map(|rest| rest.trim_start_matches('/'));
            let top = name.map(|name| name.split(['/', '.']).next().unwrap_or_default());
            if is_known || has(frozen, &path, name) || name.is_some_and(is_test) {
                continue;
            }
            let is_left_out = |top| frozen.left_out.iter().any(|left_out| left_out.name.split('.').next() == Some(top));
            let rank = match top {
                None => Rank::Own,
                Some(top) if is_left_out(top) => Rank::LeftOut,
                Some(_) => Rank::Package,
            };
            found.push(Module { source, path, rank });
        }
    }
    found.sort_by(|one, other| (one.rank, &one.path).cmp(&(other.rank, &other.path)));
    found
}

fn is_test(name: &str) -> bool {
    name.split('/').any(|part| TESTS.contains(&part))
}

/// Whether the interpreter has loaded the module at `path`: that of a package by its `name`, else by any name that fits.
fn has(frozen: &Frozen, path: &str, name: Option<&str>) -> bool {
    let dotted = |name: &str| {
        let name = name.strip_suffix(".py").unwrap_or(name);
        name.strip_suffix("/__init__").unwrap_or(name).replace('/', ".")
    };
    match name {
        Some(name) => frozen.others.contains(&dotted(name)),
        None => {
            let path = format!(".{}", dotted(path.trim_start_matches('/')));
            frozen.others.iter().any(|other| path.ends_with(&format!(".{other}")))
        }
    }
}

/// Has the interpreter compile modules; gives back for each the name of the file in `__pycache__` and its byte code.
fn compile(plan: &Plan<'_>, input: &Input, wanted: &[Module]) -> Result<Vec<(String, Vec<u8>)>> {
    let failed = |why: &str| Error::new(format!("the modules of the app cannot be compiled: {why}"));
    let line = python::parse(&input.arguments).map_err(|why| failed(&why))?;
    let mut arguments = input.arguments.clone();
    arguments.truncate(line.options);
    arguments.extend(["-c".to_owned(), include_str!("byte_code.py").to_owned()]);
    let paths: String = wanted.iter().map(|module| format!("{}\0", module.path)).collect();
    let input = Input {
        arguments,
        stdin: paths.into_bytes().into(),
        // The limits of a request are not meant for this.
        limits: Limits { time: TIME, memory: input.limits.memory.max(Limits::default().memory), ..Limits::default() },
        stderr: Arc::new(|_| ()),
        cancellation: Cancellation::new(),
        calls: Calls::Live,
        ..input.clone()
    };
    let output = guest::run(plan.program, &input);
    if !matches!(output.exit, Exit::Code(0)) {
        let last = String::from_utf8_lossy(&output.stderr).lines().next_back().unwrap_or_default().to_owned();
        return Err(failed(&last));
    }
    parse(&output.stdout).ok_or_else(|| failed("the interpreter's answer is not whole"))
}

/// Takes the answer of the interpreter apart.
fn parse(mut answer: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    while !answer.is_empty() {
        let mut parts = answer.splitn(3, |byte| *byte == 0);
        let (name, size, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let size = std::str::from_utf8(size).ok()?.parse().ok()?;
        let (code, rest) = rest.split_at_checked(size)?;
        found.push((String::from_utf8(name.to_vec()).ok()?, code.to_vec()));
        answer = rest;
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_or_none() {
        let answer = b"a.pyc\x003\0x\0yb.pyc\x000\0";
        let found = parse(answer).expect("it is whole");
        assert_eq!(found, [("a.pyc".to_owned(), b"x\0y".to_vec()), ("b.pyc".to_owned(), Vec::new())]);
        assert!(parse(b"").is_some_and(|found| found.is_empty()));
        for cut in [1, 6, 8, 9, 10, 13] {
            assert!(parse(&answer[..cut]).is_none(), "{cut}");
        }
    }
}
