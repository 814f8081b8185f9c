//! Why a guest may not connect.

use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::IpAddr;

use super::Host;

/// A connection that is not permitted. Shown as one line, with the entry that would permit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    host: Host,
    port: u16,
    reason: Reason,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Reason {
    /// No entry has it.
    NotAllowed,
    /// The name leads to an address that is not public, and an entry with `*` permits it.
    NotPublic(IpAddr),
    /// It leads to an address that only its own entry permits.
    Reserved(IpAddr, &'static str),
}

impl Refused {
    pub(super) fn not_allowed(host: &Host, port: u16) -> Self {
        Self { host: host.clone(), port, reason: Reason::NotAllowed }
    }

    pub(super) fn not_public(host: &Host, address: IpAddr, port: u16) -> Self {
        Self { host: host.clone(), port, reason: Reason::NotPublic(address) }
    }

    pub(super) fn reserved(host: &Host, address: IpAddr, port: u16, what: &'static str) -> Self {
        Self { host: host.clone(), port, reason: Reason::Reserved(address, what) }
    }

    /// The entry of `allowed_hosts` that would permit it.
    pub fn entry(&self) -> String {
        let host = match self.reason {
            Reason::NotAllowed | Reason::NotPublic(_) => self.host.clone(),
            Reason::Reserved(address, _) => Host::Address(address),
        };
        format!("{host}:{}", self.port)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, reason } = self;
        let leads_to = |address: IpAddr| match host {
            Host::Name(name) => format!("{name} leads to {address}, which is"),
            Host::Address(_) => format!("{address} is"),
        };
        match reason {
            Reason::NotAllowed => write!(f, "{host}:{port} is not among the allowed hosts")?,
            Reason::NotPublic(address) => {
                write!(f, "{} not a public address, and an entry with `*` permits no other", leads_to(*address))?;
            }
            Reason::Reserved(address, what) => {
                write!(f, "{} {what}, and only its own entry permits it", leads_to(*address))?;
            }
        }
        write!(f, ": add \"{}\" to allowed_hosts of this route in modules.toml", self.entry())
    }
}

impl core::error::Error for Refused {}
