//! A host, in one form for all of its spellings.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The most characters of a name, and of each part between two dots (RFC 1035, section 2.3.4).
const MOST_OF_NAME: usize = 253;
const MOST_OF_LABEL: usize = 63;

/// A host that is asked for or permitted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name: ASCII in lower case (A-labels of IDNA), without a final dot.
    Name(String),
    /// An address. An IPv4 address is never written as an IPv6 one.
    Address(IpAddr),
}

impl Host {
    /// Reads a host in any spelling: what a resolver takes for an address (`127.1`, `0x7f000001`, `017700000001`) is that
    /// address. An IPv6 address may be in brackets.
    ///
    /// # Errors
    /// Says why it is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("the name of the host is empty".to_owned());
        }
        let inside = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if inside.is_some() || text.contains(':') {
            let address: Result<Ipv6Addr, _> = inside.unwrap_or(text).parse();
            return match address {
                Ok(address) => Ok(Self::Address(IpAddr::V6(address).to_canonical())),
                Err(_) => Err(format!("`{}` is not an IPv6 address", shown(text))),
            };
        }
        // The parser of URLs would decode it.
        let host = if text.contains('%') { None } else { url::Host::parse(text).ok() };
        match host {
            Some(url::Host::Domain(name)) => Self::name(text, name.strip_suffix('.').unwrap_or(&name)),
            Some(url::Host::Ipv4(address)) => Ok(Self::Address(address.into())),
            Some(url::Host::Ipv6(_)) | None => Err(format!("`{}` is not the name of a host", shown(text))),
        }
    }

    /// The name that `text` is, in its one form `name`.
    fn name(text: &str, name: &str) -> Result<Self, String> {
        if name.len() > MOST_OF_NAME || name.split('.').any(|label| label.len() > MOST_OF_LABEL) {
            let most = format!("a name has {MOST_OF_NAME} characters at most, {MOST_OF_LABEL} between two dots");
            return Err(format!("`{}` is too long: {most}", shown(text)));
        }
        // URLs may have more in a host than resolvers know.
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return Err(format!("`{}` is not the name of a host", shown(text)));
        }
        if name.split('.').any(str::is_empty) {
            return Err(format!("`{}` is not the name of a host: nothing stands between two dots", shown(text)));
        }
        Ok(Self::Name(name.to_owned()))
    }
}

impl fmt::Display for Host {
    /// As in a URL: an IPv6 address is in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Self::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// `text` for a message: on one line, and no longer than one.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}
