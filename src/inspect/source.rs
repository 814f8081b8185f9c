//! Source files of guests, read on the host.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use super::highlight::{self, Kind};
use crate::guest::{self, Volume};
use crate::pipeline::volume_of;
use crate::recording::RecordedRequest;

/// How many lines are shown before and after the one that was executed.
const AROUND: usize = 2;

/// The largest source that is shown, in bytes.
const LARGEST: u64 = 4 << 20;

/// The largest source that is coloured, in bytes.
const LARGEST_COLOURED: usize = 256 << 10;

/// The sources in the volumes of a guest.
pub struct Sources<'a> {
    volumes: &'a [Volume],
    /// What a recorded run read of them, by their paths in the guest.
    recorded: BTreeMap<String, Vec<u8>>,
    texts: HashMap<String, Option<Source>>,
}

/// A source file.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is on the host.
    pub path: PathBuf,
    text: String,
    /// What the lines are made of: each piece with its length in bytes.
    colours: Vec<Vec<(Kind, usize)>>,
}

/// Lines of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    /// The number of the first line.
    pub first: u32,
    /// The lines.
    pub lines: Vec<String>,
    /// What of the line that was executed is marked: bytes of UTF-8, from the first to before the last.
    pub marked: Option<(usize, usize)>,
    /// What the lines are made of: each piece with its length in bytes.
    #[serde(skip)]
    pub colours: Vec<Vec<(Kind, usize)>>,
}

impl<'a> Sources<'a> {
    /// Those in `volumes`, as they are.
    pub fn new(volumes: &'a [Volume]) -> Self {
        Self { volumes, recorded: BTreeMap::new(), texts: HashMap::new() }
    }

    /// Those in `volumes`, as they were when a recorded run read them.
    pub fn of_recording(volumes: &'a [Volume], recorded: &RecordedRequest) -> Self {
        Self { recorded: guest::recorded_sources(&recorded.calls, &recorded.volumes), ..Self::new(volumes) }
    }

    /// The volumes.
    pub fn volumes(&self) -> &'a [Volume] {
        self.volumes
    }

    /// The file that a guest sees at `file`. `None` where it is in no volume or is no text.
    pub fn get(&mut self, file: &str) -> Option<&Source> {
        let Self { volumes, recorded, texts } = self;
        let read = || {
            let recorded = recorded.remove(file).and_then(|text| String::from_utf8(text).ok());
            let (path, text) = match recorded {
                Some(text) => (host(volumes, file)?.1, text),
                None => read(volumes, file)?,
            };
            Some(Source::new(path, text))
        };
        texts.entry(file.to_owned()).or_insert_with(read).as_ref()
    }
}

impl Source {
    fn new(path: PathBuf, text: String) -> Self {
        let colours = if text.len() <= LARGEST_COLOURED { highlight::lines(&text) } else { Vec::new() };
        Self { path, text, colours }
    }

    /// The lines around `line`; `None` where it has no such line.
    pub fn around(&self, line: u32, marked: Option<(usize, usize)>) -> Option<Excerpt> {
        let all: Vec<&str> = self.text.lines().collect();
        let index = (line as usize).checked_sub(1).filter(|index| *index < all.len())?;
        let (first, end) = (index.saturating_sub(AROUND), (index + AROUND + 1).min(all.len()));
        let lines = all.get(first..end)?.iter().map(|line| (*line).to_owned()).collect();
        let colours = self.colours.get(first..end).unwrap_or_default().to_vec();
        Some(Excerpt { first: u32::try_from(first).ok()?.checked_add(1)?, lines, marked, colours })
    }
}

impl Excerpt {
    /// A text that is the line of this number.
    pub fn of_line(number: u32, text: &str) -> Self {
        let colours = highlight::lines(text);
        Self { first: number, lines: vec![text.to_owned()], marked: None, colours }
    }

    /// The line of this number.
    pub fn line(&self, number: u32) -> Option<&str> {
        self.lines.get(number.checked_sub(self.first)? as usize).map(String::as_str)
    }
}

/// The directory on the host that has the file, and the path of the file there.
fn host<'a>(volumes: &'a [Volume], file: &str) -> Option<(&'a Path, PathBuf)> {
    let volume = volume_of(file, volumes)?;
    let rest = file.trim_start_matches('/').strip_prefix(volume.guest.trim_matches('/'))?.trim_start_matches('/');
    let is_below = Path::new(rest).components().all(|part| matches!(part, Component::Normal(_)));
    is_below.then(|| (volume.host.as_path(), volume.host.join(rest)))
}

fn read(volumes: &[Volume], file: &str) -> Option<(PathBuf, String)> {
    let (root, path) = host(volumes, file)?;
    // A link that leads out of the volume is none for the guest either.
    if !path.canonicalize().ok()?.starts_with(root.canonicalize().ok()?) || !path.is_file() {
        return None;
    }
    let mut text = Vec::new();
    std::fs::File::open(&path).ok()?.take(LARGEST + 1).read_to_end(&mut text).ok()?;
    let is_small = text.len() as u64 <= LARGEST;
    String::from_utf8(text).ok().filter(|_| is_small).map(|text| (path, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_the_lines_around_one() {
        let source = Source::new(PathBuf::new(), "1\n2\n3\n4\n5\n6".to_owned());
        for (line, first, lines) in [(1, 1, "123"), (4, 2, "23456"), (6, 4, "456")] {
            let excerpt = source.around(line, None).expect("there is such a line");
            assert_eq!((excerpt.first, excerpt.lines.concat().as_str()), (first, lines));
            assert_eq!(excerpt.line(line), Some(line.to_string().as_str()));
            assert_eq!(excerpt.colours.len(), excerpt.lines.len());
        }
        assert!(source.around(0, None).is_none() && source.around(7, None).is_none());
    }

    #[test]
    fn only_what_is_in_a_volume_is_read() {
        let directory = tempfile::tempdir().expect("a directory");
        let code = directory.path().join("code");
        std::fs::create_dir(&code).expect("a directory");
        std::fs::write(code.join("a.py"), "x = 1\n").expect("written");
        std::fs::write(code.join("b.py"), b"\xff").expect("written");
        std::fs::write(directory.path().join("secret.py"), "y = 2\n").expect("written");
        let volumes = [Volume { guest: "/code".to_owned(), host: code.clone(), read_only: false }];
        let mut sources = Sources::new(&volumes);
        let source = sources.get("/code/a.py").expect("it is there");
        assert_eq!((&source.path, &*source.text), (&code.join("a.py"), "x = 1\n"));
        assert!(sources.get("code/a.py").is_some());
        for file in
            ["/code/../secret.py", "/secret.py", "/codea.py", "/code", "/code/b.py", "/code/c.py", "<string>", ""]
        {
            assert_eq!(sources.get(file), None, "{file}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(directory.path().join("secret.py"), code.join("link.py")).expect("a link");
            assert_eq!(sources.get("/code/link.py"), None);
        }
    }
}
