//! Names that resemble a misspelt one.

/// The one of `names` that `word` is likely a misspelling or an abbreviation of.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let names: Vec<&str> = names.into_iter().collect();
    let most = if word.chars().count() <= 3 { 1 } else { 2 };
    let distances = names.iter().map(|name| (strsim::osa_distance(word, name), *name));
    let near = distances.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name);
    let mut longer = names.iter().copied().filter(|name| word.len() >= 3 && name.starts_with(word));
    let unique = longer.next().filter(|_| longer.next().is_none());
    near.or(unique)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelling_and_an_abbreviation_lead_to_the_name() {
        let names = ["environment", "entrypoint", "max-memory", "max-log"];
        for (word, expected) in [
            ("env", Some("environment")),
            ("enviroment", Some("environment")),
            ("entry_point", Some("entrypoint")),
            ("max_log", Some("max-log")),
            ("max", None),
            ("en", None),
            ("host", None),
        ] {
            assert_eq!(nearest(word, names), expected, "{word}");
        }
    }
}
