//! The value of `--listen`: an address and a port, of which either may be left out.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The address that is listened on without `--listen`.
pub const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// A value that is not an address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidAddress;

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("give a port or an address, such as 3005, localhost:3005, 127.0.0.1:3005 or [::1]:3005")
    }
}

impl std::error::Error for InvalidAddress {}

/// Reads `PORT`, `:PORT`, `HOST` or `HOST:PORT`, where the host is an IP address or `localhost`. What is left out is
/// that of [`DEFAULT`]. Other names are refused: which interface one stands for depends on the machine's resolver.
///
/// # Errors
/// Fails for anything else.
pub fn parse(text: &str) -> Result<SocketAddr, InvalidAddress> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Some(ip) = ip(text) {
        return Ok(SocketAddr::new(ip, DEFAULT.port()));
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let host = if host.is_empty() { Some(DEFAULT.ip()) } else { ip(host) };
    // `parse` alone would take "+80".
    let port = Some(port).filter(|port| port.bytes().all(|b| b.is_ascii_digit())).and_then(|port| port.parse().ok());
    host.zip(port).map(SocketAddr::from).ok_or(InvalidAddress)
}

/// The address that `host` is: an IP address, an IPv6 address in brackets, or `localhost`.
fn ip(host: &str) -> Option<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    match inside {
        Some(address) => address.parse().ok().map(IpAddr::V6),
        // Without brackets, `::1:80` would be an address and a port as well as an address alone.
        None => host.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_and_the_port_may_be_left_out() {
        for (text, address) in [
            ("3005", "127.0.0.1:3005"),
            (":3005", "127.0.0.1:3005"),
            ("0", "127.0.0.1:0"),
            ("localhost:3005", "127.0.0.1:3005"),
            ("LOCALHOST", "127.0.0.1:3000"),
            ("127.0.0.1:3005", "127.0.0.1:3005"),
            ("0.0.0.0", "0.0.0.0:3000"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::1]:3005", "[::1]:3005"),
            ("[::]", "[::]:3000"),
            ("::1", "[::1]:3000"),
        ] {
            assert_eq!(parse(text), Ok(address.parse().unwrap()), "{text}");
        }
        assert_eq!(parse("127.0.0.1:3000"), Ok(DEFAULT));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            ":",
            "x",
            "x:3000",
            "70000",
            ":70000",
            "+80",
            "127.0.0.1:",
            "127.0.0.1:x",
            "http://localhost:80",
            "*:80",
        ] {
            assert_eq!(parse(text), Err(InvalidAddress), "{text}");
        }
    }
}
