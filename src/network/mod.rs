//! Which hosts a guest may connect to: `allowed_hosts` of modules.toml. Nothing here opens a connection.
//!
//! - `entry`: what an entry of the list permits, and how it is written
//! - `host`: a host in one form, however it is spelt
//! - `reach`: which addresses are public, and which only their own entry permits
//!
//! A connection is checked twice: [`AllowedHosts::check_name`] before the name is resolved, and
//! [`AllowedHosts::check_address`] for each address that it leads to.

mod entry;
mod host;
mod reach;
mod refused;

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use entry::{AllowedHost, HostMistake};
pub use host::Host;
pub use refused::Refused;

use reach::Reach;

/// The hosts and ports that a guest may connect to. Without any, it has no network.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(from = "Vec<AllowedHost>", into = "Vec<AllowedHost>")]
pub struct AllowedHosts(Arc<[AllowedHost]>);

impl From<Vec<AllowedHost>> for AllowedHosts {
    fn from(entries: Vec<AllowedHost>) -> Self {
        Self(entries.into())
    }
}

impl From<AllowedHosts> for Vec<AllowedHost> {
    fn from(hosts: AllowedHosts) -> Self {
        hosts.0.to_vec()
    }
}

impl FromIterator<AllowedHost> for AllowedHosts {
    fn from_iter<I: IntoIterator<Item = AllowedHost>>(entries: I) -> Self {
        Self(entries.into_iter().collect())
    }
}

impl AllowedHosts {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, in the order they were given.
    pub fn iter(&self) -> impl Iterator<Item = &AllowedHost> {
        self.0.iter()
    }

    /// Whether a guest may ask for the addresses of `host`: an entry permits it, on whatever port.
    pub fn takes(&self, host: &Host) -> bool {
        self.0.iter().any(|entry| entry.takes(host))
    }

    /// Checks whether a guest may ask for `host` and `port` at all, before a name is resolved.
    ///
    /// # Errors
    /// Says why not, and which entry would permit it.
    pub fn check_name(&self, host: &Host, port: u16) -> Result<(), Refused> {
        match host {
            Host::Address(address) => self.check_address(host, *address, port),
            Host::Name(_) if self.matching(host, port).next().is_some() => Ok(()),
            Host::Name(_) => Err(Refused::not_allowed(host, port)),
        }
    }

    /// Checks whether `host`, for which a guest asked, may lead to `address`.
    ///
    /// # Errors
    /// Says why not, and which entry would permit it.
    pub fn check_address(&self, host: &Host, address: IpAddr, port: u16) -> Result<(), Refused> {
        let address = address.to_canonical();
        let mut matching = self.matching(host, port).peekable();
        if matching.peek().is_none() {
            return Err(Refused::not_allowed(host, port));
        }
        // The entry of an address permits it whatever it is, under each name that may be asked for.
        if self.0.iter().any(|entry| entry.is_for(&Host::Address(address)) && entry.takes_port(port)) {
            return Ok(());
        }
        match Reach::of(address) {
            Reach::Public => Ok(()),
            Reach::Private => match matching.find(|entry| entry.is_exact()) {
                Some(_) => Ok(()),
                None => Err(Refused::not_public(host, address, port)),
            },
            Reach::Reserved(what) => Err(Refused::reserved(host, address, port, what)),
        }
    }

    /// The entries that permit `host` and `port`.
    fn matching(&self, host: &Host, port: u16) -> impl Iterator<Item = &AllowedHost> {
        self.0.iter().filter(move |entry| entry.takes_port(port) && entry.takes(host))
    }
}

#[cfg(test)]
mod tests;
