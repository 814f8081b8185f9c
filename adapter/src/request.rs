//! From a request to the interpreter's answer: route, variables and arguments by the contract, then a call.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use wagi_contract::cgi::{self, Matched, Variables};
use wagi_contract::component::{App, Module};
use wagi_contract::message::{self, Answer};
use wagi_contract::request::Request;
use wagi_contract::response::Response;
use wagi_contract::route::Pattern;
use wasip2::http::types::IncomingRequest;

use crate::answer::{self, Ended};
use crate::files::Files;
use crate::guest;
use crate::http;
use crate::network::Network;
use crate::state::{self, Input};

/// The path of the request, in a template of arguments.
const PATH: &str = "${SCRIPT_NAME}";

/// Answers a request.
pub fn handle(incoming: &IncomingRequest) {
    let Some(app) = guest::description().app() else {
        return http::send(&Response::plain(500, "500 Internal Server Error\n\nThis component is damaged.\n"));
    };
    let request = match http::read(incoming, app.max_body) {
        Ok(request) => request,
        Err(refusal) => return http::send(&refusal),
    };
    state::with(|state| {
        state.about = format!("{} {}", request.method, request.path);
        state.is_head = request.method == "HEAD";
    });
    match prepare(&app, request) {
        Ok(()) => answer::finish(run(&app)),
        Err(response) => http::send(&response),
    }
}

/// Finds what answers, and makes its input ready.
fn prepare(app: &App<'static>, request: Request) -> Result<(), Response> {
    let find = |module| {
        let pattern = Pattern::parse(module_route(module)).ok()?;
        let path_info = pattern.path_info(&request.path)?.into();
        Some((module, pattern, path_info))
    };
    let found: Option<(&Module<'static>, Pattern, String)> = app.modules.iter().find_map(find);
    let Some((module, pattern, path_info)) = found else {
        let healthy = request.path == "/healthz" && matches!(request.method.as_str(), "GET" | "HEAD");
        return Err(if healthy { Response::plain(200, "OK") } else { not_found(&request) });
    };
    let matched = Matched {
        pattern: &pattern,
        path_info: &path_info,
        default_host: app.default_host,
        pass_authorization: module.pass_authorization,
    };
    let variables = variables(app, module, &request, matched);
    let arguments = cgi::arguments(Some(module.argv), &request.path, request.query.as_deref());
    if let Some(place) = cgi::find_nul(&variables, &arguments) {
        let why = format!("400 Bad Request\n\n{place} would hold a NUL byte, which no guest can be given.\n");
        return Err(Response::plain(400, why));
    }
    let files = Files::new(guest::description(), &app.volumes, &module.trees);
    let files = files.map_err(|volume| no_directory(&request, &volume))?;
    let start = module.start as usize;
    let from_path = module.argv.split_whitespace().nth(start).is_some_and(|word| word.contains(PATH));
    if from_path && !arguments.get(start).is_some_and(|script| files.has_script(script)) {
        return Err(not_found(&request));
    }
    let pairs = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let message = message::encode(module.kind, start, &arguments, pairs);
    state::with(|state| {
        state.input = Input::new(message, request.body);
        state.output.extend_from_slice(app.startup_stdout);
        state.files = files;
        state.network = Network::new(module.allowed_hosts.clone(), &app.volumes);
    });
    http::log_bytes(app.startup_stderr);
    Ok(())
}

fn module_route<'a>(module: &Module<'a>) -> &'a str {
    module.route
}

/// The variables of a request. What the host gives is over what modules.toml says.
fn variables(app: &App<'_>, module: &Module<'_>, request: &Request, matched: Matched<'_>) -> Vec<(String, String)> {
    let given = module.environment.iter().map(|(name, value)| ((*name).into(), (*value).into()));
    let mut variables: Variables = given.collect();
    if !app.host_variables.is_empty() {
        let of_host = wasip2::cli::environment::get_environment().into_iter();
        variables.extend(of_host.filter(|(name, _)| app.host_variables.contains(&name.as_str())));
    }
    cgi::set_variables(&mut variables, request, matched);
    variables.into_iter().collect()
}

/// Who runs the component is to see it, in the answer as well.
fn no_directory(request: &Request, volume: &str) -> Response {
    let why = format!("the host gives no directory {volume}, which `pywagi build --writable {volume}` asks for");
    http::log(&format!(
        "{} {}: 500: {why}; with wasmtime: wasmtime serve -S cli --dir DIRECTORY::{volume}\n",
        request.method, request.path
    ));
    Response::plain(500, format!("500 Internal Server Error\n\nThis component cannot run: {why}.\n"))
}

fn not_found(request: &Request) -> Response {
    Response::plain(404, format!("404 Not Found\n\nThere is nothing at {}.\n", request.path))
}

/// Runs the interpreter.
fn run(app: &App<'_>) -> Ended {
    match guest::call(app.entry).map(Answer::parse) {
        Some(Answer::Exited(Some(code), _)) => Ended::Exited(code),
        Some(Answer::Declined(reason)) => Ended::Declined(reason),
        Some(Answer::Exited(None, _)) | None => Ended::Failed,
    }
}
