//! Where a redirect leads.

use reqwest::Url;

use crate::request::{Request, Scheme};
use crate::response::Response;

/// The largest number of redirects that are followed: curl's.
pub const MAX_REDIRECTS: usize = 50;

/// Where a response sends the client.
#[derive(Debug, PartialEq, Eq)]
pub enum Redirect {
    /// To a path and query of the same host.
    Within(Scheme, String),
    /// To what `invoke` cannot ask: another host, or no URL at all.
    Outside(String),
}

/// Where `response` to `request` leads; `None` where it is no redirect. As curl, takes every 3xx status with a Location
/// for a redirect.
pub fn of(request: &Request, response: &Response) -> Option<Redirect> {
    let location = response.headers.get("Location").filter(|location| !location.is_empty())?;
    if !(300..400).contains(&response.status) {
        return None;
    }
    let location = String::from_utf8_lossy(location);
    Some(within(request, &location).unwrap_or_else(|| Redirect::Outside(location.into_owned())))
}

fn within(request: &Request, location: &str) -> Option<Redirect> {
    let host = request.headers.get("Host").and_then(|host| std::str::from_utf8(host).ok())?;
    let scheme = match request.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let query = request.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
    let base = Url::parse(&format!("{scheme}://{host}{}{query}", request.path)).ok()?;
    let target = base.join(location).ok()?;
    // A port that is not written is the scheme's own, so that an app may send from http to https.
    if (target.host(), target.port()) != (base.host(), base.port()) {
        return None;
    }
    let scheme = match target.scheme() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    let query = target.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(Redirect::Within(scheme, format!("{}{query}", target.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_resolved_against_the_request() {
        let within = |path: &str| Some(Redirect::Within(Scheme::Http, path.to_owned()));
        let outside = |location: &str| Some(Redirect::Outside(location.to_owned()));
        for (status, location, expected) in [
            (302, "/end", within("/end")),
            (301, "end?x#fragment", within("/a/end?x")),
            (303, "../end/./x", within("/end/x")),
            (307, "?new", within("/a/b?new")),
            (308, "/a b\u{e9}", within("/a%20b%C3%A9")),
            (300, "//localhost:3000/end", within("/end")),
            (304, "HTTP://LOCALHOST:3000", within("/")),
            (302, "https://localhost:3000/end", Some(Redirect::Within(Scheme::Https, "/end".to_owned()))),
            (302, "http://localhost/end", outside("http://localhost/end")),
            (302, "http://example.com/", outside("http://example.com/")),
            (302, "mailto:me@example.com", outside("mailto:me@example.com")),
            (302, "http://[", outside("http://[")),
            (302, "", None),
            (201, "/end", None),
            (400, "/end", None),
        ] {
            let mut request = Request::new("GET", "/a/b?old");
            request.headers.push("Host", "localhost:3000");
            let mut response = Response::plain(status, "");
            response.headers.push("Location", location);
            assert_eq!(of(&request, &response), expected, "{status} {location}");
        }
    }
}
