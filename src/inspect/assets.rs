//! The files that pywagi's own pages need: they load nothing from elsewhere.

use crate::response::Response;

/// The header fields of all pages. They load what is here and nothing else, run no other script, and are shown in no frame.
pub const HEADERS: [(&str, &str); 4] = [
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
         frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
];

/// A file of the pages.
pub struct Asset {
    name: &'static str,
    content_type: &'static str,
    content: &'static str,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// The file of this name in assets/inspect.
macro_rules! asset {
    ($name:literal, $content_type:expr) => {
        Asset {
            name: $name,
            content_type: $content_type,
            content: include_str!(concat!("../../assets/inspect/", $name)),
        }
    };
}

const ASSETS: [Asset; 8] = [
    asset!("style.css", CSS),
    asset!("inspector.css", CSS),
    asset!("list.mjs", JAVASCRIPT),
    asset!("detail.mjs", JAVASCRIPT),
    asset!("common.mjs", JAVASCRIPT),
    asset!("console.js", JAVASCRIPT),
    asset!("error.js", JAVASCRIPT),
    asset!("live.js", JAVASCRIPT),
];

/// The file of this name.
pub fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

impl Asset {
    /// The answer that holds it.
    pub fn response(&self) -> Response {
        super::page(200, self.content_type, self.content)
    }
}
