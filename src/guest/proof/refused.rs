//! Why no interpreter was captured, as findings about modules.

use super::findings::{Finding, Kind};
use super::notes::is_source_of;
use super::twin::{Loaded, Origin, Refused};
use crate::guest::cpython::frames::Frame;
use crate::guest::image::LeftOut;

impl Loaded {
    /// Takes out the modules for which no interpreter was captured; says why, as findings.
    ///
    /// # Errors
    /// Gives the reason back where it is not due to one of these modules.
    pub fn without(&mut self, refused: &mut Refused, origin: &Origin<'_>) -> Result<Vec<Finding>, String> {
        match refused {
            Refused::Modules(failed) => {
                let is_failed = |name: &String| failed.iter().any(|failed| failed.name == *name);
                let known = self.library.len() + self.others.len();
                self.library.retain(|name| !is_failed(name));
                let (gone, others): (Vec<_>, Vec<_>) =
                    std::mem::take(&mut self.others).into_iter().partition(is_failed);
                self.others = others;
                if self.library.len() + self.others.len() == known {
                    return Err("modules cannot be loaded that were not asked for".to_owned());
                }
                let gone = failed.iter().filter(|failed| gone.contains(&failed.name));
                let finding = |failed: &LeftOut| Finding::of(&failed.name, "", Kind::NotLoaded(failed.why.clone()));
                Ok(gone.map(finding).collect())
            }
            Refused::Capture(why, looks) => {
                let seen = looks.seen();
                let mut ways = seen.open.values().chain([&seen.last_path]);
                let culprit = ways.find_map(|frames| Some((frames, self.loading(frames)?)));
                let Some((frames, name)) = culprit else { return Err(why.clone()) };
                let place = frames.iter().find(|frame| origin.is_of_app(frame)).or(frames.first());
                let kind = match why.strip_prefix("its start-up ") {
                    Some(what) => Kind::File(what.to_owned()),
                    None => Kind::NotLoaded(why.clone()),
                };
                let mut finding = Finding::of(&name, "", kind);
                finding.places = place.map(ToString::to_string).into_iter().collect();
                self.others.retain(|other| *other != name);
                Ok(vec![finding])
            }
            Refused::Other(why) => Err(std::mem::take(why)),
        }
    }

    /// Which of the modules is being loaded: the frame of its code is on the stack.
    fn loading(&self, frames: &[Frame]) -> Option<String> {
        let files = frames.iter().rev().filter(|frame| frame.function == "<module>").map(|frame| frame.file.as_str());
        let loading = |file: &str| self.others.iter().find(|name| is_source_of(name, file)).cloned();
        // A module that is not asked for itself is loaded by one that is.
        files.into_iter().find_map(loading).or_else(|| self.others.first().filter(|_| self.others.len() == 1).cloned())
    }
}
