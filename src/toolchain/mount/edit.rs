//! The edit as text: insertions and replacements at the spans that the TOML parser reports, so that comments, order and
//! layout stay.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Edit, Mount, Wanted};
use crate::guest::Volume;
use crate::toolchain::guest_path;
use crate::toolchain::layout::{self, INTERPRETER};

type Parsed<T> = std::result::Result<T, toml::de::Error>;

/// The edit of `text`. A form that is not understood is not edited, but told.
pub fn edit(text: &str, wanted: &Wanted<'_>) -> Parsed<Edit> {
    let mut changes = Vec::new();
    let mut left = Left::default();
    for module in modules(text, wanted)? {
        module.change(text, wanted, &mut changes, &mut left);
    }
    changes.sort_by_key(|change: &Change| change.range.start);
    let mut new = text.to_owned();
    for change in changes.iter().rev() {
        new.replace_range(change.range.clone(), &change.text);
    }
    let tasks = modules(&new, wanted).map_or(usize::MAX, |modules| modules.iter().map(Module::tasks).sum());
    if tasks != left.missing.len() + left.stale.len() {
        // It would not do what it is for.
        changes.clear();
        new.replace_range(.., text);
        left = Left::default();
        for module in modules(text, wanted)? {
            module.leave(wanted, &mut left);
        }
    }
    let at = |offset: usize| line_of(&new, moved(&changes, offset));
    let missing = left.missing.into_iter().map(|(offset, mount)| (at(offset), mount)).collect();
    let stale = left.stale.into_iter().map(|(offset, guest)| (at(offset), guest)).collect();
    let changed = changes.iter().map(|change| change.shown(&changes, &new)).collect();
    Ok(Edit { text: (!changes.is_empty()).then_some(new), changed, missing, stale })
}

/// A part of the text that is replaced.
struct Change {
    range: Range<usize>,
    text: String,
    /// Whether whole lines are removed.
    removes_line: bool,
}

impl Change {
    fn insert(at: usize, text: String) -> Self {
        Self { range: at..at, text, removes_line: false }
    }

    /// The number of the line in the text `new` that all of `changes` lead to, and what to show of it.
    fn shown(&self, changes: &[Self], new: &str) -> (usize, String) {
        let before = moved(changes, self.range.start);
        if self.removes_line {
            return (line_of(new, before), "(removed)".to_owned());
        }
        // An insertion at the place of the change itself is counted by `moved`.
        let end = if self.range.is_empty() { before } else { before + self.text.len() };
        let number = line_of(new, end.saturating_sub(self.text.len() - self.text.trim_end().len()));
        (number, new.lines().nth(number - 1).unwrap_or_default().trim().to_owned())
    }
}

/// Where an offset of the old text is in the new one.
fn moved(changes: &[Change], offset: usize) -> usize {
    let before = changes.iter().filter(|change| change.range.end <= offset);
    before.fold(offset, |offset, Change { range, text, .. }| offset + text.len() - range.len())
}

/// What is left to the user, with offsets of the old text.
#[derive(Default)]
struct Left {
    missing: Vec<(usize, Mount)>,
    stale: Vec<(usize, String)>,
}

/// A `[[module]]` that runs the installed interpreter.
struct Module {
    /// The offset of its header.
    start: usize,
    /// Whether it needs to see the library and does not.
    is_blind: bool,
    /// The guest paths that its other volumes have.
    guests: Vec<String>,
    /// The span of its `module` value.
    module: Range<usize>,
    /// The span of its `volumes` value, and of the last value in it.
    volumes: Option<(Range<usize>, Option<Range<usize>>)>,
    /// Its volumes of libraries that are gone: key and value, and the guest path.
    stale: Vec<(Range<usize>, String)>,
}

/// The modules for which there is something to do.
fn modules(text: &str, wanted: &Wanted<'_>) -> Parsed<Vec<Module>> {
    let table = DeTable::parse(text)?;
    let modules = table.get_ref().get("module").and_then(|modules| modules.get_ref().as_array());
    let mut found = Vec::new();
    for spanned in modules.into_iter().flatten() {
        let Some(module) = spanned.get_ref().as_table() else { continue };
        let Some(file) = module.get("module").filter(|file| {
            let path = file.get_ref().as_str().map(|text| wanted.directory.join(text));
            path.is_some_and(|path| is_same(&path, &wanted.installation.join(INTERPRETER)))
        }) else {
            continue;
        };
        let value = module.get("volumes");
        let entries = value.and_then(|volumes| volumes.get_ref().as_table());
        let (mut volumes, mut stale) = (Vec::new(), Vec::new());
        for (key, value) in entries.into_iter().flatten() {
            let Some(volume) = volume(wanted.directory, key, value) else { continue };
            match library_series(&volume.host, wanted.installation).filter(|_| !volume.host.exists()) {
                Some(_) => stale.push((key.span().start..value.span().end, volume.guest)),
                None => volumes.push(volume),
            }
        }
        stale.sort_by_key(|(range, _)| range.start);
        let last = entries.into_iter().flatten().map(|(_, value)| value.span()).max_by_key(|span| span.end);
        let module = Module {
            start: spanned.span().start,
            is_blind: !wanted.is_seen(&volumes),
            guests: volumes.into_iter().map(|volume| volume.guest).collect(),
            module: file.span(),
            volumes: value.map(|value| (value.span(), last)),
            stale,
        };
        if module.tasks() > 0 {
            found.push(module);
        }
    }
    Ok(found)
}

/// The series or the name of the Python whose library in `installation` is the directory `host`.
fn library_series<'p>(host: &'p Path, installation: &Path) -> Option<&'p str> {
    let series = layout::of_library(host.file_name()?.to_str()?)?;
    let lib = host.parent().filter(|lib| lib.ends_with("lib"))?;
    is_same(lib.parent()?, installation).then_some(series)
}

/// See [`super::mounted_series`].
pub fn mounted_series(text: &str, directory: &Path, installation: &Path) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let modules = table.get_ref().get("module")?.get_ref().as_array()?;
    let volumes = modules.iter().filter_map(|module| module.get_ref().as_table()?.get("volumes")?.get_ref().as_table());
    let hosts = volumes.flatten().filter_map(|(key, value)| Some(volume(directory, key, value)?.host));
    hosts.filter_map(|host| library_series(&host, installation).map(str::to_owned)).next()
}

impl Wanted<'_> {
    /// Whether a guest with these volumes sees the library, if it needs that: in its own place, or the whole installation.
    fn is_seen(&self, volumes: &[Volume]) -> bool {
        let sees = |host: &Path, at: Option<&str>| {
            let found = host.canonicalize().ok().and_then(|host| guest_path(&host, volumes));
            found.is_some_and(|found| at.is_none_or(|at| at == found))
        };
        let own_place = || self.places.iter().any(|(guest, host)| sees(host, Some(guest)));
        self.places.is_empty() || self.is_movable && sees(self.installation, None) || own_place()
    }
}

fn is_same(a: &Path, b: &Path) -> bool {
    a == b || a.canonicalize().ok().zip(b.canonicalize().ok()).is_some_and(|(a, b)| a == b)
}

fn volume(directory: &Path, guest: &Spanned<Cow<'_, str>>, value: &Spanned<DeValue<'_>>) -> Option<Volume> {
    let host = match value.get_ref() {
        DeValue::Table(table) => table.get("path")?.get_ref().as_str()?,
        other => other.as_str()?,
    };
    Some(Volume { guest: guest.get_ref().to_string(), host: directory.join(host), read_only: false })
}

impl Module {
    fn tasks(&self) -> usize {
        usize::from(self.is_blind) + self.stale.len()
    }

    /// Adds what is to be changed to `changes`, and the rest to `left`.
    fn change(&self, text: &str, wanted: &Wanted<'_>, changes: &mut Vec<Change>, left: &mut Left) {
        let mount = self.mount(wanted);
        let mut stale = self.stale.iter();
        if let Some(mount) = mount {
            // The new library takes the place of the old one.
            let change = match stale.next() {
                Some((range, _)) => Some(Change { range: range.clone(), text: mount.to_string(), removes_line: false }),
                None => self.insertion(text, &mount).map(|(at, text)| Change::insert(at, text)),
            };
            match change {
                Some(change) => changes.push(change),
                None => left.missing.push((self.start, mount)),
            }
        }
        for (range, guest) in stale {
            match removal(text, range) {
                Some(change) => changes.push(change),
                None => left.stale.push((range.start, guest.clone())),
            }
        }
    }

    /// Leaves everything to the user.
    fn leave(&self, wanted: &Wanted<'_>, left: &mut Left) {
        left.missing.extend(self.mount(wanted).map(|mount| (self.start, mount)));
        left.stale.extend(self.stale.iter().map(|(range, guest)| (range.start, guest.clone())));
    }

    /// The entry that shows the module the library, if it needs one: in the first place that is free.
    fn mount(&self, wanted: &Wanted<'_>) -> Option<Mount> {
        wanted.places.iter().filter(|_| self.is_blind).find_map(|(guest, host)| {
            let host = host.strip_prefix(wanted.directory).ok()?.to_str()?.replace('\\', "/");
            let is_free = !self.guests.iter().any(|used| used.trim_end_matches('/') == guest);
            is_free.then_some(Mount { guest: guest.clone(), host })
        })
    }

    /// Where to insert `mount`, and the text to insert; `None` for a form of `volumes` that is not edited.
    fn insertion(&self, text: &str, mount: &Mount) -> Option<(usize, String)> {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let Some((volumes, last)) = &self.volumes else {
            let end = end_of_line(text, self.module.end);
            return Some((end, format!("{newline}volumes = {{ {mount} }}")));
        };
        let source = text.get(volumes.clone())?;
        match (last, source.starts_with('{'), source.starts_with('[')) {
            (None, true, _) => Some((volumes.start + 1, format!(" {mount} "))),
            (Some(last), true, _) => {
                let rest = text.get(last.end..volumes.end)?;
                match rest.trim_start().starts_with(',') {
                    false => Some((last.end, format!(", {mount}"))),
                    true => Some((last.end + rest.find(',')? + 1, format!(" {mount},"))),
                }
            }
            (None, _, true) => Some((end_of_line(text, volumes.end), format!("{newline}{mount}"))),
            (Some(last), _, true) => Some((end_of_line(text, last.end), format!("{newline}{mount}"))),
            _ => None,
        }
    }
}

/// The change that removes an entry of `volumes`; `None` for a form that is not edited.
fn removal(text: &str, entry: &Range<usize>) -> Option<Change> {
    let (before, after) = (text.get(..entry.start)?, text.get(entry.end..)?);
    let preceding = before.trim_end();
    if preceding.ends_with(',') {
        let range = preceding.len() - 1..entry.end;
        return Some(Change { range, text: String::new(), removes_line: false });
    }
    if preceding.ends_with('{') {
        let next = after.trim_start();
        let next = next.strip_prefix(',').map_or(next, str::trim_start);
        let range = entry.start..text.len() - next.len();
        return Some(Change { range, text: String::new(), removes_line: false });
    }
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = end_of_line(text, entry.end);
    let (indent, comment) = (text.get(start..entry.start)?.trim(), text.get(entry.end..end)?.trim_start());
    let is_alone = indent.is_empty() && (comment.is_empty() || comment.starts_with('#'));
    let end = text.get(end..)?.find('\n').map_or(text.len(), |at| end + at + 1);
    is_alone.then(|| Change { range: start..end, text: String::new(), removes_line: true })
}

fn end_of_line(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or_default());
    from + line.trim_end_matches('\r').len()
}

/// The number of the line at an offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&b| b == b'\n').count()
}
