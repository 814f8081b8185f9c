//! `pywagi export`: the app in the form that other hosts take.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::build::ComponentOptions;
use super::texts::{EXPORT_DOCKER_HELP, EXPORT_HELP, EXPORT_SPIN_HELP, EXPORT_WAGI_HELP, EXPORT_WASMCLOUD_HELP};

/// `pywagi export`
#[derive(Args, Debug)]
#[command(after_help = EXPORT_HELP)]
pub struct Export {
    /// For what.
    #[command(subcommand)]
    pub command: ExportCommand,
}

/// The commands of `pywagi export`.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write a Dockerfile: lighttpd in front of `pywagi cgi`
    #[command(after_help = EXPORT_DOCKER_HELP)]
    Docker(ExportDocker),
    /// Write spin.toml and the component that it names
    #[command(after_help = EXPORT_SPIN_HELP)]
    Spin(ExportSpin),
    /// Write a manifest for wagi, the reference server, and print its command line
    #[command(after_help = EXPORT_WAGI_HELP)]
    Wagi(ExportWagi),
    /// Write a manifest for wasmCloud and the component that it names
    #[command(after_help = EXPORT_WASMCLOUD_HELP)]
    Wasmcloud(ExportWasmcloud),
}

/// `pywagi export spin`
#[derive(Args, Debug)]
pub struct ExportSpin {
    /// What is built.
    #[command(flatten)]
    pub component: ComponentOptions,
    /// File to write; the component is beside it
    /// [default: spin.toml beside modules.toml]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// For Spin's WAGI executor, up to Spin 4, with the app's own files
    #[arg(long, conflicts_with_all = ["route", "env", "env_file", "no_env_file", "hostname"])]
    pub wagi: bool,
    /// Write the image of the app, too: an OCI layout, for a registry
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub oci: Option<PathBuf>,
    /// Print the SpinApp that has a cluster run the image IMAGE
    #[arg(long, value_name = "IMAGE")]
    pub kube: Option<String>,
    /// Overwrite another file
    #[arg(short, long)]
    pub force: bool,
}

/// `pywagi export wagi`
#[derive(Args, Debug)]
pub struct ExportWagi {
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Overwrite another file
    #[arg(short, long)]
    pub force: bool,
}

/// `pywagi export wasmcloud`
#[derive(Args, Debug)]
pub struct ExportWasmcloud {
    /// What is built.
    #[command(flatten)]
    pub component: ComponentOptions,
    /// File to write; the component is beside it
    /// [default: wadm.yaml beside modules.toml]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// The image that the manifest names [default: the file beside it]
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<String>,
    /// Write the image of the component, too: an OCI layout, for a registry
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub oci: Option<PathBuf>,
    /// Print the WorkloadDeployment that has a cluster run the image IMAGE
    #[arg(long, value_name = "IMAGE")]
    pub kube: Option<String>,
    /// Overwrite another file
    #[arg(short, long)]
    pub force: bool,
}

/// `pywagi export docker`
#[derive(Args, Debug)]
pub struct ExportDocker {
    /// modules.toml to use [default: the nearest one, upwards from here]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Directory of the files, in the app
    #[arg(short, long, value_name = "DIR", default_value = "docker", value_parser = directory)]
    pub out: String,
    /// Let requests write to the volume PATH, as modules.toml has it; repeatable
    #[arg(long, value_name = "PATH")]
    pub writable: Vec<String>,
    /// The pywagi of the container [default: this one, on Linux]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub pywagi: Option<PathBuf>,
    /// Overwrite the files
    #[arg(short, long)]
    pub force: bool,
}

/// The name of a directory that a Dockerfile can have as it is.
fn directory(name: &str) -> Result<String, String> {
    let is_plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && part != ".."
    };
    let is_name = name.split('/').all(is_plain) && !name.starts_with('.');
    is_name
        .then(|| name.to_owned())
        .ok_or_else(|| "give a directory of the app, such as docker or deploy/docker".to_owned())
}
