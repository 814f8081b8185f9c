//! wasmCloud: a manifest of wadm (wasmCloud 1), or a `WorkloadDeployment` (wasmCloud 2, on Kubernetes).

use super::fill;
use super::name::Name;

const WADM: &str = include_str!("../../assets/export/wasmcloud/wadm.yaml");
const WORKLOAD: &str = include_str!("../../assets/export/wasmcloud/workload.yaml");

/// The file of the manifest.
pub const FILE_NAME: &str = "wadm.yaml";

/// The manifest of wadm for a component at `image`: a reference, or a `file://` URL relative to the manifest.
pub fn wadm(name: &Name, image: &str) -> String {
    let (version, config) = (format!("v{}", name.version), format!("{}-http", name.name));
    fill(WADM, &[("NAME", &name.name), ("VERSION", &version), ("IMAGE", image), ("CONFIG", &config)])
}

/// The resource that has a cluster run the component at `image`.
pub fn workload(name: &Name, image: &str) -> String {
    fill(WORKLOAD, &[("NAME", &name.name), ("IMAGE", image)])
}
