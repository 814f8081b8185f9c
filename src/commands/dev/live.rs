//! Pages that reload themselves when a file of the app changes: `--live`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use parking_lot::Mutex;

use crate::inspect::PREFIX;
use crate::pipeline::App;
use crate::request::Request;
use crate::response::Response;
use crate::terminal::Terminal;
use crate::text_file::shown;

/// How long nothing may have changed before pages reload: editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(100);

/// How long after a request what changes may be its own doing.
const OF_REQUEST: Duration = Duration::from_millis(300);

/// The ends of files that are sources, whoever changes them. Others, such as databases, may be written by requests.
const SOURCES: [&str; 19] = [
    "py", "html", "htm", "jinja", "jinja2", "j2", "css", "js", "mjs", "toml", "env", "md", "txt", "svg", "po", "yaml",
    "xml", "wasm", "wat",
];

/// The path that pages ask for the version.
const PATH: &str = "live";

/// Watches the files of an app.
pub struct Live {
    changes: Arc<Mutex<Changes>>,
    watcher: RecommendedWatcher,
    watched: Vec<PathBuf>,
}

/// The changes of files.
struct Changes {
    /// Counts them, from a number that differs from one server to the next.
    version: u64,
    /// The count that pages were told last.
    told: u64,
    last_change: Instant,
    is_answering: bool,
    last_request: Instant,
}

impl Live {
    /// Watches the volumes of `app` and what is beside its modules.toml. What cannot be watched is shown.
    ///
    /// # Errors
    /// Fails where the system watches no files.
    pub fn start(app: &App, terminal: &Terminal) -> notify::Result<Self> {
        let now = Instant::now();
        let first = u64::from(std::process::id()) << 32;
        let changes = Changes { version: first, told: first, last_change: now, is_answering: false, last_request: now };
        let changes = Arc::new(Mutex::new(changes));
        let noting = Arc::clone(&changes);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                noting.lock().note(&event);
            }
        })?;
        let mut live = Self { changes, watcher, watched: Vec::new() };
        live.watch(app, terminal);
        Ok(live)
    }

    /// Watches what `app` has and is not watched yet.
    pub fn watch(&mut self, app: &App, terminal: &Terminal) {
        let manifest = app.manifest();
        let volumes = manifest.modules.iter().flat_map(|module| &module.volumes).map(|volume| volume.host.as_path());
        let beside = [(manifest.directory.as_path(), RecursiveMode::NonRecursive)];
        // A library is replaced by one of another name, as compilers write it: its directory is watched.
        let libraries = manifest.libraries.iter().filter_map(|library| library.module.parent());
        let beside = libraries.map(|path| (path, RecursiveMode::NonRecursive)).chain(beside);
        for (path, mode) in volumes.map(|path| (path, RecursiveMode::Recursive)).chain(beside) {
            if self.watched.iter().any(|watched| watched == path) {
                continue;
            }
            self.watched.push(path.to_owned());
            if let Err(error) = self.watcher.watch(path, mode) {
                terminal.warn(format_args!("changes below {} do not reload pages: {error}", shown(path)));
            }
        }
    }

    /// Notes that a request begins, or ends.
    pub fn set_answering(&self, is_answering: bool) {
        let mut changes = self.changes.lock();
        (changes.is_answering, changes.last_request) = (is_answering, Instant::now());
    }

    /// The answer to a page that asks for the version.
    pub fn answer(&self, request: &Request) -> Option<Response> {
        (request.path.strip_prefix(PREFIX) == Some(PATH)).then(|| Response::plain(200, self.version().to_string()))
    }

    /// The version that pages have when they are made now.
    fn version(&self) -> u64 {
        let mut changes = self.changes.lock();
        if changes.last_change.elapsed() >= QUIET {
            changes.told = changes.version;
        }
        changes.told
    }

    /// Has a page that a browser navigates to reload itself when something changes.
    pub fn inject(&self, request: &Request, response: &mut Response) {
        let header = |name: &str| request.headers.get(name).and_then(|value| std::str::from_utf8(value).ok());
        let is_page = response.headers.get("Content-Type").is_some_and(|value| {
            value.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"text/html"))
                && response.headers.get("Content-Encoding").is_none()
        });
        let is_navigation = request.method == "GET" && header("Sec-Fetch-Dest") == Some("document");
        if is_navigation && is_page && !response.body.is_empty() {
            let version = self.version();
            let script = format!("<script src=\"{PREFIX}assets/live.js\" data-version=\"{version}\" defer></script>\n");
            response.body = [&response.body[..], script.as_bytes()].concat().into();
            // A page that the browser keeps would have the old version, and reload without end.
            response.headers.remove(&["ETag", "Last-Modified", "Expires", "Cache-Control"]);
            response.headers.push("Cache-Control", "no-store");
        }
    }
}

impl Changes {
    fn note(&mut self, event: &Event) {
        let is_change = matches!(event.kind, EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_));
        let may_be_of_request = self.is_answering || self.last_request.elapsed() < OF_REQUEST;
        let counts = |path: &PathBuf| is_source(path) || !may_be_of_request && !is_by_product(path);
        if is_change && event.paths.iter().any(counts) {
            self.version += 1;
            self.last_change = Instant::now();
        }
    }
}

fn is_source(path: &Path) -> bool {
    let end = path.extension().and_then(|end| end.to_str());
    // `.env` is a name without an extension.
    let is_known = end.is_some_and(|end| SOURCES.contains(&end)) || path.ends_with(".env");
    is_known && !is_by_product(path)
}

/// Whether a file is made by tools beside those that a user edits.
fn is_by_product(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Of Python, vim, emacs and others.
    let is_temporary = name.ends_with('~') || name.ends_with(".swp") || name.ends_with(".pyc") || name == "4913";
    is_temporary || name.starts_with(".#") || path.components().any(|part| part.as_os_str() == "__pycache__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_users_edit_is_told_from_what_requests_write() {
        for (path, source, by_product) in [
            ("code/a.py", true, false),
            ("code/templates/a.html", true, false),
            (".env", true, false),
            ("data/shop.db", false, false),
            ("code/__pycache__/a.cpython-312.pyc", false, true),
            ("code/__pycache__/a.py", false, true),
            ("code/a.py~", false, true),
            ("code/.a.py.swp", false, true),
            ("code/.#a.py", false, true),
        ] {
            let path = Path::new(path);
            assert_eq!((is_source(path), is_by_product(path)), (source, by_product), "{path:?}");
        }
    }

    #[test]
    fn a_change_during_a_request_counts_where_it_is_a_source() {
        let old = Instant::now().checked_sub(Duration::from_secs(1)).expect("a clock that has run a second");
        let mut changes = Changes { version: 0, told: 0, last_change: old, is_answering: true, last_request: old };
        let event = |path: &str| Event::new(EventKind::Modify(notify::event::ModifyKind::Any)).add_path(path.into());
        changes.note(&event("data/shop.db"));
        assert_eq!(changes.version, 0);
        changes.note(&event("code/a.py"));
        assert_eq!(changes.version, 1);
        changes.is_answering = false;
        changes.note(&event("data/shop.db"));
        assert_eq!(changes.version, 2);
        changes.note(&Event::new(EventKind::Access(notify::event::AccessKind::Any)).add_path("code/a.py".into()));
        assert_eq!(changes.version, 2);
    }
}
