//! `pywagi export spin`

use super::formats::{spin, toml, yaml};
use super::{PYPROJECT, built, wasm};
use crate::support::{Project, wat};

#[test]
fn a_component_takes_every_path() {
    let project = built().file(".env", "TOKEN=secret\n");
    let hosts = "allowed_hosts = [\"https://example.com\", \"rediss://cache\", \"db:5432\"]\n";
    project.write("modules.toml", project.read("modules.toml") + hosts);
    let run = project.pywagi(["export", "spin", "--kube", "registry.example.com/shop:1"]).output();
    run.code(0)
        .stderr_has("       Wrote spin.toml\n")
        .stderr_has("       Built app.wasm: 1 route, ")
        .stderr_has("note: Spin permits connections over TCP by address: add those of rediss://cache, db:5432 to allowed_outbound_hosts\n");
    run.stderr_has(
        "note: SpinKube gives components no variables: TOKEN would have to be in `environment` of spin.toml",
    );
    assert_eq!(
        project.read("spin.toml"),
        "# Made by `pywagi export spin` from modules.toml; changes belong there.
spin_manifest_version = 2

[application]
name = \"shop\"
version = \"1.2.3\"

[[trigger.http]]
route = \"/...\"
component = \"shop\"

[component.shop]
source = \"app.wasm\"
allowed_outbound_hosts = [\"https://example.com\", \"*://cache:6379\", \"*://db:5432\"]
"
    );
    let manifest: spin::Manifest = toml(&project.read("spin.toml"));
    assert_eq!((manifest.spin_manifest_version, manifest.application.name.as_str()), (2, "shop"));
    assert_eq!(manifest.component["shop"].allowed_outbound_hosts.len(), 3);
    assert!(project.path("app.wasm").is_file());

    let app: spin::App = yaml(&run.stdout_text());
    assert_eq!((app.api_version.as_str(), app.kind.as_str()), ("core.spinkube.dev/v1alpha1", "SpinApp"));
    assert_eq!((app.metadata.name.as_str(), app.spec.image.as_str()), ("shop", "registry.example.com/shop:1"));
    assert_eq!((app.spec.executor.as_str(), app.spec.replicas), ("containerd-shim-spin", 2));
    for probe in [app.spec.checks.readiness, app.spec.checks.liveness] {
        assert_eq!(probe.http_get.path, "/.well-known/spin/health");
    }

    // The same is written again, and a component that was built is replaced; what somebody changed is not.
    let again = project.pywagi(["export", "spin"]).output();
    again.code(0).stdout("").stderr_has("note: give the variables to Spin: `spin up --env TOKEN=VALUE`\n");
    again.stderr_has("run it: spin up -f spin.toml\n");
    project.write("spin.toml", "# mine\n");
    let refusal =
        "error: spin.toml already exists\n  help: overwrite with --force, or choose another place with --out\n";
    project.pywagi(["export", "spin"]).output().code(1).stderr(refusal);
    assert_eq!(project.read("spin.toml"), "# mine\n");
    project.pywagi(["export", "spin", "-q", "--force", "--out", "deploy/spin.toml"]).output().code(0).stderr("");
    assert!(project.path("deploy/app.wasm").is_file());
}

const WAGI: &str = r#"[[module]]
route = "/"
module = "guest.wasm"
allowed_hosts = ["https://example.com", "*.example.org:*"]

[[module]]
route = "/a/b"
module = "guest.wasm"
argv = "python   /code/a.py ${ARGS}"
volumes = { "/code" = "code", "/data" = { path = "data", read-only = true } }
environment = { "GREETING" = "good \"day\"" }

[[module]]
route = "/a/..."
module = "guest.wasm"
argv = "python /code/a.py ${ARGS}"
volumes = { "/code" = "code", "/data" = { path = "data", read-only = true } }
environment = { "GREETING" = "good \"day\"" }

[[module]]
route = "/a/c"
module = "guest.wasm"

[[module]]
route = "/A_b/"
module = "guest.wasm"
argv = "other"
timeout = "1s"
"#;

#[test]
fn for_the_wagi_executor_each_template_of_arguments_is_a_component() {
    let project = Project::new(WAGI).file("guest.wasm", wasm()).file("code/a.py", "a").directory("data/empty");
    let project = project.file("pyproject.toml", PYPROJECT);
    let run = project.pywagi(["export", "spin", "--wagi"]).output();
    run.code(0).stdout("").stderr(
        "warning: modules.toml:21:9: the route `/a/c` never matches: `/a/...` on line 13 takes all of its requests
       Wrote spin.toml
note: modules.toml:1: scripts have no network on Spin's WAGI executor: they fail where they connect
note: without a query, ${ARGS} is one empty argument on Spin
note: scripts cannot write to /code on Spin; `read-only = true` has that here, too
note: data/empty is empty, so there is no /data/empty on Spin
note: modules.toml:20: left out /a/c: /a/..., above it, takes all its requests
note: modules.toml:24: Spin answers /A_b/ and /A_b alike
note: modules.toml:24: spin.toml has no limits; `spin up --max-instance-memory BYTES` bounds the memory of each request
note: CONTENT_TYPE is empty on Spin; HTTP_CONTENT_TYPE has it
note: of a header that a script prints twice, such as Set-Cookie, Spin sends one
note: Spin 5 has no WAGI executor: without --wagi the app becomes a component, which lasts
run it: spin up -f spin.toml
",
    );
    assert_eq!(
        project.read("spin.toml"),
        r#"# Made by `pywagi export spin` from modules.toml; changes belong there.
spin_manifest_version = 2

[application]
name = "shop"
version = "1.2.3"

[[trigger.http]]
route = "/"
component = "root"
executor = { type = "wagi", argv = "${SCRIPT_NAME} ${ARGS}" }

[[trigger.http]]
route = "/a/b"
component = "a-b"
executor = { type = "wagi", argv = "python /code/a.py ${ARGS}" }

[[trigger.http]]
route = "/a/..."
component = "a-b"
executor = { type = "wagi", argv = "python /code/a.py ${ARGS}" }

[[trigger.http]]
route = "/A_b/"
component = "a-b-n2"
executor = { type = "wagi", argv = "other" }

[component.root]
source = "guest.wasm"
allowed_outbound_hosts = ["https://example.com", "*://*.example.org:*"]

[component.a-b]
source = "guest.wasm"
files = [{ source = "code", destination = "/code" }, { source = "data", destination = "/data" }]
environment = { GREETING = 'good "day"' }

[component.a-b-n2]
source = "guest.wasm"
"#
    );
    let manifest: spin::Manifest = toml(&project.read("spin.toml"));
    assert_eq!(manifest.trigger.http.len(), 4);
    assert_eq!(manifest.component["a-b"].environment["GREETING"], "good \"day\"");
    assert_eq!(manifest.component["a-b"].files[1].destination, "/data");
    assert_eq!(manifest.trigger.http[3].executor, Some(spin::Executor::Wagi { argv: "other".to_owned() }));
}

#[test]
fn what_spin_cannot_run_is_refused_at_once_with_the_lines() {
    let dynamic = "(module (memory (export \"memory\") 1) (func (export \"_start\")) (func (export \"_routes\")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
        (data (i32.const 0) \"\\10\\00\\00\\00\\0b\\00\\00\\00\") (data (i32.const 16) \"/x _start\\n \"))";
    let dynamic = dynamic.replacen(
        "(module ",
        "(module (import \"wasi_snapshot_preview1\" \"fd_write\" (func $write (param i32 i32 i32 i32) (result i32))) ",
        1,
    );
    let modules = "[[module]]\nroute = \"/:id/a*\"\nmodule = \"a.wasm\"\n\n\
                   [[module]]\nroute = \"/.well-known/spin/x\"\nmodule = \"a.wasm\"\n\n\
                   [[module]]\nroute = \"/b\"\nmodule = \"b.wat\"\nentrypoint = \"other\"\n\n\
                   [[module]]\nroute = \"/c\"\nmodule = \"c.wasm\"\nvolumes = { \"/tmp\" = \"..\" }\n";
    let project = Project::new(modules)
        .file("a.wasm", wasm())
        .file("b.wat", wat::prints("").replace("\"_start\"", "\"other\""))
        .file("c.wasm", ::wat::parse_str(dynamic).expect("WebAssembly"));
    let run = project.pywagi(["export", "spin", "--wagi", "--oci", "image"]).output();
    let text = run.code(1).stdout("").stderr_text();
    for expected in [
        "modules.toml:1: Spin takes `:id` in the route /:id/a* for a placeholder\n  help: rename that part",
        "modules.toml:5: Spin answers /.well-known/spin/ itself\n  help: choose another route\n",
        "modules.toml:9: Spin calls `_start` alone, not `other`\n",
        "modules.toml:9: Spin does not read the text format: b.wat\n",
        "modules.toml:14: Spin does not ask a module for its `_routes`\n",
        "modules.toml:14: the volume /tmp is outside of the app's directory: ",
    ] {
        assert!(text.contains(expected), "no {expected}:\n{text}");
    }
    assert!(!project.path("spin.toml").exists() && !project.path("image").exists());

    let elsewhere = project.pywagi(["export", "spin", "--wagi", "--out", "x/spin.toml"]).output();
    elsewhere.code(1).stderr_has("error: x/spin.toml is not beside modules.toml\n  help: ");
    project.pywagi(["export", "spin", "--wagi", "--env", "A"]).output().code(2);
}
