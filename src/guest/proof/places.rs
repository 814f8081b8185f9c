//! The lines of Python that findings come from.

use super::findings::Finding;
use super::looks::{COMMAND, Look, Looks};
use super::notes::{Notes, is_source_of};
use super::twin::Origin;
use crate::guest::capture::host_path;
use crate::guest::cpython::frames::Frame;

/// The most lines that are named for a finding.
const MOST_PLACES: usize = 3;

/// Finds the lines that findings come from.
pub struct Places<'a> {
    /// From what the interpreter was captured.
    pub origin: &'a Origin<'a>,
    /// Its modules.
    pub notes: &'a Notes,
    /// What its capture looked at.
    pub looks: &'a Looks,
}

impl Places<'_> {
    /// Adds the lines of the finding's module that looked; those that have the attribute's name, if there are any.
    pub fn add(&self, mut finding: Finding) -> Finding {
        let seen = self.looks.seen();
        let module = self.notes.module(&finding.module);
        let is_own = |file: &str| match module {
            Some(module) if module.is_library => is_source_of(&module.name, file),
            Some(module) => module.file == file,
            None => false,
        };
        let lines = |line: &dyn Fn(&'_ Look) -> Option<&'_ Frame>| {
            let mut lines: Vec<Frame> = Vec::new();
            for frame in seen.looks.iter().filter_map(line) {
                if !lines.contains(frame) {
                    lines.push(frame.clone());
                }
            }
            lines
        };
        let mut frames = lines(&|look| look.line_of(is_own));
        if frames.is_empty() {
            // It has what another module drew, which it imports.
            frames = lines(&|look| look.frames.iter().find(|frame| is_own(&frame.file)));
        }
        if frames.is_empty() {
            let other = |look: &'_ Look| look.frames.iter().position(|frame| self.notes.is_other(&frame.file));
            frames = lines(&|look| look.frames.get(other(look).unwrap_or(0)));
        }
        let name = finding.attribute.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let has_name = |frame: &Frame| {
            let source = self.origin.source(frame).unwrap_or_default();
            !name.is_empty() && source.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
        };
        if frames.iter().any(has_name) {
            frames.retain(has_name);
        }
        finding.places = frames.iter().take(MOST_PLACES).map(shown).collect();
        finding
    }
}

impl Origin<'_> {
    /// Whether a line is of a file in a volume and not in the directory of the standard library.
    pub fn is_of_app(&self, frame: &Frame) -> bool {
        host_path(&frame.file, &self.input.volumes).is_some() && !frame.file.contains("/lib/python3")
    }

    /// A line of a source file.
    fn source(&self, frame: &Frame) -> Option<String> {
        let text = std::fs::read_to_string(host_path(&frame.file, &self.input.volumes)?).ok()?;
        text.lines().nth(frame.line.checked_sub(1)? as usize).map(str::to_owned)
    }
}

/// A line as `file:line`, or what it is where it is of no file.
fn shown(frame: &Frame) -> String {
    if frame.file == COMMAND { "a line of a .pth file".to_owned() } else { frame.to_string() }
}
