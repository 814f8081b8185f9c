//! The commands that the pages of the inspector have to be copied into a shell.

use std::process::Command;

use serde_json::{Value, json};

use super::entry;
use super::pages::page;
use crate::support::{ONE, Project, binary, wat};

/// The texts that the buttons of a page copy, by the buttons' labels.
fn copies(page: &str) -> Vec<(String, String)> {
    let unescaped =
        |text: &str| text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    let buttons = page.split("data-copy=\"").skip(1).map(|rest| {
        let (text, rest) = rest.split_once('"').expect("a value");
        let label = rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).expect("a label").0;
        (label.to_owned(), unescaped(text))
    });
    buttons.collect()
}

#[test]
fn a_request_is_made_again_by_each_command_that_is_copied() {
    let server = Project::new(ONE).file("guest.wat", wat::shows()).dev(&[]);
    let sent: [(&str, &[&str], &[u8]); 5] = [
        ("GET /[a]/../b?c=%20&d={e}", &["User-Agent: it's $HOME `x`", "Accept: a/b"], b""),
        (
            "POST /",
            &["Content-Type: application/x-www-form-urlencoded", "X-Empty:", "X-A: 1", "X-A: 2"],
            b"@a='b'&\"c\"\\\r\n",
        ),
        ("PUT /x", &["Content-Type: text/plain"], "caf\u{e9} \u{1f375}".as_bytes()),
        ("DELETE /x", &["X-A: caf\u{e9}"], b""),
        ("POST /no-type", &[], b"x"),
    ];
    for (line, headers, body) in sent {
        let length = format!("Content-Length: {}", body.len());
        let length = if body.is_empty() { &[][..] } else { &[length.as_str()] };
        assert_eq!(server.request(line, &[headers, length].concat(), body).status(), 200);
    }
    let mut last = sent.len() as u64;
    for id in 1..=sent.len() as u64 {
        let first = told(&entry(&server, id));
        for (label, command) in copies(&page(&server, &format!("requests/{id}"))) {
            let mut shell = match label.as_str() {
                "copy as curl" => shell(&format!("{command} --silent --output /dev/null")),
                "copy as Python" => {
                    let mut python = Command::new("python3");
                    python.args(["-c", &command]);
                    python
                }
                // It asks no server.
                "copy as pywagi invoke" => continue,
                other => panic!("{other}"),
            };
            let output = shell.output().expect("it starts");
            assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
            last += 1;
            assert_eq!(told(&entry(&server, last)), first, "{command}");
        }
    }
}

#[test]
fn a_request_is_answered_again_by_the_command_for_invoke() {
    let project = Project::new(ONE).file("guest.wat", wat::echo());
    let server = project.dev(&[]);
    for (line, body) in [("GET /a?b", &b""[..]), ("POST /", b"@a='b'&\"c\"\\\r\n"), ("PUT /x", "\u{e9}".as_bytes())] {
        server.request(line, &[&format!("Content-Length: {}", body.len())], body);
    }
    for (id, body) in [(1, &b""[..]), (2, b"@a='b'&\"c\"\\\r\n"), (3, "\u{e9}".as_bytes())] {
        let copies = copies(&page(&server, &format!("requests/{id}")));
        let (_, command) = copies.iter().find(|(label, _)| label == "copy as pywagi invoke").expect("a button");
        let command = command.replace("pywagi invoke", &format!("{} invoke", binary().display()));
        let output = shell(&command).current_dir(project.root()).output().expect("a shell");
        assert_eq!((output.status.code(), output.stdout), (Some(0), body.to_owned()), "{command}");
    }
}

/// A shell that runs a command, as a user pastes it.
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

/// What a request says, but for the fields that belong to the connection, and the order of the others.
fn told(entry: &Value) -> Value {
    let mut headers = entry["request"]["headers"].as_array().expect("a list").clone();
    headers.retain(|header| header[0] != "Connection");
    headers.sort_by_key(|header| header.to_string().to_lowercase());
    json!([entry["method"], entry["target"], headers, entry["request"]["body"]])
}
