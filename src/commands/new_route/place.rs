//! Where the scripts of an app are, on the host and in the guest.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::error::{Error, Result};
use crate::guest::Volume;
use crate::manifest::Module;
use crate::scaffold::INTERPRETER;
use crate::text_file::shown;

/// What a further route has in common with those of the app.
pub struct Place {
    /// The WebAssembly file, as the manifest writes it.
    pub module: String,
    /// The directory of new scripts.
    pub directory: PathBuf,
    /// The volumes, as the manifest writes them.
    pub volumes: Vec<(String, Value)>,
    /// The variables.
    pub environment: Table,
    mounted: Vec<Volume>,
    app: PathBuf,
}

impl Place {
    /// That of an app without Python so far.
    pub fn of_a_new_app(app: &Path) -> Self {
        let host = app.join("code");
        Self {
            module: INTERPRETER.to_owned(),
            directory: host.clone(),
            volumes: vec![("/code".to_owned(), Value::String("code".to_owned()))],
            environment: Table::new(),
            mounted: vec![Volume { guest: "/code".to_owned(), host, read_only: false }],
            app: app.to_owned(),
        }
    }

    /// That of a module which runs a script; `table` is what the manifest says of it.
    pub fn of(module: &Module, table: &Table, app: &Path) -> Self {
        let text = table.get("module").and_then(Value::as_str).unwrap_or(INTERPRETER).to_owned();
        let volumes = table.get("volumes").and_then(Value::as_table).into_iter().flatten();
        let environment = table.get("environment").and_then(Value::as_table).cloned().unwrap_or_default();
        let script = module.script.as_ref().and_then(|script| script.host.as_deref()).and_then(Path::parent);
        Self {
            module: text,
            directory: script.map_or_else(|| app.join("code"), Path::to_owned),
            volumes: volumes.map(|(guest, host)| (guest.clone(), host.clone())).collect(),
            environment,
            mounted: module.volumes.clone(),
            app: app.to_owned(),
        }
    }

    /// The path by which the guest knows the file `host`, which is absolute and need not be there.
    ///
    /// # Errors
    /// Fails where no volume holds it, and where `argv` cannot name it.
    pub fn guest_path(&self, host: &Path) -> Result<String> {
        let host = real(host);
        let found =
            self.mounted.iter().filter_map(|volume| Some((volume, host.strip_prefix(real(&volume.host)).ok()?)));
        let Some((volume, rest)) = found.min_by_key(|(_, rest)| rest.components().count()) else {
            let seen: Vec<_> = self.mounted.iter().map(|volume| shown(&volume.host)).collect();
            return Err(Error::new(format!(
                "{} is not below a directory that scripts of the app are in",
                shown(&host)
            ))
            .remedy(format!("put it below {}", seen.join(" or "))));
        };
        let parts: Vec<_> = rest.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let guest = format!("{}/{}", volume.guest.trim_end_matches('/'), parts.join("/"));
        if guest.contains(char::is_whitespace) {
            return Err(Error::new(format!("`argv` is split at white space, so it cannot name {guest}"))
                .remedy("give the script a name without any"));
        }
        Ok(guest)
    }

    /// A guest path for the directory `host`, made of its name, which no volume has.
    ///
    /// # Errors
    /// Fails where its name is none that `argv` could hold.
    pub fn free_guest_path(&self, host: &Path) -> Result<String> {
        let name = host.file_name().and_then(|name| name.to_str()).unwrap_or("static");
        if name.contains(char::is_whitespace) {
            return Err(Error::new(format!(
                "`argv` is split at white space, so it cannot name a directory \"{name}\""
            ))
            .remedy("give the directory a name without any"));
        }
        let is_taken = |guest: &str| self.mounted.iter().any(|volume| volume.guest == guest);
        let name = format!("/{name}");
        Ok(if is_taken(&name) { format!("{name}-files") } else { name })
    }

    /// A script of ours among those of the app, and whether it has to be written.
    ///
    /// # Errors
    /// Fails where another file has its name.
    pub fn script(&self, name: &str, text: &str) -> Result<(PathBuf, bool)> {
        let path = self.directory.join(name);
        match std::fs::read(&path) {
            Err(_) if path.symlink_metadata().is_err() => Ok((path, true)),
            Ok(there) if there == text.as_bytes() => Ok((path, false)),
            // One that the user has changed to their needs is taken as it is.
            Ok(there) if there.starts_with(text.split_inclusive('\n').next().unwrap_or(text).as_bytes()) => {
                Ok((path, false))
            }
            _ => Err(Error::new(format!("{} is another script", shown(&path)))
                .remedy("rename it: the script that answers files is put there")),
        }
    }

    /// The volumes without which `script` cannot run: its own, and those of the interpreter.
    pub fn needed(&self, script: &Path) -> Vec<(String, Value)> {
        let script = real(script);
        let interpreter = real(&self.app.join(&self.module));
        let holds = |guest: &str| {
            let volume = self.mounted.iter().find(|volume| volume.guest == guest.trim_end_matches('/'));
            volume.is_some_and(|volume| {
                let host = real(&volume.host);
                script.starts_with(&host) || interpreter.starts_with(&host)
            })
        };
        self.volumes.iter().filter(|(guest, _)| holds(guest)).cloned().collect()
    }
}

/// `host` as a manifest in the directory `app` writes it: with `/`, and relative where it is below.
pub fn relative(host: &Path, app: &Path) -> String {
    let (host, app) = (real(host), real(app));
    match host.strip_prefix(&app) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        Ok(rest) => rest.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"),
        Err(_) => host.to_string_lossy().into_owned(),
    }
}

/// `path` without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => path.to_owned(),
    })
}
