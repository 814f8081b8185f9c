//! The entries of a directory, kept between calls of `fd_readdir`, and the files that are in no listing.

use std::sync::{Arc, Mutex, PoisonError};

use crate::guest::UnlistedFile;

/// Where the length of an entry's name is, and where the name is, in bytes from the entry's beginning.
const NAME_LENGTH: usize = 16;
const NAME: usize = 24;

/// The entries of a directory, encoded as `fd_readdir` returns them.
pub struct Listing {
    descriptor: i32,
    entries: Vec<u8>,
    /// The offset of each entry. The guest's cookie is an index into it.
    starts: Vec<usize>,
}

impl Listing {
    /// The listing of `descriptor` with these entries.
    pub fn new(descriptor: i32, entries: Vec<u8>) -> Self {
        let mut starts = Vec::new();
        let mut at: usize = 0;
        while let Some(length) = entries.get(at.saturating_add(NAME_LENGTH)..).and_then(|rest| rest.first_chunk()) {
            starts.push(at);
            at = at.saturating_add(NAME).saturating_add(u32::from_le_bytes(*length) as usize);
        }
        Self { descriptor, entries, starts }
    }

    /// The entries from number `cookie` on.
    pub fn rest(&self, cookie: i64) -> &[u8] {
        let start = usize::try_from(cookie.cast_unsigned()).ok().and_then(|i| self.starts.get(i));
        start.and_then(|start| self.entries.get(*start..)).unwrap_or_default()
    }

    /// Whether it is the listing of `descriptor`.
    pub fn is_of(&self, descriptor: i32) -> bool {
        self.descriptor == descriptor
    }
}

/// How many directories of a run are remembered.
#[cfg(target_os = "linux")]
const MOST: usize = 10;

/// The files that a run was not told of, one for each directory.
#[derive(Clone, Default)]
pub struct UnlistedFiles(Arc<Mutex<Vec<UnlistedFile>>>);

impl UnlistedFiles {
    /// Notes a file.
    #[cfg(target_os = "linux")]
    pub fn note(&self, file: UnlistedFile) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() < MOST && files.iter().all(|known| known.directory != file.directory) {
            files.push(file);
        }
    }

    /// Takes the files out.
    pub fn take(&self) -> Vec<UnlistedFile> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Vec<u8> {
        let length = u32::try_from(name.len()).unwrap().to_le_bytes();
        [&[0; NAME_LENGTH], length.as_slice(), &[0; 4], name.as_bytes()].concat()
    }

    #[test]
    fn entries_are_found_by_their_number() {
        let entries = [".", "..", "a", "", "long name"].map(entry).concat();
        let listing = Listing::new(5, entries.clone());
        assert_eq!(listing.rest(0), entries);
        assert_eq!(listing.rest(2), [entry("a"), entry(""), entry("long name")].concat());
        assert_eq!(listing.rest(4), entry("long name"));
        for none in [5, 6, -1, i64::MAX, i64::MIN] {
            assert_eq!(listing.rest(none), b"");
        }
    }

    #[test]
    fn what_is_no_listing_is_cut_short_without_a_panic() {
        for bytes in [vec![], vec![0xff; NAME_LENGTH + 3], vec![0xff; 100]] {
            let listing = Listing::new(5, bytes);
            assert!(listing.starts.len() <= 1);
            assert_eq!(listing.rest(1), b"");
        }
    }
}
