//! Spin: `spin.toml`, manifest version 2, with a component of `pywagi build`, or for Spin's WAGI executor.

pub mod kubernetes;
pub mod lock;
pub mod wagi;

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use super::name::Name;
use crate::network::AllowedHost;

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
    /// Where it may connect to, as Spin writes it.
    pub allowed_outbound_hosts: Vec<String>,
}

impl SpinApp {
    /// The app as one component of `pywagi build`, which finds the route itself and may connect to these hosts.
    pub fn of_component<'a>(name: Name, source: &str, hosts: impl IntoIterator<Item = &'a AllowedHost>) -> Self {
        let id = name.name.clone();
        let component = Component {
            id: id.clone(),
            source: source.to_owned(),
            files: Vec::new(),
            environment: Vec::new(),
            allowed_outbound_hosts: outbound(hosts),
        };
        Self {
            name,
            triggers: vec![Trigger { route: "/...".to_owned(), component: id, argv: None }],
            components: vec![component],
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
            if !component.allowed_outbound_hosts.is_empty() {
                table["allowed_outbound_hosts"] = value(component.allowed_outbound_hosts.iter().collect::<Array>());
            }
            components[&component.id] = Item::Table(table);
        }
        document["component"] = Item::Table(components);
        format!("{HEADER}{document}")
    }
}

/// Entries of `allowed_hosts` as `allowed_outbound_hosts` has them, each once. But for requests of HTTP, Spin knows the scheme of
/// a component's connection by the name `tcp` alone.
pub fn outbound<'a>(hosts: impl IntoIterator<Item = &'a AllowedHost>) -> Vec<String> {
    let mut outbound: Vec<String> = Vec::new();
    for host in hosts {
        let scheme = host.scheme().filter(|scheme| matches!(*scheme, "http" | "https")).unwrap_or("*");
        let port = match (scheme, host.port()) {
            ("http", Some(80)) | ("https", Some(443)) if !host.hosts().starts_with('[') => String::new(),
            (_, Some(port)) => format!(":{port}"),
            (_, None) => ":*".to_owned(),
        };
        let entry = format!("{scheme}://{}{port}", host.hosts());
        if !outbound.contains(&entry) {
            outbound.push(entry);
        }
    }
    outbound
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_the_form_that_spin_reads() {
        for (written, expected) in [
            ("https://Example.com", "https://example.com"),
            ("https://example.com:443/", "https://example.com"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("http://*.example.org", "http://*.example.org"),
            ("wss://example.com", "*://example.com:443"),
            ("postgres://db", "*://db:5432"),
            ("postgresql://db", "*://db:5432"),
            ("pop3s://mail", "*://mail:995"),
            ("db:5432", "*://db:5432"),
            ("*:*", "*://*:*"),
            ("http://127.1", "http://127.0.0.1"),
            ("http://[::1]", "http://[::1]:80"),
        ] {
            let host = AllowedHost::parse(written).expect("a host");
            assert_eq!(outbound([&host, &host]), [expected], "{written}");
        }
    }
}
