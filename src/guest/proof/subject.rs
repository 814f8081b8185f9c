//! Proves an interpreter: captures it twice, compares the two, names what differs and the lines that it came from.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::compare;
use super::findings::{self, Finding, Kind};
use super::graph::Graph;
use super::looks::Source;
use super::notes::Read;
use super::places::Places;
use super::twin::{Conditions, Origin, Refused, Twin};
use crate::guest::capture;
use crate::guest::engine::Compiled;
use crate::guest::image::Preload;
use crate::guest::{Calls, GuestThread, Input, Limits, StderrSink, warm};

/// A look at the clock or at random bytes by code outside of the standard library, of which nothing is left that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuietLook {
    /// Where, as `file:line`.
    pub place: String,
    /// At what.
    pub source: Source,
}

/// What is known of an interpreter after it was proved.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// What forbids modules to be saved.
    pub findings: Vec<Finding>,
    /// The modules that were loaded, start-up's included.
    pub modules: usize,
    /// Those of them that are not of the standard library.
    pub others: Vec<String>,
    /// What of these modules is made anew when a request imports them, by name.
    pub refreshed: Vec<String>,
    /// Looks of which nothing is left.
    pub quiet: Vec<QuietLook>,
    /// What modules outside of the standard library read of the environment while they were loaded.
    pub reads: Vec<Read>,
    /// What such modules hold that depends on the variables they read, where that was asked for.
    pub of_variables: Vec<Finding>,
    /// What such modules hold that depends on the seed of string hashes, where that was asked for.
    pub of_hashes: Vec<Finding>,
    /// What loading them changes in modules of the standard library, where that was asked for: the value without and with them.
    pub effects: Vec<Finding>,
    /// How long it took.
    pub took: Duration,
}

/// Proves the interpreter that runs like `input` start from, with the modules of `preload` loaded; with `full`, also finds
/// what of those that are not of the standard library depends on more than the time and random bytes. The calling thread
/// must be a [`GuestThread`].
///
/// # Errors
/// Says why no interpreter can be captured.
pub fn prove(compiled: &Compiled, input: &Input, preload: &Preload, full: bool) -> Result<Proof, String> {
    let clock = Instant::now();
    let origin = Origin::new(compiled, input)?;
    let mut loaded = Preload { scripts: Vec::new(), ..preload.clone() };
    let mut proof = Proof::default();
    let (first, other) = loop {
        let twins = pair(
            || Twin::capture(&origin, &loaded, &Conditions::first()),
            || Twin::capture(&origin, &loaded, &Conditions::other()),
        )?;
        let mut refused = match twins {
            (Ok(first), Ok(other)) => break (first, other),
            (Err(refused), _) | (_, Err(refused)) => refused,
        };
        proof.findings.extend(refused.leave_out(&mut loaded, &origin)?);
    };
    let places = Places { origin: &origin, notes: &first.notes, looks: &first.looks };
    let ranges = compare::differing(&first.memory, &other.memory, first.meaningless());
    let mut list = None;
    if !ranges.is_empty() {
        let (ours, theirs) = pair(|| first.walk(&origin), || other.walk(&origin))?;
        let (ours, theirs) = (ours?, theirs?);
        // What is in use in the other alone.
        let mut others = compare::differing(&first.memory, &other.memory, other.meaningless());
        others.retain(|range| !compare::holds(&ranges, range.start));
        let memories = [&first.memory[..], &other.memory];
        let found = findings::name(&graph(&ours)?, &graph(&theirs)?, memories, &ranges, &others);
        proof.findings.extend(found.into_iter().map(|finding| places.add(finding)));
        list = Some(ours);
    }
    proof.describe(&first);
    if compiled.is_isolated {
        // It reads no PYTHONMALLOC, so that memory which it has given up is not filled: what stands beside that in modules of its
        // own is not told from what they keep.
        let Proof { findings, others, .. } = &mut proof;
        let is_told = |finding: &Finding| matches!(finding.kind, Kind::NotLoaded(_) | Kind::File(_) | Kind::Value(_));
        findings.retain(|finding| others.contains(&finding.module) || is_told(finding));
    }
    if full {
        proof.vary(&origin, &loaded, &first, list)?;
    }
    proof.took = clock.elapsed();
    Ok(proof)
}

impl Proof {
    /// Notes the modules of an interpreter, and what they looked at.
    fn describe(&mut self, twin: &Twin) {
        let notes = &twin.notes;
        let named: BTreeSet<&String> = self.findings.iter().flat_map(|finding| &finding.places).collect();
        let seen = twin.looks.seen();
        let quiet = seen.looks.iter().filter_map(|look| {
            let frame = look.line_of(|file| notes.is_other(file))?;
            Some(QuietLook { place: frame.to_string(), source: look.source })
        });
        let quiet: BTreeSet<_> = quiet.filter(|look| !named.contains(&look.place)).collect();
        self.quiet = quiet.into_iter().collect();
        let is_other = |name: &str| notes.module(name).is_some_and(|module| !module.is_library);
        self.reads = notes.reads.iter().filter(|read| is_other(&read.module)).cloned().collect();
        self.refreshed = twin.refreshed().to_vec();
        self.modules = notes.modules.len();
        let others = notes.modules.iter().filter(|module| !module.is_library);
        self.others = others.map(|module| module.name.clone()).collect();
    }

    /// Notes what of modules outside of the standard library depends on the variables that they read, and on the seed of
    /// string hashes. `first` is known to list its objects as `list`.
    fn vary(
        &mut self,
        origin: &Origin<'_>,
        loaded: &Preload,
        first: &Twin,
        list: Option<String>,
    ) -> Result<(), String> {
        /// A value that is a number, a switch and a text.
        const VALUE: &str = "1";
        let variables = self.reads.iter().filter_map(|read| read.variable.clone());
        let variables: BTreeSet<_> = variables.filter(|name| !name.starts_with("PYTHON")).collect();
        let variables: Vec<_> = variables.into_iter().map(|name| (name, VALUE.to_owned())).collect();
        let list = match list {
            Some(list) => list,
            None => first.walk(origin)?,
        };
        let ours = graph(&list)?;
        let differing = |conditions: &Conditions| {
            let twin = match Twin::capture(origin, loaded, conditions) {
                Ok(twin) => twin,
                Err(Refused::Other(why)) => return Err(why),
                // With such variables, the modules cannot be loaded.
                Err(_) => return Ok(Vec::new()),
            };
            let theirs = twin.walk(origin)?;
            let found = findings::name(&ours, &graph(&theirs)?, [&[], &[]], &[], &[]);
            Ok(found.into_iter().filter(|finding| self.others.contains(&finding.module)).collect())
        };
        let (of_hashes, of_variables) = pair(
            || differing(&Conditions::other_hashes()),
            || if variables.is_empty() { Ok(Vec::new()) } else { differing(&Conditions::with_variables(&variables)) },
        )?;
        (self.of_hashes, self.of_variables) = (of_hashes?, of_variables?);
        self.effects = effects(origin, first, &ours)?;
        // Other variables lead to other addresses, by which objects in sets are in another order.
        self.of_variables.retain(|finding| self.reads.iter().any(|read| read.module == finding.module));
        Ok(())
    }
}

/// What loading modules that are not of the standard library changes in those that are: values without and with them. What
/// these keep for themselves, in names that begin with an underscore, is left out.
fn effects(origin: &Origin<'_>, with: &Twin, list: &Graph<'_>) -> Result<Vec<Finding>, String> {
    let is_library = |name: &str| with.notes.module(name).is_some_and(|module| module.is_library);
    let library = with.notes.modules.iter().filter(|module| module.is_library && !module.is_startup);
    let mut plain = Preload { modules: library.map(|module| module.name.clone()).collect(), ..Preload::default() };
    let without = loop {
        match Twin::capture(origin, &plain, &Conditions::first()) {
            Ok(without) => break without,
            // Not all that modules load is loaded early by itself. Each time, fewer are asked for.
            Err(mut refused) => refused.leave_out(&mut plain, origin)?,
        };
    };
    let without = without.walk(origin)?;
    let found = findings::name(list, &graph(&without)?, [&[], &[]], &[], &[]).into_iter().filter(|finding| {
        let is_private = |name: &str| name.starts_with('_');
        let is_public = !is_private(&finding.module) && !finding.attribute.split('.').any(is_private);
        is_public && is_library(&finding.module) && is_attribute(&finding.attribute)
    });
    Ok(found.map(Finding::reversed).collect())
}

/// Whether an attribute is more than the module itself, which is only loaded with others, or all its names.
fn is_attribute(attribute: &str) -> bool {
    !attribute.is_empty() && !attribute.ends_with("<names>")
}

/// Does two things at the same time.
fn pair<A, B: Send>(ours: impl FnOnce() -> A, theirs: impl FnOnce() -> B + Send) -> Result<(A, B), String> {
    std::thread::scope(|scope| {
        let theirs = GuestThread::new("proof").spawn_scoped(scope, theirs);
        let theirs = theirs.map_err(|e| format!("cannot start a thread: {e}"))?;
        let ours = ours();
        Ok((ours, theirs.join().map_err(|_| "the thread of a proof panicked".to_owned())?))
    })
}

fn graph(list: &str) -> Result<Graph<'_>, String> {
    Graph::parse(list).ok_or_else(|| "the saved interpreter's list of objects cannot be read".to_owned())
}

impl<'a> Origin<'a> {
    /// The interpreter that runs like `input` start from.
    ///
    /// # Errors
    /// Says why they start from none.
    fn new(compiled: &'a Compiled, input: &Input) -> Result<Self, String> {
        let line = warm::servable(compiled, input)?;
        let limits = Limits { time: capture::CAPTURE_TIMEOUT, memory: input.limits.memory, ..Limits::default() };
        let mut environment = input.environment.clone();
        // Fills memory that is given up, so that nothing of what was there remains.
        environment.retain(|(name, _)| name != "PYTHONMALLOC");
        environment.push(("PYTHONMALLOC".to_owned(), "debug".to_owned()));
        let stderr: StderrSink = std::sync::Arc::new(|_| {});
        let input = Input { limits, environment, stderr, calls: Calls::Live, ..input.clone() };
        Ok(Self { compiled, input, line })
    }
}
