//! What is kept, as JSON: for scripts, editors and assistants. docs/openapi.json describes it.

mod entry;
mod har;
mod send;

pub use entry::summary;
pub use har::url;

use serde::{Deserialize, Serialize};

use crate::request::Request;
use crate::response::Response;

use super::events;
use super::filter::{Filter, Wrong};
use super::store::{Entry, Number, Store};
use super::{Again, Answer, Saved};

/// What is answered below [`super::PREFIX`]`api/`, with its methods, as docs/openapi.json has it.
pub const PATHS: [(&str, &str); 8] = [
    ("get", "/requests"),
    ("get", "/requests/{id}"),
    ("post", "/requests/{id}/send"),
    ("post", "/requests/{id}/test"),
    ("get", "/requests/{id}/har"),
    ("get", "/errors"),
    ("get", "/har"),
    ("get", "/events"),
];

/// How many failures are listed where the client does not say.
const ERRORS: usize = 20;

/// Why there is no answer to a request for the API.
struct Refusal {
    status: u16,
    why: String,
}

impl Refusal {
    fn new(status: u16, why: impl Into<String>) -> Self {
        Self { status, why: why.into() }
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        Self::new(400, wrong.to_string())
    }
}

impl From<serde_json::Error> for Refusal {
    /// An answer that could not be written.
    fn from(error: serde_json::Error) -> Self {
        Self::new(500, error.to_string())
    }
}

/// A failure of a request for the API.
#[derive(Serialize)]
struct Refused<'a> {
    error: &'a str,
}

/// Answers a request for the API; `segments` is its path below `api/`.
pub fn answer(segments: &[&str], request: &Request, store: &Store) -> Answer {
    let answer = match segments {
        ["requests", id, "send"] => {
            only(request, &["POST"]).and_then(|()| found(id, store)).and_then(|entry| again(entry, request))
        }
        ["requests", id, "test"] => {
            only(request, &["POST"]).and_then(|()| found(id, store)).and_then(|entry| test(entry, request))
        }
        ["events"] => only(request, &["GET"]).map(|()| Answer::Follow(events::response())),
        _ => only(request, &["GET", "HEAD"]).and_then(|()| read(segments, request, store)).map(Answer::Response),
    };
    answer.unwrap_or_else(|Refusal { status, why }| {
        let body = serde_json::to_string(&Refused { error: &why }).unwrap_or_default();
        Answer::Response(json(status, body))
    })
}

/// The answer to a request that was sent again: the number of the new one.
pub fn sent(id: Number) -> Response {
    #[derive(Serialize)]
    struct Sent {
        id: Number,
        url: String,
    }
    let url = super::url_of(id);
    let body = serde_json::to_string(&Sent { id, url: url.clone() }).unwrap_or_default();
    let mut response = json(201, body);
    response.headers.push("Location", url);
    response
}

/// The answer where a request that was to be sent again gave none.
pub fn not_sent() -> Response {
    let body = serde_json::to_string(&Refused { error: "the client left before the request began" });
    json(500, body.unwrap_or_default())
}

fn read(segments: &[&str], request: &Request, store: &Store) -> Result<Response, Refusal> {
    let filter = || Filter::of_query(request.query.as_deref().unwrap_or_default());
    let body = match segments {
        ["requests"] => entry::list(store, &filter()?)?,
        ["errors"] => {
            let filter = filter()?;
            let limit = filter.limit.or(Some(ERRORS));
            entry::errors(store, &Filter { failed: true, limit, ..filter })?
        }
        ["har"] => har::archive(&filter()?.select(store).collect::<Vec<_>>())?,
        ["requests", id] => entry::whole(found(id, store)?)?,
        ["requests", id, "har"] => har::archive(&[found(id, store)?])?,
        _ => {
            return Err(Refusal::new(
                404,
                format!("there is no {}; docs/openapi.json of pywagi lists what there is", request.path),
            ));
        }
    };
    Ok(json(200, body))
}

/// The request of this number.
fn found<'a>(id: &str, store: &'a Store) -> Result<&'a Entry, Refusal> {
    let number = id.parse().map_err(|_| Refusal::new(404, format!("{id:?} is not the number of a request")))?;
    store.get(number).ok_or_else(|| Refusal::new(404, format!("request {number} is not kept, or not any more")))
}

fn only(request: &Request, methods: &[&str]) -> Result<(), Refusal> {
    if methods.contains(&request.method.as_str()) {
        return Ok(());
    }
    Err(Refusal::new(405, format!("only {} is answered here", methods.join(" and "))))
}

fn again(entry: &Entry, request: &Request) -> Result<Answer, Refusal> {
    let request = send::request(entry, &request.body).map_err(|why| Refusal::new(400, why))?;
    Ok(Answer::Send(Box::new(Again { request, of: entry.id })))
}

/// What a request is asked to become.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

fn test(entry: &Entry, request: &Request) -> Result<Answer, Refusal> {
    let Named { name } = serde_json::from_slice(&request.body)
        .map_err(|why| Refusal::new(400, format!("the body is not an object with a name: {why}")))?;
    let is_cut = |kept: usize, size: usize| kept < size;
    if is_cut(entry.request.body.len(), entry.request_size) || is_cut(entry.response.body.len(), entry.response_size) {
        return Err(Refusal::new(400, "its body was not kept whole, so no test can be made of it"));
    }
    let (request, response) = (entry.request.clone(), entry.response.clone());
    Ok(Answer::Save(Box::new(Saved { name, request, response })))
}

/// The answer to a request that became a test: the files that were written, or why none were.
pub fn saved(files: Result<Vec<String>, String>) -> Response {
    #[derive(Serialize)]
    struct Written {
        files: Vec<String>,
    }
    match files {
        Ok(files) => json(201, serde_json::to_string(&Written { files }).unwrap_or_default()),
        Err(why) => json(400, serde_json::to_string(&Refused { error: &why }).unwrap_or_default()),
    }
}

fn json(status: u16, body: String) -> Response {
    let mut response = super::page(status, "application/json", body + "\n");
    if status == 405 {
        response.headers.push("Allow", "GET, HEAD, POST");
    }
    response
}
