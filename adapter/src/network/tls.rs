//! TLS in a component is the host's, which has it for HTTPS alone. What a script asks of it and it has not is refused.

use alloc::format;
use alloc::string::{String, ToString};

use wagi_contract::network::Host;

/// What to do where there is no TLS.
pub const INSTEAD: &str = "have the client connect without TLS, as pg8000 does with ssl_context=False";

/// Why there are no sessions whose bytes a program moves itself.
pub const NO_MEMORY: &str =
    "a component has no TLS whose bytes a program moves itself, as asyncio does: use a client that is not asynchronous";

/// From how many certificates on a file of them is taken for the public ones, which hosts have as well: certifi's has 120 and
/// more.
const PUBLIC: usize = 30;

/// Checks whether the host does as `settings` say, which Python's half has written, when it connects to `host`.
pub fn check(settings: &[u8], host: &Host) -> Result<(), String> {
    let text = core::str::from_utf8(settings).map_err(|_| "the settings are no text")?;
    // Quotes within strings have a backslash before them: what is looked for here is in none.
    let name = text.strip_prefix("{\"name\":\"").and_then(|rest| rest.split('"').next());
    if let Some(name) = name.filter(|name| Host::parse(name).as_ref() != Ok(host)) {
        return Err(format!("a component cannot ask {host} for the certificate of {name}: connect to {name}"));
    }
    let has = |field: &str| text.contains(field);
    if has("\"verify\":\"none\"") {
        let instead = "leave check_hostname and verify_mode as ssl.create_default_context() sets them";
        return Err(format!("a component cannot leave a certificate unchecked, as its host checks it: {instead}"));
    }
    if has("\"minimum\":\"TLSv1.3\"") || has("\"maximum\":\"TLSv1.2\"") {
        return Err("a component cannot choose the version of TLS, as its host does: leave minimum_version and maximum_version as they are".to_string());
    }
    match text.matches("-----BEGIN CERTIFICATE").count() {
        0 if has("\"system\":false") => {
            Err("the context trusts no certificate: make it with ssl.create_default_context()".to_string())
        }
        1..PUBLIC => Err("a component cannot trust certificates of its own (cafile, capath, cadata, SSL_CERT_FILE): give them to its host, and leave the context as ssl.create_default_context() makes it".to_string()),
        _ => Ok(()),
    }
}

/// What was agreed on, as Python's half reads it: the version and the cipher are not known here, nor is the certificate.
pub fn agreed(settings: &[u8]) -> &'static str {
    let asks_for_http = settings.windows(10).any(|window| window == b"\"http/1.1\"");
    if asks_for_http { "\n\n0\nhttp/1.1" } else { "\n\n0\n" }
}
