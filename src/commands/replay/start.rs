//! What a replay starts from: the module, and the saved interpreter.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::Replay;
use crate::commands::app;
use crate::error::{Context, Error, Result};
use crate::guest::{self, Image, Program, Runtime, Volume};
use crate::manifest::{self, Manifest};
use crate::recording::directory::{image_file, read_image};
use crate::recording::{ImageOrigin, RecordedRequest};
use crate::terminal::Terminal;
use crate::text_file::shown;

use super::find::{Found, Source};

/// What a replay starts from.
pub struct Starter {
    /// The module.
    pub program: Program,
    /// The saved interpreter; none for a cold start.
    pub image: Option<Arc<Image>>,
    /// Whether the interpreter is the one that was recorded.
    pub is_exact: bool,
}

impl Starter {
    /// Finds or makes what the recording starts from.
    ///
    /// # Errors
    /// Fails where the module is not here, nor the saved interpreter, which is made again only where that is asked for.
    pub fn find(arguments: &Replay, found: &Found, terminal: &Terminal) -> Result<Self> {
        let request = &*found.request;
        let runtime = Runtime::new(app::cache(terminal).as_ref())?;
        let manifest = nearest(arguments)?;
        let module = module(arguments, request, manifest.as_ref(), &runtime)?;
        let program = runtime.load(&module, terminal)?;
        let Some(origin) = &request.image else { return Ok(Self { program, image: None, is_exact: true }) };
        if let Some(image) = saved(found, origin, &runtime, terminal) {
            return Ok(Self { program, image: Some(image.into()), is_exact: true });
        }
        if !arguments.rebuild {
            return Err(Error::new(format!(
                "the saved interpreter that {} started from, {}, is not on this machine",
                found.name,
                short(origin)
            ))
            .remedy(
                "copy images/ of the directory that it was recorded to, beside it, or make it again with --rebuild",
            ));
        }
        let image = rebuild(&program, request, origin, manifest.as_ref(), terminal)?;
        let is_exact = image.digest() == origin.digest;
        if !is_exact {
            terminal.warn(format_args!(
                "the interpreter that was made again is not the recorded one, {}: files that it is made from differ",
                short(origin)
            ));
        }
        Ok(Self { program, image: Some(image.into()), is_exact })
    }
}

/// The manifest that `--config` names, else that of the app that the user is in, if there is one that can be read.
fn nearest(arguments: &Replay) -> Result<Option<Manifest>> {
    let manifest = manifest::find(arguments.config.as_deref()).and_then(|path| manifest::load(&path));
    if arguments.config.is_some() { manifest.map(Some) } else { Ok(manifest.ok()) }
}

fn short(origin: &ImageOrigin) -> String {
    origin.digest.to_string().chars().take(12).collect()
}

/// The file of the module: the one that is named, else where it was, else one of the app that has its content.
fn module(
    arguments: &Replay,
    request: &RecordedRequest,
    manifest: Option<&Manifest>,
    runtime: &Runtime,
) -> Result<PathBuf> {
    let wanted = request.module_digest;
    let differs = |file: &Path| {
        Error::new(format!("{} is not the module that was recorded: its SHA-256 is not {wanted}", shown(file)))
    };
    if let Some(file) = &arguments.module {
        let digest = runtime.digest_of(file).context(|| format!("cannot read the module {}", shown(file)))?;
        let remedy = "name the file that the request was recorded with";
        return if digest == wanted { Ok(file.clone()) } else { Err(differs(file).remedy(remedy)) };
    }
    let of_app = manifest.into_iter().flat_map(|manifest| &manifest.modules).map(|module| module.module.as_path());
    let mut files = std::iter::once(request.module.as_path()).chain(of_app);
    if let Some(file) = files.find(|file| runtime.digest_of(file).is_ok_and(|digest| digest == wanted)) {
        return Ok(file.to_owned());
    }
    let remedy = "install the same interpreter (`pywagi toolchain install`), or name its file with --module FILE";
    if request.module.exists() {
        return Err(differs(&request.module).remedy(remedy));
    }
    let file = request.module.display();
    Err(Error::new(format!("the module that was recorded, {file}, is not on this machine")).remedy(remedy))
}

/// The saved interpreter, from where the recording is, or from the cache.
fn saved(found: &Found, origin: &ImageOrigin, runtime: &Runtime, terminal: &Terminal) -> Option<Image> {
    let (place, image) = match &found.source {
        Source::Server(peer, id) => {
            (format!("that of process {}", peer.pid()), peer.image(*id, &origin.digest).map(Some))
        }
        Source::File(file) => {
            let beside = image_file(file, &origin.digest);
            (shown(&beside), read_image(&beside, &origin.digest))
        }
    };
    let image = image.unwrap_or_else(|why| {
        terminal.warn(format_args!("the saved interpreter {place} {why}"));
        None
    });
    image.or_else(|| guest::cached_image(runtime, &origin.digest))
}

/// Makes the saved interpreter again.
fn rebuild(
    program: &Program,
    request: &RecordedRequest,
    origin: &ImageOrigin,
    manifest: Option<&Manifest>,
    terminal: &Terminal,
) -> Result<Image> {
    let bar = terminal.spinner("Making", "the saved interpreter again");
    let mut input = request.input(Arc::new(|_| ()));
    input.volumes = request.volumes.iter().map(|volume| here(volume, manifest)).collect();
    let image = guest::rebuild(program, &input, &origin.origin);
    bar.finish_and_clear();
    image.map_err(|why| {
        Error::new(format!("the saved interpreter cannot be made again: {why}"))
            .remedy("replay it in its app: its volumes are looked for in the nearest modules.toml, or that of -c")
    })
}

/// The volumes that a debugger may read. The paths in a file may be anyone's, so that only volumes of the app count there.
///
/// # Errors
/// Fails where the manifest that is named cannot be read.
pub fn readable_volumes(arguments: &Replay, found: &Found) -> Result<Vec<Volume>> {
    let manifest = nearest(arguments)?;
    let of_app = |volume: &Volume| {
        let host = of_app(volume, manifest.as_ref()).map(|other| other.host.clone()).unwrap_or_default();
        Volume { host, ..volume.clone() }
    };
    let volumes = found.request.volumes.iter();
    Ok(match found.source {
        Source::Server(..) => volumes.map(|volume| here(volume, manifest.as_ref())).collect(),
        Source::File(_) => volumes.map(of_app).collect(),
    })
}

/// The directory of the app that the guest sees where it saw `volume`.
fn of_app<'a>(volume: &Volume, manifest: Option<&'a Manifest>) -> Option<&'a Volume> {
    let volumes = manifest.into_iter().flat_map(|manifest| &manifest.modules).flat_map(|module| &module.volumes);
    volumes.filter(|other| other.guest == volume.guest).find(|other| other.host.is_dir())
}

/// A volume as it is on this machine: where it was, or where the app has it. To make an interpreter only reads it.
fn here(volume: &Volume, manifest: Option<&Manifest>) -> Volume {
    let host = match of_app(volume, manifest) {
        Some(other) if !volume.host.is_dir() => &other.host,
        _ => &volume.host,
    };
    Volume { guest: volume.guest.clone(), host: host.clone(), read_only: true }
}
