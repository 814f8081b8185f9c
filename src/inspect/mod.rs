//! What `dev` shows in a browser besides the app: error pages, and what is below [`PREFIX`].
//!
//! Only what pywagi itself answers looks different to a browser: the answers of scripts stay as they are.

mod access;
mod assets;
mod editor;
mod format;
mod highlight;
mod html;
mod markdown;
mod report;
mod source;

pub use access::{Access, Denied};
pub use editor::Editor;
pub use format::Format;
pub use html::stack;
pub use report::{Place, Report, frames_of};

use crate::request::Request;
use crate::response::Response;

/// What the paths of pywagi's own pages begin with. No route of an app is asked for them.
pub const PREFIX: &str = "/__pywagi/";

/// Answers a request for one of pywagi's own pages.
pub fn answer(request: &Request, access: &Access) -> Response {
    if let Err(denied) = access.check(request) {
        return Response::plain(403, format!("403 Forbidden\n\n{denied}\n"));
    }
    let name = request.path.strip_prefix(PREFIX).unwrap_or_default();
    match name.strip_prefix("assets/").and_then(assets::find) {
        Some(_) if !matches!(request.method.as_str(), "GET" | "HEAD") => {
            Response::plain(405, "405 Method Not Allowed\n\nOnly GET and HEAD are answered here.\n")
        }
        Some(asset) => asset.response(),
        None => Response::plain(404, format!("404 Not Found\n\npywagi has no page {}.\n", request.path)),
    }
}

/// An answer that is an object.
pub fn json(status: u16, object: &impl serde::Serialize) -> Response {
    // Every key is a string, so that it cannot fail.
    page(status, "application/json", serde_json::to_vec(object).unwrap_or_default())
}

/// An answer for those who are let in.
fn page(status: u16, content_type: &str, body: Vec<u8>) -> Response {
    let mut response = Response { body, ..Response::plain(status, "") };
    response.headers.replace("Content-Type", content_type);
    for (name, value) in assets::HEADERS {
        response.headers.push(name, value);
    }
    response
}

/// The answer that says of a failure what `report` has, in the form that the client prefers. Plain text is left to the caller.
pub fn explain(report: &Report, format: Format) -> Option<Response> {
    let (content_type, body) = match format {
        Format::Text => return None,
        Format::Html => ("text/html; charset=utf-8", html::page(report).into_string()),
        Format::Json => ("application/json", report.json()?),
        Format::Markdown => ("text/markdown; charset=utf-8", markdown::page(report)),
    };
    Some(page(report.status, content_type, body.into_bytes()))
}
