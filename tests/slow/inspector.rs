//! The inspector, in a browser.

use crate::error_page::token;
use crate::support::{Project, browse, python_modules};

const SHOWS: &str = "import os, sys
print('Content-Type: text/html; charset=utf-8\\n')
print('<h1>Shop</h1><script>document.body.textContent = 1</script>')
print('<p>', os.environ.get('HTTP_X_COLOUR', 'none'), sys.stdin.read(), '</p>')
";

#[test]
fn requests_show_as_they_come_and_are_looked_at_changed_and_sent_again() {
    let project = Project::new(&python_modules(&[("/", "shows.py"), ("/broken", "broken.py")]))
        .file("code/shows.py", SHOWS)
        .file("code/broken.py", "price = '<img src=x onerror=alert(1)>'\n1 / 0\n");
    let server = project.dev(&[]);
    project.write("token.txt", token(&server));
    browse(&server, project.root(), include_str!("browser/inspector.py"));
    if project.path("tests").exists() {
        project.pywagi(["test"]).output().code(0).stdout_has("shop");
    }
}
