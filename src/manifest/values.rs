//! Parses single values of modules.toml: module references and guest paths.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use crate::guest::Volume;

/// The message and the remedy of an invalid value.
pub type InvalidValue = (String, String);

/// The path that a `module` value names, absolute or relative: a plain path, or a `file:` URL (RFC 8089).
///
/// # Errors
/// Fails for references that would have to be downloaded.
pub fn module_path(text: &str) -> Result<PathBuf, InvalidValue> {
    if text.is_empty() {
        return Err(("`module` is empty".to_owned(), "give the path of a .wasm or .wat file".to_owned()));
    }
    if let Some(path) = text.strip_prefix("file:") {
        let path = match path.strip_prefix("//") {
            Some(rest) => rest.strip_prefix("localhost").filter(|p| p.starts_with('/')).unwrap_or(rest),
            None => path,
        };
        return match percent_decode_str(path).decode_utf8() {
            Ok(path) if !path.is_empty() && !path.contains('\0') => Ok(PathBuf::from(without_drive_slash(&path))),
            _ => Err((
                format!("`{text}` names no file"),
                "write file:///, then an absolute path, percent-encoded as UTF-8".to_owned(),
            )),
        };
    }
    // `C:\python3.wasm` has a colon and no scheme.
    let fetched = ["oci:", "bindle:", "http:", "https:"].into_iter().find(|scheme| text.starts_with(scheme));
    if let Some(scheme) = fetched.or_else(|| text.contains("://").then(|| text.split("//").next().unwrap_or(text))) {
        return Err((
            format!("`{scheme}` modules are not supported: a module is a file"),
            "fetch it first, then give the path of the .wasm file".to_owned(),
        ));
    }
    Ok(PathBuf::from(text))
}

/// Removes the slash that a file URL has before a drive letter and a Windows path has not.
#[cfg(windows)]
fn without_drive_slash(path: &str) -> &str {
    match path.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => path.trim_start_matches('/'),
        _ => path,
    }
}

/// Returns `path`: other platforms have no drive letters.
#[cfg(not(windows))]
fn without_drive_slash(path: &str) -> &str {
    path
}

/// Normalizes a guest path: absolute, without empty or `.` segments.
///
/// # Errors
/// Fails for a path that is relative or has a `..` segment.
pub fn guest_path(text: &str) -> Result<String, InvalidValue> {
    if text.contains('\0') {
        return Err(("the guest path holds a NUL".to_owned(), "leave it out".to_owned()));
    }
    if !text.starts_with('/') {
        return Err((
            format!("the guest path `{text}` is not absolute"),
            format!(
                "write \"/{}\" = \"…\": the guest's path stands first, the host's second",
                text.trim_start_matches("./")
            ),
        ));
    }
    let segments: Vec<_> = text.split('/').filter(|segment| !segment.is_empty() && *segment != ".").collect();
    if segments.contains(&"..") {
        return Err((format!("the guest path `{text}` climbs by `..`"), "write the path without `..`".to_owned()));
    }
    Ok(format!("/{}", segments.join("/")))
}

/// The volume that holds `path`, and what of `path` is below it. Where volumes lie within each other, the guest's C library
/// takes the longest match too.
pub fn find_below<'v, 'p>(volumes: &'v [Volume], path: &'p str) -> Option<(&'v Volume, &'p str)> {
    let holding = volumes.iter().filter_map(|volume| Some((volume, below(path, &volume.guest)?)));
    holding.max_by_key(|(volume, _)| volume.guest.len())
}

/// What is left of `path` below the directory `base`, both in the form of [`guest_path`].
fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(base.trim_end_matches('/'))?;
    rest.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_below_a_volume_by_whole_segments() {
        for (path, base, expected) in [
            ("/code/a.py", "/code", Some("a.py")),
            ("/code/b/a.py", "/code", Some("b/a.py")),
            ("/a.py", "/", Some("a.py")),
            ("/codes/a.py", "/code", None),
            ("/code", "/code", None),
        ] {
            assert_eq!(below(path, base), expected, "{path} in {base}");
        }
    }

    #[test]
    fn a_module_is_a_path_or_a_file_url() {
        for (text, path) in [
            ("opt/a b%20.wasm", "opt/a b%20.wasm"),
            ("/opt/a.wasm", "/opt/a.wasm"),
            ("../a.wat", "../a.wat"),
            ("C:\\a.wasm", "C:\\a.wasm"),
            ("file:///opt/a%20b.wasm", "/opt/a b.wasm"),
            ("file://localhost/opt/a.wasm", "/opt/a.wasm"),
            ("file:/opt/a.wasm", "/opt/a.wasm"),
            ("file://opt/a.wasm", "opt/a.wasm"),
            ("file:opt/a.wasm", "opt/a.wasm"),
        ] {
            assert_eq!(module_path(text), Ok(PathBuf::from(path)), "{text}");
        }
    }

    #[test]
    fn a_module_that_must_be_fetched_is_refused() {
        for (text, scheme) in [
            ("oci:registry/a:1", "oci:"),
            ("bindle:a/1.0.0", "bindle:"),
            ("https://example.com/a.wasm", "https:"),
            ("http://example.com/a.wasm", "http:"),
            ("s3://bucket/a.wasm", "s3:"),
        ] {
            let message = format!("`{scheme}` modules are not supported: a module is a file");
            let remedy = "fetch it first, then give the path of the .wasm file".to_owned();
            assert_eq!(module_path(text), Err((message, remedy)), "{text}");
        }
        for text in ["file:", "file://", "file:///%ff", "file:///a%00"] {
            let remedy = "write file:///, then an absolute path, percent-encoded as UTF-8".to_owned();
            assert_eq!(module_path(text), Err((format!("`{text}` names no file"), remedy)));
        }
    }

    #[test]
    fn a_guest_path_has_one_form() {
        for (text, path) in
            [("/", "/"), ("/code", "/code"), ("/code/", "/code"), ("//a/.//b/.", "/a/b"), ("/...", "/...")]
        {
            assert_eq!(guest_path(text).as_deref(), Ok(path), "{text}");
        }
        let relative = guest_path("./code").unwrap_err();
        assert_eq!(relative.0, "the guest path `./code` is not absolute");
        assert_eq!(relative.1, "write \"/code\" = \"…\": the guest's path stands first, the host's second");
        assert_eq!(guest_path("/a/../b").unwrap_err().0, "the guest path `/a/../b` climbs by `..`");
    }
}
