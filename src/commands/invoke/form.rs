//! `--form`: fields of a form as `multipart/form-data` (RFC 7578), by curl's rules.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;

use crate::error::{Error, Result};

use super::input;

/// How a field is written, for every mistake in one.
const SYNTAX: &str =
    "write -F NAME=VALUE, -F NAME=@FILE or -F NAME=<FILE, then ;type=TYPE and ;filename=NAME if needed";

/// What a `;` in a value is taken for.
const QUOTE_VALUE: &str =
    "only ;type= and ;filename= may follow a value; put a value that contains `;` in quotes: -F 'NAME=\"a;b\"'";

/// A form ready to be sent.
#[derive(Debug)]
pub struct Form {
    /// Separates the parts; the request's Content-Type names it.
    pub boundary: String,
    parts: Vec<Part>,
}

/// One part of a multipart body.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    name: Option<String>,
    filename: Option<String>,
    content_type: Option<String>,
    content: Content,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Bytes(Vec<u8>),
    /// The files of one field, as `multipart/mixed`.
    Files(Vec<Part>),
}

impl Form {
    /// Reads the fields and the files that they name. No more than `limit` bytes and one are read of a file, which
    /// is enough to have the request refused as too large.
    ///
    /// # Errors
    /// Fails where a field cannot be understood or a file cannot be read.
    pub fn read(fields: &[String], limit: u64) -> Result<Self> {
        let parts = fields.iter().map(|field| part(field, limit)).collect::<Result<_>>()?;
        Ok(Self { boundary: boundary(), parts })
    }

    /// The body. `disposition` is `form-data` unless the request has another Content-Type.
    pub fn body(&self, disposition: &str) -> Vec<u8> {
        let mut body = Vec::new();
        encode(&mut body, &self.parts, &self.boundary, disposition);
        body
    }
}

/// A random boundary that looks like curl's.
fn boundary() -> String {
    format!("------------------------{:016x}", RandomState::new().build_hasher().finish())
}

fn encode(body: &mut Vec<u8>, parts: &[Part], boundary: &str, disposition: &str) {
    // As browsers do (WHATWG HTML, multipart/form-data encoding algorithm).
    let escape = |name: &str| name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    for part in parts {
        let mut head = format!("--{boundary}\r\nContent-Disposition: {disposition}");
        for (parameter, value) in [("name", &part.name), ("filename", &part.filename)] {
            if let Some(value) = value {
                head.push_str(&format!("; {parameter}=\"{}\"", escape(value)));
            }
        }
        if let Some(content_type) = &part.content_type {
            head.push_str(&format!("\r\nContent-Type: {content_type}"));
        }
        match &part.content {
            Content::Bytes(bytes) => {
                body.extend_from_slice(format!("{head}\r\n\r\n").as_bytes());
                body.extend_from_slice(bytes);
            }
            Content::Files(files) => {
                let inner = self::boundary();
                head.push_str(&format!("\r\nContent-Type: multipart/mixed; boundary={inner}\r\n\r\n"));
                body.extend_from_slice(head.as_bytes());
                encode(body, files, &inner, "attachment");
            }
        }
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
}

/// Reads one `--form` argument.
fn part(field: &str, limit: u64) -> Result<Part> {
    let Some((name, value)) = field.split_once('=') else {
        return Err(malformed(field, "has no `=`", SYNTAX));
    };
    if name.is_empty() {
        return Err(malformed(field, "has no name", SYNTAX));
    }
    let name = Some(name.to_owned());
    if let Some(files) = value.strip_prefix('@') {
        let mut files = read_files(field, files, limit)?;
        return Ok(match files.pop() {
            Some(only) if files.is_empty() => Part { name, ..only },
            last => {
                files.extend(last);
                Part { name, filename: None, content_type: None, content: Content::Files(files) }
            }
        });
    }
    if let Some(file) = value.strip_prefix('<') {
        let value = Value::parse(field, file, None)?.0;
        if value.filename.is_some() {
            return Err(malformed(field, "has a file name, which only a file sent with `@` has", SYNTAX));
        }
        // A text from a file: it has no name, and its type is left out where it is plain.
        let guessed = guess(&value.text).filter(|&guessed| guessed != "text/plain");
        let content_type = value.content_type.or_else(|| guessed.map(str::to_owned));
        return Ok(Part { name, filename: None, content_type, content: read_file(field, &value.text, limit)? });
    }
    let value = Value::parse(field, value, None)?.0;
    let guessed = || value.filename.as_deref().and_then(guess).map(str::to_owned);
    let content_type = value.content_type.clone().or_else(guessed);
    Ok(Part { name, filename: value.filename, content_type, content: Content::Bytes(value.text.into_bytes()) })
}

/// Reads the files that are listed with commas after an `@`.
fn read_files(field: &str, mut list: &str, limit: u64) -> Result<Vec<Part>> {
    let mut files = Vec::new();
    loop {
        let (value, rest) = Value::parse(field, list, Some(','))?;
        let content = read_file(field, &value.text, limit)?;
        let base = Path::new(&value.text).file_name().map(|name| name.to_string_lossy().into_owned());
        let filename = value.filename.or(base).unwrap_or_else(|| value.text.clone());
        // Standard input has no extension to tell its type by.
        let fallback = if value.text == "-" { None } else { Some("application/octet-stream") };
        let guessed = || guess(&filename).or_else(|| guess(&value.text)).or(fallback).map(str::to_owned);
        let content_type = value.content_type.or_else(guessed);
        files.push(Part { name: None, filename: Some(filename), content_type, content });
        match rest.strip_prefix(',') {
            Some(next) => list = next,
            None => return Ok(files),
        }
    }
}

fn read_file(field: &str, path: &str, limit: u64) -> Result<Content> {
    if path.is_empty() {
        return Err(malformed(field, "names no file", SYNTAX));
    }
    input::read(path, limit, "the form's file").map(Content::Bytes)
}

/// What follows the `=`, `@` or `<` of a field.
#[derive(Debug, PartialEq, Eq)]
struct Value {
    text: String,
    content_type: Option<String>,
    filename: Option<String>,
}

impl Value {
    /// Reads `TEXT[;type=TYPE][;filename=NAME]` up to `end`, and returns what follows as well.
    fn parse<'t>(field: &str, text: &'t str, end: Option<char>) -> Result<(Self, &'t str)> {
        let (text, mut rest) = word(field, text, end)?;
        let mut value = Self { text, content_type: None, filename: None };
        // Whether the last option was `type=`, whose value may have parameters, such as `;charset=utf-8`.
        let mut in_type = false;
        while let Some(after) = rest.strip_prefix(';') {
            let option = after.trim_start();
            let stop = option.find(|c| c == ';' || Some(c) == end).unwrap_or(option.len());
            let (whole, next) = option.split_at(stop);
            if let Some(name) = option.strip_prefix("filename=") {
                let (name, next) = word(field, name, end)?;
                value.filename = Some(name);
                (rest, in_type) = (next, false);
            } else if let Some(kind) = whole.strip_prefix("type=").filter(|_| !in_type) {
                let kind = kind.trim();
                if !kind.split_once('/').is_some_and(|(major, minor)| !major.is_empty() && !minor.is_empty()) {
                    let remedy = "write ;type=TYPE/SUBTYPE, such as ;type=image/png";
                    return Err(malformed(field, &format!("has the type {kind:?}"), remedy));
                }
                value.content_type = Some(kind.to_owned());
                (rest, in_type) = (next, true);
            } else if let Some(kind) = value.content_type.as_mut().filter(|_| in_type) {
                let raw = after.get(..after.len() - next.len()).unwrap_or_default();
                kind.push_str(format!(";{raw}").trim_end());
                rest = next;
            } else {
                return Err(malformed(field, &format!("has the unknown option `{}`", whole.trim_end()), QUOTE_VALUE));
            }
        }
        Ok((value, rest))
    }
}

/// Reads a word, in quotes or up to `;` or `end`, and returns what follows as well.
fn word<'t>(field: &str, text: &'t str, end: Option<char>) -> Result<(String, &'t str)> {
    let text = text.trim_start();
    let ends = |c: char| c == ';' || Some(c) == end;
    if let Some((quoted, rest)) = text.strip_prefix('"').and_then(quoted) {
        let stop = rest.find(ends).unwrap_or(rest.len());
        let (between, rest) = rest.split_at(stop);
        if !between.trim().is_empty() {
            return Err(malformed(field, &format!("has `{}` after a closing quote", between.trim()), QUOTE_VALUE));
        }
        return Ok((quoted, rest));
    }
    let (word, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
    Ok((word.trim_end().to_owned(), rest))
}

/// What stands before a closing quote, `\"` and `\\` unescaped, and what follows; `None` without a closing quote.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut unescaped = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        let rest = text.get(at + c.len_utf8()..)?;
        match (c, rest.chars().next()) {
            ('"', _) => return Some((unescaped, rest)),
            ('\\', Some(escaped @ ('"' | '\\'))) => {
                unescaped.push(escaped);
                characters.next();
            }
            _ => unescaped.push(c),
        }
    }
    None
}

/// The content type that a file name's extension stands for: curl's table.
fn guess(name: &str) -> Option<&'static str> {
    let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    Some(match extension.as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => return None,
    })
}

fn malformed(field: &str, what: &str, remedy: &str) -> Error {
    input::usage(format!("the form field {field:?} {what}"), remedy)
}
