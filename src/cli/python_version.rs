//! The version of an interpreter on the command line.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

/// Those that can be installed by version. The catalog has them as data, which clap cannot take.
const SERIES: [&str; 6] = ["3.14", "3.13", "3.12", "3.11", "science", "science-full"];

/// Takes any text, since the error for one that is not available says more than clap's, and lets shells complete the versions
/// that are.
#[derive(Clone)]
pub struct PythonVersion;

impl TypedValueParser for PythonVersion {
    type Value = String;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(SERIES.iter().map(PossibleValue::new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::catalog::Catalog;

    #[test]
    fn the_versions_are_those_of_the_catalog() {
        let catalog = Catalog::load().unwrap();
        assert_eq!(catalog.iter().map(|interpreter| interpreter.called()).collect::<Vec<_>>(), SERIES);
    }
}
