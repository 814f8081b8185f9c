//! What a component asks of its host beside requests, and the components around the adapter for each.

use wagi_contract::component;

use super::Wanted;

/// What a component asks of its host beside requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asks {
    /// What of the system.
    pub system: System,
    /// How it connects to others.
    pub network: Network,
}

/// What a component asks of its host's system: each also what is before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// Nothing, which all hosts give.
    Nothing,
    /// Variables.
    Variables,
    /// Directories.
    Directories,
}

/// How a component connects to others: each also as what is before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Network {
    /// Not at all.
    #[default]
    None,
    /// By requests of HTTP and HTTPS, which the host sends.
    Http,
    /// By TCP.
    Sockets,
}

macro_rules! shell {
    ($system:ident, $network:ident, $name:literal) => {
        (
            Asks { system: System::$system, network: Network::$network },
            $name,
            include_bytes!(concat!("../../assets/adapter/", $name, ".wasm")),
        )
    };
}
/// The components around the adapter.
pub const SHELLS: [(Asks, &str, &[u8]); 9] = [
    shell!(Nothing, None, "shell"),
    shell!(Variables, None, "shell-command"),
    shell!(Directories, None, "shell-directories"),
    shell!(Nothing, Http, "shell-http"),
    shell!(Variables, Http, "shell-command-http"),
    shell!(Directories, Http, "shell-directories-http"),
    shell!(Nothing, Sockets, "shell-sockets"),
    shell!(Variables, Sockets, "shell-command-sockets"),
    shell!(Directories, Sockets, "shell-directories-sockets"),
];

impl Asks {
    /// What a component of these routes asks for.
    pub fn of<'a>(wanted: &Wanted, allowed: impl Iterator<Item = component::AllowedHost<'a>>) -> Self {
        let system = if !wanted.writable.is_empty() {
            System::Directories
        } else if !wanted.host_variables.is_empty() {
            System::Variables
        } else {
            System::Nothing
        };
        let network = allowed.map(|entry| if entry.is_http() { Network::Http } else { Network::Sockets });
        Self { system, network: network.max().unwrap_or_default() }
    }

    /// The component around the adapter.
    pub fn shell(self) -> &'static [u8] {
        SHELLS.iter().find(|(asks, ..)| *asks == self).map_or(&[], |(.., shell)| shell)
    }

    /// Whether a component that asks for this imports a function.
    pub fn has(self, module: &str, name: &str) -> bool {
        let interface = module.split('@').next().unwrap_or_default();
        let system = match interface {
            "wasi:cli/environment" => System::Variables,
            _ if interface.starts_with("wasi:filesystem/") => System::Directories,
            _ => System::Nothing,
        };
        let is_of_request = name.contains("outgoing-request") || name.contains("incoming-response");
        let network = match (interface, name) {
            ("wasi:http/outgoing-handler", _) => Network::Http,
            ("wasi:http/types", _) if is_of_request => Network::Http,
            // Hosts have these anyway, and components without a network do not.
            ("wasi:io/poll", "poll" | "[method]pollable.ready") => Network::Http,
            ("wasi:io/streams", "[method]input-stream.read" | "[method]input-stream.subscribe") => Network::Http,
            _ if interface.starts_with("wasi:sockets/") => Network::Sockets,
            _ => Network::None,
        };
        self.system >= system && self.network >= network
    }
}
