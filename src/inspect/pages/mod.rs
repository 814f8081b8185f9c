//! The pages of the inspector: the list of requests, and each of them.

mod commands;
mod compare;
mod detail;
mod views;

use maud::{Markup, html};

use crate::request::Request;
use crate::response::Response;

use super::store::{Entry, Store};
use super::{PREFIX, assets, decode};

/// The header fields of a body that a page shows in a frame. It is another site's to the browser, runs no script and loads
/// nothing.
const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; \
                       media-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// The page at a path below [`PREFIX`], if there is one.
pub fn find(segments: &[&str], request: &Request, store: &Store) -> Option<Response> {
    let entry = |id: &str| store.get(id.parse().ok()?);
    let page = match segments {
        [""] => list(request),
        ["compare"] => compare::page(request.query.as_deref().unwrap_or_default(), store)?,
        ["requests", id] => detail::page(entry(id)?, store),
        ["requests", id, "preview"] => return preview(entry(id)?),
        ["requests", id, "request-body"] => return Some(download(&entry(id)?.request.body, id, "request")),
        ["requests", id, "response-body"] => return Some(download(&entry(id)?.response.body, id, "response")),
        _ => return None,
    };
    Some(super::page(200, "text/html; charset=utf-8", page.into_string()))
}

/// A page of the inspector with these scripts.
fn layout(title: &str, scripts: &[&str], body: &Markup) -> Markup {
    super::html::layout(title, (&["style.css", "inspector.css"], scripts), body)
}

/// The list, which its script fills.
fn list(request: &Request) -> Markup {
    let given = decode::pairs(request.query.as_deref().unwrap_or_default());
    let value = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let filters = [("path", "part of the path", "search"), ("method", "GET", "text"), ("status", "404 or 5xx", "text")];
    let body = html! {
        body.list {
            header {
                h1 { "Requests" }
                p.what #state role="status" { "Requests to the app show here as they come." }
                form #filter role="search" {
                    @for (name, hint, kind) in filters {
                        label { span { (name) } input type=(kind) name=(name) placeholder=(hint) value=[value(name)] autocomplete="off" spellcheck="false"; }
                    }
                    label.check { input type="checkbox" name="failed" value="true" checked[value("failed").is_some()]; span { "failed" } }
                }
                noscript { p.help { "This list needs JavaScript. The same as JSON: " a href="/__pywagi/api/requests" { "/__pywagi/api/requests" } } }
            }
            main {
                table #requests {
                    thead {
                        tr {
                            @for (class, name) in COLUMNS { th scope="col" class=(class) { (name) } }
                        }
                    }
                    tbody {}
                }
                template #row {
                    tr {
                        td.time {}
                        td.method {}
                        td.target { a {} }
                        td.status { span.badge {} }
                        td.took {}
                        td.size {}
                        td.route {}
                        td.start {}
                    }
                }
                p.note #none hidden { "No request yet. Open the app: " a href="/" { "/" } }
            }
            footer {
                p { kbd { "j" } " " kbd { "k" } " next, previous · " kbd { "Enter" } " open · " kbd { "r" } " send again · " kbd { "x" } " mark, compare · " kbd { "/" } " filter" }
                p { "Of this run of " code { "pywagi dev" } ", the last 500. " a href="/__pywagi/api/har" download="pywagi.har" { "all as HAR" } }
            }
        }
    };
    layout("Requests", &["list.mjs"], &body)
}

/// The columns of the list: their classes and names.
const COLUMNS: [(&str, &str); 8] = [
    ("time", "time"),
    ("method", "method"),
    ("target", "path"),
    ("status", "status"),
    ("took", "took"),
    ("size", "size"),
    ("route", "route"),
    ("start", "start"),
];

/// Whether an answer can be shown in a frame: a page of the app, or a picture that was not cut.
fn has_preview(entry: &Entry) -> bool {
    let media_type = decode::media_type(&entry.response.headers);
    let is_page = matches!(media_type.as_str(), "text/html" | "application/xhtml+xml");
    let is_whole = entry.response.body.len() == entry.response_size;
    let is_of_app = entry.report.is_none() && !entry.response.body.is_empty();
    is_of_app && (is_page || is_whole && media_type.starts_with("image/"))
}

/// An answer as it is shown in a frame.
fn preview(entry: &Entry) -> Option<Response> {
    let headers = &entry.response.headers;
    let unpacked = views::unpacked(headers, &entry.response.body);
    let mut response = has_preview(entry).then(|| in_sandbox(&entry.response.body))?;
    // Its characters are no control characters, or it would have been dropped.
    response.headers.replace("Content-Type", &decode::header(headers, "Content-Type"));
    match (unpacked, headers.get("Content-Encoding")) {
        (Some(unpacked), _) => response.body = unpacked.into(),
        (None, Some(encoding)) => response.headers.push("Content-Encoding", encoding),
        (None, None) => {}
    }
    Some(response)
}

/// A body as a file.
fn download(body: &[u8], id: &str, of: &str) -> Response {
    let mut response = in_sandbox(body);
    response.headers.replace("Content-Type", "application/octet-stream");
    response.headers.push("Content-Disposition", format!("attachment; filename=\"{of}-{id}.bin\""));
    response
}

fn in_sandbox(body: &[u8]) -> Response {
    let mut response = Response { body: body.to_owned().into(), ..Response::plain(200, "") };
    for (name, value) in assets::HEADERS {
        response.headers.push(name, if name == "Content-Security-Policy" { SANDBOX } else { value });
    }
    response
}

/// The path of something that belongs to a request.
fn url(entry: &Entry, name: &str) -> String {
    format!("{PREFIX}requests/{}/{name}", entry.id)
}
