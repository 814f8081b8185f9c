//! Where a guest sees a script that the user names.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::guest::Volume;
use crate::manifest;
use crate::pipeline::RoutePython;
use crate::text_file::shown;

/// The path in the guest of the script that the user calls `name`: by its path here, in the guest, or below a directory that
/// the guest sees.
///
/// # Errors
/// Fails where there is no such script, or the guest does not see it; the error says what it sees.
pub fn find(name: &str, python: &RoutePython<'_>) -> Result<String> {
    let volumes = python.volumes();
    let here = Path::new(name);
    if let Some(guest) = here.canonicalize().ok().and_then(|host| guest_path(&host, volumes)) {
        return Ok(guest);
    }
    let is_there = |guest: &str| manifest::host_path(volumes, guest).is_some_and(|host| host.exists());
    if name.starts_with('/') && is_there(name) {
        return Ok(name.to_owned());
    }
    let below = volumes.iter().map(|volume| format!("{}/{name}", volume.guest.trim_end_matches('/')));
    if let Some(guest) = below.filter(|_| here.is_relative() && !here.exists()).find(|guest| is_there(guest)) {
        return Ok(guest);
    }
    let seen: Vec<_> = volumes.iter().map(|volume| format!("{} ({})", volume.guest, shown(&volume.host))).collect();
    let route = python.route;
    let sees = match seen.as_slice() {
        [] => format!("the guest of route {route} sees no directory: give the route a volume"),
        _ => format!("the guest of route {route} sees {}", seen.join(", ")),
    };
    Err(if here.exists() {
        Error::new(format!("{name} is not below a directory that the guest sees"))
            .remedy(format!("{sees}: move the script there, or name another route with --route"))
    } else {
        Error::new(format!("there is no script {name}")).remedy(sees)
    })
}

/// The path by which a guest knows the file `host`, which is canonical.
fn guest_path(host: &Path, volumes: &[Volume]) -> Option<String> {
    let paths = volumes.iter().filter_map(|volume| {
        let below = host.strip_prefix(canonical(&volume.host)?).ok()?;
        let parts: Option<Vec<_>> = below.components().map(|part| part.as_os_str().to_str()).collect();
        Some(format!("{}/{}", volume.guest.trim_end_matches('/'), parts?.join("/")))
    });
    // Another volume may lie in its way.
    let leads_back = |guest: &String| {
        manifest::host_path(volumes, guest).and_then(|path| canonical(&path)).is_some_and(|path| path == host)
    };
    paths.filter(leads_back).min_by_key(String::len)
}

fn canonical(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok()
}
