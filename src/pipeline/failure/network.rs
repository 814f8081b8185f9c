//! What helps a script that asked for the network and got none: the line of modules.toml that permits it.

use super::Exception;
use crate::guest::Raised;
use crate::network::{AllowedHost, AllowedHosts};

/// Modules of the standard library that are nothing without a network.
const MODULES: [&str; 5] = ["_socket", "_ssl", "select", "socket", "ssl"];

/// Parts of messages by which the library and the compatibility layer tell that there is no network, as no other cause does.
const NO_NETWORK: [&str; 8] = [
    "no network in this sandbox",
    "no TLS in this sandbox",
    "module '_socket' has no attribute",
    "module 'socket' has no attribute",
    "module 'http.client' has no attribute 'HTTPS",
    "cannot import name 'HTTPSConnection' from 'http.client'",
    "cannot import name 'HTTPSHandler' from 'urllib.request'",
    "unknown url type: https",
];

/// How CPython says that the system has no sockets, as it says of other things that the system has not.
const NOT_SUPPORTED: &str = "[Errno 58] Not supported";

/// The library's file in which sockets are made.
const SOCKETS: &str = "/socket.py";

/// What stands around the entry in the text of a refusal.
const REFUSAL: (&str, &str) = (": add \"", "\" to allowed_hosts of this route in modules.toml");

/// What helps against `exception`, which was `raised`, where it is about the network; the route may connect to `allowed`.
pub fn help(exception: &Exception, raised: &Raised, allowed: &AllowedHosts) -> Option<String> {
    let message = exception.message.as_str();
    if let Some(entry) = refused(message) {
        return Some(permit(&entry));
    }
    let is_missing = exception.class.as_deref() == Some("ModuleNotFoundError")
        && MODULES.iter().any(|module| message == format!("No module named '{module}'"));
    let is_told = NO_NETWORK.iter().any(|part| message.contains(part));
    let frames = raised.exceptions.iter().filter_map(|exception| exception.frames.last());
    let is_refused = message.contains(NOT_SUPPORTED) && frames.into_iter().any(|frame| frame.file.ends_with(SOCKETS));
    (allowed.is_empty() && (is_missing || is_told || is_refused)).then(|| without(asked(message).as_ref()))
}

/// What helps where this module of the library is imported and is not there.
pub fn help_for_import(module: &str) -> Option<String> {
    MODULES.contains(&module).then(|| without(None))
}

/// What helps a script that has no network and asked for this host, if that is known.
fn without(asked: Option<&AllowedHost>) -> String {
    let host = asked.map_or("https://example.com".to_owned(), AllowedHost::to_string);
    format!(
        "this route may connect to no host: list those that it needs in its [[module]] of modules.toml, as in \
         allowed_hosts = [\"{host}\"]; for one run, --allow-host {host}"
    )
}

/// What to do where an entry is missing.
fn permit(entry: &AllowedHost) -> String {
    format!("add \"{entry}\" to `allowed_hosts` of its [[module]] in modules.toml; for one run, --allow-host {entry}")
}

/// The entry that the text of a refusal names.
fn refused(message: &str) -> Option<AllowedHost> {
    let (before, _) = message.split_once(REFUSAL.1)?;
    let (_, entry) = before.rsplit_once(REFUSAL.0)?;
    AllowedHost::parse(entry).ok()
}

/// The host that urllib3 says it asked for: `HTTPSConnectionPool(host='example.com', port=443)`.
fn asked(message: &str) -> Option<AllowedHost> {
    let (_, rest) = message.split_once("(host='")?;
    let (host, rest) = rest.split_once("', port=")?;
    let port = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    let entry = match port {
        "443" => format!("https://{host}"),
        "80" => format!("http://{host}"),
        _ => format!("{host}:{port}"),
    };
    AllowedHost::parse(&entry).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guest::{RaisedException, RaisedFrame};
    use crate::network::parse_host;

    fn help_in(file: &str, class: &str, message: &str, allowed: &AllowedHosts) -> Option<String> {
        let exception = Exception { class: Some(class.to_owned()), message: message.to_owned(), location: None };
        let frames = vec![RaisedFrame { file: file.to_owned(), ..Default::default() }];
        let raised = Raised { exceptions: vec![RaisedException { frames, ..Default::default() }] };
        help(&exception, &raised, allowed)
    }

    #[test]
    fn a_script_without_a_network_is_told_the_line() {
        for (file, class, message) in [
            ("/code/a.py", "ModuleNotFoundError", "No module named '_ssl'"),
            ("/code/a.py", "ModuleNotFoundError", "No module named 'ssl'"),
            ("/x/socket.py", "AttributeError", "module '_socket' has no attribute 'getaddrinfo'"),
            ("/code/a.py", "AttributeError", "module 'socket' has no attribute 'gethostbyname'"),
            ("/code/a.py", "AttributeError", "module 'http.client' has no attribute 'HTTPSConnection'"),
            ("/x/request.py", "urllib.error.URLError", "<urlopen error unknown url type: https>"),
            ("/x/socket.py", "OSError", "[Errno 58] Not supported"),
            ("/x/socket.py", "urllib.error.URLError", "<urlopen error [Errno 58] Not supported>"),
            ("/x/a.py", "socket.gaierror", "[Errno 4] no network in this sandbox; pywagi gives"),
        ] {
            let text = help_in(file, class, message, &AllowedHosts::default()).unwrap_or_default();
            assert_eq!(text, without(None), "{message}");
            let allowed: AllowedHosts = vec![AllowedHost::parse("a:1").expect("an entry")].into();
            assert_eq!(help_in(file, class, message, &allowed), None, "{message}");
        }
        for (file, class, message) in [
            ("/code/a.py", "OSError", "[Errno 58] Not supported"),
            ("/code/a.py", "ModuleNotFoundError", "No module named 'sslx'"),
            ("/code/a.py", "ValueError", "example.com"),
        ] {
            assert_eq!(help_in(file, class, message, &AllowedHosts::default()), None, "{message}");
        }
    }

    #[test]
    fn the_host_that_was_asked_for_is_in_the_line() {
        for (message, host) in [
            ("HTTPSConnectionPool(host='api.example.com', port=443): Max retries", "https://api.example.com"),
            ("HTTPConnectionPool(host='api.example.com', port=80): Max retries", "http://api.example.com"),
            ("HTTPConnectionPool(host='api.example.com', port=8080): Max retries", "api.example.com:8080"),
            ("HTTPConnectionPool(host='a\"b', port=8080): Max retries", "https://example.com"),
        ] {
            let message = format!("{message} exceeded (no network in this sandbox)");
            let text = help_in("/x.py", "requests.exceptions.ConnectionError", &message, &AllowedHosts::default());
            let expected = format!("allowed_hosts = [\"{host}\"]; for one run, --allow-host {host}");
            assert!(text.as_ref().is_some_and(|text| text.ends_with(&expected)), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_leads_to_its_entry_wherever_it_is_quoted() {
        let allowed: AllowedHosts = vec![AllowedHost::parse("a:1").expect("an entry")].into();
        let refused = allowed.check_name(&parse_host("db.example.com").expect("a name"), 5432).unwrap_err();
        let message = format!("connection failed (Caused by ConnectError('[Errno 2] {refused}'))");
        let expected = "add \"db.example.com:5432\" to `allowed_hosts` of its [[module]] in modules.toml; \
                        for one run, --allow-host db.example.com:5432";
        assert_eq!(help_in("/x.py", "x.Error", &message, &allowed).as_deref(), Some(expected));
    }
}
