//! Modules that other hosts cannot run, since they need what these have not.

use super::{Manifest, Module};
use crate::error::{Error, Result};
use crate::guest::Needs;
use crate::text_file::shown;

/// What to do about a module that another host cannot run.
const REMEDY: &str = "`pywagi dev`, `pywagi cgi` and `pywagi export docker` run it; for other hosts install another interpreter, such as \
                      `pywagi toolchain install 3.12`";

/// Fails where a module of these routes, without any of all, needs what `target` has not.
///
/// # Errors
/// With each such module.
pub fn check(manifest: &Manifest, routes: &[String], target: &str) -> Result<()> {
    let is_wanted = |module: &&Module| routes.is_empty() || routes.iter().any(|route| route == module.route.as_str());
    let mistakes = manifest.modules.iter().filter(is_wanted).filter_map(|module| lacking(manifest, module, target));
    let errors: Vec<_> = mistakes.map(|message| Error::new(message).remedy(REMEDY)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::all(errors)) }
}

/// Why `target` cannot run a module of a manifest; `None` where it can.
pub fn lacking(manifest: &Manifest, module: &Module, target: &str) -> Option<String> {
    // What cannot be read is told where it is loaded.
    let needs = Needs::of_file(&module.module).ok().filter(|needs| !needs.is_nothing())?;
    let (file, line) = (shown(&manifest.path), module.line);
    Some(format!("{file}:{line}: {} needs {needs}, which {target} has not", shown(&module.module)))
}
