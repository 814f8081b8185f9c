//! The tools, with the arguments that they take.

use rmcp::model::{self, ToolAnnotations};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::{Error, Kind, Result};
use crate::guest::Cancellation;
use crate::recording::Id;

use super::super::test::WrittenRequest;
use super::session::ToolSession;

/// What a model is told of the tools as a whole.
pub const INSTRUCTIONS: &str = "\
Tools for a Python WAGI app: each request runs a script in a sandboxed CPython, as `modules.toml` says. Find a failure with \
`errors` (what failed in the running `pywagi dev`, with traceback and local variables) or `test`, or cause it with `invoke`; \
look further into it with `replay`, which runs the recorded request again exactly as it was, up to any line, and touches \
nothing; mend the file, which counts from the next request on; and verify with `invoke` or `test`. Paths of files are those on this \
machine where a volume of the app holds them.";

/// A tool.
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    title: &'static str,
    description: &'static str,
    /// What its arguments may be, as JSON Schema has it: `properties`, and those that are `required`.
    properties: fn() -> Value,
    required: &'static [&'static str],
    /// Whether it changes nothing.
    is_read_only: bool,
    run: fn(&mut ToolSession, Value, &Cancellation) -> Result<Value>,
}

/// Which requests are meant.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Those that the running `pywagi dev` answered.
    Dev,
    /// Those that `invoke` sent.
    Mcp,
}

/// What `requests` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListArguments {
    pub path: Option<String>,
    /// A text or a number.
    pub status: Option<Value>,
    pub method: Option<String>,
    pub failed: Option<bool>,
    pub after: Option<u64>,
    pub limit: Option<usize>,
    pub from: Option<Origin>,
}

/// What `request` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryArguments {
    pub id: u64,
    pub from: Option<Origin>,
}

/// What `errors` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorArguments {
    pub id: Option<u64>,
    pub limit: Option<usize>,
    pub from: Option<Origin>,
}

/// What `replay` takes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayArguments {
    pub recording: String,
    pub at: Option<String>,
    pub time: Option<u64>,
    pub step: Option<u64>,
    pub frame: Option<usize>,
    #[serde(default)]
    pub evaluate: Vec<String>,
}

/// What `test` takes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestArguments {
    #[serde(default)]
    pub paths: Vec<String>,
    pub filter: Option<String>,
    #[serde(default)]
    pub update: bool,
}

/// What tools without arguments take.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

/// The tools.
const TOOLS: [Tool; 8] = [
    Tool {
        name: "routes",
        title: "List routes",
        description: "The routes of the app in the order in which they are tried: path, script, arguments, volumes, hosts that \
                      it may connect to, the line of modules.toml, and what keeps one from running.",
        properties: || json!({}),
        required: &[],
        is_read_only: true,
        run: |session, arguments, _| read("routes", arguments).and_then(|NoArguments {}| session.routes()),
    },
    Tool {
        name: "check",
        title: "Check the app",
        description: "Finds what is wrong without running a request: mistakes in modules.toml and env files, missing files, scripts \
                      that do not compile, imports that lead nowhere. Each finding has file, line and help.",
        properties: || json!({}),
        required: &[],
        is_read_only: true,
        run: |session, arguments, _| read("check", arguments).and_then(|NoArguments {}| session.check()),
    },
    Tool {
        name: "invoke",
        title: "Send a request",
        description: "Sends a request to the code as it is now, without a server, and gives status, headers, body, standard error, \
                      and for a failure the exception with its calls, source, local variables and help. Calls are innermost first. The \
                      request is recorded: `recording` is what `replay` takes.",
        properties: || {
            let texts = json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
            json!({
                "request": { "type": "string", "description": "Method, path and query, such as \"GET /units?q=m\"; a path alone is GET, or POST with a body" },
                "headers": { "type": "object", "additionalProperties": texts, "description": "Header fields by name" },
                "body": { "type": "string", "description": "The body, as text" },
                "json": { "description": "The body, as JSON of any kind" },
                "form": { "type": "object", "additionalProperties": texts, "description": "The body, as the fields of a form" },
            })
        },
        required: &["request"],
        is_read_only: false,
        run: |session, arguments, cancellation| {
            let written: WrittenRequest = read("invoke", arguments)?;
            session.invoke(written, cancellation)
        },
    },
    Tool {
        name: "requests",
        title: "List requests",
        description: "The last requests with their statuses, the newest first: of the running `pywagi dev` of the app, else of `invoke`.",
        properties: || {
            json!({
                "path": { "type": "string", "description": "A part of path and query" },
                "status": { "type": ["string", "integer"], "description": "A status such as 404, or a class such as \"5xx\"" },
                "method": { "type": "string" },
                "failed": { "type": "boolean", "description": "Only those that failed" },
                "after": { "type": "integer", "minimum": 0, "description": "Only those with a higher `id`" },
                "limit": { "type": "integer", "minimum": 1, "description": "How many at most; 20 if absent" },
                "from": from(),
            })
        },
        required: &[],
        is_read_only: true,
        run: |session, arguments, _| session.requests(read("requests", arguments)?),
    },
    Tool {
        name: "request",
        title: "Read a request",
        description: "One request whole: what was sent, what the script was given, what it answered, its standard error and exception.",
        properties: || json!({ "id": { "type": "integer", "minimum": 1, "description": "As `requests` lists it" }, "from": from() }),
        required: &["id"],
        is_read_only: true,
        run: |session, arguments, _| session.request(read("request", arguments)?),
    },
    Tool {
        name: "errors",
        title: "Read failures",
        description: "The last failures, the newest first, of the running `pywagi dev` of the app, else of `invoke`: the exception with \
                      its calls (innermost first), source, local variables and help, what was printed, and standard error.",
        properties: || {
            json!({
                "id": { "type": "integer", "minimum": 1, "description": "The failure of this request alone" },
                "limit": { "type": "integer", "minimum": 1, "maximum": 20, "description": "How many at most; 1 if absent" },
                "from": from(),
            })
        },
        required: &[],
        is_read_only: true,
        run: |session, arguments, _| session.errors(read("errors", arguments)?),
    },
    Tool {
        name: "replay",
        title: "Look into a request",
        description: "Runs a recorded request again, exactly as it was, up to a line of the app's code, and gives the calls under way with \
                      their local variables; expressions are evaluated there. Without `at` and `step` it stands at the exception that \
                      ended the run, else at its end. Nothing outside is touched: it can read the app's files and write none.",
        properties: || {
            json!({
                "recording": { "type": "string", "description": "What `invoke`, `requests` and `errors` give as `recording`" },
                "at": { "type": "string", "description": "Stand before this line, as FILE:LINE, such as \"code/app.py:12\"" },
                "time": { "type": "integer", "minimum": 1, "description": "With `at`: the how manieth time that the line is to be run; 1 if absent" },
                "step": { "type": "integer", "minimum": 0, "description": "Stand before this step; each line that is run is one, from 0, and `steps` of an answer says how many were run" },
                "frame": { "type": "integer", "minimum": 0, "description": "Evaluate in the call of this number; the innermost of the app's own if absent" },
                "evaluate": { "type": "array", "items": { "type": "string" }, "description": "Python expressions or statements" },
            })
        },
        required: &["recording"],
        is_read_only: true,
        run: |session, arguments, _| session.replay(read("replay", arguments)?),
    },
    Tool {
        name: "test",
        title: "Run tests",
        description: "Runs the tests of the app: requests with what is expected of their answers, in tests/*.toml beside modules.toml. \
                      Gives those that failed with what differs.",
        properties: || {
            json!({
                "paths": { "type": "array", "items": { "type": "string" }, "description": "Files and directories of tests" },
                "filter": { "type": "string", "description": "Only tests with this text in their name or file" },
                "update": { "type": "boolean", "description": "Write snapshots of the app's own tests that differ anew, where the change is meant; `updated` says how many" },
            })
        },
        required: &[],
        is_read_only: false,
        run: |session, arguments, _| session.test(read("test", arguments)?),
    },
];

fn from() -> Value {
    json!({
        "type": "string",
        "enum": ["dev", "mcp"],
        "description": "Of the running `pywagi dev`, or of `invoke`; of `pywagi dev` where one runs, if absent",
    })
}

/// The tools, as `tools/list` describes them.
pub fn list() -> Vec<model::Tool> {
    TOOLS.iter().map(Tool::described).collect()
}

/// The tool of this name.
///
/// # Errors
/// Says which there are where there is none.
pub fn find(name: &str) -> std::result::Result<&'static Tool, String> {
    TOOLS.iter().find(|tool| tool.name == name).ok_or_else(|| {
        let names: Vec<_> = TOOLS.iter().map(|tool| tool.name).collect();
        format!("there is no tool {name:?}; there are {}", names.join(", "))
    })
}

impl Tool {
    /// Calls it.
    ///
    /// # Errors
    /// Fails where the arguments are wrong, and where it cannot do what it is called for.
    pub fn call(&self, session: &mut ToolSession, arguments: Value, cancellation: &Cancellation) -> Result<Value> {
        (self.run)(session, arguments, cancellation)
    }

    fn described(&self) -> model::Tool {
        let schema = model::object(json!({
            "type": "object",
            "properties": (self.properties)(),
            "required": self.required,
            "additionalProperties": false,
        }));
        model::Tool::new(self.name, self.description, schema)
            .with_title(self.title)
            .with_annotations(ToolAnnotations::new().read_only(self.is_read_only).open_world(false))
    }
}

/// Reads the arguments of the tool `name`.
fn read<T: DeserializeOwned>(name: &str, arguments: Value) -> Result<T> {
    serde_json::from_value(arguments).map_err(|why| wrong(name, &why.to_string()))
}

/// The error of arguments that are wrong.
pub fn wrong(name: &str, why: &str) -> Error {
    Error::of(Kind::Usage, format!("the arguments of `{name}` are wrong: {why}"))
}

impl ReplayArguments {
    /// The ID of the recording.
    ///
    /// # Errors
    /// Fails where it is none.
    pub fn id(&self) -> Result<Id> {
        self.recording.parse().map_err(|_| {
            wrong("replay", &format!("{:?} is not the ID of a recording", self.recording))
                .remedy("`invoke`, `requests` and `errors` give it as `recording`")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names that reading arguments of this type knows, by its error for another one.
    fn known<T: DeserializeOwned>() -> Vec<String> {
        let error = serde_json::from_value::<T>(json!({ "~": 1 })).err().expect("no argument is called so").to_string();
        let (_, names) = error.split_once("unknown field `~`").unwrap_or_else(|| panic!("{error}"));
        let mut names: Vec<_> = names.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        names.sort();
        names
    }

    #[test]
    fn the_arguments_that_are_described_are_those_that_are_read() {
        for (name, known) in [
            ("routes", known::<NoArguments>()),
            ("check", known::<NoArguments>()),
            ("invoke", known::<WrittenRequest>()),
            ("requests", known::<ListArguments>()),
            ("request", known::<EntryArguments>()),
            ("errors", known::<ErrorArguments>()),
            ("replay", known::<ReplayArguments>()),
            ("test", known::<TestArguments>()),
        ] {
            let tool = find(name).expect("a tool");
            let properties = (tool.properties)();
            let mut described: Vec<_> = properties.as_object().expect("an object").keys().cloned().collect();
            described.sort();
            assert_eq!(described, known, "{name}");
            assert!(tool.required.iter().all(|name| properties.get(name).is_some()), "{name}");
        }
        assert_eq!(list().len(), TOOLS.len());
    }
}
