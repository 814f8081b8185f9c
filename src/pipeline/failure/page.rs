//! The text page that answers a request whose guest failed.

use std::path::Path;

use crate::text_file;

use super::{GuestFailure, one_line};

/// The body of the 500: the failure, the route and the module.
pub fn page(failure: &GuestFailure, route: &str, module: &Path) -> String {
    let mut page = format!("500 Internal Server Error\n\n{failure}\n");
    if let Some(location) = &failure.location {
        page.push_str(&format!("  at {}\n", one_line(&location.to_string())));
    }
    if let Some(evidence) = &failure.evidence {
        page.push_str(&format!("  {evidence}\n"));
    }
    if let Some(help) = &failure.help {
        page.push_str(&format!("  help: {}\n", help.replace('\n', "\n        ")));
    }
    let module = text_file::shown(module);
    page.push_str(&format!("\nroute:  {route}\nmodule: {module}\n\n"));
    page.push_str("What it wrote to standard error is in the terminal where pywagi runs.\n");
    page
}
