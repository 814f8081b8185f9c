//! Tells a client that only shut down its sending side from one that has left.
//!
//! Both send the same: a FIN (RFC 9293 3.6). A client that shut down its sending side, such as `nc -N`, still waits for
//! its answer; one that was closed, such as an interrupted curl or a browser's closed tab, does not. For a client on this
//! machine, Linux shows which it is: its socket has an inode as long as a process has it open.

use std::net::TcpStream;

/// Whether the client of a connection on which a FIN came still waits for an answer. `false` if that is not known: clients
/// of other machines, and other systems than Linux.
pub fn is_half_closed(socket: &TcpStream) -> bool {
    #[cfg(target_os = "linux")]
    if let (Ok(client), Ok(server)) = (socket.peer_addr(), socket.local_addr()) {
        return linux::has_open_socket(client, server);
    }
    let _ = socket;
    false
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{BufRead, BufReader};
    use std::net::{IpAddr, SocketAddr};

    /// Whether a process of this machine has the socket open that is connected from `local` to `remote`.
    pub fn has_open_socket(local: SocketAddr, remote: SocketAddr) -> bool {
        let is_ipv4 = local.ip().to_canonical().is_ipv4();
        let Ok(sockets) = File::open(if is_ipv4 { "/proc/net/tcp" } else { "/proc/net/tcp6" }) else { return false };
        let (local, remote) = (shown(local), shown(remote));
        // Line by line, since the table has megabytes where many connections were closed within the last minute. To free a
        // buffer of that size would also raise the threshold from which glibc returns memory to the system (mallopt(3),
        // `M_MMAP_THRESHOLD`).
        // proc_net_tcp(5): number, local address, remote address, state, five more fields, inode.
        BufReader::new(sockets).lines().map_while(Result::ok).any(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let is_the_socket = fields.next() == Some(&local) && fields.next() == Some(&remote);
            is_the_socket && fields.nth(6).is_some_and(|inode| inode != "0")
        })
    }

    /// An address as the kernel shows it: each 32 bits of the IP address in the machine's byte order.
    fn shown(address: SocketAddr) -> String {
        let octets = match address.ip().to_canonical() {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let (words, _) = octets.as_chunks();
        let ip: String = words.iter().map(|word| format!("{:08X}", u32::from_ne_bytes(*word))).collect();
        format!("{ip}:{:04X}", address.port())
    }

    #[cfg(test)]
    mod tests {
        use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, TcpListener, TcpStream};

        use super::*;

        #[test]
        fn a_socket_is_open_until_it_is_closed() {
            let addresses = [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)];
            // A machine may have no IPv6.
            for listener in addresses.iter().flat_map(|ip| TcpListener::bind((*ip, 0))) {
                let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
                let (server, local) = listener.accept().unwrap();
                let remote = server.local_addr().unwrap();
                assert!(has_open_socket(local, remote));
                client.shutdown(Shutdown::Write).unwrap();
                assert!(has_open_socket(local, remote) && super::super::is_half_closed(&server));
                drop(client);
                assert!(!has_open_socket(local, remote) && !super::super::is_half_closed(&server));
            }
        }
    }
}
