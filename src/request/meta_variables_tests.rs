use super::*;

fn variables(list: &[(&str, &str)]) -> MetaVariables {
    MetaVariables::new(list.iter().map(|(name, value)| (name.into(), value.into())))
}

fn request(list: &[(&str, &str)]) -> Request {
    variables(&[&[(METHOD, "GET")], list].concat()).request().expect("a request")
}

#[test]
fn the_path_is_what_was_sent_below_the_mount() {
    for (name, info, uri, mount, path) in [
        ("/app", "/a b", "/app/a%20b", "/app", "/a%20b"),
        ("/my app", "/x", "/my%20app/x?q", "/my%20app", "/x"),
        // Of what was sent, not of what is decoded: both are the same path to the server.
        ("/app", "/a/b", "/app/a%2Fb", "/app", "/a%2Fb"),
        ("/app", "/%41", "/app/%2541", "/app", "/%2541"),
        ("", "/x", "/x", "", "/x"),
        ("/app", "", "/app", "/app", "/"),
        ("/app", "/", "/app/?", "/app", "/"),
        ("/app", "/é", "/app/%C3%A9", "/app", "/%C3%A9"),
        ("/app", "/x", "http://other.test/app/x", "/app", "/x"),
        // Rewritten or normalized: what the server says counts.
        ("/app", "/x", "/old?x", "/app", "/x"),
        ("/app", "/b", "/app/a/../b", "/app", "/b"),
        ("/app", "/x/y", "/app/x", "/app", "/x/y"),
        ("/app", "/x", "/app/x/y", "/app", "/x"),
        ("/app", "/x", "/app/x%", "/app", "/x"),
        // No REQUEST_URI, or none that can be read.
        ("/app", "/100% a?b#c\"<>\n", "", "/app", "/100%25%20a%3Fb%23c%22%3C%3E%0A"),
        ("/app", "/é", "/app/é", "/app", "/%C3%A9"),
        ("", "x", "", "", "/x"),
        ("", "", "*", "", "/"),
    ] {
        let found = request(&[("SCRIPT_NAME", name), ("PATH_INFO", info), ("REQUEST_URI", uri)]);
        assert_eq!((found.mount.as_str(), found.path.as_str()), (mount, path), "{name} {info} {uri}");
    }
}

#[cfg(unix)]
#[test]
fn bytes_that_are_no_text_stay_bytes() {
    use std::os::unix::ffi::OsStringExt;

    let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_owned());
    let list = [
        (METHOD.into(), "GET".into()),
        ("PATH_INFO".into(), bytes(b"/caf\xe9")),
        ("QUERY_STRING".into(), bytes(b"\xe9")),
        ("HTTP_X".into(), bytes(b"\xe9")),
        (bytes(b"HTTP_\xe9"), "x".into()),
    ];
    let request = MetaVariables::new(list).request().expect("a request");
    assert_eq!((request.path.as_str(), request.query.as_deref()), ("/caf%E9", Some("%E9")));
    assert_eq!(request.headers.iter().collect::<Vec<_>>(), [("x", &b"\xe9"[..])]);
}

#[test]
fn the_query_is_as_sent_and_a_bare_question_mark_is_one() {
    for (query, uri, expected) in [
        ("a=b&%20", "/x?a=b&%20", Some("a=b&%20")),
        ("", "/x", None),
        ("", "/x?", Some("")),
        ("", "", None),
        // Rewritten: the server's word counts.
        ("b", "/x?a", Some("b")),
        ("a b\"#", "", Some("a%20b%22%23")),
    ] {
        let found = request(&[("QUERY_STRING", query), ("PATH_INFO", "/x"), ("REQUEST_URI", uri)]);
        assert_eq!(found.query.as_deref(), expected, "{query} {uri}");
    }
}

#[test]
fn headers_are_the_variables_of_http_and_the_two_without() {
    let request = request(&[
        ("CONTENT_TYPE", "a/b"),
        ("CONTENT_LENGTH", "3"),
        ("HTTP_CONTENT_LENGTH", "9"),
        ("HTTP_CONTENT_TYPE", "c/d"),
        ("HTTP_USER_AGENT", "x"),
        ("HTTP_X_EMPTY", ""),
        ("HTTP_", "nothing"),
        ("HTTP_A B", "no name"),
        ("PATH", "/usr/bin"),
        ("PYWAGI_CACHE_DIR", "/cache"),
        ("HTTPS_PROXY", "x"),
    ]);
    let headers = [("Content-Type", &b"a/b"[..]), ("Content-Length", b"3"), ("user-agent", b"x"), ("x-empty", b"")];
    assert_eq!(request.headers.iter().collect::<Vec<_>>(), headers);
}

#[test]
fn the_client_the_scheme_the_port_and_the_protocol_are_the_servers_word() {
    let plain = request(&[]);
    assert_eq!((plain.remote, plain.scheme, plain.port), (None, Scheme::Http, Some(80)));
    assert_eq!(request(&[("HTTPS", "on")]).port, Some(443));
    assert_eq!(request(&[("HTTPS", "on"), ("SERVER_PORT", "8443")]).port, Some(8443));
    for (name, value, expected) in [
        ("HTTPS", "on", Scheme::Https),
        ("HTTPS", "1", Scheme::Https),
        ("HTTPS", "OFF", Scheme::Http),
        ("REQUEST_SCHEME", "https", Scheme::Https),
        ("REQUEST_SCHEME", "http", Scheme::Http),
        // That of a header `HTTPS: on`.
        ("HTTP_HTTPS", "on", Scheme::Http),
    ] {
        assert_eq!(request(&[(name, value)]).scheme, expected, "{name}={value}");
    }
    for (value, expected) in [("10.0.0.7", Some("10.0.0.7")), ("fe80::1%eth0", Some("fe80::1")), ("unix:", None)] {
        let remote = request(&[("REMOTE_ADDR", value)]).remote;
        assert_eq!(remote.map(|address| address.to_string()).as_deref(), expected);
    }
    for (value, expected) in
        [("HTTP/1.0", Protocol::Http10), ("HTTP/1.1", Protocol::Http11), ("HTTP/2.0", Protocol::Http11)]
    {
        assert_eq!(request(&[("SERVER_PROTOCOL", value)]).protocol, expected);
    }
}

#[test]
fn a_servers_name_that_is_none_is_not_believed() {
    for (name, port, expected) in [
        ("example.com", "80", Some("example.com:80")),
        ("::1", "81", Some("[::1]:81")),
        ("[::1]", "81", Some("[::1]:81")),
        ("example.com", "", Some("example.com")),
        ("a/b", "80", None),
        ("a:80", "80", None),
        ("", "80", None),
    ] {
        assert_eq!(variables(&[("SERVER_NAME", name), ("SERVER_PORT", port)]).host().as_deref(), expected, "{name}");
    }
}

#[test]
fn a_method_that_is_none_is_refused() {
    for method in ["GE T", "G\u{e9}T", "A/B"] {
        assert_eq!(variables(&[(METHOD, method)]).request().expect_err(method).status, 400);
    }
    assert!(!variables(&[(METHOD, "")]).are_there());
}

#[test]
fn lengths_that_lie_are_refused() {
    let length = |list: &[(&str, &str)]| variables(list).body_length(10).map_err(|refusal| refusal.status);
    assert_eq!(length(&[]), Ok(BodyLength::Known(0)));
    assert_eq!(length(&[("HTTP_TRANSFER_ENCODING", "chunked")]), Ok(BodyLength::Chunked));
    let both = [("HTTP_TRANSFER_ENCODING", "chunked"), ("CONTENT_LENGTH", "3")];
    assert_eq!(length(&both), Ok(BodyLength::Known(3)));
    assert_eq!(length(&[("CONTENT_LENGTH", "10")]), Ok(BodyLength::Known(10)));
    for (text, status) in
        [("11", 413), ("99999999999999999999", 413), ("-1", 400), ("+1", 400), ("1 ", 400), ("x", 400)]
    {
        assert_eq!(length(&[("CONTENT_LENGTH", text)]), Err(status), "{text}");
    }
}

#[test]
fn a_body_is_read_to_its_length_and_no_further() {
    let read = |length, sent: &[u8]| {
        let mut rest = sent;
        let body = read_body(length, 10, &mut rest).map_err(|refusal| (refusal.status, refusal.message));
        (body, rest.len())
    };
    assert_eq!(read(BodyLength::Known(0), b"more"), (Ok(Bytes::new()), 4));
    assert_eq!(read(BodyLength::Known(3), b"abcmore"), (Ok(Bytes::from_static(b"abc")), 4));
    let short = "the request body ends after 2 of the 3 bytes of CONTENT_LENGTH".to_owned();
    assert_eq!(read(BodyLength::Known(3), b"ab"), (Err((400, short)), 0));
    assert_eq!(read(BodyLength::Chunked, b"0123456789"), (Ok(Bytes::from_static(b"0123456789")), 0));
    let (refused, rest) = read(BodyLength::Chunked, &[b'x'; 100]);
    assert_eq!((refused.map_err(|(status, _)| status), rest), (Err(413), 89));
}
