//! Builds an app into one `wasi:http` component: the interpreter, saved, the adapter that answers requests with it, and the
//! files of the app.
//!
//! ```text
//! modules.toml ─> plan ─> files ──────────────────────────> description ─┐
//!                   └───> guest::freeze ─> module, memory ──> merge ─────┴─> shell ─> component
//!                                          the adapter ───────┘
//! ```

mod asks;
mod byte_code;
mod files;
mod host;
mod merge;
mod module;
mod outgoing;
mod plan;
mod relocate;
mod shell;

use std::path::PathBuf;

use wagi_contract::component;

use crate::error::{Error, Result};
use crate::guest::{self, Frozen, LeftOut};
use crate::pipeline::{App, Options};

use asks::Asks;
pub use asks::Network;
pub use files::Trees;
pub use host::{Given, Host, Log};
use merge::Interpreter;
pub use module::Unsuitable;

/// The adapter, as `tools/build-adapter` makes it.
const ADAPTER: &[u8] = include_bytes!("../../assets/adapter/adapter.wasm");

/// What is built, beside the app.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The routes, as modules.toml has them; none for all.
    pub routes: Vec<String>,
    /// The names of variables that the host gives.
    pub host_variables: Vec<String>,
    /// The volumes, by their paths in the guest, that are directories which the host gives.
    pub writable: Vec<String>,
    /// Files that are not taken in.
    pub kept_out: Vec<PathBuf>,
}

/// A component.
pub struct Built {
    /// Its file.
    pub component: Vec<u8>,
    /// The routes that it answers.
    pub routes: Vec<String>,
    /// How large its parts are.
    pub sizes: Sizes,
    /// How many files of the app it has.
    pub files: usize,
    /// Of how many modules it has byte code beside them.
    pub compiled: usize,
    /// How many modules its interpreter has loaded.
    pub modules: usize,
    /// The modules of the app and of packages that its interpreter could not load.
    pub left_out: Vec<LeftOut>,
    /// The directories that the host is to give.
    pub directories: Vec<HostDirectory>,
    /// How it connects to others.
    pub network: Network,
    /// What differs from `pywagi dev`.
    pub notes: Vec<String>,
}

/// A directory that a host gives to a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostDirectory {
    /// Its path in the guest.
    pub guest: String,
    /// The directory on the host: here, that of modules.toml.
    pub host: PathBuf,
}

/// The sizes of the parts of a component, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Code of the interpreter and the adapter.
    pub code: usize,
    /// The saved memory, without what is zero.
    pub memory: usize,
    /// The files of the app.
    pub files: usize,
}

/// Builds a component of `app`. The calling thread must be a [`guest::GuestThread`].
///
/// # Errors
/// Fails with all the reasons why there can be none.
pub fn build(app: &App, wanted: &Wanted) -> Result<Built> {
    let mut trees = Trees::new(wanted.kept_out.clone());
    let plan = plan::plan(app, wanted, &mut trees)?;
    let mut notes = plan::notes(&plan);
    notes.append(&mut trees.notes);
    let frozen = guest::freeze(plan.program, &plan.inputs)
        .map_err(|why| Error::new(format!("the interpreter cannot be saved: {why}")))?;
    let compiled = byte_code::add(&plan, &frozen, &mut trees)?;
    let files = trees.files();
    let description = describe(app.default_host(), &plan, &frozen, &files, wanted)?;
    let interpreter = Interpreter { wasm: &frozen.wasm, memory: &frozen.memory, globals: &frozen.globals };
    let asks = Asks::of(wanted, plan.routes.iter().flat_map(plan::Planned::allowed_hosts));
    let unsuitable =
        |Unsuitable(why)| Error::new(format!("{} cannot be part of a component: {why}", plan.program.path().display()));
    let core = merge::merge(&interpreter, ADAPTER, &description, asks).map_err(unsuitable)?;
    let component = shell::around(asks.shell(), &core).map_err(unsuitable)?;
    let memory = merge::dense_size(&frozen.memory);
    Ok(Built {
        routes: plan.routes.iter().map(|planned| planned.route().pattern.to_string()).collect(),
        sizes: Sizes { code: core.len().saturating_sub(memory + description.len()), memory, files: description.len() },
        files: files.iter().filter(|file| !file.is_directory).count().saturating_sub(compiled),
        compiled,
        modules: frozen.modules,
        left_out: frozen.left_out,
        directories: plan.directories,
        network: asks.network,
        component,
        notes,
    })
}

fn describe(
    (name, port): (&str, Option<u16>),
    plan: &plan::Plan<'_>,
    frozen: &Frozen,
    files: &[component::File<'_>],
    wanted: &Wanted,
) -> Result<Vec<u8>> {
    let guest::Entry { call, function, arguments, .. } = frozen.entry;
    let app = component::App {
        entry: component::Entry { call, function, arguments },
        startup_stdout: &frozen.startup_stdout,
        startup_stderr: &frozen.startup_stderr,
        volumes: plan.volumes.iter().map(String::as_str).collect(),
        modules: plan.routes.iter().map(plan::Planned::module).collect(),
        host_variables: wanted.host_variables.iter().map(String::as_str).collect(),
        default_host: (name, port),
        max_body: u32::try_from(Options::default().max_body).unwrap_or(u32::MAX),
    };
    component::write(&app, files).map_err(|component::TooLarge| {
        Error::new("the files of the volumes are more than a component can hold, which is 4 GiB")
            .remedy("take what requests do not need out of the volumes")
    })
}

/// The names of what a component imports and exports.
///
/// # Errors
/// Fails where it is none.
pub fn interface(component: &[u8]) -> wasmparser::Result<(Vec<String>, Vec<String>)> {
    let (mut imports, mut exports) = (Vec::new(), Vec::new());
    let mut depth = 0_usize;
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload? {
            wasmparser::Payload::Version { .. } => depth += 1,
            wasmparser::Payload::End(_) => depth = depth.saturating_sub(1),
            wasmparser::Payload::ComponentImportSection(section) if depth == 1 => {
                for import in section {
                    imports.push(import?.name.name.to_owned());
                }
            }
            wasmparser::Payload::ComponentExportSection(section) if depth == 1 => {
                for export in section {
                    exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok((imports, exports))
}
