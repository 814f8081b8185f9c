//! Listings of directories in which some file name is not UTF-8.
//!
//! Names are UTF-8 in WASI. wasmtime-wasi lists no directory that has another one, so that `os.listdir`, `glob` and every
//! import from it fail. Such a directory is listed here, without the files whose names a guest cannot be told.
//!
//! wasmtime-wasi keeps to itself which directory a descriptor stands for. It is found among those that the guest has
//! open, by its inode, and read by way of `/proc`, which resolves no path. Other systems than Linux have no such names,
//! or no such way; there the listing fails.

use std::fs::{self, File, Metadata};
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::Trap;
use wasmtime_wasi::WasiView;
use wasmtime_wasi::filesystem::Descriptor;
use wasmtime_wasi::p1::types::{Fd, Filetype};
use wasmtime_wasi::p1::wasi_snapshot_preview1::WasiSnapshotPreview1;

use super::call::Call;
use super::special::wasi_inode;
use crate::guest::UnlistedFile;

/// The entries of a directory that a guest has open, as `fd_readdir` returns them, but for those whose names are not
/// UTF-8. `None` where it cannot be listed, or its entries take more than `most` bytes.
///
/// # Errors
/// Fails where the run is to be stopped.
pub async fn entries(call: &mut Call<'_>, descriptor: i32, most: usize) -> wasmtime::Result<Option<Vec<u8>>> {
    let Some((directory, own)) = open_directory(call, descriptor).await else { return Ok(None) };
    let path = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
    let Ok(listed) = fs::read_dir(&path) else { return Ok(None) };
    let mut entries = Vec::new();
    let mut count = 0;
    let mut add = |name: &str, metadata: &Metadata| {
        count += 1;
        encode(&mut entries, count, name, metadata);
        entries.len() <= most
    };
    add(".", &own);
    add("..", &own);
    let mut unlisted = None;
    for entry in listed.flatten() {
        if call.state.must_stop() {
            return Err(Trap::Interrupt.into());
        }
        let name = entry.file_name();
        match (name.to_str(), entry.metadata()) {
            (Some(name), Ok(metadata)) if !add(name, &metadata) => return Ok(None),
            (Some(_), _) => {}
            (None, _) => unlisted = unlisted.or(Some(name.as_encoded_bytes().escape_ascii().to_string())),
        }
    }
    if let (Some(name), Ok(directory)) = (unlisted, fs::read_link(&path)) {
        call.state.record.unlisted.note(UnlistedFile { directory, name });
    }
    Ok(Some(entries))
}

/// The directory of `descriptor`.
async fn open_directory(call: &mut Call<'_>, descriptor: i32) -> Option<(Arc<File>, Metadata)> {
    let wasi = &mut call.state.wasi;
    let stat = wasi.fd_filestat_get(&mut call.memory, Fd::from(descriptor.cast_unsigned()));
    let inode = stat.await.ok()?.ino;
    wasi.ctx().table.iter_mut().find_map(|entry| match entry.downcast_ref() {
        Some(Descriptor::Dir(open)) => {
            let metadata = open.dir.metadata().ok().filter(|metadata| wasi_inode(metadata) == inode)?;
            Some((Arc::clone(&open.dir), metadata))
        }
        _ => None,
    })
}

/// Appends entry number `number`, from 1.
fn encode(entries: &mut Vec<u8>, number: u64, name: &str, metadata: &Metadata) {
    let kind = metadata.file_type();
    let kind = match kind {
        _ if kind.is_file() => Filetype::RegularFile,
        _ if kind.is_dir() => Filetype::Directory,
        _ if kind.is_symlink() => Filetype::SymbolicLink,
        _ if kind.is_block_device() => Filetype::BlockDevice,
        _ if kind.is_char_device() => Filetype::CharacterDevice,
        _ => Filetype::Unknown,
    };
    entries.extend_from_slice(&number.to_le_bytes());
    entries.extend_from_slice(&wasi_inode(metadata).to_le_bytes());
    // A name of a file system is far shorter than 4 GiB.
    entries.extend_from_slice(&u32::try_from(name.len()).unwrap_or_default().to_le_bytes());
    entries.extend_from_slice(&[kind as u8, 0, 0, 0]);
    entries.extend_from_slice(name.as_bytes());
}
