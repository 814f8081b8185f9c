//! What holds for any text, and for any address.

#[cfg(unix)]
use std::net::ToSocketAddrs;
use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// A text that looks like an entry more often than chance would have it.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "http", "://", "*", "*.", ".", ":", "80", "0", "[", "]", "::1", "::ffff:", "127.1", "0x7f", "db", "xn--", "é",
        "。", "/", "@", "..", "%31", "\0", " ",
    ];
    let piece = prop_oneof![6 => select(pieces.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,3}", 1 => "[a-z]{0,70}"];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// The spellings that resolvers know of an IPv4 address.
fn spellings(address: Ipv4Addr) -> Vec<String> {
    let number = u32::from(address);
    let [a, b, c, d] = address.octets();
    let (last_two, last_three) = (number & 0xffff, number & 0xff_ffff);
    let mut spellings = vec![
        format!("{a}.{b}.{c}.{d}"),
        format!("{a}.{b}.{last_two}"),
        format!("{a}.{last_three}"),
        format!("{number}"),
        format!("{number:#x}"),
        format!("0X{number:X}"),
        format!("0{number:o}"),
        format!("{a:#x}.0{b:o}.{c}.{d:#04X}"),
        format!("{}", address.to_ipv6_mapped()),
        format!("[{}]", address.to_ipv6_mapped()),
        format!("0:0:0:0:0:ffff:{:x}:{:x}", number >> 16, last_two),
    ];
    spellings
        .extend(spellings.iter().filter(|text| !text.contains(':')).map(|text| format!("{text}.")).collect::<Vec<_>>());
    spellings
}

proptest! {
    #[test]
    fn a_host_has_one_form_and_is_read_back_from_it(text in text()) {
        if let Ok(host) = parse_host(&text) {
            prop_assert_eq!(parse_host(&host.to_string()), Ok(host.clone()));
            if let Host::Name(name) = &host {
                let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
                prop_assert!(name.chars().all(is_plain) && !name.ends_with('.') && name.len() <= 253, "{}", name);
            }
        }
    }

    #[test]
    fn an_entry_is_read_or_told_on_one_line_what_is_wrong(text in text()) {
        match AllowedHost::parse(&text) {
            Ok(entry) => {
                prop_assert_eq!(entry.to_string(), text.clone());
                prop_assert!(!text.contains('\0'));
            }
            Err(HostMistake { message, remedy }) => {
                prop_assert!(!message.is_empty() && !remedy.is_empty());
                prop_assert!(!message.chars().chain(remedy.chars()).any(char::is_control), "{} {}", message, remedy);
            }
        }
    }

    #[test]
    fn every_spelling_of_any_address_is_that_address(number in any::<u32>()) {
        let address = Ipv4Addr::from(number);
        for text in spellings(address) {
            prop_assert_eq!(parse_host(&text), Ok(Host::Address(address.into())), "{}", text);
        }
    }

    /// Else a text would be checked as one address and connected to as another.
    #[cfg(unix)]
    #[test]
    fn the_system_takes_a_spelling_for_the_same_address(
        parts in vec(select(vec!["0", "1", "127", "255", "256", "0x7f", "0XfF", "0177", "08", "00", "65535", "16777216"]), 1..5)
    ) {
        let text = parts.join(".");
        if let Ok(Host::Address(address)) = parse_host(&text) {
            let theirs: Vec<_> = (text.as_str(), 1).to_socket_addrs().expect("an address").map(|socket| socket.ip()).collect();
            prop_assert_eq!(theirs, [address], "{}", text);
        }
    }

    #[test]
    fn a_wildcard_permits_what_the_address_inside_is(number in any::<u32>(), private in any::<bool>()) {
        let number = if private { 10 << 24 | number & 0xff_ffff } else { number };
        let address = Ipv4Addr::from(number);
        let (all, name) = (allowed(["*:*"]), name("a.test"));
        let (high, low) = ((number >> 16) as u16, number as u16);
        let permits = |address: IpAddr| all.check_address(&name, address, 80).is_ok();
        for holding in [
            address.to_ipv6_mapped(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2001, 0, high, low, 0, 0, 0xf7f7, 0xf7f7),
            Ipv6Addr::new(0x2001, 0, 0x808, 0x808, 0, 0, !high, !low),
        ] {
            prop_assert_eq!(permits(holding.into()), permits(address.into()), "{} holds {}", holding, address);
        }
        if private {
            prop_assert!(!permits(address.into()));
        }
    }

    /// What a refusal tells to add has to help.
    #[test]
    fn the_entry_of_a_refusal_permits_what_was_refused(number in any::<u128>(), port in 1_u16.., exact in any::<bool>()) {
        let address = IpAddr::V6(Ipv6Addr::from(number)).to_canonical();
        for host in [name("a.test"), Host::Address(address)] {
            let entry = if exact { format!("{host}:{port}") } else { "*:*".to_owned() };
            let hosts = allowed([&entry]);
            if let Err(refused) = hosts.check_address(&host, address, port) {
                let hosts = allowed([&entry, &refused.entry()]);
                prop_assert_eq!(hosts.check_address(&host, address, port), Ok(()));
            }
        }
    }
}
