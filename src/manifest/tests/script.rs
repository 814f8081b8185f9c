//! Scripts that `argv` names, and modules that lack something on the disk.

use super::*;

/// A manifest of Python modules with these lines of keys, one route each.
fn python(keys: &[&str]) -> String {
    let module =
        |(i, keys): (usize, &&str)| format!("[[module]]\nroute = \"/{i}\"\nmodule = \"python3.wasm\"\n{keys}\n");
    keys.iter().enumerate().map(module).collect()
}

#[test]
fn a_script_is_looked_for_in_its_volume() {
    let app = App::new();
    std::fs::write(app.0.path().join("python3.wasm"), "").unwrap();
    std::fs::write(app.0.path().join("code/env.py"), "").unwrap();
    let volumes = "volumes = { \"/\" = \"data\", \"/code\" = \"code\" }";
    let manifest = app.good(&python(&[&format!("argv = \"python -X dev code/env.py ${{ARGS}}\"\n{volumes}")]));
    let script = Script { guest: "/code/env.py".to_owned(), host: Some(app.0.path().join("code/env.py")) };
    assert_eq!((manifest.modules[0].script.clone(), manifest.warnings.as_slice()), (Some(script), &[][..]));
    for argv in ["python -m app", "python ${SCRIPT_NAME} ${ARGS}", "python /code/../env.py"] {
        let manifest = app.good(&python(&[&format!("argv = \"{argv}\"\n{volumes}")]));
        assert_eq!((manifest.modules[0].script.clone(), manifest.warnings.as_slice()), (None, &[][..]), "{argv}");
    }
    let line = "argv = \"python /code/evn.py\"";
    let message = at(4, 8, 21, "there is no script DIR/code/evn.py", line);
    let remedy = "create it, or correct the path: /code/evn.py is looked for in the volume /code";
    assert_eq!(app.bad(&python(&[&format!("{line}\n{volumes}")])), (message, remedy.to_owned()));
}

#[test]
fn an_interpreter_without_a_script_is_warned_of() {
    let app = App::new();
    std::fs::write(app.0.path().join("python3.wasm"), "").unwrap();
    let request = "so Python runs what the request's query or body says";
    for (argv, warning) in [
        (
            "",
            format!("3:10: there is no `argv`, {request}: write argv = \"python /code/app.py ${{ARGS}}\", with the path of the script"),
        ),
        (
            "argv = \"/code/env.py ${ARGS}\"",
            format!(
                "4:8: `/code/env.py` stands in the place of the program's name, {request}: \
                 write \"python /code/env.py ${{ARGS}}\""
            ),
        ),
        (
            "argv = \"python ${ARGS}\"",
            format!("4:8: `argv` names no script, {request}: write \"python /code/app.py ${{ARGS}}\""),
        ),
        (
            "argv = \"python /app/env.py\"",
            "4:8: no volume holds the script /app/env.py: write volumes = { \"/app\" = \"app\" }".to_owned(),
        ),
        (
            "argv = \"python env.py\"",
            "4:8: the script `env.py` is looked for in `/`, which no volume is: write its whole path, such as /code/env.py"
                .to_owned(),
        ),
    ] {
        assert_eq!(app.warnings(&python(&[argv])), [format!("DIR/modules.toml:{warning}")]);
    }
    assert_eq!(app.warnings(&python(&["argv = \"python /usr/local/lib/python3.12/this.py\""])), [""; 0]);
    assert_eq!(app.warnings("[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\nargv = \"tool /x\"\n"), [""; 0]);
}

#[test]
fn what_one_module_lacks_leaves_the_others() {
    let app = App::new();
    let text = "[[module]]\nroute = \"/\"\nmodule = \"a.wasm\"\n\n\
                [[module]]\nroute = \"/x\"\nmodule = \"b.wasm\"\nvolumes = { \"/d\" = \"nowhere\" }\n";
    let manifest = app.good(text);
    assert_eq!(manifest.modules[0].problem, None);
    let problem = manifest.modules[1].problem.as_ref().expect("a problem");
    let file = at(7, 10, 8, "there is no file DIR/b.wasm", "module = \"b.wasm\"");
    let volume = at(8, 20, 9, "there is no directory DIR/nowhere", "volumes = { \"/d\" = \"nowhere\" }");
    let file = format!("{file}\n  help: check the path; a relative one starts at the directory of modules.toml, DIR\n");
    assert_eq!(app.plain(&problem.message), format!("{file}{volume}"));
    let remedy = "create it, or correct the path; a relative one starts at the directory of modules.toml, DIR";
    assert_eq!(app.plain(&problem.remedy), remedy);
    // A mistake in the text stops all.
    let both = app.bad(&text.replace("route = \"/\"", "route = 1")).0;
    assert!(both.contains("`route` must be a string") && both.contains("there is no file DIR/b.wasm"), "{both}");
}
