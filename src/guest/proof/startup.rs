//! Code that runs at the interpreter's start: `sitecustomize`, `usercustomize`, lines of `.pth` files.

use super::looks::Looks;
use super::subject::prove;
use crate::guest::Input;
use crate::guest::engine::Compiled;
use crate::guest::image::Preload;

/// Why no request may start from an interpreter whose start was seen by `looks`: its start-up code keeps something of the
/// time or of random bytes. An interpreter whose start-up looked at neither is not proved.
///
/// # Errors
/// Says why it cannot be proved.
pub fn refusal(compiled: &Compiled, input: &Input, looks: &Looks) -> Result<Option<String>, String> {
    if !looks.seen().looks.iter().any(|look| look.is_of_startup) {
        return Ok(None);
    }
    let proof = prove(compiled, input, &Preload::default(), false)?;
    Ok(proof.findings.first().map(|finding| {
        let place = finding.places.first().map(|place| format!(" ({place})")).unwrap_or_default();
        let name = match finding.attribute.as_str() {
            "" => "something".to_owned(),
            attribute => format!("{}.{attribute}", finding.module),
        };
        format!("its start-up makes {name} from the time or from random bytes{place}, which requests would share")
    }))
}
