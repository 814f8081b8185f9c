//! Spin: `spin.toml`, manifest version 2, with a component of `pywagi build`, or for Spin's WAGI executor.

pub mod kubernetes;
pub mod lock;
pub mod wagi;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::name::Name;

/// The file of the manifest.
pub const FILE_NAME: &str = "spin.toml";

const HEADER: &str = "# Made by `pywagi export spin` from modules.toml; changes belong there.\n";

/// What is asked of, and known about, an app for Spin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpinApp {
    /// Its name and version.
    pub name: Name,
    /// What Spin calls, by route.
    pub triggers: Vec<Trigger>,
    /// What is called.
    pub components: Vec<Component>,
}

/// `[[trigger.http]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The route, as modules.toml writes them.
    pub route: String,
    /// The component.
    pub component: String,
    /// The template of the arguments, for Spin's WAGI executor.
    pub argv: Option<String>,
}

/// `[component.ID]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its identifier, in kebab case.
    pub id: String,
    /// Its WebAssembly file, relative to the manifest, with `/`.
    pub source: String,
    /// The directories that it sees: each one relative to the manifest, and where it is in the guest.
    pub files: Vec<(String, String)>,
    /// Its variables.
    pub environment: Vec<(String, String)>,
}

impl SpinApp {
    /// The app as one component of `pywagi build`, which finds the route itself.
    pub fn of_component(name: Name, source: &str) -> Self {
        let id = name.name.clone();
        Self {
            name,
            triggers: vec![Trigger { route: "/...".to_owned(), component: id.clone(), argv: None }],
            components: vec![Component { id, source: source.to_owned(), files: Vec::new(), environment: Vec::new() }],
        }
    }

    /// The text of spin.toml.
    pub fn manifest(&self) -> String {
        let mut document = DocumentMut::new();
        document["spin_manifest_version"] = value(2);
        let mut application = Table::new();
        application["name"] = value(&self.name.name);
        application["version"] = value(&self.name.version);
        document["application"] = Item::Table(application);
        let mut triggers = ArrayOfTables::new();
        for trigger in &self.triggers {
            let mut table = Table::new();
            table["route"] = value(&trigger.route);
            table["component"] = value(&trigger.component);
            if let Some(argv) = &trigger.argv {
                table["executor"] = value(pairs([("type", "wagi"), ("argv", argv)]));
            }
            triggers.push(table);
        }
        document["trigger"] = Item::Table(only("http", Item::ArrayOfTables(triggers)));
        let mut components = Table::new();
        components.set_implicit(true);
        for component in &self.components {
            let mut table = Table::new();
            table["source"] = value(&component.source);
            if !component.files.is_empty() {
                let files = component.files.iter();
                let files = files
                    .map(|(from, to)| Value::from(pairs([("source", from.as_str()), ("destination", to.as_str())])));
                table["files"] = value(files.collect::<Array>());
            }
            if !component.environment.is_empty() {
                let variables = component.environment.iter();
                table["environment"] = value(pairs(variables.map(|(name, value)| (name.as_str(), value.as_str()))));
            }
            components[&component.id] = Item::Table(table);
        }
        document["component"] = Item::Table(components);
        format!("{HEADER}{document}")
    }
}

fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> InlineTable {
    pairs.into_iter().collect()
}

/// A table that has one entry and no header of its own.
fn only(key: &str, item: Item) -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table[key] = item;
    table
}
