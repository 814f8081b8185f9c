//! Modules of the app and of packages that are loaded into the saved interpreter.

use serde_json::{Value, json};

use crate::support::{DevServer, Project, python_modules};

/// An app whose script prints these expressions, with modules beside it that are to be loaded early.
fn app(preload: &[&str], imports: &str, files: &[(&str, &str)]) -> Project {
    let modules = python_modules(&[("/", "main.py")]).replace("volumes", &format!("preload = {preload:?}\nvolumes"));
    let script = format!("{imports}\nprint('Content-Type: text/plain\\n')\nprint(answer())\n");
    let project = Project::new(&modules).file("code/main.py", script);
    files.iter().fold(project, |project, (path, content)| project.file(&format!("code/{path}"), content))
}

/// What is in the interpreter that the route starts from.
fn image(project: &Project) -> Value {
    let shown = project.pywagi(["image", "show", "--json"]).output();
    let object: Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
    object["image"].clone()
}

fn answers(project: &Project, number: usize) -> Vec<String> {
    (0..number).map(|_| project.pywagi(["invoke", "/"]).output().code(0).stdout_text()).collect()
}

#[test]
fn what_the_app_names_is_loaded_once_for_many_requests() {
    let files = [(
        "menu.py",
        "import json, sys\nLOADS = []\nLOADS.append(json.dumps(1))\nsys.setrecursionlimit(2345)\n\n\ndef answer():\n    return LOADS, sys.getrecursionlimit()\n",
    )];
    let project = app(&["menu"], "from menu import answer", &files);
    assert_eq!(answers(&project, 2), ["(['1'], 2345)\n", "(['1'], 2345)\n"]);
    assert_eq!(image(&project)["others"], json!(["menu"]));

    // An edit shows in the next request, and the next interpreter has it.
    let project = project.file("code/menu.py", "def answer():\n    return 'edited'\n");
    assert_eq!(answers(&project, 2), ["edited\n", "edited\n"]);
    assert_eq!(image(&project)["others"], json!(["menu"]));
}

#[test]
fn a_module_that_keeps_random_bytes_is_left_out_with_what_imports_it() {
    let files = [
        ("token.py", ""),
        ("shop.py", "import secrets\nTOKEN = secrets.token_hex()\n\n\ndef answer():\n    return TOKEN\n"),
        ("pages.py", "from shop import answer\n"),
        ("menu.py", "PRICE = 1\n"),
    ];
    let project = app(&["pages", "menu"], "import menu\nfrom pages import answer", &files[1..]);
    let answers = answers(&project, 3);
    assert!(answers[0] != answers[1] && answers[1] != answers[2], "{answers:?}");
    let image = image(&project);
    assert_eq!(image["others"], json!(["menu"]), "{image}");
    let left_out: Vec<_> = image["left_out"].as_array().expect("a list").iter().map(|each| &each["name"]).collect();
    assert_eq!(left_out, ["shop", "pages"]);
    let why: Vec<_> =
        image["left_out"].as_array().expect("a list").iter().filter_map(|each| each["why"].as_str()).collect();
    assert!(
        why[0].starts_with("shop.TOKEN is another each time: ") && why[0].ends_with(" (/code/shop.py:2)"),
        "{why:?}"
    );
    assert_eq!(why[1], "it imports shop, which is not loaded early");
}

#[test]
fn an_edit_of_what_a_module_imports_is_proved_anew() {
    let harmless = "def answer():\n    return 'ok'\n";
    let keeps = "import secrets\nTOKEN = secrets.token_hex()\n\n\ndef answer():\n    return TOKEN\n";
    let files = [("shop.py", harmless), ("pages.py", "from shop import answer\n")];
    let project = app(&["pages"], "from pages import answer", &files);
    assert_eq!(answers(&project, 2), ["ok\n", "ok\n"]);
    assert_eq!(image(&project)["others"], json!(["shop", "pages"]));
    project.write("code/shop.py", keeps);
    let answers = answers(&project, 4);
    let different: std::collections::HashSet<_> = answers.iter().collect();
    assert_eq!(different.len(), 4, "{answers:?}");
}

#[test]
fn what_is_made_anew_in_each_request_is_listed() {
    let shop = "import random, time\nRNG = random.Random()\nSTART = time.time()\n\n\ndef answer():\n    return RNG.random(), START\n";
    let project = app(&["shop"], "from shop import answer", &[("shop.py", shop)]);
    let answers = answers(&project, 3);
    assert!(answers[0] != answers[1] && answers[1] != answers[2], "{answers:?}");
    let image = image(&project);
    assert_eq!((&image["others"], &image["left_out"]), (&json!(["shop"]), &json!([])), "{image}");
    assert_eq!(image["refreshed"], json!(["shop.RNG", "shop.START"]), "{image}");
    let shown = project.pywagi(["image", "show"]).output();
    assert!(shown.code(0).stdout_text().contains("\n  made anew in each request: shop.RNG, shop.START\n"), "{shown}");
}

#[test]
fn a_module_that_refreshes_itself_in_a_hook_is_loaded_early() {
    let hooks = "before, after = [], []\n\n\ndef register_after_restore(function, *args, **kwargs):\n    \
                 after.append((function, args, kwargs))\n    return function\n\n\ndef get_before_snapshot():\n    \
                 return before\n\n\ndef get_after_restore():\n    return after\n";
    let shop = "import secrets\nfrom snapshot_restore_py import register_after_restore\n\n\n@register_after_restore\n\
                def refresh():\n    global TOKEN\n    TOKEN = secrets.token_hex()\n\n\nrefresh()\n\n\n\
                def answer():\n    return TOKEN\n";
    let files = [("snapshot_restore_py.py", hooks), ("shop.py", shop)];
    let project = app(&["shop"], "from shop import answer", &files);
    let answers = answers(&project, 3);
    assert!(answers[0] != answers[1] && answers[1] != answers[2], "{answers:?}");
    let image = image(&project);
    assert_eq!(image["others"], json!(["snapshot_restore_py", "shop"]), "{image}");
}

#[test]
fn modules_that_cannot_be_loaded_early_are_told_once_and_loaded_by_each_request() {
    let files = [
        ("loud.py", "print('loud')\n"),
        ("broken.py", "import sys\nif 'main' not in str(sys.argv):\n    raise KeyError('no script')\n"),
        ("shop.py", "def answer():\n    return 'ok'\n"),
    ];
    let imports = "print('Content-Type: text/plain')\nprint('X: 1\\n')\nimport loud, broken\nfrom shop import answer";
    let project = app(&["loud", "broken", "shop", "missing"], imports, &files);
    let server = DevServer::start(&project, &[]);
    let body = || server.get("/").text();
    let first = body();
    let told = [
        "loud is loaded anew in each request: it writes to standard output or standard error while it is loaded",
        "broken is loaded anew in each request: KeyError: 'no script' (/code/broken.py:3)",
        "missing is loaded anew in each request: ModuleNotFoundError: No module named 'missing'",
    ];
    let log = server.wait_for(|log| told.iter().all(|line| log.contains(line)), "the modules that are left out");
    let second = body();
    assert_eq!([first, second], ["loud\nContent-Type: text/plain\n\nok\n"; 2], "{log}");
    assert!(told.iter().all(|line| log.matches(line).count() == 1), "{log}");
    assert_eq!(image(&project)["others"], json!(["shop"]));
}

#[test]
fn modules_of_packages_that_cannot_be_the_first_are_loaded_after_the_others() {
    let app = app(
        &["shop"],
        "from shop import answer",
        &[(
            "shop.py",
            "import conf\nconf.VALUES.append(1)\n\n\ndef answer():\n    import circle.base, needy\n    return needy.VALUE\n",
        )],
    );
    let modules = app.read("modules.toml").replace("\"code\" }", "\"code\", \"/packages\" = \"packages\" }");
    app.write("modules.toml", modules + "environment = { PYTHONPATH = \"/packages\" }\n");
    for (file, text) in [
        ("circle/__init__.py", ""),
        ("circle/base.py", "NAME = 'x'\nfrom circle.part import PART\n"),
        // Complete before the other is, and so noted before it.
        ("circle/part.py", "from circle.base import NAME\nPART = NAME\n"),
        ("conf.py", "VALUES = []\n"),
        (
            "needy.py",
            "import conf\nif not conf.VALUES:\n    raise LookupError('not configured')\nVALUE = conf.VALUES[0]\n",
        ),
    ] {
        app.write(&format!("packages/{file}"), text);
    }
    assert_eq!(answers(&app, 3), ["1\n"; 3]);
    let image = image(&app);
    assert_eq!(image["left_out"], json!([]), "{image}");
    let names: Vec<_> = image["others"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    for name in ["circle.part", "circle.base", "needy", "shop"] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}
