//! From requirements to files that a guest can use.

use tempfile::TempDir;

use super::built_in;
use super::known::Known;
use super::lock::{Dependency, File, Lock, Package};
use super::older;
use super::requirement::{Requirement, canonical};
use super::tool::{Question, Resolved, Tool};
use crate::error::{Context, Error, Result};
use crate::terminal::Terminal;

/// The environment markers of a guest (PEP 508), but for the version of Python.
pub const WASI: &str = "implementation_name == 'cpython' and os_name == 'posix' and platform_machine == 'wasm32' and \
                        platform_python_implementation == 'CPython' and platform_system == 'wasi' and sys_platform == 'wasi'";

/// What requirements came to.
#[derive(Clone, Debug, Default)]
pub struct Resolution {
    /// The packages, each with the one file to install.
    pub packages: Vec<Package>,
    /// Native packages that are left out, since others do without them, and why.
    pub unneeded: Vec<(String, String)>,
    /// What of the interpreter's own packages these need, as pins.
    pub given: Vec<String>,
}

/// Resolves the question for a guest, with the versions of `lock` but for the packages in `named` where that is possible.
///
/// # Errors
/// Fails with the explanation of the tool where the requirements cannot be met, and where a package is native.
pub fn resolve(
    tool: &Tool,
    question: Question<'_>,
    lock: Option<&Lock>,
    named: &[String],
    terminal: &Terminal,
) -> Result<Resolution> {
    let is_kept = |name: &String| !named.contains(name) && !question.built_in.contains_key(name);
    let kept = lock.into_iter().flat_map(|lock| &lock.packages).filter(|package| is_kept(&package.name));
    let kept = kept.filter_map(|package| Some(format!("{}=={}", package.name, package.version.as_deref()?)));
    let given = built_in::pins(question.built_in);
    let constraints: Vec<_> = given.iter().cloned().chain(kept).collect();
    let wheels = if given.is_empty() { None } else { Some(built_in::wheels(question.built_in)?) };
    let question = Question { constraints: &given, wheels: wheels.as_ref().map(TempDir::path), ..question };
    let spinner =
        terminal.spinner("Resolving", &format!("for Python {} on WASI with {}", question.python, tool.name()));
    let known = Known::load()?;
    let first = tool.resolve(&Question { constraints: &constraints, ..question });
    let resolved = match first {
        // The versions of the lock may be what is in the way.
        Err(_) if constraints.len() > given.len() => tool.resolve(&question),
        first => first,
    };
    let resolved = resolved.map_err(|error| explain(tool, &question, error, named, &known))?;
    let (resolution, native) = choose(tool, &question, resolved.clone(), &known)?;
    spinner.finish_and_clear();
    if native.is_empty() { Ok(resolution) } else { Err(refusals(tool, &question, &resolved, &native, named, &known)) }
}

/// A native package: its name and version.
type Native = (String, String);

/// Takes the file of each package that a guest can use; the others are returned by name and version.
pub(super) fn choose(
    tool: &Tool,
    question: &Question<'_>,
    resolved: Vec<Resolved>,
    known: &Known,
) -> Result<(Resolution, Vec<Native>)> {
    let mut resolution = Resolution::default();
    let mut native = Vec::new();
    let (resolved, given) = built_in::without(resolved, question.requirements, question.built_in);
    resolution.given = given;
    let needs: Vec<_> = resolved.iter().map(|package| (package.name.clone(), package.dependencies.clone())).collect();
    let asked: Vec<_> = question.requirements.iter().filter_map(|line| Requirement::parse(line)).collect();
    let unneeded = |name: &String| {
        let parents = needs.iter().filter(|(_, needs)| needs.contains(name)).map(|(parent, _)| parent.as_str());
        known.unneeded_by(name, parents).filter(|_| asked.iter().all(|requirement| requirement.name != *name))
    };
    for package in resolved {
        let pure = package.wheels.iter().filter_map(|wheel| Some((rank(wheel.name(), question.python)?, wheel)));
        let pure = pure.min_by_key(|(rank, _)| *rank).map(|(_, wheel)| wheel.clone());
        if pure.is_none()
            && let Some(why) = unneeded(&package.name)
        {
            resolution.unneeded.push((package.name, why));
            continue;
        }
        let (wheels, sdist) = match (pure, package.sdist) {
            (Some(wheel), _) => (vec![wheel], None),
            (None, Some(sdist)) if known.pure.contains_key(&package.name) => (Vec::new(), Some(sdist)),
            // Whether a package has wheels for other machines alone or none at all makes the difference.
            (None, Some(sdist)) if !is_native(tool, question, &package.name, &package.version, &package.wheels)? => {
                (Vec::new(), Some(sdist))
            }
            _ => {
                native.push((package.name, package.version));
                continue;
            }
        };
        let dependencies = package.dependencies.into_iter().map(|name| Dependency { name }).collect();
        let version = Some(package.version);
        resolution.packages.push(Package { name: package.name, version, dependencies, sdist, wheels, archive: None });
    }
    let left_out = |name: &String| resolution.unneeded.iter().any(|(unneeded, _)| unneeded == name);
    for package in &mut resolution.packages {
        package.dependencies.retain(|dependency| !left_out(&dependency.name));
    }
    Ok((resolution, native))
}

/// Whether the release has wheels, none of which is of pure Python. uv does not tell of wheels for other platforms.
fn is_native(tool: &Tool, question: &Question<'_>, name: &str, version: &str, wheels: &[File]) -> Result<bool> {
    if !wheels.is_empty() {
        return Ok(true);
    }
    Ok(!native_wheels(tool, question, name, version)?.is_empty())
}

/// The wheels of a release for this machine.
fn native_wheels(tool: &Tool, question: &Question<'_>, name: &str, version: &str) -> Result<Vec<File>> {
    let requirements = [format!("{name}=={version}")];
    let question = Question { requirements: &requirements, constraints: &[], native: true, ..*question };
    let resolved = tool.resolve(&question)?;
    Ok(resolved.into_iter().find(|package| package.name == name).map(|package| package.wheels).unwrap_or_default())
}

/// Why the native packages of what was resolved cannot be installed, and what to do.
fn refusals(
    tool: &Tool,
    question: &Question<'_>,
    resolved: &[Resolved],
    native: &[Native],
    named: &[String],
    known: &Known,
) -> Error {
    let errors: Vec<_> = native.iter().map(|native| refusal(tool, question, native, resolved, known)).collect();
    let names: Vec<_> = native.iter().map(|(name, _)| name.as_str()).collect();
    // What an interpreter has built in, this one has not. Once is enough for all of them.
    let instead = errors.last().and_then(Error::remedy_text).map(str::to_owned).filter(|remedy| *remedy != NO_REMEDY);
    let error = match (built_in::elsewhere(&names), instead) {
        (Some(elsewhere), Some(instead)) => Error::all(errors).remedy(format!("{elsewhere}\nwithout it, {instead}")),
        (Some(elsewhere), None) => Error::all(errors).remedy(elsewhere),
        (None, _) => Error::all(errors),
    };
    let Some(older) = older::requirements(tool, question, resolved, native, named, known) else { return error };
    let older: Vec<_> = older.iter().map(|requirement| shell_words::quote(requirement)).collect();
    let own = error.remedy_text().filter(|remedy| *remedy != NO_REMEDY).map(|remedy| format!("{remedy}\n"));
    let remedy = format!("{}older versions do without: `pywagi add {}`", own.unwrap_or_default(), older.join(" "));
    error.remedy(remedy)
}

/// What to do about a package of which nothing else is known.
pub(super) const NO_REMEDY: &str = "use another package or an older version that is pure Python";

/// Why a native package cannot be installed, and what to do.
fn refusal(
    tool: &Tool,
    question: &Question<'_>,
    (name, version): &Native,
    resolved: &[Resolved],
    known: &Known,
) -> Error {
    let parents = resolved.iter().filter(|package| package.dependencies.contains(name));
    let parents: Vec<_> = parents.map(|package| package.name.as_str()).collect();
    let need = if parents.len() == 1 { "needs" } else { "need" };
    let wanted = if parents.is_empty() { String::new() } else { format!(", which {} {need},", parents.join(" and ")) };
    let modules = match extension_modules(tool, question, name, version) {
        Ok(modules) if !modules.is_empty() => format!(": {}", listed(&modules)),
        // What the wheel holds is only told to help.
        _ => String::new(),
    };
    let message = format!("{name} {version}{wanted} has native code, which no WAGI guest can load{modules}");
    Error::new(message).remedy(known.instead.get(name).map_or(NO_REMEDY, String::as_str))
}

/// The first few of several names.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<_> = names.iter().take(SHOWN).map(String::as_str).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// The extension modules in the wheel of a release for this machine.
fn extension_modules(tool: &Tool, question: &Question<'_>, name: &str, version: &str) -> Result<Vec<String>> {
    let wheels = native_wheels(tool, question, name, version)?;
    let directory = tempfile::tempdir().context(|| "cannot create a temporary directory")?;
    let Some(wheel) = wheels.iter().find(|wheel| super::install::is_for_this_machine(wheel.name())).or(wheels.first())
    else {
        return Ok(Vec::new());
    };
    let lines = [super::tool::line(name, wheel, question.directory)?];
    tool.install(&super::tool::Installation {
        lines: &lines,
        python: question.python,
        build: None,
        offline: question.offline,
        into: directory.path(),
    })?;
    let mut modules = super::install::native_files(directory.path())?;
    modules.sort();
    Ok(modules)
}

/// How well a wheel of this file name serves a guest with this Python, lower being better; `None` if not at all (PEP 425).
fn rank(file: &str, python: &str) -> Option<u32> {
    let mut parts = file.strip_suffix(".whl")?.rsplit('-');
    let (platforms, abis, pythons) = (parts.next()?, parts.next()?, parts.next()?);
    if !platforms.split('.').any(|platform| platform == "any") || !abis.split('.').any(|abi| abi == "none") {
        return None;
    }
    let minor: u32 = python.strip_prefix("3.")?.parse().ok()?;
    let of = |tag: &str| match tag {
        "py3" => Some(2 * minor + 1),
        _ if tag == format!("cp3{minor}") => Some(0),
        _ => tag.strip_prefix("py3").and_then(|m| m.parse::<u32>().ok()).filter(|m| *m <= minor).map(|m| minor - m + 1),
    };
    pythons.split('.').filter_map(of).min()
}

/// Adds to the error of a tool what the user can do, and whether the requirements can be met on this machine.
fn explain(tool: &Tool, question: &Question<'_>, error: Error, named: &[String], known: &Known) -> Error {
    let text = error.to_string();
    let lower = text.to_lowercase();
    let offline = [
        "connection broken",
        "connection refused",
        "connection error",
        "could not connect",
        "dns error",
        "error sending request",
        "failed to connect",
        "max retries exceeded",
        "network was disabled",
        "proxy error",
        "proxyerror",
        "timed out",
        "certificate verify failed",
    ];
    let name = tool.name();
    // pip takes an index that it cannot reach for one that has no versions.
    if question.offline {
        return error.remedy(format!("{name}'s cache has not all of it: run the command without --offline"));
    }
    if offline.iter().any(|words| lower.contains(words)) {
        return error.remedy(format!(
            "check the network, and the index and proxy that {name} is set up for, or use --offline, which takes what {name}'s cache has"
        ));
    }
    let unknown = question.requirements.iter().filter_map(|line| Requirement::parse(line)).find(|requirement| {
        let name = &requirement.name;
        lower.lines().any(|line| {
            let said = canonical_words(line);
            said.contains(&format!("no matching distribution found for {name}"))
                && lower.contains("from versions: none")
                || said.contains(&format!("{name} was not found"))
        })
    });
    if let Some(Requirement { name, .. }) = unknown {
        let near = known
            .nearest(&name)
            .filter(|near| *near != name)
            .map(|near| format!("did you mean {near}? else "))
            .unwrap_or_default();
        return error.remedy(format!("{near}check the name, and that the package index has it"));
    }
    let conflict = "change the requirements so that one version of each package satisfies all of them";
    let given = question.built_in.iter().filter(|(name, _)| {
        canonical_words(&lower).split([' ', '=', '<', '>', '!', '~']).any(|word| word == name.as_str())
    });
    let given: Vec<_> = given.map(|(name, version)| format!("{name} {version}")).collect();
    if !given.is_empty() {
        return error.remedy(format!(
            "the interpreter has {} built in, which cannot be replaced: ask for versions that go with that",
            listed(&given)
        ));
    }
    // What pip tries in vain on one platform takes it as long on another.
    if text.contains("ResolutionImpossible") || text.contains("conflicting dependencies") {
        return error.remedy(conflict);
    }
    // Not for this platform, or not at all? The answer only makes the remedy better.
    match tool.resolve(&Question { native: true, constraints: &[], ..*question }) {
        Ok(native) => {
            // uv finds no version of a package that has wheels for other platforms alone.
            let is_foreign = |package: &&Resolved| {
                let pure = package.wheels.iter().any(|wheel| rank(wheel.name(), question.python).is_some());
                !pure && package.sdist.is_none()
            };
            let foreign = native.iter().filter(is_foreign);
            let foreign: Vec<_> = foreign.map(|package| (package.name.clone(), package.version.clone())).collect();
            if !foreign.is_empty() {
                return refusals(tool, question, &native, &foreign, named, known);
            }
            let names: Vec<_> = native.iter().map(|package| format!("{} {}", package.name, package.version)).collect();
            error.remedy(format!(
                "on this machine the same requirements come to {}: one of these is not for WASI",
                listed(&names)
            ))
        }
        Err(_) => error.remedy(conflict),
    }
}

/// `line` with each word in the form of a normalized name.
fn canonical_words(line: &str) -> String {
    line.split_whitespace().map(|word| canonical(word.trim_end_matches([',', '.', ':']))).collect::<Vec<_>>().join(" ")
}

/// The error for a package that is named by a directory or a repository.
pub fn no_release(name: &str) -> Error {
    Error::new(format!("{name} is a directory or a repository and not a release, so there is no hash to lock it by"))
        .remedy("build a wheel of it and name that, as in 'shop @ https://example.com/shop-1.0-py3-none-any.whl', or mount its directory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_of_pure_python_are_ranked_by_how_specific_they_are() {
        for (file, expected) in [
            ("a-1-cp312-none-any.whl", Some(0)),
            ("a-1-py312-none-any.whl", Some(1)),
            ("a-1-py39-none-any.whl", Some(4)),
            ("a-1-py2.py3-none-any.whl", Some(25)),
            ("a-1-1build-py3-none-any.whl", Some(25)),
            ("a-1-py313-none-any.whl", None),
            ("a-1-py2-none-any.whl", None),
            ("a-1-cp312-cp312-manylinux_2_17_x86_64.whl", None),
            ("a-1-py3-none-win_amd64.whl", None),
            ("a-1.tar.gz", None),
            ("a", None),
        ] {
            assert_eq!(rank(file, "3.12"), expected, "{file}");
        }
    }
}
