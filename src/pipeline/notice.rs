//! What is said once, whichever request shows it first.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::path::Path;

use crate::cgi;
use crate::guest::UnlistedFile;
use crate::manifest::Module;
use crate::request::Request;
use crate::response::Response;
use crate::text_file::{BYTE_ORDER_MARK, shown};

use super::Outcome;

/// How many notices of a kind are said: a client can make up names without end.
const MOST: usize = 10;

/// Something that any number of requests may show, and that is worth one line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A request header of this name was dropped, because it has a `_`.
    Underscore(String),
    /// The module at this place was not passed the Authorization header.
    Authorization(String),
    /// The answers of the route have this Content-Type without a charset, and are not ASCII.
    Charset(String, String),
    /// A file was left out of listings.
    Unlisted(UnlistedFile),
}

impl Notice {
    /// What is to be said about the headers of a request that `module` of the manifest at `path` answers.
    pub fn of_headers(request: &Request, module: &Module, path: &Path) -> Vec<Self> {
        let names = request.headers.iter().map(|(name, _)| name).filter(|name| cgi::is_ambiguous(name));
        let mut notices: Vec<_> = names.map(|name| Self::Underscore(name.to_owned())).collect();
        if !module.pass_authorization && request.headers.get("Authorization").is_some() {
            notices.push(Self::Authorization(format!("{}:{}", shown(path), module.line)));
        }
        notices
    }

    /// What is to be said about an answer of `route`: text in UTF-8 that a client has to guess the encoding of.
    pub fn of_answer(response: &Response, route: &str) -> Option<Self> {
        /// Where a page may name its encoding (HTML standard, 4.2.5.4).
        const PRESCANNED: usize = 1024;
        let content_type = std::str::from_utf8(response.headers.get("Content-Type")?).ok()?.trim();
        let lower = content_type.to_ascii_lowercase();
        let is_text = ["text/html", "text/plain", "text/csv"].contains(&lower.split(';').next()?.trim_end());
        if !is_text || lower.contains("charset=") || response.body.is_ascii() {
            return None;
        }
        let start = response.body.get(..PRESCANNED).unwrap_or(&response.body).to_ascii_lowercase();
        let names_itself = lower.starts_with("text/html") && memchr::memmem::find(&start, b"charset").is_some();
        let has_mark = response.body.starts_with(BYTE_ORDER_MARK);
        let is_unclear = !names_itself && !has_mark && std::str::from_utf8(&response.body).is_ok();
        is_unclear.then(|| Self::Charset(route.to_owned(), content_type.to_owned()))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Underscore(name) => {
                let clear = name.replace('_', "-");
                write!(
                    f,
                    "the request header `{name}` is dropped: with `_` it would pose as `{clear}`; send it with `-`"
                )
            }
            Self::Authorization(place) => write!(
                f,
                "{place}: the request's Authorization header is not passed to the guest, as in WAGI; \
                 `pass-authorization = true` in this [[module]] passes it"
            ),
            Self::Charset(route, content_type) => write!(
                f,
                "the answers of {route} are not ASCII and their Content-Type, {content_type}, names no charset, so that \
                 clients guess one: print `Content-Type: {content_type}; charset=utf-8`"
            ),
            Self::Unlisted(UnlistedFile { directory, name }) => {
                let directory = shown(directory);
                write!(
                    f,
                    "the file name \"{name}\" in {directory} is not UTF-8, so guests do not see the file: rename it"
                )
            }
        }
    }
}

/// The notices that this process has said.
#[derive(Default)]
pub struct Said(HashMap<Discriminant<Notice>, HashSet<Notice>>);

impl Said {
    /// Makes warnings of the notices of `outcome`, but for those that were made before.
    pub fn tell(&mut self, outcome: &mut Outcome) {
        for notice in outcome.notices.drain(..) {
            let said = self.0.entry(discriminant(&notice)).or_default();
            if said.len() < MOST && !said.contains(&notice) {
                outcome.warnings.push(notice.to_string());
                said.insert(notice);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_whose_encoding_is_to_be_guessed_is_noticed() {
        let notice = |content_type: &str, body: &str| {
            let mut response = Response::plain(200, body);
            response.headers.replace("Content-Type", content_type);
            Notice::of_answer(&response, "/").is_some()
        };
        for (content_type, body, expected) in [
            ("text/html", "<p>caf\u{e9}", true),
            ("Text/Plain ; x=y", "\u{e9}", true),
            ("text/html", "<p>cafe", false),
            ("text/html", "<META Charset=utf-8>\u{e9}", false),
            ("text/plain", "charset \u{e9}", true),
            ("text/plain", "\u{feff}\u{e9}", false),
            ("text/html; Charset=latin1", "\u{e9}", false),
            ("application/json", "\u{e9}", false),
            ("image/png", "\u{e9}", false),
        ] {
            assert_eq!(notice(content_type, body), expected, "{content_type} {body}");
        }
    }
}
