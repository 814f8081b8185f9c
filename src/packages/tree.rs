//! Which package needs which, from the lock.

use std::collections::BTreeSet;

use super::lock::{Lock, Package};

/// The packages that the app asks for, each with what it needs below it. What was shown before is not shown again but marked.
pub fn render(lock: &Lock, asked: &[String]) -> String {
    let mut tree = Tree { lock, shown: BTreeSet::new(), text: String::new() };
    for name in asked {
        if let Some(package) = tree.find(name) {
            tree.add(package, "", "");
        }
    }
    tree.text
}

/// The names of the packages that need the package `name`.
pub fn parents<'l>(lock: &'l Lock, name: &str) -> Vec<&'l str> {
    let needs = |package: &&Package| package.dependencies.iter().any(|dependency| dependency.name == name);
    lock.packages.iter().filter(needs).map(|package| package.name.as_str()).collect()
}

struct Tree<'l> {
    lock: &'l Lock,
    shown: BTreeSet<&'l str>,
    text: String,
}

impl<'l> Tree<'l> {
    fn find(&self, name: &str) -> Option<&'l Package> {
        self.lock.packages.iter().find(|package| package.name == name)
    }

    /// Adds the line of `package`, which follows `branch`, and the lines below it, which begin with `indent`.
    fn add(&mut self, package: &'l Package, branch: &str, indent: &str) {
        let is_new = self.shown.insert(&package.name);
        let again = if is_new || package.dependencies.is_empty() { "" } else { " (*)" };
        let version = package.version.as_deref().unwrap_or_default();
        self.text += &format!("{branch}{} {version}{again}\n", package.name);
        if !is_new {
            return;
        }
        let below: Vec<_> = package.dependencies.iter().filter_map(|dependency| self.find(&dependency.name)).collect();
        for (number, package) in (1..).zip(&below) {
            let (branch, further) =
                if number == below.len() { ("└── ", "    ") } else { ("├── ", "│   ") };
            self.add(package, &format!("{indent}{branch}"), &format!("{indent}{further}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_stand_below_what_needs_them() {
        let text = "lock-version = '1.0'\ncreated-by = 'x'\n\
                    [[packages]]\nname = 'a'\nversion = '1'\ndependencies = [{ name = 'b' }, { name = 'c' }]\n\
                    [[packages]]\nname = 'b'\nversion = '2'\ndependencies = [{ name = 'c' }, { name = 'a' }]\n\
                    [[packages]]\nname = 'c'\nversion = '3'\n";
        let lock = Lock::parse(text).unwrap();
        // Packages may need each other.
        let expected = "a 1\n├── b 2\n│   ├── c 3\n│   └── a 1 (*)\n└── c 3\nc 3\n";
        assert_eq!(render(&lock, &["a".into(), "c".into(), "gone".into()]), expected);
        assert_eq!(parents(&lock, "c"), ["a", "b"]);
    }
}
