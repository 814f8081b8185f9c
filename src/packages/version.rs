//! Versions of packages and what a requirement allows (PEP 440), as far as packages that are built into an interpreter need it.
//! Everything else is for uv or pip to judge.

/// Whether a requirement, such as `numpy[all]>=2,<3; python_version > "3.10"`, allows `version`. `None` where that is not to be
/// told from its text.
pub fn allows(requirement: &str, version: &str) -> Option<bool> {
    let requirement = requirement.split(';').next()?.trim();
    let start = requirement.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')));
    let mut rest = start.and_then(|start| requirement.get(start..)).unwrap_or_default().trim();
    if let Some(extras) = rest.strip_prefix('[') {
        rest = extras.split_once(']')?.1.trim();
    }
    let rest = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
    if rest.starts_with('@') {
        return None;
    }
    let version = Version::parse(version)?;
    let mut all = true;
    for specifier in rest.split(',').map(str::trim).filter(|specifier| !specifier.is_empty()) {
        all &= version.is_in(specifier)?;
    }
    Some(all)
}

/// A version without its local part. The order of the fields is that of comparison; `i64::MAX` and `i64::MIN` stand for what is
/// missing, by PEP 440 before or after what is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    epoch: u64,
    /// Without zeros at its end.
    release: Vec<u64>,
    /// The letter of a pre-release, `a`, `b` or `r`, and its number.
    pre: (i64, i64),
    post: i64,
    dev: i64,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_prefix('v').unwrap_or(&text).split('+').next()?;
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, rest)) => (epoch.parse().ok()?, rest),
            None => (0, text),
        };
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (release, mut rest) = text.split_at_checked(end)?;
        let release = release.trim_end_matches('.').split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
        let mut part = |names: &[&str]| -> Option<Option<i64>> {
            let trimmed = rest.trim_start_matches(['.', '-', '_']);
            let Some(after) = names.iter().find_map(|name| trimmed.strip_prefix(name)) else { return Some(None) };
            let after = after.trim_start_matches(['.', '-', '_']);
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let (number, after) = after.split_at_checked(end)?;
            rest = after;
            Some(Some(if number.is_empty() { 0 } else { number.parse().ok()? }))
        };
        let mut pre = None;
        for (letter, names) in [(0, &["alpha", "a"][..]), (1, &["beta", "b"]), (2, &["rc", "pre", "preview", "c"])] {
            pre = pre.or(part(names)?.map(|number| (letter, number)));
        }
        let (post, dev) = (part(&["post", "rev", "r"])?, part(&["dev"])?);
        if !rest.is_empty() {
            return None;
        }
        let without_pre = if post.is_none() && dev.is_some() { i64::MIN } else { i64::MAX };
        Some(Self {
            epoch,
            release: trimmed(&release),
            pre: pre.unwrap_or((without_pre, 0)),
            post: post.unwrap_or(i64::MIN),
            dev: dev.unwrap_or(i64::MAX),
        })
    }

    /// Whether it is in what a specifier, such as `>=2`, allows; `None` where that is none.
    fn is_in(&self, specifier: &str) -> Option<bool> {
        let end = specifier.find(|c: char| !matches!(c, '<' | '>' | '=' | '!' | '~')).unwrap_or(specifier.len());
        let (operator, text) = specifier.split_at_checked(end)?;
        let text = text.trim();
        if let Some(prefix) = text.strip_suffix(".*") {
            let prefix = prefix.split('.').map(str::parse).collect::<Result<Vec<u64>, _>>().ok()?;
            return match operator {
                "==" => Some(self.starts_with(&prefix)),
                "!=" => Some(!self.starts_with(&prefix)),
                _ => None,
            };
        }
        let other = Self::parse(text)?;
        let is_of_release = self.epoch == other.epoch && self.release == other.release;
        Some(match operator {
            "==" | "===" => *self == other,
            "!=" => *self != other,
            ">=" => *self >= other,
            "<=" => *self <= other,
            // A later upload of the same release is not greater than it, nor is an earlier one smaller.
            ">" => *self > other && !(is_of_release && self.post != i64::MIN && other.post == i64::MIN),
            "<" => *self < other && !(is_of_release && self.pre.0 < 3 && other.pre.0 > 2),
            "~=" => {
                let release = text.split('.').map_while(|part| part.parse().ok()).collect::<Vec<u64>>();
                let (_, series) = release.split_last().filter(|(_, series)| !series.is_empty())?;
                *self >= other && self.starts_with(series)
            }
            _ => return None,
        })
    }

    fn starts_with(&self, release: &[u64]) -> bool {
        let own = self.release.iter().copied().chain(std::iter::repeat(0));
        self.epoch == 0 && own.zip(release).all(|(own, other)| own == *other)
    }
}

fn trimmed(release: &[u64]) -> Vec<u64> {
    let end = release.iter().rposition(|part| *part != 0).map_or(1, |last| last + 1);
    release.iter().take(end).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_allow_versions_or_not() {
        for (requirement, version, expected) in [
            ("numpy", "2.5.2", Some(true)),
            ("numpy>=2", "2.5.2", Some(true)),
            ("numpy <2", "2.5.2", Some(false)),
            ("numpy[all] (>=1.21, <3)", "2.5.2", Some(true)),
            ("numpy>=2,!=2.5.2", "2.5.2", Some(false)),
            ("numpy==2.5.*", "2.5.2", Some(true)),
            ("numpy!=2.*; python_version > '3.10'", "2.5.2", Some(false)),
            ("numpy~=2.4", "2.5.2", Some(true)),
            ("numpy~=2.4.1", "2.5.2", Some(false)),
            ("numpy==2.5.2.0", "2.5.2", Some(true)),
            ("python-dateutil>2.9.0", "2.9.0.post0", Some(false)),
            ("python-dateutil>=2.9.0", "2.9.0.post0", Some(true)),
            ("a<2", "2.0rc1", Some(false)),
            ("a<2", "1.9", Some(true)),
            ("a>=2.0b1", "2.0rc1", Some(true)),
            ("a>=2", "2.0rc1", Some(false)),
            ("a>1.0.dev1", "1.0a1", Some(true)),
            ("a<=2026.5", "2026.5", Some(true)),
            ("a>=1!0", "5", Some(false)),
            ("a @ https://example.com/a.whl", "1", None),
            ("a>=x", "1", None),
            ("a~=1", "1", None),
            ("a=1", "1", None),
        ] {
            assert_eq!(allows(requirement, version), expected, "{requirement} {version}");
        }
    }
}
