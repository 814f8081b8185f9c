//! Variables: methods, headers, bodies, precedence (wagi.md Environment; RFC 3875 4.1).

use super::case::{ABSENT, Case, case, raw};

/// The rows.
pub fn rows() -> Vec<Case> {
    let mut rows = vec![
        case("wagi.md Environment; RFC 3875 4.1", "GET /show").sees(&[
            ("AUTH_TYPE", ""),
            ("CONTENT_LENGTH", "0"),
            ("CONTENT_TYPE", ""),
            ("GATEWAY_INTERFACE", "CGI/1.1"),
            ("PATH_INFO", ""),
            ("PATH_TRANSLATED", ""),
            ("QUERY_STRING", ""),
            ("REMOTE_ADDR", "127.0.0.1"),
            ("REMOTE_HOST", "127.0.0.1"),
            ("REMOTE_USER", ""),
            ("REQUEST_METHOD", "GET"),
            ("SCRIPT_NAME", "/show"),
            ("SERVER_NAME", "localhost"),
            ("SERVER_PORT", "3000"),
            ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("SERVER_SOFTWARE", "WAGI/1"),
            ("X_FULL_URL", "http://localhost:3000/show"),
            ("X_MATCHED_ROUTE", "/show/..."),
            ("X_RAW_PATH_INFO", ""),
        ]),
        // The guest that needs no interpreter sees the same.
        case("wagi.md Environment; RFC 3875 4.1", "GET /default")
            .matches("/default/...")
            .arguments(&["/default"])
            .sees(&[("PYTHONHOME", ABSENT)]),
    ];
    rows.extend(methods());
    rows.extend(headers());
    rows.extend(bodies());
    rows.extend(precedence());
    rows
}

fn methods() -> impl Iterator<Item = Case> {
    let registered = ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT"].map(|m| (m, "RFC 9110 9.3"));
    let others = [
        ("PROPFIND", "wagi.md Environment, REQUEST_METHOD; RFC 9110 16.1"),
        ("M-SEARCH", "wagi.md Environment, REQUEST_METHOD; RFC 9110 16.1"),
        ("X", "wagi.md Environment, REQUEST_METHOD; RFC 9110 5.6.2"),
        ("!#$%&'*+-.^_`|~09", "RFC 9110 9.1, 5.6.2"),
        // As sent: a method's name is compared with case.
        ("get", "wagi.md Environment, REQUEST_METHOD; RFC 9110 9.1"),
        ("pAtCh", "wagi.md Environment, REQUEST_METHOD; RFC 9110 9.1"),
    ];
    registered
        .into_iter()
        .chain(others)
        .map(|(method, rule)| case(rule, &format!("{method} /show")).sees(&[("REQUEST_METHOD", method)]))
}

fn headers() -> Vec<Case> {
    let header = "wagi.md Environment, HTTP_*; RFC 3875 4.1.18";
    let repeated = "wagi.md Environment, a request header sent twice; RFC 3875 4.1.18, RFC 9110 5.3";
    let underscore = "wagi.md Environment, HTTP_*, nor a name that holds `_`";
    let withheld = "wagi.md Environment, HTTP_*, never; RFC 3875 4.1.18";
    let utf8 = "wagi.md Environment, a header value that is not ASCII; RFC 9110 5.5";
    vec![
        case(header, "GET /show").header("User-Agent", "x").sees(&[("HTTP_USER_AGENT", "x")]),
        case(header, "GET /show").header("Accept", "text/html").sees(&[("HTTP_ACCEPT", "text/html")]),
        case(header, "GET /show").header("x-lower-Case", "1").sees(&[("HTTP_X_LOWER_CASE", "1")]),
        case(underscore, "GET /show")
            .header("X_Under", "1")
            .sees(&[("HTTP_X_UNDER", ABSENT)])
            .warned("the request header `X_Under` is dropped: with `_` it would pose as `X-Under`; send it with `-`"),
        case(underscore, "GET /show").header("_", "1").sees(&[("HTTP__", ABSENT)]),
        // What the server sets itself cannot be posed as either.
        case(underscore, "POST /show")
            .body("a/b", "x")
            .header("Content_Type", "c/d")
            .header("Content_Length", "9")
            .header("Transfer_Encoding", "chunked")
            .sees(&[("HTTP_TRANSFER_ENCODING", ABSENT)]),
        case(header, "GET /show").header("X.Dot", "1").sees(&[("HTTP_X.DOT", "1")]),
        case(header, "GET /show").header("X!#$%&'*+^`|~", "1").sees(&[("HTTP_X!#$%&'*+^`|~", "1")]),
        case(header, "GET /show").header("1", "digit").sees(&[("HTTP_1", "digit")]),
        case(header, "GET /show").header("X-Empty", "").sees(&[("HTTP_X_EMPTY", "")]),
        case(header, "GET /show").header("X-Colons", "a:b: c").sees(&[("HTTP_X_COLONS", "a:b: c")]),
        case(header, "GET /show").header("X-Equals", "a=b=c").sees(&[("HTTP_X_EQUALS", "a=b=c")]),
        case(header, "GET /show").header("X-Quotes", "\"a 'b\" \\").sees(&[("HTTP_X_QUOTES", "\"a 'b\" \\")]),
        case(header, "GET /show").header("X-Percent", "%41%00").sees(&[("HTTP_X_PERCENT", "%41%00")]),
        // A tab inside stays, white space around goes.
        case("wagi.md Environment, HTTP_*, trimmed; RFC 9110 5.5", "GET /show")
            .header("X-Space", "  a \t b \t ")
            .sees(&[("HTTP_X_SPACE", "a \t b")]),
        raw("RFC 9112 5.1", "GET /show HTTP/1.1\r\nHost:localhost:3000\r\nX-Tight:a\r\nX-Tab:\ta\t\r\n\r\n").sees(&[
            ("QUERY_STRING", ""),
            ("X_FULL_URL", "http://localhost:3000/show"),
            ("HTTP_X_TIGHT", "a"),
            ("HTTP_X_TAB", "a"),
        ]),
        case(repeated, "GET /show").header("X-Two", "1").header("x-two", "2").sees(&[("HTTP_X_TWO", "1, 2")]),
        case(repeated, "GET /show")
            .header("Accept", "a")
            .header("X", "-")
            .header("ACCEPT", "b, c")
            .header("accept", "d")
            .sees(&[("HTTP_ACCEPT", "a, b, c, d"), ("HTTP_X", "-")]),
        case(underscore, "GET /show")
            .header("X-Real-Ip", "1.2.3.4")
            .header("X_Real_Ip", "6.6.6.6")
            .sees(&[("HTTP_X_REAL_IP", "1.2.3.4")])
            .warned(
                "the request header `X_Real_Ip` is dropped: with `_` it would pose as `X-Real-Ip`; send it with `-`",
            ),
        case("wagi.md Environment, Cookie; RFC 6265 4.2.1, RFC 9113 8.2.3", "GET /show")
            .header("Cookie", "a=1")
            .header("cookie", "b=2; c=3")
            .sees(&[("HTTP_COOKIE", "a=1; b=2; c=3")]),
        case(withheld, "GET /show")
            .header("Authorization", "Basic eA==")
            .sees(&[("HTTP_AUTHORIZATION", ABSENT)])
            .warned(
                "the request's Authorization header is not passed to the guest, as in WAGI; \
                 `pass-authorization = true` in this [[module]] passes it",
            ),
        case("wagi.md Environment, HTTP_*, pass-authorization", "GET /auth")
            .matches("/auth")
            .header("Authorization", "Bearer t0ken")
            .sees(&[("HTTP_AUTHORIZATION", "Bearer t0ken"), ("AUTH_TYPE", ""), ("REMOTE_USER", "")]),
        case("wagi.md Environment, HTTP_*, pass-authorization", "GET /auth").matches("/auth"),
        case(withheld, "GET /show").header("authorization", "x").sees(&[("AUTH_TYPE", ""), ("REMOTE_USER", "")]),
        case(withheld, "GET /show").header("Connection", "keep-alive").sees(&[("HTTP_CONNECTION", ABSENT)]),
        case("wagi.md Environment, HTTP_*, never; CVE-2016-5385", "GET /show")
            .header("Proxy", "http://evil")
            .sees(&[("HTTP_PROXY", ABSENT)]),
        case("wagi.md Environment, HTTP_*, never; CVE-2016-5385", "GET /show")
            .header("pRoXy", "http://evil")
            .sees(&[("HTTP_PROXY", ABSENT)]),
        case(header, "GET /show")
            .header("Proxy-Authorization", "x")
            .header("Proxy-Connection", "y")
            .sees(&[("HTTP_PROXY_AUTHORIZATION", "x"), ("HTTP_PROXY_CONNECTION", "y")]),
        case(header, "GET /show")
            .header("Date", "x")
            .header("Via", "1.1 a")
            .sees(&[("HTTP_DATE", "x"), ("HTTP_VIA", "1.1 a")]),
        case(utf8, "GET /show").header("X", "é").sees(&[("HTTP_X", "é")]),
        case(utf8, "GET /show").header("X", "漢字 🦀").sees(&[("HTTP_X", "漢字 🦀")]),
        // No white space of HTTP's, so not trimmed.
        case("RFC 9110 5.6.3", "GET /show").header("X", "\u{a0}v\u{a0}").sees(&[("HTTP_X", "\u{a0}v\u{a0}")]),
    ]
}

fn bodies() -> Vec<Case> {
    let body = "wagi.md Environment, CONTENT_LENGTH, CONTENT_TYPE; RFC 3875 4.1.2, 4.1.3, 4.2";
    vec![
        case(body, "POST /show").body("text/plain; charset=utf-8", "hello"),
        case(body, "POST /show?a=b").body("application/x-www-form-urlencoded", "name=Ada&x=%20"),
        case(body, "PUT /show").body("application/octet-stream", (0..=255).collect::<Vec<u8>>()),
        case(body, "DELETE /show").body("a/b", "x"),
        case(body, "PATCH /show").body("a/b", "\r\n\r\n\0\n"),
        // A GET may have a body (RFC 9110 9.3.1).
        case("RFC 9110 9.3.1", "GET /show").body("a/b", "unusual"),
        case(body, "POST /show")
            .header("Content-Type", "a/b")
            .sees(&[("CONTENT_TYPE", "a/b"), ("HTTP_CONTENT_TYPE", "a/b")]),
        case(body, "POST /show")
            .header("Content-Length", "0")
            .sees(&[("CONTENT_LENGTH", "0"), ("HTTP_CONTENT_LENGTH", "0")]),
        // More than the server reads ahead, and more than one piece.
        case(body, "POST /show").body("a/b", "x".repeat(20_000)),
        case(body, "POST /show").body("a/b", "x".repeat(70_000)),
        case(body, "POST /default")
            .body("a/b", "raw")
            .matches("/default/...")
            .arguments(&["/default"])
            .sees(&[("PYTHONHOME", ABSENT)]),
    ]
}

fn precedence() -> Vec<Case> {
    let rule = "wagi.md Environment, lowest precedence first";
    vec![
        case(rule, "GET /show").sees(&[("BY_MODULE", "module"), ("BY_FILE", "file"), ("BY_FLAG", "flag")]),
        case(rule, "GET /show").sees(&[("BY_FLAG_TWICE", "second"), ("BY_FILE_TWICE", "second")]),
        case("wagi.md Environment, values in an env file may be quoted", "GET /show").sees(&[
            ("BY_FILE_QUOTED", "two words # no comment"),
            ("EMPTY", ""),
            ("SPACED", "a b"),
        ]),
        // Each of these is given by a flag, a file or the module, with another value.
        case("wagi.md Environment, which nothing can override", "GET /show/real?q").below("/real", "/real").sees(&[
            ("AUTH_TYPE", ""),
            ("HTTP_HOST", "localhost:3000"),
            ("SERVER_SOFTWARE", "WAGI/1"),
            ("QUERY_STRING", "q"),
            ("REQUEST_METHOD", "GET"),
        ]),
        case(rule, "GET /show").header("X-Given", "sent").sees(&[("HTTP_X_GIVEN", "sent")]),
        case(rule, "GET /show").sees(&[("HTTP_X_GIVEN", "default")]),
    ]
}
