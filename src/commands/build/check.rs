//! `pywagi build --check`: what was built answers as the app does here.

use std::sync::Arc;

use crate::build::{Built, Given, Host};
use crate::error::{Context, Error, Result};
use crate::guest::Cancellation;
use crate::pipeline::{self, App};
use crate::request::Request;
use crate::response::{Response, quote};
use crate::route::Pattern;
use crate::terminal::Terminal;

/// Sends a GET for each route to the component and to the app, and compares the answers.
///
/// # Errors
/// Fails where the component gives no answer, or another status or type of content than the app.
pub fn check(app: &App, built: &Built, variables: &[(String, String)], terminal: &Terminal) -> Result<()> {
    let failed = |e: wasmtime::Error| Error::new(format!("what was built does not run: {e:#}"));
    let bar = terminal.spinner("Checking", "what was built");
    // The directories are the app's own, to which `pywagi invoke` writes as well.
    let given = Given {
        variables: variables.to_vec(),
        directories: built.directories.clone(),
        network: built.network,
        ..Given::default()
    };
    let host = Host::new(&wasmtime::Engine::default(), &built.component, given).map_err(failed)?;
    bar.finish_and_clear();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context(|| "cannot start what drives the component")?;
    for route in &built.routes {
        let pattern = Pattern::parse(route).map_err(|e| Error::internal(e.why))?;
        let path = Some(pattern.script_name()).filter(|path| !path.is_empty()).unwrap_or("/");
        let mut request = Request::new("GET", path);
        request.headers.push("Host", "localhost");
        let here = pipeline::handle(app, &request, Arc::new(|_| ()), Cancellation::new()).response;
        let there = runtime.block_on(host.answer(&request)).map_err(|e| {
            let log = String::from_utf8_lossy(&host.log()).trim_end().to_owned();
            Error::new(format!("GET {path}: what was built gives no answer: {e:#}"))
                .remedy(format!("it logged:\n{log}"))
        })?;
        let length = there.body.len();
        if let Some(difference) = difference(&here, &there) {
            let log = String::from_utf8_lossy(&host.log()).trim_end().to_owned();
            let error =
                Error::new(format!("GET {path}: what was built answers otherwise than `pywagi invoke`: {difference}"));
            return Err(if log.is_empty() { error } else { error.remedy(format!("it logged:\n{log}")) });
        }
        let same = match first_difference(&here.body, &there.body) {
            None => "as `pywagi invoke`".to_owned(),
            Some(at) => format!(
                "as `pywagi invoke` but for the body from byte {at} on, {} in place of {}, which may be a time or a random number",
                quote(part(&there.body, at)),
                quote(part(&here.body, at)),
            ),
        };
        terminal.step("Checked", format_args!("GET {path}: {}, {length} bytes, {same}", there.status));
    }
    Ok(())
}

/// What of two answers differs that should not.
fn difference(here: &Response, there: &Response) -> Option<String> {
    if here.status != there.status {
        return Some(format!("status {} in place of {}", there.status, here.status));
    }
    let kind = |response: &Response| response.headers.get("Content-Type").map(quote).unwrap_or_default();
    (kind(here) != kind(there)).then(|| format!("the type {} in place of {}", kind(there), kind(here)))
}

/// The first byte that differs.
fn first_difference(here: &[u8], there: &[u8]) -> Option<usize> {
    let differs = here.iter().zip(there).position(|(here, there)| here != there);
    differs.or_else(|| (here.len() != there.len()).then(|| here.len().min(there.len())))
}

/// Some bytes from `at` on.
fn part(body: &[u8], at: usize) -> &[u8] {
    const SHOWN: usize = 20;
    let rest = body.get(at..).unwrap_or_default();
    rest.get(..SHOWN).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_apart() {
        let text = |status, body: &str| Response::plain(status, body);
        assert_eq!(difference(&text(200, "a"), &text(200, "b")), None);
        assert_eq!(difference(&text(200, "a"), &text(500, "a")).as_deref(), Some("status 500 in place of 200"));
        let mut html = text(200, "a");
        html.headers.replace("Content-Type", "text/html");
        let expected = r#"the type "text/html" in place of "text/plain; charset=utf-8""#;
        assert_eq!(difference(&text(200, "a"), &html).as_deref(), Some(expected));
        assert_eq!(first_difference(b"abc", b"abd"), Some(2));
        assert_eq!(first_difference(b"abc", b"ab"), Some(2));
        assert_eq!(first_difference(b"abc", b"abc"), None);
        assert_eq!(part(b"abc", 9), b"");
    }
}
