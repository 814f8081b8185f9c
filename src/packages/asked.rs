//! What an app asks for: `[project] dependencies` of pyproject.toml (PEP 621), or the lines of requirements.txt.

use std::path::Path;

use toml_edit::{Array, DocumentMut, Item, Table, Value};

use super::requirement::{Requirement, canonical};
use super::text_edit::TextEdit;
use crate::error::{Error, Result};
use crate::similar::nearest;
use crate::text_file::shown;

/// The file of a project.
pub const PYPROJECT: &str = "pyproject.toml";

/// The file of an app that has no pyproject.toml.
pub const REQUIREMENTS: &str = "requirements.txt";

/// What an app asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The file and its new text.
    pub edit: TextEdit,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Pyproject(Box<DocumentMut>),
    /// The lines of a requirements.txt.
    Lines(Vec<String>),
}

impl Asked {
    /// Reads what the app in `directory` asks for. Without a file it asks for nothing, and pyproject.toml is the file to make.
    ///
    /// # Errors
    /// Fails where the file cannot be read or understood.
    pub fn read(directory: &Path) -> Result<Self> {
        let requirements = directory.join(REQUIREMENTS);
        let pyproject = TextEdit::read(&directory.join(PYPROJECT))?;
        if pyproject.before().is_empty() && crate::swap::exists(&requirements)? {
            return Self::from_lines(TextEdit::read(&requirements)?);
        }
        let document: DocumentMut = pyproject.before().parse().map_err(|e: toml_edit::TomlError| {
            Error::new(format!("{} is not valid TOML", shown(&pyproject.path)))
                .because(e)
                .remedy("correct the line; https://toml.io shows how TOML is written")
        })?;
        let asked = Self { edit: pyproject, form: Form::Pyproject(Box::new(document)) };
        asked.check()?;
        Ok(asked)
    }

    fn from_lines(edit: TextEdit) -> Result<Self> {
        let lines: Vec<_> = edit.before().lines().map(str::to_owned).collect();
        for (number, line) in (1..).zip(&lines) {
            let text = without_comment(line);
            let is_passed_on = text.is_empty()
                || ["-i ", "--index-url", "--extra-index-url", "-f ", "--find-links"]
                    .iter()
                    .any(|o| text.starts_with(o));
            if !is_passed_on && Requirement::parse(text).is_none() {
                let message = format!("{}:{number}: `{text}` is not a requirement", shown(&edit.path));
                return Err(Error::new(message)
                    .remedy("write a package on each line, as in flask>=3; other files are not included from here"));
            }
        }
        Ok(Self { edit, form: Form::Lines(lines) })
    }

    /// Fails where dependencies are of the wrong type or made by something else.
    fn check(&self) -> Result<()> {
        let Form::Pyproject(document) = &self.form else { return Ok(()) };
        let name = shown(&self.edit.path);
        let Some(project) = document.get("project") else { return Ok(()) };
        let wrong = |what: &str| {
            Error::new(format!("{name}: {what}")).remedy("write dependencies = [\"flask>=3\"] in the table [project]")
        };
        let project = project.as_table_like().ok_or_else(|| wrong("`project` is not a table"))?;
        let dynamic = project.get("dynamic").and_then(Item::as_array);
        if dynamic.is_some_and(|names| names.iter().any(|name| name.as_str() == Some("dependencies"))) {
            return Err(wrong("the dependencies are `dynamic`: another tool makes them"));
        }
        let Some(dependencies) = project.get("dependencies") else { return Ok(()) };
        let array = dependencies.as_array().ok_or_else(|| wrong("`dependencies` is not an array"))?;
        for value in array {
            let text = value
                .as_str()
                .ok_or_else(|| wrong(&format!("the dependency {} is not a string", value.to_string().trim())))?;
            if Requirement::parse(text).is_none() {
                return Err(wrong(&format!("the dependency {text:?} does not begin with a name")));
            }
        }
        Ok(())
    }

    /// The lines that uv and pip are given: requirements, and options of requirements.txt.
    pub fn lines(&self) -> Vec<String> {
        match &self.form {
            Form::Pyproject(document) => {
                let array = dependencies(document).into_iter().flatten();
                array.filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Form::Lines(lines) => {
                lines.iter().map(|line| without_comment(line).to_owned()).filter(|line| !line.is_empty()).collect()
            }
        }
    }

    /// The requirements.
    pub fn requirements(&self) -> Vec<Requirement> {
        self.lines().iter().filter_map(|line| Requirement::parse(line)).collect()
    }

    /// The settings of uv, `[tool.uv]`, as a document.
    pub fn uv_settings(&self) -> Option<String> {
        let Form::Pyproject(document) = &self.form else { return None };
        let settings = document.get("tool")?.get("uv")?.as_table_like()?;
        let mut own = DocumentMut::new();
        for (key, item) in settings.iter() {
            own.insert(key, item.clone());
        }
        Some(own.to_string())
    }

    /// Adds a requirement, in the place of one for the same project. `python` is the app's version, for a new file.
    pub fn add(&mut self, requirement: &Requirement, python: &str) {
        match &mut self.form {
            Form::Lines(lines) => {
                let same = |line: &&mut String| {
                    Requirement::parse(without_comment(line)).is_some_and(|r| r.name == requirement.name)
                };
                match lines.iter_mut().find(same) {
                    Some(line) => *line = requirement.text.clone(),
                    None => lines.push(requirement.text.clone()),
                }
            }
            Form::Pyproject(document) => {
                if let Some(array) = dependencies_mut(document, &self.edit.path, python) {
                    put(array, requirement);
                }
            }
        }
        self.update();
    }

    /// Removes the requirement for the project `name`.
    ///
    /// # Errors
    /// Fails where there is none.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        let name = canonical(name);
        let requirements = self.requirements();
        if !requirements.iter().any(|requirement| requirement.name == name) {
            let near = nearest(&name, requirements.iter().map(|requirement| requirement.name.as_str()));
            let remedy = match near {
                Some(near) => format!("did you mean {near}?"),
                None => "`pywagi tree` shows what the app asks for, and what that needs".to_owned(),
            };
            return Err(Error::new(format!("{} does not ask for {name}", shown(&self.edit.path))).remedy(remedy));
        }
        let is_it = |text: &str| Requirement::parse(text).is_some_and(|requirement| requirement.name == name);
        match &mut self.form {
            Form::Lines(lines) => lines.retain(|line| !is_it(without_comment(line))),
            Form::Pyproject(document) => {
                let array = document.get_mut("project").and_then(|project| project.get_mut("dependencies"));
                if let Some(array) = array.and_then(Item::as_array_mut) {
                    array.retain(|value| !value.as_str().is_some_and(is_it));
                }
            }
        }
        self.update();
        Ok(())
    }

    fn update(&mut self) {
        let text = match &self.form {
            Form::Pyproject(document) => document.to_string(),
            Form::Lines(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
        };
        self.edit.set(&text);
    }
}

/// A line of requirements.txt without its comment, which begins at the line's start or after a space.
fn without_comment(line: &str) -> &str {
    let end = if line.starts_with('#') { Some(0) } else { line.find(" #") };
    end.and_then(|end| line.get(..end)).unwrap_or(line).trim()
}

fn dependencies(document: &DocumentMut) -> Option<&Array> {
    document.get("project")?.get("dependencies")?.as_array()
}

/// The name of the project in `directory`: that of the directory, as far as it can be one.
pub fn project_name(directory: &Path) -> String {
    let app = directory.file_name().map(|name| canonical(&name.to_string_lossy()));
    let name: String = app.unwrap_or_default().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Some(name.trim_matches('-').to_owned()).filter(|name| !name.is_empty()).unwrap_or("app".to_owned())
}

/// The array of dependencies, made where there is none. [`Asked::check`] has seen that what is there is of the right type.
fn dependencies_mut<'d>(document: &'d mut DocumentMut, path: &Path, python: &str) -> Option<&'d mut Array> {
    if document.get("project").is_none() {
        let mut project = Table::new();
        project.insert("name", toml_edit::value(project_name(path.parent().unwrap_or(path))));
        project.insert("version", toml_edit::value("0.1.0"));
        project.insert("requires-python", toml_edit::value(format!(">={python}")));
        document.insert("project", Item::Table(project));
    }
    let project = document.get_mut("project")?.as_table_like_mut()?;
    project.entry("dependencies").or_insert(toml_edit::value(Array::new())).as_array_mut()
}

/// Puts a requirement in the place of the one for the same project, else at the end, in the layout of the others.
fn put(array: &mut Array, requirement: &Requirement) {
    let same = |value: &&mut Value| {
        value.as_str().and_then(Requirement::parse).is_some_and(|other| other.name == requirement.name)
    };
    if let Some(value) = array.iter_mut().find(same) {
        let decor = value.decor().clone();
        *value = Value::from(requirement.text.as_str());
        *value.decor_mut() = decor;
        return;
    }
    let prefix = array.iter().last().and_then(|value| value.decor().prefix()).and_then(|prefix| prefix.as_str());
    let lines = array.is_empty() || prefix.is_some_and(|prefix| prefix.contains('\n'));
    // Of several lines above the last value, comments are about that value.
    let indent =
        prefix.and_then(|prefix| prefix.rsplit('\n').next()).filter(|_| lines && !array.is_empty()).unwrap_or("    ");
    // A comment behind the last value stands between it and the bracket.
    let comment = array.trailing().as_str().map(str::trim_end).filter(|text| text.contains('#')).unwrap_or_default();
    let prefix = if lines { format!("{comment}\n{indent}") } else { " ".to_owned() };
    let is_commented = !comment.is_empty();
    let mut value = Value::from(requirement.text.as_str());
    value.decor_mut().set_prefix(prefix);
    array.push_formatted(value);
    if lines {
        array.set_trailing_comma(true);
        if is_commented || !array.trailing().as_str().is_some_and(|trailing| trailing.contains('\n')) {
            array.set_trailing("\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &str, text: &str) -> (tempfile::TempDir, Result<Asked>) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(name), text).unwrap();
        let asked = Asked::read(dir.path());
        (dir, asked)
    }

    fn after(name: &str, text: &str, add: &[&str], remove: &[&str]) -> String {
        let mut asked = asked(name, text).1.unwrap();
        for text in add {
            asked.add(&Requirement::parse(text).unwrap(), "3.12");
        }
        for name in remove {
            asked.remove(name).unwrap();
        }
        asked.edit.after
    }

    #[test]
    fn a_new_file_is_a_project_of_the_directorys_name() {
        let dir = tempfile::tempdir().unwrap();
        let app = dir.path().join("My_Shop");
        std::fs::create_dir(&app).unwrap();
        let mut asked = Asked::read(&app).unwrap();
        assert_eq!(asked.lines(), [""; 0]);
        asked.add(&Requirement::parse("flask").unwrap(), "3.12");
        asked.add(&Requirement::parse("jinja2>=3").unwrap(), "3.12");
        let expected = "[project]\nname = \"my-shop\"\nversion = \"0.1.0\"\nrequires-python = \">=3.12\"\ndependencies = [\n    \
                        \"flask\",\n    \"jinja2>=3\",\n]\n";
        assert_eq!(asked.edit.after, expected);
        assert_eq!(asked.lines(), ["flask", "jinja2>=3"]);
    }

    #[test]
    fn comments_and_layout_stay() {
        let before = "# Mine.\n[project] # here\nname = 'x'\ndependencies = [\n  # For pages.\n  \"Flask >= 3\", # web\n]\n\n[tool.x]\na=1\n";
        let added = before.replace("# web\n", "# web\n  \"markdown\",\n");
        assert_eq!(after(PYPROJECT, before, &["markdown"], &[]), added);
        assert_eq!(after(PYPROJECT, before, &["flask<4"], &[]), before.replace("Flask >= 3", "flask<4"));
        let one_line = "[project]\nname = 'x'\ndependencies = ['a', \"b\"]\n";
        assert_eq!(after(PYPROJECT, one_line, &["c"], &[]), one_line.replace("\"b\"", "\"b\", \"c\""));
        assert_eq!(after(PYPROJECT, one_line, &[], &["B"]), "[project]\nname = 'x'\ndependencies = ['a']\n");
        let tool = "[tool.x]\na = 1\n";
        assert!(after(PYPROJECT, tool, &["c"], &[]).starts_with("[tool.x]\na = 1\n\n[project]\nname = "));
    }

    #[test]
    fn requirements_are_lines() {
        let before = "# Mine.\n--index-url http://localhost/simple\nFlask>=3 # web\nb\n";
        assert_eq!(
            asked(REQUIREMENTS, before).1.unwrap().lines(),
            ["--index-url http://localhost/simple", "Flask>=3", "b"]
        );
        assert_eq!(
            after(REQUIREMENTS, before, &["c"], &["flask"]),
            "# Mine.\n--index-url http://localhost/simple\nb\nc\n"
        );
    }

    #[test]
    fn what_cannot_be_edited_is_an_error() {
        for (file, text, message) in [
            (
                PYPROJECT,
                "[project]\ndynamic = ['dependencies']\n",
                ": the dependencies are `dynamic`: another tool makes them",
            ),
            (PYPROJECT, "[project]\ndependencies = 'flask'\n", ": `dependencies` is not an array"),
            (PYPROJECT, "[project]\ndependencies = [1]\n", ": the dependency 1 is not a string"),
            (PYPROJECT, "[project]\ndependencies = ['./a']\n", ": the dependency \"./a\" does not begin with a name"),
            (PYPROJECT, "project = 1\n", ": `project` is not a table"),
            (REQUIREMENTS, "a\n-r other.txt\n", ":2: `-r other.txt` is not a requirement"),
        ] {
            let (dir, asked) = asked(file, text);
            assert_eq!(asked.unwrap_err().to_string(), format!("{}{message}", dir.path().join(file).display()));
        }
        let mut asked = asked(PYPROJECT, "[project]\ndependencies = ['flask']\n").1.unwrap();
        let error = asked.remove("flaks").unwrap_err();
        assert!(error.to_string().ends_with("pyproject.toml does not ask for flaks"), "{error}");
        assert_eq!(error.remedy_text(), Some("did you mean flask?"));
    }
}
