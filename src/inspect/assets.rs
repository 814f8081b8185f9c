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

const ASSETS: [Asset; 8] = [
    Asset {
        name: "style.css",
        content_type: "text/css; charset=utf-8",
        content: include_str!("../../assets/inspect/style.css"),
    },
    Asset {
        name: "inspector.css",
        content_type: "text/css; charset=utf-8",
        content: include_str!("../../assets/inspect/inspector.css"),
    },
    Asset {
        name: "list.mjs",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/inspect/list.mjs"),
    },
    Asset {
        name: "detail.mjs",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/inspect/detail.mjs"),
    },
    Asset {
        name: "common.mjs",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/inspect/common.mjs"),
    },
    Asset {
        name: "console.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/inspect/console.js"),
    },
    Asset {
        name: "error.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/inspect/error.js"),
    },
    Asset {
        name: "live.js",
        content_type: "text/javascript; charset=utf-8",
        content: include_str!("../../assets/inspect/live.js"),
    },
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
