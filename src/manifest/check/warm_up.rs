//! The script of the app that is run once before the interpreter is saved.

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use super::super::{Module, Script, host_path};
use super::Check;
use crate::paths;
use crate::text_file::shown;

impl Check<'_> {
    /// The script that `text` names, for `module`, whose volumes have to hold it.
    pub(super) fn warm_up(&mut self, place: Range<usize>, text: &str, module: &Module) -> Option<Script> {
        const EXAMPLE: &str = "write warm-up = \"code/warmup.py\", with the path of a script of Python in a volume";
        if !module.is_python() {
            let message = format!("`warm-up` is a script of Python, which {} does not run", shown(&module.module));
            self.mistake(place, message, "leave it out");
            return None;
        }
        let path = normalized(&self.directory.join(text));
        if Path::new(text).extension().is_none_or(|extension| extension != "py") && !path.is_dir() {
            let message = format!("`{text}` is no script of Python: its name does not end in .py");
            self.mistake(place, message, EXAMPLE);
            return None;
        }
        let Some(guest) = guest_path(module, &path) else {
            let volumes: Vec<_> = module.volumes.iter().map(|volume| shown(&volume.host)).collect();
            let message = format!("no volume of this [[module]] holds {}, so Python cannot run it", shown(&path));
            let remedy = match volumes.is_empty() {
                true => "give the directory of the script as a volume: volumes = { \"/code\" = \"code\" }".to_owned(),
                false => format!("put it into one of these directories: {}", volumes.join(", ")),
            };
            self.mistake(place, message, remedy);
            return None;
        };
        if path.is_dir() {
            self.problem(module.line, place, format!("{} is a directory", shown(&path)), EXAMPLE);
        } else if !path.exists() {
            let message = format!("there is no script {}", shown(&path));
            let remedy = format!(
                "create it, correct the path, or leave `warm-up` out; a relative path starts at the directory of modules.toml, {}",
                shown(self.directory)
            );
            self.problem(module.line, place, message, remedy);
        }
        Some(Script { guest, host: Some(path) })
    }
}

/// Where the guest of `module` sees the file at `path`: in the innermost of the directories that hold it.
fn guest_path(module: &Module, path: &Path) -> Option<String> {
    let inside = module.volumes.iter().filter_map(|volume| {
        let rest = paths::with_slashes(path.strip_prefix(normalized(&volume.host)).ok()?).ok()?;
        let guest = format!("{}/{rest}", volume.guest.trim_end_matches('/'));
        // Another volume may be mounted over its directory.
        let is_seen = host_path(&module.volumes, &guest).is_some_and(|host| normalized(&host) == path);
        is_seen.then_some((rest.len(), guest))
    });
    inside.min().map(|(_, guest)| guest)
}

/// The path without `.` and `..`, as far as its text tells.
fn normalized(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if whole.file_name().is_some() => drop(whole.pop()),
            part => whole.push(part),
        }
    }
    whole
}
