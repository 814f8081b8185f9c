//! Bodies as they are looked at: unpacked, indented, in numbers.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};

use crate::request::Headers;

use super::super::decode::header;

/// The most that a compressed body is unpacked to, in bytes.
const MOST_UNPACKED: u64 = 1 << 20;

/// Whether a media type is JSON (RFC 6839 3.1).
pub fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

/// A body without its Content-Encoding, as far as it is known and cut at a size; `None` where there is nothing to undo or
/// it is damaged from the beginning.
pub fn unpacked(headers: &Headers, body: &[u8]) -> Option<Vec<u8>> {
    let mut unpacked = Vec::new();
    let read = match header(headers, "Content-Encoding").to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => GzDecoder::new(body).take(MOST_UNPACKED).read_to_end(&mut unpacked),
        "deflate" => ZlibDecoder::new(body).take(MOST_UNPACKED).read_to_end(&mut unpacked),
        _ => return None,
    };
    // A body that was cut ends within its data.
    if read.is_err() && unpacked.is_empty() { None } else { Some(unpacked) }
}

/// JSON with one value a line. Strings and numbers stay as they are written. `None` for what is no JSON.
pub fn pretty_json(text: &str) -> Option<String> {
    serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
    let mut pretty = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    let mut characters = text.chars().filter(|c| *c != '\u{feff}').peekable();
    let new_line = |pretty: &mut String, depth: usize| {
        pretty.push('\n');
        // So that a text of brackets alone does not grow with the square of its length.
        pretty.extend(std::iter::repeat_n("  ", depth.min(32)));
    };
    while let Some(c) = characters.next() {
        if in_string {
            pretty.push(c);
            in_string = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
            continue;
        }
        match c {
            ' ' | '\t' | '\r' | '\n' => {}
            '{' | '[' => {
                pretty.push(c);
                while characters.next_if(|next| next.is_ascii_whitespace()).is_some() {}
                match characters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(end) => pretty.push(end),
                    None => {
                        depth += 1;
                        new_line(&mut pretty, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut pretty, depth);
                pretty.push(c);
            }
            ',' => {
                pretty.push(c);
                new_line(&mut pretty, depth);
            }
            ':' => pretty.push_str(": "),
            c => {
                in_string = c == '"';
                pretty.push(c);
            }
        }
    }
    Some(pretty)
}

/// Bytes as numbers with their characters, 16 a line.
pub fn hex(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len() * 5);
    for (i, line) in bytes.chunks(16).enumerate() {
        let numbers: Vec<_> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let is_shown = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        let characters: String = line.iter().map(|byte| if is_shown(byte) { char::from(*byte) } else { '.' }).collect();
        shown.push_str(&format!("{:08x}  {:<47}  {characters}\n", i * 16, numbers.join(" ")));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_its_tokens_stay() {
        let text = "{\"a\\\"{\":[1.0e400,{} ,[ ],\"x: [,\\\\\"],\r\n\"a\":123456789012345678901234567890}";
        let expected = "{\n  \"a\\\"{\": [\n    1.0e400,\n    {},\n    [],\n    \"x: [,\\\\\"\n  ],\n  \"a\": 123456789012345678901234567890\n}";
        assert_eq!(pretty_json(text).as_deref(), Some(expected));
        assert_eq!(pretty_json(" true ").as_deref(), Some("true"));
        for wrong in ["", "{", "{a:1}", "[1] x", "<p>"] {
            assert_eq!(pretty_json(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_compressed_body_is_unpacked_as_far_as_it_goes() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&[b'x'; 100_000]).expect("into memory");
        let body = gzip.finish().expect("into memory");
        let mut headers = Headers::default();
        headers.push("Content-Encoding", "GZIP");
        assert_eq!(unpacked(&headers, &body), Some(vec![b'x'; 100_000]));
        assert!(unpacked(&headers, &body[..body.len() - 20]).is_some_and(|part| part.starts_with(b"xxx")));
        assert_eq!(unpacked(&headers, b"plain"), None);
        assert_eq!(unpacked(&Headers::default(), &body), None);
    }

    #[test]
    fn bytes_are_numbers_and_characters() {
        assert_eq!(
            hex(b"0123456789abcdef<\xff\n"),
            "00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n\
             00000010  3c ff 0a                                         <..\n"
        );
    }
}
