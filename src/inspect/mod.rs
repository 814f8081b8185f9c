//! What `dev` shows in a browser besides the app: error pages, and what is below [`PREFIX`].
//!
//! - `store`: the last requests, for the pages and for `api`, which gives them as JSON
//! - `pages`: the requests as pages
//! - `report`: a failure as it is shown, by `html` and `markdown`
//! - `events`: the requests as they come
//! - `access`: who may see all that
//!
//! Only what pywagi itself answers looks different to a browser: the answers of scripts stay as they are.

mod access;
mod api;
mod assets;
mod decode;
mod described;
mod editor;
mod events;
mod filter;
mod format;
mod highlight;
mod html;
mod markdown;
mod pages;
mod report;
mod source;
mod store;

pub use access::{Access, Denied};
pub use api::{PATHS, not_sent, saved, sent};
pub use described::{Described, describe};
pub use editor::Editor;
pub use events::Followers;
pub use format::Format;
pub use html::stack;
pub use report::{Place, Report, exceptions_of, frames_of};
pub use source::Sources;
pub use store::{Entry, Given, Number, Store};

use bytes::Bytes;

use crate::request::Request;
use crate::response::Response;

/// What the paths of pywagi's own pages begin with. No route of an app is asked for them.
pub const PREFIX: &str = "/__pywagi/";

/// The header by which an error page names the request that it is about.
const REQUEST_HEADER: &str = "X-Pywagi-Request";

/// What is done with a request for one of pywagi's own pages.
pub enum Answer {
    /// It has this answer.
    Response(Response),
    /// A request of the app is sent again.
    Send(Box<Again>),
    /// A request of the app and its answer become a test.
    Save(Box<Saved>),
    /// It has this answer, and events follow.
    Follow(Response),
}

/// A request that is sent again.
pub struct Again {
    /// The request, as it is sent.
    pub request: Request,
    /// The one that it was made of.
    pub of: Number,
}

/// A request that becomes a test.
pub struct Saved {
    /// The name of the test.
    pub name: String,
    /// The request.
    pub request: Request,
    /// Its answer.
    pub response: Response,
}

/// The path of the page of a request.
pub fn url_of(id: Number) -> String {
    format!("{PREFIX}requests/{id}")
}

/// Answers a request for one of pywagi's own pages.
pub fn answer(request: &Request, access: &Access, store: &Store) -> Answer {
    if let Err(denied) = access.check(request) {
        return Answer::Response(Response::plain(403, format!("403 Forbidden\n\n{denied}\n")));
    }
    let segments: Vec<_> = request.path.strip_prefix(PREFIX).unwrap_or_default().split('/').collect();
    if let ["api", segments @ ..] = &segments[..] {
        return api::answer(segments, request, store);
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD") {
        return Answer::Response(Response::plain(
            405,
            "405 Method Not Allowed\n\nOnly GET and HEAD are answered here.\n",
        ));
    }
    let found = match &segments[..] {
        ["assets", name] => assets::find(name).map(assets::Asset::response),
        _ => pages::find(&segments, request, store),
    };
    let none = || Response::plain(404, format!("404 Not Found\n\npywagi has no page {}.\n", request.path));
    Answer::Response(found.unwrap_or_else(none))
}

/// What the API answers to GET of `target`, a path below it with a query, in the process that has `store`.
pub fn api_answer(target: &str, store: &Store) -> Response {
    let request = Request::new("GET", target);
    let segments: Vec<_> = request.path.split('/').collect();
    match api::answer(&segments, &request, store) {
        Answer::Response(response) => response,
        // GET sends and saves nothing, and nobody is there to follow.
        Answer::Send(_) | Answer::Save(_) | Answer::Follow(_) => api::not_sent(),
    }
}

/// An answer that is an object.
pub fn json(status: u16, object: &impl serde::Serialize) -> Response {
    // Every key is a string, so that it cannot fail.
    page(status, "application/json", serde_json::to_vec(object).unwrap_or_default())
}

/// An answer for those who are let in.
fn page(status: u16, content_type: &str, body: impl Into<Bytes>) -> Response {
    let mut response = Response { body: body.into(), ..Response::plain(status, "") };
    response.headers.replace("Content-Type", content_type);
    for (name, value) in assets::HEADERS {
        response.headers.push(name, value);
    }
    response
}

/// The answer that says of a failure what `report` has, in the form that the client prefers. It names the page of its request,
/// which is below `server`, the URL by which it was asked. Plain text is left to the caller.
pub fn explain(report: &Report, format: Format, server: &str, id: Number) -> Option<Response> {
    let url = url_of(id);
    let (content_type, body) = match format {
        Format::Text => return None,
        Format::Html => ("text/html; charset=utf-8", html::page(report, &url).into_string()),
        Format::Json => ("application/json", report.json()?),
        Format::Markdown => ("text/markdown; charset=utf-8", markdown::page(report)),
    };
    let mut response = page(report.status, content_type, body);
    response.headers.push(REQUEST_HEADER, format!("{server}{url}"));
    Some(response)
}
