//! `pywagi mcp`: the app for an assistant or an editor, by the Model Context Protocol on standard input and output.
//!
//! - `protocol`: messages, as lines of JSON
//! - `tools`: what a client can call, with its arguments
//! - `session`: the app, and what was asked of it
//! - `dev_server`: a `pywagi dev` of the app that runs
//! - `view`: requests and failures, cut to what a model reads
//!
//! A thread reads messages and answers what takes no time; tools are called on the thread of the command, one after another.
//! Nothing but messages is written to standard output.

mod dev_server;
mod protocol;
mod session;
mod tools;
mod view;

use std::io::{self, BufRead, IsTerminal};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use parking_lot::Mutex;
use serde_json::Value;

use crate::cli::Mcp;
use crate::error::{Context, Error, Result};
use crate::guest::Cancellation;
use crate::terminal::{self, Terminal};

use protocol::{Line, Message, Request};
use session::ToolSession;

/// The method by which a tool is called.
const CALL: &str = "tools/call";

/// Runs `pywagi mcp` until standard input ends.
///
/// # Errors
/// Fails where standard input cannot be read, and where standard output cannot be written to.
pub fn run(arguments: &Mcp, terminal: &Terminal) -> Result<()> {
    if io::stdin().is_terminal() {
        terminal.note(
            "Waiting for messages of the Model Context Protocol, as an assistant or an editor sends them; \
             `pywagi help mcp` shows how these start it",
        );
    }
    let (sender, jobs) = mpsc::channel();
    let pending = Pending::default();
    let reader = Reader { jobs: sender, pending: pending.clone() };
    let reading = std::thread::Builder::new().name("messages".into()).spawn(move || reader.run(io::stdin().lock()));
    let reading = reading.context(|| "cannot start a thread for messages")?;
    let mut session = ToolSession::new(arguments, terminal);
    for Job { requests, is_batch } in jobs {
        let replies = requests.iter().filter_map(|(request, cancellation)| {
            let reply = (!cancellation.is_cancelled()).then(|| answer(request, cancellation, &mut session));
            pending.remove(&request.id);
            // Whoever cancels a request waits for no answer.
            reply.filter(|_| !cancellation.is_cancelled())
        });
        let replies: Vec<_> = replies.collect();
        if is_batch && !replies.is_empty() {
            send(&replies.into())?;
        } else {
            replies.iter().try_for_each(send)?;
        }
    }
    reading.join().unwrap_or_else(|panic| Err(Error::panicked("reading messages", &*panic)))
}

/// Requests that are answered one after another.
struct Job {
    requests: Vec<(Request, Cancellation)>,
    /// Whether they came together, and are answered together.
    is_batch: bool,
}

/// The requests that are not answered yet, by which they can be cancelled.
#[derive(Clone, Default)]
struct Pending(Arc<Mutex<Vec<(Value, Cancellation)>>>);

impl Pending {
    fn add(&self, id: &Value) -> Cancellation {
        let cancellation = Cancellation::new();
        self.0.lock().push((id.clone(), cancellation.clone()));
        cancellation
    }

    fn remove(&self, id: &Value) {
        self.0.lock().retain(|(other, _)| other != id);
    }

    fn cancel(&self, id: &Value) {
        self.0.lock().iter().filter(|(other, _)| other == id).for_each(|(_, cancellation)| cancellation.cancel());
    }
}

/// Reads messages.
struct Reader {
    jobs: Sender<Job>,
    pending: Pending,
}

impl Reader {
    /// Reads until the input ends.
    fn run(self, mut input: impl BufRead) -> Result<()> {
        while let Some(line) = protocol::read_line(&mut input).context(|| "cannot read standard input")? {
            match line {
                Line::Single(Message::Request(request)) if request.method == CALL => self.queue(vec![request], false),
                Line::Single(Message::Request(request)) => send(&at_once(&request))?,
                Line::Single(message) => self.note(message)?,
                Line::Batch(messages) => {
                    let mut requests = Vec::new();
                    for message in messages {
                        match message {
                            Message::Request(request) => requests.push(request),
                            message => self.note(message)?,
                        }
                    }
                    self.queue(requests, true);
                }
            }
        }
        Ok(())
    }

    fn queue(&self, requests: Vec<Request>, is_batch: bool) {
        let requests = requests.into_iter().map(|request| {
            let cancellation = self.pending.add(&request.id);
            (request, cancellation)
        });
        // Nobody takes it where standard output is closed already: the command ends then.
        let _ = self.jobs.send(Job { requests: requests.collect(), is_batch });
    }

    /// Heeds what wants no answer, and says what is wrong with what is no message.
    fn note(&self, message: Message) -> Result<()> {
        match message {
            Message::Notification { method, params } if method == "notifications/cancelled" => {
                params.get("requestId").into_iter().for_each(|id| self.pending.cancel(id));
                Ok(())
            }
            Message::Invalid(reply) => send(&reply),
            Message::Notification { .. } | Message::Request(_) | Message::Response => Ok(()),
        }
    }
}

/// Answers a request.
fn answer(request: &Request, cancellation: &Cancellation, session: &mut ToolSession) -> Value {
    if request.method != CALL {
        return at_once(request);
    }
    let (tool, arguments) = match tools::called(&request.params) {
        Ok(called) => called,
        Err(why) => return request.refuse(protocol::INVALID_PARAMS, &why),
    };
    // A panic in one call must not end the server, as in `dev`.
    let called = panic::catch_unwind(AssertUnwindSafe(|| tool.call(session, arguments, cancellation)));
    let called = called.unwrap_or_else(|panic| {
        let error = Error::panicked(format_args!("calling the tool {}", tool.name), &*panic);
        session.terminal.error(&error);
        Err(error)
    });
    request.reply(match called {
        Ok(value) => protocol::tool_result(&value.to_string(), false),
        Err(error) => protocol::tool_result(&view::error(&error), true),
    })
}

/// Answers a request that takes no time.
fn at_once(request: &Request) -> Value {
    match request.method.as_str() {
        "initialize" => request.reply(protocol::initialized(&request.params, tools::INSTRUCTIONS)),
        "ping" => request.reply(Value::Object(serde_json::Map::new())),
        "tools/list" => request.reply(tools::list()),
        method => {
            let why = format!("there is no method {method:?}: this server has tools and nothing else");
            request.refuse(protocol::METHOD_NOT_FOUND, &why)
        }
    }
}

fn send(message: &Value) -> Result<()> {
    terminal::print(format!("{message}\n"))
}
