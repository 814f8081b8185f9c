//! An OCI image layout (image-spec 1.1): a directory of an image that skopeo and oras copy to a registry.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::atomic_file::StagedFile;
use crate::error::{Context, Error, Result};
use crate::hash::Digest;
use crate::text_file::shown;

/// The file that says that a directory is a layout, and its content.
const MARK: &str = "oci-layout";
const VERSION: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;

/// The file that lists the images of a layout.
const INDEX: &str = "index.json";

/// The annotation that is the tag of an image.
const REF_NAME: &str = "org.opencontainers.image.ref.name";

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";

/// The type of a component of WebAssembly.
pub const WASM: &str = "application/wasm";

/// The tag of the image.
pub const TAG: &str = "latest";

/// A blob of a layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    media_type: String,
    /// `sha256:` and its hexadecimal form.
    pub digest: String,
    /// In bytes.
    pub size: u64,
}

impl Descriptor {
    fn json(&self) -> Value {
        json!({ "mediaType": self.media_type, "digest": self.digest, "size": self.size })
    }
}

/// A directory that gets an image.
#[derive(Debug)]
pub struct Layout {
    directory: PathBuf,
    layers: Vec<Descriptor>,
}

impl Layout {
    /// Whether there can be a layout at `directory`. Nothing is made.
    ///
    /// # Errors
    /// Fails where something else is there.
    pub fn check(directory: &Path) -> Result<()> {
        let is_layout = directory.join(MARK).is_file();
        if !is_layout && fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(Error::new(format!(
                "{} is there and is no OCI layout: nothing is written into it",
                shown(directory)
            ))
            .remedy("name another directory, or remove it"));
        }
        Ok(())
    }

    /// Opens or makes the layout at `directory`.
    ///
    /// # Errors
    /// As [`Layout::check`], and where it cannot be made.
    pub fn open(directory: &Path) -> Result<Self> {
        Self::check(directory)?;
        let blobs = directory.join("blobs").join("sha256");
        fs::create_dir_all(&blobs).context(|| format!("cannot make {}", shown(&blobs)))?;
        write(&directory.join(MARK), VERSION.as_bytes())?;
        Ok(Self { directory: directory.to_owned(), layers: Vec::new() })
    }

    /// Adds a layer, unless there is one of the same content.
    ///
    /// # Errors
    /// Fails where it cannot be written.
    pub fn layer(&mut self, media_type: &str, content: &[u8]) -> Result<Descriptor> {
        let layer = self.blob(media_type, content)?;
        if !self.layers.contains(&layer) {
            self.layers.push(layer.clone());
        }
        Ok(layer)
    }

    fn blob(&self, media_type: &str, content: &[u8]) -> Result<Descriptor> {
        let digest = Digest::of(content);
        let path = self.directory.join("blobs").join("sha256").join(digest.to_string());
        write(&path, content)?;
        Ok(Descriptor { media_type: media_type.to_owned(), digest: sha256(digest), size: content.len() as u64 })
    }

    /// Makes the layers an image of the tag [`TAG`], in place of the one that has it. Returns the digest of the image.
    ///
    /// # Errors
    /// Fails where the layout has an index that cannot be understood, and where one cannot be written.
    pub fn finish(self, config: (&str, Value), title: &str, version: &str) -> Result<String> {
        let path = self.directory.join(INDEX);
        let mut index = match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).context(|| format!("{} is not JSON", shown(&path)))?,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => json!({ "schemaVersion": 2, "manifests": [] }),
            Err(e) => return Err(e).context(|| format!("cannot read {}", shown(&path))),
        };
        let config = self.blob(config.0, config.1.to_string().as_bytes())?;
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.json(),
            "layers": self.layers.iter().map(Descriptor::json).collect::<Vec<_>>(),
            "annotations": {
                "org.opencontainers.image.title": title,
                "org.opencontainers.image.version": version,
            },
        });
        let manifest = self.blob(MANIFEST, manifest.to_string().as_bytes())?;
        let mut entry = manifest.json();
        entry["annotations"] = json!({ REF_NAME: TAG });
        let images = index.get_mut("manifests").and_then(Value::as_array_mut);
        let images = images.ok_or_else(|| Error::new(format!("{} has no list `manifests`", shown(&path))))?;
        images.retain(|image| image["annotations"][REF_NAME] != TAG);
        images.push(entry);
        write(&path, index.to_string().as_bytes())?;
        Ok(manifest.digest)
    }
}

/// The configuration of an image of one component: the CNCF's Wasm OCI artifact, version 0.
pub fn wasm_config(layer: &Descriptor, imports: &[String], exports: &[String]) -> (&'static str, Value) {
    let config = json!({
        // Nothing of a build says when it was: the same app is the same image.
        "created": "1970-01-01T00:00:00Z",
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [layer.digest],
        "component": { "exports": exports, "imports": imports, "target": null },
    });
    (WASM_CONFIG, config)
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    StagedFile::new(path, content).and_then(StagedFile::replace).context(|| format!("cannot write {}", shown(path)))
}

/// A digest in the form that images have it.
pub fn sha256(digest: Digest) -> String {
    format!("sha256:{digest}")
}
