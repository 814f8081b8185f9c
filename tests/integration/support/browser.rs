//! A real browser: Chromium, driven by Playwright.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DevServer, virtual_environment};

/// Pinned, since a new one may need a newer browser than the system has.
const PLAYWRIGHT: &str = "playwright==1.64.1";

/// Runs `script`, which is Python and has `page`, a page of Chromium that has opened `/` of `server`, `server`, the URL of that,
/// `expect` of Playwright, `files`, the directory of the files that it gives to pages, and `faults`, the URLs that were answered
/// with a server error and what else went wrong, of which none may be left. Without Chromium this says so and
/// does nothing.
#[track_caller]
pub fn browse(server: &DevServer, files: &Path, script: &str) {
    let Some(chromium) = chromium() else {
        // Not by a macro, whose text is not seen if the test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: there is no Chromium in PATH to try the pages in");
        return;
    };
    let mut python = Command::new(virtual_environment("playwright", PLAYWRIGHT).join("python"));
    python
        .args(["-c", include_str!("browser.py")])
        .arg(chromium)
        .arg(format!("http://localhost:{}", server.address.port()))
        .arg(files)
        .arg(script);
    let output = python.output().expect("python3");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{}", server.log());
}

/// The system's Chromium.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let mut found = std::env::split_paths(&path).flat_map(|directory| names.map(|name| directory.join(name)));
    found.find(|path| path.is_file())
}
