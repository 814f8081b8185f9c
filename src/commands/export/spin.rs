//! `pywagi export spin`

use std::path::Path;

use wagi_contract::network::Hosts;

use crate::cli::{AppOptions, ExportSpin};
use crate::commands::app::{self, Runs};
use crate::commands::build::{self, Component};
use crate::error::{Error, Result};
use crate::export::ExportedFile;
use crate::export::name::Name;
use crate::export::oci::Layout;
use crate::export::spin::{FILE_NAME, SpinApp, kubernetes, lock, wagi};
use crate::manifest::{self, Module, needs};
use crate::network::{AllowedHost, Host};
use crate::paths;
use crate::terminal::{Terminal, print};
use crate::text_file::shown;

use super::{place, tell, tell_image, write};

/// The file of the component.
const COMPONENT: &str = "app.wasm";

/// Writes spin.toml and what it names, the image of the app, and prints the resource of a cluster.
///
/// # Errors
/// Fails where Spin cannot run the app, another file is there already, and where one cannot be written.
pub fn run(arguments: &ExportSpin, terminal: &Terminal) -> Result<()> {
    let path = manifest::find(arguments.component.config.as_deref())?;
    let directory = paths::absolute(&path)?.parent().map(Path::to_owned).unwrap_or_default();
    let file = arguments.out.clone().unwrap_or_else(|| path.with_file_name(FILE_NAME));
    let (place, name) = place(&file)?;
    // What is known to fail is said before anything is made.
    arguments.oci.as_deref().map_or(Ok(()), Layout::check)?;
    if arguments.wagi && paths::absolute(place)? != directory {
        return Err(Error::new(format!("{} is not beside modules.toml", shown(&file)))
            .remedy("Spin's WAGI executor takes the app's own files, from below spin.toml: leave --out out"));
    }
    let (routes, target): (&[String], _) =
        if arguments.wagi { (&[], "Spin's WAGI executor") } else { (&arguments.component.route, "a component") };
    needs::check(&manifest::load(&path)?, routes, target)?;
    let (app, mut notes) = match arguments.wagi {
        true => for_wagi(&path, terminal)?,
        false => for_component(&path, &directory, &arguments.component.route)?,
    };
    write(place, &[ExportedFile { name, content: app.manifest() }], arguments.force, terminal)?;
    if !arguments.wagi {
        let component = build::build(path, &arguments.component, &place.join(COMPONENT), terminal)?;
        notes.extend(about_variables(&component, arguments.kube.is_some()));
    }
    tell(&notes, terminal);
    if let Some(oci) = &arguments.oci {
        let (digest, left_out) = lock::write(&app, place, Layout::open(oci)?)?;
        tell_image(oci, &digest, terminal);
        tell(&left_out, terminal);
    }
    match &arguments.kube {
        Some(image) => print(kubernetes::spin_app(&app.name.name, image)),
        None => {
            terminal.note(format_args!("run it: spin up -f {}", shown(&file)));
            Ok(())
        }
    }
}

/// The app as a component of these routes; without any, of all.
fn for_component(path: &Path, directory: &Path, routes: &[String]) -> Result<(SpinApp, Vec<String>)> {
    let mut modules = manifest::load(path)?.modules;
    modules.retain(|module| routes.is_empty() || routes.iter().any(|route| route == module.route.as_str()));
    let hosts = modules.iter().flat_map(|module| &module.allowed_hosts);
    let app = SpinApp::of_component(Name::of(directory), COMPONENT, hosts);
    let differ = modules.windows(2).any(|pair| matches!(pair, [a, b] if a.allowed_hosts != b.allowed_hosts));
    let note = differ.then(|| "allowed_outbound_hosts is that of all routes, not of each".to_owned());
    Ok((app, note.into_iter().chain(about_names(&modules)).collect()))
}

/// What Spin does not permit by name: connections that are not HTTP.
fn about_names(modules: &[Module]) -> Option<String> {
    let is_name = |entry: &&AllowedHost| {
        !matches!(entry.scheme(), Some("http" | "https"))
            && !matches!(entry.permission().hosts, Hosts::All | Hosts::One(Host::Address(_)))
    };
    let mut names: Vec<_> = modules.iter().flat_map(|module| &module.allowed_hosts).filter(is_name).collect();
    names.dedup();
    let names: Vec<_> = names.into_iter().map(AllowedHost::to_string).collect();
    let names = Some(names.join(", ")).filter(|names| !names.is_empty())?;
    Some(format!("Spin permits connections over TCP by address: add those of {names} to allowed_outbound_hosts"))
}

/// The app for Spin's WAGI executor.
fn for_wagi(path: &Path, terminal: &Terminal) -> Result<(SpinApp, Vec<String>)> {
    let options = AppOptions { config: Some(path.to_owned()), no_env_file: true, ..AppOptions::default() };
    let app = app::load(&options, Runs::default(), terminal)?;
    let dynamic: Vec<_> =
        app.routes().filter(|route| route.pattern != &route.module.route).map(|route| route.module.line).collect();
    wagi::export(&wagi::Routes { manifest: app.manifest(), dynamic: &dynamic })
}

/// How Spin gives the component its variables.
fn about_variables(component: &Component<'_>, on_kubernetes: bool) -> Option<String> {
    let names: Vec<_> = component.names().collect();
    if names.is_empty() {
        return None;
    }
    if on_kubernetes {
        let names = names.join(", ");
        return Some(format!(
            "SpinKube gives components no variables: {names} would have to be in `environment` of spin.toml, which whoever has the image can read"
        ));
    }
    let flags: String = names.iter().map(|name| format!(" --env {name}=VALUE")).collect();
    Some(format!("give the variables to Spin: `spin up{flags}`"))
}
