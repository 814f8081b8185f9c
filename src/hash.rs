//! SHA-256 (FIPS 180-4): of bytes, of files and of what is copied.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::error::{Context, Result};

/// A SHA-256 digest; its text is lower-case hexadecimal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of everything that `reader` gives.
    ///
    /// # Errors
    /// Fails where reading does.
    pub fn of_reader(reader: impl Read) -> io::Result<Self> {
        Ok(copy(reader, io::sink(), |_| ())?.sha256)
    }

    /// The digest's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The error for a text that is not 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADigest;

impl fmt::Display for NotADigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a SHA-256 has 64 hexadecimal digits")
    }
}

impl std::error::Error for NotADigest {}

impl FromStr for Digest {
    type Err = NotADigest;

    /// Reads 64 hexadecimal digits in lower or upper case.
    fn from_str(text: &str) -> std::result::Result<Self, NotADigest> {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotADigest);
        }
        let mut bytes = [0; 32];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotADigest)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotADigest)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Computes a [`Digest`] piece by piece; as a [`std::hash::Hasher`] also of values that only implement `Hash`.
#[derive(Clone, Debug, Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.update(bytes);
    }

    /// The digest of everything that was added.
    pub fn digest(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl std::hash::Hasher for Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    /// The first eight bytes of the digest.
    fn finish(&self) -> u64 {
        let digest = self.clone().digest();
        digest.0.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// The size and the SHA-256 of a file's content.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Checksum {
    /// Size in bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: Digest,
}

impl Checksum {
    /// The checksum of the file at `path`.
    ///
    /// # Errors
    /// Fails where the file cannot be read.
    pub fn of_file(path: &Path) -> Result<Self> {
        let file = File::open(path).context(|| format!("cannot open {}", path.display()))?;
        copy(file, io::sink(), |_| ()).context(|| format!("cannot read {}", path.display()))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256 {} ({} bytes)", self.sha256, self.size)
    }
}

/// Copies everything from `reader` to `writer` and returns its checksum. `progress` is called with the size of each
/// piece.
///
/// # Errors
/// Fails where reading or writing does.
pub fn copy(mut reader: impl Read, mut writer: impl Write, mut progress: impl FnMut(u64)) -> io::Result<Checksum> {
    let mut hasher = Hasher::default();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => return Ok(Checksum { size, sha256: hasher.digest() }),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let piece = buffer.get(..n).ok_or_else(|| io::Error::other("the reader returned more than fits its buffer"))?;
        hasher.update(piece);
        writer.write_all(piece)?;
        size += n as u64;
        progress(n as u64);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::Hasher as _;

    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_digest_is_that_of_fips_180() {
        assert_eq!(Digest::of("abc").to_string(), ABC);
        assert_eq!(Digest::of_reader(&b"abc"[..]).unwrap(), Digest::of("abc"));
        let mut hasher = Hasher::default();
        hasher.update("a");
        hasher.write(b"bc");
        assert_eq!(hasher.finish(), 0xba78_16bf_8f01_cfea);
        assert_eq!(hasher.digest(), Digest::of("abc"));
    }

    #[test]
    fn a_copy_is_hashed_on_its_way() {
        let (mut out, mut pieces) = (Vec::new(), 0);
        let checksum = copy(&b"abc"[..], &mut out, |n| pieces += n).unwrap();
        assert_eq!((checksum.size, pieces, out.as_slice()), (3, 3, &b"abc"[..]));
        assert_eq!(checksum.to_string(), format!("sha256 {ABC} (3 bytes)"));
    }

    #[test]
    fn hexadecimal_is_read_back_in_either_case() {
        assert_eq!(ABC.parse(), Ok(Digest::of("abc")));
        assert_eq!(ABC.to_uppercase().parse(), Ok(Digest::of("abc")));
        for bad in ["", "zz", &ABC[1..], &"+1".repeat(32), &"ä".repeat(32)] {
            assert_eq!(bad.parse::<Digest>(), Err(NotADigest), "{bad:?}");
        }
        let json = serde_json::to_string(&Digest::of("abc")).unwrap();
        assert_eq!(json, format!("{ABC:?}"));
        assert_eq!(serde_json::from_str::<Digest>(&json).unwrap(), Digest::of("abc"));
        assert!(serde_json::from_str::<Digest>("\"12\"").is_err());
    }
}
