//! Makes a test of a request and its answer.

use std::path::{Path, PathBuf};

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, value};

use crate::cache::seal::write_atomically;
use crate::error::{Context, Error, Kind, Result};
use crate::request::Request;
use crate::response::Response;
use crate::text_file::{self, shown};

use super::DIRECTORY;
use super::file::TestFile;

/// The longest body that stands in the file of a test, in characters. A longer one is a snapshot.
const LONGEST: usize = 200;

/// The request header fields that a client makes, and those that a test makes by itself.
const LEFT_OUT: [&str; 12] = [
    "Host",
    "User-Agent",
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Connection",
    "Content-Length",
    "Cache-Control",
    "Pragma",
    "Priority",
    "Upgrade-Insecure-Requests",
    "DNT",
];

/// Checks that a test can have this name.
///
/// # Errors
/// Fails where it is no name of a file.
pub fn check_name(name: &str) -> Result<()> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.starts_with('.') || !name.chars().all(is_name) {
        return Err(Error::of(Kind::Usage, format!("{name:?} cannot be the name of a test"))
            .remedy("give a word of letters, digits, `-` and `_`: it is the name of a file in tests/"));
    }
    Ok(())
}

/// Adds a test named `name` to `tests/NAME.toml` of the app in `directory`, which expects the answer that it has now. Gives
/// back the paths of the files that were written.
///
/// # Errors
/// Fails where the name is no name of a file, where the body of the request is no text, and where a file cannot be written.
pub fn save(directory: &Path, name: &str, request: &Request, response: &Response) -> Result<Vec<PathBuf>> {
    check_name(name)?;
    let directory = directory.join(DIRECTORY);
    let path = directory.join(format!("{name}.toml"));
    let known = if path.exists() { text_file::read(&path)? } else { String::new() };
    let count = if known.is_empty() { 0 } else { TestFile::read(&path)?.tests.len() };
    let mut document: DocumentMut = known.parse().context(|| format!("cannot read {}", shown(&path)))?;
    let (mut expect, snapshot) = expected(name, count, response);
    let mut test = Table::new();
    test.insert("name", value(if count == 0 { name.to_owned() } else { format!("{name} {}", count + 1) }));
    test.insert("request", value(format!("{} {}", request.method, request.target())));
    let headers = headers(request);
    if !headers.is_empty() {
        test.insert("headers", value(headers));
    }
    if !request.body.is_empty() {
        let body = std::str::from_utf8(&request.body).map_err(|_| {
            Error::new("the body of the request is no text, so no test can hold it").remedy("test it with a text")
        })?;
        test.insert("body", value(body));
    }
    expect.set_implicit(false);
    test.insert("expect", Item::Table(expect));
    let tests = document.entry("test").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Item::ArrayOfTables(tests) = tests else {
        return Err(Error::new(format!("{}: `test` is written in another form than [[test]]", shown(&path)))
            .remedy("write each test as a [[test]] of its own, or choose another name"));
    };
    if count > 0 {
        test.decor_mut().set_prefix("\n");
    }
    tests.push(test);
    std::fs::create_dir_all(&directory).context(|| format!("cannot make the directory {}", shown(&directory)))?;
    let mut written = Vec::new();
    let files = snapshot.map(|name| (directory.join(name), response.body.clone()));
    for (path, content) in files.into_iter().chain([(path, document.to_string().into_bytes().into())]) {
        let write = write_atomically(&path, |file| std::io::Write::write_all(file, &content));
        write.context(|| format!("cannot write {}", shown(&path)))?;
        written.push(path);
    }
    Ok(written)
}

/// What is expected of the answer from now on, and the name of the file that holds its body.
fn expected(name: &str, count: usize, response: &Response) -> (Table, Option<String>) {
    let mut expect = Table::new();
    expect.insert("status", value(i64::from(response.status)));
    let text = |header: &str| response.headers.get(header).and_then(|value| std::str::from_utf8(value).ok());
    let mut headers = InlineTable::new();
    for header in ["Content-Type", "Location"] {
        text(header).into_iter().for_each(|value| drop(headers.insert(header, value.into())));
    }
    if !headers.is_empty() {
        expect.insert("headers", value(headers));
    }
    match std::str::from_utf8(&response.body) {
        Ok(body) if body.chars().count() <= LONGEST && !body.contains('*') => {
            expect.insert("body", value(body));
            (expect, None)
        }
        Ok(_) => {
            let number = if count == 0 { String::new() } else { format!("-{}", count + 1) };
            let end = match text("Content-Type").and_then(|value| value.split(';').next()).map(str::trim) {
                Some("text/html") => "html",
                Some("application/json") => "json",
                _ => "txt",
            };
            let file = format!("{name}{number}.{end}");
            expect.insert("snapshot", value(file.as_str()));
            (expect, Some(file))
        }
        // Nothing compares bytes that are no text.
        Err(_) => (expect, None),
    }
}

/// The header fields of a request that its test must name.
fn headers(request: &Request) -> InlineTable {
    let mut headers = InlineTable::new();
    let is_kept = |name: &str| {
        !LEFT_OUT.iter().any(|other| other.eq_ignore_ascii_case(name)) && !name.to_ascii_lowercase().starts_with("sec-")
    };
    for (name, value) in request.headers.iter().filter(|(name, _)| is_kept(name)) {
        let text = String::from_utf8_lossy(value).into_owned();
        match headers.get_mut(name) {
            None => drop(headers.insert(name, text.into())),
            Some(toml_edit::Value::Array(values)) => values.push(text),
            Some(first) => {
                let mut values = Array::new();
                values.push(first.as_str().unwrap_or_default());
                values.push(text);
                *first = values.into();
            }
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_and_its_answer_become_a_test_that_passes() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut request = Request::new("POST", "/a?b='c'");
        for (name, value) in [("Host", "x"), ("Cookie", "a=1"), ("X-Y", "1"), ("X-Y", "2"), ("Sec-Fetch-Site", "none")]
        {
            request.headers.push(name, value);
        }
        request.body = "a: \u{e9}\n".into();
        let response = Response::plain(201, "made\n");
        let save = |response: &Response| save(directory.path(), "units", &request, response).expect("written").len();
        assert_eq!(save(&response), 1);
        assert_eq!(save(&Response::plain(200, "x".repeat(500))), 2);
        let text = std::fs::read_to_string(directory.path().join("tests/units.toml")).expect("it is there");
        let expected = "\
[[test]]
name = \"units\"
request = \"POST /a?b='c'\"
headers = { Cookie = \"a=1\", X-Y = [\"1\", \"2\"] }
body = \"\"\"
a: \u{e9}
\"\"\"

[test.expect]
status = 201
headers = { Content-Type = \"text/plain; charset=utf-8\" }
body = \"\"\"
made
\"\"\"

[[test]]
name = \"units 2\"
";
        assert!(text.starts_with(expected), "{text}");
        assert!(text.ends_with("snapshot = \"units-2.txt\"\n"), "{text}");
        let file = TestFile::read(&directory.path().join("tests/units.toml"));
        assert_eq!(file.map(|file| file.tests.len()).map_err(|e| e.to_string()), Ok(2));
        for name in ["", "../x", "a b", ".x"] {
            assert!(super::save(directory.path(), name, &request, &response).is_err(), "{name}");
        }
    }
}
