//! A route that is added to the text of a modules.toml. Nothing else of the text changes.

use toml::{Table, Value};

use super::Manifest;
use crate::route::Pattern;

/// A `[[module]]` to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct NewRoute {
    /// The route.
    pub route: Pattern,
    /// The WebAssembly file, as the manifest writes it.
    pub module: String,
    /// The arguments.
    pub argv: String,
    /// Volumes, as the manifest writes them.
    pub volumes: Vec<(String, Value)>,
    /// Variables.
    pub environment: Table,
}

/// The text with a route in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// The whole text.
    pub text: String,
    /// The line of its `[[module]]`, from 1.
    pub line: usize,
}

/// The table of the module that begins at a line, as the text has it. `None` where the modules are no tables with headers.
pub fn table_at(manifest: &Manifest, text: &str, line: usize) -> Option<Table> {
    let at = manifest.modules.iter().position(|module| module.line == line)?;
    let header = text.lines().nth(line.checked_sub(1)?)?;
    let root: Table = text.parse().ok()?;
    let table = root.get("module")?.as_array()?.get(at)?.as_table()?.clone();
    header.trim_start().starts_with("[[").then_some(table)
}

/// Adds a route at the end of `text`, which is the manifest's, or before the first route that would take its requests.
pub fn add(manifest: &Manifest, text: &str, new: &NewRoute) -> Added {
    let lines = new.lines();
    let taker = manifest.modules.iter().find(|module| module.route.covers(&new.route));
    let old: Vec<&str> = text.split_inclusive('\n').collect();
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let block: String = lines.iter().flat_map(|line| [line, end]).collect();
    // The comments above a table are about it.
    let mut at = taker.map_or(old.len(), |module| module.line.saturating_sub(1).min(old.len()));
    while taker.is_some() && at > 0 && old.get(at - 1).is_some_and(|line| line.trim_start().starts_with('#')) {
        at -= 1;
    }
    let (before, after) = (old.get(..at).unwrap_or_default().concat(), old.get(at..).unwrap_or_default().concat());
    let mut gap = String::new();
    if !before.is_empty() && !before.ends_with('\n') {
        gap.push_str(end);
    }
    if !before.is_empty()
        && !before.trim_end_matches([' ', '\t', '\r']).ends_with("\n\n")
        && !before.ends_with("\r\n\r\n")
    {
        gap.push_str(end);
    }
    let line = format!("{before}{gap}").matches('\n').count() + 1;
    let below = if after.is_empty() { "" } else { end };
    Added { text: format!("{before}{gap}{block}{below}{after}"), line }
}

impl NewRoute {
    fn lines(&self) -> Vec<String> {
        let string = |text: &str| Value::String(text.to_owned()).to_string();
        let entry = |(key, value): (&str, &Value)| format!("{} = {value}", key_of(key));
        let table = |entries: Vec<String>| format!("{{ {} }}", entries.join(", "));
        let mut lines = vec![
            "[[module]]".to_owned(),
            format!("route = {}", string(self.route.as_str())),
            format!("module = {}", string(&self.module)),
            format!("argv = {}", string(&self.argv)),
            format!("volumes = {}", table(self.volumes.iter().map(|(key, value)| entry((key, value))).collect())),
        ];
        if !self.environment.is_empty() {
            let entries = self.environment.iter().map(|(key, value)| entry((key, value))).collect();
            lines.push(format!("environment = {}", table(entries)));
        }
        lines
    }
}

/// A key, in quotes unless it is one that needs none.
fn key_of(key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { key.to_owned() } else { Value::String(key.to_owned()).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str, route: &str) -> Added {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("a.wat"), "").expect("written");
        let manifest = crate::manifest::parse(&dir.path().join("modules.toml"), text).expect("a manifest");
        let new = NewRoute {
            route: Pattern::parse(route).expect("a route"),
            module: "a.wat".to_owned(),
            argv: "python /code/a.py ${ARGS}".to_owned(),
            volumes: vec![("/code".to_owned(), Value::String("code".to_owned()))],
            environment: Table::new(),
        };
        let added = add(&manifest, text, &new);
        let parsed = crate::manifest::parse(&dir.path().join("modules.toml"), &added.text).expect("a manifest");
        let module = parsed.modules.iter().find(|module| module.line == added.line);
        assert_eq!(module.map(|module| module.route.as_str()), Some(route));
        added
    }

    const BLOCK: &str = "[[module]]\nroute = \"/new\"\nmodule = \"a.wat\"\nargv = \"python /code/a.py ${ARGS}\"\n\
                         volumes = { \"/code\" = \"code\" }\n";

    #[test]
    fn a_route_comes_at_the_end() {
        let first = "# Mine.\n[[module]]\nroute = '/' # all\nmodule = \"a.wat\"";
        for (end, gap, line) in
            [("", "\n\n", 6), ("\n", "\n", 6), ("\n\n", "", 6), ("\n\n\n", "", 7), ("\n# The end.\n", "\n", 7)]
        {
            let text = format!("{first}{end}");
            let added = added(&text, "/new");
            assert_eq!(added.text, format!("{text}{gap}{BLOCK}"), "{end:?}");
            assert_eq!(added.line, line, "{end:?}");
        }
    }

    #[test]
    fn a_route_comes_before_the_one_that_would_take_its_requests() {
        let rest = "# The rest.\n# All of it.\n[[module]]\nroute = \"/...\"\nmodule = \"a.wat\"\n";
        let first = "[[module]]\nroute = \"/\"\nmodule = \"a.wat\"\n\n";
        assert_eq!(added(&format!("{first}{rest}"), "/new").text, format!("{first}{BLOCK}\n{rest}"));
        assert_eq!(added(rest, "/new").text, format!("{BLOCK}\n{rest}"));
    }

    #[test]
    fn line_ends_stay_those_of_the_file() {
        let text = "[[module]]\r\nroute = \"/\"\r\nmodule = \"a.wat\"\r\n";
        assert_eq!(added(text, "/new").text, format!("{text}\r\n{}", BLOCK.replace('\n', "\r\n")));
    }
}
