//! The page of a failed request, in a browser.

use crate::support::{DevServer, Project, browse, python_modules};

const BROKEN: &str = "\
import json


def price_of(item):
    return item['price']


items = '[{\"cost\": \"<b>5</b>\"}]'

print(json.loads(items, object_hook=price_of))
";

/// The token of the prompts: who asks without it has it shown in the terminal.
pub fn token(server: &DevServer) -> String {
    server.request("POST /__pywagi/console/x", &["Sec-Fetch-Site: same-origin"], b"");
    let log = server.wait_for_log("Console token ");
    log.split("Console token ").nth(1).and_then(|rest| rest.split_whitespace().next()).expect("a token").to_owned()
}

#[test]
fn a_failed_request_is_a_page_that_shows_its_code_and_leads_on() {
    let routes = [("/", "hello.py"), ("/broken", "broken.py"), ("/missing", "missing.py")];
    let project = Project::new(&python_modules(&routes))
        .file("code/hello.py", "print('Content-Type: text/html\\n\\n<link rel=icon href=data:,>hello')\n")
        .file("code/missing.py", "import flask\n")
        .file("code/broken.py", BROKEN);
    let server = project.dev(&["--live"]);
    project.write("token.txt", token(&server));
    browse(&server, project.root(), include_str!("browser/error_page.py"));
}
