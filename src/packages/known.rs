//! What pywagi knows about packages with native code: `assets/packages.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};

use super::requirement::canonical;

/// The table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Packages that work without their extension modules, with variables for building them so.
    pub pure: BTreeMap<String, BTreeMap<String, String>>,
    /// Native packages, and which others do without them and why.
    pub unneeded: BTreeMap<String, BTreeMap<String, String>>,
    /// The packages of modules that have another name than these, by the module's name in small letters.
    pub imports: BTreeMap<String, String>,
    /// What to use in place of a native package.
    pub instead: BTreeMap<String, String>,
    /// Packages of the scientific interpreter that are native, or need one that is.
    pub scientific: Vec<String>,
    /// Packages that are much used.
    pub common: Vec<String>,
}

impl Known {
    /// Reads the table.
    ///
    /// # Errors
    /// Fails where the table of this build is damaged, which is a defect.
    pub fn load() -> Result<Self> {
        toml::from_str(include_str!("../../assets/packages.toml"))
            .map_err(|e| Error::internal(format!("the table of packages cannot be read: {e}")))
    }

    /// Why the package `name` is left out where all that need it are `parents`; `None` where one of them does not do without.
    pub fn unneeded_by<'p>(&self, name: &str, parents: impl IntoIterator<Item = &'p str>) -> Option<String> {
        let others = self.unneeded.get(name)?;
        let why: Option<Vec<_>> = parents.into_iter().map(|parent| others.get(parent).map(String::as_str)).collect();
        why.filter(|why| !why.is_empty()).map(|why| why.join(", and "))
    }

    /// The package that the module `name` is in, if that is known.
    pub fn of_module(&self, name: &str) -> Option<String> {
        if let Some(package) = self.imports.get(&name.to_lowercase()) {
            return Some(package.clone());
        }
        let name = canonical(name);
        let is_known = self.common.contains(&name) || self.pure.contains_key(&name) || self.instead.contains_key(&name);
        is_known.then_some(name)
    }

    /// The package of the scientific interpreter, of this name or with a module of this name, that no other interpreter can run.
    pub fn needs_native_code(&self, name: &str) -> Option<String> {
        let name = canonical(name);
        self.scientific.contains(&name).then_some(name)
    }

    /// The name that `name` is likely a misspelling of, of those in the table and of others that are much used.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        let known = self.pure.keys().chain(self.instead.keys()).map(String::as_str);
        crate::similar::nearest(name, known.chain(self.common.iter().map(String::as_str)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_normalized_and_in_one_list() {
        let known = Known::load().unwrap();
        let lists =
            [known.pure.keys().collect(), known.instead.keys().collect(), known.common.iter().collect::<Vec<_>>()];
        let names: Vec<_> = lists.concat();
        assert!(known.imports.values().all(|name| canonical(name) == *name));
        for (module, package) in
            [("PIL", "pillow"), ("yaml", "pyyaml"), ("flask_login", "flask-login"), ("flask", "flask")]
        {
            assert_eq!(known.of_module(module).as_deref(), Some(package));
        }
        assert_eq!(known.of_module("shop"), None);
        for name in &names {
            assert_eq!(canonical(name), **name);
            assert_eq!(names.iter().filter(|other| other == &name).count(), 1, "{name}");
        }
        let catalog = crate::toolchain::catalog::Catalog::load().unwrap();
        for name in &known.scientific {
            assert!(catalog.with_packages(&[name.as_str()]).is_some() && !known.pure.contains_key(name), "{name}");
        }
        let unneeded = known.unneeded.iter().flat_map(|(name, others)| others.keys().chain([name]));
        unneeded.for_each(|name| assert_eq!(canonical(name), *name));
    }

    #[test]
    fn a_native_package_is_left_out_where_all_that_need_it_do_without() {
        let known = Known::load().unwrap();
        let why = |parents: &[&str]| known.unneeded_by("pillow", parents.iter().copied());
        assert_eq!(why(&["fpdf2"]).as_deref(), Some("fpdf2 needs it for pictures alone"));
        assert_eq!(why(&["fpdf2", "qrcode"]), None);
        assert_eq!(why(&[]), None);
        assert_eq!(known.unneeded_by("numpy", ["fpdf2"]), None);
    }

    #[test]
    fn a_misspelt_name_leads_to_the_package() {
        let known = Known::load().unwrap();
        assert_eq!(known.nearest("flaks"), Some("flask"));
        assert_eq!(known.nearest("beautifulsoup"), Some("beautifulsoup4"));
        assert_eq!(known.nearest("djangorestframwork"), Some("djangorestframework"));
        assert_eq!(known.nearest("no-such-package"), None);
    }
}
