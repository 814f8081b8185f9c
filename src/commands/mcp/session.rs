//! The app that a client works with, and the requests that it sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::cli::{AppOptions, Mcp, Test};
use crate::error::{Error, Kind, Result};
use crate::guest::{Cancellation, Stand};
use crate::inspect::{self, Entry, Given, PREFIX, Place, Report, Sources, Store};
use crate::manifest;
use crate::paths;
use crate::pipeline::{self, App, Options, Replayable, Said, StandingRuns};
use crate::recording::{self, Id};
use crate::terminal::Terminal;
use crate::text_file::shown;

use super::super::app::{AppLoader, Runs};
use super::super::image_saver::ImageSaver;
use super::super::reloading_app::ReloadingApp;
use super::super::test::WrittenRequest;
use super::super::{check, replay, routes, test};
use super::dev_server::DevServer;
use super::tools::{EntryArguments, ErrorArguments, ListArguments, Origin, ReplayArguments, TestArguments, wrong};
use super::view;

/// How many requests are listed where the client does not say.
const LISTED: usize = 20;

/// How many failures are read at most: each may be replayed.
const MOST_ERRORS: usize = 20;

/// What the tools work with.
pub struct ToolSession {
    options: AppOptions,
    /// `None` until the app could be loaded once.
    app: Option<ReloadingApp>,
    store: Store,
    recordings: recording::store::Store,
    runs: StandingRuns,
    saver: ImageSaver,
    said: Said,
    /// Where what happens beside the answers is told.
    pub terminal: Terminal,
}

/// Where requests are read from.
enum Source {
    Dev(DevServer),
    Mcp,
}

impl ToolSession {
    /// A session with the app that the flags name, which need not be there yet.
    pub fn new(arguments: &Mcp, terminal: &Terminal) -> Self {
        let mut options = AppOptions::from(&arguments.app);
        options.limits.max_body = Options::default().max_body;
        let (store, recordings, runs, said) = Default::default();
        let (saver, terminal) = (ImageSaver::start(terminal), terminal.clone());
        Self { options, app: None, store, recordings, runs, saver, said, terminal }
    }

    /// The app as its files are now, to answer a request of `path`.
    fn app(&mut self, path: &str) -> Result<&App> {
        let app = match self.app.take() {
            Some(app) => app,
            None => {
                let runs = Runs { records: true, ..Runs::default() };
                ReloadingApp::load(AppLoader::new(&self.options, runs, &self.terminal)?, &self.terminal)?
            }
        };
        self.app.insert(app).refresh(path).map_err(Error::copy)
    }

    /// The tool `routes`.
    pub fn routes(&mut self) -> Result<Value> {
        Ok(json!({ "routes": routes::records(self.app("/")?)? }))
    }

    /// The tool `check`.
    pub fn check(&mut self) -> Result<Value> {
        let checked = check::check(&self.options, &self.terminal)?;
        serde_json::to_value(checked).map_err(no_json)
    }

    /// The tool `test`.
    pub fn test(&mut self, arguments: TestArguments) -> Result<Value> {
        let TestArguments { paths, filter, update } = arguments;
        if update && !paths.is_empty() {
            return Err(wrong("test", "`update` is for the app's own tests: give `filter`, not `paths`"));
        }
        let paths = paths.into_iter().map(PathBuf::from).collect();
        let arguments = Test { paths, filter, update, ..Test::default() };
        let terminal = self.terminal.clone();
        let results = test::results(self.app("/")?, &arguments, &terminal)?;
        let (passed, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(|result| result.has_passed);
        let failures = serde_json::to_value(&failed).map_err(no_json)?;
        let mut told = json!({ "passed": passed.len(), "failed": failed.len(), "failures": failures });
        if update {
            told["updated"] = passed.iter().chain(&failed).filter(|result| result.has_updated).count().into();
        }
        Ok(told)
    }

    /// The tool `invoke`.
    pub fn invoke(&mut self, written: WrittenRequest, cancellation: &Cancellation) -> Result<Value> {
        let request = written.read().map_err(|why| wrong("invoke", &why))?;
        if request.path.starts_with(PREFIX) {
            let why = format!("{} is a page of pywagi, not of the app", request.path);
            return Err(Error::of(Kind::Usage, why).remedy("`requests` and `errors` read what those pages show"));
        }
        let terminal = self.terminal.clone();
        let app = self.app(&request.path)?;
        app.check_route(&request.path)?;
        if let Some((_, why)) = app.warm_up_for(&request.path) {
            terminal.detail(format_args!("each request starts an interpreter: {why}"));
        }
        let (began, clock) = (Timestamp::now(), Instant::now());
        let mut outcome = pipeline::handle(app, &request, Arc::new(|_| ()), cancellation.clone());
        let elapsed = clock.elapsed();
        let described = inspect::describe(app, &outcome);
        let (raised, environment) = match described {
            Ok((raised, environment)) => (Ok(raised), environment),
            Err(why) => (Err(why), Vec::new()),
        };
        let volumes = app.volumes_for(&request.path).unwrap_or_default();
        app.tidy();
        self.said.tell(&mut outcome);
        if let Some(improvement) = outcome.improvement.take() {
            self.saver.save(improvement);
        }
        let recorded = outcome.recorded.take();
        let recording = recorded.as_ref().and_then(|recorded| self.recordings.keep(recorded).0);
        let given = recorded.map(|recorded| Given {
            arguments: recorded.request.arguments.clone(),
            environment: recorded.request.environment.clone(),
        });
        let place = Place { volumes: &volumes, editor: None, environment: &environment, recording, has_prompts: false };
        let report = Report::new(&request, &outcome, raised, place).map(Box::new);
        let entry = Entry::new(request, outcome, began, elapsed);
        let id = self.store.keep(Entry { given, report, recording, ..entry });
        Ok(view::answered(&get(&Source::Mcp, &self.store, &format!("requests/{id}"))?))
    }

    /// The tool `requests`.
    pub fn requests(&mut self, arguments: ListArguments) -> Result<Value> {
        let ListArguments { path, status, method, failed, after, limit, from } = arguments;
        let source = self.source(from)?;
        let status = match status {
            Some(Value::String(status)) => Some(status),
            Some(Value::Number(status)) => Some(status.to_string()),
            Some(other) => return Err(wrong("requests", &format!("status={other} is neither a text nor a number"))),
            None => None,
        };
        let limit = Some(limit.unwrap_or(LISTED).to_string());
        let (failed, after) = (failed.map(|failed| failed.to_string()), after.map(|after| after.to_string()));
        let pairs = [
            ("path", path),
            ("status", status),
            ("method", method),
            ("failed", failed),
            ("after", after),
            ("limit", limit),
        ];
        let query = pairs.into_iter().filter_map(|(name, value)| {
            value.map(|value| format!("{name}={}", utf8_percent_encode(&value, NON_ALPHANUMERIC)))
        });
        let list = get(&source, &self.store, &format!("requests?{}", query.collect::<Vec<_>>().join("&")))?;
        let requests = list["requests"].as_array().into_iter().flatten().map(view::listed).collect();
        Ok(told(&source, "requests", requests))
    }

    /// The tool `request`.
    pub fn request(&mut self, arguments: EntryArguments) -> Result<Value> {
        let EntryArguments { id, from } = arguments;
        let source = self.source(from)?;
        let mut entry = get(&source, &self.store, &format!("requests/{id}"))?;
        self.describe(&mut entry);
        Ok(told(&source, "request", view::whole(&entry)))
    }

    /// The tool `errors`.
    pub fn errors(&mut self, arguments: ErrorArguments) -> Result<Value> {
        let ErrorArguments { id, limit, from } = arguments;
        let source = self.source(from)?;
        let mut entries = match id {
            Some(id) => vec![get(&source, &self.store, &format!("requests/{id}"))?],
            None => {
                let limit = limit.unwrap_or(1).min(MOST_ERRORS);
                let mut list = get(&source, &self.store, &format!("errors?limit={limit}"))?;
                list["requests"].as_array_mut().map(std::mem::take).unwrap_or_default()
            }
        };
        entries.iter_mut().for_each(|entry| self.describe(entry));
        Ok(told(&source, "errors", entries.iter().map(view::failed).collect()))
    }

    /// The tool `replay`.
    pub fn replay(&mut self, arguments: ReplayArguments) -> Result<Value> {
        let id = arguments.id()?;
        let stand = self.stand(&arguments)?;
        let ReplayArguments { frame, evaluate, .. } = arguments;
        let Self { runs, app, recordings, options, terminal, .. } = self;
        let source = || replayable(id, recordings, app.as_ref(), options, terminal).map_err(|e| view::error(&e));
        let view = runs.ask(id, &stand, source, |run| {
            let first = run.stands_at.exceptions.first();
            let frames = inspect::frames_of(&run.stands_at, Sources::of_recording(&run.volumes, &run.request), None);
            let place = match (&stand, first.filter(|first| !first.class.is_empty())) {
                (Stand::Step(_) | Stand::Line { .. }, _) if run.is_reached => "before the line of its innermost call",
                (_, Some(_)) => "at the exception that ended the run",
                (_, None) => "at the end of the run",
            };
            let numbers = 0..first.map_or(0, |first| first.frames.len());
            let of_first = frames.iter().filter(|frame| frame.number.is_some_and(|number| numbers.contains(&number)));
            // They are innermost first.
            let own = of_first.clone().find(|frame| frame.own).or_else(|| of_first.clone().next());
            let frame = frame.or_else(|| own?.number).unwrap_or_default();
            let mut view = view::stands(place, run.steps, &serde_json::to_value(&frames).unwrap_or_default());
            if !run.is_reached {
                view.insert("note".to_owned(), not_reached(&stand).into());
            }
            let evaluated = evaluate.iter().map(|text| {
                let mut answer = run.evaluate(frame, text)?;
                answer["evaluated"] = text.as_str().into();
                Ok(answer)
            });
            let evaluated = evaluated.collect::<std::result::Result<Vec<_>, String>>()?;
            if !evaluated.is_empty() {
                view.insert("evaluated".to_owned(), evaluated.into());
            }
            Ok(Value::from(view))
        });
        view.map_err(|why| Error::new(format!("the recording {id} cannot be looked into: {why}")))
    }

    /// Where a replay is to stand.
    fn stand(&self, arguments: &ReplayArguments) -> Result<Stand> {
        let ReplayArguments { at, time, step, .. } = arguments;
        let at = match (at, step, time) {
            (Some(_), Some(_), _) => return Err(wrong("replay", "give `at` or `step`, not both")),
            (None, _, Some(_)) => return Err(wrong("replay", "`time` goes with `at`")),
            (None, Some(step), None) => return Ok(Stand::Step(*step)),
            (None, None, None) => return Ok(Stand::End),
            (Some(at), None, _) => at,
        };
        let parts = at.rsplit_once(':').and_then(|(file, line)| Some((file, line.trim().parse().ok()?)));
        let (file, line) = parts
            .filter(|(file, line)| !file.is_empty() && *line > 0)
            .ok_or_else(|| wrong("replay", &format!("`at` is FILE:LINE, such as \"code/app.py:12\", not {at:?}")))?;
        Ok(Stand::Line { file: self.guest_path(file), line, time: time.unwrap_or(1).max(1) })
    }

    /// The path by which guests know `file`, which may be one on this machine, else the last parts of it as they are given.
    fn guest_path(&self, file: &str) -> String {
        let given = || file.trim_start_matches("./").to_owned();
        let Some(app) = &self.app else { return given() };
        let manifest = app.app().manifest();
        let absolute = |path: &Path| paths::absolute(path).ok();
        let Some(path) = absolute(&manifest.directory.join(file)) else { return given() };
        let volumes = manifest.modules.iter().flat_map(|module| &module.volumes);
        let mut found = volumes.filter_map(|volume| {
            let rest = path.strip_prefix(absolute(&volume.host)?).ok()?;
            let parts: Vec<_> = rest.iter().map(|part| part.to_string_lossy()).collect();
            Some(format!("{}/{}", volume.guest.trim_end_matches('/'), parts.join("/")))
        });
        found.next().unwrap_or_else(given)
    }

    /// Adds the variables to a failure whose client was not shown them, by a replay.
    fn describe(&self, entry: &mut Value) {
        let report = &entry["report"];
        let has_frames = |exception: &Value| exception["frames"].as_array().is_some_and(|frames| !frames.is_empty());
        let has_exceptions = report["exceptions"].as_array().is_some_and(|all| all.iter().any(has_frames));
        let id = entry["recording"].as_str().and_then(|id| id.parse::<Id>().ok());
        let Some(id) = id.filter(|_| has_exceptions && report["is_replayed"] == false && entry["start"] == "warm")
        else {
            return;
        };
        let source = replayable(id, &self.recordings, self.app.as_ref(), &self.options, &self.terminal);
        let described = source.map_err(|error| view::error(&error)).and_then(|source| {
            let sources = Sources::of_recording(&source.volumes, &source.recorded.request);
            let exceptions = inspect::exceptions_of(&pipeline::describe(&source)?, sources);
            serde_json::to_value(exceptions).map_err(|error| error.to_string())
        });
        match described {
            Ok(exceptions) => {
                entry["report"]["exceptions"] = exceptions;
                entry["report"]["without_variables"] = Value::Null;
            }
            Err(why) => entry["report"]["without_variables"] = why.into(),
        }
    }

    /// Where requests are read from.
    fn source(&self, from: Option<Origin>) -> Result<Source> {
        if from == Some(Origin::Mcp) {
            return Ok(Source::Mcp);
        }
        let manifest = manifest::find(self.options.config.as_deref())?;
        match (DevServer::find(&manifest)?, from) {
            (Some(server), _) => Ok(Source::Dev(server)),
            (None, Some(Origin::Dev)) => Err(Error::new(format!("no `pywagi dev` of {} is found", shown(&manifest)))
                .remedy(
                    "start it with `pywagi dev`; one with --no-inspect or --no-record is not found. Without it, `invoke` \
                     sends requests",
                )),
            (None, _) => Ok(Source::Mcp),
        }
    }
}

/// What runs the recording `id` again: one of these, else one of a `pywagi dev` of the app.
fn replayable(
    id: Id,
    recordings: &recording::store::Store,
    app: Option<&ReloadingApp>,
    options: &AppOptions,
    terminal: &Terminal,
) -> Result<Replayable> {
    match (recordings.get(id), app) {
        (Some(recorded), Some(app)) => Replayable::of(app.app(), &recorded).map_err(Error::new),
        _ => replay::replayable(options.config.as_deref(), id, terminal),
    }
}

/// What the API has of `target`.
fn get(source: &Source, store: &Store, target: &str) -> Result<Value> {
    let (status, body) = match source {
        Source::Dev(server) => server.get(target)?,
        Source::Mcp => {
            let response = inspect::api_answer(target, store);
            (response.status, response.body.to_vec())
        }
    };
    let value: Option<Value> = serde_json::from_slice(&body).ok();
    match value {
        Some(value) if status == 200 => Ok(value),
        Some(value) if value["error"].is_string() => {
            Err(Error::of(Kind::Usage, value["error"].as_str().unwrap_or_default()))
        }
        _ => {
            let text = String::from_utf8_lossy(&body).into_owned();
            Err(Error::new(format!("the pages of `pywagi dev` are refused with status {status}: {}", text.trim())))
        }
    }
}

/// An answer that says where it is from.
fn told(source: &Source, name: &str, value: Value) -> Value {
    let from = match source {
        Source::Dev(server) => format!("pywagi dev at {}", server.url()),
        Source::Mcp => "invoke".to_owned(),
    };
    json!({ "from": from, name: value })
}

/// Why a run does not stand where it was to.
fn not_reached(stand: &Stand) -> String {
    match stand {
        Stand::Line { file, line, time } => {
            let times = if *time == 1 { String::new() } else { format!(" {time} times") };
            format!("the run did not come to {file}:{line}{times}")
        }
        Stand::Step(step) => format!("the run has no step {step}"),
        Stand::End => "the run did not come to its end".to_owned(),
    }
}

fn no_json(error: serde_json::Error) -> Error {
    Error::internal(format!("an answer is no JSON: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;

    #[test]
    fn a_server_that_refuses_or_does_not_answer_is_told_with_its_text() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let source = Source::Dev(DevServer::at(&url).expect("a client"));
        let told = || get(&source, &Store::default(), "errors?limit=1").expect_err("it is refused");
        let answers = std::thread::spawn(move || {
            for (status, body) in
                [("403 Forbidden", "403 Forbidden\n\nnot you\n"), ("400 Bad Request", "{\"error\":\"why\"}")]
            {
                let (mut client, _) = listener.accept().expect("a client");
                let mut line = String::new();
                BufReader::new(&client).read_line(&mut line).expect("a request");
                assert_eq!(line, "GET /__pywagi/api/errors?limit=1 HTTP/1.1\r\n");
                let length = body.len();
                let answer =
                    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
                client.write_all(answer.as_bytes()).expect("the client reads");
            }
        });
        let refused = "the pages of `pywagi dev` are refused with status 403: 403 Forbidden\n\nnot you";
        assert_eq!(told().to_string(), refused);
        assert_eq!(told().to_string(), "why");
        answers.join().expect("both were asked for");
        let gone = told();
        let start = format!("`pywagi dev` at {url} does not answer: ");
        assert!(gone.to_string().starts_with(&start), "{gone}");
        let remedy = "see in its terminal whether it runs, and whether a request is under way";
        assert_eq!(gone.remedy_text(), Some(remedy));
    }
}
