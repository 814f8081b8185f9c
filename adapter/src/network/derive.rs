//! PBKDF2 (RFC 8018, 5.2), which PostgreSQL's and others' passwords need.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use sha1::Sha1;
use sha2::digest::Digest;
use sha2::digest::core_api::BlockSizeUser;
use sha2::{Sha256, Sha384, Sha512};

/// How often the hash is taken at most: this takes about a second.
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
    /// The key of `password`; else what cannot be had.
    pub fn of(self, password: &[u8]) -> Result<Vec<u8>, String> {
        let (derive, part): (fn(&[u8], &[u8], u64, usize) -> Vec<u8>, _) = match self.hash {
            "sha1" => (derive::<Sha1>, 20),
            "sha256" => (derive::<Sha256>, 32),
            "sha384" => (derive::<Sha384>, 48),
            "sha512" => (derive::<Sha512>, 64),
            hash => return Err(format!("unsupported hash type {hash}")),
        };
        let salt = bytes(self.salt).ok_or("the salt is not hexadecimal")?;
        let iterations: u32 =
            self.iterations.parse().ok().filter(|count| *count > 0).ok_or("iterations must be 1 or more")?;
        let length: u32 = self.length.parse().map_err(|_| "the length must be 1 or more".to_string())?;
        let hashes = u64::from(iterations) * u64::from(length.div_ceil(part));
        if length == 0 || hashes > MOST_HASHES {
            return Err(format!("the hash would be taken {hashes} times, and {MOST_HASHES} is the limit"));
        }
        Ok(derive(password, &salt, iterations.into(), length as usize))
    }
}

fn derive<D: Digest + BlockSizeUser + Clone>(password: &[u8], salt: &[u8], iterations: u64, length: usize) -> Vec<u8> {
    let [inner, outer] = keyed::<D>(password);
    let authenticate = |parts: &[&[u8]]| {
        let mut hash = inner.clone();
        parts.iter().for_each(|part| hash.update(part));
        outer.clone().chain_update(hash.finalize()).finalize()
    };
    let mut key = Vec::new();
    for number in 1_u32.. {
        if key.len() >= length {
            break;
        }
        let mut last = authenticate(&[salt, &number.to_be_bytes()]);
        let mut part = last.clone();
        for _ in 1..iterations {
            last = authenticate(&[&last]);
            part.iter_mut().zip(&last).for_each(|(part, last)| *part ^= last);
        }
        key.extend_from_slice(&part);
    }
    key.truncate(length);
    key
}

/// The two hashes of HMAC (RFC 2104) after the key.
fn keyed<D: Digest + BlockSizeUser>(key: &[u8]) -> [D; 2] {
    let size = D::block_size();
    let mut block = if key.len() > size { D::digest(key).to_vec() } else { key.to_vec() };
    block.resize(size, 0);
    [0x36_u8, 0x5c].map(|pad| D::new_with_prefix(block.iter().map(|byte| byte ^ pad).collect::<Vec<_>>()))
}

/// The bytes that are written as hexadecimal digits.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits = digits.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok();
    if digits.len().is_multiple_of(2) { digits.chunks(2).map(byte).collect() } else { None }
}
