//! A container: lighttpd in front of `pywagi cgi`.

use std::path::Path;

use super::{Export, ExportedFile, inside, listed};
use crate::error::{Error, Kind, Result};
use crate::guest::Volume;
use crate::manifest::Manifest;
use crate::paths::with_slashes;
use crate::text_file::shown;

const DOCKERFILE: &str = include_str!("../../assets/export/docker/Dockerfile");
const LIGHTTPD: &str = include_str!("../../assets/export/docker/lighttpd.conf");

/// The file by which Docker leaves files out of what it copies for this Dockerfile.
const IGNORE: &str = "Dockerfile.dockerignore";

/// The program in the directory of the export.
pub const PROGRAM: &str = "pywagi";

/// What is asked of the export.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// The directory of the export, relative to the app.
    pub directory: &'a str,
    /// The volumes that requests may write to, as the guest has them.
    pub writable: &'a [String],
    /// Whether there is an env file beside modules.toml.
    pub has_dotenv: bool,
}

/// The files of a container for the app.
///
/// # Errors
/// Fails where the app needs a file outside of its directory, a module cannot run, and where there is no such volume.
pub fn export(manifest: &Manifest, options: Options<'_>) -> Result<Export> {
    let name = with_slashes(manifest.path.file_name().map_or(Path::new(""), Path::new))?;
    let volumes = || manifest.modules.iter().flat_map(|module| &module.volumes);
    for writable in options.writable {
        let mut known = volumes().map(|volume| volume.guest.as_str());
        if !known.any(|guest| guest == writable) {
            let names = listed(volumes().map(|volume| volume.guest.as_str()));
            return Err(Error::of(Kind::Usage, format!("there is no volume {writable}"))
                .remedy(format!("the volumes of {} are: {names}", shown(&manifest.path))));
        }
    }
    let is_writable = |volume: &Volume| options.writable.contains(&volume.guest);

    let mut copied = Places::default();
    let mut written = Places::default();
    copied.add(name.clone());
    for module in &manifest.modules {
        if let Some(problem) = &module.problem {
            return Err(problem.into());
        }
        let inside = |path: &Path, what: &str| inside(manifest, module.line, path, what, INSIDE);
        let file = inside(&module.module, "`module`")?;
        // With the interpreter comes what was installed with it.
        copied.add(file.split('/').next().unwrap_or(&file).to_owned());
        for volume in &module.volumes {
            let place = inside(&volume.host, &format!("the volume {}", volume.guest))?;
            if is_writable(volume) { written.add(place) } else { copied.add(place) }
        }
    }
    for library in &manifest.libraries {
        if let Some(problem) = &library.problem {
            return Err(problem.into());
        }
        let inside = |path: &Path, what: &str| inside(manifest, library.line, path, what, INSIDE);
        copied.add(inside(&library.module, "`module`")?);
        for volume in &library.volumes {
            copied.add(inside(&volume.host, &format!("the volume {}", volume.guest))?);
        }
    }
    let fill = |template: &str| {
        let text = template.replace("@DIRECTORY@", options.directory).replace("@MANIFEST@", &name);
        text.replace("@COPIES@", &copies(&copied, &written))
    };
    let ignore = ignored(options.directory, &copied, &written);
    let files = [("Dockerfile", fill(DOCKERFILE)), ("lighttpd.conf", fill(LIGHTTPD)), (IGNORE, ignore)];
    let files = files.map(|(name, content)| ExportedFile { name: name.to_owned(), content }).into();

    let mut notes = Vec::new();
    let kept: Vec<_> = volumes().filter(|volume| !volume.read_only && !is_writable(volume)).collect();
    if !kept.is_empty() {
        let names = listed(kept.iter().map(|volume| volume.guest.as_str()));
        notes.push(format!(
            "requests cannot write to {names} there; `--writable PATH` gives one of them an empty directory of its own, a \
             volume of the container"
        ));
    }
    if options.has_dotenv {
        notes.push(
            "the file .env stays out of the image; give it to the container: `docker run -v ./.env:/srv/app/.env:ro`"
                .to_owned(),
        );
    }
    let mut hosts = manifest.modules.iter().flat_map(|module| &module.allowed_hosts);
    if let Some(host) = hosts.find(|host| host.is_loopback()) {
        notes
            .push(format!("{host} is the container itself there: list the name by which it reaches the other machine"));
    }
    Ok(Export { files, notes })
}

/// What to do about a path outside of the app.
const INSIDE: &str = "a container gets copies of files of the app alone: move it there, and name its new place";

/// Paths in the app, without those below others.
#[derive(Default)]
struct Places(Vec<String>);

impl Places {
    fn add(&mut self, place: String) {
        if !self.0.iter().any(|known| is_below(&place, known)) {
            self.0.retain(|known| !is_below(known, &place));
            self.0.push(place);
        }
    }
}

/// Whether `place` is `other`, or in it.
fn is_below(place: &str, other: &str) -> bool {
    other.is_empty() || place.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The instructions that copy the app, and make the directories that requests write to.
fn copies(copied: &Places, written: &Places) -> String {
    let mut text = String::new();
    for place in &copied.0 {
        let from = if place.is_empty() { "." } else { place };
        text.push_str(&format!("COPY [{}, {}]\n", quoted(from), quoted(&in_container(place))));
    }
    for place in &written.0 {
        let place = quoted(&in_container(place));
        text.push_str(&format!(
            "RUN [\"install\", \"-d\", \"-o\", \"pywagi\", \"-g\", \"pywagi\", {place}]\nVOLUME [{place}]\n"
        ));
    }
    text
}

/// Leaves out everything but what is copied. What requests write stays on this machine, and so do secrets.
fn ignored(directory: &str, copied: &Places, written: &Places) -> String {
    let mut text = "*\n".to_owned();
    for place in copied.0.iter().map(String::as_str).chain([directory]) {
        text.push_str(&format!("!{}\n", if place.is_empty() { "**" } else { place }));
    }
    for place in &written.0 {
        text.push_str(&format!("{place}\n"));
    }
    text + "**/.env\n**/.git\n**/__pycache__\n"
}

fn in_container(place: &str) -> String {
    if place.is_empty() { "/srv/app".to_owned() } else { format!("/srv/app/{place}") }
}

/// A string of JSON, as Dockerfiles have it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
