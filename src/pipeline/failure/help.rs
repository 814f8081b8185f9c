//! What helps against what the interpreter lacks here, and against mistakes whose message does not lead to their cause.

use crate::guest::Volume;
use crate::packages::built_in;
use crate::packages::known::Known;

use super::{Exception, network, volume_of};

/// What helps against a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Help {
    /// What the user can do about it.
    pub text: String,
    /// The one command that mends it, if there is one.
    pub command: Option<String>,
}

impl From<String> for Help {
    fn from(text: String) -> Self {
        Self { text, command: None }
    }
}

/// Modules of the standard library that need what guests do not have, each with that.
const LACKING: [(&[&str], &str); 3] = [
    (
        &["_multiprocessing", "_posixshmem", "_posixsubprocess", "fcntl", "grp", "pwd", "resource", "termios"],
        "a guest has no processes and no users: do without, or import it in a `try` that handles ImportError",
    ),
    (
        &["_ctypes", "mmap"],
        "a guest can load no C library and map no file: do without, or import it in a `try` that handles ImportError",
    ),
    (&["_curses", "_tkinter", "readline"], "a guest has no terminal and no screen; its output is the response"),
];

/// What helps where libraries are not there.
const ABOUT_LIBRARIES: &str = "`pywagi.libraries` is there where modules.toml names a library: a [[library]] with its `name` \
                                   and its `module`, the WebAssembly file; `pywagi` itself, which runs WSGI and ASGI apps, \
                                   `pywagi add --adapter` writes";

/// What helps where a module is imported that is nothing without a network or without libraries, and is not there.
pub fn help_for_import(module: &str) -> Option<String> {
    about_libraries(module).or_else(|| network::help_for_import(module))
}

fn about_libraries(module: &str) -> Option<String> {
    (module.split('.').next() == Some("pywagi")).then(|| ABOUT_LIBRARIES.to_owned())
}

/// What helps against an exception whose message does not lead to its cause.
pub fn help_of(exception: &Exception, volumes: &[Volume]) -> Option<Help> {
    const PRAGMA: &str = "a script that uses sqlite3 needs `PRAGMA temp_store = MEMORY` as well: \
                          SQLite's temporary files do not work here";
    let message = exception.message.as_str();
    let text = match exception.class.as_deref()? {
        "ModuleNotFoundError" => return missing_module(quoted(message, "No module named ")?),
        "FileNotFoundError" if message.contains("No usable temporary directory found in") => format!(
            "add `\"/tmp\" = \"tmp\"` to its `volumes` in modules.toml and create the directory `tmp` \
             beside that file\n{PRAGMA}"
        ),
        "OSError" if message.starts_with("Matplotlib requires access to a writable cache directory") => {
            "add `\"/tmp\" = \"tmp\"` to its `volumes` and `MPLCONFIGDIR = \"/tmp\"` to its `environment` in modules.toml, and create \
             the directory `tmp` beside that file"
                .to_owned()
        }
        "FileNotFoundError" | "PermissionError" | "OSError" => return Some(missing_file(message, volumes)?.into()),
        "sqlite3.OperationalError" if message == "disk I/O error" => {
            "run `PRAGMA temp_store = MEMORY` after connecting: SQLite's temporary files do not work here".to_owned()
        }
        "RuntimeError" if message == "can't start new thread" => {
            "a guest has no threads: call the function itself, or use asyncio".to_owned()
        }
        // One that was left at a prompt says so.
        "bdb.BdbQuit" if message.is_empty() => {
            "`breakpoint()` has no terminal here: the request is its standard input. `pywagi invoke PATH` in a terminal, without \
             `--cold` and `--record`, has one. `pywagi replay latest --pdb` stops at the first line of the request as it was, in a debugger"
                .to_owned()
        }
        "AttributeError" | "ImportError" if message.contains("'pbkdf2_hmac'") => {
            "`hashlib.pbkdf2_hmac` needs OpenSSL, and Python 3.12 is built without it here; Python 3.11 has the \
             function: `pywagi toolchain install 3.11`"
                .to_owned()
        }
        "AttributeError" | "ImportError" if message.contains("'scrypt'") => {
            "`hashlib.scrypt` needs OpenSSL, and Python is built without it here; use another function for passwords, \
             such as `hashlib.pbkdf2_hmac` of Python 3.11"
                .to_owned()
        }
        "AttributeError" if ["'fork'", "'posix_spawn'", "'pipe'", "'kill'"].iter().any(|name| message.contains(name)) => {
            "a guest is one process and can start no other".to_owned()
        }
        "zoneinfo._common.ZoneInfoNotFoundError" => {
            "Python finds no time zones: add `\"/usr/share/zoneinfo\" = { path = \"/usr/share/zoneinfo\", read-only = true }` to \
             its `volumes` in modules.toml, or put the package tzdata beside the script: \
             `pip install --target code tzdata`"
                .to_owned()
        }
        _ => return None,
    };
    Some(text.into())
}

/// What helps where a module is not found.
fn missing_module(module: &str) -> Option<Help> {
    if let Some(about) = about_libraries(module) {
        return Some(about.into());
    }
    let first = module.split('.').next().unwrap_or(module);
    if let Some((_, help)) = LACKING.iter().find(|(modules, _)| modules.contains(&first)) {
        return Some((*help).to_owned().into());
    }
    let known = Known::load().ok()?;
    let package = known.of_module(first).or_else(|| known.needs_native_code(first))?;
    if known.needs_native_code(&package).is_some()
        && let Some(elsewhere) = built_in::elsewhere(&[&package])
    {
        let instead = known.instead.get(&package).map(|instead| format!("\nwithout it, {instead}"));
        return Some(format!("{elsewhere}{}", instead.unwrap_or_default()).into());
    }
    if let Some(instead) = known.instead.get(&package) {
        return Some(format!("{package} has native code, which guests cannot run: {instead}").into());
    }
    let command = format!("pywagi add {package}");
    Some(Help { text: format!("the package {package} is not installed: `{command}`"), command: Some(command) })
}

/// What helps where a path is not there: it is relative, or not in a volume.
fn missing_file(message: &str, volumes: &[Volume]) -> Option<String> {
    // `[Errno 44] No such file or directory: 'x'`: ENOENT, and ENOTCAPABLE.
    let number = message.strip_prefix("[Errno ")?.split(']').next()?;
    let (_, path) = message.split_once(": ")?;
    let path = path.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])?;
    if !matches!(number, "44" | "76") || path.is_empty() || volume_of(path, volumes).is_some() {
        return None;
    }
    if !path.starts_with('/') {
        return Some(format!(
            "the working directory of a guest is /, and {path} is looked for there: name it by its path in a volume, or by \
             that of the script: `os.path.join(os.path.dirname(__file__), \"{path}\")`"
        ));
    }
    let names: Vec<_> = volumes.iter().map(|volume| volume.guest.as_str()).collect();
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Some(format!(
        "{path} is in no volume; the script sees {names}. Add its directory to `volumes` in modules.toml, as in \
         \"/data\" = \"data\""
    ))
}

/// What follows `before` in quotes.
fn quoted<'m>(message: &'m str, before: &str) -> Option<&'m str> {
    message.strip_prefix(before)?.strip_prefix('\'')?.split('\'').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(class: &str, message: &str) -> Option<Help> {
        let volumes = [Volume { guest: "/code".to_owned(), host: "code".into(), read_only: false }];
        help_of(&Exception { class: Some(class.to_owned()), message: message.to_owned(), location: None }, &volumes)
    }

    #[test]
    fn a_package_that_is_not_installed_is_added_by_a_command() {
        let add = |module: &str| help("ModuleNotFoundError", &format!("No module named '{module}'"));
        for (module, command) in [("flask", "pywagi add flask"), ("yaml", "pywagi add pyyaml")] {
            let found = add(module).expect("help");
            assert_eq!(found.command.as_deref(), Some(command));
            assert!(found.text.ends_with(&format!("is not installed: `{command}`")), "{}", found.text);
        }
        let numpy = add("numpy.linalg").expect("help");
        let expected = "numpy 2.5.2 is in the scientific interpreter: `pywagi init NAME --python science` makes an app with it, and \
                        `pywagi toolchain install science` has this app use it\n\
                        without it, use the standard library's array, statistics and math, or mpmath";
        assert_eq!((numpy.command, numpy.text.as_str()), (None, expected));
        for (module, package) in [("sklearn.cluster", "scikit-learn"), ("PIL", "pillow"), ("contourpy", "contourpy")] {
            let text = add(module).expect("help").text;
            assert!(text.starts_with(&format!("{package} ")) && text.contains("--python science-full`"), "{text}");
        }
        assert!(add("orjson").expect("help").text.starts_with("orjson has native code"));
        assert!(add("fcntl").expect("help").text.starts_with("a guest has no processes"));
        assert_eq!(add("shop"), None);
    }

    #[test]
    fn a_path_that_is_not_there_is_explained() {
        for (class, message, expected) in [
            (
                "FileNotFoundError",
                "[Errno 44] No such file or directory: 'x.txt'",
                Some("the working directory of a guest is /,"),
            ),
            (
                "OSError",
                "[Errno 76] Capabilities insufficient: '/etc/passwd'",
                Some("/etc/passwd is in no volume; the script sees /code. Add"),
            ),
            ("FileNotFoundError", "[Errno 44] No such file or directory: '/code/x.txt'", None),
            ("OSError", "[Errno 76]", None),
            ("OSError", "", None),
        ] {
            let text = help(class, message).map(|help| help.text);
            match expected {
                Some(start) => assert!(text.as_ref().is_some_and(|text| text.starts_with(start)), "{text:?}"),
                None => assert_eq!(text, None, "{message}"),
            }
        }
    }

    #[test]
    fn what_guests_lack_is_said() {
        for (class, message) in [
            ("RuntimeError", "can't start new thread"),
            ("OSError", "Matplotlib requires access to a writable cache directory, but there was an issue"),
            ("bdb.BdbQuit", ""),
            ("AttributeError", "module 'os' has no attribute 'fork'"),
        ] {
            assert!(help(class, message).is_some(), "{class}");
        }
        assert_eq!(help("RuntimeError", "it failed"), None);
    }
}
