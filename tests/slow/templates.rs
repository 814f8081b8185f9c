//! The templates that need packages: installed by `pywagi init` from the user's index, and used as their users would.

use serde_json::{Value, json};

use crate::component;
use crate::frameworks::{FORM, JSON, between, cookies, is, post};
use crate::support::{DevServer, Project, Reply, browse, python, uv};

/// The app of a template, and what `init` shows as its first answer.
fn app(template: &str) -> (Project, String) {
    // Puts the interpreter's files into the shared cache, from which init takes them.
    python("3.12");
    let project = Project::empty();
    let init = project.pywagi(["init", "-y", "-t", template]).user_environment().env("PYWAGI_UV", uv());
    let output = init.output();
    output.code(0).stderr_has("\nThe app works: this was its answer to one request.");
    project.pywagi(["check"]).output().code(0).stdout("");
    let shown = output.stdout_text();
    (project, shown)
}

/// Whether these modules are in the interpreter that requests start from, and nothing was left out of it.
#[track_caller]
fn has_loaded(project: &Project, modules: &[&str]) {
    let shown = project.pywagi(["image", "show", "--json"]).output();
    let object: Value = serde_json::from_slice(&shown.code(0).stdout).expect("JSON");
    let image = &object["image"];
    assert_eq!(image["left_out"], json!([]), "{image}");
    let others = image["others"].as_array().expect("a list");
    let missing: Vec<_> = modules.iter().filter(|name| !others.contains(&json!(name))).collect();
    assert!(missing.is_empty(), "{missing:?} of {image}");
}

/// Makes a request from a saved interpreter and from the beginning, at the same time of day and with the same random bytes, and
/// returns what both answer.
#[track_caller]
fn alike(project: &Project, arguments: &[&str]) -> String {
    let surroundings = ["invoke", "-q", "-i", "--clock", "2026-01-31", "--seed", "1"];
    let warm = project.pywagi([&surroundings, arguments].concat()).output();
    let cold = project.pywagi([&surroundings, arguments, &["--cold"]].concat()).output();
    cold.code(0).stdout(&warm.code(0).stdout);
    warm.stdout_text()
}

/// The fields of a form and one file, as browsers send them.
fn upload(server: &DevServer, path: &str, headers: &[&str], fields: &[(&str, &str)], file: (&str, &[u8])) -> Reply {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    let head = "--b\r\nContent-Type: text/plain\r\nContent-Disposition: form-data; name=\"picture\"; filename=";
    body.extend(format!("{head}\"{}\"\r\n\r\n", file.0).bytes());
    body.extend([file.1, b"\r\n--b--\r\n"].concat());
    let length = format!("Content-Length: {}", body.len());
    let headers = [headers, &["Content-Type: multipart/form-data; boundary=b", &length]].concat();
    server.request(&format!("POST {path}"), &headers, &body)
}

/// Larger than what is read into memory alone.
fn picture() -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", [0; 1_000_000].as_slice()].concat()
}

#[test]
fn a_shop_in_flask_has_a_basket_pictures_static_files_and_its_links_below_each_route() {
    let (project, shown) = app("flask");
    assert!(shown.contains("<h2>Biscuits</h2>") && shown.contains("href=\"/static/shop.css\""), "{shown}");
    component::the_shop_has_its_sessions_and_static_files(&project);
    let tests = project.pywagi(["run", "-m", "unittest", "discover", "-s", "/code/tests"]).output();
    tests.code(0).stderr_has("Ran 4 tests in ").stderr_has("\nOK\n");
    alike(&project, &["/"]);
    let put = alike(&project, &["/basket/1", "-X", "POST"]);
    let cookie = format!("Cookie: {}", between(&put, "Set-Cookie: ", ";"));
    let basket = alike(&project, &["/basket", "-H", &cookie]);
    assert!(basket.contains("Tea is in your basket.") && basket.contains("<td>1 × Tea</td><td>4.50</td>"), "{basket}");
    has_loaded(&project, &["flask.app", "jinja2.environment", "shop", "shop.app"]);

    // What the README adds to it, and says of it.
    let (_, walk) = include_str!("../../README.md").split_once("## Five minutes").expect("the walk");
    let page = between(walk, "```python\n", "```");
    project.write("code/shop/pages.py", project.read("code/shop/pages.py") + "\n\n" + &page);
    let answer = between(walk, "$ pywagi invoke /cheapest\n", "```");
    project.pywagi(["invoke", "-q", "/cheapest"]).output().code(0).stdout(&answer);

    let manifest = project.read("modules.toml");
    project.write("modules.toml", manifest.replace("\"/...\"", "\"/shop/...\"") + "\n" + &manifest);
    let server = project.dev(&[]);
    browse(&server, project.root(), include_str!("browser/flask.py"));
    let added = upload(&server, "/shop/goods/new", &[], &[("name", "<ü>"), ("price", "2.5")], ("../x.txt", &picture()));
    assert_eq!((added.status(), added.header("location")), (303, Some("/shop/")), "{added:?}");
    let goods = server.request("GET /shop/", &[&cookies(&added)], b"").text();
    assert!(goods.contains("<ü> is in the shop now.".replace('<', "&lt;").replace('>', "&gt;").as_str()), "{goods}");
    let link = between(&goods, "<img src=\"", "\"");
    let kept = server.get(&link);
    assert_eq!((kept.header("content-type"), kept.body.as_slice()), (Some("image/png"), picture().as_slice()));
    assert!(server.get("/").text().contains(&link.replace("/shop/", "/")));
    let wrong = upload(&server, "/goods/new", &[], &[("name", "x"), ("price", "0")], ("x.png", b"text"));
    let text = wrong.text();
    assert!(
        wrong.status() == 422 && text.contains("Please give a price") && text.contains("PNG, JPEG or GIF"),
        "{text}"
    );

    let style = server.get("/shop/static/shop.css");
    is(&style, 200, include_str!("../../assets/templates/flask/code/shop/static/shop.css"));
    let tag = format!("If-None-Match: {}", style.header("etag").expect("an ETag"));
    assert_eq!(server.request("GET /shop/static/shop.css", &[&tag], b"").status(), 304);
    assert_eq!(server.get("/pictures/shop.db").status(), 404);
    assert_eq!(post(&server, "/basket/x", &[], "").status(), 404);

    // Pages are compiled into the saved interpreter, too.
    project
        .write("code/shop/templates/basket.html", "{% extends \"base.html\" %}{% block title %}Edited{% endblock %}");
    assert!(server.get("/basket").text().contains("<h1>Edited</h1>"));
    // What no handler is for is in the log, and has a page.
    project.write("data/shop.db", "damaged".repeat(200));
    let failed = server.get("/");
    assert!(failed.status() == 500 && failed.text().contains("<h1>Internal Server Error</h1>"), "{failed:?}");
    server.wait_for_log("sqlite3.DatabaseError: file is not a database");
}

#[test]
fn a_reading_list_in_django_has_forms_its_orm_the_admin_and_static_files() {
    let (project, shown) = app("django");
    assert!(shown.contains("<h1>Add a book</h1>") && shown.contains("href=\"/static/books/books.css\""), "{shown}");
    project.pywagi(["run", "manage.py", "migrate", "--verbosity=0"]).output().code(0).stdout("");
    let tests = project.pywagi(["run", "manage.py", "test", "books"]).output();
    tests.code(0).stderr_has("Ran 3 tests in ").stderr_has("\nOK\n");
    let user = ["--noinput", "--username", "ada", "--email", "ada@example.com"];
    let create = ["run", "--cold", "-e", "DJANGO_SUPERUSER_PASSWORD=lovelace", "manage.py", "createsuperuser"];
    project.pywagi([&create[..], &user].concat()).output().code(0).stdout("Superuser created successfully.\n");
    has_loaded(&project, &["django.contrib.admin.sites", "books.models", "books.views", "config.wsgi"]);

    let manifest = project.read("modules.toml");
    project.write("modules.toml", manifest.replace("\"/...\"", "\"/dj/...\"") + "\n" + &manifest);
    let server = project.dev(&[]);
    browse(&server, project.root(), include_str!("browser/django.py"));
    let form = server.get("/dj/add/");
    let token = between(&form.text(), "csrfmiddlewaretoken\" value=\"", "\"");
    let add = |fields: &str, headers: &[&str]| {
        post(&server, "/dj/add/", &[&[FORM], headers].concat(), &format!("csrfmiddlewaretoken={token}&{fields}"))
    };
    let cookie = cookies(&form);
    assert_eq!(add("title=Emma&author=Jane+Austen&stars=5", &[]).status(), 403);
    let added = add("title=%3CEmma%3E&author=Jane+Austen&stars=5", &[&cookie]);
    assert_eq!((added.status(), added.header("location")), (302, Some("/dj/")), "{added:?}");
    let list = server.request("GET /dj/", &[&cookies(&added)], b"").text();
    assert!(list.contains("&lt;Emma&gt; is on the list.") && list.contains("by Jane Austen: 5 of 5 stars"), "{list}");
    let again = add("title=%3CEmma%3E&author=Jane+Austen&stars=6", &[&cookie]).text();
    assert!(again.contains("less than or equal to 5"), "{again}");
    let link = between(&list, "<link rel=\"stylesheet\" href=\"", "\"");
    is(&server.get(&link), 200, include_str!("../../assets/templates/django/code/books/static/books/books.css"));

    let login = server.get("/admin/login/");
    let token = between(&login.text(), "csrfmiddlewaretoken\" value=\"", "\"");
    let cold = project.pywagi(["invoke", "-q", "--cold", "/admin/login/"]).output().code(0).stdout_text();
    let without_token = |page: &str| page.replace(&between(page, "csrfmiddlewaretoken\" value=\"", "\""), "");
    assert_eq!(without_token(&login.text()), without_token(&cold));
    let list = server.get("/");
    project.pywagi(["invoke", "-q", "--cold", "/"]).output().code(0).stdout(&list.body);
    let log_in = |password: &str| {
        let body = format!("csrfmiddlewaretoken={token}&username=ada&password={password}&next=/admin/");
        post(&server, "/admin/login/", &[FORM, &cookies(&login)], &body)
    };
    assert_eq!(log_in("byron").status(), 200);
    let admin = log_in("lovelace");
    assert_eq!((admin.status(), admin.header("location")), (302, Some("/admin/")), "{admin:?}");
    let books = server.request("GET /admin/books/book/?q=emma", &[&cookies(&admin)], b"").text();
    assert!(books.contains("&lt;Emma&gt;</a>") && books.contains("\n1 book\n"), "{books}");
    assert_eq!(server.get("/static/admin/css/base.css").header("content-type"), Some("text/css"));
    assert_eq!(server.get("/static/../config/settings.py").status(), 400);
    assert_eq!(server.get("/none").status(), 404);
}

#[test]
fn tasks_in_starlette_are_kept_by_json_and_by_a_form_and_errors_are_of_both_kinds() {
    let (project, shown) = app("starlette");
    assert!(shown.contains("Nothing is to be done."), "{shown}");
    let tests = project.pywagi(["run", "-m", "unittest", "discover", "-s", "/code/tests"]).output();
    tests.code(0).stderr_has("Ran 3 tests in ").stderr_has("\nOK\n");
    alike(&project, &["/"]);
    alike(&project, &["/api/none"]);
    has_loaded(&project, &["starlette.applications", "jinja2.environment", "tasks.pages", "tasks.app"]);

    let server = project.dev(&[]);
    let added = post(&server, "/api/tasks", &[JSON], "{\"text\": \" <b> \"}");
    is(&added, 201, "{\"id\":1,\"text\":\"<b>\",\"done\":false}");
    assert_eq!(added.header("location"), Some(format!("http://{}/api/tasks/1", server.address).as_str()));
    let done = server.request("PATCH /api/tasks/1", &[JSON, "Content-Length: 14"], b"{\"done\": true}");
    is(&done, 200, "{\"id\":1,\"text\":\"<b>\",\"done\":true}");
    let form = post(&server, "/", &[FORM], "text=Read");
    assert_eq!((form.status(), form.header("location")), (303, Some(format!("http://{}/", server.address).as_str())));
    let page = server.get("/").text();
    assert!(page.contains("<li class=\"done\">&lt;b&gt;</li>\n\n<li>Read</li>"), "{page}");
    let link = between(&page, "<link rel=\"stylesheet\" href=\"", "\"");
    let link = link.split_once(&server.address.to_string()).expect("an address of this server").1.to_owned();
    is(&server.get(&link), 200, include_str!("../../assets/templates/starlette/code/tasks/static/tasks.css"));
    let wrong = post(&server, "/", &[FORM], "text=+");
    assert!(wrong.status() == 422 && wrong.text().contains("Please give a text"), "{wrong:?}");
    is(&server.request("DELETE /api/tasks/1", &[], b""), 204, "");
    is(&server.request("DELETE /api/tasks/1", &[], b""), 404, "{\"detail\":\"There is no such task.\"}");
    is(&post(&server, "/api/tasks", &[JSON], "[]"), 422, "{\"detail\":\"The body must be an object.\"}");
    let none = server.get("/none");
    assert!(none.status() == 404 && none.text().contains("<h1>404 Not Found</h1>"), "{none:?}");
}
