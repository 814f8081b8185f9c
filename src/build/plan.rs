//! Which routes a component has, and why it cannot have others.

use wagi_contract::component;

use super::files::Trees;
use super::{HostDirectory, Wanted};
use crate::error::{Error, Result};
use crate::guest::{self, Input, Program, python};
use crate::limits::LimitOverrides;
use crate::manifest::Manifest;
use crate::pipeline::{App, RouteToBuild};
use crate::text_file::shown;

/// What `argv` takes from the request: its path, and the words of its query.
const PATH: &str = "${SCRIPT_NAME}";
const WORDS: &str = "${ARGS}";

/// How many scripts are compiled of a directory from which the path of the request takes one.
const MOST_SCRIPTS: usize = 200;

/// The routes of a component.
pub struct Plan<'a> {
    /// What answers them all.
    pub program: &'a Program,
    /// What runs of each script are given. All can start from one saved interpreter.
    pub inputs: Vec<Input>,
    /// The paths of the volumes in the guest.
    pub volumes: Vec<String>,
    /// The routes.
    pub routes: Vec<Planned<'a>>,
    /// The directories that the host gives.
    pub directories: Vec<HostDirectory>,
}

impl Plan<'_> {
    /// The trees of files of its routes, each with a path of it in the guest.
    pub fn volumes(&self) -> impl Iterator<Item = (u32, &str)> {
        let of_route = |route: &'_ Planned<'_>| route.trees.iter().map(|tree| tree.number).collect::<Vec<_>>();
        let numbers = self.routes.iter().flat_map(move |route| of_route(route).into_iter().zip(&self.volumes));
        numbers.filter_map(|(number, volume)| Some((number?, volume.as_str())))
    }
}

/// A route of a component.
pub struct Planned<'a> {
    route: RouteToBuild<'a>,
    argv: &'a str,
    kind: &'static [u8],
    start: usize,
    environment: Vec<(&'a str, &'a str)>,
    trees: Vec<component::Tree>,
}

impl<'a> Planned<'a> {
    /// The route as the component has it.
    pub fn module(&self) -> component::Module<'_> {
        component::Module {
            route: self.route.pattern.as_str(),
            argv: self.argv,
            kind: self.kind,
            start: self.start as u32,
            environment: self.environment.clone(),
            trees: self.trees.clone(),
            pass_authorization: self.route.module.pass_authorization,
            allowed_hosts: self.allowed_hosts().collect(),
        }
    }

    /// What it may connect to.
    pub fn allowed_hosts(&self) -> impl Iterator<Item = component::AllowedHost<'a>> {
        let entries = self.route.module.allowed_hosts.iter();
        entries.map(|entry| component::AllowedHost { scheme: entry.scheme(), permission: entry.permission().clone() })
    }

    /// The route as modules.toml has it.
    pub fn route(&self) -> &RouteToBuild<'a> {
        &self.route
    }
}

/// Plans a component of the routes of `app`, or of those that are wanted. The files of their volumes are added to `trees`.
///
/// # Errors
/// Fails with all the reasons why a component cannot have them.
pub fn plan<'a>(app: &'a App, wanted: &Wanted, trees: &mut Trees) -> Result<Plan<'a>> {
    let only = &wanted.routes;
    let manifest = app.manifest();
    let mut routes: Vec<_> = app.routes_to_build().collect();
    if let Some(unknown) = only.iter().find(|name| !routes.iter().any(|route| route.pattern.as_str() == *name)) {
        return Err(Error::new(format!("there is no route {unknown}")).remedy("`pywagi routes` lists the routes"));
    }
    routes.retain(|route| only.is_empty() || only.iter().any(|name| route.pattern.as_str() == name));
    let (mut planned, mut errors) = (Vec::new(), Vec::new());
    for route in routes {
        match Answering::of(&route, manifest) {
            Ok(answering) => planned.push((route, answering)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(Error::all(errors));
    }
    let Some((_, first)) = planned.first() else { return Err(Error::new("the app has no routes")) };
    let program = first.program;
    for (route, other) in &planned {
        let is_same = other.program.path() == program.path()
            && (other.input.arguments == first.input.arguments
                || guest::start_from_same_image(program, &first.input, &other.input));
        if !is_same {
            errors.push(another_interpreter(manifest, &planned, route));
            break;
        }
    }
    if !errors.is_empty() {
        return Err(Error::all(errors));
    }
    let volumes: Vec<_> = first.input.volumes.iter().map(|volume| volume.guest.clone()).collect();
    let directories = wanted.writable.iter().map(|name| directory(name, manifest, &planned));
    let directories = directories.collect::<Result<Vec<_>>>()?;
    directories.iter().for_each(|directory| trees.leave_to_host(&directory.host));
    let (mut inputs, mut done) = (Vec::new(), Vec::new());
    for (route, answering) in planned {
        let Answering { argv, kind, start, environment, input, .. } = answering;
        let tree = |volume: &guest::Volume| {
            let of_host = directories.iter().any(|directory| directory.guest == volume.guest);
            let number = if of_host { None } else { Some(trees.number(&volume.host)?) };
            Ok(component::Tree { number, read_only: volume.read_only })
        };
        let trees_of_route = input.volumes.iter().map(tree).collect::<Result<Vec<_>>>()?;
        inputs.extend(scripts(argv, start, &input, &trees_of_route, trees));
        done.push(Planned { route, argv, kind, start, environment, trees: trees_of_route });
    }
    Ok(Plan { program, inputs, volumes, routes: done, directories })
}

/// How a route is answered.
struct Answering<'a> {
    program: &'a Program,
    argv: &'a str,
    kind: &'static [u8],
    start: usize,
    environment: Vec<(&'a str, &'a str)>,
    input: Input,
}

impl<'a> Answering<'a> {
    fn of(route: &RouteToBuild<'a>, manifest: &Manifest) -> Result<Self> {
        let refused = |why: &str| refused(manifest, route, why);
        let (program, variables, input) = match &route.runs {
            Ok((program, variables, input)) => (*program, *variables, input.clone()),
            Err(error) => return Err(error.copy()),
        };
        if route.entrypoint != "_start" {
            let why = format!("its function is `{}`, and a component calls Python alone", route.entrypoint);
            return Err(refused(&why).remedy("take the route out, or name others with --route"));
        }
        let Some(argv) = route.module.argv.as_deref().filter(|_| route.module.is_python()) else {
            let remedy = "take the route out, or name others with --route";
            return Err(refused("no Python script answers it").remedy(remedy));
        };
        // The words of the template are those of the arguments as long as none of them is the query's.
        let words: Vec<_> = argv.split_whitespace().map(str::to_owned).collect();
        let line = python::parse(&words).map_err(|why| refused(&why))?;
        let fixed = words.iter().take(line.start + 1);
        if fixed.clone().any(|word| word.contains(WORDS))
            || fixed.clone().take(line.start).any(|word| word.contains(PATH))
        {
            let why = "its `argv` takes from the request what Python runs, or its options";
            return Err(refused(why).remedy("name the script in `argv`, before ${ARGS}"));
        }
        let (kind, start) = guest::asked(program, &input).map_err(|why| {
            refused(&format!("it cannot start from a saved interpreter: {why}"))
                .remedy("see `pywagi image list` for what can; a component starts no interpreter")
        })?;
        let environment = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Ok(Self { program, argv, kind, start, environment, input })
    }
}

fn refused(manifest: &Manifest, route: &RouteToBuild<'_>, why: &str) -> Error {
    let place = format!("{}:{}", shown(&manifest.path), route.module.line);
    Error::new(format!("{place}: a component cannot have the route {}: {why}", route.pattern))
}

/// The error of a route that starts from another interpreter than the first.
fn another_interpreter(
    manifest: &Manifest,
    planned: &[(RouteToBuild<'_>, Answering<'_>)],
    route: &RouteToBuild<'_>,
) -> Error {
    let first = planned.first().map(|(first, _)| first.pattern.to_string()).unwrap_or_default();
    let why = format!(
        "its requests start from another interpreter than those of {first}: other options, variables of Python, volumes, \
         modules to preload or warm-up"
    );
    refused(manifest, route, &why).remedy(
        "make these alike, or build a component for each with --route and -o, and let the host choose by the path",
    )
}

/// The directory that the host gives as the volume `name`.
fn directory(name: &str, manifest: &Manifest, planned: &[(RouteToBuild<'_>, Answering<'_>)]) -> Result<HostDirectory> {
    let path = |text: &str| text.trim_end_matches('/').to_owned();
    let wrong = |why: String| Error::new(format!("--writable {name}: {why}"));
    let mut known: Option<(&guest::Volume, &RouteToBuild<'_>)> = None;
    let mut is_written = false;
    for (route, Answering { input, start, .. }) in planned {
        let Some(volume) = input.volumes.iter().find(|volume| path(&volume.guest) == path(name)) else {
            let names: Vec<_> = input.volumes.iter().map(|volume| volume.guest.as_str()).collect();
            let remedy = match names.is_empty() {
                true => format!("add one to {}: volumes = {{ \"/data\" = \"data\" }}", shown(&manifest.path)),
                false => format!("the volumes are {}", names.join(", ")),
            };
            return Err(wrong("there is no such volume".to_owned()).remedy(remedy));
        };
        if let Some((other, first)) = known.filter(|(other, _)| other.host != volume.host) {
            let (one, two) = (shown(&other.host), shown(&volume.host));
            let (first, route) = (first.pattern, route.pattern);
            return Err(wrong(format!(
                "it is {one} for {first} and {two} for {route}, and a host gives one directory"
            ))
            .remedy("make these alike, or build a component for each with --route and -o"));
        }
        let script = input.arguments.get(*start).map_or("", String::as_str);
        if script.strip_prefix(path(&volume.guest).as_str()).is_some_and(|rest| rest.starts_with('/')) {
            return Err(wrong(format!("the script of {} is in it, which has to be in the component", route.pattern))
                .remedy("let scripts write to a volume of its own"));
        }
        is_written |= !volume.read_only;
        known.get_or_insert((volume, route));
    }
    match known.filter(|_| is_written) {
        Some((volume, _)) => Ok(HostDirectory { guest: volume.guest.clone(), host: volume.host.clone() }),
        None => {
            let remedy = format!("take `read-only = true` out of {}", shown(&manifest.path));
            Err(wrong("the volume is read-only for all routes".to_owned()).remedy(remedy))
        }
    }
}

/// The inputs of the scripts of a route: of the one that it names, or of those that a path can name.
fn scripts(argv: &str, start: usize, input: &Input, of_route: &[component::Tree], trees: &Trees) -> Vec<Input> {
    let script = argv.split_whitespace().nth(start).unwrap_or_default();
    let Some((directory, _)) = script.split_once(PATH) else { return vec![input.clone()] };
    let mut found = vec![input.clone()];
    for (volume, tree) in input.volumes.iter().zip(of_route) {
        let below = directory.strip_prefix(volume.guest.as_str()).map(|rest| rest.trim_start_matches('/'));
        let (Some(below), Some(number)) = (below, tree.number) else { continue };
        let names = trees.paths(number).filter(|path| path.ends_with(".py") && path.starts_with(below));
        for path in names.take(MOST_SCRIPTS) {
            let mut input = input.clone();
            if let Some(word) = input.arguments.get_mut(start) {
                *word = format!("{}/{path}", volume.guest.trim_end_matches('/'));
            }
            found.push(input);
        }
    }
    found
}

/// What differs from `pywagi dev` in a component of these routes.
pub fn notes(plan: &Plan<'_>) -> Vec<String> {
    let routes = |is: &dyn Fn(&Planned<'_>) -> bool| {
        let names = plan.routes.iter().filter(|planned| is(planned)).map(|planned| planned.route.pattern.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let mut notes = Vec::new();
    for (number, volume) in plan.volumes.iter().enumerate() {
        let writable = |tree: &component::Tree| !tree.read_only && tree.number.is_some();
        let writable = routes(&|planned| planned.trees.get(number).is_some_and(writable));
        if !writable.is_empty() {
            notes.push(format!("what scripts of {writable} write to {volume} is gone after the request"));
        }
    }
    let limited = routes(&|planned| planned.route.module.limits != LimitOverrides::default());
    if !limited.is_empty() {
        notes.push(format!("the limits of {limited} are not in it: hosts have their own"));
    }
    notes
}
