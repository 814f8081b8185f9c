//! What the JSON API has of requests and failures (docs/openapi.json), cut to what a model reads: without what is empty, with
//! the variables of the app's own calls alone, and with long texts cut.

use serde_json::{Map, Value, json};

use crate::error::Error;

/// The longest text that is given whole, in bytes.
const LONGEST: usize = 16 << 10;

/// An error with what to do about it.
pub fn error(error: &Error) -> String {
    match error.remedy_text() {
        Some(remedy) => format!("{error}\nhelp: {remedy}"),
        None => error.to_string(),
    }
}

/// A request in a list.
pub fn listed(entry: &Value) -> Value {
    pick(
        entry,
        &["id", "time", "method", "target", "status", "duration_ms", "size", "route", "start", "failure", "recording"],
    )
}

/// A failure in a list.
pub fn failed(entry: &Value) -> Value {
    let mut view = object(listed(entry));
    add_failure(&mut view, entry);
    view.insert("stderr".to_owned(), cut(&entry["stderr"]));
    pruned(view.into())
}

/// The answer to a request that the reader has sent.
pub fn answered(entry: &Value) -> Value {
    let mut view =
        object(pick(entry, &["id", "recording", "status", "reason", "route", "duration_ms", "start", "cold_reason"]));
    view.insert("headers".to_owned(), entry["response"]["headers"].clone());
    view.insert("body".to_owned(), body(&entry["response"]));
    add_failure(&mut view, entry);
    view.insert("stderr".to_owned(), cut(&entry["stderr"]));
    view.insert("connections".to_owned(), entry["connections"].clone());
    view.insert("warnings".to_owned(), entry["warnings"].clone());
    pruned(view.into())
}

/// All of a request.
pub fn whole(entry: &Value) -> Value {
    let mut view = object(answered(entry));
    for name in
        ["time", "method", "target", "module", "again_of", "send_error", "timings_ms", "arguments", "environment"]
    {
        view.insert(name.to_owned(), entry[name].clone());
    }
    let request = &entry["request"];
    let mut sent = object(pick(request, &["protocol", "scheme", "remote", "headers", "query", "cookies", "form"]));
    sent.insert("body".to_owned(), body(request));
    view.insert("request".to_owned(), sent.into());
    pruned(view.into())
}

/// Adds what failed. Where pywagi gave the answer, that says no more.
fn add_failure(view: &mut Map<String, Value>, entry: &Value) {
    if entry["report"].is_object() {
        view.remove("headers");
        view.remove("body");
        view.insert("failure".to_owned(), failure(&entry["report"]));
    } else if entry["failure"].is_string() {
        view.insert("failure".to_owned(), json!({ "message": entry["failure"] }));
    }
}

fn failure(report: &Value) -> Value {
    let mut view =
        object(pick(report, &["message", "evidence", "help", "command", "without_variables", "routes", "stdout"]));
    let exceptions = report["exceptions"].as_array().into_iter().flatten().map(|exception| {
        let mut shown = object(pick(exception, &["class", "message", "belongs", "notes", "syntax"]));
        if exception["syntax"].is_object() {
            shown.insert("syntax".to_owned(), frame(&exception["syntax"], false, true));
        }
        shown.insert("frames".to_owned(), frames(&exception["frames"], false));
        Value::from(shown)
    });
    view.insert("exceptions".to_owned(), exceptions.collect());
    view.insert("stopped_at".to_owned(), frames(&report["stopped_at"], false));
    pruned(view.into())
}

/// Calls, the innermost first. Those of libraries are named, and no more, unless there are no others.
pub fn frames(frames: &Value, is_numbered: bool) -> Value {
    let frames: Vec<_> = frames.as_array().into_iter().flatten().collect();
    let any = frames.iter().any(|frame| frame["own"] == true);
    frames.into_iter().map(|each| frame(each, is_numbered, each["own"] == true || !any)).collect()
}

fn frame(frame: &Value, is_numbered: bool, is_whole: bool) -> Value {
    let file = if frame["host"].is_string() { &frame["host"] } else { &frame["file"] };
    let mut view = Map::new();
    if is_numbered {
        view.insert("frame".to_owned(), frame["number"].clone());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    view.insert("at".to_owned(), format!("{}:{}", text(file), frame["line"]).into());
    view.insert("in".to_owned(), frame["function"].clone());
    for name in ["repeats", "omitted_after"] {
        let count = frame[name].as_u64().unwrap_or_default();
        if count > u64::from(name == "repeats") {
            view.insert(name.to_owned(), count.into());
        }
    }
    if is_whole {
        view.insert("source".to_owned(), source(frame).into());
        let variables = frame["variables"].as_array().into_iter().flatten();
        let variables: Map<_, _> = variables.map(|each| (text(&each["name"]), each["value"].clone())).collect();
        view.insert("variables".to_owned(), variables.into());
    } else {
        view.insert("library".to_owned(), true.into());
    }
    pruned(view.into())
}

/// The lines around the one that was executed, with their numbers, that one marked.
fn source(frame: &Value) -> String {
    let first = frame["source"]["first"].as_u64().unwrap_or(1);
    let lines = frame["source"]["lines"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let lines = (first..).zip(lines).map(|(number, line)| {
        let mark = if Some(number) == frame["line"].as_u64() { '>' } else { ' ' };
        format!("{mark}{number:5}  {line}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A body, which the API has in parts.
fn body(part: &Value) -> Value {
    let size = part["size"].as_u64().unwrap_or_default();
    if part["body_encoding"] == "base64" {
        return format!("({size} bytes that are no text)").into();
    }
    let more = size.saturating_sub(part["kept"].as_u64().unwrap_or_default());
    match (cut(&part["body"]), more) {
        (Value::String(text), more) if more > 0 => format!("{text}\n… {more} bytes more were not kept").into(),
        (text, _) => text,
    }
}

/// A text, cut where it is long.
fn cut(text: &Value) -> Value {
    let text = text.as_str().unwrap_or_default();
    let end = text.floor_char_boundary(LONGEST);
    match text.get(..end).filter(|_| end < text.len()) {
        Some(start) => format!("{start}\n… {} bytes more", text.len() - end).into(),
        None => text.into(),
    }
}

/// These fields of an object.
fn pick(from: &Value, names: &[&str]) -> Value {
    let fields = names.iter().map(|name| ((*name).to_owned(), from[*name].clone()));
    pruned(fields.collect::<Map<_, _>>().into())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// An object without fields that say nothing.
fn pruned(value: Value) -> Value {
    let says_something = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let fields = object(value).into_iter().filter(|(_, value)| says_something(value));
    fields.collect::<Map<_, _>>().into()
}

/// Where the run of a replay stands.
pub fn stands(place: &str, steps: u64, frames: &Value) -> Map<String, Value> {
    object(json!({ "stands": place, "steps": steps, "frames": self::frames(frames, true) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_libraries_are_named_alone_unless_there_are_no_others() {
        let of = |own: bool| {
            json!({ "number": 3, "file": "/code/a.py", "host": "code/a.py", "line": 2, "function": "f", "own": own, "repeats": 1,
                    "omitted_after": 7, "source": { "first": 1, "lines": ["a", "b"] }, "variables": [{ "name": "x", "value": "1" }] })
        };
        let whole = json!({ "at": "code/a.py:2", "in": "f", "omitted_after": 7, "source": "     1  a\n>    2  b",
                            "variables": { "x": "1" } });
        let named = json!({ "at": "code/a.py:2", "in": "f", "omitted_after": 7, "library": true });
        assert_eq!(frames(&json!([of(true), of(false)]), false), json!([whole, named]));
        assert_eq!(frames(&json!([of(false)]), false), json!([whole]));
        assert_eq!(frames(&json!([of(false)]), true)[0]["frame"], 3);
        assert_eq!(frames(&Value::Null, true), json!([]));
    }

    #[test]
    fn what_is_long_is_cut_and_what_is_no_text_left_out() {
        let text = |text: &str, size: usize| {
            body(&json!({ "body": text, "body_encoding": "utf-8", "kept": text.len(), "size": size }))
        };
        assert_eq!(text("abc", 3), "abc");
        assert_eq!(text("abc", 5), "abc\n… 2 bytes more were not kept");
        let long = "é".repeat(LONGEST);
        let cut = text(&format!("x{long}"), 2 * LONGEST + 1);
        let expected = format!("x{}\n… {} bytes more", "é".repeat(LONGEST / 2 - 1), LONGEST + 2);
        assert_eq!(cut, expected.as_str());
        assert_eq!(
            body(&json!({ "body": "/w==", "body_encoding": "base64", "kept": 1, "size": 1 })),
            "(1 bytes that are no text)"
        );
    }
}
