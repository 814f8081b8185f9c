//! What a browser is shown of failures, and pywagi's own pages.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::error::{Error, Kind};
use crate::guest::{Raised, Start};
use crate::inspect::{
    self, Access, Answer, Editor, Entry, Followers, Format, Number, PREFIX, Place, Report, Sources, Store,
};
use crate::pipeline::{self, App, Outcome};
use crate::recording::Id;
use crate::request::Request;
use crate::server::{Refused, Server};
use crate::terminal::Terminal;

use super::prompts::{self, Prompts};
use super::recorder::Recorder;
use super::{Answered, Kept};

/// The environment variable that names the editor.
const EDITOR_VARIABLE: &str = "PYWAGI_EDITOR";

/// The paths of requests to prompts, before the ID of a recording.
const CONSOLE: &str = "console/";

/// Why the variables of a failure are not known that was told to a client without a page.
const NOT_LOOKED_AT: &str =
    "its client was not shown an error page, for which the request is run again; `pywagi replay` shows them";

/// Shows failures and answers requests for pywagi's own pages.
pub struct Pages {
    access: Access,
    editor: Option<Editor>,
    /// `None` where there are no prompts.
    prompts: Option<Prompts>,
    store: Store,
    followers: Followers,
    /// What the URLs of the pages begin with in the log.
    server: String,
    terminal: Terminal,
}

impl Pages {
    /// Pages of `server` for those whom `access` lets in. Lines are opened in the editor that the flag names, else the environment.
    ///
    /// # Errors
    /// Fails where no such editor is known, and where the system has no random bytes for a token.
    pub fn new(
        access: Access,
        server: &Server,
        editor: Option<&str>,
        has_prompts: bool,
        terminal: &Terminal,
    ) -> Result<Self, Error> {
        let named = editor.map(|name| (format!("--editor {name}"), name.to_owned()));
        let of_variable = || {
            let name = std::env::var(EDITOR_VARIABLE).ok().filter(|name| !name.is_empty())?;
            Some((format!("{EDITOR_VARIABLE}={name}"), name))
        };
        let editor = named.or_else(of_variable).map(|(given, name)| {
            Editor::parse(&name)
                .map_err(|remedy| Error::of(Kind::Usage, format!("{given}: no such editor is known")).remedy(remedy))
        });
        let prompts = has_prompts.then(Prompts::new).transpose()?;
        let (editor, store) = (editor.transpose()?, Store::default());
        let (address, url) = (server.address(), server.url());
        // What listens on all addresses is asked by none of them.
        let server = if address.ip().is_unspecified() {
            url.replace(&address.ip().to_string(), "localhost").replace("[localhost]", "localhost")
        } else {
            url
        };
        Ok(Self { access, editor, prompts, store, followers: Followers::default(), server, terminal: terminal.clone() })
    }

    /// The URL of the server.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The URL of the page of the request that is kept next.
    pub fn next_page(&self) -> String {
        format!("{}{}", self.server, inspect::url_of(self.store.next()))
    }

    /// The answer to a request for one of pywagi's own pages; `None` for one of the app.
    pub fn answer(&mut self, request: &Request, app: &App, recorder: &Recorder) -> Option<Answer> {
        let name = request.path.strip_prefix(PREFIX)?;
        Some(match name.strip_prefix(CONSOLE) {
            Some(id) if self.access.check(request).is_ok() => {
                let (status, object) = match self.ask(request, id, app, recorder) {
                    Ok(object) => (200, object),
                    Err((status, why)) => (status, json!({ "error": why })),
                };
                Answer::Response(inspect::json(status, &object))
            }
            _ => inspect::answer(request, &self.access, &self.store),
        })
    }

    /// Answers what is asked at a prompt of the recorded request `id`; or says with a status why not.
    fn ask(&mut self, request: &Request, id: &str, app: &App, recorder: &Recorder) -> Result<Value, (u16, String)> {
        let no_prompts = "there are no prompts: requests are not recorded (--no-record), or the server listens on an address that \
                          other machines reach (--console allows them then)";
        let prompts = self.prompts.as_mut().ok_or((404, no_prompts.to_owned()))?;
        if request.method != "POST" {
            return Err((405, "a question is sent by POST".to_owned()));
        }
        if !prompts.is_token(request.headers.get("X-Pywagi-Token").unwrap_or_default()) {
            self.terminal.step("Console", format_args!("token {}", prompts.token()));
            return Err((401, "Type the token that pywagi shows in its terminal".to_owned()));
        }
        let gone = "the recording of this request is gone: send it again";
        let id: Id = id.parse().map_err(|_| (404, gone.to_owned()))?;
        let recorded = recorder.get(id).ok_or((404, gone.to_owned()))?;
        match prompts.ask(app, (id, &recorded), &request.body) {
            Ok(prompts::Answer::Object(object)) => Ok(object),
            Ok(prompts::Answer::Stands(raised, count)) => {
                let volumes = app.volumes_for(recorded.request.path()).unwrap_or_default();
                let frames = inspect::frames_of(
                    &raised,
                    Sources::of_recording(&volumes, &recorded.request),
                    self.editor.as_ref(),
                );
                Ok(json!({ "count": count, "frames": frames, "html": inspect::stack(&frames).into_string() }))
            }
            Err(why) => Err((422, why)),
        }
    }

    /// Whether a failure is told in another form than plain text, and which.
    pub fn format(&self, request: &Request, outcome: &Outcome) -> Option<Format> {
        let is_ours = outcome.is_explained() || outcome.own.is_some();
        let format = Format::of(request);
        if !is_ours || format == Format::Text {
            return None;
        }
        match self.access.check(request) {
            Ok(()) => Some(format),
            Err(denied) => {
                self.terminal.detail(format_args!("the failure is told as plain text: {denied}"));
                None
            }
        }
    }

    /// Has the answer say what is known of the failure, and gives that back.
    pub fn explain(
        &self,
        format: Format,
        request: &Request,
        outcome: &mut Outcome,
        app: &App,
        (described, recording): (inspect::Described, Option<Id>),
    ) -> Option<Box<Report>> {
        let (raised, environment) = match described {
            Ok((raised, environment)) => (Ok(raised), environment),
            Err(why) => (Err(why), Vec::new()),
        };
        let report = self.report(request, outcome, app, raised, (&environment, recording))?;
        let host = request.headers.get("Host").map(String::from_utf8_lossy).unwrap_or_default();
        let server = format!("{}://{host}", request.scheme.as_str());
        if let Some(response) = inspect::explain(&report, format, &server, self.store.next()) {
            outcome.response = response;
        }
        Some(report)
    }

    /// What is known of the failure, with the exception or why its variables are not known.
    fn report(
        &self,
        request: &Request,
        outcome: &Outcome,
        app: &App,
        raised: Result<Option<Raised>, String>,
        (environment, recording): (&[(String, String)], Option<Id>),
    ) -> Option<Box<Report>> {
        let volumes = app.volumes_for(&request.path).unwrap_or_default();
        let (editor, has_prompts) = (self.editor.as_ref(), self.prompts.is_some());
        let place = Place { volumes: &volumes, editor, environment, recording, has_prompts };
        Report::new(request, outcome, raised, place).map(Box::new)
    }

    /// Keeps a request that was answered; returns its number.
    pub fn keep(
        &mut self,
        answered: Answered,
        kept: Kept,
        (elapsed, send_error): (Duration, Option<String>),
        app: &App,
    ) -> Number {
        let Answered { request, began, outcome, report, again_of, .. } = answered;
        let Kept { recording, given } = kept;
        let report = report.or_else(|| {
            let environment = given.as_ref().map_or(&[][..], |given| &given.environment);
            self.report(&request, &outcome, app, Err(NOT_LOOKED_AT.to_owned()), (environment, recording))
        });
        let request = Arc::unwrap_or_clone(request);
        let has_prompts = self.prompts.is_some() && recording.is_some() && outcome.start == Some(Start::Warm);
        let entry = Entry::new(request, outcome, began, elapsed);
        self.add(Entry { send_error, given, report, recording, has_prompts, again_of, ..entry })
    }

    /// Keeps a request that the server refused before it was one of the app.
    pub fn keep_refused(&mut self, refused: &Refused) {
        let Refused { remote, method, target, refusal } = refused;
        let request = Request { remote: Some(*remote), ..Request::new(method.as_str(), target) };
        let outcome = pipeline::refused(refusal.status, &refusal.message);
        let place = Place {
            volumes: &[],
            editor: None,
            environment: &[],
            recording: None,
            has_prompts: self.prompts.is_some(),
        };
        let report = Report::new(&request, &outcome, Ok(None), place).map(Box::new);
        self.add(Entry { report, ..Entry::new(request, outcome, Timestamp::now(), Duration::ZERO) });
    }

    /// Keeps an entry, and tells those who follow; returns its number.
    fn add(&mut self, entry: Entry) -> Number {
        let number = self.store.keep(entry);
        if let Some(entry) = self.store.get(number) {
            self.followers.kept(entry);
        }
        number
    }

    /// What a client is told of requests from now on.
    pub fn follow(&mut self) -> Receiver<Bytes> {
        self.followers.add(&self.store)
    }
}
