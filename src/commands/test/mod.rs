//! `pywagi test`: requests and what is expected of their answers, through the pipeline without a socket.

mod check;
mod file;
mod junit;
mod pattern;
mod save;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use console::Style;
use parking_lot::Mutex;
use serde::Serialize;

use crate::cli::{AppOptions, Test as Arguments};
use crate::error::{Context, Error, Kind, Result};
use crate::guest::{Cancellation, Gain, GuestThread, Improvement};
use crate::pipeline::{self, App, Options};
use crate::terminal::{self, Terminal};
use crate::text_file::shown;

use super::app::{self, Runs};
use super::image_saver::tell;
pub use save::{check_name, save};

use check::{Fault, Verdict};
pub use file::WrittenRequest;
use file::{Test, TestFile};

/// The directory of tests, beside modules.toml.
pub const DIRECTORY: &str = "tests";

/// A test that was run.
struct Ran<'a> {
    file: &'a Path,
    test: &'a Test,
    verdict: Verdict,
    time: Duration,
    stderr: Vec<u8>,
}

/// The result of a test, for those who read it as data.
#[derive(Debug, Serialize)]
pub struct TestResult {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The line at which it begins.
    pub line: usize,
    /// Whether the answer is as expected.
    pub has_passed: bool,
    /// Whether its snapshot was written anew.
    #[serde(skip)]
    pub has_updated: bool,
    /// How long it took.
    pub duration_ms: f64,
    /// What is not as expected.
    pub faults: Vec<Fault>,
    /// What the script wrote to standard error.
    pub stderr: String,
}

/// What all workers share.
struct Shared<'a> {
    app: &'a App,
    arguments: &'a Arguments,
    terminal: &'a Terminal,
    files: &'a [TestFile],
    /// Whether each result is printed as it comes.
    is_shown: bool,
    /// The number of the file that is run next.
    next: AtomicUsize,
    /// Held while an interpreter is saved: the workers that need it wait for it.
    saving: Mutex<()>,
    ran: Mutex<Vec<Ran<'a>>>,
}

/// Runs `pywagi test`: the files at once, the tests of each in order.
///
/// # Errors
/// Fails where a file is none, where the app cannot be loaded, and where a test fails.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Result<()> {
    let mut options = AppOptions::from(&arguments.app);
    options.limits.max_body = Options::default().max_body;
    let app = app::load(&options, Runs::default(), terminal)?;
    let files = files(&app, arguments)?;
    let start = Instant::now();
    let ran = run_all(&app, &files, (arguments, true), terminal)?;
    if let Some(path) = &arguments.junit {
        junit::write(path, &ran)?;
    }
    let failed = ran.iter().filter(|ran| !ran.verdict.faults.is_empty()).count();
    let updated = ran.iter().filter(|ran| ran.verdict.has_updated).count();
    if updated > 0 {
        terminal.step("Updated", counted(updated, "snapshot"));
    }
    let (count, time) = (counted(ran.len(), "test"), start.elapsed().as_secs_f64());
    if failed > 0 {
        return Err(Error::new(format!("{failed} of {count} failed, in {time:.2} s")));
    }
    terminal.step("Passed", format_args!("{count} in {time:.2} s"));
    Ok(())
}

/// Runs tests of `app`, and prints nothing.
///
/// # Errors
/// Fails where a file is none, and where there is no test.
pub fn results(app: &App, arguments: &Arguments, terminal: &Terminal) -> Result<Vec<TestResult>> {
    let files = files(app, arguments)?;
    let mut ran = run_all(app, &files, (arguments, false), terminal)?;
    ran.sort_by_key(|ran| (ran.file, ran.test.line));
    let result = |Ran { file, test, verdict, time, stderr }: Ran<'_>| TestResult {
        name: test.name.clone(),
        file: shown(file),
        line: test.line,
        has_passed: verdict.faults.is_empty(),
        has_updated: verdict.has_updated,
        duration_ms: time.as_secs_f64() * 1e3,
        faults: verdict.faults,
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    };
    Ok(ran.into_iter().map(result).collect())
}

/// The files with the tests that are asked for.
fn files(app: &App, arguments: &Arguments) -> Result<Vec<TestFile>> {
    let mut files = read(&arguments.paths, &app.manifest().directory.join(DIRECTORY))?;
    if let Some(filter) = &arguments.filter {
        for file in &mut files {
            let path = shown(&file.path);
            file.tests.retain(|test| test.name.contains(filter) || path.contains(filter));
        }
    }
    files.retain(|file| !file.tests.is_empty());
    if files.is_empty() {
        let filter =
            arguments.filter.as_deref().map_or_else(String::new, |filter| format!(" with {filter:?} in its name"));
        return Err(Error::of(Kind::Usage, format!("there is no test{filter}"))
            .remedy("`pywagi invoke PATH --save-test NAME` writes one; `pywagi help test` shows what it holds"));
    }
    Ok(files)
}

/// Runs all tests of these files, several files at once.
fn run_all<'a>(
    app: &'a App,
    files: &'a [TestFile],
    (arguments, is_shown): (&'a Arguments, bool),
    terminal: &'a Terminal,
) -> Result<Vec<Ran<'a>>> {
    for (module, why) in app.warm_up() {
        terminal.detail(format_args!("{} starts from scratch for each request: {why}", shown(module)));
    }
    let (next, saving, ran) = Default::default();
    let shared = Shared { app, arguments, terminal, files, is_shown, next, saving, ran };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let workers = arguments.jobs.unwrap_or(workers).clamp(1, files.len().max(1));
    std::thread::scope(|scope| {
        let work = || shared.work();
        let threads: Vec<_> = (0..workers)
            .map(|_| GuestThread::new("tests").spawn_scoped(scope, work).context(|| "cannot start a thread for tests"))
            .collect::<Result<_>>()?;
        for thread in threads {
            thread.join().unwrap_or_else(|panic| Err(Error::panicked("running tests", &*panic)))?;
        }
        Ok::<(), Error>(())
    })?;
    Ok(shared.ran.into_inner())
}

fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}

/// The files at these paths, and those in directories; without a path those of the app.
fn read(paths: &[PathBuf], directory: &Path) -> Result<Vec<TestFile>> {
    let own = [directory.to_owned()];
    let paths = if paths.is_empty() { &own } else { paths };
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).context(|| format!("cannot read the directory {}", shown(path)))?;
            let entries = entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>();
            let entries = entries.context(|| format!("cannot read the directory {}", shown(path)))?;
            found.extend(entries.into_iter().filter(|path| path.extension().is_some_and(|end| end == "toml")));
        } else if path.exists() || !std::ptr::eq(paths, &own) {
            found.push(path.clone());
        }
    }
    found.sort();
    found.dedup();
    let (files, errors): (Vec<_>, Vec<_>) = found.iter().map(|path| TestFile::read(path)).partition(Result::is_ok);
    let errors: Vec<_> = errors.into_iter().filter_map(Result::err).collect();
    if errors.is_empty() { Ok(files.into_iter().filter_map(Result::ok).collect()) } else { Err(Error::all(errors)) }
}

impl<'a> Shared<'a> {
    /// Runs one file after another until none is left.
    fn work(&self) -> Result<()> {
        while let Some(file) = self.files.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            for test in &file.tests {
                let ran = self.run(&file.path, test)?;
                if self.is_shown {
                    self.show(&ran)?;
                }
                self.ran.lock().push(ran);
            }
        }
        Ok(())
    }

    fn run(&self, file: &'a Path, test: &'a Test) -> Result<Ran<'a>> {
        let start = Instant::now();
        let outcome = pipeline::handle(self.app, &test.request, Arc::new(|_| ()), Cancellation::new());
        let time = start.elapsed();
        let verdict = test.expect.judge(&outcome, time, self.arguments.update)?;
        if let Some(improvement) = &outcome.improvement {
            self.learn(improvement);
        }
        Ok(Ran { file, test, verdict, time, stderr: outcome.stderr })
    }

    /// Saves an interpreter that makes later tests faster, unless little is to be gained.
    fn learn(&self, improvement: &Improvement) {
        if improvement.gain() == Gain::Few {
            return;
        }
        let _saving = self.saving.lock();
        match improvement.make() {
            Ok(left_out) => left_out.iter().for_each(|left_out| tell(left_out, self.terminal)),
            Err(why) => self.terminal.detail(format_args!("each request starts an interpreter: {why}")),
        }
    }

    /// One line for a test, and below it what is wrong.
    fn show(&self, ran: &Ran<'_>) -> Result<()> {
        let paint = |style: Style, text: &str| self.terminal.paint(style, text);
        let Ran { file, test, verdict, time, stderr } = ran;
        let has_passed = verdict.faults.is_empty();
        if has_passed && self.terminal.is_quiet() {
            return Ok(());
        }
        let label =
            if has_passed { paint(Style::new().green(), "ok") } else { paint(Style::new().red().bold(), "FAILED") };
        let place = format!("{}:{}", shown(file), test.line);
        let time = paint(Style::new().dim(), &format!("{:.1} ms", time.as_secs_f64() * 1e3));
        let mut text = format!("{label}  {place}  {}  {time}\n", test.name.replace(char::is_control, " "));
        for fault in &verdict.faults {
            text.push_str(&format!("    {}\n", fault.what.replace('\n', "\n    ")));
            for line in fault.difference.lines() {
                let style = match line.as_bytes().first() {
                    Some(b'+') => Style::new().green(),
                    Some(b'-') => Style::new().red(),
                    _ => Style::new(),
                };
                text.push_str(&format!("      {}\n", paint(style, line)));
            }
        }
        if !has_passed && !stderr.is_empty() {
            text.push_str("    standard error:\n");
            String::from_utf8_lossy(stderr).lines().for_each(|line| text.push_str(&format!("      {line}\n")));
        }
        terminal::print(text)
    }
}
