//! Every script of the corpus, from the beginning and from saved interpreters, on every version.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use pywagi::guest::{self, Calls, Early, Gain, Input, LeftOut, Output, Program, Start, Volume};
use tempfile::TempDir;

use crate::corpus::{self, Case};
use crate::interpreter::{self, EmptyCache, SCIENCE, VERSIONS, Version};
use crate::support::packages;
use crate::support::part::{self, part};

#[test]
fn the_corpus_is_large_and_runs_alike_both_ways_on_3_12() {
    run(VERSIONS[0]);
}

#[test]
fn the_corpus_is_large_and_runs_alike_both_ways_on_3_11() {
    run(VERSIONS[1]);
}

#[test]
fn the_corpus_runs_alike_both_ways_on_versions_that_are_built_here() {
    interpreter::built().for_each(run);
}

/// The scripts that see a difference on the scientific interpreter: one traces how an import lists the script's directory, which
/// is done for the interpreter itself from the beginning; the second ends with generators in a circle, whose order is that of the
/// collector; where the third leaves no memory this interpreter traps from the beginning, and warm as it happens.
const TOLD_APART: [&str; 3] = ["stack_trace", "finish_generators", "memory_error_full"];

/// It ends runs in its own way, so that what the scripts say of their ends is left aside.
#[test]
fn the_corpus_runs_alike_both_ways_on_the_scientific_interpreter() {
    let mut cases = corpus::isolated_cases(SCIENCE.0);
    cases.retain(|case| !TOLD_APART.contains(&&*case.name));
    // What is no script, it tells itself.
    cases.iter_mut().for_each(|case| case.cold = false);
    let cases = part("the corpus on the scientific interpreter", cases, 9, 2, |_| false);
    assert_alike(SCIENCE, cases, Early::default());
}

/// Runs all on 3.12; on another those that end otherwise there, and a part of the others.
fn run(version: Version) {
    let mut cases = corpus::cases(version.0);
    assert!(part::all() || cases.len() >= 250, "{} scripts", cases.len());
    if version.0 != VERSIONS[0].0 {
        cases = part(&format!("the corpus on {}", version.0), cases, 6, 2, |case| case.differs);
    }
    assert_alike(version, cases, Early::default());
}

/// Web apps and scripts that use packages, all of which are in one saved interpreter.
#[test]
fn apps_made_of_packages_run_alike_both_ways() {
    let cases = corpus::cases_in("packages", VERSIONS[0].0);
    assert!(part::all() || cases.len() >= 41, "{} scripts", cases.len());
    // Of most scripts there are several requests.
    let cases = part("the corpus of packages", cases, 5, 0, |_| false);
    assert_alike(VERSIONS[0], cases, Early { roots: vec![PACKAGES.to_owned()], ..Early::default() });
}

/// The directory of the packages in the guest.
const PACKAGES: &str = "/packages";

fn assert_alike(version: Version, cases: Vec<Case>, early: Early) {
    let differences = interpreter::with_stack(move || differences(version, &cases, early));
    assert!(differences.is_empty(), "{} differences on {version:?}:\n{}", differences.len(), differences.join("\n"));
}

fn differences(version: Version, cases: &[Case], early: Early) -> Vec<String> {
    let early = Arc::new(early);
    let cache = EmptyCache::new();
    let runtime = interpreter::runtime(&cache);
    let data = TempDir::with_prefix("pywagi-data-").expect("a temporary directory");
    let mut found = Vec::new();
    // One program for each way of starting the interpreter. Its image is a new one at first, later one with the
    // modules of all scripts that start it so.
    let mut programs: HashMap<_, Program> = HashMap::new();
    // In the order of their scripts.
    let mut improvements = BTreeMap::new();
    let mut colds = Vec::new();
    for case in cases {
        let input = input(version, case, data.path(), &early);
        let shared = programs.entry(case.start()).or_insert_with(|| interpreter::load(&runtime, &version.module()));
        // Each tenth alone: a cold start takes long, and makes the same calls in all of them.
        let is_replayed = colds.len() % 10 == 0;
        let calls = if is_replayed { Calls::Recorded } else { Calls::Live };
        let cold_input = Input { cold: true, calls, ..input.clone() };
        let cold = seen(shared, &cold_input, data.path());
        if !version.is_isolated() {
            check(case, &cold, &mut found);
        }
        if is_replayed {
            replay(shared, &cold_input, case, &cold, &mut found);
        }

        save(guest::warm_up(shared, &input), case, &mut found);
        let warm = seen(shared, &input, data.path());
        compare(case, "new", &cold, &warm, &mut found);
        if let Some(improvement) = warm.output.improvement.filter(|i| i.gain() != Gain::Script) {
            improvements.insert(case.start(), improvement);
        }
        colds.push(cold);
    }
    // One of all modules shows most where several scripts share it; of those of one script a part is made.
    let count = |start: &_| cases.iter().filter(|case| case.start() == *start).count();
    let (alone, shared): (Vec<_>, Vec<_>) = improvements.into_iter().partition(|(start, _)| count(start) == 1);
    let alone = part("images of the modules of one script", alone, 4, 0, |_| false);
    for (_, improvement) in shared.iter().chain(&alone) {
        let left_out = improvement.make().expect("what was saved can be saved again");
        let told = |LeftOut { name, why }: &LeftOut| format!("{name} is not loaded early: {why}");
        found.extend(left_out.iter().map(told));
    }
    for (case, cold) in cases.iter().zip(&colds) {
        let program = &programs[&case.start()];
        let input = Input { calls: Calls::Recorded, ..input(version, case, data.path(), &early) };
        for way in ["all modules", "kept memory"] {
            let warm = seen(program, &input, data.path());
            compare(case, way, cold, &warm, &mut found);
            replay(program, &input, case, &warm, &mut found);
            let is_improved = shared.iter().chain(&alone).any(|(start, _)| *start == case.start());
            if is_improved && warm.output.improvement.is_some_and(|i| i.gain() != Gain::Script) {
                found.push(format!("{}: its modules are learnt again and again", case.name));
            }
            guest::tidy(program);
        }
    }
    found
}

fn input(version: Version, case: &Case, data: &Path, early: &Arc<Early>) -> Input {
    let mut input = interpreter::input(version, &case.directory, data, &case.arguments);
    input.early = Arc::clone(early);
    if !early.roots.is_empty() {
        let packages = Volume { read_only: true, ..interpreter::volume(PACKAGES, &packages()) };
        let layer = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/python/_pywagi_compat");
        let layer = Volume { read_only: true, ..interpreter::volume("/compat", &layer) };
        input.volumes = input.volumes.iter().cloned().chain([packages, layer]).collect();
        // The order of sets is one that the script cannot rely on otherwise.
        let variables = [("PYTHONPATH", "/compat:/packages"), ("PYTHONHASHSEED", "0")];
        input.environment.extend(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    input.environment.extend(case.environment.iter().cloned());
    input.stdin = case.stdin.clone().into();
    input.surroundings.clone_from(&case.surroundings);
    input
}

fn save(saved: Result<(), String>, case: &Case, found: &mut Vec<String>) {
    if let Err(why) = saved
        && !case.cold
    {
        found.push(format!("{}: cannot be saved: {why}", case.name));
    }
}

/// Everything that a request leaves behind.
struct Seen {
    output: Output,
    /// What was seen of standard error while it ran.
    shown: Vec<u8>,
    data: BTreeMap<String, Vec<u8>>,
}

/// Runs once, beginning with an empty `/data`.
fn seen(program: &Program, input: &Input, data: &Path) -> Seen {
    for entry in std::fs::read_dir(data).expect("the volume is there") {
        let path = entry.expect("a directory entry").path();
        let removed = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.expect("the volume can be emptied");
    }
    let shown = Arc::new(Mutex::new(Vec::new()));
    let show = {
        let shown = Arc::clone(&shown);
        move |bytes: &[u8]| shown.lock().expect("no writer panics").extend_from_slice(bytes)
    };
    let output = guest::run(program, &Input { stderr: Arc::new(show), ..input.clone() });
    let shown = std::mem::take(&mut *shown.lock().expect("no writer panics"));
    let mut files = BTreeMap::new();
    walk(data, data, &mut files);
    Seen { output, shown, data: files }
}

fn walk(root: &Path, directory: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(directory).expect("a readable directory") {
        let path = entry.expect("a directory entry").path();
        let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
        if path.is_dir() {
            files.insert(format!("{name}/"), Vec::new());
            walk(root, &path, files);
        } else {
            files.insert(name, std::fs::read(&path).expect("a readable file"));
        }
    }
}

/// Whether the run from the beginning is the one that the script describes.
fn check(case: &Case, cold: &Seen, found: &mut Vec<String>) {
    let text = String::from_utf8_lossy(&cold.output.stderr);
    let last = text.lines().rev().find(|line| !line.is_empty()).unwrap_or_default();
    if cold.output.exit != case.exit || last != case.stderr {
        let (stdout, exit) = (start(&cold.output.stdout), &cold.output.exit);
        found.push(format!("{}: not what it says: {exit:?}\n{stdout}\n{}", case.name, start(&cold.output.stderr)));
    }
}

/// Whether a recorded run, replayed without its volumes, does the same to the byte.
fn replay(program: &Program, input: &Input, case: &Case, seen: &Seen, found: &mut Vec<String>) {
    let recording = seen.output.recording.as_ref().expect("the run was recorded");
    let replayed = match guest::replay(program, input, recording) {
        Ok(output) => output,
        Err(why) => return found.push(format!("{}: cannot be replayed: {why}", case.name)),
    };
    let ended = |output: &Output| (output.exit.clone(), output.main_returned, output.stderr_dropped);
    let (was, is) = (ended(&seen.output), ended(&replayed));
    let same = was == is && replayed.stdout == seen.output.stdout && replayed.stderr == seen.output.stderr;
    if let Some(deviation) = replayed.deviation {
        found.push(format!("{}: the replay deviates: {deviation}", case.name));
    } else if !same {
        let (was_said, is_said) = (start(&seen.output.stderr), start(&replayed.stderr));
        found.push(format!("{}: replayed {is:?}, was {was:?}: {is_said}\nwas {was_said}", case.name));
    }
}

fn compare(case: &Case, way: &str, cold: &Seen, warm: &Seen, found: &mut Vec<String>) {
    let mut text = String::new();
    match &warm.output.start {
        Start::Warm if case.cold => text.push_str("started warm\n"),
        Start::Cold(why) if !case.cold => writeln!(text, "started cold: {why}").expect("a string takes text"),
        _ => {}
    }
    if cold.output.exit != warm.output.exit {
        let (cold, warm) = (&cold.output.exit, &warm.output.exit);
        writeln!(text, "exit: {cold:?}, warm {warm:?}").expect("a string takes text");
    }
    for (name, cold, warm) in [
        ("stdout", &cold.output.stdout, &warm.output.stdout),
        ("stderr", &cold.output.stderr, &warm.output.stderr),
        ("stderr as it came", &cold.shown, &warm.shown),
    ] {
        differ(name, cold, warm, &mut text);
    }
    if cold.data.keys().ne(warm.data.keys()) {
        writeln!(text, "/data: {:?}, warm {:?}", cold.data.keys(), warm.data.keys()).expect("a string takes text");
    }
    for (name, cold) in &cold.data {
        differ(name, cold, warm.data.get(name).unwrap_or(cold), &mut text);
    }
    if !text.is_empty() {
        found.push(format!("{} ({way}): {text}", case.name));
    }
}

/// Says where two texts differ, object addresses excepted.
fn differ(name: &str, cold: &[u8], warm: &[u8], text: &mut String) {
    let (cold, warm) = (without_addresses(cold), without_addresses(warm));
    if cold == warm {
        return;
    }
    let same = cold.iter().zip(&warm).take_while(|(a, b)| a == b).count();
    let line = cold.iter().take(same).filter(|b| **b == b'\n').count() + 1;
    let from = cold.iter().take(same).rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let rest = |bytes: &[u8]| start(bytes.get(from..).unwrap_or_default());
    let (cold_rest, warm_rest) = (rest(&cold), rest(&warm));
    writeln!(text, "{name}, from line {line} on:\n--- cold\n{cold_rest}\n--- warm\n{warm_rest}\n---").expect("text");
}

fn start(bytes: &[u8]) -> String {
    const SHOWN: usize = 2000;
    String::from_utf8_lossy(bytes.get(..SHOWN.min(bytes.len())).unwrap_or_default()).into_owned()
}

/// `bytes` with the digits after each `0x` left out.
pub fn without_addresses(bytes: &[u8]) -> Vec<u8> {
    let mut result = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        result.push(byte);
        rest = after;
        if result.ends_with(b"0x") {
            let digits = rest.iter().take_while(|b| b.is_ascii_hexdigit()).count();
            rest = rest.get(digits..).unwrap_or_default();
        }
    }
    result
}

#[test]
fn addresses_alone_are_no_difference() {
    assert_eq!(without_addresses(b"<f at 0x1a2f> 0x10 x"), b"<f at 0x> 0x x");
}
