//! Arguments with and without a template (wagi.md Arguments; RFC 3875 4.4, 7.2).

use super::case::{ABSENT, Case, case};

/// The rows.
pub fn rows() -> Vec<Case> {
    default().into_iter().chain(templates()).chain(scripts()).collect()
}

/// Without `argv`: the path, and a piece of the query each.
fn default() -> Vec<Case> {
    let rule = "wagi.md Arguments, without argv";
    [
        ("/default", &["/default"][..]),
        ("/default?", &["/default", ""]),
        ("/default?a", &["/default", "a"]),
        ("/default?a=1&b=2", &["/default", "a=1", "b=2"]),
        ("/default?&a&&b&", &["/default", "", "a", "", "b", ""]),
        ("/default?a=%26%20&b+c", &["/default", "a=%26%20", "b+c"]),
        ("/default?a;b", &["/default", "a;b"]),
        ("/default?a?b&c", &["/default", "a?b", "c"]),
        ("/default?${SCRIPT_NAME}&${ARGS}", &["/default", "${SCRIPT_NAME}", "${ARGS}"]),
    ]
    .into_iter()
    .map(|(target, arguments)| (target, arguments, "", ""))
    .chain([
        ("/default/a%20b?c", &["/default/a%20b", "c"][..], "/a%20b", "/a b"),
        ("/default//%C3%A9/..?", &["/default//%C3%A9/..", ""], "//%C3%A9/..", "//é/.."),
    ])
    .map(|(target, arguments, raw, decoded)| {
        let row = case(rule, &format!("GET {target}")).matches("/default/...").arguments(arguments);
        row.below(raw, decoded).sees(&[("PYTHONHOME", ABSENT)])
    })
    .collect()
}

/// A script whose path comes from the URL, as in a directory of old CGI scripts.
fn scripts() -> impl Iterator<Item = Case> {
    let there = "wagi.md Arguments, ${SCRIPT_NAME}";
    let missing = "RFC 9110 15.5.5; wagi.md Arguments, ${SCRIPT_NAME}";
    let fixed = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Fixed: yes\r\nContent-Length: 5\r\n\r\nbody\n";
    let absent = [
        "/cgi/none.py",
        "/cgi/it's.py",
        "/cgi/none/none.py",
        "/cgi/../../none.py",
        // Not a script but a directory, and below a script.
        "/cgi",
        "/cgi/",
        "/cgi/fixed.py/below",
    ];
    let absent = absent.into_iter().map(move |path| {
        let body = format!(
            "404 Not Found\n\nThere is no script /code{path}.\n`argv` of the route /cgi/... takes it from the URL.\n"
        );
        let head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n";
        case(missing, &format!("GET {path}?a&b"))
            .answered(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()))
    });
    [case(there, "GET /cgi/fixed.py").answered(fixed)].into_iter().chain(absent)
}

fn templates() -> impl Iterator<Item = Case> {
    let args = "wagi.md Arguments, ${ARGS}";
    let name = "wagi.md Arguments, ${SCRIPT_NAME}";
    let split = "wagi.md Arguments, split on whitespace";
    let other = "wagi.md Arguments, any other ${…} stays";
    let order = "wagi.md Arguments, the order matters";
    [
        // Each without the first two, `python /code/show.py`.
        (args, "/args", "?arg1=value1&arg2=value2", &["arg1=value1", "arg2=value2"][..]),
        (args, "/args", "", &[]),
        (args, "/args", "?", &[]),
        (split, "/args", "?&&a&&b&", &["a", "b"]),
        (args, "/args", "?%26&+&%20", &["%26", "+", "%20"]),
        (args, "/args", "?a=b=c&=", &["a=b=c", "="]),
        (args, "/args", "?-c&--help&-X", &["-c", "--help", "-X"]),
        (order, "/args", "?${ARGS}&${SCRIPT_NAME}", &["${ARGS}", "${SCRIPT_NAME}"]),
        (args, "/args-twice", "?a&b", &["a", "b", "a", "b"]),
        (args, "/args-inside", "?a&b", &["x=a", "b&y"]),
        (args, "/args-inside", "", &["x=&y"]),
        (args, "/args-only-last", "?1&2", &["a", "b", "1", "2", "c"]),
        (name, "/name", "?ignored", &["/name"]),
        (name, "/name-and-args", "?a&b", &["/name-and-args", "a", "b"]),
        (name, "/args-and-name", "?a&b", &["a", "b", "/args-and-name"]),
        (name, "/name-inside", "", &["[/name-inside]"]),
        (other, "/unknown", "?a", &["${OTHER}", "${args}", "$ARGS", "${ARGS", "${", "ARGS", "}", "$a"]),
        (split, "/spaces", "?a&b", &["a", "b", "z"]),
        (split, "/spaces", "", &["z"]),
        // No shell: quotes are characters.
        (split, "/quotes", "?'c&d'", &["'a", "b'", "'c", "d'"]),
    ]
    .into_iter()
    .map(|(rule, route, query, rest)| (rule, route, "", "", query, rest))
    .chain([
        // SCRIPT_NAME in a template is the path as sent, not the route.
        (name, "/name", "/a%20b/..", "/a b/..", "", &["/name/a%20b/.."][..]),
        (name, "/name-inside", "//x", "//x", "?q", &["[/name-inside//x]"]),
        // What came in with the path is expanded, since it is put in first.
        (order, "/name-and-args", "/${ARGS}", "/${ARGS}", "?a&b", &["/name-and-args/a", "b", "a", "b"]),
    ])
    .map(|(rule, route, raw, decoded, query, rest)| {
        let arguments = [&["python", "/code/show.py"], rest].concat();
        let below = ["/name", "/name-and-args", "/name-inside"].contains(&route);
        let pattern = format!("{route}{}", if below { "/..." } else { "" });
        case(rule, &format!("GET {route}{raw}{query}")).matches(&pattern).arguments(&arguments).below(raw, decoded)
    })
    .chain([case("wagi.md Arguments; argv = \"python -X utf8 …\"", "GET /options?a")
        .matches("/options")
        .arguments(&["python", "-X", "utf8", "-W", "ignore", "/code/show.py", "a"])])
}
