//! The names of hosts in all scripts, which URLs may have.

use wagi_contract::network::{Host, shown};

/// Reads a host in any spelling, as [`Host::parse`] does, and names that are not ASCII or claim to stand for such.
///
/// # Errors
/// Says why it is none.
pub fn parse_host(text: &str) -> Result<Host, String> {
    let is_international = !text.is_ascii() || text.to_ascii_lowercase().contains("xn--");
    if !is_international {
        return Host::parse(text);
    }
    let none = || format!("`{}` is not the name of a host", shown(text));
    // The parser of URLs would decode it.
    let host = if text.contains('%') { None } else { url::Host::parse(text).ok() };
    Host::parse(&host.ok_or_else(none)?.to_string())
}
