//! `pywagi export docker`: what it writes, and what it refuses. That it works: `tests/slow/cgi/export.rs`.

use crate::support::{Project, wat};

const MODULES: &str = "[[module]]
route = \"/...\"
module = \"opt/guest/bin/guest.wat\"
volumes = { \"/code\" = \"code\", \"/data\" = \"data\", \"/pages\" = { path = \"code/pages\", read-only = true } }
allowed_hosts = [\"https://example.com\", \"postgres://127.1\"]
";

fn app() -> Project {
    let project = Project::new(MODULES).directory("data").directory("code/pages");
    project.file("opt/guest/bin/guest.wat", wat::prints("Content-Type: text/plain\n\nhello"))
}

#[test]
fn a_container_gets_what_the_app_names_and_no_more() {
    let project = app().file(".env", "SECRET=x\n").file("a program", "pywagi");
    let run = project.pywagi(["export", "docker", "--writable", "/data", "--pywagi", "a program"]).output();
    run.code(0).stdout("").stderr(
        "       Wrote docker/Dockerfile
       Wrote docker/lighttpd.conf
       Wrote docker/Dockerfile.dockerignore
      Copied a program to docker/pywagi
note: requests cannot write to /code there; `--writable PATH` gives one of them an empty directory of its own, a volume of the container
note: the file .env stays out of the image; give it to the container: `docker run -v ./.env:/srv/app/.env:ro`
note: postgres://127.1 is the container itself there: list the name by which it reaches the other machine
",
    );
    let dockerfile = project.read("docker/Dockerfile");
    let copies = "# What modules.toml names. It belongs to root: requests cannot change it.
COPY [\"modules.toml\", \"/srv/app/modules.toml\"]
COPY [\"opt\", \"/srv/app/opt\"]
COPY [\"code\", \"/srv/app/code\"]
RUN [\"install\", \"-d\", \"-o\", \"pywagi\", \"-g\", \"pywagi\", \"/srv/app/data\"]
VOLUME [\"/srv/app/data\"]

# From here on nothing runs as root.
USER pywagi
";
    assert!(dockerfile.contains(copies), "{dockerfile}");
    let instructions: Vec<_> = dockerfile
        .lines()
        .filter_map(|line| line.split(' ').next().filter(|word| word.bytes().all(|b| b.is_ascii_uppercase())))
        .filter(|word| !word.is_empty())
        .collect();
    assert_eq!(
        instructions,
        [
            "FROM",
            "RUN",
            "COPY",
            "RUN",
            "COPY",
            "COPY",
            "COPY",
            "COPY",
            "RUN",
            "VOLUME",
            "USER",
            "ENV",
            "RUN",
            "EXPOSE",
            "HEALTHCHECK",
            "CMD"
        ]
    );
    assert!(!dockerfile.contains('@'), "{dockerfile}");
    assert_eq!(
        project.read("docker/Dockerfile.dockerignore"),
        "*\n!modules.toml\n!opt\n!code\n!docker\ndata\n**/.env\n**/.git\n**/__pycache__\n"
    );
    assert_eq!(project.read("docker/pywagi"), "pywagi");

    let again = || project.pywagi(["export", "docker", "--pywagi", "a program", "-q"]);
    again().output().code(1).stdout("").stderr(
        "error: docker/Dockerfile, docker/Dockerfile.dockerignore already exist\n  \
         help: overwrite with --force, or choose another place with --out\n",
    );
    project.pywagi(["export", "docker", "--pywagi", "a program", "-q", "--force"]).output().code(0).stderr("");
    assert!(!project.read("docker/Dockerfile").contains("VOLUME"));
}

#[test]
fn another_directory_and_another_manifest_have_their_names_in_the_files() {
    let project = app().file("other.toml", MODULES);
    let arguments = ["export", "docker", "-c", "other.toml", "-o", "deploy/web", "-q", "--pywagi", "modules.toml"];
    project.pywagi(arguments).output().code(0).stderr("");
    let dockerfile = project.read("deploy/web/Dockerfile");
    for line in [
        "#   docker build -f deploy/web/Dockerfile -t app .",
        "COPY [\"deploy/web/pywagi\", \"/usr/local/bin/pywagi\"]",
        "COPY [\"other.toml\", \"/srv/app/other.toml\"]",
        "COPY [\"data\", \"/srv/app/data\"]",
        "RUN [\"pywagi\", \"cache\", \"warm\", \"--portable\", \"-c\", \"/srv/app/other.toml\"]",
    ] {
        assert!(dockerfile.lines().any(|found| found == line), "no {line}:\n{dockerfile}");
    }
    let config = project.read("deploy/web/lighttpd.conf");
    assert!(config.contains("alias.url = ( \"\" => \"/srv/app/other.toml\" )\n"), "{config}");
}

#[test]
fn an_app_in_one_directory_is_copied_once() {
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\nvolumes = { \"/app\" = \".\" }\n");
    let project = project.file("guest.wat", wat::prints("Content-Type: text/plain\n\nhello"));
    project.pywagi(["export", "docker", "-q", "--pywagi", "guest.wat"]).output().code(0);
    let dockerfile = project.read("docker/Dockerfile");
    assert!(dockerfile.contains("change it.\nCOPY [\".\", \"/srv/app\"]\n\n"), "{dockerfile}");
    let ignored = project.read("docker/Dockerfile.dockerignore");
    assert_eq!(ignored, "*\n!**\n!docker\n**/.env\n**/.git\n**/__pycache__\n");
}

#[test]
fn what_no_container_can_have_is_refused_and_nothing_is_written() {
    let project = app().directory("outside");
    let outside = project.path("outside").display().to_string();
    let modules = MODULES.replace("\"code\"", &format!("'{outside}'"));
    let app = Project::new(&modules).directory("data").directory("code/pages");
    let app = app.file("opt/guest/bin/guest.wat", wat::prints(""));
    app.pywagi(["export", "docker"]).output().code(1).stdout("").stderr(&format!(
        "error: modules.toml:1: the volume /code is outside of the app's directory: {outside}\n  \
         help: a container gets copies of files of the app alone: move it there, and name its new place\n",
    ));
    assert!(!app.path("docker").exists());

    project
        .pywagi(["export", "docker", "--writable", "data"])
        .output()
        .code(2)
        .stdout("")
        .stderr("error: there is no volume data\n  help: the volumes of modules.toml are: /code, /data, /pages\n");
    std::fs::remove_dir(project.path("data")).expect("a directory of ours");
    project.pywagi(["export", "docker"]).output().code(1).stderr_has("modules.toml:4");
    for name in ["../docker", "/docker", "a b", ".hidden", ""] {
        project.pywagi(["export", "docker", "--out", name]).output().code(2).stderr_has("give a directory of the app");
    }
    assert!(!project.path("docker").exists());
}
