//! Which requests a list has.

use std::fmt;

use super::decode;
use super::store::{Entry, Number, Store};

/// What the requests of a list have in common.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of path and query.
    pub path: Option<String>,
    /// The first and the last status.
    pub status: Option<(u16, u16)>,
    /// The method, in upper case.
    pub method: Option<String>,
    /// Whether they failed.
    pub failed: bool,
    /// The number that theirs is above.
    pub after: Number,
    /// How many there are at most.
    pub limit: Option<usize>,
}

/// A parameter that says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    name: String,
    value: String,
    remedy: &'static str,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, remedy } = self;
        write!(f, "{name}={value:?} cannot be filtered by: {remedy}")
    }
}

impl Filter {
    /// The filter that a query asks for. An empty value filters nothing.
    ///
    /// # Errors
    /// Refuses what is no filter.
    pub fn of_query(query: &str) -> Result<Self, Wrong> {
        let mut filter = Self::default();
        for (name, value) in decode::pairs(query) {
            let wrong = |remedy| Wrong { name: name.clone(), value: value.clone(), remedy };
            match (name.as_str(), value.as_str()) {
                ("failed", "" | "true" | "1" | "on") => filter.failed = true,
                ("failed", "false" | "0") => filter.failed = false,
                ("path" | "status" | "method" | "after" | "limit", "") => {}
                ("path", path) => filter.path = Some(path.to_owned()),
                ("status", status) => {
                    filter.status = Some(statuses(status).ok_or_else(|| wrong("give a status such as 404 or 5xx"))?);
                }
                ("method", method) => filter.method = Some(method.to_ascii_uppercase()),
                ("after", number) => {
                    filter.after = number.parse().map_err(|_| wrong("give the number of a request"))?
                }
                ("limit", limit) => filter.limit = Some(limit.parse().map_err(|_| wrong("give a number"))?),
                ("failed", _) => return Err(wrong("give true or false")),
                _ => return Err(wrong("the filters are path, status, method, failed, after and limit")),
            }
        }
        Ok(filter)
    }

    /// The requests that pass, the newest first.
    pub fn select<'a>(&self, store: &'a Store) -> impl Iterator<Item = &'a Entry> {
        let newer = store.newest().take_while(|entry| entry.id > self.after);
        newer.filter(|entry| self.passes(entry)).take(self.limit.unwrap_or(usize::MAX))
    }

    fn passes(&self, entry: &Entry) -> bool {
        let status = entry.response.status;
        self.path.as_ref().is_none_or(|path| entry.target().contains(path))
            && self.status.is_none_or(|(first, last)| (first..=last).contains(&status))
            && self.method.as_ref().is_none_or(|method| entry.request.method.eq_ignore_ascii_case(method))
            && (!self.failed || entry.has_failed())
    }
}

/// The statuses that `404` or `4xx` stands for.
fn statuses(text: &str) -> Option<(u16, u16)> {
    match text.to_ascii_lowercase().strip_suffix("xx") {
        Some(class) => {
            let first = class.parse::<u16>().ok().filter(|class| (1..=9).contains(class))? * 100;
            Some((first, first + 99))
        }
        None => text.parse().ok().filter(|status| (100..=999).contains(status)).map(|status| (status, status)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::tests::entry;
    use super::*;
    use crate::request::Request;
    use crate::response::Response;

    fn ids(store: &Store, query: &str) -> Vec<Number> {
        Filter::of_query(query).expect(query).select(store).map(|entry| entry.id).collect()
    }

    #[test]
    fn a_list_has_what_the_query_asks_for() {
        let mut store = Store::default();
        for (method, target, status) in [("GET", "/a?b=c", 200), ("POST", "/a", 404), ("GET", "/b", 500)] {
            let response = Response::plain(status, "");
            store.keep(Entry { response, ..entry(Request::new(method, target)) });
        }
        for (query, expected) in [
            ("", &[3, 2, 1][..]),
            ("path=&status=&method=&after=&limit=", &[3, 2, 1]),
            ("path=/a", &[2, 1]),
            ("path=%3Fb", &[1]),
            ("status=404", &[2]),
            ("status=4XX", &[2]),
            ("status=5xx&method=get", &[3]),
            ("method=post", &[2]),
            ("failed", &[3]),
            ("failed=false", &[3, 2, 1]),
            ("after=1", &[3, 2]),
            ("after=1&limit=1", &[3]),
            ("after=99", &[]),
        ] {
            assert_eq!(ids(&store, query), expected, "{query}");
        }
    }

    #[test]
    fn a_filter_that_says_nothing_is_refused_with_what_to_give() {
        for (query, message) in [
            ("status=x", "status=\"x\" cannot be filtered by: give a status such as 404 or 5xx"),
            ("status=0xx", "status=\"0xx\" cannot be filtered by: give a status such as 404 or 5xx"),
            ("status=1000", "status=\"1000\" cannot be filtered by: give a status such as 404 or 5xx"),
            ("after=-1", "after=\"-1\" cannot be filtered by: give the number of a request"),
            ("limit=x", "limit=\"x\" cannot be filtered by: give a number"),
            ("failed=maybe", "failed=\"maybe\" cannot be filtered by: give true or false"),
            ("x=y", "x=\"y\" cannot be filtered by: the filters are path, status, method, failed, after and limit"),
        ] {
            assert_eq!(Filter::of_query(query).expect_err(query).to_string(), message);
        }
    }
}
