//! The routes of an app, as a component is built of them.

use crate::cgi::Variables;
use crate::error::Error;
use crate::guest::{Input, Program};
use crate::manifest::Module;
use crate::route::Pattern;

use super::App;

/// A route, and what its requests start from.
pub struct RouteToBuild<'a> {
    /// The route.
    pub pattern: &'a Pattern,
    /// Its module.
    pub module: &'a Module,
    /// The function that is called.
    pub entrypoint: &'a str,
    /// The program, the variables of each request, and what a plain request for the route gives a guest.
    pub runs: Result<(&'a Program, &'a Variables, Input), &'a Error>,
}

impl App {
    /// The routes in the order they are tried.
    pub fn routes_to_build(&self) -> impl Iterator<Item = RouteToBuild<'_>> {
        self.table().iter().map(|(pattern, endpoint)| {
            let runs = endpoint.module.runnable.as_ref().map(|runnable| {
                (&runnable.program, &runnable.variables, self.plain_input(pattern, endpoint, runnable))
            });
            RouteToBuild { pattern, module: &endpoint.module.declared, entrypoint: &endpoint.entrypoint, runs }
        })
    }
}
