//! The apps that `pywagi init` can begin with. Their files are in assets/templates.

use crate::packages::asked::PYPROJECT;

/// An app to begin with.
#[derive(Debug, PartialEq, Eq)]
pub struct Template {
    /// What `--template` calls it.
    pub name: &'static str,
    /// What it shows, for a list.
    pub about: &'static str,
    /// Its files: the path in the app, and the text. The first is its manifest.
    pub files: &'static [(&'static str, &'static str)],
    /// Commands to run before it answers, as arguments of `pywagi`.
    pub prepare: &'static [&'static [&'static str]],
    /// A request that shows that it works, as arguments of `pywagi invoke`.
    pub first_request: &'static [&'static str],
    /// A package that its interpreter has to have built in, by its normalized name.
    pub built_in: Option<&'static str>,
}

impl Template {
    /// Whether it asks for packages.
    pub fn has_packages(&self) -> bool {
        self.files.iter().any(|(path, _)| *path == PYPROJECT)
    }
}

/// Files of the template `$name`, and others that are shared.
macro_rules! files {
    ($name:literal: $($path:literal),* $(,)? $(; $($shared:literal = $source:literal),*)?) => {
        &[
            $(($path, include_str!(concat!("../../assets/templates/", $name, "/", $path))),)*
            $($(($shared, include_str!(concat!("../../assets/", $source))),)*)?
        ]
    };
}

/// All of them, the default first.
pub const TEMPLATES: &[Template] = &[
    Template {
        name: "plain",
        about: "one script, which shows what a guest sees",
        files: files!("plain": "modules.toml", "code/env.py", "tests/app.toml"),
        prepare: &[],
        // That of the article.
        first_request: &["/?arg1=value1&arg2=value2", "--header", "User-Agent:x"],
        built_in: None,
    },
    Template {
        name: "form",
        about: "a form with an upload, and checks of what is sent",
        files: files!(
            "form": "modules.toml", "code/form.py", "code/form.html", "code/multipart.py", "data/.gitignore",
            "tests/app.toml"
        ),
        prepare: &[],
        first_request: &["/"],
        built_in: None,
    },
    Template {
        name: "api",
        about: "a JSON API, with a router, errors and tests",
        files: files!("api": "modules.toml", "code/api.py", "code/router.py", "tests/app.toml", "tests/test_api.py"),
        prepare: &[],
        first_request: &["/api/units"],
        built_in: None,
    },
    Template {
        name: "guestbook",
        about: "pages that keep entries in an SQLite database",
        files: files!(
            "guestbook": "modules.toml", "code/guestbook.py", "code/guestbook.html", "code/schema.sql", "data/.gitignore",
            "tests/app.toml"
        ),
        prepare: &[],
        first_request: &["/"],
        built_in: None,
    },
    Template {
        name: "htmx",
        about: "a page that htmx changes in parts, and static files",
        files: files!(
            "htmx": "modules.toml", "code/page.py", "code/page.html", "static/app.css", "static/htmx.min.js",
            "tests/app.toml";
            "code/static.py" = "python/static.py"
        ),
        prepare: &[],
        first_request: &["/?q=json"],
        built_in: None,
    },
    Template {
        name: "flask",
        about: "a shop in Flask: a basket, an upload, a database, tests",
        files: files!(
            "flask": "modules.toml", "pyproject.toml", "README.md", "code/shop/__init__.py", "code/shop/app.py",
            "code/shop/catalog.py", "code/shop/pages.py", "code/shop/schema.sql", "code/shop/static/shop.css",
            "code/shop/templates/base.html", "code/shop/templates/basket.html", "code/shop/templates/error.html",
            "code/shop/templates/index.html", "code/shop/templates/new.html", "code/tests/test_shop.py",
            "data/.gitignore", "tests/app.toml", "tmp/.gitignore";
            "code/pywagi.py" = "python/pywagi.py", ".env" = "templates/env"
        ),
        prepare: &[],
        first_request: &["/"],
        built_in: None,
    },
    Template {
        name: "django",
        about: "a reading list in Django: a model, forms, the admin, tests",
        files: files!(
            "django": "modules.toml", "pyproject.toml", "README.md", "code/manage.py", "code/config/__init__.py",
            "code/config/hashers.py", "code/config/settings.py", "code/config/urls.py", "code/config/wsgi.py",
            "code/books/__init__.py", "code/books/admin.py", "code/books/migrations/0001_initial.py",
            "code/books/migrations/__init__.py", "code/books/models.py", "code/books/static/books/books.css",
            "code/books/templates/books/base.html", "code/books/templates/books/book_form.html",
            "code/books/templates/books/book_list.html", "code/books/tests.py", "code/books/views.py", "data/.gitignore",
            "tests/app.toml";
            "code/pywagi.py" = "python/pywagi.py", ".env" = "templates/env"
        ),
        prepare: &[&["run", "manage.py", "migrate"]],
        // The list of books needs the database.
        first_request: &["/add/"],
        built_in: None,
    },
    Template {
        name: "starlette",
        about: "tasks in Starlette: JSON and pages by ASGI, a lifespan, tests",
        files: files!(
            "starlette": "modules.toml", "pyproject.toml", "README.md", "code/tasks/__init__.py", "code/tasks/api.py",
            "code/tasks/app.py", "code/tasks/database.py", "code/tasks/pages.py", "code/tasks/static/tasks.css",
            "code/tasks/templates/base.html", "code/tasks/templates/error.html", "code/tasks/templates/tasks.html",
            "code/tests/test_tasks.py", "data/.gitignore", "tests/app.toml";
            "code/pywagi.py" = "python/pywagi.py"
        ),
        prepare: &[],
        first_request: &["/"],
        built_in: None,
    },
    Template {
        name: "postgres",
        about: "notes that a PostgreSQL server keeps, by permission",
        files: files!(
            "postgres": "modules.toml", "pyproject.toml", "README.md", "code/notes.py", "tests/app.toml";
            ".env" = "templates/postgres/env"
        ),
        prepare: &[],
        first_request: &["/"],
        built_in: None,
    },
    Template {
        name: "report",
        about: "tables and charts of a CSV file, with pandas",
        files: files!(
            "report": "modules.toml", "README.md", "code/report.py", "code/chart.py", "code/page.html", "code/report.html",
            "code/sample.csv", "code/warmup.py", "tests/app.toml";
            "code/multipart.py" = "templates/form/code/multipart.py"
        ),
        prepare: &[],
        first_request: &["/"],
        built_in: Some("pandas"),
    },
];

/// The template of a name.
pub fn template(name: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.name == name)
}
