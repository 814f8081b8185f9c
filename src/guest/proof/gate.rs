//! What may be saved of modules that are not of the standard library: what a proof has cleared.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::findings::Finding;
use super::subject::{Proof, prove};
use crate::cache::contents::PROOFS;
use crate::cache::seal;
use crate::guest::Input;
use crate::guest::capture::{self, host_path};
use crate::guest::engine::Compiled;
use crate::guest::image::{LeftOut, Preload};
use crate::guest::warm;
use crate::hash::{Digest, Hasher};

/// How many proofs may follow each other, each of what the one before has cleared.
const MOST_PROOFS: usize = 8;

/// How many results the cache keeps.
const MOST_RESULTS: usize = 256;

/// What decides on findings: another version of it may find something else.
const RULES: [&str; 8] = [
    include_str!("compare.rs"),
    include_str!("findings.rs"),
    include_str!("gate.rs"),
    include_str!("graph.rs"),
    include_str!("moved.rs"),
    include_str!("subject.rs"),
    include_str!("twin.rs"),
    include_str!("walk.py"),
];

/// Leaves out of `preload` what requests must not share of packages and of the app's modules. What a proof said of the same
/// files is known from then on. The calling thread must be a [`crate::guest::GuestThread`].
///
/// # Errors
/// Says why it cannot be proved.
pub fn clear(compiled: &Compiled, input: &Input, preload: &mut Preload) -> Result<(), String> {
    if !preload.needs_proof() {
        return Ok(());
    }
    let path = result_path(compiled, input, preload)?;
    if let Some(known) = path.as_ref().and_then(|path| seal::open(path))
        && let Ok(known) = serde_json::from_reader::<_, Vec<LeftOut>>(known)
    {
        preload.leave_out(known);
        return Ok(());
    }
    let known = preload.failed.len();
    let mut first = clear_warm_up(compiled, input, preload)?;
    let mut seen_unnamed = false;
    for round in 0.. {
        if preload.others().next().is_none() {
            break;
        }
        let proof = first.take().map_or_else(|| prove(compiled, input, preload, false), Ok)?;
        if proof.findings.is_empty() {
            break;
        }
        // The first to read a file changes its time of access, which the other may have seen before: that is not so again.
        let is_unnamed = proof.findings.iter().all(|finding| finding.module.is_empty());
        if is_unnamed && !std::mem::replace(&mut seen_unnamed, true) {
            continue;
        }
        let left_out = preload.failed.len();
        let is_told = |finding: &&Finding| !finding.module.is_empty() && !preload.modules.contains(&finding.module);
        let found = proof.findings.iter().filter(is_told);
        let found: Vec<_> =
            found.map(|finding| LeftOut { name: finding.module.clone(), why: finding.reason() }).collect();
        preload.leave_out(found);
        let is_less = preload.failed.len() > left_out;
        // What is found in a module of the library, or in none, cannot be told to be of one package.
        if let Some(finding) = proof.findings.first().filter(|_| round >= MOST_PROOFS || !is_less) {
            let names: Vec<_> = preload.others().cloned().collect();
            let why = format!("loading it with the others has an effect that requests would share: {finding}");
            preload.leave_out(names.into_iter().map(|name| LeftOut { name, why: why.clone() }));
        }
    }
    if let Some(path) = path {
        let found = serde_json::to_vec(preload.failed.get(known..).unwrap_or_default()).map_err(|e| e.to_string())?;
        // Without the result the next process proves it again.
        let _ = seal::create(&path, |file| file.write_all(&found));
        if let Some(directory) = path.parent() {
            seal::keep_newest(directory, "json", MOST_RESULTS);
        }
    }
    Ok(())
}

/// Leaves out the warm-up script where it leaves something that requests must not share: what a proof finds with it, and not
/// without it. Gives back the proof of what is in `preload` then, if there is one.
fn clear_warm_up(compiled: &Compiled, input: &Input, preload: &mut Preload) -> Result<Option<Proof>, String> {
    if preload.runnable_warm_up().is_none() {
        return Ok(None);
    }
    let with = prove(compiled, input, preload, false)?;
    if with.findings.is_empty() {
        return Ok(Some(with));
    }
    let without = Preload { warm_up: None, ..preload.clone() };
    let without = prove(compiled, input, &without, false)?;
    let is_known = |finding: &&Finding| {
        without.findings.iter().any(|known| known.module == finding.module && known.attribute == finding.attribute)
    };
    // The first to read a file changes its time of access, which the other may have seen before: that is not so again.
    let again = if with.findings.iter().all(|finding| finding.module.is_empty()) {
        prove(compiled, input, preload, false)?
    } else {
        with
    };
    match again.findings.iter().find(|finding| !is_known(finding)) {
        Some(finding) => {
            preload.leave_out_warm_up(finding.reason());
            Ok(Some(without))
        }
        None => Ok(Some(again)),
    }
}

/// The files that say what is installed in a directory, with the digests of all files:
/// <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>.
fn records(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries.map(|entry| entry.path().join("RECORD")).filter(|path| path.is_file()).collect();
    found.sort();
    found
}

/// The warm-up script and what of the app it may import: the sources beside it, if they are not too many.
pub fn warm_up_sources(input: &Input, preload: &Preload) -> Vec<PathBuf> {
    const MOST: usize = 200;
    let Some(script) = preload.warm_up.as_ref().and_then(|path| host_path(path, &input.volumes)) else {
        return Vec::new();
    };
    let beside = script.parent().map(sources).filter(|sources| sources.len() < MOST).unwrap_or_default();
    beside.into_iter().chain([script]).collect()
}

/// The sources of Python in a directory and below it. Links to directories are not followed.
fn sources(directory: &Path) -> Vec<PathBuf> {
    let (mut found, mut pending) = (Vec::new(), vec![directory.to_owned()]);
    while let Some(directory) = pending.pop() {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "py") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Where the result is kept: by everything that it depends on, with the content of the modules' sources.
fn result_path(compiled: &Compiled, input: &Input, preload: &Preload) -> Result<Option<PathBuf>, String> {
    let Some(directory) = compiled.runtime.cache().and_then(|cache| cache.section(PROOFS).ok()) else {
        return Ok(None);
    };
    let line = warm::servable(compiled, input)?;
    let (arguments, environment) = capture::startup(input, &line);
    let mut hasher = Hasher::default();
    let mut add = |part: &[u8]| {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    RULES.iter().for_each(|rules| add(rules.as_bytes()));
    add(compiled.key.as_bytes());
    add(capture::BOOT.as_bytes());
    arguments.iter().for_each(|argument| add(argument.as_bytes()));
    let variables = environment.iter().chain(&preload.variables);
    variables.for_each(|(name, value)| add(format!("{name}={value}").as_bytes()));
    let search: Vec<_> = preload.roots.iter().map(String::as_str).chain(line.directory(&input.arguments)).collect();
    for name in preload.others() {
        add(name.as_bytes());
        let place = name.replace('.', "/");
        for file in search.iter().flat_map(|root| [format!("{root}/{place}.py"), format!("{root}/{place}/__init__.py")])
        {
            let source = host_path(&file, &input.volumes).and_then(|path| std::fs::read(path).ok());
            add(source.map(Digest::of).unwrap_or_default().to_string().as_bytes());
        }
    }
    // What these import decides as well: of the app any source, of packages what the installer has recorded.
    let own = line.directory(&input.arguments).filter(|_| !preload.app.is_empty());
    let script = preload.runnable_warm_up();
    add(script.map_or("", |path| path.as_str()).as_bytes());
    let beside = script.and_then(|path| path.rsplit_once('/')).map(|(directory, _)| directory);
    let own = own.into_iter().chain(beside);
    let places = preload.roots.iter().map(|root| (root.as_str(), true)).chain(own.map(|own| (own, false)));
    for (place, is_installed) in places {
        let Some(directory) = host_path(place, &input.volumes) else { continue };
        let files = if is_installed { records(&directory) } else { sources(&directory) };
        for file in files {
            add(file.strip_prefix(&directory).unwrap_or(&file).as_os_str().as_encoded_bytes());
            add(std::fs::read(&file).map(Digest::of).unwrap_or_default().to_string().as_bytes());
        }
    }
    Ok(Some(directory.join(format!("{}.json", hasher.digest()))))
}
