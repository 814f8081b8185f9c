//! SpinKube: a `SpinApp` of `core.spinkube.dev/v1alpha1`.

use crate::export::fill;

const SPIN_APP: &str = include_str!("../../../assets/export/spin/spinapp.yaml");

/// The resource that has a cluster run the image of an app.
pub fn spin_app(name: &str, image: &str) -> String {
    fill(SPIN_APP, &[("NAME", name), ("IMAGE", image)])
}
