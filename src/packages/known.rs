//! What pywagi knows about packages with native code: `assets/packages.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::error::{Error, Result};

/// The table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Known {
    /// Packages that work without their extension modules, with variables for building them so.
    pub pure: BTreeMap<String, BTreeMap<String, String>>,
    /// Native packages that others do without, and why.
    pub unneeded: BTreeMap<String, String>,
    /// What to use in place of a native package.
    pub instead: BTreeMap<String, String>,
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

    /// The name that `name` is likely a misspelling of, of those in the table and of others that are much used.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        const COMMON: &[&str] = &[
            "attrs",
            "babel",
            "beautifulsoup4",
            "bottle",
            "click",
            "django",
            "djangorestframework",
            "faker",
            "fastapi",
            "flask",
            "flask-login",
            "flask-sqlalchemy",
            "flask-wtf",
            "httpx",
            "itsdangerous",
            "jinja2",
            "jsonschema",
            "lark",
            "mako",
            "markdown",
            "marshmallow",
            "openpyxl",
            "passlib",
            "peewee",
            "pydantic",
            "pygments",
            "pyjwt",
            "pyparsing",
            "python-dateutil",
            "pytz",
            "requests",
            "rich",
            "sqlalchemy",
            "starlette",
            "sympy",
            "tzdata",
            "urllib3",
            "werkzeug",
            "wtforms",
        ];
        let known = self.pure.keys().chain(self.instead.keys()).map(String::as_str);
        crate::similar::nearest(name, known.chain(COMMON.iter().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::requirement::canonical;

    #[test]
    fn every_name_is_normalized_and_in_one_list() {
        let known = Known::load().unwrap();
        let names: Vec<_> = known.pure.keys().chain(known.unneeded.keys()).chain(known.instead.keys()).collect();
        for name in &names {
            assert_eq!(canonical(name), **name);
            assert_eq!(names.iter().filter(|other| other == &name).count(), 1, "{name}");
        }
    }

    #[test]
    fn a_misspelt_name_leads_to_the_package() {
        let known = Known::load().unwrap();
        assert_eq!(known.nearest("flaks"), Some("flask"));
        assert_eq!(known.nearest("no-such-package"), None);
    }
}
