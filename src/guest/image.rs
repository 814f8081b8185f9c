//! A saved interpreter: its linear memory and mutable globals, and what it depends on, in one file.
//!
//! The file is the memory, then a description in JSON, then the description's length and a magic number. Memory is at
//! the beginning so that it can be mapped as it is; its zero pages are holes.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::calls::Surroundings;
use super::dependencies::Dependencies;
use super::memory::{Source, is_zero};
use super::spared::Spared;
use crate::cache::seal;
use crate::hash::Digest;

/// The longest description that is read, in bytes; one has some kilobytes.
const MOST_DESCRIPTION: u64 = 64 << 20;

/// The last bytes of an image file.
const MAGIC: &[u8; 8] = b"pywagi08";

/// The unit in which zero memory is left out.
const PAGE: usize = 4096;

/// The unit of what is stored: a multiple of the page size of every platform, so that the description never shares a
/// page with memory.
const CHUNK: usize = 65536;

/// A value of a mutable global.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum GlobalValue {
    /// `i32`
    I32(i32),
    /// `i64`
    I64(i64),
    /// `f32`, its bits
    F32(u32),
    /// `f64`, its bits
    F64(u64),
}

/// How the host calls into the interpreter.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The index in the function table of the `tp_call` slot of the type of `function`.
    pub call: u32,
    /// The address of the function object.
    pub function: u32,
    /// The address of an empty tuple.
    pub arguments: u32,
    /// The address of the function that takes in a debugger.
    pub debugger: u32,
    /// The address of the byte array by which host and debugger tell each other whose turn it is.
    pub flag: u32,
}

/// What an image has ready for scripts.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Preload {
    /// Modules of the standard library, by name.
    pub modules: Vec<String>,
    /// The directories of installed packages in the guest.
    pub roots: Vec<String>,
    /// Modules of these packages, by name.
    pub packages: Vec<String>,
    /// The app's own modules, by name.
    pub app: Vec<String>,
    /// Environment variables that packages and the app's modules see while they are loaded.
    pub variables: Vec<(String, String)>,
    /// Those of the modules that cannot be loaded early, and modules that these load.
    pub failed: Vec<LeftOut>,
    /// Scripts of the guest and modules that they import, by path.
    pub scripts: Vec<String>,
    /// The app's script that is run once before the interpreter is saved, by path.
    #[serde(default)]
    pub warm_up: Option<String>,
}

/// A module that is not loaded early, or the warm-up script, if it is not run.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The name of the module, or the script's path in the guest.
    pub name: String,
    /// The reason; of a script that raises an exception, the traceback.
    pub why: String,
}

impl LeftOut {
    /// Whether it is the warm-up script.
    pub fn is_script(&self) -> bool {
        self.name.starts_with('/')
    }
}

/// What becomes of it in each request, and why.
impl std::fmt::Display for LeftOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { name, why } = self;
        if self.is_script() {
            let separator = if why.contains('\n') { "\n" } else { " " };
            write!(f, "requests start without the warm-up {name}:{separator}{why}")
        } else {
            write!(f, "{name} is loaded anew in each request: {why}")
        }
    }
}

impl Preload {
    /// Whether this module is known not to be loaded early.
    pub fn has_failed(&self, name: &str) -> bool {
        self.failed.iter().any(|left_out| left_out.name == name)
    }

    /// Those of `modules` that can be loaded early, as far as is known.
    pub fn loadable<'a>(&'a self, modules: &'a [String]) -> impl Iterator<Item = &'a String> {
        modules.iter().filter(|name| !self.has_failed(name))
    }

    /// The modules that are not of the standard library and can be loaded early, as far as is known.
    pub fn others(&self) -> impl Iterator<Item = &String> {
        self.loadable(&self.packages).chain(self.loadable(&self.app))
    }

    /// Whether this module is of an installed package or of the app, or the warm-up script.
    pub fn is_other(&self, name: &str) -> bool {
        self.packages.iter().chain(&self.app).chain(&self.warm_up).any(|other| other == name)
    }

    /// The script to run, unless it is known that it cannot be.
    pub fn runnable_warm_up(&self) -> Option<&String> {
        self.warm_up.as_ref().filter(|path| !self.has_failed(path))
    }

    /// Leaves out the script, for this reason.
    pub fn leave_out_warm_up(&mut self, why: String) {
        let left_out = self.runnable_warm_up().map(|path| LeftOut { name: path.clone(), why });
        self.leave_out(left_out);
    }

    /// Whether it has more than the standard library, which may depend on the time or on random bytes.
    pub fn needs_proof(&self) -> bool {
        self.others().next().is_some() || self.runnable_warm_up().is_some()
    }

    /// For an image of files that have changed: what could not be loaded of them may be now.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { failed: Vec::new(), ..self.clone() }
    }

    /// Leaves out modules, for their reasons; says whether any of them was to be loaded.
    pub fn leave_out(&mut self, failed: impl IntoIterator<Item = LeftOut>) -> bool {
        let mut is_less = false;
        for left_out in failed {
            if !self.has_failed(&left_out.name) {
                is_less |= self.modules.contains(&left_out.name) || self.is_other(&left_out.name);
                self.failed.push(left_out);
            }
        }
        is_less
    }
}

/// What makes an image again, with the input of a run that started from it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// What it was asked to have ready.
    pub(super) preload: Preload,
    /// The surroundings that it was captured in.
    pub(super) surroundings: Surroundings,
}

/// Everything about an image but its memory.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Description {
    /// What the image is for; see `warm::key`.
    pub key: String,
    /// The module's path, shown by `pywagi image list`.
    pub module: PathBuf,
    /// The interpreter's name and options, shown by `pywagi image list`.
    pub arguments: Vec<String>,
    /// The memory's size, in bytes.
    pub size: usize,
    /// How much of it the file holds, in bytes; what follows is zero.
    pub stored: usize,
    /// The exported mutable globals by name.
    pub globals: Vec<(String, GlobalValue)>,
    /// The way in.
    pub entry: Entry,
    /// What start-up writes to standard output, as far as the interpreter does not buffer it.
    pub startup_stdout: Vec<u8>,
    /// What start-up writes to standard error.
    pub startup_stderr: Vec<u8>,
    /// What the warm-up script wrote, to standard output and to standard error.
    pub warm_up_output: String,
    /// The modules of the standard library that were loaded early, all of them.
    pub loaded: Vec<String>,
    /// The other modules that were loaded early, all of them.
    pub others: Vec<String>,
    /// What of modules is made anew when a run imports them: a generator of random numbers, a time, a UUID, by name.
    pub refreshed: Vec<String>,
    /// What a run is known to write, in bytes from the start of memory.
    pub written: Vec<Range<usize>>,
    /// What runs are spared.
    pub spared: Spared,
    /// What it was asked to have ready.
    pub preload: Preload,
    /// Why no request may start from it, if its start-up code forbids that.
    pub refusal: Option<String>,
    /// The files of the host that it was made from, as they were.
    pub dependencies: Dependencies,
    /// The surroundings that it was captured in.
    pub surroundings: Surroundings,
    /// The digest of its memory.
    pub digest: Digest,
}

/// A saved interpreter, ready to be mapped.
#[derive(Debug)]
pub struct Image {
    /// What it is.
    pub(super) description: Description,
    /// Its memory.
    pub(super) source: Source,
}

/// Why a file is no image that can be used.
#[derive(Debug)]
pub enum Unreadable {
    /// It cannot be read, or not be copied.
    Failed(io::Error),
    /// It is none, or one of another version.
    NoImage,
    /// It is another one than the one that was wanted, or its memory is not the one that it describes.
    Other,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "cannot be read: {error}"),
            Self::NoImage => f.write_str("is none, or one of another version of pywagi"),
            Self::Other => f.write_str("is damaged, or another one"),
        }
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl Image {
    /// Writes an image to `path`, sealed, and opens it.
    ///
    /// # Errors
    /// Fails where the file cannot be written.
    pub fn create(path: &Path, mut description: Description, memory: &[u8]) -> io::Result<Self> {
        description.size = memory.len();
        description.stored = stored(memory);
        seal::create(path, |file| write(file, &description, memory))?;
        Self::open(path).ok_or_else(|| io::Error::other("the image that was just written cannot be read"))
    }

    /// Keeps an image in a file without a name, for a process that has no cache to write to.
    ///
    /// # Errors
    /// Fails where no temporary file can be written.
    pub fn unnamed(mut description: Description, memory: &[u8]) -> io::Result<Self> {
        description.size = memory.len();
        description.stored = stored(memory);
        let mut file = tempfile::tempfile()?;
        write(&mut file, &description, memory)?;
        Ok(Self::of(file, description))
    }

    /// Opens the image at `path`; `None` if there is none, or it is damaged or of another form.
    pub fn open(path: &Path) -> Option<Self> {
        let mut file = seal::open(path)?;
        let description = describe(&mut file)?;
        Some(Self::of(file, description))
    }

    /// Reads the image whose memory has this digest from a file that anybody may have written. It is copied to a file
    /// without a name, which nobody can cut off while it is mapped.
    ///
    /// # Errors
    /// Fails where it is another one, damaged, or cannot be copied.
    pub fn read(mut from: impl Read, digest: &Digest) -> Result<Self, Unreadable> {
        let mut file = tempfile::tempfile()?;
        io::copy(&mut from, &mut file)?;
        let description = describe(&mut file).ok_or(Unreadable::NoImage)?;
        if description.digest != *digest {
            return Err(Unreadable::Other);
        }
        file.seek(SeekFrom::Start(0))?;
        let zeros = (description.size - description.stored) as u64;
        let memory = (&file).take(description.stored as u64).chain(io::repeat(0).take(zeros));
        if Digest::of_reader(memory)? != *digest {
            return Err(Unreadable::Other);
        }
        // What runs are expected to write is of no use for one.
        let source = Source::new(file, description.stored, description.size);
        Ok(Self { description, source })
    }

    /// Writes the file of the image to `to`, for [`Image::read`].
    ///
    /// # Errors
    /// Fails where reading or writing does.
    pub fn copy_to(&self, to: &mut impl Write) -> io::Result<u64> {
        io::copy(&mut self.source.reader(), to)
    }

    /// The digest of its memory.
    pub fn digest(&self) -> Digest {
        self.description.digest
    }

    /// What makes it again.
    pub fn origin(&self) -> Origin {
        let Description { preload, surroundings, .. } = &self.description;
        Origin { preload: preload.clone(), surroundings: surroundings.clone() }
    }

    fn of(file: File, description: Description) -> Self {
        let written = description.written.clone();
        let source = Source::with_written(file, description.stored, description.size, written);
        Self { description, source }
    }

    /// Whether the files that it was made from are as they were. Most are looked at without being read.
    pub fn is_current(&self) -> bool {
        self.description.dependencies.are_current()
    }
}

/// How many bytes of `memory` must be stored: up to its last chunk that is not zero.
fn stored(memory: &[u8]) -> usize {
    let last = memory.chunks(CHUNK).rposition(|chunk| !is_zero(chunk));
    last.map_or(0, |i| ((i + 1) * CHUNK).min(memory.len()))
}

fn write(file: &mut File, description: &Description, memory: &[u8]) -> io::Result<()> {
    // Runs of pages that are not zero; the rest become holes.
    let mut start = 0;
    let memory = memory.get(..description.stored).unwrap_or(memory);
    while start < memory.len() {
        let page = |i: usize| memory.get(i..(i + PAGE).min(memory.len())).unwrap_or_default();
        let mut end = start;
        while end < memory.len() && !is_zero(page(end)) {
            end += PAGE;
        }
        if end > start {
            file.seek(SeekFrom::Start(start as u64))?;
            file.write_all(memory.get(start..end.min(memory.len())).unwrap_or_default())?;
        }
        start = end + PAGE;
    }
    let text = serde_json::to_vec(description)?;
    file.seek(SeekFrom::Start(description.stored as u64))?;
    file.write_all(&text)?;
    file.write_all(&(text.len() as u64).to_le_bytes())?;
    file.write_all(MAGIC)
}

/// Reads the description at the end of `file`, checking that the parts fit each other.
pub fn describe(file: &mut (impl Read + Seek)) -> Option<Description> {
    let end = file.seek(SeekFrom::End(-16)).ok()?;
    let mut tail = [0; 16];
    file.read_exact(&mut tail).ok()?;
    let (length, magic) = tail.split_at(8);
    if magic != MAGIC {
        return None;
    }
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let start = end.checked_sub(length).filter(|_| length <= MOST_DESCRIPTION)?;
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut text = Vec::new();
    file.take(length).read_to_end(&mut text).ok()?;
    let description: Description = serde_json::from_slice(&text).ok()?;
    let fits = u64::try_from(description.stored).ok()? == start
        && description.stored <= description.size
        && description.stored.is_multiple_of(CHUNK)
        && description.size.is_multiple_of(65536)
        && description.size as u64 <= 1 << 32;
    fits.then_some(description)
}

#[cfg(test)]
impl Image {
    /// An image of empty memory.
    pub fn empty() -> Self {
        Self::unnamed(tests::description(), &[]).expect("a temporary file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn description() -> Description {
        Description {
            key: "k".into(),
            module: "python3.wasm".into(),
            arguments: vec!["python".into()],
            size: 0,
            stored: 0,
            globals: vec![("pywagi:global:0".into(), GlobalValue::I32(7))],
            entry: Entry { call: 1, function: 2, arguments: 3, debugger: 4, flag: 5 },
            startup_stdout: b"y".to_vec(),
            startup_stderr: b"x".to_vec(),
            warm_up_output: String::new(),
            others: Vec::new(),
            refreshed: Vec::new(),
            loaded: vec!["json".into()],
            written: vec![0..4096, 8192..12288],
            spared: Spared::default(),
            preload: Preload { modules: vec!["json".into()], ..Preload::default() },
            refusal: None,
            dependencies: Dependencies::default(),
            surroundings: Surroundings::default(),
            digest: Digest::of("memory"),
        }
    }

    #[test]
    fn an_image_is_read_back_as_it_was_written() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let mut memory = vec![0; 4 * 65536];
        memory[5] = 1;
        memory[70_000] = 2;
        let image = Image::create(&dir.path().join("i"), description(), &memory).expect("written");
        assert_eq!(image.description.size, memory.len());
        assert_eq!(image.description.stored, 2 * CHUNK);
        assert_eq!(image.description.entry, description().entry);
        let mut content = vec![0; image.description.stored];
        image.source.reader().read_exact(&mut content).expect("readable");
        assert!(content == memory[..content.len()]);
    }

    #[test]
    fn an_image_from_elsewhere_is_the_one_that_was_wanted_or_refused() {
        let mut memory = vec![0; 4 * 65536];
        memory[70_000] = 2;
        let digest = Digest::of(&memory);
        let image = Image::unnamed(Description { digest, ..description() }, &memory).expect("written");
        let mut file = Vec::new();
        image.copy_to(&mut file).expect("a vector takes everything");
        let read = Image::read(&file[..], &digest).expect("an image");
        assert_eq!((read.digest(), read.origin()), (digest, image.origin()));
        assert!(matches!(Image::read(&file[..], &Digest::of("another")), Err(Unreadable::Other)));
        assert!(matches!(Image::read(&file[..file.len() - 1], &digest), Err(Unreadable::NoImage)));
        assert!(matches!(Image::read(&b""[..], &digest), Err(Unreadable::NoImage)));
        file[70_000] = 3;
        assert!(matches!(Image::read(&file[..], &digest), Err(Unreadable::Other)));
    }

    #[test]
    fn no_bytes_are_mistaken_for_an_image() {
        let mut file = tempfile::tempfile().expect("a temporary file");
        let mut described = description();
        described.size = 65536;
        write(&mut file, &described, &[]).expect("written");
        let mut good = Vec::new();
        file.seek(SeekFrom::Start(0)).expect("a file can be sought");
        file.read_to_end(&mut good).expect("readable");
        assert!(describe(&mut io::Cursor::new(&good)).is_some());
        for cut in 0..good.len() {
            assert!(describe(&mut io::Cursor::new(&good[..cut])).is_none(), "cut at {cut}");
            let mut bad = good.clone();
            bad[cut] ^= 0xff;
            let _ = describe(&mut io::Cursor::new(&bad));
        }
    }
}
