//! What `pywagi image` shows, as JSON. The names are part of the command line's contract.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::guest::{Finding, FindingKind, ImageDetails, LeftOut, Proof, Source, Spared};

#[derive(Serialize)]
struct Details<'a> {
    routes: &'a [String],
    /// Why there is no image, where there is none.
    cold: Option<&'a str>,
    image: Option<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    arguments: &'a [String],
    memory: u64,
    stored: u64,
    spared: Spared,
    modules: &'a [String],
    others: &'a [String],
    refreshed: &'a [String],
    scripts: &'a [String],
    /// The script that was run before it was saved, and what that wrote.
    warm_up: Option<&'a str>,
    warm_up_output: &'a str,
    left_out: &'a [LeftOut],
}

#[derive(Serialize)]
struct Proved<'a> {
    routes: &'a [String],
    modules: usize,
    others: &'a [String],
    findings: Vec<Found<'a>>,
    /// What is made anew in each request.
    refreshed: &'a [String],
    looks: Vec<Look<'a>>,
    variables: Vec<Read<'a>>,
    /// What depends on those variables.
    of_variables: Vec<Found<'a>>,
    /// What depends on the seed of string hashes.
    of_hashes: Vec<Found<'a>>,
    /// What of the standard library is another without and with the modules.
    effects: Vec<Found<'a>>,
    seconds: f64,
}

#[derive(Serialize)]
struct Found<'a> {
    module: &'a str,
    attribute: &'a str,
    /// `value`, `state`, `memory`, `file` or `import`.
    kind: &'a str,
    /// The values of two interpreters.
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'a [String; 2]>,
    /// The type of the object, the number of bytes, or what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<String>,
    more: usize,
    places: &'a [String],
}

#[derive(Serialize)]
struct Look<'a> {
    place: &'a str,
    /// `clock` or `entropy`.
    source: &'a str,
}

#[derive(Serialize)]
struct Read<'a> {
    module: &'a str,
    /// Absent for all variables.
    variable: Option<&'a str>,
    place: String,
}

/// What the image of `routes` has ready, on one line.
///
/// # Errors
/// Never: what is written are texts and numbers.
pub fn details(routes: &[String], details: &std::result::Result<Option<ImageDetails>, String>) -> Result<String> {
    let image = details.as_ref().ok().and_then(Option::as_ref).map(|details| Image {
        arguments: &details.arguments,
        memory: details.memory,
        stored: details.stored,
        spared: details.spared,
        modules: &details.modules,
        others: &details.others,
        refreshed: &details.refreshed,
        scripts: &details.scripts,
        warm_up: details.warm_up.as_deref(),
        warm_up_output: &details.warm_up_output,
        left_out: &details.left_out,
    });
    line(&Details { routes, cold: details.as_ref().err().map(String::as_str), image })
}

/// What was proved, on one line.
///
/// # Errors
/// Never: what is written are texts and numbers.
pub fn proof(routes: &[String], proof: &Proof) -> Result<String> {
    let looks = proof.quiet.iter().map(|look| Look {
        place: &look.place,
        source: match look.source {
            Source::Clock => "clock",
            Source::Entropy => "entropy",
        },
    });
    let variables = proof.reads.iter().map(|read| Read {
        module: &read.module,
        variable: read.variable.as_deref(),
        place: format!("{}:{}", read.file, read.line),
    });
    line(&Proved {
        routes,
        modules: proof.modules,
        others: &proof.others,
        findings: proof.findings.iter().map(found).collect(),
        refreshed: &proof.refreshed,
        looks: looks.collect(),
        variables: variables.collect(),
        of_variables: proof.of_variables.iter().map(found).collect(),
        of_hashes: proof.of_hashes.iter().map(found).collect(),
        effects: proof.effects.iter().map(found).collect(),
        seconds: proof.took.as_secs_f64(),
    })
}

fn found(finding: &Finding) -> Found<'_> {
    let Finding { module, attribute, kind, more, places } = finding;
    let (kind, values, what) = match kind {
        FindingKind::Value(values) => ("value", Some(values), None),
        FindingKind::State(kind) => ("state", None, Some(kind.clone())),
        FindingKind::Unnamed(bytes) => ("memory", None, Some(bytes.to_string())),
        FindingKind::File(what) => ("file", None, Some(what.clone())),
        FindingKind::NotLoaded(why) => ("import", None, Some(why.clone())),
    };
    Found { module, attribute, kind, values, what, more: *more, places }
}

fn line(record: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string(record).map_err(|e| Error::internal(format!("what to print is no JSON: {e}")))?;
    Ok(text + "\n")
}
