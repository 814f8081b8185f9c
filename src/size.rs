//! Sizes in bytes with units: `64MiB`.

/// The units, largest first: the letter, and the exponent of the power of two.
const UNITS: [(char, u32); 3] = [('G', 30), ('M', 20), ('K', 10)];

/// Parses `64M`, `64MiB`, `64MB` or a bare number of bytes. As with GNU's tools, a letter alone and `iB` are powers of
/// 1024, `B` powers of 1000; case does not matter.
///
/// # Errors
/// Says what to write instead.
pub fn parse(text: &str) -> Result<u64, String> {
    let mistake = || "give a size such as 65536, 64K, 64MiB or 1G".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| mistake())?;
    let unit = unit.trim_start_matches(' ').to_ascii_uppercase();
    if unit.is_empty() || unit == "B" {
        return Ok(number);
    }
    let scale = UNITS.iter().find_map(|(letter, bits)| match unit.strip_prefix(*letter)? {
        "" | "IB" => Some(1_u64 << bits),
        "B" => Some(1000_u64.pow(bits / 10)),
        _ => None,
    });
    scale.and_then(|scale| number.checked_mul(scale)).ok_or_else(mistake)
}

/// `bytes` in the largest unit that leaves no fraction: `64 MiB`, `1000 bytes`.
pub fn shown(bytes: u64) -> String {
    let unit = UNITS.iter().find(|(_, bits)| bytes > 0 && bytes.trailing_zeros() >= *bits);
    match unit {
        Some((letter, bits)) => format!("{} {letter}iB", bytes >> bits),
        None if bytes == 1 => "1 byte".to_owned(),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_gnu_tools_read_them() {
        for (text, bytes) in [
            ("0", 0),
            ("65536", 65536),
            ("7B", 7),
            ("1k", 1024),
            ("64K", 65536),
            ("64KiB", 65536),
            ("64kb", 64000),
            ("64M", 64 << 20),
            ("64 MiB", 64 << 20),
            ("64MB", 64_000_000),
            ("3GIB", 3 << 30),
            ("2gb", 2_000_000_000),
        ] {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "M",
            "-1",
            "+1",
            "1.5G",
            "1T",
            "1MM",
            "1iB",
            "64 M B",
            "0x10",
            "99999999999999999999",
            "18446744073709551615K",
        ] {
            assert_eq!(parse(text), Err("give a size such as 65536, 64K, 64MiB or 1G".to_owned()), "{text}");
        }
    }

    #[test]
    fn sizes_are_shown_in_the_largest_whole_unit() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1000, "1000 bytes"),
            (1024, "1 KiB"),
            (1536, "1536 bytes"),
            (64 << 20, "64 MiB"),
            (1 << 30, "1 GiB"),
            (2048 << 30, "2048 GiB"),
        ] {
            assert_eq!(shown(bytes), text);
            assert!(bytes == 0 || parse(&text.replace(" bytes", "").replace(" byte", "")) == Ok(bytes));
        }
    }
}
