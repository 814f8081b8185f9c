//! What a guest asks for by reading links: the table is in pywagi's `src/guest/network/control.rs`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use wagi_contract::network::{Host, MOST_CONNECTIONS, Refused, check_address, check_name};
use wasip2::clocks::monotonic_clock;

use super::derive::Derivation;
use super::http::Endpoint;
use super::socket::{Interest, Target};
use super::{Failed, Network, tcp, tls};
use crate::errno::{Errno, Result};

const MILLISECOND: u64 = 1_000_000;

/// Addresses for later use (RFC 1112): nobody has one, and here they stand for names. The first is followed by 65,534.
const FIRST_STAND_IN: u32 = u32::from_be_bytes([240, 0, 0, 1]);
const MOST_STAND_INS: usize = 1024;

impl Network {
    /// Answers a link.
    pub fn ask(&mut self, path: &str) -> Result<String> {
        let parts: Vec<_> = path.split('/').collect();
        let told = match *parts.as_slice() {
            ["error"] => Ok(format!("{} {}", self.failed.code, self.failed.text)),
            ["name", socket, descriptor] => self.name(socket, descriptor),
            ["resolve", name, port] => self.resolve(name, port),
            ["connect", socket, address, port, time] => self.connect(socket, (address, port), time),
            ["status", socket] => self.socket(socket).ok_or_else(closed).map(|socket| socket.status().to_string()),
            ["timeout", socket, time] => self.set_timeout(socket, time),
            ["poll", time, ref wanted @ ..] => self.poll_sockets(time, wanted),
            ["certificate", ..] => Err(Failed::new(
                Errno::Protocol,
                "a component does not see the certificate of a server, which its host checks".into(),
            )),
            ["derive", exchange, hash, salt, iterations, length] => {
                self.derive(exchange, Derivation { hash, salt, iterations, length })
            }
            ["peer", socket] => self.address(socket, true),
            ["local", socket] => self.address(socket, false),
            ["secure", socket, exchange] => self.secure(socket, exchange),
            // The host makes it with the first request.
            ["handshake", socket, _, _] => self.socket(socket).ok_or_else(closed).map(|_| String::new()),
            ["end", socket] => self.socket(socket).ok_or_else(closed).map(|_| String::new()),
            ["pending", socket] => self.socket(socket).ok_or_else(closed).map(|socket| socket.pending().to_string()),
            _ => Err(Failed::new(Errno::NotFound, format!("there is no {path} in the network"))),
        };
        told.map_err(|failed| self.fail(failed))
    }

    fn name(&mut self, socket: &str, descriptor: &str) -> Result<String, Failed> {
        let known = self.descriptor(socket).ok_or_else(closed)?;
        let own = descriptor.parse().map_err(|_| Failed::new(Errno::Invalid, "that is no descriptor".into()))?;
        self.names.insert(own, known);
        Ok(String::new())
    }

    fn resolve(&mut self, name: &str, port: &str) -> Result<String, Failed> {
        let (host, port) = (parse_host(name)?, parse_port(port)?);
        let name = match &host {
            Host::Name(name) => name,
            // Without a port, it tells nothing: connecting to it is checked then.
            Host::Address(address) if port == 0 => return Ok(address.to_string()),
            // A name may have led to it.
            Host::Address(address) => return self.permitted(*address, port).map(|_| address.to_string()),
        };
        // Without a port, the addresses alone are asked for: connecting to one is checked then.
        let is_known = port == 0 && self.permissions().any(|permission| permission.takes(&host));
        if !is_known {
            check_name(self.permissions(), &host, port).map_err(refused)?;
        }
        if self.is_http(&host, port) {
            return self.stand_in(&host).map(|address| address.to_string());
        }
        let addresses = tcp::resolve(name)?;
        for address in addresses.iter().filter(|_| !is_known) {
            check_address(self.permissions(), &host, *address, port).map_err(refused)?;
        }
        for address in &addresses {
            let names = self.resolved.entry(*address).or_default();
            if !names.contains(&host) {
                names.push(host.clone());
            }
        }
        Ok(addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join("\n"))
    }

    /// The schemes of the entries that permit `host`, on `port` or, if that is 0, on any.
    fn schemes(&self, host: &Host, port: u16) -> impl Iterator<Item = Option<&'static str>> {
        let permits = move |permission: &wagi_contract::network::Permission| {
            permission.takes(host) && (port == 0 || permission.takes_port(port))
        };
        self.allowed.iter().filter(move |entry| permits(&entry.permission)).map(|entry| entry.scheme)
    }

    /// Whether nothing but HTTP is permitted there.
    fn is_http(&self, host: &Host, port: u16) -> bool {
        self.schemes(host, port).all(|scheme| matches!(scheme, Some("http" | "https")))
    }

    /// The address that stands for a host.
    fn stand_in(&mut self, host: &Host) -> Result<Ipv4Addr, Failed> {
        let known = self.stand_ins.iter().position(|known| known == host);
        let number = known.unwrap_or(self.stand_ins.len());
        if number >= MOST_STAND_INS {
            let why = format!("this request has asked for {MOST_STAND_INS} names, which is the limit");
            return Err(Failed::new(Errno::TooManyFiles, why));
        }
        if known.is_none() {
            self.stand_ins.push(host.clone());
        }
        Ok(Ipv4Addr::from(FIRST_STAND_IN + number as u32))
    }

    /// The host that an address stands for.
    fn stands_for(&self, address: IpAddr) -> Option<&Host> {
        let IpAddr::V4(address) = address else { return None };
        self.stand_ins.get(u32::from(address).checked_sub(FIRST_STAND_IN)? as usize)
    }

    fn connect(&mut self, socket: &str, (address, port): (&str, &str), time: &str) -> Result<String, Failed> {
        let address = match parse_host(address)? {
            Host::Address(address) => address,
            Host::Name(name) => return Err(Failed::new(Errno::Invalid, format!("{name} is not an address"))),
        };
        let (port, until) = (parse_port(port)?, until(time)?);
        let stands_for = self.stands_for(address).cloned();
        let host = match &stands_for {
            Some(host) => check_name(self.permissions(), host, port).map(|()| host.clone()).map_err(refused)?,
            None => self.permitted(address, port)?,
        };
        if self.connections >= MOST_CONNECTIONS {
            let why = format!("this request has asked for {MOST_CONNECTIONS} connections, which is the limit");
            return Err(Failed::new(Errno::TooManyFiles, why));
        }
        self.connections += 1;
        self.socket(socket).ok_or_else(closed)?.check_free()?;
        let is_http = self.is_http(&host, port);
        let scheme = self.schemes(&host, port).next().flatten();
        let endpoint = Endpoint { host: host.clone(), port, is_secure: false };
        let target = Target { endpoint, address: SocketAddr::new(address, port), scheme };
        if is_http {
            self.socket(socket).ok_or_else(closed)?.connect_http(target);
            return Ok(String::new());
        }
        // What stood for the name was asked for with another port.
        let address = match (&stands_for, &host) {
            (Some(_), Host::Name(name)) => {
                let found = tcp::resolve(name)?;
                let permitted = found.iter().map(|address| {
                    check_address(self.permissions(), &host, *address, port).map(|()| *address).map_err(refused)
                });
                permitted.reduce(Result::or).unwrap_or_else(|| Err(closed()))?
            }
            _ => address,
        };
        let socket = self.socket(socket).ok_or_else(closed)?;
        socket.connect_tcp(target, SocketAddr::new(address, port))?;
        if time == "0" {
            return Err(Failed::new(Errno::InProgress, "the connection is being made".into()));
        }
        socket.finish(until)?;
        Ok(String::new())
    }

    /// The name or address by which the guest may connect to `address`.
    fn permitted(&self, address: IpAddr, port: u16) -> Result<Host, Failed> {
        if let Some(host) = self.stands_for(address) {
            return check_name(self.permissions(), host, port).map(|()| host.clone()).map_err(refused);
        }
        let own = Host::Address(address);
        let check = |host: &Host| {
            check_name(self.permissions(), host, port)?;
            check_address(self.permissions(), host, address, port)
        };
        let mut names = self.resolved.get(&address).into_iter().flatten();
        match names.find(|host| check(host).is_ok()) {
            Some(host) => Ok(host.clone()),
            None => check(&own).map(|()| own).map_err(refused),
        }
    }

    fn set_timeout(&mut self, socket: &str, time: &str) -> Result<String, Failed> {
        let time = duration(time)?;
        self.socket(socket).ok_or_else(closed)?.timeout = time;
        Ok(String::new())
    }

    fn poll_sockets(&mut self, time: &str, wanted: &[&str]) -> Result<String, Failed> {
        let of = |wanted: &&str| {
            let (socket, interest) = wanted.split_once(':')?;
            let interest = if interest == "r" { Interest::Read } else { Interest::Write };
            Some((self.descriptor(socket)?, interest))
        };
        let sockets: Option<Vec<_>> = wanted.iter().map(of).collect();
        let (sockets, until) = (sockets.ok_or_else(closed)?, until(time)?);
        let ready = self.poll(&sockets, until);
        let numbers = ready.iter().enumerate().filter(|(_, ready)| **ready).map(|(number, _)| number.to_string());
        Ok(numbers.collect::<Vec<_>>().join(" "))
    }

    fn derive(&mut self, exchange: &str, derivation: Derivation<'_>) -> Result<String, Failed> {
        let exchange = self.exchange(exchange).ok_or_else(closed)?;
        *exchange = derivation.of(exchange).map_err(|why| Failed::new(Errno::Invalid, why))?;
        Ok(String::new())
    }

    fn address(&mut self, socket: &str, of_peer: bool) -> Result<String, Failed> {
        let address = self.socket(socket).ok_or_else(closed)?.address(of_peer);
        address.map(tcp::shown).map_err(|errno| Failed::new(errno, "the socket is not connected".into()))
    }

    fn secure(&mut self, socket: &str, exchange: &str) -> Result<String, Failed> {
        let settings = self.exchange(exchange).map(core::mem::take).ok_or_else(closed)?;
        self.socket(socket).ok_or_else(closed)?.secure(&settings)?;
        // The guest reads it after the handshake.
        *self.exchange(exchange).ok_or_else(closed)? = tls::agreed(&settings).into();
        Ok(String::new())
    }
}

fn closed() -> Failed {
    Failed::new(Errno::BadDescriptor, "the socket is closed".into())
}

fn refused(why: Refused) -> Failed {
    Failed::new(Errno::Access, why.to_string())
}

fn parse_host(text: &str) -> Result<Host, Failed> {
    Host::parse(text).map_err(|why| Failed::new(Errno::NotFound, why))
}

fn parse_port(text: &str) -> Result<u16, Failed> {
    text.parse().map_err(|_| Failed::new(Errno::Invalid, format!("{text} is not a port")))
}

/// A time in nanoseconds, if it is limited.
fn duration(time: &str) -> Result<Option<u64>, Failed> {
    if time.is_empty() {
        return Ok(None);
    }
    let time: u64 = time.parse().map_err(|_| Failed::new(Errno::Invalid, format!("{time} is not a time")))?;
    Ok(Some(time.saturating_mul(MILLISECOND)))
}

/// When a time ends.
fn until(time: &str) -> Result<Option<u64>, Failed> {
    Ok(duration(time)?.map(|time| monotonic_clock::now().saturating_add(time)))
}
