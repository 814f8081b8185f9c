//! Requirements as text: the name in front, normalized; the rest is for uv or pip to judge.

use crate::error::{Error, Kind, Result};

/// A requirement (PEP 508), such as `flask[async]>=3; python_version > "3.10"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The normalized name of the project.
    pub name: String,
    /// The text as it was written.
    pub text: String,
}

impl Requirement {
    /// Reads the name of a requirement; `None` where the text does not begin with one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !is_name_character(c)).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end)?;
        let edges = |c: char| c.is_ascii_alphanumeric();
        let is_name = name.starts_with(edges) && name.ends_with(edges);
        // What may follow a name: nothing, extras, a version, a URL, a marker.
        let follows = rest.trim_start().starts_with(['[', '(', '<', '>', '=', '!', '~', '@', ';']);
        (is_name && (rest.trim().is_empty() || follows)).then(|| Self { name: canonical(name), text: text.to_owned() })
    }

    /// As [`Requirement::parse`], for an argument of the command line.
    ///
    /// # Errors
    /// Fails where it does not begin with a name.
    pub fn from_argument(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| {
            Error::of(Kind::Usage, format!("{text:?} is not a package")).remedy(
                "write a name, as in flask, 'flask>=3', 'flask[async]' or 'shop @ https://example.com/shop.whl'",
            )
        })
    }
}

fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The one form of a project's name (PEP 503): lower case, with `-` for each run of `-`, `_` and `.`.
pub fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if canonical.ends_with('-') => {}
            '-' | '_' | '.' => canonical.push('-'),
            _ => canonical.push(c.to_ascii_lowercase()),
        }
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_stands_in_front() {
        for (text, name) in [
            ("flask", Some("flask")),
            (" Flask_SQLAlchemy ~= 3.0 ", Some("flask-sqlalchemy")),
            ("zope.interface[test]", Some("zope-interface")),
            ("a (>=1)", Some("a")),
            ("shop @ https://example.com/shop.whl", Some("shop")),
            ("b;python_version>'3'", Some("b")),
            ("", None),
            ("-e .", None),
            ("./shop", None),
            ("https://example.com/shop.whl", None),
            ("flask jinja2", None),
            ("a-", None),
        ] {
            assert_eq!(Requirement::parse(text).map(|r| r.name).as_deref(), name, "{text}");
        }
    }
}
