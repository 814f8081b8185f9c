//! The saved interpreters that the routes of an app start from.

use crate::error::{Error, Kind, Result};
use crate::guest::{self, ImageDetails, Imports, Input, LeftOut, Program, Proof};

use super::App;

/// The interpreter that a route's requests start from.
pub struct RouteInterpreter {
    /// The routes, as modules.toml has them.
    pub routes: Vec<String>,
    program: Program,
    input: Input,
}

impl App {
    /// The interpreters that the routes start from, or the one that `route` does. Routes that start from the same one are
    /// together; those whose module cannot run are left out.
    ///
    /// # Errors
    /// Fails where there is no such route, or its module cannot run.
    pub fn interpreters(&self, route: Option<&str>) -> Result<Vec<RouteInterpreter>> {
        let mut found: Vec<RouteInterpreter> = Vec::new();
        for (pattern, endpoint) in self.table().iter() {
            let name = pattern.to_string();
            match &endpoint.module.runnable {
                Err(error) if route == Some(&name) => return Err(error.copy()),
                Err(_) => {}
                Ok(runnable) => {
                    let input = self.plain_input(pattern, endpoint, runnable);
                    let program = runnable.program.clone();
                    let same = |known: &&mut RouteInterpreter| {
                        known.program.path() == program.path()
                            && guest::start_from_same_image(&program, &known.input, &input)
                    };
                    match found.iter_mut().find(same) {
                        Some(known) => known.routes.push(name),
                        None => found.push(RouteInterpreter { routes: vec![name], program, input }),
                    }
                }
            }
        }
        found.retain(|interpreter| route.is_none_or(|route| interpreter.routes.iter().any(|name| name == route)));
        match route {
            Some(route) if found.is_empty() => Err(Error::of(Kind::Usage, format!("there is no route {route}"))
                .remedy(format!("the routes are: {}", self.route_names()))),
            _ => Ok(found),
        }
    }

    /// Has the next interpreter that is saved for a route load what its scripts may import. Nothing happens where it cannot
    /// start from a saved one.
    pub fn teach(&self, route: &str, imports: Imports) {
        let known = self.table().iter().find(|(pattern, _)| pattern.as_str() == route);
        if let Some((pattern, endpoint)) = known
            && let Ok(runnable) = &endpoint.module.runnable
        {
            // Why it cannot is told where it matters.
            let _ = guest::teach(&runnable.program, &self.plain_input(pattern, endpoint, runnable), imports);
        }
    }

    fn route_names(&self) -> String {
        self.routes().map(|route| route.pattern.to_string()).collect::<Vec<_>>().join(", ")
    }
}

impl RouteInterpreter {
    /// What its image has, if there is one.
    ///
    /// # Errors
    /// Says why there cannot be one.
    pub fn details(&self) -> std::result::Result<Option<ImageDetails>, String> {
        guest::image_details(&self.program, &self.input)
    }

    /// Saves it, with all that can be had without a request. The calling thread must be a [`guest::GuestThread`]. Gives back the
    /// modules that are not in it although modules.toml asks for them.
    ///
    /// # Errors
    /// Says why no interpreter can be saved.
    pub fn save_anew(&self) -> std::result::Result<Vec<LeftOut>, String> {
        guest::save_anew(&self.program, &self.input)
    }

    /// Proves it with the modules `others` loaded as well; with `full`, see [`Proof::of_variables`], too. The calling thread must be a [`guest::GuestThread`].
    ///
    /// # Errors
    /// Says why no interpreter can be saved.
    pub fn prove(&self, others: &[String], full: bool) -> std::result::Result<Proof, String> {
        guest::prove(&self.program, &self.input, others, full)
    }
}
