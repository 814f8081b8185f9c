//! What is known of a failure, as the pages show it.

use std::path::Path;

use serde::Serialize;

use crate::guest::{Link, Raised, RaisedException, RaisedFrame, SyntaxPlace, Variable, Volume};
use crate::paths;
use crate::pipeline::{GuestFailure, Outcome, OwnAnswer, is_own};
use crate::recording::Id;
use crate::request::Request;
use crate::response::head::default_reason;
use crate::text_file::shown;

use super::source::{Excerpt, Sources};
use super::{Editor, decode};

/// More than any line has bytes: what is marked goes on in the next one.
const END_OF_LINE: usize = 1 << 30;

/// The most of what was printed that is shown, in bytes.
const MOST_PRINTED: usize = 64 << 10;

/// A failure, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The status of the answer.
    pub status: u16,
    /// The status with its reason.
    pub title: String,
    /// What happened, on one line.
    pub message: String,
    /// The part of the output that shows what is wrong.
    pub evidence: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The one command that mends it.
    pub command: Option<String>,
    /// The exceptions, the one that ended the run first.
    pub exceptions: Vec<ShownException>,
    /// What was being executed when the run was stopped, the innermost first.
    pub stopped_at: Vec<ShownFrame>,
    /// Why variables are not shown.
    pub without_variables: Option<String>,
    /// Whether the variables are those of a replay, in which a debugger can look at more.
    pub is_replayed: bool,
    /// Whether there are prompts in the frames.
    pub has_prompts: bool,
    /// The routes of the app, where none matched.
    pub routes: Vec<String>,
    /// The request.
    pub request: ShownRequest,
    /// The environment that the script was given; nothing where it is not known.
    pub environment: Vec<(String, String)>,
    /// The route that matched.
    pub route: Option<String>,
    /// The module that ran.
    pub module: Option<String>,
    /// What the script had printed.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// The ID of the recording, for `pywagi replay`.
    pub recording: Option<Id>,
}

/// An exception, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownException {
    /// How it belongs to the one that ended the run.
    pub belongs: Option<String>,
    /// Its class.
    pub class: String,
    /// Its text.
    pub message: String,
    /// Notes that were added to it.
    pub notes: Vec<String>,
    /// The place of a syntax error.
    pub syntax: Option<ShownFrame>,
    /// What was being executed, the innermost first.
    pub frames: Vec<ShownFrame>,
}

/// A call, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownFrame {
    /// Its number among all that are told, by which its prompt asks; none for the place of a syntax error.
    pub number: Option<usize>,
    /// The file, as the guest sees it.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The function; empty for the place of a syntax error.
    pub function: String,
    /// Where the file is on the host.
    pub host: Option<String>,
    /// The URL that opens it in the user's editor.
    pub editor: Option<String>,
    /// Whether it is the user's code.
    pub own: bool,
    /// How many calls in a row are alike.
    pub repeats: u32,
    /// How many frames that were called by it are not known.
    pub omitted_after: u32,
    /// The lines around the one that was executed.
    pub source: Option<Excerpt>,
    /// The variables.
    pub variables: Vec<Variable>,
}

/// A request, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct ShownRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The header fields.
    pub headers: Vec<(String, String)>,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The cookies.
    pub cookies: Vec<(String, String)>,
    /// The fields of a form, decoded.
    pub form: Vec<(String, String)>,
    /// The size of the body, in bytes.
    pub body_size: usize,
}

/// Where a failure is shown.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The volumes of the script.
    pub volumes: &'a [Volume],
    /// The editor that lines are opened in.
    pub editor: Option<&'a Editor>,
    /// The environment of the script.
    pub environment: &'a [(String, String)],
    /// The ID of the recording.
    pub recording: Option<Id>,
    /// Whether there are prompts.
    pub has_prompts: bool,
}

impl Report {
    /// What is known of an outcome that pywagi itself answers; `None` where a script gave the answer. `described` is its
    /// exception with variables, or why there are none.
    pub fn new(
        request: &Request,
        outcome: &Outcome,
        described: Result<Option<Raised>, String>,
        place: Place<'_>,
    ) -> Option<Self> {
        let report = match (&outcome.failure, &outcome.own) {
            (Some(failure), _) if outcome.is_explained() => Self::of_failure(failure, described, place),
            (_, Some(own)) => Self::of_own(own),
            _ => return None,
        };
        Some(Self {
            status: outcome.response.status,
            title: format!("{} {}", outcome.response.status, default_reason(outcome.response.status)),
            request: ShownRequest::new(request),
            environment: masked_pairs(place.environment),
            route: outcome.route.clone(),
            module: outcome.module.as_deref().map(shown),
            stdout: text(&outcome.printed),
            stderr: text(&outcome.stderr),
            recording: place.recording,
            ..report
        })
    }

    fn of_failure(failure: &GuestFailure, described: Result<Option<Raised>, String>, place: Place<'_>) -> Self {
        let sources = Sources::new(place.volumes);
        let is_replayed = matches!(described, Ok(Some(_)));
        let (raised, without_variables) = match described {
            Ok(raised) => (raised.or_else(|| failure.raised.clone()), None),
            Err(why) => (failure.raised.clone(), failure.raised.as_ref().is_some_and(has_frames).then_some(why)),
        };
        let mut raised = raised.unwrap_or_default();
        if let (Some(first), Some(exception)) = (raised.exceptions.first_mut(), &failure.exception)
            && first.message.is_none()
        {
            first.message = Some(exception.message.clone());
        }
        let all = &raised.exceptions;
        let mut viewer = Viewer { sources, editor: place.editor, number: 0 };
        Self {
            message: if raised.exceptions.is_empty() { failure.to_string() } else { failure.happened() },
            evidence: failure.evidence.clone(),
            help: failure.help.clone(),
            command: failure.command.clone(),
            exceptions: all.iter().map(|each| viewer.exception(each, all)).collect(),
            stopped_at: viewer.frames(&failure.stopped_at),
            without_variables,
            is_replayed,
            has_prompts: is_replayed && place.has_prompts && place.recording.is_some(),
            ..Self::of_own(&OwnAnswer::new(500, ""))
        }
    }

    fn of_own(own: &OwnAnswer) -> Self {
        Self {
            status: own.status,
            title: own.title(),
            message: own.message.clone(),
            evidence: None,
            help: own.help.clone(),
            command: None,
            exceptions: Vec::new(),
            stopped_at: Vec::new(),
            without_variables: None,
            is_replayed: false,
            has_prompts: false,
            routes: own.routes.clone(),
            request: ShownRequest::default(),
            environment: Vec::new(),
            route: None,
            module: None,
            stdout: String::new(),
            stderr: String::new(),
            recording: None,
        }
    }

    /// How much memory it takes, roughly, in bytes.
    pub fn size(&self) -> usize {
        serde_json::to_vec(self).map_or(0, |json| json.len())
    }

    /// The report as an object, indented.
    pub fn json(&self) -> Option<String> {
        // Every key is a string, so that it cannot fail.
        serde_json::to_string_pretty(self).ok().map(|text| text + "\n")
    }
}

impl Default for ShownRequest {
    fn default() -> Self {
        Self::new(&Request::new("GET", "/"))
    }
}

impl ShownRequest {
    fn new(request: &Request) -> Self {
        let headers = &request.headers;
        Self {
            method: request.method.clone(),
            target: request.target(),
            headers: masked_pairs(&decode::header_pairs(headers)),
            query: masked_pairs(&decode::pairs(request.query.as_deref().unwrap_or_default())),
            cookies: decode::cookies(headers),
            form: masked_pairs(&decode::form(headers, &request.body)),
            body_size: request.body.len(),
        }
    }
}

/// Whether there are calls whose variables could be shown.
fn has_frames(raised: &Raised) -> bool {
    raised.exceptions.iter().any(|exception| !exception.frames.is_empty())
}

/// Names and values, those of secrets masked.
pub fn masked_pairs(pairs: &[(String, String)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect()
}

/// The value of what has this name, unless it is a secret by its name. `debug/report.py` has the same rule for variables.
fn masked(name: &str, value: &str) -> String {
    const SECRET: [&str; 9] =
        ["password", "passwd", "secret", "token", "apikey", "api_key", "private_key", "credential", "authorization"];
    let name = name.to_lowercase().replace('-', "_");
    let is_secret = name == "key" || name.ends_with("_key") || SECRET.iter().any(|part| name.contains(part));
    if is_secret { "********".to_owned() } else { value.to_owned() }
}

/// What was printed, as text, cut where it is long.
fn text(bytes: &[u8]) -> String {
    match bytes.get(..MOST_PRINTED).filter(|_| bytes.len() > MOST_PRINTED) {
        Some(start) => format!("{}\n… {} bytes more", String::from_utf8_lossy(start), bytes.len() - MOST_PRINTED),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The frames of a run that stands still, the innermost first.
pub fn frames_of(raised: &Raised, sources: Sources<'_>, editor: Option<&Editor>) -> Vec<ShownFrame> {
    let mut viewer = Viewer { sources, editor, number: 0 };
    raised.exceptions.iter().flat_map(|exception| viewer.frames(&exception.frames)).collect()
}

/// The exceptions of a failed run, the one that ended it first.
pub fn exceptions_of(raised: &Raised, sources: Sources<'_>) -> Vec<ShownException> {
    let mut viewer = Viewer { sources, editor: None, number: 0 };
    raised.exceptions.iter().map(|each| viewer.exception(each, &raised.exceptions)).collect()
}

/// Makes what is shown of what is told.
struct Viewer<'a> {
    sources: Sources<'a>,
    editor: Option<&'a Editor>,
    /// How many frames there were until now.
    number: usize,
}

impl Viewer<'_> {
    fn exception(&mut self, exception: &RaisedException, all: &[RaisedException]) -> ShownException {
        let belongs = exception.belongs.map(|(other, link)| {
            let other = all.get(other).map(|other| other.class.as_str()).unwrap_or_default();
            match link {
                Link::Cause => format!("the direct cause of the {other}"),
                Link::Context => format!("being handled when the {other} was raised"),
                Link::Member => format!("one of the {other}"),
            }
        });
        ShownException {
            belongs,
            class: exception.class.clone(),
            message: exception.message.clone().unwrap_or_default(),
            notes: exception.notes.clone(),
            syntax: exception.syntax.as_ref().map(|place| self.syntax(place)),
            frames: self.frames(&exception.frames),
        }
    }

    /// Frames, the innermost first.
    fn frames(&mut self, frames: &[RaisedFrame]) -> Vec<ShownFrame> {
        let after = frames.iter().skip(1).map(|frame| frame.omitted_before).chain([0]);
        let mut shown = Vec::with_capacity(frames.len());
        for (frame, omitted_after) in frames.iter().zip(after) {
            let columns = frame.columns.map(|(from, to)| {
                // What goes on in further lines is marked to the end of the first.
                let is_one_line = frame.end_line.is_none_or(|end| end == frame.line);
                (from as usize, if is_one_line { to as usize } else { END_OF_LINE })
            });
            let number = Some(self.number);
            self.number += 1;
            let place = self.place(&frame.file, frame.line, columns);
            let (function, variables) = (frame.function.clone(), frame.variables.clone());
            shown.push(ShownFrame { number, function, repeats: frame.repeats, omitted_after, variables, ..place });
        }
        shown.reverse();
        shown
    }

    fn syntax(&mut self, place: &SyntaxPlace) -> ShownFrame {
        let (file, line) = (place.file.as_deref().unwrap_or("<string>"), place.line.unwrap_or(1));
        let mut shown = self.place(file, line, None);
        // What was compiled may be no file.
        let of_text = || Excerpt::of_line(line, place.text.as_deref().unwrap_or_default().trim_end());
        let excerpt = shown.source.get_or_insert_with(of_text);
        let text = excerpt.line(line).unwrap_or_default();
        // Columns are characters, from 1.
        let byte = |column: u32| {
            let index = column.saturating_sub(1) as usize;
            text.char_indices().map(|(at, _)| at).nth(index).unwrap_or(text.len())
        };
        let end = place.end_column.filter(|_| place.end_line.is_none_or(|end| end == line));
        excerpt.marked = place.column.map(|from| {
            let from = byte(from);
            (from, end.map_or(text.len(), byte).max(from + 1))
        });
        shown
    }

    fn place(&mut self, file: &str, line: u32, columns: Option<(usize, usize)>) -> ShownFrame {
        let own = is_own(file, self.sources.volumes());
        let found = self.sources.get(file);
        let host = found.map(|source| source.path.clone());
        let column = columns.map_or(1, |(from, _)| u32::try_from(from).unwrap_or(0).saturating_add(1));
        let url = |path: &Path, editor: &Editor| editor.url(&paths::absolute(path).unwrap_or_default(), line, column);
        ShownFrame {
            number: None,
            file: file.to_owned(),
            line,
            function: String::new(),
            editor: host.as_deref().zip(self.editor).map(|(path, editor)| url(path, editor)),
            own,
            repeats: 1,
            omitted_after: 0,
            source: found.and_then(|source| source.around(line, columns)),
            host: host.as_deref().map(shown),
            variables: Vec::new(),
        }
    }
}
