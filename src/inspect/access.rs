//! Who may see pywagi's own pages: they show source, variables and cookies.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use crate::cgi;
use crate::request::Request;

/// Who is let in.
#[derive(Clone, Debug)]
pub struct Access {
    /// The address that is listened on.
    address: SocketAddr,
    /// The name that the user gave the host.
    hostname: Option<String>,
}

/// Why a request is not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// It comes from another machine, or nobody knows from where.
    Remote(Option<IpAddr>),
    /// It is for another host: a page of the web may have its name point here (DNS rebinding).
    Host(String),
    /// Another site sends it.
    Site(String),
    /// It would change something, and does not say that a page of this server sends it.
    Unsaid(String),
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remote(address) => {
                f.write_str(
                    "pywagi's own pages show the app's source and variables, so only this machine may ask for them",
                )?;
                address.map_or(Ok(()), |address| write!(f, ", not {address}"))
            }
            Self::Host(host) => write!(
                f,
                "pywagi's own pages are asked for by the address of the server or by localhost, not by the Host {host:?}; \
                 --hostname names another one"
            ),
            Self::Unsaid(host) => write!(
                f,
                "what changes something needs a header that says who asks: add `Origin: http://{host}` (https with --tls-cert)"
            ),
            Self::Site(site) => write!(f, "pywagi's own pages are not for requests that another site sends ({site})"),
        }
    }
}

impl Access {
    /// Lets in who asks for the server at `address` from this machine, by its address, `localhost` or `hostname`.
    pub fn new(address: SocketAddr, hostname: Option<&str>) -> Self {
        let hostname = hostname.and_then(|name| cgi::split_host(name).0).map(str::to_ascii_lowercase);
        Self { address, hostname }
    }

    /// Whether a request may be answered.
    ///
    /// # Errors
    /// Says why not.
    pub fn check(&self, request: &Request) -> Result<(), Denied> {
        if !request.remote.is_some_and(|address| address.to_canonical().is_loopback()) {
            return Err(Denied::Remote(request.remote));
        }
        let text = |name: &str| request.headers.get(name).map(|value| String::from_utf8_lossy(value).into_owned());
        let host = text("Host").unwrap_or_default();
        if !self.is_ours(&host) {
            return Err(Denied::Host(host));
        }
        // A link from elsewhere may lead here; what it shows stays in the browser.
        let is_safe = matches!(request.method.as_str(), "GET" | "HEAD");
        if let Some(site) = text("Sec-Fetch-Site").filter(|site| !matches!(site.as_str(), "same-origin" | "none")) {
            let is_navigation = text("Sec-Fetch-Mode").as_deref() == Some("navigate");
            if !is_safe || !is_navigation {
                return Err(Denied::Site(site));
            }
        }
        match text("Origin") {
            None if !is_safe && text("Sec-Fetch-Site").is_none_or(|site| site != "same-origin") => {
                Err(Denied::Unsaid(host))
            }
            Some(origin) if origin.split_once("://").is_none_or(|(_, origin_host)| origin_host != host) => {
                Err(Denied::Site(origin))
            }
            _ => Ok(()),
        }
    }

    /// Whether a Host header names this server.
    fn is_ours(&self, host: &str) -> bool {
        let (Some(name), port) = cgi::split_host(host) else { return false };
        let name = name.to_ascii_lowercase();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let is_address = bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip == self.address.ip());
        let is_named = self.hostname.as_deref() == Some(name.as_str());
        let is_here = port.is_none_or(|port| port == self.address.port());
        is_named || is_here && (is_address || name == "localhost" || name.ends_with(".localhost"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: &str, headers: &[(&str, &str)], remote: &str) -> Result<(), Denied> {
        let access = Access::new("127.0.0.1:3000".parse().expect("an address"), Some("App.test:80"));
        let mut request = Request::new(method, "/__pywagi/");
        headers.iter().for_each(|(name, value)| request.headers.push(*name, *value));
        request.remote = Some(remote.parse().expect("an address"));
        access.check(&request)
    }

    #[test]
    fn only_this_machine_is_let_in_by_a_name_of_the_server() {
        for host in ["127.0.0.1:3000", "localhost:3000", "LOCALHOST", "[::1]:3000", "a.localhost:3000", "app.test:7"] {
            assert_eq!(check("GET", &[("Host", host)], "127.0.0.1"), Ok(()), "{host}");
            let remote = check("GET", &[("Host", host)], "10.0.0.7");
            assert!(matches!(remote, Err(Denied::Remote(_))), "{host}");
        }
        assert_eq!(check("GET", &[("Host", "localhost:3000")], "::ffff:127.0.0.1"), Ok(()));
        for host in [
            "",
            "evil.example",
            "evil.example:3000",
            "localhost:3001",
            "10.0.0.1:3000",
            "localhost.evil.example",
            "x@y",
        ] {
            assert_eq!(check("GET", &[("Host", host)], "::1"), Err(Denied::Host(host.to_owned())));
        }
        assert_eq!(check("GET", &[], "::1"), Err(Denied::Host(String::new())));
    }

    #[test]
    fn other_sites_may_link_here_and_no_more() {
        let host = ("Host", "localhost:3000");
        let (cross, own) = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-origin"));
        let navigation = ("Sec-Fetch-Mode", "navigate");
        assert_eq!(check("GET", &[host, own], "::1"), Ok(()));
        assert_eq!(check("POST", &[host, own, ("Origin", "http://localhost:3000")], "::1"), Ok(()));
        assert_eq!(check("POST", &[host, own], "::1"), Ok(()));
        assert_eq!(check("GET", &[host, cross, navigation], "::1"), Ok(()));
        for headers in [&[host][..], &[host, ("Sec-Fetch-Site", "none")]] {
            assert_eq!(check("POST", headers, "::1"), Err(Denied::Unsaid("localhost:3000".to_owned())));
        }
        for (method, headers) in [
            ("GET", &[host, cross][..]),
            ("POST", &[host, cross, navigation]),
            ("POST", &[host, ("Origin", "http://evil.example")]),
            ("POST", &[host, ("Origin", "http://localhost:3001")]),
            ("GET", &[host, ("Origin", "null")]),
            ("POST", &[host, ("Origin", "null"), own]),
            ("POST", &[host, ("Origin", "http://localhost:3000"), ("Sec-Fetch-Site", "same-site")]),
        ] {
            assert!(matches!(check(method, headers, "::1"), Err(Denied::Site(_))), "{method} {headers:?}");
        }
    }
}
