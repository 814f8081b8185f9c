use super::*;

mod properties;

fn allowed<const N: usize>(entries: [&str; N]) -> AllowedHosts {
    entries.into_iter().map(|entry| AllowedHost::parse(entry).unwrap()).collect()
}

fn host(text: &str) -> Host {
    parse_host(text).unwrap()
}

fn name(text: &str) -> Host {
    Host::Name(text.to_owned())
}

/// What is told of a connection to `text` at `address`; empty where it is permitted.
fn refusal(allowed: &AllowedHosts, text: &str, address: &str, port: u16) -> String {
    let host = host(text);
    let checked = allowed
        .check_name(&host, port)
        .and_then(|()| allowed.check_address(&host, address.parse().unwrap(), port))
        .map_err(|refused| refused.to_string());
    checked.err().unwrap_or_default()
}

#[test]
fn every_spelling_of_an_address_is_that_address() {
    for text in [
        "127.0.0.1",
        "127.0.0.1.",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7F.0.0.1",
        "0x7f.1",
        "017700000001",
        "0177.0.0.01",
        "１２７.０.０.１",
        "127。0。0。1",
        "::ffff:127.0.0.1",
        "::FFFF:7f00:1",
        "[::ffff:127.0.0.1]",
        "0:0:0:0:0:ffff:127.0.0.1",
    ] {
        assert_eq!(parse_host(text), Ok(Host::Address([127, 0, 0, 1].into())), "{text}");
    }
    for text in ["::1", "[::1]", "0:0::1", "[0000:0000:0000:0000:0000:0000:0000:0001]"] {
        assert_eq!(parse_host(text), Ok(Host::Address("::1".parse().unwrap())), "{text}");
    }
}

#[test]
fn a_name_has_one_form() {
    for (text, form) in [
        ("example.com", "example.com"),
        ("EXAMPLE.com.", "example.com"),
        ("db", "db"),
        ("my_db.internal", "my_db.internal"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("ｅxample.com", "example.com"),
        ("127.0.0.1.example.com", "127.0.0.1.example.com"),
    ] {
        assert_eq!(parse_host(text), Ok(name(form)), "{text}");
    }
    let longest = [&"a".repeat(63), &"b".repeat(63), &"c".repeat(63), &"d".repeat(61)].map(String::as_str).join(".");
    assert_eq!(parse_host(&longest), Ok(name(&longest)));
}

#[test]
fn what_is_no_host_is_said_to_be_none() {
    let no_name = |text: &str| format!("`{text}` is not the name of a host");
    let too_long = |text: &str| format!("`{text}` is too long: a name has 253 characters at most, 63 between two dots");
    for (text, message) in [
        ("", "the name of the host is empty".to_owned()),
        (".", no_name(".") + ": nothing stands between two dots"),
        ("a..b", no_name("a..b") + ": nothing stands between two dots"),
        (".a", no_name(".a") + ": nothing stands between two dots"),
        ("a\0b", no_name("a\u{fffd}b")),
        ("a\nb", no_name("a\u{fffd}b")),
        ("a b", no_name("a b")),
        ("a*b", no_name("a*b")),
        ("a\"b", no_name("a\"b")),
        ("a/b", no_name("a/b")),
        ("a@b", no_name("a@b")),
        ("a%2eb", no_name("a%2eb")),
        ("%31%32%37.1", no_name("%31%32%37.1")),
        ("256.1.1.1", no_name("256.1.1.1")),
        ("1.2.3.4.5", no_name("1.2.3.4.5")),
        ("xn--a", no_name("xn--a")),
        ("fe80::1%eth0", "`fe80::1%eth0` is not an IPv6 address".to_owned()),
        ("[127.0.0.1]", "`[127.0.0.1]` is not an IPv6 address".to_owned()),
        ("a:80", "`a:80` is not an IPv6 address".to_owned()),
        (&"a".repeat(64), too_long(&"a".repeat(64))),
        (&"a.".repeat(150), too_long(&("a.".repeat(40) + "…"))),
    ] {
        assert_eq!(parse_host(text), Err(message), "{text:?}");
    }
}

#[test]
fn an_entry_permits_its_host_and_its_port() {
    for (entry, text, port) in [
        ("https://example.com", "example.com", 443),
        ("HTTPS://Example.COM./", "EXAMPLE.com", 443),
        ("https://example.com:8443", "example.com.", 8443),
        ("http://bücher.example", "xn--bcher-kva.example", 80),
        ("example.com:25", "example.com", 25),
        ("*://example.com:25", "example.com", 25),
        ("postgres://db", "db", 5432),
        ("what://db:1", "db", 1),
        ("redis://db:*", "db", 65535),
        ("http://127.1", "127.0.0.1", 80),
        ("http://127.0.0.1", "0x7f000001", 80),
        ("http://[::ffff:127.0.0.1]", "127.0.0.1", 80),
        ("http://127.0.0.1", "::ffff:127.0.0.1", 80),
        ("http://[::1]", "0::1", 80),
        ("[::1]:80", "::1", 80),
        ("*.example.org:80", "a.example.org", 80),
        ("*.example.org:80", "a.b.example.org", 80),
        ("*:80", "example.org", 80),
        ("*:80", "8.8.8.8", 80),
        ("*://*:*", "example.org", 1),
    ] {
        assert_eq!(allowed([entry]).check_name(&host(text), port), Ok(()), "{entry} for {text}:{port}");
    }
    for (entry, text, port) in [
        ("https://example.com", "example.com", 80),
        ("https://example.com:8443", "example.com", 443),
        ("https://example.com", "www.example.com", 443),
        ("https://example.com", "example.com.evil.test", 443),
        ("https://www.example.com", "example.com", 443),
        ("*.example.org:80", "example.org", 80),
        ("*.example.org:80", "badexample.org", 80),
        ("*.example.org:80", "8.8.8.8", 80),
        ("*:80", "example.org", 81),
        ("http://localhost", "127.0.0.1", 80),
        ("http://127.0.0.1", "127.0.0.2", 80),
        ("http://127.0.0.1", "2002:7f00:1::1", 80),
    ] {
        let host = host(text);
        let line = format!(
            "{host}:{port} is not among the allowed hosts: add \"{host}:{port}\" to allowed_hosts of this route in modules.toml"
        );
        let refused = allowed([entry]).check_name(&host, port).unwrap_err();
        assert_eq!(refused.to_string(), line, "{entry} for {text}:{port}");
        let after = allowed([&*refused.entry(), entry]).check_name(&host, port);
        assert_eq!(after, Ok(()), "what the message says helps");
    }
    assert!(allowed([]).is_empty() && allowed([]).check_name(&name("a"), 80).is_err());
}

#[test]
fn an_exact_name_may_lead_to_a_private_address_and_a_wildcard_may_not() {
    let (exact, below, all) = (allowed(["http://db"]), allowed(["http://*.example.org"]), allowed(["*:80"]));
    for address in ["10.0.0.1", "127.0.0.1", "::1", "::ffff:127.0.0.1", "fd00::1", "2002:7f00:1::1", "8.8.8.8"] {
        assert_eq!(refusal(&exact, "db", address, 80), "", "{address}");
    }
    for (hosts, text) in [(&below, "a.example.org"), (&all, "a.example.org")] {
        for address in ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8"] {
            assert_eq!(refusal(hosts, text, address, 80), "", "{text} at {address}");
        }
        for (address, shown) in [
            ("10.0.0.1", "10.0.0.1"),
            ("::ffff:127.0.0.1", "127.0.0.1"),
            ("::1", "::1"),
            ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"),
        ] {
            let line = format!(
                "a.example.org leads to {shown}, which is not a public address, and an entry with `*` permits no other: \
                 add \"a.example.org:80\" to allowed_hosts of this route in modules.toml"
            );
            assert_eq!(refusal(hosts, text, address, 80), line);
        }
    }
    let line = "127.0.0.1 is not a public address, and an entry with `*` permits no other: \
                add \"127.0.0.1:80\" to allowed_hosts of this route in modules.toml";
    assert_eq!(all.check_name(&host("127.1"), 80).unwrap_err().to_string(), line);
    // The name is listed as well.
    let both = allowed(["http://*.example.org", "http://a.example.org"]);
    assert_eq!(refusal(&both, "a.example.org", "10.0.0.1", 80), "");
}

#[test]
fn a_reserved_address_is_permitted_by_its_own_entry_alone() {
    let line = "metadata.internal leads to 169.254.169.254, which is a link-local address, at which clouds tell a machine its \
                secrets, and only its own entry permits it: add \"169.254.169.254:80\" to allowed_hosts of this route in \
                modules.toml";
    let exact = allowed(["http://metadata.internal"]);
    assert_eq!(refusal(&exact, "metadata.internal", "169.254.169.254", 80), line);
    assert!(allowed(["*:80"]).check_name(&host("169.254.169.254"), 80).is_err());
    assert!(allowed(["*:80"]).check_name(&host("0"), 80).is_err());
    for written in ["169.254.169.254:80", "http://0xa9fea9fe", "http://[::ffff:169.254.169.254]"] {
        let itself = allowed([written, "http://metadata.internal"]);
        assert_eq!(refusal(&itself, "169.254.169.254", "169.254.169.254", 80), "");
        assert_eq!(refusal(&itself, "metadata.internal", "169.254.169.254", 80), "");
        // Another port, and another form of it, are not what is written.
        assert_ne!(refusal(&allowed([written, "a:81"]), "a", "169.254.169.254", 81), "");
        assert_ne!(refusal(&itself, "metadata.internal", "64:ff9b::169.254.169.254", 80), "");
    }
}

#[test]
fn an_entry_that_cannot_be_is_told_what_to_write() {
    let name = "write the host as in a URL: \"https://example.org\"";
    for (text, message, remedy) in [
        ("", "the name of the host is empty", name),
        ("https://", "the name of the host is empty", name),
        (
            "example.com",
            "`example.com` has no port",
            "write \"https://example.com\", or the port: \"example.com:PORT\"",
        ),
        (
            "*://example.com",
            "`example.com` has no port",
            "write \"https://example.com\", or the port: \"example.com:PORT\"",
        ),
        ("gopher://a", "no port is known for `gopher://`", "write the port: \"gopher://a:PORT\""),
        ("https//a", "`https//a` lacks the colon after its scheme", "write \"https://a\""),
        ("://a", "`://a` does not begin with a scheme", "write \"https://HOST\" or \"HOST:PORT\""),
        ("https://a/b?c", "`https://a/b?c` has a path, but a host is permitted as a whole", "write \"https://a\""),
        ("a:1#b", "`a:1#b` has a path, but a host is permitted as a whole", "write \"a:1\""),
        (
            "postgres://me:secret@db/shop",
            "a user and a password are no part of a permission",
            "write \"postgres://db\", and give the script the rest by the environment",
        ),
        ("a:0", "`0` is no port", "write a number from 1 to 65535, or `*` for all: \"a:443\""),
        ("a:", "the port is empty", "write a number from 1 to 65535, or `*` for all: \"a:443\""),
        ("a:+80", "`+80` is no port", "write a number from 1 to 65535, or `*` for all: \"a:443\""),
        ("a:65536", "`65536` is no port", "write a number from 1 to 65535, or `*` for all: \"a:443\""),
        (
            "http://a:8000..8010",
            "`8000..8010` is a range of ports, which cannot be permitted",
            "name each port, or write `*` for all",
        ),
        ("*://10.0.0.0/8:80", "`10.0.0.0/8:80` is a range of addresses, which cannot be permitted", "name each host"),
        ("http://[::1]/64", "`[::1]/64` is a range of addresses, which cannot be permitted", "name each host"),
        (
            "fd00::1",
            "`fd00::1` has more than one colon in its host and port",
            "write an IPv6 address in brackets: \"[fd00::1]:PORT\"",
        ),
        ("[::1]80", "`[::1]80` has something other than a port after its address", "write \"[::1]:PORT\""),
        ("http://[::g]", "`[::g]` is not an IPv6 address", name),
        ("http://a b", "`a b` is not the name of a host", name),
        (
            "a*.example.org:1",
            "`a*.example.org` has `*` within a name",
            "write `*` alone or before a name, as in \"*.example.org\"",
        ),
        ("*.*.org:1", "`*.*.org` has `*` within a name", "write `*` alone or before a name, as in \"*.example.org\""),
        ("*.0.0.1:1", "`*.0.0.1` has `*` within an address", "name each address"),
        (
            "http://self",
            "`self` is what Spin calls a part of the app",
            "name the host and the port at which the app is reached",
        ),
        (
            "http://back.spin.internal",
            "`back.spin.internal` is what Spin calls a part of the app",
            "name the host and the port at which the app is reached",
        ),
        (
            "https://{{ api }}",
            "`https://{{ api }}` has a variable of Spin, which is not replaced",
            "write the host itself; for one run, give it with --allow-host",
        ),
        (
            "insecure:allow-all",
            "`insecure:allow-all` is not known here",
            "name the hosts; \"*://*:*\" permits every public address",
        ),
    ] {
        let expected = HostMistake { message: message.to_owned(), remedy: remedy.to_owned() };
        assert_eq!(AllowedHost::parse(text), Err(expected), "{text}");
    }
}

#[test]
fn an_entry_is_shown_and_kept_as_it_is_written() {
    let entry = AllowedHost::parse("HTTPS://Example.com/").unwrap();
    assert_eq!(entry.to_string(), "HTTPS://Example.com/");
    assert!(entry.permits_same_as(&AllowedHost::parse("example.com:443").unwrap()));
    assert!(!entry.permits_same_as(&AllowedHost::parse("example.com:80").unwrap()));
    let list = allowed(["HTTPS://Example.com/", "*:1"]);
    let text = serde_json::to_string(&list).unwrap();
    assert_eq!(text, "[\"HTTPS://Example.com/\",\"*:1\"]");
    assert_eq!(serde_json::from_str::<AllowedHosts>(&text).unwrap(), list);
    assert_eq!(postcard::from_bytes::<AllowedHosts>(&postcard::to_stdvec(&list).unwrap()), Ok(list));
    assert!(serde_json::from_str::<AllowedHosts>("[\"a\"]").is_err());
}
