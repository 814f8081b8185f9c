//! Which hosts a guest may connect to. Nothing here opens a connection.
//!
//! A connection is checked twice: [`check_name`] before the name is resolved, and [`check_address`] for each address that it
//! leads to.

mod host;
mod reach;
mod refused;

use alloc::string::String;
use core::net::IpAddr;
use core::ops::Range;

use serde::{Deserialize, Serialize};

pub use host::{Host, shown};
pub use refused::Refused;

use reach::Reach;

/// Where the guest sees the directory by which it asks for the network. What it asks for is in pywagi's `src/guest/network`.
pub const DIRECTORY: &str = "/.pywagi";

/// What paths below [`DIRECTORY`] begin with that ask for something.
pub const PREFIX: &str = "net/";

/// The descriptors of what is open there. `select` takes none above, in any CPython.
pub const DESCRIPTORS: Range<i32> = 896..1024;

/// How many sockets of a run are open at a time.
pub const MOST_SOCKETS: usize = 64;

/// How many connections a run may ask for.
pub const MOST_CONNECTIONS: usize = 1000;

/// How many bytes a run may send, and how many it may receive.
pub const MOST_BYTES: u64 = 1 << 30;

/// The most bytes that are written to an exchange, and that a session of TLS holds.
pub const MOST_TEXT: usize = 4 << 20;

/// The most that all of them hold together.
pub const MOST_HELD: usize = 16 << 20;

/// What an entry of `allowed_hosts` permits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Permission {
    /// The hosts.
    pub hosts: Hosts,
    /// The port, or any.
    pub port: Option<u16>,
}

/// The hosts that an entry permits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub enum Hosts {
    /// `*`: all.
    All,
    /// `*.example.org`: the names below this one.
    Below(String),
    /// This one.
    One(Host),
}

impl Permission {
    /// Whether it is for this one host.
    pub fn is_for(&self, host: &Host) -> bool {
        matches!(&self.hosts, Hosts::One(one) if one == host)
    }

    /// Whether it permits `host`, on some port.
    pub fn takes(&self, host: &Host) -> bool {
        match (&self.hosts, host) {
            (Hosts::All, _) => true,
            (Hosts::One(one), _) => one == host,
            (Hosts::Below(base), Host::Name(name)) => {
                name.strip_suffix(base.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
            (Hosts::Below(_), Host::Address(_)) => false,
        }
    }

    /// Whether it permits `port`, on some host.
    pub fn takes_port(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }
}

/// Checks whether a guest may ask for `host` and `port` at all, before a name is resolved.
///
/// # Errors
/// Says why not, and which entry would permit it.
pub fn check_name<'a>(
    permissions: impl Iterator<Item = &'a Permission> + Clone,
    host: &Host,
    port: u16,
) -> Result<(), Refused> {
    match host {
        Host::Address(address) => check_address(permissions, host, *address, port),
        Host::Name(_) if matching(permissions, host, port).next().is_some() => Ok(()),
        Host::Name(_) => Err(Refused::not_allowed(host, port)),
    }
}

/// Checks whether `host`, for which a guest asked, may lead to `address`.
///
/// # Errors
/// Says why not, and which entry would permit it.
pub fn check_address<'a>(
    mut permissions: impl Iterator<Item = &'a Permission> + Clone,
    host: &Host,
    address: IpAddr,
    port: u16,
) -> Result<(), Refused> {
    let address = address.to_canonical();
    let mut matching = matching(permissions.clone(), host, port).peekable();
    if matching.peek().is_none() {
        return Err(Refused::not_allowed(host, port));
    }
    // The entry of an address permits it whatever it is, under each name that may be asked for.
    let own = Host::Address(address);
    if permissions.any(|permission| permission.is_for(&own) && permission.takes_port(port)) {
        return Ok(());
    }
    match Reach::of(address) {
        Reach::Public => Ok(()),
        Reach::Private if matching.any(|permission| matches!(permission.hosts, Hosts::One(_))) => Ok(()),
        Reach::Private => Err(Refused::not_public(host, address, port)),
        Reach::Reserved(what) => Err(Refused::reserved(host, address, port, what)),
    }
}

/// Those that permit `host` and `port`.
fn matching<'a>(
    permissions: impl Iterator<Item = &'a Permission> + Clone,
    host: &Host,
    port: u16,
) -> impl Iterator<Item = &'a Permission> {
    permissions.filter(move |permission| permission.takes_port(port) && permission.takes(host))
}
