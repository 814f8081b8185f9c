//! Routing: patterns, the table of routes, dynamic routes.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A route as modules.toml writes it: `/path` is exactly that path, `/path/...` is it and everything below it.
///
/// Patterns are compared with the path as the client sent it: nothing is decoded, nothing is collapsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
}

/// What routes do not begin with.
const RESERVED: &str = "/__pywagi";

/// The end of a pattern that matches everything below it as well.
const WILDCARD: &str = "/...";

impl Pattern {
    /// Parses a route.
    ///
    /// # Errors
    /// Fails where the route could never match, or is reserved.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::checked(text)?.unless_reserved()
    }

    /// Fails for a route that is ours.
    fn unless_reserved(self) -> Result<Self, Invalid> {
        match self.path_of_reserved() {
            Some(rest) => Err(Invalid {
                why: "paths below `/__pywagi/` are reserved for pages of pywagi itself",
                remedy: format!("choose another one, such as `/pywagi{rest}`"),
            }),
            None => Ok(self),
        }
    }

    fn path_of_reserved(&self) -> Option<&str> {
        self.text.strip_prefix(RESERVED).filter(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// A route that could match.
    fn checked(text: &str) -> Result<Self, Invalid> {
        let invalid = |why, remedy: String| Err(Invalid { why, remedy });
        if !text.starts_with('/') {
            let fixed = if text.is_empty() { "/".to_owned() } else { format!("/{text}") };
            return invalid("a route begins with `/`", format!("write `{fixed}`"));
        }
        if let Some(c) = text.chars().find(|&c| matches!(c, '?' | '#') || c.is_whitespace() || c.is_control()) {
            let why = match c {
                '?' => "a route is compared with the path alone, which holds no `?`",
                '#' => "a route is compared with the path alone, which holds no `#`",
                _ => "a path holds no white space or control character",
            };
            let path = text.split(c).next().unwrap_or_default();
            return invalid(why, format!("write `{path}`, or percent-encode the character"));
        }
        let base = text.strip_suffix(WILDCARD).unwrap_or(text);
        if base.split('/').any(|segment| segment == "...") {
            let first = base.split("/...").next().unwrap_or_default();
            return invalid("`...` stands only at the end of a route", format!("write `{first}{WILDCARD}`"));
        }
        if let Some(stem) = base.strip_suffix("...").filter(|_| base == text) {
            let stem = stem.trim_end_matches('/');
            return invalid("`...` stands only after a `/`", format!("write `{stem}{WILDCARD}`"));
        }
        Ok(Self { text: text.to_owned() })
    }

    /// The route as written, `/...` included.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The route without `/...`: CGI's `SCRIPT_NAME` (RFC 3875 4.1.13).
    pub fn script_name(&self) -> &str {
        self.text.strip_suffix(WILDCARD).unwrap_or(&self.text)
    }

    /// The rest of `path` after the route, as sent, if the route matches `path`. Empty on an exact match.
    pub fn path_info<'p>(&self, path: &'p str) -> Option<&'p str> {
        let rest = path.strip_prefix(self.script_name())?;
        let below = self.takes_below() && rest.starts_with('/');
        (rest.is_empty() || below).then_some(rest)
    }

    /// Whether this route matches every path that `other` matches.
    pub fn covers(&self, other: &Self) -> bool {
        self.path_info(other.script_name()).is_some() && (self.takes_below() || !other.takes_below())
    }

    /// Joins the route `sub` to this one. Whether the result ends in `/...` depends on `sub` alone.
    ///
    /// # Errors
    /// Fails where `sub` is not a valid route.
    pub fn join(&self, sub: &str) -> Result<Self, Invalid> {
        let sub = Self::checked(sub)?;
        Self { text: format!("{}{}", self.script_name().trim_end_matches('/'), sub.text) }.unless_reserved()
    }

    /// Whether the route matches everything below it as well.
    fn takes_below(&self) -> bool {
        self.text.ends_with(WILDCARD)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is not a valid route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// The rule it breaks.
    pub why: &'static str,
    /// What to write instead.
    pub remedy: String,
}

/// Routes in the order they are tried, each with a value.
#[derive(Debug)]
pub struct Table<T>(Vec<(Pattern, T)>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Table<T> {
    /// Appends the routes of a module: the dynamic ones, of which the last match wins, then its own.
    pub fn push(&mut self, own: (Pattern, T), dynamic: Vec<(Pattern, T)>) {
        self.0.extend(dynamic.into_iter().rev());
        self.0.push(own);
    }

    /// The first route that matches `path`, its value, and the rest of the path after the route, as sent.
    pub fn find<'p>(&self, path: &'p str) -> Option<(&Pattern, &T, &'p str)> {
        self.0.iter().find_map(|(pattern, target)| Some((pattern, target, pattern.path_info(path)?)))
    }

    /// All routes in the order they are tried.
    pub fn iter(&self) -> impl Iterator<Item = (&Pattern, &T)> {
        self.0.iter().map(|(pattern, target)| (pattern, target))
    }
}

/// A dynamic route: a line that a module's function `_routes` printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dynamic {
    /// The route, joined with the module's own.
    pub pattern: Pattern,
    /// The exported function to call.
    pub entrypoint: String,
}

/// Parses what `_routes` printed: lines of `/sub/path entrypoint`, each a route below `own`. Empty lines are skipped.
/// A line that is not a valid route is left out; the second list has a warning for each.
pub fn parse_dynamic(own: &Pattern, printed: &[u8]) -> (Vec<Dynamic>, Vec<String>) {
    let text = String::from_utf8_lossy(printed);
    let (mut routes, mut warnings) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace();
        let (sub, entrypoint) = match (words.next(), words.next(), words.next()) {
            (Some(sub), Some(entrypoint), None) => (sub, entrypoint),
            _ => {
                warnings.push(format!("left out the line {line:?} of `_routes`: it is not `/path entrypoint`"));
                continue;
            }
        };
        match own.join(sub) {
            Ok(pattern) => routes.push(Dynamic { pattern, entrypoint: entrypoint.to_owned() }),
            Err(e) => warnings.push(format!("left out the line {line:?} of `_routes`: {}, {}", e.why, e.remedy)),
        }
    }
    (routes, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::parse(text).unwrap()
    }

    /// wagi.md, modules.toml, `route`, and Environment, `PATH_INFO`.
    #[test]
    fn a_route_takes_what_the_contract_says() {
        for (route, path, expected) in [
            ("/path", "/path", Some("")),
            ("/path", "/path/", None),
            ("/path", "/path/below", None),
            ("/path", "/pathx", None),
            ("/path", "/", None),
            ("/path/...", "/path", Some("")),
            ("/path/...", "/path/", Some("/")),
            ("/path/...", "/path/a/b", Some("/a/b")),
            ("/path/...", "/path//a/../b", Some("//a/../b")),
            ("/path/...", "/path/%2e%2e", Some("/%2e%2e")),
            ("/path/...", "/pathx", None),
            ("/path/...", "/pat", None),
            ("/", "/", Some("")),
            ("/", "/a", None),
            ("/...", "/", Some("/")),
            ("/...", "/a", Some("/a")),
            ("/a/", "/a/", Some("")),
            ("/a/", "/a", None),
            ("/%61", "/a", None),
            ("/A", "/a", None),
        ] {
            assert_eq!(pattern(route).path_info(path), expected, "{route} for {path}");
        }
    }

    /// wagi.md, Environment, `SCRIPT_NAME`: the route that matched, without `/...`.
    #[test]
    fn the_script_name_is_the_route_without_its_end() {
        for (route, expected) in [("/x/...", "/x"), ("/x", "/x"), ("/", "/"), ("/...", "")] {
            assert_eq!(pattern(route).script_name(), expected, "{route}");
        }
    }

    #[test]
    fn a_route_that_could_never_match_is_refused_with_what_to_write() {
        for (route, why, remedy) in [
            ("", "a route begins with `/`", "write `/`"),
            ("path", "a route begins with `/`", "write `/path`"),
            ("...", "a route begins with `/`", "write `/...`"),
            ("/.../x", "`...` stands only at the end of a route", "write `/...`"),
            ("/a/.../b/...", "`...` stands only at the end of a route", "write `/a/...`"),
            ("/a...", "`...` stands only after a `/`", "write `/a/...`"),
            (
                "/a?b=c",
                "a route is compared with the path alone, which holds no `?`",
                "write `/a`, or percent-encode the character",
            ),
            (
                "/a#b",
                "a route is compared with the path alone, which holds no `#`",
                "write `/a`, or percent-encode the character",
            ),
            ("/a b", "a path holds no white space or control character", "write `/a`, or percent-encode the character"),
        ] {
            let expected = Invalid { why, remedy: remedy.to_owned() };
            assert_eq!(Pattern::parse(route), Err(expected), "{route}");
        }
    }

    #[test]
    fn a_route_covers_another_when_the_other_never_gets_a_path() {
        for (earlier, later, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/...", false),
            ("/a/...", "/a", true),
            ("/a/...", "/a/...", true),
            ("/a/...", "/a/b/...", true),
            ("/a/...", "/a/b", true),
            ("/a/...", "/ab", false),
            ("/...", "/", true),
            ("/...", "/a/...", true),
            ("/...", "/...", true),
            ("/", "/...", false),
        ] {
            assert_eq!(pattern(earlier).covers(&pattern(later)), expected, "{earlier} before {later}");
        }
    }

    /// wagi.md, Routing.
    #[test]
    fn the_first_route_in_file_order_wins() {
        let mut table = Table::default();
        table.push((pattern("/a/..."), 1), vec![]);
        table.push((pattern("/a/b"), 2), vec![]);
        table.push((pattern("/c"), 3), vec![]);
        let found = |path| table.find(path).map(|(pattern, target, rest)| (pattern.as_str(), *target, rest));
        assert_eq!(found("/a/b"), Some(("/a/...", 1, "/b")));
        assert_eq!(found("/c"), Some(("/c", 3, "")));
        assert_eq!(found("/d"), None);
    }

    /// wagi.md, Dynamic routes: the last match wins among them, and they are tried before the module's own route,
    /// but after the modules above it.
    #[test]
    fn dynamic_routes_are_tried_last_first_and_before_their_module() {
        let mut table = Table::default();
        table.push((pattern("/x/first"), 1), vec![]);
        table.push(
            (pattern("/x/..."), 2),
            vec![(pattern("/x/a/..."), 3), (pattern("/x/a/b"), 4), (pattern("/x/first"), 5)],
        );
        let found = |path| table.find(path).map(|(_, target, _)| *target);
        assert_eq!(found("/x/first"), Some(1));
        assert_eq!(found("/x/a/b"), Some(4));
        assert_eq!(found("/x/a/c"), Some(3));
        assert_eq!(found("/x/z"), Some(2));
    }

    #[test]
    fn what_routes_prints_becomes_routes_below_the_module() {
        for (own, sub, expected) in [
            ("/x/...", "/a", "/x/a"),
            ("/x", "/a/...", "/x/a/..."),
            ("/", "/a", "/a"),
            ("/...", "/a", "/a"),
            ("/x/", "/a", "/x/a"),
            ("/x", "/", "/x/"),
        ] {
            let (routes, warnings) = parse_dynamic(&pattern(own), format!("{sub} f\n").as_bytes());
            let expected = Dynamic { pattern: pattern(expected), entrypoint: "f".to_owned() };
            assert_eq!((routes, warnings), (vec![expected], vec![]), "{sub} below {own}");
        }
    }

    #[test]
    fn a_line_of_routes_that_is_none_is_left_out_with_a_warning() {
        let (routes, warnings) = parse_dynamic(&pattern("/x"), b"/a f\r\n\n  \n/b\n/c g h\nd i\n/\xff j\n/e\t k \n");
        let names: Vec<_> = routes.iter().map(|r| (r.pattern.as_str(), r.entrypoint.as_str())).collect();
        assert_eq!(names, [("/x/a", "f"), ("/x/\u{fffd}", "j"), ("/x/e", "k")]);
        assert_eq!(
            warnings,
            [
                "left out the line \"/b\" of `_routes`: it is not `/path entrypoint`",
                "left out the line \"/c g h\" of `_routes`: it is not `/path entrypoint`",
                "left out the line \"d i\" of `_routes`: a route begins with `/`, write `/d`",
            ]
        );
    }
}
