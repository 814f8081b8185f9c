//! Why no interpreter was captured, as findings about modules.

use super::findings::{Finding, Kind};
use super::notes::is_source_of;
use super::twin::{Origin, Refused};
use crate::guest::cpython::frames::Frame;
use crate::guest::image::{LeftOut, Preload};

impl Refused {
    /// Takes the modules for which no interpreter was captured out of those that were to be loaded; says why, as findings
    /// about those that are not of the standard library.
    ///
    /// # Errors
    /// Gives the reason back where it is not due to one of these modules.
    pub fn leave_out(&mut self, loaded: &mut Preload, origin: &Origin<'_>) -> Result<Vec<Finding>, String> {
        match self {
            Self::Modules(failed) => {
                let is_other = |failed: &&LeftOut| !loaded.modules.contains(&failed.name);
                let finding = |failed: &LeftOut| Finding::of(&failed.name, "", Kind::NotLoaded(failed.why.clone()));
                let findings = failed.iter().filter(is_other).map(finding).collect();
                let known = loaded.failed.len();
                loaded.leave_out(std::mem::take(failed));
                if loaded.failed.len() == known {
                    return Err("modules cannot be loaded that were not asked for".to_owned());
                }
                Ok(findings)
            }
            Self::Capture(why, looks) => {
                let seen = looks.seen();
                let mut ways = seen.open.values().chain([&seen.last_path]);
                let culprit = ways.find_map(|frames| Some((frames, loading(loaded, frames)?)));
                let Some((frames, name)) = culprit else { return Err(why.clone()) };
                let place = frames.iter().find(|frame| origin.is_of_app(frame)).or(frames.first());
                let kind = match why.strip_prefix("its start-up ") {
                    Some(what) => Kind::File(what.to_owned()),
                    None => Kind::NotLoaded(why.clone()),
                };
                let mut finding = Finding::of(&name, "", kind);
                finding.places = place.map(ToString::to_string).into_iter().collect();
                loaded.leave_out([LeftOut { name, why: why.clone() }]);
                Ok(vec![finding])
            }
            Self::Other(why) => Err(std::mem::take(why)),
        }
    }
}

/// Which of the modules that are not of the standard library is being loaded: the frame of its code is on the stack.
fn loading(loaded: &Preload, frames: &[Frame]) -> Option<String> {
    let files = frames.iter().rev().filter(|frame| frame.function == "<module>").map(|frame| frame.file.as_str());
    let loading = |file: &str| loaded.others().find(|name| is_source_of(name, file)).cloned();
    // A module that is not asked for itself is loaded by one that is.
    let mut others = loaded.others();
    let only = || others.next().filter(|_| others.next().is_none()).cloned();
    files.into_iter().find_map(loading).or_else(only)
}
