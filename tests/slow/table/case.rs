//! A row of the table, and the words it is written in.

use std::collections::BTreeMap;

/// One request and what must come of it.
pub struct Case {
    /// The rule it shows: a section of wagi.md, of an RFC, or both.
    pub rule: &'static str,
    /// What is sent.
    pub request: Request,
    /// What must come of it.
    pub expected: Expected,
    /// What pywagi must warn of on the terminal.
    pub warning: Option<&'static str>,
    /// Why `invoke` cannot make this request, where it cannot.
    pub socket_only: Option<&'static str>,
}

/// What is sent.
pub enum Request {
    /// A request that a socket and a command line can both make.
    Parts {
        method: &'static str,
        target: String,
        /// The Host header; `None` for none.
        host: Option<&'static str>,
        headers: Vec<(&'static str, &'static str)>,
        body: Vec<u8>,
    },
    /// Bytes for the socket, just as they are.
    Raw(Vec<u8>),
}

/// What must come of it.
pub enum Expected {
    /// A guest that runs `show` sees this.
    Seen(Seen),
    /// The client is answered these bytes, but for Date, and for Connection where the request asked to close.
    Answer(Vec<u8>),
    /// The client is answered the page that explains how the guest failed.
    Page {
        /// The script, or the module where it runs none.
        name: &'static str,
        route: &'static str,
        /// What comes after the name, and the lines below it.
        what: String,
    },
}

/// What a guest sees: differences from a plain GET of `/show`.
pub struct Seen {
    /// The whole command line; `None` for that of `/show`.
    pub arguments: Option<Vec<&'static str>>,
    /// Variables that differ or come in addition.
    pub variables: BTreeMap<&'static str, String>,
    /// Standard input.
    pub stdin: Vec<u8>,
}

impl Seen {
    fn new() -> Self {
        Self { arguments: None, variables: BTreeMap::new(), stdin: Vec::new() }
    }
}

/// A row for a request line without its version: `GET /show?a=b`.
pub fn case(rule: &'static str, line: &str) -> Case {
    let (method, target) = line.split_once(' ').expect("a method and a target");
    let request = Request::Parts {
        method: method.to_owned().leak(),
        target: target.to_owned(),
        host: Some("localhost:3000"),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let mut seen = Seen::new();
    // What is as sent can be said here once. Rows about these say them again.
    seen.variables.insert("REQUEST_METHOD", method.to_owned());
    seen.variables.insert("QUERY_STRING", target.split_once('?').map_or("", |(_, query)| query).to_owned());
    seen.variables.insert("X_FULL_URL", format!("http://localhost:3000{target}"));
    Case { rule, request, expected: Expected::Seen(seen), warning: None, socket_only: None }
}

/// A row for bytes that only a socket can send.
pub fn raw(rule: &'static str, bytes: impl Into<Vec<u8>>) -> Case {
    Case {
        rule,
        request: Request::Raw(bytes.into()),
        expected: Expected::Seen(Seen::new()),
        warning: None,
        socket_only: Some("framing is the socket's"),
    }
}

/// A row for a guest that prints `output`, and the bytes that answer it.
pub fn answers(rule: &'static str, output: impl Into<Vec<u8>>, answer: impl Into<Vec<u8>>) -> Case {
    case(rule, "POST /answer").body("text/plain", output).answered(answer)
}

impl Case {
    /// Adds a request header.
    pub fn header(mut self, name: &'static str, value: &'static str) -> Self {
        if let Request::Parts { headers, .. } = &mut self.request {
            headers.push((name, value));
        }
        self
    }

    /// Sends another Host header, or none.
    pub fn host(mut self, value: Option<&'static str>) -> Self {
        if let Request::Parts { host, .. } = &mut self.request {
            *host = value;
        }
        if value.is_none() {
            self.socket_only = Some("invoke sends a Host as every client of HTTP/1.1 must");
        }
        let trimmed = value.map(str::trim);
        match trimmed {
            Some(value) => self.sees(&[("HTTP_HOST", value)]),
            // Given by a flag, for what the request does not send.
            None => self.sees(&[("HTTP_HOST", "given.test")]),
        }
    }

    /// Sends a body, with its Content-Type and Content-Length.
    pub fn body(mut self, content_type: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let length = bytes.len().to_string();
        if let Expected::Seen(seen) = &mut self.expected {
            seen.stdin = bytes.clone();
            for name in ["CONTENT_LENGTH", "HTTP_CONTENT_LENGTH"] {
                seen.variables.insert(name, length.clone());
            }
            for name in ["CONTENT_TYPE", "HTTP_CONTENT_TYPE"] {
                seen.variables.insert(name, content_type.to_owned());
            }
        }
        if let Request::Parts { body, .. } = &mut self.request {
            *body = bytes;
        }
        self.header("Content-Type", content_type)
    }

    /// The guest sees these variables in addition to, or in place of, those of a plain GET of `/show`.
    pub fn sees(mut self, variables: &[(&'static str, &str)]) -> Self {
        let Expected::Seen(seen) = &mut self.expected else { panic!("{} expects no variables", self.rule) };
        seen.variables.extend(variables.iter().map(|&(name, value)| (name, value.to_owned())));
        self
    }

    /// The path below the route, as sent and as decoded.
    pub fn below(self, raw: &str, decoded: &str) -> Self {
        self.sees(&[("X_RAW_PATH_INFO", raw), ("PATH_INFO", decoded), ("PATH_TRANSLATED", decoded)])
    }

    /// The route that matches, as written.
    pub fn matches(self, route: &str) -> Self {
        let name = route.strip_suffix("/...").unwrap_or(route);
        self.sees(&[("X_MATCHED_ROUTE", route), ("SCRIPT_NAME", name)])
    }

    /// The guest sees this command line.
    pub fn arguments(mut self, arguments: &[&'static str]) -> Self {
        let Expected::Seen(seen) = &mut self.expected else { panic!("{} expects no arguments", self.rule) };
        seen.arguments = Some(arguments.to_vec());
        self
    }

    /// The guest reads this from standard input.
    pub fn reads(mut self, bytes: &[u8]) -> Self {
        let Expected::Seen(seen) = &mut self.expected else { panic!("{} expects no body", self.rule) };
        seen.stdin = bytes.to_owned();
        self.sees(&[("CONTENT_LENGTH", &bytes.len().to_string())])
    }

    /// The client is answered these bytes.
    pub fn answered(mut self, answer: impl Into<Vec<u8>>) -> Self {
        self.expected = Expected::Answer(answer.into());
        self
    }

    /// The guest named failed; the page says so.
    pub fn failed(mut self, name: &'static str, route: &'static str, what: impl Into<String>) -> Self {
        self.expected = Expected::Page { name, route, what: what.into() };
        self
    }

    /// pywagi warns on the terminal.
    pub fn warned(mut self, warning: &'static str) -> Self {
        self.warning = Some(warning);
        self
    }

    /// `invoke` cannot make this request.
    pub fn socket_only(mut self, why: &'static str) -> Self {
        self.socket_only = Some(why);
        self
    }

    /// What is sent, for messages.
    pub fn shown(&self) -> String {
        match &self.request {
            Request::Parts { method, target, headers, .. } => format!("{method} {target} {headers:?}"),
            Request::Raw(bytes) => String::from_utf8_lossy(&bytes[..bytes.len().min(300)]).into_owned(),
        }
    }
}

/// The value of a variable that must not be set.
pub const ABSENT: &str = "(absent)";

/// The routes of the app that no Python answers.
const WITHOUT_PYTHON: [&str; 12] = [
    "/order", "/reverse", "/dynamic", "/entry", "/echo", "/buffers", "/trap", "/default", "/end/", "/Case", "/%61",
    "/healthz",
];

impl Case {
    /// Whether a Python script answers.
    pub fn is_python(&self) -> bool {
        let target = match &self.request {
            Request::Parts { target, .. } => target.clone(),
            Request::Raw(bytes) => {
                let line = bytes.split(|&b| b == b'\r').next().unwrap_or_default();
                String::from_utf8_lossy(line).split(' ').nth(1).unwrap_or_default().to_owned()
            }
        };
        // The 404 names the routes, whichever module they are of: once is enough.
        let is_404 =
            matches!(&self.expected, Expected::Answer(answer) if answer.starts_with(b"HTTP/1.1 404 Not Found"));
        (!is_404 || target == "/answer") && !WITHOUT_PYTHON.iter().any(|route| target.starts_with(route))
    }
}
