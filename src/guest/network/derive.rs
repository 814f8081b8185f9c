//! PBKDF2 (RFC 8018, 5.2), which PostgreSQL's and others' passwords need: Python without OpenSSL takes 100 times as long.

use std::num::NonZeroU32;

use ring::pbkdf2;

/// How often the hash is taken at most: no deadline ends it, and this takes about a second.
const MOST_HASHES: u64 = 2_000_000;

/// How a key is derived, as the guest writes it.
#[derive(Clone, Copy, Debug)]
pub struct Derivation<'a> {
    /// The name of the hash, as Python has it.
    pub hash: &'a str,
    /// The salt, in hexadecimal digits.
    pub salt: &'a str,
    /// How often the hash is taken for each part of the key.
    pub iterations: &'a str,
    /// The length of the key in bytes.
    pub length: &'a str,
}

impl Derivation<'_> {
    /// The key of `password`.
    ///
    /// # Errors
    /// Says what cannot be had.
    pub fn of(self, password: &[u8]) -> Result<Vec<u8>, String> {
        let Self { hash, salt, iterations, length } = self;
        let (algorithm, part) = match hash {
            "sha1" => (pbkdf2::PBKDF2_HMAC_SHA1, 20),
            "sha256" => (pbkdf2::PBKDF2_HMAC_SHA256, 32),
            "sha384" => (pbkdf2::PBKDF2_HMAC_SHA384, 48),
            "sha512" => (pbkdf2::PBKDF2_HMAC_SHA512, 64),
            _ => return Err(format!("unsupported hash type {hash}")),
        };
        let salt = bytes(salt).ok_or("the salt is not hexadecimal")?;
        let iterations: NonZeroU32 = iterations.parse().map_err(|_| "iterations must be 1 or more")?;
        let length: u32 = length.parse().map_err(|_| "the length must be 1 or more")?;
        let hashes = u64::from(iterations.get()) * u64::from(length.div_ceil(part));
        if length == 0 || hashes > MOST_HASHES {
            return Err(format!("the hash would be taken {hashes} times, and {MOST_HASHES} is the limit"));
        }
        let mut key = vec![0; length as usize];
        pbkdf2::derive(algorithm, iterations, &salt, password, &mut key);
        Ok(key)
    }
}

/// The bytes that are written as hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let pairs = digits.chunks(2).map(byte);
    if digits.len().is_multiple_of(2) { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_standard() {
        // RFC 6070 and RFC 7914, 11.
        let of = |hash, password: &str, salt, iterations, length| {
            Derivation { hash, salt, iterations, length }.of(password.as_bytes())
        };
        let shown = |key: Vec<u8>| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let key = of("sha1", "password", "73616c74", "4096", "20").expect("a key");
        assert_eq!(shown(key), "4b007901b765489abead49d926f721d065a429c1");
        let key = of("sha256", "passwd", "73616c74", "1", "64").expect("a key");
        assert!(shown(key).starts_with("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"));
        for (hash, salt, iterations, length, expected) in [
            ("md5", "", "1", "1", "unsupported hash type md5"),
            ("sha1", "7", "1", "1", "the salt is not hexadecimal"),
            ("sha1", "zz", "1", "1", "the salt is not hexadecimal"),
            ("sha1", "", "0", "1", "iterations must be 1 or more"),
            ("sha1", "", "1", "x", "the length must be 1 or more"),
            ("sha1", "", "4294967295", "4294967295", "the hash would be taken 9223372"),
        ] {
            let error = of(hash, "", salt, iterations, length).expect_err(expected);
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
