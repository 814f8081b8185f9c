//! What a guest asks for by reading links:
//!
//! | link | answer |
//! |---|---|
//! | `name/SOCKET/DESCRIPTOR` | the guest's own descriptor of a socket is this |
//! | `resolve/NAME/PORT` | the addresses of a name, a line each |
//! | `connect/SOCKET/ADDRESS/PORT/TIME` | connects |
//! | `status/SOCKET` | the error number of a connection that was begun: `SO_ERROR` |
//! | `timeout/SOCKET/TIME` | how long what is read and written waits |
//! | `poll/TIME/SOCKET:INTEREST…` | waits until sockets can be read (`r`) or written (`w`); the numbers of those in their order |
//! | `peer/SOCKET`, `local/SOCKET` | an address and a port |
//! | `secure/SOCKET/EXCHANGE` | TLS over a connection, by the settings in an exchange |
//! | `handshake/SOCKET/EXCHANGE/TIME` | goes on with the handshake; what was agreed on is in the exchange then |
//! | `end/SOCKET` | says to the other side that TLS ends |
//! | `eof/SOCKET` | nothing more will be written to the wire of a session |
//! | `pending/SOCKET` | how many bytes can be read without waiting |
//! | `certificate/SOCKET/EXCHANGE` | what the certificate of the server says is in the exchange then |
//! | `derive/EXCHANGE/HASH/SALT/ITERATIONS/LENGTH` | a key of the password in an exchange, which is there then: see [`derive`] |
//! | `error` | a number and a text: why the last of these, or of what was opened, failed |
//!
//! A time is in milliseconds; without one, it is that of the run. With 0, what cannot be done at once fails with `AGAIN`, and
//! connecting with `INPROGRESS`.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use crate::guest::answered::Outcome;
use crate::network::{Host, Refused};

use super::derive::Derivation;
use super::socket::Socket;
use super::tls::Tls;
use super::wait::{Interest, Patience};
use super::{Failed, MOST_CONNECTIONS, Network, Open, errno, resolve};

type Told = wasmtime::Result<Result<String, Failed>>;

impl Network {
    /// Answers a link.
    ///
    /// # Errors
    /// An error ends the run; the guest is told an error number.
    pub(super) fn answer_link(&mut self, path: &str, patience: &Patience<'_>) -> Outcome<String> {
        let parts: Vec<_> = path.split('/').collect();
        let told = match *parts.as_slice() {
            ["error"] => Ok(format!("{} {}", self.failed.code, self.failed.text)),
            ["name", socket, descriptor] => self.name(socket, descriptor),
            ["resolve", name, port] => self.resolve(name, port, patience)?,
            ["connect", socket, address, port, time] => self.connect(socket, (address, port), time, patience)?,
            ["status", socket] => self.of_socket(socket, |socket| Ok(socket.status().to_string())),
            ["timeout", socket, time] => self.set_timeout(socket, time),
            ["poll", time, ref wanted @ ..] => self.poll_sockets(time, wanted, patience)?,
            ["certificate", socket, exchange] => self.certificate(socket, exchange),
            ["derive", exchange, hash, salt, iterations, length] => {
                self.derive(exchange, Derivation { hash, salt, iterations, length })
            }
            ["peer", socket] => self.address(socket, true),
            ["local", socket] => self.address(socket, false),
            ["secure", socket, exchange] => self.secure(socket, exchange),
            ["handshake", socket, exchange, time] => self.handshake(socket, exchange, time, patience)?,
            ["end", socket] => self.end(socket),
            ["eof", session] => self.end_wire(session),
            ["pending", socket] => self.pending(socket),
            _ => Err(Failed::new(errno::NOENT, format!("there is no {path} in the network"))),
        };
        Ok(told.or_else(|failed| self.fail(failed)))
    }

    fn name(&mut self, socket: &str, descriptor: &str) -> Result<String, Failed> {
        let known = self.descriptor(socket).ok_or_else(closed)?;
        let own = descriptor.parse().map_err(|_| Failed::new(errno::INVAL, "that is no descriptor".to_owned()))?;
        self.names.insert(own, known);
        Ok(String::new())
    }

    fn resolve(&mut self, name: &str, port: &str, patience: &Patience<'_>) -> Told {
        let (host, port) = match (parse_host(name), parse_port(port)) {
            (Ok(host), Ok(port)) => (host, port),
            (Err(failed), _) | (_, Err(failed)) => return Ok(Err(failed)),
        };
        let name = match &host {
            Host::Name(name) => name,
            // Without a port, it tells nothing: connecting to it is checked then.
            Host::Address(address) if port == 0 => return Ok(Ok(address.to_string())),
            // A name may have led to it.
            Host::Address(address) => return Ok(self.permitted(*address, port).map(|_| address.to_string())),
        };
        // Without a port, the addresses alone are asked for: connecting to one is checked then.
        let is_known = port == 0 && self.allowed.takes(&host);
        if !is_known && let Err(refused) = self.allowed.check_name(&host, port) {
            return Ok(Err(self.refused(&host, port, None, &refused)));
        }
        let addresses = match self.look_up(&host, name, port, !is_known, patience)? {
            Ok(addresses) => addresses,
            Err(failed) => return Ok(Err(failed)),
        };
        for address in &addresses {
            let names = self.resolved.entry(*address).or_default();
            if !names.contains(&host) {
                names.push(host.clone());
            }
        }
        Ok(Ok(addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join("\n")))
    }

    /// The addresses of `name`, which `host` is. Each is checked, if it is to be.
    fn look_up(
        &self,
        host: &Host,
        name: &str,
        port: u16,
        is_checked: bool,
        patience: &Patience<'_>,
    ) -> wasmtime::Result<Result<Vec<IpAddr>, Failed>> {
        let addresses = match resolve::resolve(name, &self.alarm, patience)? {
            Ok(addresses) => addresses,
            Err(failed) => {
                self.journal.entry(format!("{name}:{port}"), None).fail(&failed.text);
                return Ok(Err(failed));
            }
        };
        for address in addresses.iter().filter(|_| is_checked) {
            if let Err(refused) = self.allowed.check_address(host, *address, port) {
                return Ok(Err(self.refused(host, port, Some(*address), &refused)));
            }
        }
        Ok(Ok(addresses))
    }

    /// The addresses of `host`, of which each may be connected to.
    pub(super) fn addresses(
        &self,
        host: &Host,
        port: u16,
        patience: &Patience<'_>,
    ) -> wasmtime::Result<Result<Vec<IpAddr>, Failed>> {
        if let Err(refused) = self.allowed.check_name(host, port) {
            return Ok(Err(self.refused(host, port, None, &refused)));
        }
        match host {
            Host::Address(address) => Ok(Ok(vec![*address])),
            Host::Name(name) => self.look_up(host, name, port, true, patience),
        }
    }

    /// Notes that the run asks for one more connection.
    pub(super) fn count_connection(&mut self) -> Result<(), Failed> {
        if self.connections >= MOST_CONNECTIONS {
            let why = format!("this request has asked for {MOST_CONNECTIONS} connections, which is the limit");
            return Err(Failed::new(errno::MFILE, why));
        }
        self.connections += 1;
        Ok(())
    }

    fn connect(&mut self, socket: &str, (address, port): (&str, &str), time: &str, patience: &Patience<'_>) -> Told {
        let address = parse_host(address).and_then(|host| match host {
            Host::Address(address) => Ok(address),
            Host::Name(name) => Err(Failed::new(errno::INVAL, format!("{name} is not an address"))),
        });
        let checked = address.and_then(|address| {
            let port = parse_port(port)?;
            let host = self.permitted(address, port)?;
            Ok((host, SocketAddr::new(address, port)))
        });
        let (host, address) = match checked {
            Ok(checked) => checked,
            Err(failed) => return Ok(Err(failed)),
        };
        if let Err(failed) = self.count_connection() {
            return Ok(Err(failed));
        }
        let to = format!("{host}:{}", address.port());
        let entry = self.journal.entry(to, Some(address.to_string()));
        let Some(Open::Socket(socket)) = self.descriptor(socket).and_then(|number| self.open.get_mut(&number)) else {
            return Ok(Err(closed()));
        };
        if let Err(failed) = socket.begin(address, entry) {
            return Ok(Err(failed));
        }
        let until = match until(time) {
            Ok(until) => until,
            Err(failed) => return Ok(Err(failed)),
        };
        if is_at_once(time) {
            return Ok(Err(Failed::new(errno::INPROGRESS, "the connection is being made".to_owned())));
        }
        let failed = |number| Failed::new(number, format!("cannot connect to {host}, port {}", address.port()));
        Ok(socket.finish(&self.alarm, patience, until)?.map(|()| String::new()).map_err(failed))
    }

    /// The name or address by which the guest may connect to `address`.
    fn permitted(&self, address: IpAddr, port: u16) -> Result<Host, Failed> {
        let own = Host::Address(address);
        let check = |host: &Host| {
            self.allowed.check_name(host, port)?;
            self.allowed.check_address(host, address, port)
        };
        let mut names = self.resolved.get(&address).into_iter().flatten();
        match names.find(|host| check(host).is_ok()) {
            Some(host) => Ok(host.clone()),
            None => match check(&own) {
                Ok(()) => Ok(own),
                Err(why) => Err(self.refused(&own, port, Some(address), &why)),
            },
        }
    }

    /// Notes a refusal.
    fn refused(&self, host: &Host, port: u16, address: Option<IpAddr>, why: &Refused) -> Failed {
        let address = address.map(|address| SocketAddr::new(address, port).to_string());
        self.journal.entry(format!("{host}:{port}"), address).fail(&why.to_string());
        Failed::new(errno::ACCES, why.to_string())
    }

    fn of_socket(
        &mut self,
        socket: &str,
        ask: impl FnOnce(&mut Socket) -> Result<String, i32>,
    ) -> Result<String, Failed> {
        let socket = self.socket(socket).ok_or_else(closed)?;
        ask(socket).map_err(|number| Failed::new(number, "the socket is not connected".to_owned()))
    }

    fn set_timeout(&mut self, socket: &str, time: &str) -> Result<String, Failed> {
        let time = duration(time)?;
        self.socket(socket).ok_or_else(closed)?.timeout = time;
        Ok(String::new())
    }

    fn poll_sockets(&mut self, time: &str, wanted: &[&str], patience: &Patience<'_>) -> Told {
        let of = |wanted: &&str| {
            let (socket, interest) = wanted.split_once(':')?;
            let interest = if interest == "r" { Interest::Read } else { Interest::Write };
            Some((self.descriptor(socket)?, interest))
        };
        let sockets: Option<Vec<_>> = wanted.iter().map(of).collect();
        let (sockets, until) = match (sockets, until(time)) {
            (Some(sockets), Ok(until)) => (sockets, until),
            (None, _) => return Ok(Err(closed())),
            (_, Err(failed)) => return Ok(Err(failed)),
        };
        let ready = self.poll(&sockets, until, patience)?;
        let numbers = ready.iter().enumerate().filter(|(_, ready)| **ready).map(|(number, _)| number.to_string());
        Ok(Ok(numbers.collect::<Vec<_>>().join(" ")))
    }

    fn derive(&mut self, exchange: &str, derivation: Derivation<'_>) -> Result<String, Failed> {
        let exchange = self.exchange(exchange).ok_or_else(closed)?;
        let key = derivation.of(exchange).map_err(|why| Failed::new(errno::INVAL, why))?;
        *exchange = key;
        Ok(String::new())
    }

    fn certificate(&mut self, id: &str, exchange: &str) -> Result<String, Failed> {
        let described = match self.descriptor(id).and_then(|number| self.open.get(&number)) {
            Some(Open::Socket(socket)) => socket.tls.as_ref().and_then(|tls| tls.certificate()),
            Some(Open::Plain(session)) => session.tls.certificate(),
            _ => return Err(closed()),
        };
        let unknown = || Failed::new(errno::PROTO, "the certificate of the server cannot be read".to_owned());
        let described = described.ok_or_else(unknown)?;
        *self.exchange(exchange).ok_or_else(closed)? = described.into_bytes();
        Ok(String::new())
    }

    fn address(&mut self, socket: &str, of_peer: bool) -> Result<String, Failed> {
        self.of_socket(socket, |socket| {
            let address = socket.address(of_peer)?;
            Ok(format!("{} {}", address.ip(), address.port()))
        })
    }

    fn secure(&mut self, socket: &str, exchange: &str) -> Result<String, Failed> {
        let settings = self.exchange(exchange).map(std::mem::take).ok_or_else(closed)?;
        let socket = self.socket(socket).ok_or_else(closed)?;
        let peer =
            socket.address(true).map_err(|number| Failed::new(number, "the socket is not connected".to_owned()))?;
        let tls = Tls::new(&settings, &peer.ip().to_string()).map_err(|why| Failed::new(errno::INVAL, why))?;
        socket.tls = Some(Box::new(tls));
        Ok(String::new())
    }

    fn handshake(&mut self, id: &str, exchange: &str, time: &str, patience: &Patience<'_>) -> Told {
        let until = match until(time) {
            Ok(until) => until,
            Err(failed) => return Ok(Err(failed)),
        };
        let (done, agreed) = match self.descriptor(id).and_then(|number| self.open.get_mut(&number)) {
            Some(Open::Socket(socket)) => {
                let done = socket.handshake(&self.alarm, patience, until)?;
                (done, socket.tls.as_ref().and_then(|tls| tls.agreed()))
            }
            Some(Open::Plain(session)) => (session.tls.handshake(&mut session.wire), session.tls.agreed()),
            _ => return Ok(Err(closed())),
        };
        if let Err(error) = done {
            // With no time to wait, it is not late.
            let error = if is_at_once(time) && error.kind() == ErrorKind::TimedOut {
                ErrorKind::WouldBlock.into()
            } else {
                error
            };
            return Ok(Err(Failed::of(&error)));
        }
        let text = agreed.unwrap_or_default().into_bytes();
        Ok(self.exchange(exchange).ok_or_else(closed).map(|exchange| {
            *exchange = text;
            String::new()
        }))
    }

    fn end(&mut self, id: &str) -> Result<String, Failed> {
        let of = |error: &io::Error| Failed::of(error);
        match self.descriptor(id).and_then(|number| self.open.get_mut(&number)) {
            Some(Open::Socket(socket)) => {
                socket.end_tls().map_err(|number| Failed::new(number, "the connection has ended".to_owned()))?;
            }
            Some(Open::Plain(session)) => session.tls.end(&mut session.wire).map_err(|e| of(&e))?,
            _ => return Err(closed()),
        }
        Ok(String::new())
    }

    fn end_wire(&mut self, id: &str) -> Result<String, Failed> {
        match self.descriptor(id).and_then(|number| self.open.get_mut(&number)) {
            Some(Open::Plain(session)) => session.wire.has_ended = true,
            _ => return Err(closed()),
        }
        Ok(String::new())
    }

    fn pending(&mut self, id: &str) -> Result<String, Failed> {
        let pending = match self.descriptor(id).and_then(|number| self.open.get_mut(&number)) {
            Some(Open::Socket(socket)) => socket.tls.as_mut().map_or(0, |tls| tls.pending()),
            Some(Open::Plain(session)) => session.tls.pending(),
            _ => return Err(closed()),
        };
        Ok(pending.to_string())
    }
}

fn closed() -> Failed {
    Failed::new(errno::BADF, "the socket is closed".to_owned())
}

fn parse_host(text: &str) -> Result<Host, Failed> {
    crate::network::parse_host(text).map_err(|why| Failed::new(errno::NOENT, why))
}

fn parse_port(text: &str) -> Result<u16, Failed> {
    text.parse().map_err(|_| Failed::new(errno::INVAL, format!("{text} is not a port")))
}

/// A time, if it is limited.
fn duration(time: &str) -> Result<Option<Duration>, Failed> {
    if time.is_empty() {
        return Ok(None);
    }
    let time = time.parse().map_err(|_| Failed::new(errno::INVAL, format!("{time} is not a time")))?;
    Ok(Some(Duration::from_millis(time)))
}

/// When a time ends.
fn until(time: &str) -> Result<Option<Instant>, Failed> {
    Ok(duration(time)?.and_then(|time| Instant::now().checked_add(time)))
}

fn is_at_once(time: &str) -> bool {
    time == "0"
}
