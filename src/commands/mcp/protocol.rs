//! Messages of the Model Context Protocol: JSON-RPC 2.0, one message a line, as far as a server of tools needs it.

use std::io::{self, BufRead, Read};

use serde_json::{Map, Value, json};

/// The revisions of the protocol that are spoken, the newest first.
const REVISIONS: [&str; 4] = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"];

/// The longest message, in bytes: as the largest body of a request.
const LONGEST: u64 = 64 << 20;

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
/// The error of a method that is not there.
pub const METHOD_NOT_FOUND: i32 = -32601;
/// The error of parameters that are wrong.
pub const INVALID_PARAMS: i32 = -32602;

/// What is on a line.
#[derive(Debug, PartialEq)]
pub enum Line {
    /// A message.
    Single(Message),
    /// Several messages, whose answers are sent together (revision 2025-03-26 alone).
    Batch(Vec<Message>),
}

/// A message.
#[derive(Debug, PartialEq)]
pub enum Message {
    /// It wants an answer.
    Request(Request),
    /// It wants none.
    Notification {
        /// What has happened.
        method: String,
        /// What belongs to it.
        params: Value,
    },
    /// It is an answer. Nothing was asked, so it is dropped.
    Response,
    /// It is none, and this is the answer.
    Invalid(Value),
}

/// A request.
#[derive(Debug, PartialEq)]
pub struct Request {
    /// What its answer is known by: a text or a number.
    pub id: Value,
    /// What is to be done.
    pub method: String,
    /// What belongs to it.
    pub params: Value,
}

impl Request {
    /// An answer.
    pub fn reply(&self, result: Value) -> Value {
        json!({ "jsonrpc": "2.0", "id": self.id, "result": result })
    }

    /// An answer that says why there is none.
    pub fn refuse(&self, code: i32, why: &str) -> Value {
        refusal(&self.id, code, why)
    }
}

/// Reads the next line that is not empty; `None` at the end.
///
/// # Errors
/// Fails where it cannot be read.
pub fn read_line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    loop {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        if line.len() as u64 > LONGEST && !line.ends_with(b"\n") {
            skip_line(input)?;
            let why = format!("a message has {LONGEST} bytes at most");
            return Ok(Some(Line::Single(Message::Invalid(refusal(&Value::Null, INVALID_REQUEST, &why)))));
        }
        if !line.trim_ascii().is_empty() {
            return Ok(Some(parse(&line)));
        }
    }
}

/// Reads up to the end of a line.
fn skip_line(input: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = input.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() || length == 0 {
            return Ok(());
        }
    }
}

fn parse(line: &[u8]) -> Line {
    match serde_json::from_slice(line) {
        Ok(Value::Array(messages)) if !messages.is_empty() => Line::Batch(messages.into_iter().map(message).collect()),
        Ok(value) => Line::Single(message(value)),
        Err(error) => {
            let why = format!("the line is no JSON: {error}");
            Line::Single(Message::Invalid(refusal(&Value::Null, PARSE_ERROR, &why)))
        }
    }
}

fn message(value: Value) -> Message {
    let invalid = |id: &Value, why: &str| Message::Invalid(refusal(id, INVALID_REQUEST, why));
    let Value::Object(mut fields) = value else { return invalid(&Value::Null, "a message is an object") };
    let id = fields.remove("id");
    let is_response = fields.contains_key("result") || fields.contains_key("error");
    let params = fields.remove("params").unwrap_or_else(|| Value::Object(Map::new()));
    match (fields.remove("method"), id) {
        (None, Some(_)) if is_response => Message::Response,
        (Some(Value::String(method)), None) => Message::Notification { method, params },
        (Some(Value::String(method)), Some(id)) if id.is_string() || id.is_number() => {
            Message::Request(Request { id, method, params })
        }
        (Some(Value::String(_)), Some(_)) => invalid(&Value::Null, "the `id` of a request is a string or a number"),
        (_, id) => invalid(&id.unwrap_or_default(), "a request has a `method`, which is a string"),
    }
}

fn refusal(id: &Value, code: i32, why: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": why } })
}

/// The answer to `initialize`: the revision that the client asks for, else the newest.
pub fn initialized(params: &Value, instructions: &str) -> Value {
    let asked = params.get("protocolVersion").and_then(Value::as_str);
    let revision = REVISIONS.into_iter().find(|known| Some(*known) == asked);
    let [newest, ..] = REVISIONS;
    json!({
        "protocolVersion": revision.unwrap_or(newest),
        "capabilities": { "tools": {} },
        "serverInfo": { "name": "pywagi", "version": env!("CARGO_PKG_VERSION") },
        "instructions": instructions,
    })
}

/// What a tool gives: a text, for a model to read. `is_error`: it could not do what it was called for.
pub fn tool_result(text: &str, is_error: bool) -> Value {
    json!({ "content": [{ "type": "text", "text": text }], "isError": is_error })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> Vec<Line> {
        let mut input = io::BufReader::with_capacity(7, input);
        std::iter::from_fn(|| read_line(&mut input).expect("it is in memory")).collect()
    }

    #[test]
    fn a_line_is_a_message_or_several() {
        let input = "\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\",\"params\":{\"b\":2}}\r\n\
                     {\"id\":\"x\",\"method\":\"c\"}\n \n{\"method\":\"d\"}\n{\"id\":1,\"result\":{}}\n\
                     [{\"id\":2,\"method\":\"e\"},{\"method\":\"f\"}]\n{\"id\":3,\"method\":\"last\"}";
        let request = |id: Value, method: &str, params: Value| {
            Message::Request(Request { id, method: method.to_owned(), params })
        };
        let notification = |method: &str| Message::Notification { method: method.to_owned(), params: json!({}) };
        let expected = [
            Line::Single(request(json!(1), "a", json!({ "b": 2 }))),
            Line::Single(request(json!("x"), "c", json!({}))),
            Line::Single(notification("d")),
            Line::Single(Message::Response),
            Line::Batch(vec![request(json!(2), "e", json!({})), notification("f")]),
            Line::Single(request(json!(3), "last", json!({}))),
        ];
        assert_eq!(lines(input.as_bytes()), expected);
    }

    #[test]
    fn what_is_no_message_is_told_so() {
        for (input, code, id, why) in [
            ("{", PARSE_ERROR, Value::Null, "the line is no JSON: EOF while parsing an object at line 1 column 1"),
            ("\u{feff}{}", PARSE_ERROR, Value::Null, "the line is no JSON: expected value at line 1 column 1"),
            ("[]", INVALID_REQUEST, Value::Null, "a message is an object"),
            ("3", INVALID_REQUEST, Value::Null, "a message is an object"),
            ("{}", INVALID_REQUEST, Value::Null, "a request has a `method`, which is a string"),
            ("{\"id\":4,\"method\":5}", INVALID_REQUEST, json!(4), "a request has a `method`, which is a string"),
            (
                "{\"id\":null,\"method\":\"a\"}",
                INVALID_REQUEST,
                Value::Null,
                "the `id` of a request is a string or a number",
            ),
        ] {
            let expected = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": why } });
            assert_eq!(lines(input.as_bytes()), [Line::Single(Message::Invalid(expected))], "{input}");
        }
        let [Line::Single(Message::Invalid(reply))] = &lines(b"\xff\n")[..] else { panic!("bytes are no JSON") };
        assert_eq!(reply["error"]["code"], PARSE_ERROR);
    }

    #[test]
    fn the_revision_is_the_one_that_is_asked_for_or_the_newest() {
        for (asked, expected) in [
            (json!("2025-06-18"), "2025-06-18"),
            (json!("2024-11-05"), "2024-11-05"),
            (json!("2099-01-01"), "2025-11-25"),
            (json!(1), "2025-11-25"),
        ] {
            assert_eq!(initialized(&json!({ "protocolVersion": asked }), "")["protocolVersion"], expected);
        }
    }
}
