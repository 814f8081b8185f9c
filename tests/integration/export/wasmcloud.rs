//! `pywagi export wasmcloud`

use super::built;
use super::formats::{wasmcloud, yaml};

#[test]
fn wadm_and_a_workload_name_the_component() {
    let project = built();
    let run = project.pywagi(["export", "wasmcloud", "--kube", "registry.example.com/shop:1"]).output();
    run.code(0).stderr_has("       Wrote wadm.yaml\n").stderr_has("       Built app.wasm: 1 route, ");
    let application: wasmcloud::Application = yaml(&project.read("wadm.yaml"));
    assert_eq!((application.api_version.as_str(), application.kind.as_str()), ("core.oam.dev/v1beta1", "Application"));
    assert_eq!(application.metadata.name, "shop");
    assert_eq!(application.metadata.annotations["version"], "v1.2.3");
    let [component, server] = application.spec.components.as_slice() else { panic!("two components") };
    assert_eq!((component.r#type.as_str(), component.properties.image.as_str()), ("component", "file://./app.wasm"));
    assert!(matches!(component.traits.as_slice(), [wasmcloud::Trait::Spreadscaler(spread)] if spread.instances == 100));
    assert_eq!(server.r#type, "capability");
    let [wasmcloud::Trait::Link(link)] = server.traits.as_slice() else { panic!("a link") };
    assert_eq!((link.target.name.as_str(), link.namespace.as_str(), link.package.as_str()), ("shop", "wasi", "http"));
    assert_eq!(link.interfaces, ["incoming-handler"]);
    assert_eq!(link.source.config[0].properties["address"], "0.0.0.0:8000");

    let workload: wasmcloud::Workload = yaml(&run.stdout_text());
    assert_eq!(workload.api_version, "runtime.wasmcloud.dev/v1alpha1");
    assert_eq!((workload.kind.as_str(), workload.metadata.name.as_str()), ("WorkloadDeployment", "shop"));
    let spec = workload.spec.template.spec;
    assert_eq!(spec.components[0].image, "registry.example.com/shop:1");
    assert_eq!(spec.host_interfaces[0].interfaces, ["incoming-handler"]);

    let again = project.pywagi(["export", "wasmcloud", "--image", "registry.example.com/shop:2", "--force"]).output();
    again.code(0).stdout("").stderr_has("run it: wash app deploy wadm.yaml\n");
    let application: wasmcloud::Application = yaml(&project.read("wadm.yaml"));
    assert_eq!(application.spec.components[0].properties.image, "registry.example.com/shop:2");
}
