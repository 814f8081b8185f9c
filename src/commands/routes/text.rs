//! What `pywagi routes` shows, as text.

use std::fmt::Write;

use crate::pipeline::{App, Route};
use crate::text_file::shown;

use super::Listed;

/// A route, with a line below it for each thing to know.
pub fn route(app: &App, listed: &Listed<'_>) -> String {
    let Listed { route: Route { pattern, module, entrypoint, error }, hidden_by } = listed;
    let mut text = format!("{pattern}  {}\n", module.program());
    let mut line = |name: &str, value: &str| {
        // Writing to a String does not fail.
        let _ = writeln!(text, "  {name:<8} {value}");
    };
    let path = pattern.script_name();
    let path = if path.is_empty() { "/" } else { path };
    match hidden_by {
        Some(above) => {
            line("paths", &format!("none: {} on line {} takes all of its requests", above.pattern, above.module.line));
        }
        None if pattern.as_str() == path => line("paths", path),
        None => line("paths", &format!("{path} and every path below it")),
    }
    if let Some(argv) = &module.argv {
        line("argv", argv);
    }
    if *entrypoint != "_start" {
        line("calls", entrypoint);
    }
    for (at, volume) in module.volumes.iter().enumerate() {
        let mode = if volume.read_only { " (read-only)" } else { "" };
        let name = if at == 0 { "volumes" } else { "" };
        line(name, &format!("{} = {}{mode}", volume.guest, shown(&volume.host)));
    }
    if let Some(script) = &module.warm_up {
        line("warm-up", &script.host.as_deref().map_or_else(|| script.guest.clone(), shown));
    }
    for (at, host) in module.allowed_hosts.iter().enumerate() {
        line(if at == 0 { "network" } else { "" }, &host.to_string());
    }
    if module.is_python() {
        for (at, library) in app.manifest().libraries.iter().enumerate() {
            line(if at == 0 { "library" } else { "" }, &format!("{} = {}", library.name, shown(&library.module)));
        }
    }
    line("from", &format!("{}:{}", shown(&app.manifest().path), module.line));
    if let Some(error) = error {
        line("error", &error.to_string().replace('\n', "\n           "));
    }
    text
}
