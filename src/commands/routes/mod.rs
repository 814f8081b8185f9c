//! `pywagi routes`: what answers which path.

mod json;
mod text;

use serde_json::Value;

use crate::cli::Routes;
use crate::error::Result;
use crate::pipeline::{App, Route};
use crate::terminal::{self, Terminal};

use super::app::{self, Runs};

/// A route, and what keeps requests from it.
pub struct Listed<'a> {
    /// The route.
    pub route: Route<'a>,
    /// The route above it that takes all of its requests.
    pub hidden_by: Option<Route<'a>>,
}

/// Runs `pywagi routes`.
///
/// # Errors
/// Fails where the app cannot be loaded.
pub fn run(arguments: &Routes, terminal: &Terminal) -> Result<()> {
    let app = app::load(&(&arguments.app).into(), Runs::default(), terminal)?;
    for listed in listed(&app) {
        let text =
            if arguments.json { format!("{}\n", json::route(&app, &listed)?) } else { text::route(&app, &listed) };
        terminal::print(text)?;
    }
    Ok(())
}

/// The routes of `app` as objects, in the order in which they are tried.
///
/// # Errors
/// None that is known.
pub fn records(app: &App) -> Result<Vec<Value>> {
    listed(app).iter().map(|listed| json::route(app, listed)).collect()
}

fn listed(app: &App) -> Vec<Listed<'_>> {
    let routes: Vec<_> = app.routes().collect();
    let hidden_by = |at: usize, route: &Route<'_>| {
        routes.iter().take(at).find(|above| above.pattern.covers(route.pattern)).copied()
    };
    let each = routes.iter().enumerate();
    each.map(|(at, route)| Listed { route: *route, hidden_by: hidden_by(at, route) }).collect()
}
