//! Free disk space, looked at before much is written.

use std::path::Path;

use indicatif::BinaryBytes;

use crate::error::{Error, Result};
use crate::text_file::shown;

/// The file system that a directory is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Volume {
    /// What tells it from others.
    device: u64,
    /// The bytes that the user may still write.
    free: u64,
}

/// Checks that there is room for so many bytes in each directory, which need not exist. Where the system does not say how much
/// there is, writing shows it.
///
/// # Errors
/// Fails where a disk is too small; the error begins with `what`, which needs the room.
pub fn check(what: &str, needs: &[(&Path, u64)]) -> Result<()> {
    check_on(what, needs, volume)
}

fn check_on(what: &str, needs: &[(&Path, u64)], volume: impl Fn(&Path) -> Option<Volume>) -> Result<()> {
    let found: Vec<_> =
        needs.iter().filter_map(|(directory, bytes)| Some((volume(directory)?, directory, bytes))).collect();
    for (first, ..) in &found {
        let here: Vec<_> = found.iter().filter(|(volume, ..)| volume.device == first.device).collect();
        let needed = here.iter().map(|(_, _, bytes)| **bytes).fold(0_u64, u64::saturating_add);
        if needed > first.free {
            let mut places: Vec<_> =
                here.iter().filter(|(_, _, bytes)| **bytes > 0).map(|(_, directory, _)| shown(directory)).collect();
            places.dedup();
            let message = format!(
                "{what} needs {} on the disk of {}, which has {} free",
                BinaryBytes(needed),
                places.join(" and "),
                BinaryBytes(first.free)
            );
            return Err(Error::new(message).remedy(
                "make room there; `pywagi cache clean` empties the cache, and PYWAGI_CACHE_DIR names another place for it",
            ));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn volume(directory: &Path) -> Option<Volume> {
    use std::os::unix::fs::MetadataExt as _;

    directory.ancestors().find_map(|directory| {
        let device = directory.metadata().ok()?.dev();
        let found = rustix::fs::statvfs(directory).ok()?;
        Some(Volume { device, free: found.f_bavail.saturating_mul(found.f_frsize) })
    })
}

/// Other systems tell it by calls of their own, which pywagi does not make.
#[cfg(not(unix))]
fn volume(_: &Path) -> Option<Volume> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `/a` and `/b` are on one disk, `/c` on another, and nothing is known of the rest.
    fn disks(directory: &Path) -> Option<Volume> {
        match directory.to_str()? {
            "/a" | "/b" => Some(Volume { device: 1, free: 10 << 20 }),
            "/c" => Some(Volume { device: 2, free: 1 << 20 }),
            _ => None,
        }
    }

    #[test]
    fn what_is_on_one_disk_is_needed_together() {
        let checked = |needs: &[(&str, u64)]| {
            let needs: Vec<_> =
                needs.iter().map(|(directory, mebibytes)| (Path::new(directory), mebibytes << 20)).collect();
            check_on("It", &needs, disks).map_err(|e| e.to_string())
        };
        assert_eq!(checked(&[("/a", 10)]), Ok(()));
        assert_eq!(checked(&[("/a", 5), ("/b", 5), ("/c", 1)]), Ok(()));
        assert_eq!(checked(&[("/d", 1 << 40)]), Ok(()));
        let needs = |text: &str| Err(text.to_owned());
        let both = needs("It needs 11.00 MiB on the disk of /a and /b, which has 10.00 MiB free");
        assert_eq!(checked(&[("/a", 6), ("/b", 5)]), both);
        let one = needs("It needs 2.00 MiB on the disk of /c, which has 1.00 MiB free");
        assert_eq!(checked(&[("/a", 6), ("/c", 2)]), one);
        let not_there = needs("It needs 11.00 MiB on the disk of /a, which has 10.00 MiB free");
        assert_eq!(checked(&[("/a", 11), ("/b", 0)]), not_there);
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_is_not_there_has_the_disk_of_the_one_above_it() {
        let dir = tempfile::tempdir().unwrap();
        let below = volume(&dir.path().join("a/b")).unwrap();
        assert_eq!(below.device, volume(dir.path()).unwrap().device);
        assert!(check("It", &[(&dir.path().join("a"), u64::MAX)]).is_err());
        check("It", &[(dir.path(), 1)]).unwrap();
    }
}
