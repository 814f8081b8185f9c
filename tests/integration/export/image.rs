//! `pywagi export --oci`: images as registries take them.

use std::path::Path;

use super::formats::{json, oci, spin};
use super::{PYPROJECT, built, wasm};
use crate::support::Project;

/// An image of a layout: its manifest and the blobs that it names, each checked.
struct Image {
    manifest: oci::Manifest,
    blobs: Vec<Vec<u8>>,
    config: Vec<u8>,
}

impl Image {
    fn read(layout: &Path) -> Self {
        assert_eq!(
            std::fs::read(layout.join("oci-layout")).expect("it is there"),
            br#"{"imageLayoutVersion":"1.0.0"}"#
        );
        let index: oci::Index = json(&std::fs::read(layout.join("index.json")).expect("it is there"));
        let [image] = index.manifests.as_slice() else { panic!("one image") };
        assert_eq!(
            (index.schema_version, image.annotations["org.opencontainers.image.ref.name"].as_str()),
            (2, "latest")
        );
        let manifest: oci::Manifest = json(&blob(layout, image));
        assert_eq!(manifest.media_type, image.media_type);
        assert_eq!(manifest.schema_version, 2);
        assert_eq!(manifest.annotations["org.opencontainers.image.title"], "shop");
        let blobs = manifest.layers.iter().map(|layer| blob(layout, layer)).collect();
        let config = blob(layout, &manifest.config);
        Self { manifest, blobs, config }
    }
}

fn blob(layout: &Path, descriptor: &oci::Descriptor) -> Vec<u8> {
    let hex = descriptor.digest.strip_prefix("sha256:").expect("a digest");
    let content = std::fs::read(layout.join("blobs/sha256").join(hex)).expect("it is there");
    assert_eq!(content.len() as u64, descriptor.size);
    assert_eq!(pywagi::hash::Digest::of(&content).to_string(), hex);
    content
}

const MODULES: &str = "[[module]]\nroute = \"/\"\nmodule = \"guest.wasm\"\nvolumes = { \"/code\" = \"code\", \"/\" = \"code/sub\" }\n\
                       environment = { A = \"b\" }\nallowed_hosts = [\"db:5432\"]\n";

fn app() -> Project {
    Project::new(MODULES)
        .file("guest.wasm", wasm())
        .file("code/short.py", "short")
        .file("code/sub/long.py", "long ".repeat(100))
        .file("code/.env", "SECRET=1")
        .file("pyproject.toml", PYPROJECT)
}

#[test]
fn an_image_for_spin_has_the_modules_the_files_and_the_locked_app() {
    let project = app();
    let run = project.pywagi(["export", "spin", "--wagi", "--oci", "image"]).output();
    run.code(0)
        .stderr_has("       Wrote image: sha256:")
        .stderr_has("push it: skopeo copy oci:image:latest docker://IMAGE\n");
    let image = Image::read(&project.path("image"));
    let types: Vec<_> = image.manifest.layers.iter().map(|layer| layer.media_type.as_str()).collect();
    assert_eq!(
        types,
        [
            "application/vnd.wasm.content.layer.v1+wasm",
            "application/vnd.wasm.content.layer.v1+data",
            "application/vnd.fermyon.spin.application.v1+config"
        ]
    );
    // Without its names the module is another, and runs.
    assert!(image.blobs[0].len() < wasm().len() && image.blobs[0].starts_with(b"\0asm\x01"));
    project.write("stripped.wasm", &image.blobs[0]);
    project.write("stripped.toml", MODULES.replace("guest.wasm", "stripped.wasm"));
    project.pywagi(["invoke", "/", "-c", "stripped.toml"]).output().code(0).stdout("hello");
    let locked: spin::Locked = json(&image.blobs[2]);
    assert_eq!((locked.spin_lock_version, locked.triggers[0].id.as_str()), (0, "trigger-root-0"));
    assert_eq!(locked.triggers[0].trigger_type, "http");
    assert_eq!(locked.metadata["name"], "shop");
    let config = &locked.triggers[0].trigger_config;
    assert_eq!((config.route.as_str(), config.component.as_str()), ("/", "root"));
    let component = &locked.components[0];
    assert_eq!((component.id.as_str(), component.env["A"].as_str()), ("root", "b"));
    let hosts = serde_json::json!({ "allowed_outbound_hosts": ["*://db:5432"] });
    assert_eq!(serde_json::json!(component.metadata), hosts);
    assert_eq!(
        (component.source.content_type.as_str(), &component.source.digest),
        ("application/wasm", &image.manifest.layers[0].digest)
    );
    let files: Vec<_> = component.files.iter().map(|file| (file.path.as_str(), file.inline.is_some())).collect();
    assert_eq!(files, [("code/.env", true), ("code/short.py", true), ("code/sub/long.py", false), ("long.py", false)]);
    assert_eq!(component.files[1].inline.as_deref(), Some("c2hvcnQ"));
    assert_eq!(component.files[2].digest, image.manifest.layers[1].digest);
    assert_eq!(image.manifest.config.media_type, "application/vnd.oci.image.config.v1+json");
    let config: serde_json::Value = json(&image.config);
    assert_eq!(
        config["config"]["Labels"]["com.fermyon.spin.lockedAppDigest"],
        image.manifest.layers[2].digest.as_str()
    );

    // The same app is the same image, and takes the place of the old one.
    let digest = |run: &str| run.split("sha256:").nth(1).and_then(|rest| rest.lines().next()).map(str::to_owned);
    let again = project.pywagi(["export", "spin", "--wagi", "--oci", "image"]).output();
    assert_eq!(digest(&again.code(0).stderr_text()), digest(&run.stderr_text()));
    project.write("code/short.py", "other");
    project.pywagi(["export", "spin", "--wagi", "--oci", "image", "-q"]).output().code(0);
    Image::read(&project.path("image"));
}

#[test]
fn more_files_than_registries_take_layers_are_one_archive() {
    let project = app();
    for number in 0..520 {
        project.write(&format!("code/many/{number}.py"), format!("{number} ").repeat(100));
    }
    project.pywagi(["export", "spin", "--wagi", "--oci", "image", "-q"]).output().code(0).stderr("");
    let image = Image::read(&project.path("image"));
    assert_eq!(image.manifest.layers[1].media_type, "application/vnd.wasm.content.bundle.v1.tar+gzip");
    assert_eq!(image.manifest.layers.len(), 3);
    let locked: spin::Locked = json(&image.blobs[2]);
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(image.blobs[1].as_slice()));
    let mut found = Vec::new();
    for entry in archive.entries().expect("an archive") {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut entry.expect("an entry"), &mut content).expect("read");
        found.push(format!("sha256:{}", pywagi::hash::Digest::of(&content)));
    }
    assert_eq!(found.len(), 521);
    let large = locked.components[0].files.iter().filter(|file| file.inline.is_none());
    assert!(large.clone().count() >= 521 && large.clone().all(|file| found.contains(&file.digest)));
}

#[test]
fn an_image_of_a_component_has_it_alone() {
    let project = built();
    project
        .pywagi(["export", "wasmcloud", "--oci", "image"])
        .output()
        .code(0)
        .stderr_has("       Wrote image: sha256:");
    let image = Image::read(&project.path("image"));
    assert_eq!(image.manifest.config.media_type, "application/vnd.wasm.config.v0+json");
    let config: serde_json::Value = json(&image.config);
    assert_eq!((&config["architecture"], &config["os"]), (&"wasm".into(), &"wasip2".into()));
    assert_eq!(config["layerDigests"][0], image.manifest.layers[0].digest.as_str());
    let has = |list: &str, name: &str| config["component"][list].to_string().contains(name);
    assert!(has("exports", "wasi:http/incoming-handler@0.2") && has("imports", "wasi:http/types@0.2"), "{config}");
    assert_eq!(image.manifest.layers[0].media_type, "application/wasm");
    assert_eq!(image.blobs[0], std::fs::read(project.path("app.wasm")).expect("it is there"));

    // Spin's image of the same component, in the same layout, takes the place of that.
    project.pywagi(["export", "spin", "--oci", "image", "-q"]).output().code(0);
    let image = Image::read(&project.path("image"));
    let locked: spin::Locked = json(&image.blobs[1]);
    assert_eq!(locked.triggers[0].trigger_config.route, "/...");
    assert!(locked.triggers[0].trigger_config.executor.is_none());

    // Nothing is written where something else is.
    let project = project.file("full/other", "x");
    let refused = project.pywagi(["export", "spin", "--oci", "full"]).output();
    refused.code(1).stderr_has("error: full is there and is no OCI layout: nothing is written into it\n  help: ");
    assert_eq!(std::fs::read_dir(project.path("full")).expect("it is there").count(), 1);
}
