//! SHA-256 of what is copied and of files.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{Context, Result};

/// The size and the SHA-256 of some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Size in bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256 {} ({} bytes)", self.sha256, self.size)
    }
}

/// Whether `text` is a SHA-256 as we write it: 64 lower-case hexadecimal digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Lower-case hexadecimal.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The SHA-256 of `bytes`.
pub fn of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// Copies everything from `reader` to `writer`, and says what it was. `progress` is told the size of each piece.
///
/// # Errors
/// Fails where reading or writing does.
pub fn copy(mut reader: impl Read, mut writer: impl Write, mut progress: impl FnMut(u64)) -> io::Result<Digest> {
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let n = match reader.read(&mut buffer) {
            Ok(0) => return Ok(Digest { size, sha256: hexadecimal(&hash.finalize()) }),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        let piece = buffer.get(..n).ok_or_else(|| io::Error::other("a reader claims to have read too much"))?;
        hash.update(piece);
        writer.write_all(piece)?;
        size += n as u64;
        progress(n as u64);
    }
}

/// What the file at `path` holds.
///
/// # Errors
/// Fails where it cannot be read.
pub fn of_file(path: &Path) -> Result<Digest> {
    let file = File::open(path).context(|| format!("cannot open {}", path.display()))?;
    copy(file, io::sink(), |_| ()).context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_one_of_fips_180() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of_bytes(b"abc"), abc);
        let mut out = Vec::new();
        let digest = copy(&b"abc"[..], &mut out, |_| ()).unwrap();
        assert_eq!((digest.size, digest.sha256.as_str(), out.as_slice()), (3, abc, &b"abc"[..]));
        assert!(is_sha256(abc));
        assert!(!is_sha256(&abc.to_uppercase()));
        assert!(!is_sha256(&abc[1..]));
    }
}
