//! Tables of wagi.md's Response section.

use super::*;

/// Names and values.
type Pairs = Vec<(String, String)>;

/// Status, reason, headers and body of output that is a response.
fn read(stdout: &[u8]) -> (u16, Option<String>, Pairs, Vec<u8>) {
    let response = parse(stdout.to_vec(), false).response.expect("must be a response");
    let headers = response.headers.iter().map(|(n, v)| (n.to_owned(), String::from_utf8_lossy(v).into_owned()));
    (response.status, response.reason.clone(), headers.collect(), response.body.to_vec())
}

fn headers_of(stdout: &[u8]) -> Pairs {
    read(stdout).2
}

fn pairs(expected: &[(&str, &str)]) -> Pairs {
    expected.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect()
}

#[test]
fn the_first_empty_line_ends_the_headers_and_the_body_is_kept_byte_for_byte() {
    for (stdout, body) in [
        (&b"Content-Type: text/plain\n\nhello\n"[..], &b"hello\n"[..]),
        (b"Content-Type: text/plain\r\n\r\nhello\r\n", b"hello\r\n"),
        (b"Content-Type: text/plain\r\n\nhello", b"hello"),
        (b"Content-Type: text/plain\n\r\nhello", b"hello"),
        (b"Content-Type: text/plain\n\n", b""),
        (b"Content-Type: text/plain\n\n\n\r\n\0\xff\n\n", b"\n\r\n\0\xff\n\n"),
        (b"Content-Type: text/plain\n\nX: y\n\nz", b"X: y\n\nz"),
    ] {
        let expected = (200, None, pairs(&[("Content-Type", "text/plain")]), body.to_vec());
        assert_eq!(read(stdout), expected, "{:?}", String::from_utf8_lossy(stdout));
    }
}

#[test]
fn one_of_three_headers_is_enough_and_decides_the_status() {
    for (headers, status, reason) in [
        ("Content-Type: text/plain", 200, None),
        ("content-TYPE:text/plain", 200, None),
        ("Status: 204 No Content", 204, Some("No Content")),
        ("STATUS: 404", 404, None),
        ("Status:404", 404, None),
        ("Status: 404 ", 404, None),
        ("Status: \t599\t Odd  one \t", 599, Some("Odd  one")),
        ("Status: 200", 200, None),
        ("Status: 999 Most", 999, Some("Most")),
        ("Location: /there", 302, None),
        ("Location: /there\nStatus: 301 Moved", 301, Some("Moved")),
        ("Status: 201\nLocation: /there", 201, None),
        ("Location: /there\nContent-Type: text/html", 302, None),
        ("Status: 500\nStatus: 200 Fine", 200, Some("Fine")),
        ("Status: nonsense\nStatus: 200", 200, None),
    ] {
        let (found, found_reason, ..) = read(format!("{headers}\n\n").as_bytes());
        assert_eq!((found, found_reason.as_deref()), (status, reason), "{headers}");
    }
}

#[test]
fn a_status_that_cannot_be_answered_is_502_with_the_rest_as_printed() {
    let none = ["", "OK", "99", "1000", "0200", "+20", "-20", "2e2", "200OK", "٢٠٠", "000", "099 x", "2 00"];
    // RFC 9110 15.2: no answer, but the announcement of one.
    let interim = ["100", "101 Switching Protocols", "103 Early Hints", "199"];
    let none = none.map(|value| (value, "`Status` is not a number from 100 to 999"));
    let interim = interim.map(|value| (value, "`Status` is below 200, which only an interim response has"));
    for (value, why) in none.into_iter().chain(interim) {
        let parsed = parse(format!("X: 1\nStatus: {value}\n\nbody").into_bytes(), false);
        let mut headers = Headers::default();
        headers.push("X", "1");
        let response = Response { status: 502, reason: None, headers, body: b"body"[..].into() };
        assert_eq!(parsed.response, Ok(response), "{value}");
        assert_eq!(parsed.invalid_status, Some(why), "{value}");
        let line = format!("Status: {value}");
        let warning = format!("{line:?} makes the response a 502: {why}");
        assert_eq!(parsed.warnings, [warning], "{value}");
    }
}

#[test]
fn other_headers_are_passed_on_in_order_repeated_ones_too() {
    let stdout = b"Set-Cookie: a=1\nContent-Type: text/plain\nSet-Cookie:  b=2 \nx-EMPTY:\nset-cookie: c=3:4\n\n";
    let expected = [
        ("Set-Cookie", "a=1"),
        ("Content-Type", "text/plain"),
        ("Set-Cookie", "b=2"),
        ("x-EMPTY", ""),
        ("set-cookie", "c=3:4"),
    ];
    assert_eq!(headers_of(stdout), pairs(&expected));
}

#[test]
fn a_value_may_hold_any_byte_but_control_characters() {
    let stdout = b"Content-Type: a\tb\nX: \xff\xc3\xa9\n\n";
    let response = parse(stdout.to_vec(), false).response.unwrap();
    assert_eq!(response.headers.get("content-type"), Some(&b"a\tb"[..]));
    assert_eq!(response.headers.get("x"), Some(&b"\xff\xc3\xa9"[..]));
}

#[test]
fn headers_that_the_server_sets_itself_are_left_out() {
    let stdout = b"Content-Type: a\nContent-Length: 5\nTransfer-Encoding: chunked\nconnection: close\nDATE: x\n\n12345";
    let parsed = parse(stdout.to_vec(), false);
    assert_eq!(headers_of(stdout), pairs(&[("Content-Type", "a")]));
    let framing = "ignored the header line \"Transfer-Encoding: chunked\": the body is sent as it was printed";
    assert_eq!(parsed.warnings, [framing]);
}

#[test]
fn a_line_that_is_no_header_is_dropped_with_a_warning_and_the_rest_stands() {
    for (line, why) in [
        (&b"hello"[..], "dropped the header line \"hello\": it has no colon"),
        (b" folded", "dropped the header line \" folded\": it has no colon"),
        (b" X: y", "dropped the header line \" X: y\": \" X\" is not a valid header name"),
        (b"X : y", "dropped the header line \"X : y\": \"X \" is not a valid header name"),
        (b": y", "dropped the header line \": y\": \"\" is not a valid header name"),
        (b"X\xff: y", "dropped the header line \"X\u{fffd}: y\": \"X\u{fffd}\" is not a valid header name"),
        ("É: y".as_bytes(), "dropped the header line \"É: y\": \"É\" is not a valid header name"),
        (
            b"X: a\rSet-Cookie: evil",
            "dropped the header line \"X: a\\rSet-Cookie: evil\": the value contains a control character",
        ),
        (b"X: a\r", "dropped the header line \"X: a\\r\": the value contains a control character"),
        (b"X: \x0ca", "dropped the header line \"X: \\u{c}a\": the value contains a control character"),
        (b"X: a\0b", "dropped the header line \"X: a\\0b\": the value contains a control character"),
        (b"X: \x7f", "dropped the header line \"X: \\u{7f}\": the value contains a control character"),
        (
            b"Status: 200 a\rX: b",
            "dropped the header line \"Status: 200 a\\rX: b\": the value contains a control character",
        ),
        (b"\r", "dropped the header line \"\\r\": it has no colon"),
    ] {
        let stdout = [b"Content-Type: a\n", line, b"\r\nY: z\n\nbody"].concat();
        let parsed = parse(stdout.clone(), false);
        assert_eq!(parsed.warnings, [why]);
        let expected = (200, None, pairs(&[("Content-Type", "a"), ("Y", "z")]), b"body".to_vec());
        assert_eq!(read(&stdout), expected, "{line:?}");
    }
}

#[test]
fn a_second_status_is_warned_of() {
    let parsed = parse(b"Status: 200\nStatus: 404 Gone\n\n".to_vec(), false);
    assert_eq!(parsed.warnings, ["\"Status: 404 Gone\" sets the status again: the last `Status` counts"]);
}

#[test]
fn warnings_are_bounded_in_number_and_length() {
    let long = "x".repeat(10_000);
    let stdout = format!("Content-Type: a\n{long}\n{}\n", "no colon\n".repeat(99));
    let warnings = parse(stdout.into_bytes(), false).warnings;
    assert_eq!(warnings.len(), 11);
    let quoted = "x".repeat(80);
    assert_eq!(warnings[0], format!("dropped the header line \"{quoted}\" …: it has no colon"));
    assert_eq!(warnings[10], "and 90 more header lines like these");
}

#[test]
fn output_that_is_no_response_is_explained() {
    let no_headers = "there is no Content-Type, Status or Location header before the first empty line";
    let unfinished = "there is no empty line after the headers";
    for (stdout, missing, start) in [
        (&b""[..], "it wrote nothing to standard output", ""),
        (b"Hello\n", no_headers, "\"Hello\\n\""),
        (b"Hello\n\nworld\n", no_headers, "\"Hello\\n\\nworld\\n\""),
        (b"<html>", no_headers, "\"<html>\""),
        (b"X: y\n\nbody", no_headers, "\"X: y\\n\\nbody\""),
        (b"Content-Type: a\n", unfinished, "\"Content-Type: a\\n\""),
        (b"Content-Type: a\nHello", unfinished, "\"Content-Type: a\\nHello\""),
        (b"Status: 204\r\n", unfinished, "\"Status: 204\\r\\n\""),
        (
            b"\nContent-Type: a\n\nbody",
            "the output begins with an empty line, so it has no headers",
            "\"\\nContent-Type: a\\n\\nbody\"",
        ),
        (b"\r\nbody", "the output begins with an empty line, so it has no headers", "\"\\r\\nbody\""),
        (b"bodyContent-Type: a\n\n", "other output comes before the headers", "\"bodyContent-Type: a\\n\\n\""),
        (b"{}\n\nContent-Type: a\n\n", "other output comes before the headers", "\"{}\\n\\nContent-Type: a\\n\\n\""),
        (b"Content-Type: a", unfinished, "\"Content-Type: a\""),
    ] {
        let parsed = parse(stdout.to_vec(), false);
        let malformed = parsed.response.expect_err("must be no response");
        assert_eq!((malformed.missing, malformed.start.as_str()), (missing, start));
        assert_eq!(parsed.warnings, Vec::<String>::new(), "{start}");
    }
}

#[test]
fn a_byte_order_mark_and_a_lone_carriage_return_before_the_headers_are_named() {
    let mark = "a byte order mark (U+FEFF) comes before the headers";
    let without_mark = "print without one: a text file that begins with one is read with encoding=\"utf-8-sig\"";
    let lone = "a carriage return without a line feed is among the headers, where it ends no line";
    let line_ends = "end each header line with \\n or \\r\\n";
    for (stdout, missing, remedy) in [
        (&b"\xef\xbb\xbfContent-Type: a\n\nbody"[..], mark, without_mark),
        (b"\xef\xbb\xbf", mark, without_mark),
        (b"Content-Type: a\r\rbody", lone, line_ends),
        (b"\rContent-Type: a\n\nbody", lone, line_ends),
        (b"\rStatus: 200\r\n\r\nbody", lone, line_ends),
    ] {
        let malformed = parse(stdout.to_vec(), false).response.expect_err("must be no response");
        assert_eq!((malformed.missing, malformed.remedy), (missing, remedy), "{stdout:?}");
    }
    for other in [&b"10%\r20%\r\n"[..], b"X: y\n\nContent-Type: a\rb"] {
        assert_ne!(parse(other.to_vec(), false).response.expect_err("must be no response").missing, lone);
    }
}

#[test]
fn a_line_behind_a_byte_order_mark_is_dropped_where_another_suffices() {
    let parsed = parse(b"\xef\xbb\xbfX: y\nContent-Type: a\n\nbody".to_vec(), false);
    assert!(parsed.response.is_ok());
    let expected = "dropped the header line \"\\u{feff}X: y\": it begins with a byte order mark";
    assert_eq!(parsed.warnings, [expected]);
}

#[test]
fn a_dropped_content_type_is_still_named_when_nothing_else_is_there() {
    let parsed = parse(b"Content-Type : a\n\nbody".to_vec(), false);
    assert!(parsed.response.is_err());
    let expected = "dropped the header line \"Content-Type : a\": \"Content-Type \" is not a valid header name";
    assert_eq!(parsed.warnings, [expected]);
}

#[test]
fn a_quote_is_one_line_of_bounded_length() {
    assert_eq!(quote(b"a\n\x1b[2J\xff\"b\""), "\"a\\n\\u{1b}[2J\u{fffd}\\\"b\\\"\"");
    assert_eq!(quote("é".repeat(80).as_bytes()), format!("\"{}\"", "é".repeat(80)));
    assert_eq!(quote("é".repeat(81).as_bytes()), format!("\"{}\" …", "é".repeat(80)));
}

#[test]
fn an_answer_without_its_body_may_say_how_long_that_would_be() {
    let ignored = "ignored the header line \"Content-Length: 9\": the body has 0 bytes";
    for (output, is_head, warnings) in [
        ("Status: 200\nContent-Length: 9\n\n", true, &[][..]),
        ("Status: 304\nContent-Length: 9\n\n", false, &[]),
        ("Status: 200\nContent-Length: 9\n\n", false, &[ignored]),
        (
            "Status: 200\nContent-Length: 9\n\nbody",
            true,
            &["ignored the header line \"Content-Length: 9\": the body has 4 bytes"],
        ),
        (
            "Status: 200\nContent-Length: 0\n\nx",
            false,
            &["ignored the header line \"Content-Length: 0\": the body has 1 byte"],
        ),
    ] {
        assert_eq!(parse(output.as_bytes().to_vec(), is_head).warnings, warnings, "{output}");
    }
}

#[test]
fn a_million_headers_that_http_allows_once_are_one() {
    let line = "Content-Type: text/plain\nX: y\n";
    let response = parse((line.repeat(1 << 20) + "\n").into_bytes(), false).response.unwrap();
    assert_eq!(response.headers.all("Content-Type").count(), 1);
    assert_eq!(response.headers.all("X").count(), 1 << 20);
}
