//! The formats of other hosts, strictly: a key that a host does not know is a mistake.

// Keys are there to be known.
#![allow(dead_code)]

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

pub fn toml<T: DeserializeOwned>(text: &str) -> T {
    ::toml::from_str(text).unwrap_or_else(|e| panic!("{e}:\n{text}"))
}

pub fn yaml<T: DeserializeOwned>(text: &str) -> T {
    serde_yaml_ng::from_str(text).unwrap_or_else(|e| panic!("{e}:\n{text}"))
}

pub fn json<T: DeserializeOwned>(text: &[u8]) -> T {
    serde_json::from_slice(text).unwrap_or_else(|e| panic!("{e}:\n{}", String::from_utf8_lossy(text)))
}

/// spin.toml, manifest version 2 (Spin 4.1, crates/manifest and crates/http), as far as HTTP goes.
pub mod spin {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Manifest {
        pub spin_manifest_version: u32,
        pub application: Application,
        pub trigger: Trigger,
        pub component: BTreeMap<String, Component>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Application {
        pub name: String,
        pub version: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Trigger {
        pub http: Vec<Http>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Http {
        pub route: String,
        pub component: String,
        pub executor: Option<Executor>,
    }

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case", tag = "type")]
    pub enum Executor {
        Http,
        Wagi { argv: String },
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Component {
        pub source: String,
        #[serde(default)]
        pub files: Vec<Mount>,
        #[serde(default)]
        pub environment: BTreeMap<String, String>,
        #[serde(default)]
        pub allowed_outbound_hosts: Vec<String>,
    }

    #[derive(Debug, Deserialize, PartialEq, Eq)]
    #[serde(deny_unknown_fields)]
    pub struct Mount {
        pub source: String,
        pub destination: String,
    }

    /// The locked app in an image (crates/locked-app).
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Locked {
        pub spin_lock_version: u32,
        pub metadata: serde_json::Value,
        pub triggers: Vec<LockedTrigger>,
        pub components: Vec<LockedComponent>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct LockedTrigger {
        pub id: String,
        pub trigger_type: String,
        pub trigger_config: Http,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct LockedComponent {
        pub id: String,
        pub metadata: BTreeMap<String, serde_json::Value>,
        pub source: Source,
        #[serde(default)]
        pub env: BTreeMap<String, String>,
        #[serde(default)]
        pub files: Vec<Content>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Source {
        pub content_type: String,
        pub digest: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Content {
        pub digest: String,
        pub inline: Option<String>,
        pub path: String,
    }

    /// `SpinApp` (spin-operator, api/v1alpha1).
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct App {
        pub api_version: String,
        pub kind: String,
        pub metadata: Named,
        pub spec: Spec,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Spec {
        pub image: String,
        pub executor: String,
        pub replicas: i32,
        pub checks: Checks,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Checks {
        pub readiness: Probe,
        pub liveness: Probe,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct Probe {
        pub http_get: HttpGet,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct HttpGet {
        pub path: String,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub name: String,
}

/// wasmCloud: wadm's application (crates/wadm-types) and the `WorkloadDeployment` of wasmCloud 2.
pub mod wasmcloud {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct Application {
        pub api_version: String,
        pub kind: String,
        pub metadata: Metadata,
        pub spec: Specification,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Metadata {
        pub name: String,
        pub annotations: BTreeMap<String, String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Specification {
        pub components: Vec<Component>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Component {
        pub name: String,
        pub r#type: String,
        pub properties: Image,
        pub traits: Vec<Trait>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Image {
        pub image: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "lowercase", tag = "type", content = "properties")]
    pub enum Trait {
        Spreadscaler(Spread),
        Link(Link),
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Spread {
        pub instances: usize,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Link {
        pub target: Named,
        pub namespace: String,
        pub package: String,
        pub interfaces: Vec<String>,
        pub source: Configured,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Configured {
        pub config: Vec<Config>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Config {
        pub name: String,
        pub properties: BTreeMap<String, String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct Workload {
        pub api_version: String,
        pub kind: String,
        pub metadata: Named,
        pub spec: Deployment,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Deployment {
        pub replicas: u32,
        pub template: Template,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Template {
        pub spec: WorkloadSpec,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct WorkloadSpec {
        pub host_selector: BTreeMap<String, String>,
        pub components: Vec<WorkloadComponent>,
        pub host_interfaces: Vec<Interface>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct WorkloadComponent {
        pub name: String,
        pub image: String,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Interface {
        pub namespace: String,
        pub package: String,
        pub interfaces: Vec<String>,
        pub config: BTreeMap<String, String>,
    }
}

/// An OCI image (image-spec 1.1).
pub mod oci {
    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct Index {
        pub schema_version: u32,
        pub manifests: Vec<Descriptor>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct Descriptor {
        pub media_type: String,
        pub digest: String,
        pub size: u64,
        #[serde(default)]
        pub annotations: BTreeMap<String, String>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    pub struct Manifest {
        pub schema_version: u32,
        pub media_type: String,
        pub config: Descriptor,
        pub layers: Vec<Descriptor>,
        pub annotations: BTreeMap<String, String>,
    }
}
