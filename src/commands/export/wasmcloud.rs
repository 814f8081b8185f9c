//! `pywagi export wasmcloud`

use std::path::Path;

use crate::build::interface;
use crate::cli::ExportWasmcloud;
use crate::commands::build;
use crate::error::{Context, Result};
use crate::export::ExportedFile;
use crate::export::name::Name;
use crate::export::oci::{self, Layout};
use crate::export::wasmcloud::{FILE_NAME, wadm, workload};
use crate::manifest::{self, needs};
use crate::paths;
use crate::terminal::{Terminal, print};
use crate::text_file::shown;

use super::{place, tell, tell_image, write};

/// The file of the component.
const COMPONENT: &str = "app.wasm";

/// Writes the manifest of wadm and the component, the image of the component, and prints the resource of a cluster.
///
/// # Errors
/// Fails where the app cannot be a component, another file is there already, and where one cannot be written.
pub fn run(arguments: &ExportWasmcloud, terminal: &Terminal) -> Result<()> {
    let path = manifest::find(arguments.component.config.as_deref())?;
    let directory = paths::absolute(&path)?.parent().map(Path::to_owned).unwrap_or_default();
    let file = arguments.out.clone().unwrap_or_else(|| path.with_file_name(FILE_NAME));
    let (place, file_name) = place(&file)?;
    arguments.oci.as_deref().map_or(Ok(()), Layout::check)?;
    needs::check(&manifest::load(&path)?, &arguments.component.route, "a component")?;
    let name = Name::of(&directory);
    let image = arguments.image.clone().unwrap_or_else(|| format!("file://./{COMPONENT}"));
    let content = wadm(&name, &image);
    write(place, &[ExportedFile { name: file_name, content }], arguments.force, terminal)?;
    let output = place.join(COMPONENT);
    let component = build::build(path, &arguments.component, &output, terminal)?;
    let names: Vec<_> = component.names().collect();
    if !names.is_empty() {
        let names = names.join(", ");
        tell(&[format!("wasmCloud gives a component no variables: it runs without {names}")], terminal);
    }
    if let Some(oci) = &arguments.oci {
        let mut layout = Layout::open(oci)?;
        let wasm = &component.built.component;
        let layer = layout.layer(oci::WASM, wasm)?;
        let (imports, exports) = interface(wasm).context(|| "cannot read the component that was built")?;
        let digest = layout.finish(oci::wasm_config(&layer, &imports, &exports), &name.name, &name.version)?;
        tell_image(oci, &digest, terminal);
    }
    match &arguments.kube {
        Some(image) => print(workload(&name, image)),
        None => {
            terminal.note(format_args!("run it: wash app deploy {}", shown(&file)));
            Ok(())
        }
    }
}
