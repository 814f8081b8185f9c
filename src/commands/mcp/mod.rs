//! `pywagi mcp`: the app for an assistant or an editor, by the Model Context Protocol on standard input and output.
//!
//! - `tools`: what a client can call, with its arguments
//! - `session`: the app, and what was asked of it
//! - `dev_server`: a `pywagi dev` of the app that runs
//! - `view`: requests and failures, cut to what a model reads
//!
//! The crate `rmcp` exchanges messages on a thread; tools are called on the thread of the command, one after another.
//! Nothing but messages is written to standard output.

mod dev_server;
mod session;
mod tools;
mod view;

use std::io::{self, IsTerminal};
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc::{self, Sender};

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, CustomRequest, CustomResult, ErrorCode,
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
};
use rmcp::service::{QuitReason, RequestContext, RoleServer, ServerInitializeError};
use rmcp::transport::{async_rw::AsyncRwTransport, stdio};
use rmcp::{ErrorData, ServerHandler, ServiceExt};
use serde_json::Value;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

use crate::cli::Mcp;
use crate::error::{Context, Error, Result};
use crate::guest::Cancellation;
use crate::terminal::Terminal;

use session::ToolSession;
use tools::Tool;

/// The longest message, in bytes: as the largest body of a request.
const LONGEST: usize = 64 << 20;

/// Runs `pywagi mcp` until standard input ends.
///
/// # Errors
/// Fails where the client does not begin as the protocol has it, and where it cannot be answered then.
pub fn run(arguments: &Mcp, terminal: &Terminal) -> Result<()> {
    if io::stdin().is_terminal() {
        terminal.note(
            "Waiting for messages of the Model Context Protocol, as an assistant or an editor sends them; \
             `pywagi help mcp` shows how these start it",
        );
    }
    let (sender, calls) = mpsc::channel();
    let serving = std::thread::Builder::new().name("messages".into()).spawn(move || serve(Server { calls: sender }));
    let serving = serving.context(|| "cannot start a thread for messages")?;
    let mut session = ToolSession::new(arguments, terminal);
    for call in calls {
        call.answer(&mut session);
    }
    serving.join().unwrap_or_else(|panic| Err(Error::panicked("exchanging messages", &*panic)))
}

/// Exchanges messages until standard input ends.
fn serve(server: Server) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_time().build().context(|| "cannot exchange messages")?;
    let (input, output) = stdio();
    let transport = AsyncRwTransport::new_server(input, output).with_max_line_length(LONGEST);
    let served = runtime.block_on(async {
        match server.serve(transport).await {
            Ok(running) => match running.waiting().await {
                Ok(QuitReason::JoinError(why)) | Err(why) => Err(Error::internal(format!("messages: {why}"))),
                Ok(_) => Ok(()),
            },
            // Standard input ended before it began.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(ServerInitializeError::ExpectedInitializeRequest(_)) => {
                Err(Error::new("the first message on standard input is not `initialize`")
                    .remedy("`pywagi help mcp` shows how assistants and editors are told to start this command"))
            }
            Err(ServerInitializeError::TransportError { error, .. }) => {
                Err(Error::new("cannot write to standard output").because(error.error))
            }
            Err(why) => Err(Error::new("cannot exchange messages").because(why)),
        }
    });
    // A thread of its may be reading standard input, which nothing interrupts.
    runtime.shutdown_background();
    served
}

/// What messages are answered with, but for calls of tools without the app.
struct Server {
    calls: Sender<Call>,
}

/// A call of a tool.
struct Call {
    tool: &'static Tool,
    arguments: Value,
    cancellation: Cancellation,
    reply: oneshot::Sender<CallToolResult>,
}

/// Cancels a call once nobody waits for its result.
struct Waiting(Cancellation);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Call {
    fn answer(self, session: &mut ToolSession) {
        let Self { tool, arguments, cancellation, reply } = self;
        if cancellation.is_cancelled() {
            return;
        }
        // A panic in one call must not end the server, as in `dev`.
        let called = panic::catch_unwind(AssertUnwindSafe(|| tool.call(session, arguments, &cancellation)));
        let called = called.unwrap_or_else(|panic| {
            let error = Error::panicked(format_args!("calling the tool {}", tool.name), &*panic);
            session.terminal.error(&error);
            Err(error)
        });
        let text = |text: String| vec![ContentBlock::text(text)];
        // Whoever has cancelled the call in the meantime does not take it.
        let _ = reply.send(match called {
            Ok(value) => CallToolResult::success(text(value.to_string())),
            Err(error) => CallToolResult::error(text(view::error(&error))),
        });
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
            .with_instructions(tools::INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools::list()))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> std::result::Result<CallToolResponse, ErrorData> {
        let tool = tools::find(&request.name).map_err(|why| ErrorData::invalid_params(why, None))?;
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let waiting = Waiting(Cancellation::new());
        let (reply, result) = oneshot::channel();
        // Where nobody takes it, `reply` is dropped with it.
        let _ = self.calls.send(Call { tool, arguments, cancellation: waiting.0.clone(), reply });
        match context.ct.run_until_cancelled(result).await {
            Some(Ok(result)) => Ok(result.into()),
            // A client that has cancelled it is not sent this.
            _ => Err(ErrorData::internal_error("the call was cancelled", None)),
        }
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> std::result::Result<CustomResult, ErrorData> {
        // Requests with parameters of another form are taken for requests of another protocol.
        if request.method == "tools/call" {
            let why = "`tools/call` takes `name`, the name of a tool, and `arguments`, an object";
            return Err(ErrorData::invalid_params(why, None));
        }
        let why = format!("there is no method {:?}: this server has tools and nothing else", request.method);
        Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, why, None))
    }
}
