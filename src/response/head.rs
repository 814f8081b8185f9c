//! The head of a response as bytes: status line and header fields (RFC 9112 4, 5).
//!
//! tiny_http's writer is not used for them: it replaces reason phrases, refuses header values that are not ASCII, merges
//! repeated Content-Types and sends large bodies in chunks.

use crate::request::Protocol;

use super::Response;

/// The head without the fields that belong to a connection (Date, Connection), as `invoke --include` prints it.
pub fn plain_head(response: &Response) -> Vec<u8> {
    let mut head = status_line(Protocol::Http11, response);
    add_fields(&mut head, response);
    head.extend_from_slice(b"\r\n");
    head
}

/// Header fields by which web servers answer with a file of theirs, whichever the guest may see.
const NAMES_A_FILE: [&str; 5] =
    ["X-Sendfile", "X-Sendfile2", "X-LIGHTTPD-send-file", "X-LIGHTTPD-send-tempfile", "X-Accel-Redirect"];

/// The head as a CGI program prints it (RFC 3875 6.3), and the names of header fields that were left out of it.
///
/// The status is always there, or a web server would follow a `Location` by itself (RFC 3875 6.2.2).
pub fn cgi_head(response: &Response) -> (Vec<u8>, Vec<&str>) {
    let reason = response.reason.as_deref().unwrap_or_else(|| default_reason(response.status));
    let mut head = format!("Status: {} {reason}\r\n", response.status).into_bytes();
    let mut left_out = Vec::new();
    for (name, value) in response.headers.iter() {
        if NAMES_A_FILE.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            left_out.push(name);
        } else {
            add_field(&mut head, name, value);
        }
    }
    add_length(&mut head, response);
    head.extend_from_slice(b"\r\n");
    (head, left_out)
}

/// The status line with its line end.
pub fn status_line(protocol: Protocol, response: &Response) -> Vec<u8> {
    let reason = response.reason.as_deref().unwrap_or_else(|| default_reason(response.status));
    format!("{} {} {reason}\r\n", protocol.as_str(), response.status).into_bytes()
}

/// Appends the response's header fields and its Content-Length.
pub fn add_fields(head: &mut Vec<u8>, response: &Response) {
    for (name, value) in response.headers.iter() {
        add_field(head, name, value);
    }
    add_length(head, response);
}

fn add_length(head: &mut Vec<u8>, response: &Response) {
    // 204 and 304 end with their head; the other answers without a body say how long it would be (RFC 9110 8.6).
    match response.status {
        204 | 304 => (),
        205 => add_field(head, "Content-Length", b"0"),
        _ => add_field(head, "Content-Length", response.body.len().to_string().as_bytes()),
    }
}

/// Appends one header field.
pub fn add_field(head: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

/// Whether a response with this status is sent without a body: 204 and 304 end with their head (RFC 9112 6.3), the body
/// of 205 is empty (RFC 9110 15.3.6).
pub fn is_without_body(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

/// The reason phrase of a status (RFC 9110 15); empty for an unregistered one, as RFC 9112 4 allows.
pub fn default_reason(status: u16) -> &'static str {
    match tiny_http::StatusCode(status).default_reason_phrase() {
        "Unknown" => "",
        known => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Headers;

    fn response(status: u16, reason: Option<&str>, headers: &[(&str, &[u8])], body: &[u8]) -> Response {
        let mut list = Headers::default();
        for (name, value) in headers {
            list.push(*name, *value);
        }
        Response { status, reason: reason.map(str::to_owned), headers: list, body: body.to_owned().into() }
    }

    #[test]
    fn fields_are_written_as_the_script_printed_them() {
        let headers: [(&str, &[u8]); 3] = [("set-cookie", b"a"), ("X", b"caf\xe9"), ("set-cookie", b"b")];
        let expected =
            b"HTTP/1.1 200 Fine\r\nset-cookie: a\r\nX: caf\xe9\r\nset-cookie: b\r\nContent-Length: 4\r\n\r\n";
        assert_eq!(plain_head(&response(200, Some("Fine"), &headers, b"body")), expected);
    }

    #[test]
    fn the_head_of_a_cgi_program_names_no_file_of_the_server() {
        let headers: [(&str, &[u8]); 4] =
            [("Location", b"/x"), ("x-sendfile", b"/etc/passwd"), ("X-Accel-Redirect", b"/y"), ("X", b"caf\xe9")];
        let response = response(302, None, &headers, b"body");
        let (head, left_out) = cgi_head(&response);
        assert_eq!(head, b"Status: 302 Found\r\nLocation: /x\r\nX: caf\xe9\r\nContent-Length: 4\r\n\r\n");
        assert_eq!(left_out, ["x-sendfile", "X-Accel-Redirect"]);
    }

    #[test]
    fn an_unregistered_status_has_an_empty_reason() {
        // RFC 9112 4: the space before it stays.
        assert_eq!(plain_head(&response(799, None, &[], b"")), b"HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n");
    }

    #[test]
    fn the_length_is_that_of_the_body_unless_the_status_has_none() {
        // RFC 9110 8.6, 15.3.5, 15.3.6, 15.4.5
        for (status, expected) in [
            (200, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"),
            (204, "HTTP/1.1 204 No Content\r\n\r\n"),
            (205, "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"),
            (304, "HTTP/1.1 304 Not Modified\r\n\r\n"),
        ] {
            assert_eq!(String::from_utf8(plain_head(&response(status, None, &[], b"body"))).unwrap(), expected);
        }
    }
}
