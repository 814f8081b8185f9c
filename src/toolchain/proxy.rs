//! The proxy that a download goes through, as messages name it.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

use crate::error::Error;

/// A proxy that the environment or the system sets for a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Scheme, host and port. User and password are left out.
    pub shown: String,
    /// Whether downloads can go through one of its kind.
    is_supported: bool,
    /// What to do where it fails.
    pub remedy: String,
}

impl Proxy {
    /// The proxy for `url`, found as the HTTP library finds it; `None` where it is reached directly.
    pub fn of(url: &Url) -> Option<Self> {
        Self::find(&Matcher::from_system(), url)
    }

    fn find(matcher: &Matcher, url: &Url) -> Option<Self> {
        let intercept = matcher.intercept(&url.as_str().parse().ok()?)?;
        let uri = intercept.uri();
        let (scheme, host) = (uri.scheme_str().unwrap_or("http"), uri.host()?);
        let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
        let variable = if url.scheme() == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
        Some(Self {
            shown: format!("{scheme}://{host}{port}"),
            is_supported: matches!(scheme, "http" | "https"),
            remedy: format!(
                "start the proxy, or correct {variable}, which is http://[USER:PASSWORD@]HOST:PORT; \
                 NO_PROXY={} goes without it",
                url.host_str().unwrap_or_default()
            ),
        })
    }

    /// The error for a proxy of a kind that cannot be used, if it is one.
    pub fn unsupported(&self) -> Option<Error> {
        let message = format!("the proxy {} is of a kind that cannot be used", self.shown);
        (!self.is_supported).then(|| Error::new(message).remedy(self.remedy.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(proxy: &str, no: &str, url: &str) -> Option<Proxy> {
        Proxy::find(&Matcher::builder().all(proxy).no(no).build(), &Url::parse(url).unwrap())
    }

    #[test]
    fn a_proxy_is_named_without_its_password() {
        let proxy = found("http://me:secret@proxy.test:8080", "", "https://example.com/a").unwrap();
        assert_eq!(proxy.shown, "http://proxy.test:8080");
        let remedy = "start the proxy, or correct HTTPS_PROXY, which is http://[USER:PASSWORD@]HOST:PORT; \
                      NO_PROXY=example.com goes without it";
        assert_eq!(proxy.remedy, remedy);
        assert!(proxy.unsupported().is_none());
        assert_eq!(found("proxy.test:1", "", "http://example.com/").unwrap().shown, "http://proxy.test:1");
        assert_eq!(found("http://proxy.test:1", "example.com", "http://example.com/"), None);
        assert_eq!(found("", "", "http://example.com/"), None);
    }

    #[test]
    fn a_proxy_of_another_kind_is_refused() {
        let error = found("socks5://me:secret@proxy.test:1080", "", "http://a.test/").unwrap().unsupported().unwrap();
        assert_eq!(error.to_string(), "the proxy socks5://proxy.test:1080 is of a kind that cannot be used");
        let remedy = "start the proxy, or correct HTTP_PROXY, which is http://[USER:PASSWORD@]HOST:PORT; \
                      NO_PROXY=a.test goes without it";
        assert_eq!(error.remedy_text(), Some(remedy));
    }
}
