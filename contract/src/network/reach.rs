//! Which addresses are public, after the registries of special-purpose addresses
//! (<https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>).

use alloc::vec;
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who is behind an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anyone.
    Public,
    /// This machine or its surroundings.
    Private,
    /// Something that no name leads to by good intent: what it is.
    Reserved(&'static str),
}

const METADATA: &str = "an address at which clouds tell a machine its secrets";
const LINK_LOCAL: &str = "a link-local address, at which clouds tell a machine its secrets";
const MULTICAST: &str = "a multicast address";
const UNSPECIFIED: &str = "an address for no host, which some systems take for this machine";
const BROADCAST: &str = "the broadcast address";

/// Addresses by which clouds answer their machines and that are in no link-local range: those of Azure, Alibaba, Oracle.
const METADATA_V4: [Ipv4Addr; 3] =
    [Ipv4Addr::new(168, 63, 129, 16), Ipv4Addr::new(100, 100, 100, 200), Ipv4Addr::new(192, 0, 0, 192)];

/// As [`METADATA_V4`]: those of Amazon and Google.
const METADATA_V6: [Ipv6Addr; 2] =
    [Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)];

/// IPv4 addresses that are not public and that no function of the standard library knows, with the length of the prefix.
const PRIVATE_V4: [(Ipv4Addr, u32); 5] = [
    // Shared by the customers of a provider (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // For protocols (RFC 6890).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    // Once the relay of 6to4 (RFC 7526).
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    // For benchmarks (RFC 2544).
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    // For later use (RFC 1112).
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// IPv6 addresses in 2000::/3 that are not public, with the length of the prefix.
const PRIVATE_V6: [(Ipv6Addr, u32); 3] = [
    // For protocols (RFC 2928). Teredo in it is looked into before.
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // For documentation (RFC 3849, RFC 9637).
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl Reach {
    /// Who is behind `address`. An address that holds another one counts as that.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => match inside(address) {
                Some(inside) => inside.into_iter().map(Self::of_v4).fold(Self::Public, Self::narrower),
                None => Self::of_v6(address),
            },
        }
    }

    /// The narrower one of two.
    fn narrower(self, other: Self) -> Self {
        match (self, other) {
            (Self::Reserved(_), _) | (Self::Private, Self::Public) => self,
            _ => other,
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let within = |(network, length): &(Ipv4Addr, u32)| {
            (u32::from(address) ^ u32::from(*network)).checked_shr(32 - length).unwrap_or_default() == 0
        };
        if METADATA_V4.contains(&address) {
            Self::Reserved(METADATA)
        } else if address.is_link_local() {
            Self::Reserved(LINK_LOCAL)
        } else if address.is_multicast() {
            Self::Reserved(MULTICAST)
        } else if address.is_broadcast() {
            Self::Reserved(BROADCAST)
        } else if address.octets()[0] == 0 {
            Self::Reserved(UNSPECIFIED)
        } else if address.is_loopback()
            || address.is_private()
            || address.is_documentation()
            || PRIVATE_V4.iter().any(within)
        {
            Self::Private
        } else {
            Self::Public
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let within = |(network, length): &(Ipv6Addr, u32)| {
            (u128::from(address) ^ u128::from(*network)).checked_shr(128 - length).unwrap_or_default() == 0
        };
        let global_unicast = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
        if METADATA_V6.contains(&address) {
            Self::Reserved(METADATA)
        } else if address.is_unicast_link_local() {
            Self::Reserved(LINK_LOCAL)
        } else if address.is_multicast() {
            Self::Reserved(MULTICAST)
        } else if address.is_unspecified() {
            Self::Reserved(UNSPECIFIED)
        } else if within(&global_unicast) && !PRIVATE_V6.iter().any(within) {
            Self::Public
        } else {
            Self::Private
        }
    }
}

/// The IPv4 addresses to which packets for `address` go, for the forms that hold some.
fn inside(address: Ipv6Addr) -> Option<Vec<Ipv4Addr>> {
    let join = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // ::1 and :: are none.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        // IPv4-compatible (RFC 4291, section 2.5.5.1), and NAT64 (RFC 6052, section 2.1).
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(vec![join(high, low)]),
        // 6to4 (RFC 3056, section 2).
        [0x2002, high, low, ..] => Some(vec![join(high, low)]),
        // Teredo: the server, and the client with its bits inverted (RFC 4380, section 4).
        [0x2001, 0, high, low, _, _, client_high, client_low] => {
            Some(vec![join(high, low), join(!client_high, !client_low)])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn reach(address: &str) -> Reach {
        Reach::of(address.parse().unwrap())
    }

    #[test]
    fn an_address_is_public_up_to_the_edges_of_what_is_not() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.88.98.255",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:db9::1",
            "2606:4700::1111",
            "3ffe:ffff::1",
            "3fff:1000::1",
        ] {
            assert_eq!(reach(address), Reach::Public, "{address}");
        }
        for address in [
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "240.0.0.0",
            "255.255.255.254",
            "::1",
            "100::1",
            "fc00::1",
            "fdff::1",
            "fec0::1",
            "2001:2::1",
            "2001:1ff::1",
            "2001:db8::1",
            "3fff::1",
            "5f00::1",
            "64:ff9b:1::10.0.0.1",
        ] {
            assert_eq!(reach(address), Reach::Private, "{address}");
        }
    }

    #[test]
    fn what_no_name_should_lead_to_is_reserved() {
        for (address, what) in [
            ("169.254.0.0", LINK_LOCAL),
            ("169.254.169.254", LINK_LOCAL),
            ("169.254.255.255", LINK_LOCAL),
            ("fe80::1", LINK_LOCAL),
            ("febf::1", LINK_LOCAL),
            ("168.63.129.16", METADATA),
            ("100.100.100.200", METADATA),
            ("192.0.0.192", METADATA),
            ("fd00:ec2::254", METADATA),
            ("fd20:ce::254", METADATA),
            ("224.0.0.1", MULTICAST),
            ("239.255.255.255", MULTICAST),
            ("ff02::1", MULTICAST),
            ("0.0.0.0", UNSPECIFIED),
            ("0.1.2.3", UNSPECIFIED),
            ("::", UNSPECIFIED),
            ("255.255.255.255", BROADCAST),
        ] {
            assert_eq!(reach(address), Reach::Reserved(what), "{address}");
        }
    }

    #[test]
    fn an_address_that_holds_another_counts_as_that() {
        for (inside, reach_of_it) in [
            ("8.8.8.8", Reach::Public),
            ("10.0.0.1", Reach::Private),
            ("127.0.0.1", Reach::Private),
            ("169.254.169.254", Reach::Reserved(LINK_LOCAL)),
        ] {
            let address: Ipv4Addr = inside.parse().unwrap();
            let [a, b, c, d] = address.octets();
            let hex = |a: u8, b: u8, c: u8, d: u8| format!("{a:02x}{b:02x}:{c:02x}{d:02x}");
            for holding in [
                format!("::ffff:{inside}"),
                format!("::{inside}"),
                format!("64:ff9b::{inside}"),
                format!("2002:{}::1", hex(a, b, c, d)),
                format!("2001:0:0808:0808:8000:63bf:{}", hex(!a, !b, !c, !d)),
                format!("2001:0:{}:8000:63bf:f7f7:f7f7", hex(a, b, c, d)),
            ] {
                assert_eq!(reach(&holding), reach_of_it, "{holding} holds {inside}");
            }
        }
    }
}
