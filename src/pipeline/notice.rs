//! What is said once, whichever request shows it first.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::mem::{Discriminant, discriminant};
use std::path::Path;

use crate::cgi;
use crate::guest::UnlistedFile;
use crate::manifest::Module;
use crate::request::Request;
use crate::text_file::shown;

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
