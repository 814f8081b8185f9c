//! The hosts that a module may connect to. What an entry means is tested beside it, in src/network.

use super::*;

#[test]
fn a_list_that_is_none_is_told_with_what_to_write() {
    let app = App::new();
    let list = "write allowed_hosts = [\"https://example.com\"]";
    let port = "write \"https://b.test\", or the port: \"b.test:PORT\"";
    for (value, column, width, message, remedy) in [
        ("\"https://a\"", 17, 11, "`allowed_hosts` must be an array of hosts, not a string", list),
        ("{}", 17, 2, "`allowed_hosts` must be an array of hosts, not a table", list),
        ("[\"a:1\", 80]", 25, 2, "`allowed_hosts` must hold strings, not an integer", list),
        ("[\"a:1\", \"b.test\"]", 25, 8, "`b.test` has no port", port),
        ("[\"\"]", 18, 2, "the name of the host is empty", "write the host as in a URL: \"https://example.org\""),
    ] {
        let line = format!("allowed_hosts = {value}");
        assert_eq!(app.bad_line(&line), (at(4, column, width, message, &line), remedy.to_owned()));
    }
}

#[test]
fn every_mistake_of_a_list_is_told_at_once() {
    let (message, _) = App::new().bad_line("allowed_hosts = [\"a\", \"b:0\", \"c:1\"]");
    for part in ["modules.toml:4:18: `a` has no port", "modules.toml:4:23: `0` is no port"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn an_entry_that_adds_nothing_or_much_is_a_warning() {
    let app = App::new();
    for (list, warnings) in [
        ("[]", vec![]),
        ("[\"a:1\", \"a:2\", \"*.a.test:1\"]", vec![]),
        ("[\"a:1\", \"a:1\"]", vec!["4:25: `a:1` is listed twice"]),
        ("[\"https://a\", \"A:443\"]", vec!["4:31: `A:443` permits the same as `https://a` before it"]),
        ("[\"https://*\"]", vec!["4:18: `https://*` permits every public address: list the hosts that it needs"]),
    ] {
        let expected: Vec<_> = warnings.iter().map(|warning| format!("DIR/modules.toml:{warning}")).collect();
        assert_eq!(app.warnings_of_line(&format!("allowed_hosts = {list}")), expected, "{list}");
    }
}
