//! The template of a module's arguments. It is split at white space and has two placeholders; what a shell would make of
//! the rest is warned of.

use toml::Spanned;
use toml::de::DeValue;

use super::Check;

/// The names in `${…}` that are replaced.
const PLACEHOLDERS: [&str; 2] = ["SCRIPT_NAME", "ARGS"];

impl Check<'_> {
    /// Checks the template `text`, which `value` is.
    pub(super) fn argv(&mut self, value: &Spanned<DeValue<'_>>, text: String) -> Option<String> {
        if text.trim().is_empty() {
            let remedy = "begin it with the program's name, for example: argv = \"python /code/env.py ${ARGS}\"";
            self.mistake(value.span(), "`argv` is empty, so the program would have no argv[0]", remedy);
            return None;
        }
        let references = references(&text).into_iter().filter_map(|reference| unreplaced(&reference));
        for message in references.chain(quoting(&text)) {
            self.warn(&value.span(), message);
        }
        Some(text)
    }
}

/// What a shell would replace in `text`: `${NAME}`, `$NAME`, `$@`, `$*`, `$(COMMAND)`.
fn references(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split('$').skip(1) {
        let word = |end: fn(char) -> bool| rest.find(end).map_or(rest, |at| rest.get(..at).unwrap_or_default());
        let reference = match rest.chars().next() {
            Some('{') => rest.split_once('}').map(|(name, _)| format!("${name}}}")),
            Some('(') => rest.split_once(')').map(|(command, _)| format!("${command})")),
            Some(c @ ('@' | '*')) => Some(format!("${c}")),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                Some(format!("${}", word(|c| !c.is_ascii_alphanumeric() && c != '_')))
            }
            _ => None,
        };
        found.extend(reference);
    }
    found
}

/// The warning for a reference that stays as it is; `None` for one that is replaced.
fn unreplaced(reference: &str) -> Option<String> {
    let name = reference.trim_matches(['$', '{', '}', '(', ')']).to_ascii_uppercase();
    let meant = if ["@", "*"].contains(&name.as_str()) { "ARGS" } else { &name };
    let meant = PLACEHOLDERS.iter().find(|placeholder| **placeholder == meant).map(|name| format!("${{{name}}}"));
    match meant {
        Some(meant) if meant == reference => None,
        Some(meant) => Some(format!("`{reference}` stays as it is: write `{meant}`")),
        None => Some(format!("`{reference}` stays as it is: only `${{SCRIPT_NAME}}` and `${{ARGS}}` are replaced")),
    }
}

/// Whether `text` is written as if quotes or backslashes could keep white space in an argument.
pub(super) fn is_quoted(text: &str) -> bool {
    let quotes = ['"', '\''];
    text.split_whitespace()
        .any(|word| word.starts_with(quotes) || word.contains("=\"") || word.contains("='") || word.ends_with('\\'))
}

/// The warning for quotes and backslashes, which the program is given as they are.
fn quoting(text: &str) -> Option<String> {
    if !is_quoted(text) {
        return None;
    }
    let why = "quotes and backslashes in `argv` stay as they are: it is split at white space alone";
    let words = shell_words::split(text).ok().filter(|words| {
        // The shell's words have to be the ones that white space makes.
        words.iter().all(|word| !word.is_empty() && !word.contains(char::is_whitespace) && !is_quoted(word))
    });
    Some(match words {
        Some(words) => format!("{why}; write argv = {}", toml::Value::String(words.join(" "))),
        None => format!("{why}, so no argument can contain any; give such a text in a file or by `environment`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(argv: &str) -> Vec<String> {
        references(argv).iter().filter_map(|reference| unreplaced(reference)).chain(quoting(argv)).collect()
    }

    #[test]
    fn what_is_replaced_and_plain_words_are_not_warned_of() {
        for argv in
            ["python /code/a.py ${SCRIPT_NAME} ${ARGS}", "python it's 5$ a$ $", "a --b=c\"d", "python a\\b.py ${", "$5"]
        {
            assert_eq!(warnings(argv), [""; 0], "{argv}");
        }
    }

    #[test]
    fn a_reference_of_a_shell_leads_to_the_placeholder() {
        for (argv, reference, placeholder) in [
            ("python a.py $ARGS", "$ARGS", "${ARGS}"),
            ("python a.py $args,", "$args", "${ARGS}"),
            ("python a.py ${args}", "${args}", "${ARGS}"),
            ("python a.py $(ARGS)", "$(ARGS)", "${ARGS}"),
            ("python a.py $@", "$@", "${ARGS}"),
            ("python $SCRIPT_NAME ${ARGS}", "$SCRIPT_NAME", "${SCRIPT_NAME}"),
        ] {
            assert_eq!(warnings(argv), [format!("`{reference}` stays as it is: write `{placeholder}`")], "{argv}");
        }
        for reference in ["$HOME", "${PATH_INFO}", "$(ls -l)", "$ARGS_2"] {
            let message = "stays as it is: only `${SCRIPT_NAME}` and `${ARGS}` are replaced";
            assert_eq!(warnings(&format!("python a.py {reference} b")), [format!("`{reference}` {message}")]);
        }
    }

    #[test]
    fn quotes_and_backslashes_are_told_what_to_write_instead() {
        let why = "quotes and backslashes in `argv` stay as they are: it is split at white space alone";
        for (argv, instead) in [
            ("python \"/code/a.py\" ${ARGS}", "\"python /code/a.py ${ARGS}\""),
            ("python '/code/a.py'", "\"python /code/a.py\""),
            ("python /code/a.py --name=\"x\"", "\"python /code/a.py --name=x\""),
        ] {
            assert_eq!(warnings(argv), [format!("{why}; write argv = {instead}")], "{argv}");
        }
        for argv in ["python '/code/my app.py'", "python /code/my\\ app.py", "python -c \"print(1)", "python a.py ''"] {
            let instead = "so no argument can contain any; give such a text in a file or by `environment`";
            assert_eq!(warnings(argv), [format!("{why}, {instead}")], "{argv}");
        }
    }
}
