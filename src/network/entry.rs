//! An entry of `allowed_hosts`: what it permits, and how it is written.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::parse_host;
use wagi_contract::network::{Host, Hosts, Permission, shown};

/// The ports that a scheme stands for.
const PORTS: [(&str, u16); 28] = [
    ("http", 80),
    ("https", 443),
    ("ws", 80),
    ("wss", 443),
    ("postgres", 5432),
    ("postgresql", 5432),
    ("mysql", 3306),
    ("mariadb", 3306),
    ("mssql", 1433),
    ("redis", 6379),
    ("rediss", 6379),
    ("memcached", 11211),
    ("mongodb", 27017),
    ("amqp", 5672),
    ("amqps", 5671),
    ("nats", 4222),
    ("mqtt", 1883),
    ("mqtts", 8883),
    ("smtp", 25),
    ("smtps", 465),
    ("imap", 143),
    ("imaps", 993),
    ("pop3", 110),
    ("pop3s", 995),
    ("ldap", 389),
    ("ldaps", 636),
    ("ftp", 21),
    ("ssh", 22),
];

/// An entry of `allowed_hosts`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct AllowedHost {
    /// As it is written.
    written: String,
    /// Its scheme in lower case, where it names one.
    scheme: Option<String>,
    permission: Permission,
}

/// Why a text is no entry, and what to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostMistake {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl HostMistake {
    fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

impl fmt::Display for HostMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message, self.remedy)
    }
}

impl std::error::Error for HostMistake {}

impl AllowedHost {
    /// Reads an entry: `SCHEME://HOST`, `HOST:PORT`, or both. The host may be `*` or begin with `*.`, the port may be `*`.
    ///
    /// # Errors
    /// Says what is wrong, and what to write.
    pub fn parse(text: &str) -> Result<Self, HostMistake> {
        not_of_another_host(text)?;
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (self::scheme(text, scheme)?, rest),
            None => (None, text),
        };
        let authority = authority(text, rest)?;
        let (host, port) = split_port(text, authority)?;
        let hosts = hosts(host)?;
        let default = scheme.as_deref().and_then(port_of);
        let port = match port {
            Some("*") => None,
            Some(port) => Some(number(host, port)?),
            None if default.is_some() => default,
            None => return Err(without_port(scheme.as_deref(), host)),
        };
        Ok(Self { written: text.to_owned(), scheme, permission: Permission { hosts, port } })
    }

    /// Whether it permits the same as `other`, however both are written.
    pub fn permits_same_as(&self, other: &Self) -> bool {
        self.permission == other.permission
    }

    /// Whether it permits every public address.
    pub fn is_for_all_hosts(&self) -> bool {
        self.permission.hosts == Hosts::All
    }

    /// Its scheme in lower case, where it names one.
    pub fn scheme(&self) -> Option<&str> {
        self.scheme.as_deref()
    }

    /// The hosts that it permits, as a URL writes a host: `example.org`, `*.example.org`, `*`, `[::1]`.
    pub fn hosts(&self) -> String {
        match &self.permission.hosts {
            Hosts::All => "*".to_owned(),
            Hosts::Below(base) => format!("*.{base}"),
            Hosts::One(host) => host.to_string(),
        }
    }

    /// The port that it permits; without one, it permits all.
    pub fn port(&self) -> Option<u16> {
        self.permission.port
    }

    /// Whether it is the entry of this machine itself.
    pub fn is_loopback(&self) -> bool {
        match &self.permission.hosts {
            Hosts::One(Host::Address(address)) => address.is_loopback(),
            Hosts::One(Host::Name(name)) => name == "localhost",
            Hosts::All | Hosts::Below(_) => false,
        }
    }

    /// What it permits.
    pub fn permission(&self) -> &Permission {
        &self.permission
    }
}

impl FromStr for AllowedHost {
    type Err = HostMistake;

    fn from_str(text: &str) -> Result<Self, HostMistake> {
        Self::parse(text)
    }
}

impl TryFrom<String> for AllowedHost {
    type Error = HostMistake;

    fn try_from(text: String) -> Result<Self, HostMistake> {
        Self::parse(&text)
    }
}

impl From<AllowedHost> for String {
    fn from(entry: AllowedHost) -> Self {
        entry.written
    }
}

impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// The port that `scheme` stands for.
fn port_of(scheme: &str) -> Option<u16> {
    PORTS.iter().find(|(known, _)| *known == scheme).map(|(_, port)| *port)
}

/// Fails for what other hosts of WebAssembly take in their lists and has no meaning here.
fn not_of_another_host(text: &str) -> Result<(), HostMistake> {
    if text.contains("{{") {
        let remedy = "write the host itself; for one run, give it with --allow-host";
        return Err(HostMistake::new(
            format!("`{}` has a variable of Spin, which is not replaced", shown(text)),
            remedy,
        ));
    }
    if text == "insecure:allow-all" {
        let remedy = "name the hosts; \"*://*:*\" permits every public address";
        return Err(HostMistake::new("`insecure:allow-all` is not known here", remedy));
    }
    Ok(())
}

/// The scheme that stands before `://` in `text`, in lower case; none for `*`.
fn scheme(text: &str, scheme: &str) -> Result<Option<String>, HostMistake> {
    let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    if scheme == "*" {
        Ok(None)
    } else if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_of_scheme) {
        Ok(Some(scheme.to_ascii_lowercase()))
    } else {
        let message = format!("`{}` does not begin with a scheme", shown(text));
        Err(HostMistake::new(message, "write \"https://HOST\" or \"HOST:PORT\""))
    }
}

/// The host and the port in `rest`, which is `text` without its scheme.
fn authority<'t>(text: &str, rest: &'t str) -> Result<&'t str, HostMistake> {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let before = text.strip_suffix(rest).unwrap_or_default();
    if let Some((_, host)) = authority.rsplit_once('@') {
        // What stands before is likely a password, which no message needs to repeat.
        let remedy = format!("write \"{before}{}\", and give the script the rest by the environment", shown(host));
        return Err(HostMistake::new("a user and a password are no part of a permission", remedy));
    }
    if let Some(rest) = path.strip_prefix("//") {
        let message = format!("`{}` lacks the colon after its scheme", shown(text));
        return Err(HostMistake::new(message, format!("write \"{}://{}\"", shown(authority), shown(rest))));
    }
    let starts_with_length = path.strip_prefix('/').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if starts_with_length && authority.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        let message = format!("`{}` is a range of addresses, which cannot be permitted", shown(rest));
        return Err(HostMistake::new(message, "name each host"));
    }
    if !path.is_empty() && path != "/" {
        let message = format!("`{}` has a path, but a host is permitted as a whole", shown(text));
        return Err(HostMistake::new(message, format!("write \"{before}{}\"", shown(authority))));
    }
    Ok(authority)
}

/// The host and the port in `authority`, a part of `text`.
fn split_port<'t>(text: &str, authority: &'t str) -> Result<(&'t str, Option<&'t str>), HostMistake> {
    if let Some(end) = authority.rfind(']').filter(|_| authority.starts_with('[')) {
        let (host, rest) = authority.split_at(end + 1);
        return match rest.strip_prefix(':') {
            None if !rest.is_empty() => {
                let message = format!("`{}` has something other than a port after its address", shown(text));
                Err(HostMistake::new(message, format!("write \"{}:PORT\"", shown(host))))
            }
            port => Ok((host, port)),
        };
    }
    let Some((host, port)) = authority.rsplit_once(':') else { return Ok((authority, None)) };
    if host.contains(':') {
        let address = authority.parse::<Ipv6Addr>().map_or("::1".to_owned(), |address| address.to_string());
        let message = format!("`{}` has more than one colon in its host and port", shown(text));
        return Err(HostMistake::new(message, format!("write an IPv6 address in brackets: \"[{address}]:PORT\"")));
    }
    Ok((host, Some(port)))
}

/// The port that `port` must be; `host` is what stands before it.
fn number(host: &str, port: &str) -> Result<u16, HostMistake> {
    let is_number = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = port.parse().ok().filter(|number| is_number && *number != 0) {
        return Ok(number);
    }
    if port.contains("..") {
        let message = format!("`{}` is a range of ports, which cannot be permitted", shown(port));
        return Err(HostMistake::new(message, "name each port, or write `*` for all"));
    }
    let message =
        if port.is_empty() { "the port is empty".to_owned() } else { format!("`{}` is no port", shown(port)) };
    Err(HostMistake::new(message, format!("write a number from 1 to 65535, or `*` for all: \"{}:443\"", shown(host))))
}

/// What `host` permits.
fn hosts(host: &str) -> Result<Hosts, HostMistake> {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if ["self", "self.alt"].contains(&name.as_str()) || name.ends_with(".spin.internal") {
        let message = format!("`{name}` is what Spin calls a part of the app");
        return Err(HostMistake::new(message, "name the host and the port at which the app is reached"));
    }
    let below = host.strip_prefix("*.");
    let parsed = match below {
        _ if host == "*" => return Ok(Hosts::All),
        Some(base) if !base.contains('*') => parse_host(base),
        None if !host.contains('*') => parse_host(host),
        _ => {
            let message = format!("`{}` has `*` within a name", shown(host));
            let remedy = "write `*` alone or before a name, as in \"*.example.org\"";
            return Err(HostMistake::new(message, remedy));
        }
    };
    let invalid = |message| HostMistake::new(message, "write the host as in a URL: \"https://example.org\"");
    match (parsed.map_err(invalid)?, below) {
        (Host::Name(base), Some(_)) => Ok(Hosts::Below(base)),
        (Host::Address(_), Some(_)) => {
            let message = format!("`{}` has `*` within an address", shown(host));
            Err(HostMistake::new(message, "name each address"))
        }
        (host, None) => Ok(Hosts::One(host)),
    }
}

/// The mistake of an entry for `host` without a port that has no scheme that stands for one.
fn without_port(scheme: Option<&str>, host: &str) -> HostMistake {
    match scheme {
        Some(scheme) => HostMistake::new(
            format!("no port is known for `{}://`", shown(scheme)),
            format!("write the port: \"{}://{}:PORT\"", shown(scheme), shown(host)),
        ),
        None => HostMistake::new(
            format!("`{}` has no port", shown(host)),
            format!("write \"https://{0}\", or the port: \"{0}:PORT\"", shown(host)),
        ),
    }
}
