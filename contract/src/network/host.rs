//! A host, in one form for all of its spellings.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

/// The most characters of a name, and of each part between two dots (RFC 1035, section 2.3.4).
const MOST_OF_NAME: usize = 253;
const MOST_OF_LABEL: usize = 63;

/// A host that is asked for or permitted.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Hash, Serialize)]
pub enum Host {
    /// A name: ASCII in lower case (A-labels of IDNA), without a final dot.
    Name(String),
    /// An address. An IPv4 address is never written as an IPv6 one.
    Address(IpAddr),
}

impl Host {
    /// Reads a host of ASCII in any spelling: what a resolver takes for an address (`127.1`, `0x7f000001`, `017700000001`)
    /// is that address. An IPv6 address may be in brackets.
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
        let name = text.strip_suffix('.').unwrap_or(text);
        if ends_in_number(name) {
            let address = ipv4(name).ok_or_else(|| none(text))?;
            return Ok(Self::Address(address.into()));
        }
        Self::name(text, name)
    }

    /// The name that `text` is, without its final dot.
    fn name(text: &str, name: &str) -> Result<Self, String> {
        if name.len() > MOST_OF_NAME || name.split('.').any(|label| label.len() > MOST_OF_LABEL) {
            let most = format!("a name has {MOST_OF_NAME} characters at most, {MOST_OF_LABEL} between two dots");
            return Err(format!("`{}` is too long: {most}", shown(text)));
        }
        // URLs may have more in a host than resolvers know.
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) {
            return Err(none(text));
        }
        if name.split('.').any(str::is_empty) {
            return Err(format!("{}: nothing stands between two dots", none(text)));
        }
        Ok(Self::Name(name.to_ascii_lowercase()))
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

fn none(text: &str) -> String {
    format!("`{}` is not the name of a host", shown(text))
}

/// Whether a host is an IPv4 address or nothing (<https://url.spec.whatwg.org/#ends-in-a-number-checker>).
fn ends_in_number(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    !last.is_empty() && (last.bytes().all(|b| b.is_ascii_digit()) || number(last).is_some())
}

/// An IPv4 address in any spelling (<https://url.spec.whatwg.org/#concept-ipv4-parser>).
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    const MOST_PARTS: usize = 4;
    let count = text.split('.').count();
    if count > MOST_PARTS {
        return None;
    }
    // The last part has what the others leave.
    let mut address = 0_u64;
    for (place, part) in text.split('.').enumerate() {
        let part = number(part)?;
        let bits = if place + 1 == count { 8 * (MOST_PARTS + 1 - count) } else { 8 };
        if part >> bits != 0 {
            return None;
        }
        address = address << bits | part;
    }
    u32::try_from(address).ok().map(Ipv4Addr::from)
}

/// A number of an IPv4 address: hexadecimal after `0x`, octal after `0`. `0x` alone is zero.
fn number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some("") => return Some(0),
        Some(digits) => (digits, 16),
        None if text.len() > 1 && text.starts_with('0') => (text, 8),
        None => (text, 10),
    };
    let is_number = digits.bytes().all(|b| b.is_ascii_hexdigit());
    // What is too large for this is too large for an address.
    u64::from_str_radix(digits, radix).ok().filter(|_| is_number)
}

/// `text` for a message: on one line, and no longer than one.
pub fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().take(MOST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_in_a_number_is_an_address_or_nothing() {
        for (text, address) in [
            ("127.0.0.1", Some("127.0.0.1")),
            ("127.1", Some("127.0.0.1")),
            ("0x7F.0.0.1.", Some("127.0.0.1")),
            ("017700000001", Some("127.0.0.1")),
            ("4294967295", Some("255.255.255.255")),
            ("0x", Some("0.0.0.0")),
            ("1.0x", Some("1.0.0.0")),
            ("4294967296", None),
            ("256.1", None),
            ("1.2.3.4.5", None),
            ("1.2.3.256", None),
            ("08", None),
            ("a.1", None),
            ("1..1", None),
            ("+1.1", None),
        ] {
            let expected = address.map(|address| Host::Address(address.parse().expect("an address")));
            assert_eq!(Host::parse(text).ok(), expected, "{text}");
        }
        for name in ["a.1b", "0xg", "1.a", "xn--nxasmq6b"] {
            assert_eq!(Host::parse(name), Ok(Host::Name(name.into())), "{name}");
        }
    }
}
