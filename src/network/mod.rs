//! Which hosts a guest may connect to: `allowed_hosts` of modules.toml. Nothing here opens a connection.
//!
//! - `entry`: what an entry of the list permits, and how it is written
//! - `host`: the names of hosts in all scripts
//!
//! What entries permit is decided by the contract's [`network`](wagi_contract::network), as in a built component.
//!
//! A connection is checked twice: [`AllowedHosts::check_name`] before the name is resolved, and
//! [`AllowedHosts::check_address`] for each address that it leads to.

mod entry;
mod host;

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use wagi_contract::network::{self as contract, Permission};

pub use entry::{AllowedHost, HostMistake};
pub use host::parse_host;
pub use wagi_contract::network::{Host, Refused};

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
        self.permissions().any(|permission| permission.takes(host))
    }

    /// Checks whether a guest may ask for `host` and `port` at all, before a name is resolved.
    ///
    /// # Errors
    /// Says why not, and which entry would permit it.
    pub fn check_name(&self, host: &Host, port: u16) -> Result<(), Refused> {
        contract::check_name(self.permissions(), host, port)
    }

    /// Checks whether `host`, for which a guest asked, may lead to `address`.
    ///
    /// # Errors
    /// Says why not, and which entry would permit it.
    pub fn check_address(&self, host: &Host, address: IpAddr, port: u16) -> Result<(), Refused> {
        contract::check_address(self.permissions(), host, address, port)
    }

    fn permissions(&self) -> impl Iterator<Item = &Permission> + Clone {
        self.0.iter().map(AllowedHost::permission)
    }
}

#[cfg(test)]
mod tests;
