//! The image of a Spin app, as `spin registry push` makes it: its WebAssembly and its files as layers, and the locked app.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use wagi_contract::component::File;

use super::{Component, SpinApp, Trigger};
use crate::build::Trees;
use crate::error::{Context, Result};
use crate::export::oci::{Descriptor, Layout, sha256};
use crate::hash::Digest;
use crate::text_file::shown;

const WASM: &str = "application/vnd.wasm.content.layer.v1+wasm";
const DATA: &str = "application/vnd.wasm.content.layer.v1+data";
const ARCHIVE: &str = "application/vnd.wasm.content.bundle.v1.tar+gzip";
const APP: &str = "application/vnd.fermyon.spin.application.v1+config";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// The longest content that is in the locked app itself, in bytes: Spin's own bound.
const INLINE: usize = 128;

/// The most layers that registries take of an image, the locked app included: Spin's own bound. More files are one archive.
const MOST_LAYERS: usize = 500;

/// Writes the image of `app`, whose paths are relative to `directory`. Returns its digest, and what was left out.
///
/// # Errors
/// Fails where a file cannot be read or written.
pub fn write(app: &SpinApp, directory: &Path, mut layout: Layout) -> Result<(String, Vec<String>)> {
    // The variables in an env file are for whoever runs the app.
    let mut trees = Trees::new(vec![directory.join(".env")]);
    let mut parts = Vec::new();
    for component in &app.components {
        let source = directory.join(&component.source);
        let wasm = std::fs::read(&source).context(|| format!("cannot read {}", shown(&source)))?;
        let module = layout.layer(WASM, &without_names(&wasm).unwrap_or(wasm))?;
        let mut mounts = Vec::new();
        for (from, to) in &component.files {
            mounts.push((trees.number(&directory.join(from))?, to.trim_matches('/')));
        }
        parts.push((component, module, mounts));
    }
    let files: Vec<_> = trees.files().into_iter().filter(|file| !file.is_directory).collect();
    add_files(&mut layout, parts.len(), &files)?;
    let components =
        parts.iter().map(|(component, module, mounts)| locked_component(component, module, mounts, &files));
    let locked = json!({
        "spin_lock_version": 0,
        "metadata": {
            "name": app.name.name,
            "version": app.name.version,
            "trigger": { "type": "http" },
            "triggers": {},
        },
        "triggers": app.triggers.iter().enumerate().map(locked_trigger).collect::<Vec<_>>(),
        "components": components.collect::<Vec<_>>(),
    });
    let locked = layout.layer(APP, locked.to_string().as_bytes())?;
    let config = json!({
        "architecture": "wasm",
        "os": "Wasip1",
        "config": { "Labels": { "com.fermyon.spin.lockedAppDigest": locked.digest } },
        "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let digest = layout.finish((CONFIG, config), &app.name.name, &app.name.version)?;
    Ok((digest, trees.notes))
}

/// Adds what is not in the locked app itself: a layer for each content, or one for all.
fn add_files(layout: &mut Layout, modules: usize, files: &[File<'_>]) -> Result<()> {
    let mut large: Vec<(Digest, &[u8])> = Vec::new();
    for file in files.iter().filter(|file| file.content.len() > INLINE) {
        let digest = Digest::of(file.content);
        if !large.iter().any(|(known, _)| *known == digest) {
            large.push((digest, file.content));
        }
    }
    if large.len() + modules < MOST_LAYERS {
        large.iter().try_for_each(|(_, content)| layout.layer(DATA, content).map(drop))
    } else {
        let archive = archive(&large).context(|| "cannot pack the files of the app")?;
        layout.layer(ARCHIVE, &archive).map(drop)
    }
}

fn locked_component(component: &Component, module: &Descriptor, mounts: &[(u32, &str)], files: &[File<'_>]) -> Value {
    let mut locked = json!({
        "id": component.id,
        "metadata": {},
        "source": { "content_type": "application/wasm", "digest": module.digest },
    });
    if !component.allowed_outbound_hosts.is_empty() {
        locked["metadata"]["allowed_outbound_hosts"] = json!(component.allowed_outbound_hosts);
    }
    if !component.environment.is_empty() {
        locked["env"] = json!(component.environment.iter().cloned().collect::<BTreeMap<_, _>>());
    }
    let mut contents = Vec::new();
    for (tree, to) in mounts {
        for file in files.iter().filter(|file| file.tree == *tree) {
            let path = if to.is_empty() { file.path.to_owned() } else { format!("{to}/{}", file.path) };
            let mut content = json!({ "digest": sha256(Digest::of(file.content)), "path": path });
            if file.content.len() <= INLINE {
                content["inline"] = STANDARD_NO_PAD.encode(file.content).into();
            }
            contents.push(content);
        }
    }
    if !contents.is_empty() {
        locked["files"] = contents.into();
    }
    locked
}

fn locked_trigger((number, trigger): (usize, &Trigger)) -> Value {
    let mut config = json!({ "component": trigger.component, "route": trigger.route });
    if let Some(argv) = &trigger.argv {
        config["executor"] = json!({ "type": "wagi", "argv": argv });
    }
    json!({ "id": format!("trigger-{}-{number}", trigger.component), "trigger_type": "http", "trigger_config": config })
}

/// The files by their digests: Spin finds what an archive holds by its content.
fn archive(files: &[(Digest, &[u8])]) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (digest, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, digest.to_string(), *content)?;
    }
    let mut packed = archive.into_inner()?;
    packed.flush()?;
    packed.finish()
}

/// A module without the names of its functions and what debuggers read, which is half of `python3.wasm`; `None` where it is
/// none.
fn without_names(wasm: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(wasm.len());
    let mut end = 0;
    for payload in wasmparser::Parser::new(0).parse_all(wasm) {
        match payload.ok()? {
            wasmparser::Payload::Version { encoding: wasmparser::Encoding::Module, range, .. } => {
                kept.extend_from_slice(wasm.get(range.clone())?);
                end = range.end;
            }
            wasmparser::Payload::Version { .. } => return None,
            wasmparser::Payload::CustomSection(section) => {
                let whole = end..section.range().end;
                end = whole.end;
                let is_for_debuggers = section.name() == "name" || section.name().starts_with(".debug_");
                if !is_for_debuggers {
                    kept.extend_from_slice(wasm.get(whole)?);
                }
            }
            payload => {
                if let Some((_, range)) = payload.as_section() {
                    kept.extend_from_slice(wasm.get(end..range.end)?);
                    end = range.end;
                }
            }
        }
    }
    (end == wasm.len()).then_some(kept)
}
