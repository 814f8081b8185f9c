//! Links that open a line in the user's editor.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What a path keeps in a URL.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':');

/// The editors that have a scheme of their own, each with its URL.
const KNOWN: [(&str, &str); 10] = [
    ("vscode", "vscode://file{file}:{line}:{column}"),
    ("cursor", "cursor://file{file}:{line}:{column}"),
    ("zed", "zed://file{file}:{line}:{column}"),
    ("idea", "idea://open?file={file}&line={line}&column={column}"),
    ("pycharm", "pycharm://open?file={file}&line={line}&column={column}"),
    ("sublime", "subl://open?url=file://{file}&line={line}&column={column}"),
    ("textmate", "txmt://open?url=file://{file}&line={line}&column={column}"),
    ("emacs", "emacs://open?url=file://{file}&line={line}&column={column}"),
    ("macvim", "mvim://open?url=file://{file}&line={line}&column={column}"),
    ("nova", "nova://open?path={file}&line={line}&column={column}"),
];

/// The editor that lines are opened in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editor(String);

impl Editor {
    /// The editor of this name, or with this URL, in which `{file}`, `{line}` and `{column}` stand for a place.
    ///
    /// # Errors
    /// Says what can be given.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some((_, url)) = KNOWN.iter().find(|(name, _)| *name == text) {
            return Ok(Self((*url).to_owned()));
        }
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        // A page would run it.
        let is_harmless = scheme.is_some_and(|scheme| !matches!(scheme.as_str(), "javascript" | "data" | "vbscript"));
        if is_harmless && text.contains("{file}") {
            return Ok(Self(text.to_owned()));
        }
        let names: Vec<_> = KNOWN.iter().map(|(name, _)| *name).collect();
        Err(format!("give one of {}, or a URL with {{file}} and {{line}} in it", names.join(", ")))
    }

    /// The URL that opens a place.
    pub fn url(&self, file: &Path, line: u32, column: u32) -> String {
        let path = file.to_string_lossy().replace('\\', "/");
        let path = if path.starts_with('/') { path } else { format!("/{path}") };
        let path = utf8_percent_encode(&path, PATH).to_string();
        let Self(template) = self;
        template.replace("{line}", &line.to_string()).replace("{column}", &column.to_string()).replace("{file}", &path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_url_of_the_editor() {
        let url = |editor: &str| Editor::parse(editor).map(|editor| editor.url(Path::new("/a b/c&d.py"), 7, 3));
        assert_eq!(url("vscode").as_deref(), Ok("vscode://file/a%20b/c%26d.py:7:3"));
        assert_eq!(url("idea").as_deref(), Ok("idea://open?file=/a%20b/c%26d.py&line=7&column=3"));
        assert_eq!(url("my://x?{file}#{line}").as_deref(), Ok("my://x?/a%20b/c%26d.py#7"));
        let names = "give one of vscode, cursor, zed, idea, pycharm, sublime, textmate, emacs, macvim, nova, or a URL with \
                     {file} and {line} in it";
        for wrong in ["", "ed", "javascript://{file}", "my://x", "{file}"] {
            assert_eq!(url(wrong), Err(names.to_owned()), "{wrong}");
        }
    }
}
