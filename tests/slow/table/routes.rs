//! Which module answers (wagi.md modules.toml, Routing, Dynamic routes).

use super::case::{Case, case};

/// The rows.
pub fn rows() -> Vec<Case> {
    let exact = "wagi.md modules.toml, route: exactly that path";
    let below = "wagi.md modules.toml, route: everything below it";
    let order = "wagi.md Routing, the first match wins";
    let dynamic = "wagi.md Dynamic routes";
    let last = "wagi.md Dynamic routes, the last match wins";
    let health = "wagi.md Routing, GET /healthz";
    let none = "wagi.md Routing, no match: 404";
    let text = |row: Case, body: &str| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n", body.len());
        row.answered(head + body)
    };
    let mut rows = vec![
        case(exact, "GET /exact").matches("/exact"),
        case(exact, "GET /exact?a/b").matches("/exact"),
        case(exact, "GET /").matches("/"),
        case(below, "GET /show").matches("/show/..."),
        case(below, "GET /show/").matches("/show/...").below("/", "/"),
        case(below, "GET /show/a/b").matches("/show/...").below("/a/b", "/a/b"),
        text(case(order, "GET /order/second"), "one"),
        text(case(order, "GET /order"), "one"),
        text(case(order, "GET /reverse/second"), "two"),
        text(case(order, "GET /reverse/second/third"), "one"),
        text(case(order, "GET /reverse/secondx"), "one"),
        text(case(exact, "GET /end/"), "one"),
        text(case("wagi.md modules.toml, route; RFC 3986 6.2.2.1", "GET /Case"), "one"),
        // Compared as sent, not decoded.
        text(case("wagi.md modules.toml, route", "GET /%61"), "one"),
        text(case("wagi.md modules.toml, entrypoint", "GET /entry"), "two"),
        text(case(last, "GET /dynamic/a"), "two"),
        text(case(dynamic, "GET /dynamic/a/x"), "two"),
        text(case(dynamic, "GET /dynamic/b"), "one"),
        text(case(last, "GET /dynamic/b/c"), "two"),
        text(case(dynamic, "GET /dynamic/b/c/d"), "one"),
        text(case(dynamic, "GET /dynamic/_start"), "own"),
        // What none of them takes is the module's own.
        text(case(dynamic, "GET /dynamic"), "own"),
        text(case(dynamic, "GET /dynamic/other"), "own"),
        text(case(dynamic, "GET /dynamic/ab"), "own"),
        text(case(health, "GET /healthz"), "OK")
            .answered("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nOK"),
        case(health, "GET /healthz?a")
            .answered("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nOK"),
        case("wagi.md Routing; RFC 9110 9.3.2", "HEAD /healthz")
            .answered("HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\n"),
    ];
    // The 404 names the path and every route, dynamic ones included, in the order they are tried.
    let missing = [
        ("POST /healthz", "/healthz", health),
        ("GET /healthz/", "/healthz/", health),
        ("GET /exact/", "/exact/", exact),
        ("GET /exact/below", "/exact/below", exact),
        ("GET /exactx", "/exactx", exact),
        ("GET /showx", "/showx", below),
        ("GET /sho", "/sho", below),
        ("GET /end", "/end", exact),
        ("GET /case", "/case", none),
        ("GET /a", "/a", none),
        ("GET //", "//", none),
        ("GET //show", "//show", none),
        ("GET /./show", "/./show", none),
        ("GET /x/../show", "/x/../show", none),
        ("GET /%73how", "/%73how", none),
        ("PROPFIND /nowhere?a=b", "/nowhere", none),
        // The target of a request that is about the server as a whole. No route matches it.
        ("OPTIONS *", "*", "RFC 9112 3.2.4, RFC 9110 9.3.7"),
    ];
    rows.extend(missing.into_iter().map(|(line, path, rule)| {
        let body = format!("404 Not Found\n\nNo route matches {path}. The routes are:\n{ROUTES}");
        let head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n";
        case(rule, line).answered(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()))
    }));
    rows
}

/// The app's routes in the order they are tried.
const ROUTES: &str = "  /order/...
  /order/second
  /reverse/second
  /reverse/...
  /dynamic/_start
  /dynamic/b/c
  /dynamic/b/...
  /dynamic/a/...
  /dynamic/a
  /dynamic/...
  /entry
  /echo
  /trap
  /default/...
  /end/
  /Case
  /%61
  /
  /exact
  /show/...
  /answer
  /fixed/...
  /end-by
  /large
  /args
  /args-twice
  /args-inside
  /args-only-last
  /name/...
  /name-and-args/...
  /args-and-name
  /name-inside/...
  /unknown
  /spaces
  /cgi/...
  /auth
  /quotes
  /options
";
