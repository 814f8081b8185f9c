//! The scripts of an app, checked by its own interpreter. The half in the guest is `scripts.py`.

use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Level};
use crate::guest::python::Target;
use crate::guest::{Imports, Input, Limits};
use crate::manifest;
use crate::pipeline::{App, GuestFailure, RoutePython, help_for_import};
use crate::text_file::shown;

/// What the guest checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Script {
    kind: &'static str,
    target: String,
}

/// What the guest finds.
#[derive(Deserialize)]
struct Found {
    level: String,
    /// Its path in the guest; `<string>` and `<module>` for what `argv` itself says.
    file: String,
    line: Option<usize>,
    column: Option<usize>,
    message: String,
    #[serde(default)]
    kind: String,
    /// The module that is not there, names that are like its, and where it was looked for.
    #[serde(default)]
    name: String,
    #[serde(default)]
    near: Vec<String>,
    #[serde(default)]
    looked: Vec<String>,
}

/// What the guest answers.
#[derive(Deserialize)]
struct Answer {
    findings: Vec<Found>,
    #[serde(flatten)]
    imports: Imports,
}

/// The scripts of an app.
pub struct Checked {
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// How many there are.
    pub scripts: usize,
    /// For routes of different interpreters, the first of each, what the scripts may import.
    pub imports: Vec<(String, Imports)>,
}

/// Checks the scripts of `app`. Those of routes that see the same files are checked by one run of the interpreter.
pub fn check(app: &App) -> Checked {
    let pythons = app.pythons();
    let (mut findings, mut scripts): (Vec<Finding>, Vec<Script>) = Default::default();
    let mut imports = Vec::new();
    let mut rest: Vec<&RoutePython<'_>> = pythons.iter().filter(|python| python.target.is_some()).collect();
    while let Some(first) = rest.first().copied() {
        let (alike, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(|python| python.is_like(first));
        rest = others;
        let mut own: Vec<Script> = Vec::new();
        for script in alike.into_iter().filter_map(script) {
            if !own.contains(&script) {
                own.push(script);
            }
        }
        let found = run(app, first, &own).unwrap_or_else(|failed| (vec![failed], Imports::default()));
        imports.push((first.route.to_string(), found.1));
        for finding in found.0 {
            // Where else it was looked for differs from route to route.
            let is_same =
                |known: &Finding| Finding { help: None, ..known.clone() } == Finding { help: None, ..finding.clone() };
            if !findings.iter().any(is_same) {
                findings.push(finding);
            }
        }
        scripts.extend(own.into_iter().filter(|script| !scripts.contains(script)).collect::<Vec<_>>());
    }
    findings.sort_by_key(|finding| (finding.file.clone(), finding.line, finding.column));
    Checked { findings, scripts: scripts.len(), imports }
}

fn script(python: &RoutePython<'_>) -> Option<Script> {
    let (target, name) = python.target.clone()?;
    let kind = match target {
        Target::Script => "script",
        Target::Command => "command",
        Target::Module => "module",
    };
    Some(Script { kind, target: name })
}

/// Has the interpreter of `python` check `scripts`.
///
/// # Errors
/// Gives back what keeps it from that, as a finding.
fn run(app: &App, python: &RoutePython<'_>, scripts: &[Script]) -> Result<(Vec<Finding>, Imports), Finding> {
    let file = shown(&app.manifest().path);
    let failed =
        |why: String| Finding::error(&file, format!("its script cannot be checked: {why}")).at(python.module.line);
    let wanted = serde_json::to_string(scripts).map_err(|_| failed("its name is no text".to_owned()))?;
    let arguments = ["-c".to_owned(), include_str!("scripts.py").to_owned(), wanted];
    let input = python.input(arguments);
    // The limits of a request are not meant for this.
    let limits = Limits { memory: input.limits.memory.max(Limits::default().memory), ..Limits::default() };
    let output = python.run(&Input { limits, ..input });
    if let Some(failure) =
        GuestFailure::of_run("the check", &output, python.volumes(), python.limits(), python.allowed_hosts())
    {
        let last = String::from_utf8_lossy(&output.stderr).lines().next_back().unwrap_or_default().to_owned();
        return Err(failed(format!("{failure}: {last}")));
    }
    let answer: Answer =
        serde_json::from_slice(&output.stdout).map_err(|e| failed(format!("the interpreter gave no answer: {e}")))?;
    let findings = answer.findings.into_iter().map(|found| finding(app, python, found));
    Ok((findings.collect(), answer.imports))
}

fn finding(app: &App, python: &RoutePython<'_>, found: Found) -> Finding {
    let help = help(&found);
    let level = if found.level == "warning" { Level::Warning } else { Level::Error };
    let host = manifest::host_path(python.volumes(), &found.file);
    let in_manifest =
        Finding::error(shown(&app.manifest().path), format!("`argv`: {}", found.message)).at(python.module.line);
    let finding = match (host, found.file.starts_with('/')) {
        (Some(host), _) => {
            Finding { line: found.line, column: found.column, ..Finding::error(shown(&host), found.message) }
        }
        (None, true) => Finding { line: found.line, column: found.column, ..Finding::error(found.file, found.message) },
        // What `argv` itself says.
        (None, false) => in_manifest,
    };
    let finding = Finding { level, ..finding };
    match help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

fn help(found: &Found) -> Option<String> {
    match found.kind.as_str() {
        "import" if found.name.starts_with("pywagi") => help_for_import(&found.name),
        "import" => Some(match found.near.first() {
            Some(near) => format!("did you mean `{near}`?"),
            None if found.looked.is_empty() => "correct the name, or write the module".to_owned(),
            None => format!(
                "it is looked for in {}: correct the name, or install the package that has it, as with `pywagi add {}`",
                found.looked.join(", "),
                found.name
            ),
        }),
        "platform" => help_for_import(&found.name).or_else(|| {
            let why = "it needs threads, processes or a library that guests do not have";
            Some(format!("{why}: do without it, or import it in a `try` that handles ImportError"))
        }),
        "script" => Some("write it without the leading dots: the directory of a script is on the path".to_owned()),
        "relative" => Some("write it with fewer dots".to_owned()),
        "file" => Some("see that it is a file and can be read".to_owned()),
        "syntax" => Some("correct the line: requests for its route fail until then".to_owned()),
        _ => None,
    }
}
