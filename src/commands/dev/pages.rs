//! What a browser is shown of failures, and pywagi's own pages.

use crate::error::{Error, Kind, Result};
use crate::guest::{Raised, Start};
use crate::inspect::{self, Access, Editor, Format, PREFIX, Place, Report};
use crate::pipeline::{self, App, Outcome};
use crate::recording::Id;
use crate::request::Request;
use crate::response::Response;
use crate::terminal::Terminal;

/// The environment variable that names the editor.
const EDITOR_VARIABLE: &str = "PYWAGI_EDITOR";

/// Shows failures and answers requests for pywagi's own pages.
pub struct Pages {
    access: Access,
    editor: Option<Editor>,
    terminal: Terminal,
}

impl Pages {
    /// Pages for those whom `access` lets in. Lines are opened in the editor that the flag names, else the environment.
    ///
    /// # Errors
    /// Fails where no such editor is known.
    pub fn new(access: Access, editor: Option<&str>, terminal: &Terminal) -> Result<Self> {
        let named = editor.map(|name| (format!("--editor {name}"), name.to_owned()));
        let of_variable = || {
            let name = std::env::var(EDITOR_VARIABLE).ok().filter(|name| !name.is_empty())?;
            Some((format!("{EDITOR_VARIABLE}={name}"), name))
        };
        let editor = named.or_else(of_variable).map(|(given, name)| {
            Editor::parse(&name)
                .map_err(|remedy| Error::of(Kind::Usage, format!("{given}: no such editor is known")).remedy(remedy))
        });
        Ok(Self { access, editor: editor.transpose()?, terminal: terminal.clone() })
    }

    /// The answer to a request for one of pywagi's own pages; `None` for one of the app.
    pub fn answer(&self, request: &Request) -> Option<Response> {
        request.path.starts_with(PREFIX).then(|| inspect::answer(request, &self.access))
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

    /// Has the answer say what is known of the failure.
    pub fn explain(
        &self,
        format: Format,
        request: &Request,
        outcome: &mut Outcome,
        app: &App,
        (described, recording): (Described, Option<Id>),
    ) {
        let (raised, environment) = match described {
            Ok((raised, environment)) => (Ok(raised), environment),
            Err(why) => (Err(why), Vec::new()),
        };
        let volumes = app.volumes_for(&request.path).unwrap_or_default();
        let editor = self.editor.as_ref();
        let place = Place { volumes: &volumes, editor, environment: &environment, recording };
        let report = Report::new(request, outcome, raised, place);
        if let Some(response) = report.and_then(|report| inspect::explain(&report, format)) {
            outcome.response = response;
        }
    }
}

/// The exception of a failed run with its variables, if one ended it, and its environment; or why there are none.
type Described = std::result::Result<(Option<Raised>, Vec<(String, String)>), String>;

/// Looks at the run behind a failure again, in a replay.
pub fn describe(app: &App, outcome: &Outcome) -> Described {
    let Some(recorded) = &outcome.recorded else {
        return match outcome.start {
            Some(_) => Err("requests are not recorded (--no-record)".to_owned()),
            None => Ok((None, Vec::new())),
        };
    };
    let environment = recorded.request.environment.clone();
    let has_raised = outcome.failure.as_ref().is_some_and(|failure| failure.raised.is_some());
    let raised = match &outcome.start {
        Some(Start::Warm) if has_raised => Some(pipeline::describe(app, recorded)?),
        Some(Start::Cold(why)) if has_raised => return Err(format!("it was a cold start ({why})")),
        _ => None,
    };
    Ok((raised, environment))
}
