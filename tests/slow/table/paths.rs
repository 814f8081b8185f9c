//! Paths and queries, passed through as they came (wagi.md Environment; RFC 3875 4.1.5 to 4.1.7, RFC 3986).

use super::case::{Case, case};

/// The rows.
pub fn rows() -> Vec<Case> {
    let rule = "wagi.md Environment, PATH_INFO, X_RAW_PATH_INFO; RFC 3875 4.1.5";
    let paths = [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/b/", "/a/b/"),
        ("/a%20b", "/a b"),
        ("/a+b", "/a+b"),
        ("/a%2Fb", "/a/b"),
        ("/a%2fb", "/a/b"),
        ("/%C3%A9", "/é"),
        ("/%E6%BC%A2", "/漢"),
        // Invalid UTF-8 is replaced: one character for each maximal part.
        ("/%ff", "/\u{fffd}"),
        ("/%C3x", "/\u{fffd}x"),
        ("/%F0%9F%A6", "/\u{fffd}"),
        // Decoded once.
        ("/%2541", "/%41"),
        ("/%25", "/%"),
        // What is not a percent-encoding stays.
        ("/100%", "/100%"),
        ("/%zz", "/%zz"),
        ("/%4", "/%4"),
        ("/%", "/%"),
        ("/%%41", "/%A"),
        // Nothing is collapsed.
        ("//a", "//a"),
        ("/a//b", "/a//b"),
        ("///", "///"),
        ("/.", "/."),
        ("/..", "/.."),
        ("/a/../b/./c", "/a/../b/./c"),
        ("/%2e%2e/%2E", "/../."),
        ("/../../../etc/passwd", "/../../../etc/passwd"),
        // Every other character of a path (RFC 3986 3.3), and what clients send besides.
        ("/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@"),
        ("/[a]|{b}^`\\", "/[a]|{b}^`\\"),
        ("/%0A%0D%09%1b", "/\n\r\t\u{1b}"),
        ("/...", "/..."),
        ("/${ARGS}", "/${ARGS}"),
        ("/http://x", "/http://x"),
    ];
    let mut rows: Vec<Case> =
        paths.into_iter().map(|(raw, decoded)| case(rule, &format!("GET /show{raw}")).below(raw, decoded)).collect();
    // A path of 8 KiB, as RFC 9112 3 recommends to support at least.
    let long = format!("/{}", "x".repeat(8000));
    rows.push(case("RFC 9112 3", &format!("GET /show{long}")).below(&long, &long));

    let query = "wagi.md Environment, QUERY_STRING; RFC 3875 4.1.7";
    let queries = [
        ("?", "", "as sent"),
        ("?a=b", "a=b", ""),
        ("?a=b&c=d", "a=b&c=d", ""),
        ("?%20+%2B%ff", "%20+%2B%ff", ""),
        ("??", "?", ""),
        ("?a?b/c//d/..", "a?b/c//d/..", ""),
        ("?&&=&", "&&=&", ""),
        ("?${SCRIPT_NAME}", "${SCRIPT_NAME}", ""),
        ("?'$(x)`;|\\", "'$(x)`;|\\", ""),
    ];
    rows.extend(queries.into_iter().map(|(sent, expected, _)| {
        case(query, &format!("GET /show{sent}"))
            .sees(&[("QUERY_STRING", expected), ("X_FULL_URL", &format!("http://localhost:3000/show{sent}"))])
    }));
    rows.extend([
        // A query does not matter to the route, nor a slash in it.
        case(query, "GET /exact?/below").matches("/exact").sees(&[("QUERY_STRING", "/below")]),
        case("wagi.md Environment, X_FULL_URL", "GET /show/a%20b//../c?d=%20&e")
            .below("/a%20b//../c", "/a b//../c")
            .sees(&[("X_FULL_URL", "http://localhost:3000/show/a%20b//../c?d=%20&e")]),
        case("wagi.md Environment, SCRIPT_NAME", "GET /").matches("/").sees(&[("SCRIPT_NAME", "/")]),
        // No environment can hold a NUL, so nobody is given half of the path (POSIX, environ).
        case("wagi.md Environment, PATH_INFO; RFC 9110 15.5.1", "GET /show/a%00b").answered(
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 92\r\n\r\n\
             400 Bad Request\n\nthe variable PATH_INFO would hold a NUL byte, which no guest can be given.\n",
        ),
    ]);
    rows
}
