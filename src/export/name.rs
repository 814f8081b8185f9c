//! What an app is called on other hosts.

use std::path::Path;

use serde::Deserialize;

use crate::packages::asked::PYPROJECT;

/// The longest name, in bytes: that of a host (RFC 1123 2.1), as Kubernetes takes it.
const LONGEST: usize = 63;

/// The name and the version of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// In kebab case.
    pub name: String,
    /// As `0.1.0`.
    pub version: String,
}

#[derive(Default, Deserialize)]
struct Pyproject {
    #[serde(default)]
    project: Project,
}

#[derive(Default, Deserialize)]
struct Project {
    name: Option<String>,
    version: Option<String>,
}

impl Name {
    /// The name of the app in `directory`: that of its pyproject.toml, else that of the directory.
    pub fn of(directory: &Path) -> Self {
        let text = std::fs::read_to_string(directory.join(PYPROJECT)).unwrap_or_default();
        // What is wrong with the file concerns those who read its dependencies.
        let Pyproject { project } = toml::from_str(&text).unwrap_or_default();
        let of_directory = || directory.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = project.name.or_else(of_directory).unwrap_or_default();
        let is_version = |version: &String| version.split('.').count() == 3 && version.split('.').all(is_number);
        Self { name: kebab(&name), version: project.version.filter(is_version).unwrap_or_else(|| "0.1.0".to_owned()) }
    }
}

fn is_number(text: &str) -> bool {
    text.parse::<u32>().is_ok_and(|number| number.to_string() == text)
}

/// A text in kebab case: words of ASCII letters and digits that begin with a letter, with `-` between them. Spin's identifiers
/// and Kubernetes' names are such.
pub fn kebab(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<_> = words
        .map(|word| if word.starts_with(|c: char| c.is_ascii_digit()) { format!("n{word}") } else { word.to_owned() })
        .collect();
    let mut name = if words.is_empty() { "app".to_owned() } else { words.join("-") };
    name.truncate(LONGEST);
    name.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_in_kebab_case() {
        for (text, name) in
            [("shop", "shop"), ("My Shop_2", "my-shop-n2"), ("/a/..b", "a-b"), ("3d", "n3d"), ("é", "app"), ("", "app")]
        {
            assert_eq!(kebab(text), name, "{text}");
        }
        assert_eq!(kebab(&"ab-".repeat(30)), "ab-".repeat(20) + "ab");
    }

    #[test]
    fn pyproject_has_the_name_before_the_directory() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let app = directory.path().join("Hello World");
        std::fs::create_dir(&app).expect("made");
        let name = || {
            let Name { name, version } = Name::of(&app);
            format!("{name} {version}")
        };
        assert_eq!(name(), "hello-world 0.1.0");
        for (text, expected) in [
            ("[project]\nname = 'Shop'\nversion = '1.2.3'\n", "shop 1.2.3"),
            ("[project]\nname = 'Shop'\nversion = '1.2rc1'\n", "shop 0.1.0"),
            ("[project]\nname = 'Shop'\nversion = '1.02.3'\n", "shop 0.1.0"),
            ("not TOML", "hello-world 0.1.0"),
        ] {
            std::fs::write(app.join(PYPROJECT), text).expect("written");
            assert_eq!(name(), expected, "{text}");
        }
    }
}
