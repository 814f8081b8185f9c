//! Loading an app: entry points, dynamic routes, and what stops a module.

use super::*;

/// wagi.md, Dynamic routes.
#[test]
fn dynamic_routes_call_their_entry_point_and_come_before_their_module() {
    let routes = "/one first\n/... second\n/two first\nnonsense\n";
    let guest = [
        printing("_routes", 1024, 1, routes, ""),
        printing("first", 2048, 1, "Content-Type: a\n\nfirst", ""),
        printing("second", 3072, 1, "Content-Type: a\n\nsecond", ""),
        printing("_start", 4096, 1, "Content-Type: a\n\nown", ""),
    ]
    .concat();
    let manifest =
        "[[module]]\nroute = \"/x\"\nmodule = \"a.wat\"\n[[module]]\nroute = \"/y/...\"\nmodule = \"a.wat\"\n";
    let site = Site::new(&[("a.wat", &guest)], manifest);
    let app = site.load().unwrap();
    let routes: Vec<_> = app.routes().map(|r| (r.pattern.as_str(), r.module.module.ends_with("a.wat"))).collect();
    let expected = ["/x/two", "/x/...", "/x/one", "/x", "/y/two", "/y/...", "/y/one", "/y/..."];
    assert_eq!(routes, expected.map(|route| (route, true)));
    // `/...` is the last but one that matches `/x/one`, and wins over it; `/x` itself is taken by it as well.
    for (target, answer) in [("/x/one", "second"), ("/x/two", "first"), ("/x", "second"), ("/y/z", "second")] {
        assert_eq!(body(&run(&app, &Request::new("GET", target))), answer, "{target}");
    }
}

#[test]
fn the_entry_point_of_the_manifest_is_called() {
    let guest = [saying("Content-Type: a\n\nstart", ""), printing("main", 2048, 1, "Content-Type: a\n\nmain", "")];
    let manifest = "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\nentrypoint = \"main\"\n";
    let outcome = Site::new(&[("a.wat", &guest.concat())], manifest).get("/");
    assert_eq!(body(&outcome), "main");
}

#[test]
fn a_missing_entry_point_is_an_error_at_load() {
    let manifest = "\n[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\nentrypoint = \"main\"\n";
    let site = Site::new(&[("a.wat", &saying("x", ""))], manifest);
    let error = site.failure();
    let message = "DIR/modules.toml:2: DIR/a.wat exports no function `main` without parameters";
    assert_eq!(site.plain(&error.to_string()), message);
    let remedy = "set `entrypoint` to a function that the module exports; \
                  a WASI command exports `_start`, a library does not";
    assert_eq!(error.remedy_text(), Some(remedy));
}

#[test]
fn dynamic_routes_that_cannot_be_told_are_an_error_at_load() {
    let routes = printing("_routes", 1024, 2, "no luck\n", "(call $proc_exit (i32.const 9))");
    let site = Site::of(&(routes + &printing("_start", 2048, 1, "x", "")));
    let error = site.failure();
    let message = "DIR/modules.toml:1: `_routes` of DIR/a.wat failed with exit code 9; \
                   its standard error begins with \"no luck\\n\"";
    assert_eq!(site.plain(&error.to_string()), message);
    assert_eq!(error.remedy_text(), Some("correct the function, which prints lines of `/path entrypoint`"));
}

#[test]
fn a_module_that_cannot_be_loaded_is_told_with_its_line() {
    let site = Site::of("(nonsense)");
    let error = site.failure();
    let message = "DIR/modules.toml:1: DIR/a.wat is not a WebAssembly module: expected valid module field";
    assert_eq!(site.plain(&error.to_string()), message);
    let remedy = "name a .wasm file built for wasm32-wasip1, or a .wat file with the text of one";
    assert_eq!(error.remedy_text(), Some(remedy));
}

#[test]
fn an_interpreter_whose_environment_is_unknown_is_told_with_its_line() {
    let mut site = Site::of(&saying("x", ""));
    site.options.interpreter_environment =
        |_: &std::path::Path, _: &[Volume]| Err(Error::new("the record is damaged").remedy("install it again"));
    let error = site.failure();
    assert_eq!(site.plain(&error.to_string()), "DIR/modules.toml:1: the record is damaged");
    assert_eq!(error.remedy_text(), Some("install it again"));
}
