//! Files of tests: requests, and what is expected of their answers.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;
use toml::Spanned;

use crate::duration;
use crate::error::{Error, Result};
use crate::request::{Request, Target, is_token};
use crate::text_file::{self, shown};

/// A file of tests, which are run in order.
#[derive(Debug)]
pub struct TestFile {
    /// Its path.
    pub path: PathBuf,
    /// Its tests.
    pub tests: Vec<Test>,
}

/// A request, and what is expected of the answer.
#[derive(Debug)]
pub struct Test {
    /// Its name.
    pub name: String,
    /// The line at which it begins, from 1.
    pub line: usize,
    /// The request.
    pub request: Request,
    /// What is expected.
    pub expect: Expect,
}

/// What is expected of an answer. What is not named may be anything, but that the status is below 400.
#[derive(Debug, Default)]
pub struct Expect {
    /// The status.
    pub status: Option<u16>,
    /// Header fields, by name; `*` stands for anything.
    pub headers: Vec<(String, String)>,
    /// The whole body; `*` stands for anything.
    pub body: Option<String>,
    /// What the body contains.
    pub contains: Vec<String>,
    /// What the body matches.
    pub matches: Vec<Regex>,
    /// The values at places of a body that is JSON (RFC 9535), each place as it is written.
    pub json: Vec<(String, JsonPath, Value)>,
    /// The file that holds the whole body; `*` stands for anything.
    pub snapshot: Option<PathBuf>,
    /// What standard error contains.
    pub stderr: Vec<String>,
    /// The longest that it may take.
    pub time: Option<Duration>,
}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFile {
    #[serde(default)]
    test: Vec<Spanned<WrittenTest>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTest {
    name: Option<String>,
    request: String,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMany>,
    body: Option<String>,
    json: Option<Value>,
    form: Option<BTreeMap<String, OneOrMany>>,
    #[serde(default)]
    expect: WrittenExpect,
}

/// A request as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenRequest {
    request: String,
    #[serde(default)]
    headers: BTreeMap<String, OneOrMany>,
    body: Option<String>,
    json: Option<Value>,
    form: Option<BTreeMap<String, OneOrMany>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenExpect {
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    #[serde(default)]
    contains: OneOrMany,
    #[serde(default)]
    matches: OneOrMany,
    #[serde(default)]
    json: BTreeMap<String, Value>,
    snapshot: Option<PathBuf>,
    #[serde(default)]
    stderr: OneOrMany,
    time: Option<String>,
}

/// A text, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or an array of strings")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    fn all(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

impl TestFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Fails, with the line, where it cannot be read or is no file of tests.
    pub fn read(path: &Path) -> Result<Self> {
        let text = text_file::read(path)?;
        let line_of = |offset: usize| 1 + text.get(..offset).unwrap_or_default().matches('\n').count();
        let at = |line: usize, what: &str| Error::new(format!("{}:{line}: {what}", shown(path)));
        let written: WrittenFile = toml::from_str(&text).map_err(|e| {
            let line = e.span().map_or(1, |span| line_of(span.start));
            at(line, e.message()).remedy("`pywagi help test` shows what a file of tests holds")
        })?;
        if written.test.is_empty() {
            return Err(
                at(1, "there is no [[test]] in it").remedy("`pywagi help test` shows what a file of tests holds")
            );
        }
        let directory = path.parent().unwrap_or(Path::new("."));
        let test = |written: Spanned<WrittenTest>| {
            let line = line_of(written.span().start);
            let WrittenTest { name, request, headers, body, json, form, expect } = written.into_inner();
            let name = name.unwrap_or_else(|| request.clone());
            let request = WrittenRequest { request, headers, body, json, form };
            let request = request.read().map_err(|why| at(line, &why))?;
            let expect = expect.read(directory).map_err(|why| at(line, &why))?;
            Ok(Test { name, line, request, expect })
        };
        Ok(Self { path: path.to_owned(), tests: written.test.into_iter().map(test).collect::<Result<_>>()? })
    }
}

impl WrittenRequest {
    /// The request.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn read(self) -> std::result::Result<Request, String> {
        let Self { request, headers, body, json, form } = self;
        request_of(&request, headers, body_of(body, json, form)?)
    }
}

/// A body, and its Content-Type.
type Body = Option<(Bytes, &'static str)>;

fn body_of(
    text: Option<String>,
    json: Option<Value>,
    form: Option<BTreeMap<String, OneOrMany>>,
) -> std::result::Result<Body, String> {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let given = [text.is_some(), json.is_some(), form.is_some()];
    if given.iter().filter(|given| **given).count() > 1 {
        return Err("a request has one of `body`, `json` and `form`".to_owned());
    }
    let json = json.map(|json| (json.to_string(), "application/json"));
    let form = form.map(|form| {
        let fields =
            form.into_iter().flat_map(|(name, values)| values.all().into_iter().map(move |v| (name.clone(), v)));
        let fields: Vec<_> = fields.map(|(name, value)| format!("{}={}", encode(&name), encode(&value))).collect();
        (fields.join("&"), "application/x-www-form-urlencoded")
    });
    let text = text.map(|text| (text, "text/plain; charset=utf-8"));
    Ok(text.or(json).or(form).map(|(text, content_type)| (Bytes::from(text), content_type)))
}

/// The request that a line such as `GET /path?query` asks for.
fn request_of(line: &str, headers: BTreeMap<String, OneOrMany>, body: Body) -> std::result::Result<Request, String> {
    let default = if body.is_some() { "POST" } else { "GET" };
    let (method, target) = line.trim().split_once(' ').unwrap_or((default, line.trim()));
    let target = target.trim();
    let is_path = Target::parse(method, target).is_ok_and(|target| target.origin.is_none());
    if !is_token(method) || !is_path {
        return Err(format!(
            "`request = {line:?}` is no request: write a method and a path, such as \"GET /units?q=m\""
        ));
    }
    let mut request = Request::new(method, target);
    let headers: Vec<_> = headers
        .into_iter()
        .flat_map(|(name, values)| values.all().into_iter().map(move |v| (name.clone(), v)))
        .collect();
    if let Some((name, value)) =
        headers.iter().find(|(name, value)| !is_token(name) || value.contains(['\r', '\n', '\0']))
    {
        return Err(format!("`{name}: {value}` is no header field"));
    }
    let content_type = body.as_ref().map_or("", |(_, content_type)| content_type);
    let length = body.as_ref().map_or(0, |(body, _)| body.len()).to_string();
    let has_body = body.is_some();
    let defaults = [
        ("Host", "localhost:3000", true),
        ("User-Agent", concat!("pywagi/", env!("CARGO_PKG_VERSION")), true),
        ("Accept", "*/*", true),
        ("Content-Type", content_type, has_body),
        ("Content-Length", length.as_str(), has_body),
    ];
    for (name, value, _) in defaults.into_iter().filter(|(_, _, is_sent)| *is_sent) {
        if !headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
            request.headers.push(name, value);
        }
    }
    headers.into_iter().for_each(|(name, value)| request.headers.push(name, value));
    request.body = body.map(|(body, _)| body).unwrap_or_default();
    Ok(request)
}

impl WrittenExpect {
    fn read(self, directory: &Path) -> std::result::Result<Expect, String> {
        let Self { status, headers, body, contains, matches, json, snapshot, stderr, time } = self;
        let regex = |text: String| Regex::new(&text).map_err(|e| format!("`matches = {text:?}`: {e}"));
        let place = |(place, value): (String, Value)| {
            let path = JsonPath::parse(&place).map_err(|e| format!("`json`: {place:?} is no JSON path: {e}"))?;
            Ok((place, path, value))
        };
        let time = time.map(|time| duration::parse(&time).map_err(|why| format!("`time = {time:?}`: {why}")));
        let leads_away =
            |path: &PathBuf| !path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if let Some(path) = snapshot.as_ref().filter(|path| leads_away(path)) {
            return Err(format!("`snapshot = {path:?}`: name a file in the directory of the test"));
        }
        Ok(Expect {
            status,
            headers: headers.into_iter().collect(),
            body,
            contains: contains.all(),
            matches: matches.all().into_iter().map(regex).collect::<std::result::Result<_, _>>()?,
            json: json.into_iter().map(place).collect::<std::result::Result<_, String>>()?,
            snapshot: snapshot.map(|path| directory.join(path)),
            stderr: stderr.all(),
            time: time.transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Vec<Test>, String> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.toml");
        std::fs::write(&path, text).expect("written");
        let file = TestFile::read(&path).map_err(|e| e.to_string().replace(&shown(&path), "a.toml"));
        file.map(|file| file.tests)
    }

    #[test]
    fn a_test_is_a_request_and_what_is_expected() {
        let tests = read(
            "[[test]]\nrequest = \"/a?b=c\"\n\n[[test]]\nname = \"made\"\nrequest = \"PUT /a\"\njson = { b = [1] }\n\
             headers = { X-Y = [\"1\", \"2\"], content-type = \"x/y\" }\n[test.expect]\nstatus = 201\ncontains = \"a\"\n\
             json = { \"$.b[0]\" = 1 }\ntime = \"50ms\"\nsnapshot = \"made.json\"\n\n[[test]]\nrequest = \"/f\"\n\
             form = { a = \"1 &\", b = [\"2\", \"3\"] }\n",
        )
        .expect("tests");
        let [first, second, third] = &tests[..] else { panic!("{tests:?}") };
        assert_eq!((first.name.as_str(), first.request.method.as_str()), ("/a?b=c", "GET"));
        assert_eq!((second.name.as_str(), second.line, &second.request.body[..]), ("made", 4, &b"{\"b\":[1]}"[..]));
        let headers: Vec<_> =
            second.request.headers.iter().map(|(n, v)| format!("{n}: {}", String::from_utf8_lossy(v))).collect();
        let agent = concat!("User-Agent: pywagi/", env!("CARGO_PKG_VERSION"));
        let expected = [
            "Host: localhost:3000",
            agent,
            "Accept: */*",
            "Content-Length: 9",
            "X-Y: 1",
            "X-Y: 2",
            "content-type: x/y",
        ];
        assert_eq!(headers, expected);
        assert_eq!((second.expect.status, second.expect.time), (Some(201), Some(Duration::from_millis(50))));
        assert!(second.expect.snapshot.as_ref().is_some_and(|path| path.ends_with("made.json")));
        assert_eq!((third.request.method.as_str(), &third.request.body[..]), ("POST", &b"a=1%20%26&b=2&b=3"[..]));
    }

    #[test]
    fn what_is_no_test_is_told_with_its_line() {
        for (text, expected) in [
            ("", "a.toml:1: there is no [[test]] in it"),
            ("[[test]]\n", "a.toml:1: missing field `request`"),
            ("\n[[test]]\nrequest = 1\n", "a.toml:3: invalid type: integer `1`, expected a string"),
            ("[[test]]\nrequest = \"/\"\nexpects = 1\n", "a.toml:3: unknown field `expects`"),
            ("[[test]]\nrequest = \"GET a\"\n", "a.toml:1: `request = \"GET a\"` is no request"),
            ("[[test]]\nrequest = \"GET http://a/\"\n", "a.toml:1: `request = \"GET http://a/\"` is no request"),
            (
                "[[test]]\nrequest = \"/\"\nbody = \"\"\njson = 1\n",
                "a.toml:1: a request has one of `body`, `json` and `form`",
            ),
            ("[[test]]\nrequest = \"/\"\nheaders = { A = \"b\\r\\nc\" }\n", "a.toml:1: `A: b\r\nc` is no header field"),
            ("[[test]]\nrequest = \"/\"\nexpect.matches = \"(\"\n", "a.toml:1: `matches = \"(\"`: regex parse error"),
            ("[[test]]\nrequest = \"/\"\nexpect.json = { a = 1 }\n", "a.toml:1: `json`: \"a\" is no JSON path"),
            ("[[test]]\nrequest = \"/\"\nexpect.time = \"x\"\n", "a.toml:1: `time = \"x\"`: give a time such as"),
            (
                "[[test]]\nrequest = \"/\"\nexpect.snapshot = \"a/../../x\"\n",
                "a.toml:1: `snapshot = \"a/../../x\"`: name a file in",
            ),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
