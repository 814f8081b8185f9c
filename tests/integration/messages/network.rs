//! Scripts that ask for a network which they have not: the line of modules.toml that permits it.

use crate::dev::python_modules;
use crate::support::Project;

/// The help line of a script of these lines, by `invoke`.
fn help(script: &str) -> String {
    let project = Project::new(&python_modules(&[("/", "a.py")])).file("code/a.py", script);
    let text = project.pywagi(["invoke", "/", "-q"]).output().code(3).stderr_text();
    text.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn a_script_without_a_network_is_told_how_it_gets_one() {
    for script in [
        "import urllib.request\nurllib.request.urlopen('http://example.com/')\n",
        "import urllib.request\nurllib.request.urlopen('https://example.com/')\n",
        "import socket\nsocket.create_connection(('127.0.0.1', 80))\n",
        "import socket\nsocket.socket()\n",
        "import ssl\n",
        "import http.client\nhttp.client.HTTPSConnection('example.com')\n",
    ] {
        assert_eq!(
            help(script),
            "  help: this route may connect to no host: list those that it needs in its [[module]] of modules.toml, as in \
             allowed_hosts = [\"https://example.com\"]; for one run, --allow-host https://example.com",
            "{script}"
        );
    }
}

#[test]
fn check_tells_it_before_a_request_does() {
    let project = Project::new(&python_modules(&[("/", "a.py")])).file("code/a.py", "import ssl\n");
    project.pywagi(["check", "-q"]).output().code(1).stdout(
        "code/a.py:1:1: error: `ssl` is not in Python for WebAssembly\n  \
         help: this route may connect to no host: list those that it needs in its [[module]] of modules.toml, as in \
         allowed_hosts = [\"https://example.com\"]; for one run, --allow-host https://example.com\n",
    );
}
