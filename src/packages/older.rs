//! Older versions, where those of what was asked for need no native package.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::known::Known;
use super::requirement::Requirement;
use super::resolve::choose;
use super::tool::{Question, Resolved, Tool};

/// How often a native package may turn up that an older version needs in place of another.
const ROUNDS: usize = 4;

/// How long the search may take: a user waits for it who is refused in the end.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to add in place of the packages in `named`, so that none of the `native` ones of what was `resolved` is needed; `None`
/// where there is no such set of versions, and with pip, which would try out all versions of everything for minutes.
pub fn requirements(
    tool: &Tool,
    question: &Question<'_>,
    resolved: &[Resolved],
    native: &[(String, String)],
    named: &[String],
    known: &Known,
) -> Option<Vec<String>> {
    if !matches!(tool, Tool::Uv(_)) {
        return None;
    }
    let question = &Question { deadline: Instant::now().checked_add(PATIENCE), ..*question };
    let older = without(tool, question, native, known)?;
    let pinned = pins(resolved, native, &older);
    let is_of = |line: &String, has: &dyn Fn(&String) -> bool| Requirement::parse(line).is_some_and(|r| has(&r.name));
    let kept = question.requirements.iter().filter(|line| !is_of(line, &|name| pinned.contains_key(name)));
    let lines: Vec<_> = kept.clone().chain(pinned.values()).cloned().collect();
    // Without what is forbidden, the newest version of another package may need it again.
    let again = tool.resolve(&Question { requirements: &lines, ..*question }).ok()?;
    if !choose(tool, question, again, known).ok()?.1.is_empty() {
        return None;
    }
    let added = kept.filter(|line| is_of(line, &|name| named.contains(name)));
    Some(added.chain(pinned.values()).cloned().collect())
}

/// The versions that are resolved where the `native` packages are forbidden.
fn without(
    tool: &Tool,
    question: &Question<'_>,
    native: &[(String, String)],
    known: &Known,
) -> Option<BTreeMap<String, String>> {
    let mut forbidden: Vec<_> = question.constraints.to_vec();
    forbidden.extend(native.iter().map(|(name, _)| format!("{name}<0")));
    for _ in 0..ROUNDS {
        let resolved = tool.resolve(&Question { constraints: &forbidden, ..*question }).ok()?;
        let versions = resolved.iter().map(|package| (package.name.clone(), package.version.clone())).collect();
        let (_, more) = choose(tool, question, resolved, known).ok()?;
        if more.is_empty() {
            return Some(versions);
        }
        forbidden.extend(more.into_iter().map(|(name, _)| format!("{name}<0")));
    }
    None
}

/// The packages that need native ones, directly or by others that the older versions do without, at their older versions.
fn pins(
    resolved: &[Resolved],
    native: &[(String, String)],
    older: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut pinned = BTreeMap::new();
    let mut pending: Vec<_> = native.iter().map(|(name, _)| name.as_str()).collect();
    let mut seen: BTreeSet<_> = pending.iter().copied().collect();
    while let Some(name) = pending.pop() {
        for parent in resolved.iter().filter(|package| package.dependencies.iter().any(|need| need == name)) {
            match older.get(&parent.name) {
                Some(version) if *version == parent.version => {}
                Some(version) => {
                    pinned.insert(parent.name.clone(), format!("{}<={version}", parent.name));
                }
                None if seen.insert(&parent.name) => pending.push(&parent.name),
                None => {}
            }
        }
    }
    pinned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_a_native_package_is_held_back_and_what_falls_away_with_it_is_not() {
        let package = |name: &str, version: &str, needs: &[&str]| Resolved {
            name: name.to_owned(),
            version: version.to_owned(),
            dependencies: needs.iter().map(|need| (*need).to_owned()).collect(),
            wheels: Vec::new(),
            sdist: None,
        };
        let resolved = [
            package("shop", "1", &["typed", "core"]),
            package("forms", "2", &["typed"]),
            package("typed", "5", &["core"]),
            package("core", "9", &[]),
        ];
        let older = [("shop", "1"), ("forms", "1.8")].map(|(name, version)| (name.to_owned(), version.to_owned()));
        let pins = pins(&resolved, &[("core".to_owned(), "9".to_owned())], &older.into());
        assert_eq!(pins, BTreeMap::from([("forms".to_owned(), "forms<=1.8".to_owned())]));
    }
}
