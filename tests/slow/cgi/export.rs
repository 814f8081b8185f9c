//! What `pywagi export docker` writes, run without Docker: what the Dockerfile copies, below a directory in place of the
//! root, and its lighttpd.conf by a real lighttpd.

use std::path::Path;
use std::process::Command;

use crate::support::web_server::{Kind, WebServer};
use crate::support::{Project, binary, python_modules};

/// Does what the `COPY` instructions of the app say.
fn copy_app(dockerfile: &str, app: &Path, root: &Path) {
    for line in dockerfile.lines().filter_map(|line| line.strip_prefix("COPY ")) {
        let [from, to]: [String; 2] = serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        let Some(place) = to.strip_prefix("/srv/app/") else { continue };
        let to = root.join(place);
        std::fs::create_dir_all(to.parent().expect("a directory")).expect("a directory of ours");
        // Copies nothing that is not there.
        let copied = Command::new("cp").arg("-R").arg(app.join(from)).arg(&to).status().expect("cp");
        assert!(copied.success(), "{line}");
    }
}

#[test]
fn the_container_would_answer_as_the_app_does() {
    let Some(lighttpd) = Kind::Lighttpd.program() else { return };
    // The interpreter is part of the app, as `init` has it.
    let modules = python_modules(&[("/...", "hello.py")]);
    let module = modules.split('\'').nth(1).expect("the interpreter");
    let project = Project::new(&modules.replace(module, "opt/python3.wasm"));
    let project =
        project.file("code/hello.py", "import sys\nprint('Content-Type: text/plain\\n\\nhello', sys.argv[1:])\n");
    std::fs::create_dir(project.path("opt")).expect("a new directory");
    std::fs::copy(module, project.path("opt/python3.wasm")).expect("an interpreter");
    project.pywagi(["export", "docker", "-q", "--pywagi", "modules.toml"]).output().code(0).stderr("");

    let container = Project::empty();
    copy_app(&project.read("docker/Dockerfile"), project.root(), container.root());
    assert!(container.path("code/hello.py").is_file());
    let config = project.read("docker/lighttpd.conf");
    container.write("lighttpd.conf", &config);
    let check =
        Command::new(lighttpd).arg("-tt").arg("-f").arg(container.path("lighttpd.conf")).output().expect("lighttpd");
    assert_eq!((check.status.code(), String::from_utf8_lossy(&check.stderr).trim()), (Some(0), ""));

    let cache = crate::support::cache_dir();
    let warmed = container.pywagi(["cache", "warm", "-q", "-c", "modules.toml"]).output();
    warmed.code(0).stderr("");
    std::os::unix::fs::symlink(binary(), container.path("pywagi-cgi")).expect("a link");
    let root = container.root().display().to_string();
    let here = |text: &str, port: u16| {
        let places = [
            ("/srv/app", root.as_str()),
            ("/usr/local/bin", &root),
            ("/var/cache/pywagi", &cache.display().to_string()),
            ("server.port = 8080", &format!("server.port = {port}\nserver.bind = \"127.0.0.1\"")),
        ];
        let text = places.iter().fold(text.to_owned(), |text, (there, here)| {
            assert!(text.contains(there), "no {there}:\n{text}");
            text.replace(there, here)
        });
        format!("{text}server.errorlog = \"{root}/log/server.log\"\nserver.breakagelog = \"{root}/log/programs.log\"\n")
    };
    let server = WebServer::start_with(Kind::Lighttpd, &container, |port| here(&config, port)).expect("lighttpd");
    let reply = server.get("/any/path?x");
    assert_eq!((reply.status(), reply.text().as_str()), (200, "hello ['x']\n"), "{}", server.log());
    assert_eq!(reply.header("Server"), None, "{:?}", reply.headers);

    // As the container is asked whether it is well.
    let dockerfile = project.read("docker/Dockerfile");
    let health = dockerfile.lines().find(|line| line.starts_with("HEALTHCHECK")).expect("a health check");
    let (_, command) = health.split_once(" CMD ").expect("a command");
    let words: Vec<String> = serde_json::from_str(command).expect("a list");
    let check = |port: u16| {
        let words: Vec<_> = words.iter().map(|word| word.replace("8080", &port.to_string())).collect();
        Command::new(&words[0]).args(&words[1..]).output().expect("bash").status.success()
    };
    assert!(check(server.address.port()), "{}", server.log());
    let port = server.address.port();
    drop(server);
    assert!(!check(port));
}
