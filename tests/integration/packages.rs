//! `pywagi add`, `remove` and `sync`, with uv and with pip, against an index of the test's own.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Instant;

use crate::support::{Index, Output, Project, Tool, python, python_modules, sdist, wheel};

const SCRIPT: &str = "import shop\n\nprint('Content-Type: text/plain\\n')\nprint(shop.name)\n";

/// An app with one route that imports `shop`.
fn app() -> Project {
    Project::new(&python_modules(&[("/", "main.py")])).file("code/main.py", SCRIPT)
}

/// `shop` needs `basket`, and on other systems more.
fn index() -> Index {
    let shop = "Requires-Dist: basket>=1\nRequires-Dist: windowing; sys_platform == 'win32'\n\
                Requires-Dist: threading-pool; sys_platform != 'wasi'\nRequires-Dist: oldies; python_version < '3.12'\n";
    Index::new([
        wheel(
            "shop-1.0-py3-none-any",
            shop,
            &[("shop/__init__.py", "import basket\nname = 'shop and ' + basket.name\n")],
        ),
        wheel("basket-1.0-py3-none-any", "", &[("basket.py", "name = 'basket 1.0'\n")]),
        wheel("basket-1.1-py3-none-any", "", &[("basket.py", "name = 'basket 1.1'\n")]),
        wheel("oldies-1.0-py2.py3-none-any", "", &[("oldies.py", "")]),
        wheel("strict-1.0-py3-none-any", "Requires-Dist: basket<1.1\n", &[("strict.py", "")]),
        wheel(
            "fast-1.0-cp312-cp312-manylinux_2_17_x86_64",
            "",
            &[("fast/__init__.py", ""), ("fast/_core.so", "native")],
        ),
        wheel(
            "fast-1.0-cp311-cp311-manylinux_2_17_x86_64",
            "",
            &[("fast/__init__.py", ""), ("fast/_core.so", "native")],
        ),
        wheel("loads-1.0-py3-none-any", "Requires-Dist: fast\n", &[("loads.py", "")]),
        wheel("mixed-1.0-py3-none-any", "", &[("mixed/__init__.py", ""), ("mixed/_speed.so", "native")]),
        wheel("quick-1.0-cp312-cp312-manylinux_2_17_x86_64", "", &[("quick/_core.so", "native")]),
        wheel("quick-1.0-cp311-cp311-manylinux_2_17_x86_64", "", &[("quick/_core.so", "native")]),
        sdist("quick", "1.0"),
        wheel("modern-1.0-py3-none-any", "", &[("modern.py", "")]),
        wheel("modern-2.0-py3-none-any", "Requires-Dist: quick\n", &[("modern.py", "")]),
        wheel("uses-1.0-py3-none-any", "Requires-Dist: modern\n", &[("uses.py", "")]),
        wheel("later-1.0-py3-none-any", "Requires-Python: >=3.11\n", &[("later.py", "")]),
        wheel("later-2.0-py3-none-any", "Requires-Python: >=3.13\n", &[("later.py", "")]),
        wheel("spaced_a-1.0-py3-none-any", "", &[("spaced/a.py", "")]),
        sdist("spaced.b", "1.0"),
        sdist("sourceonly", "1.0"),
        sdist("broken", "1.0"),
        sdist("alwaysnative", "1.0"),
        sdist("markupsafe", "9.0"),
        wheel(
            "markupsafe-9.0-cp312-cp312-manylinux_2_17_x86_64",
            "",
            &[("markupsafe/__init__.py", ""), ("markupsafe/_s.so", "")],
        ),
    ])
}

fn run(project: &Project, tool: Tool, index: &Index, arguments: &[&str]) -> Output {
    tool.asks(project.pywagi(arguments), &index.url()).output()
}

/// Runs a command that must fail, and checks that it leaves the app as it was, but for the lock file.
#[track_caller]
fn fails(project: &Project, tool: Tool, url: &str, arguments: &[&str]) -> Output {
    let before = project.files();
    let output = tool.asks(project.pywagi(arguments), url).output();
    output.code(1);
    let mut after = project.files();
    if !before.contains_key(".packages.lock") {
        after.remove(".packages.lock");
    }
    assert_eq!(after, before, "{output}");
    output
}

#[track_caller]
fn answers(project: &Project, expected: &str) {
    project.pywagi(["invoke", "-q", "/"]).output().code(0).stderr("").stdout(format!("{expected}\n"));
}

/// What is left of steps: without the tool's name and the time.
fn steps(output: &Output) -> String {
    let text = output.stderr_text().replace("with uv", "with TOOL").replace("with pip", "with TOOL");
    match text.rsplit_once(" in ") {
        Some((before, time)) if time.ends_with(" s\n") => format!("{before}\n"),
        _ => text,
    }
}

#[test]
fn what_is_asked_for_is_installed_with_what_it_needs_and_mounted() {
    let index = index();
    let mut locks = Vec::new();
    for tool in Tool::ALL {
        let project = app().file(".gitignore", "/opt/\n");
        let modules = project.read("modules.toml");
        let output = run(&project, tool, &index, &["add", "shop"]);
        output.code(0).stdout("");
        let expected = "   Resolving for Python 3.12 on WASI with TOOL
    Fetching 2 packages
       Added basket 1.1
       Added shop 1.0
     Created pyproject.toml
     Changed modules.toml
             - volumes = { \"/code\" = \"code\" }
             + volumes = { \"/code\" = \"code\", \"/packages\" = \"packages\" }
             + environment = { PYTHONPATH = \"/packages\" }

     Changed .gitignore
               /opt/
             +
             + # Packages, put here by `pywagi sync`.
             + /packages/
             + /.packages.*
   Installed 2 packages in packages/, ";
        let shown = steps(&output);
        let argv =
            shown.lines().filter(|line| !line.contains("argv = ")).map(|line| format!("{line}\n")).collect::<String>();
        assert!(argv.starts_with(expected), "{output}");
        let mounted = "volumes = { \"/code\" = \"code\", \"/packages\" = \"packages\" }\nenvironment = { PYTHONPATH = \"/packages\" }\n";
        let modules = modules.replace("volumes = { \"/code\" = \"code\" }\n", mounted);
        assert_eq!(project.read("modules.toml"), modules);
        answers(&project, "shop and basket 1.1");
        project.pywagi(["invoke", "-q", "/", "--cold"]).output().code(0).stdout("shop and basket 1.1\n");
        // A guest wrote no byte code there.
        let names = project.names();
        assert!(names.iter().all(|name| !name.contains("__pycache__")), "{names:?}");
        assert_eq!(names.iter().filter(|name| name.starts_with(".packages")).collect::<Vec<_>>(), [".packages.lock"]);
        run(&project, tool, &index, &["sync"]).code(0).stderr("   Unchanged 2 packages in packages/\n");
        locks.push(project.read("pylock.toml"));
    }
    assert_eq!(locks[0], locks[1]);
}

#[test]
fn a_package_goes_with_what_only_it_needed_and_the_others_stay_at_their_versions() {
    let index = index();
    let tool = Tool::Uv;
    let project = app();
    run(&project, tool, &index, &["add", "-q", "shop", "basket<1.1"]).code(0).stderr("");
    answers(&project, "shop and basket 1.0");
    // As asked for now, but 1.0 is what the lock has.
    run(&project, tool, &index, &["add", "-q", "sourceonly"]).code(0).stderr("");
    let text = project.read("pyproject.toml").replace("    \"basket<1.1\",\n", "");
    project.write("pyproject.toml", text);
    run(&project, tool, &index, &["sync", "-q"]).code(0).stderr("");
    answers(&project, "shop and basket 1.0");
    run(&project, tool, &index, &["add", "-q", "basket"]).code(0).stderr("");
    answers(&project, "shop and basket 1.1");
    let output = run(&project, tool, &index, &["remove", "shop", "sourceonly"]);
    let shown = steps(&output);
    assert!(
        shown.contains("     Removed shop 1.0\n     Removed sourceonly 1.0\n     Changed pyproject.toml\n"),
        "{output}"
    );
    let names: Vec<_> = project.names().into_iter().filter(|name| name.ends_with(".py")).collect();
    assert_eq!(names, ["code/main.py", "packages/basket.py"]);
    let output = fails(&project, tool, &index.url(), &["remove", "baskt"]);
    output.stderr("error: pyproject.toml does not ask for baskt\n  help: did you mean basket?\n");
    run(&project, tool, &index, &["remove", "-q", "basket"]).code(0).stderr("");
    assert_eq!(project.names().iter().filter(|name| name.starts_with("packages/")).count(), 1);
}

#[test]
fn a_clone_needs_sync_alone_and_is_told_so() {
    let index = index();
    let project = app();
    run(&project, Tool::Uv, &index, &["add", "-q", "shop"]).code(0);
    let clone = app();
    for file in ["modules.toml", "pyproject.toml", "pylock.toml"] {
        clone.write(file, project.read(file));
    }
    clone
        .pywagi(["invoke", "-q", "/"])
        .output()
        .code(1)
        .stderr_has("help: run `pywagi sync`, which installs the packages of pylock.toml\n");
    // With the other tool, from the same lock.
    run(&clone, Tool::Pip, &index, &["sync", "-q", "--locked"]).code(0).stderr("");
    answers(&clone, "shop and basket 1.1");
    let files = |project: &Project| {
        let files = project.files().into_iter().filter(|(name, _)| name.starts_with("packages/"));
        files.collect::<Vec<_>>()
    };
    assert_eq!(
        files(&clone).iter().map(|(name, _)| name).collect::<Vec<_>>(),
        files(&project).iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    // A change that is not installed yet.
    let text = clone.read("pyproject.toml").replace("\"shop\",", "\"shop\",\n    \"oldies\",");
    clone.write("pyproject.toml", text);
    let notice = "warning: pyproject.toml asks for other packages than pylock.toml has: run `pywagi sync`\n";
    clone.pywagi(["invoke", "-q", "/"]).output().code(0).stderr(notice).stdout("shop and basket 1.1\n");
    let output = fails(&clone, Tool::Uv, &index.url(), &["sync", "--locked"]);
    output.stderr(
        "error: pylock.toml is not what the app asks for\n  help: run `pywagi sync` without --locked, and commit what it writes\n",
    );
    run(&clone, Tool::Uv, &index, &["sync", "-q"]).code(0).stderr("");
    assert!(clone.path("packages/oldies.py").is_file());
    // What is changed by hand is put right.
    clone.write("packages/basket.py", "name = 'mine'\n");
    clone.write("packages/extra.py", "");
    run(&clone, Tool::Uv, &index, &["sync", "-q"]).code(0).stderr("");
    answers(&clone, "shop and basket 1.1");
    assert!(!clone.path("packages/extra.py").exists());
}

#[test]
fn native_code_is_refused_with_what_wants_it_and_nothing_changes() {
    let index = index();
    for tool in Tool::ALL {
        let output = fails(&app(), tool, &index.url(), &["add", "-q", "loads"]);
        output.stderr(
            "error: fast 1.0, which loads needs, has native code, which no WAGI guest can load: fast/_core.so\n  help: use \
             another package or an older version that is pure Python\n",
        );
        let output = fails(&app(), tool, &index.url(), &["add", "-q", "alwaysnative"]);
        output.stderr(
            "error: alwaysnative 1.0 has native code, which no WAGI guest can load: \
             alwaysnative/_fast.cpython-312-x86_64-linux-gnu.so\n  help: use another package or an older version that is pure Python\n",
        );
        let output = fails(&app(), tool, &index.url(), &["add", "-q", "broken"]);
        output.stderr_has("error: broken 1.0 has no wheel of pure Python and cannot be built as one; ");
        output.stderr_has("cannot run pywagi-builds-no-extension-modules");
        output.stderr_has("\n  help: use another package or an older version that is pure Python\n");
    }
}

#[test]
fn older_versions_that_need_no_native_code_are_named() {
    let index = index();
    let output = fails(&app(), Tool::Uv, &index.url(), &["add", "-q", "uses"]);
    output.stderr(
        "error: quick 1.0, which modern needs, has native code, which no WAGI guest can load: quick/_core.so\n  help: older versions do \
         without: `pywagi add uses 'modern<=1.0'`\n",
    );
    let project = app();
    run(&project, Tool::Uv, &index, &["add", "-q", "uses", "modern<=1.0"]).code(0).stderr("");
}

#[test]
fn a_package_that_is_built_shares_the_directory_of_its_namespace() {
    let index = index();
    for tool in Tool::ALL {
        let project = app();
        run(&project, tool, &index, &["add", "-q", "spaced.a", "spaced.b"]).code(0).stderr("");
        for file in ["packages/spaced/a.py", "packages/spaced/b/__init__.py"] {
            assert!(project.path(file).is_file(), "{tool:?}: {file}");
        }
    }
}

#[test]
fn extension_modules_that_a_package_does_without_are_left_out_or_not_built() {
    let index = index();
    for tool in Tool::ALL {
        let project = app();
        let output = run(&project, tool, &index, &["add", "mixed", "markupsafe", "sourceonly"]);
        let shown = steps(&output);
        assert!(shown.contains("    Building markupsafe 9.0 from its source archive, as pure Python\n"), "{output}");
        let added = "       Added markupsafe 9.0, built from its source archive
       Added mixed 1.0
             without mixed/_speed.so, which no guest can load
       Added sourceonly 1.0, built from its source archive
";
        assert!(shown.contains(added), "{output}");
        let names = project.names();
        assert!(names.iter().all(|name| !name.ends_with(".so")), "{names:?}");
        assert_eq!(
            project.read("packages/markupsafe/__init__.py"),
            "built_with = 'pywagi-builds-no-extension-modules'\n"
        );
        assert!(!project.read("packages/mixed-1.0.dist-info/RECORD").contains(".so"));
    }
}

#[test]
fn what_cannot_be_resolved_is_explained_and_nothing_changes() {
    let index = index();
    for tool in Tool::ALL {
        let output = fails(&app(), tool, &index.url(), &["add", "flaks"]);
        output
            .stderr_has("flaks")
            .stderr_has("\n  help: did you mean flask? else check the name, and that the package index has it\n");
        let output = fails(&app(), tool, &index.url(), &["add", "strict", "basket>=1.1"]);
        output.stderr_has("basket>=1.1").stderr_has("strict").stderr_has("basket<1.1");
        output.stderr_has(
            "\n  help: change the requirements so that one version of each package satisfies all of them\n",
        );
        let output = fails(&app(), tool, "http://127.0.0.1:1/simple/", &["add", "basket"]);
        let name = if tool == Tool::Uv { "uv" } else { "pip" };
        let help = format!(
            "\n  help: check the network, and the index and proxy that {name} is set up for, or use --offline, which takes what {name}'s \
             cache has\n"
        );
        output.stderr_has(&help);
    }
}

#[test]
fn without_a_network_the_cache_of_the_tool_is_enough() {
    for tool in Tool::ALL {
        let index = Index::cached([wheel("basket-1.0-py3-none-any", "", &[("basket.py", "name = 'basket 1.0'\n")])]);
        let cache = tempfile::tempdir().expect("a temporary directory");
        let url = index.url();
        let run = |project: &Project, arguments: &[&str]| {
            let run = tool.asks(project.pywagi(arguments), &url).env("PIP_TRUSTED_HOST", "127.0.0.1");
            run.env("PIP_CACHE_DIR", cache.path()).env("UV_CACHE_DIR", cache.path()).output()
        };
        let first = app();
        run(&first, &["add", "-q", "basket"]).code(0).stderr("");
        drop(index);
        let second = app();
        run(&second, &["add", "-q", "--offline", "basket"]).code(0).stderr("");
        assert_eq!(second.read("pylock.toml"), first.read("pylock.toml"));
        let clone = app();
        for file in ["pyproject.toml", "pylock.toml"] {
            clone.write(file, first.read(file));
        }
        run(&clone, &["sync", "-q", "--offline"]).code(0).stderr("");
        assert!(clone.path("packages/basket.py").is_file());
        let name = if tool == Tool::Uv { "uv" } else { "pip" };
        let help = format!("\n  help: {name}'s cache has not all of it: run the command without --offline\n");
        run(&app(), &["add", "-q", "--offline", "shop"]).code(1).stderr_has("shop").stderr_has(&help);
    }
}

#[test]
fn a_file_with_another_hash_is_refused() {
    let index = index();
    let project = app();
    run(&project, Tool::Uv, &index, &["add", "-q", "shop"]).code(0);
    let lock = project.read("pylock.toml");
    let hash = lock.split("sha256 = \"").nth(1).expect("a hash").get(..64).expect("a whole hash");
    project.write("pylock.toml", lock.replace(hash, &"0".repeat(64)));
    for tool in Tool::ALL {
        let output = fails(&project, tool, &index.url(), &["sync"]);
        output
            .stderr_has(hash)
            .stderr_has(&"0".repeat(64))
            .stderr_has("the package index has another file than was locked");
        // The old set is still there.
        project.pywagi(["invoke", "-q", "/"]).output().code(0).stdout("shop and basket 1.1\n");
    }
}

#[test]
fn what_is_installed_is_listed_and_who_needs_it_shown() {
    let index = index();
    let project = app();
    project.pywagi(["list"]).output().code(0).stdout("").stderr("No packages are installed; `pywagi add` adds some.\n");
    run(&project, Tool::Uv, &index, &["add", "-q", "shop", "mixed", "sourceonly"]).code(0);
    let output = project.pywagi(["list"]).output();
    output.code(0).stderr("");
    let columns = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let text = output.stdout_text();
    let lines: Vec<_> = text.lines().map(columns).collect();
    let without_size = |line: &Vec<String>| {
        line.iter()
            .enumerate()
            .filter(|(i, _)| !(2..4).contains(i))
            .map(|(_, w)| w.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let expected =
        ["basket 1.1", "mixed 1.0 without mixed/_speed.so", "shop 1.0", "sourceonly 1.0 built from its source archive"];
    assert_eq!(lines.iter().map(without_size).collect::<Vec<_>>(), expected, "{output}");
    let tree = "shop 1.0\n└── basket 1.1\nmixed 1.0\nsourceonly 1.0\n";
    project.pywagi(["tree"]).output().code(0).stderr("").stdout(tree);
    let json = project.pywagi(["tree", "--json"]).output();
    let first = json.stdout_text().lines().next().map(str::to_owned);
    let basket = r#"{"name":"basket","version":"1.1","asked":false,"needs":[],"needed_by":["shop"]}"#;
    assert_eq!(first.as_deref(), Some(basket), "{json}");
    let json = project.pywagi(["list", "--json"]).output();
    json.code(0).stdout_has(r#","built":false,"left_out":["mixed/_speed.so"]}"#);
}

#[test]
fn the_adapter_is_written_and_what_is_not_ours_stays() {
    let project = app();
    let run = || project.pywagi(["add", "--adapter"]).output();
    run()
        .code(0)
        .stderr("     Written code/pywagi.py; to run an app with it: argv = \"python /code/pywagi.py shop.app\"\n");
    run().code(0).stderr("   Unchanged code/pywagi.py\n");
    project.write("code/pywagi.py", "mine = 1\n");
    run().code(1).stderr(
        "error: code/pywagi.py is another file than the adapter\n  help: move it elsewhere, or give it another name\n",
    );
    assert_eq!(project.read("code/pywagi.py"), "mine = 1\n");
}

#[test]
fn a_killed_run_leaves_the_old_set_which_the_next_one_finds() {
    let index = index();
    let project = app();
    run(&project, Tool::Uv, &index, &["add", "-q", "shop"]).code(0);
    // As where two names cannot be exchanged in one step, between the two renames.
    std::fs::rename(project.path("packages"), project.path(".packages.old-1")).expect("renamed");
    project.write(".packages.new-abc/shop/__init__.py", "half");
    let output = run(&project, Tool::Uv, &index, &["sync"]);
    output.code(0).stderr("   Unchanged 2 packages in packages/\n");
    assert!(
        project.names().iter().all(|name| !name.starts_with(".packages.new") && !name.starts_with(".packages.old"))
    );
    answers(&project, "shop and basket 1.1");
    // Between the lock and the packages.
    let lock = project.read("pylock.toml");
    project.write("pylock.toml", lock.replace("# What", "# Which"));
    project
        .pywagi(["invoke", "-q", "/"])
        .output()
        .code(0)
        .stderr("warning: packages/ is not what pylock.toml says: run `pywagi sync`\n");
    run(&project, Tool::Uv, &index, &["sync", "-q"]).code(0).stderr("");
    answers(&project, "shop and basket 1.1");
}

#[test]
fn a_run_that_is_killed_at_any_moment_leaves_the_old_set_or_the_new_one() {
    let index = index();
    let project = app();
    let add = ["add", "-q", "basket==1.0", "shop"];
    run(&project, Tool::Uv, &index, &["add", "-q", "basket"]).code(0);
    let old = installed(&project);
    let started = Instant::now();
    run(&project, Tool::Uv, &index, &add).code(0);
    let duration = started.elapsed();
    let new = installed(&project);
    let parts = 6;
    let mut seen = [0, 0];
    for part in 0..parts {
        let project = app();
        run(&project, Tool::Uv, &index, &["add", "-q", "basket"]).code(0);
        assert_eq!(installed(&project), old);
        let mut command = Tool::Uv.asks(project.pywagi(add), &index.url()).into_command();
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        // Not to wait for anything: the moment is what differs.
        thread::sleep(duration * part / parts);
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        let left = installed(&project);
        assert!(left == old || left == new, "{part}: {left:?}");
        seen[usize::from(left == new)] += 1;
        run(&project, Tool::Uv, &index, &["sync", "-q"]).code(0);
        let wanted = if project.read("pyproject.toml").contains("shop") { &new } else { &old };
        assert_eq!(&installed(&project), wanted, "{part}");
    }
    assert!(seen[0] > 0, "{seen:?}");
}

/// The files of `packages/`, but for the record of how they were installed.
fn installed(project: &Project) -> BTreeMap<String, Vec<u8>> {
    let mut files = project.files();
    files.retain(|path, _| path.starts_with("packages/") && !path.ends_with("/.pywagi.json"));
    files
}

#[test]
fn a_second_run_waits_for_the_first() {
    let index = index();
    let project = app();
    let lock = std::fs::File::create(project.path(".packages.lock")).expect("created");
    lock.lock().expect("locked");
    let mut command = Tool::Uv.asks(project.pywagi(["add", "basket"]), &index.url()).into_command();
    let mut child = command.stderr(std::process::Stdio::piped()).spawn().expect("started");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().expect("piped")));
    assert_eq!(lines.next().expect("a line").expect("text"), "Waiting for another pywagi that changes packages");
    drop(lock);
    let rest: Vec<_> = lines.map(|line| line.expect("text")).collect();
    assert!(child.wait().expect("ended").success(), "{rest:?}");
    assert!(project.path("packages/basket.py").is_file());
}

#[test]
fn an_app_with_requirements_alone_keeps_them_there() {
    let index = index();
    let project = app().file("requirements.txt", "# Mine.\nbasket==1.0 # not 1.1\n");
    run(&project, Tool::Pip, &index, &["add", "-q", "shop"]).code(0).stderr("");
    assert_eq!(project.read("requirements.txt"), "# Mine.\nbasket==1.0 # not 1.1\nshop\n");
    assert!(!project.path("pyproject.toml").exists());
    answers(&project, "shop and basket 1.0");
}

#[test]
fn the_version_of_python_decides() {
    let index = index();
    for tool in Tool::ALL {
        let project = app();
        let (new, old) = (python("3.12").display().to_string(), python("3.11").display().to_string());
        project.write("modules.toml", project.read("modules.toml").replace(&new, &old));
        run(&project, tool, &index, &["add", "-q", "shop", "later"]).code(0).stderr("");
        // `shop` needs it before 3.12.
        assert!(project.path("packages/oldies.py").is_file());
        assert!(project.path("packages/later-1.0.dist-info").is_dir());
    }
}

#[test]
fn what_is_wrong_with_the_app_is_told_before_anything_is_fetched() {
    let nowhere = "http://127.0.0.1:1/simple/";
    let add = |project: &Project| fails(project, Tool::Pip, nowhere, &["add", "basket"]);
    let broken = app().file("pyproject.toml", "[project\n");
    add(&broken).stderr_has("error: pyproject.toml is not valid TOML: TOML parse error at line 1, column 9");
    let foreign = app().file("packages/mine.py", "");
    add(&foreign).stderr(
        "error: packages was not made by pywagi\n  help: move it elsewhere, and name in pyproject.toml what it had\n",
    );
    let lock = app().file("pylock.toml", "lock-version = '2.0'\ncreated-by = 'x'\npackages = []\n");
    add(&lock).stderr(
        "error: pylock.toml is not a lock of packages: its lock-version is 2.0, and this pywagi reads 1.0\n  help: delete it and run \
         `pywagi sync`, which makes it again\n",
    );
    let none = Project::new("[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\n");
    add(&none).stderr(
        "error: the app has no interpreter, so the version of its Python is not known\n  help: run `pywagi toolchain install`, then run \
         the command again\n",
    );
    let run = app().pywagi(["add", "./shop"]).output();
    run.code(2).stderr_has("error: \"./shop\" is not a package\n  help: write a name, as in flask,");
    let empty = |path: &Path| app().pywagi(["add", "basket"]).env("PATH", path).output();
    empty(Path::new("/nowhere")).code(1).stderr(
        "error: neither uv nor pip is installed\n  help: install uv, or Python with pip, or put it on the PATH\n",
    );
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_app_as_it_was() {
    use crate::support::{after, small_disk};

    let index = Index::new([wheel("large-1.0-py3-none-any", "", &[("large.py", &"# large\n".repeat(20_000))])]);
    for tool in Tool::ALL {
        let project = app();
        // Each file may have 50 kB. The cache of the tool has it already.
        tool.asks(app().pywagi(["add", "-q", "large"]), &index.url()).output().code(0);
        let before = project.files();
        let command = tool.asks(project.pywagi(["add", "large"]), &index.url()).into_command();
        let output = after(&small_disk(51_200), &command).output().expect("a shell");
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let mut now = project.files();
        now.remove(".packages.lock");
        assert_eq!(now, before);
    }
}
