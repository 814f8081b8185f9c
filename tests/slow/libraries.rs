//! The libraries of docs/libraries.md, built by the commands that stand there.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Project, part, python_modules};

/// The files of docs/libraries.md.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/libraries")
}

/// Says what was not tried. Not by a macro, whose text is not seen if the test passes.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {why}");
}

/// The n-th fenced text of this kind below a heading of docs/libraries.md.
fn fenced(heading: &str, kind: &str) -> String {
    let text = include_str!("../../docs/libraries.md");
    let (_, below) = text.split_once(&format!("## {heading}\n")).expect("the heading");
    let (_, fenced) = below.split_once(&format!("```{kind}\n")).expect("a fence");
    fenced.split_once("```").expect("its end").0.to_owned()
}

/// The app of a heading, whose script prints what the one there does.
fn app(heading: &str) -> Project {
    let script = format!("print('Content-Type: text/plain; charset=utf-8\\n')\n{}", fenced(heading, "python"));
    let modules = python_modules(&[("/", "app.py")]) + &fenced(heading, "toml");
    Project::new(&modules).file("code/app.py", script).directory("libs")
}

fn runs(command: &mut Command) -> bool {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    if !output.status.success() {
        let _ = std::io::stderr().write_all(&output.stderr);
    }
    output.status.success()
}

#[test]
fn a_library_in_c_is_built_and_called() {
    let line = fenced("A library in C", "console");
    let words: Vec<_> = line.trim_start_matches("$ ").split_whitespace().collect();
    let (program, arguments) = words.split_first().expect("a command");
    if Command::new(program).arg("--version").output().is_err() {
        return skipped("there is no clang-19 to build a library in C with");
    }
    let app = app("A library in C");
    std::fs::copy(examples().join("crc.c"), app.path("crc.c")).expect("copied");
    if !runs(Command::new(program).args(arguments).current_dir(app.root())) {
        return skipped("clang-19 has no lld-19, wasi-libc or libclang-rt-19-dev-wasm32");
    }
    app.pywagi(["invoke", "/", "-q"]).output().code(0).stdout(format!("{}\n", 0xcbf4_3926_u32));
}

#[test]
fn a_library_in_rust_is_built_and_called() {
    const TARGET: &str = "wasm32-unknown-unknown";
    let line = fenced("A library in Rust", "console");
    assert!(line.contains(&format!("$ cargo build --release --target {TARGET}\n")), "{line}");
    let app = app("A library in Rust");
    let target = app.path("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "--target", TARGET]).arg("--target-dir").arg(&target);
    cargo.current_dir(examples().join("slugs"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_") && name != "CARGO_HOME") {
        cargo.env_remove(name);
    }
    let libraries = Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).output();
    let is_installed = libraries.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
    if !is_installed {
        // The library of Rust is built, too, which takes a minute.
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/adapter/toolchain");
        if !part::all() || !directory.join("complete").is_file() {
            return skipped(
                "there is no wasm32-unknown-unknown (`rustup target add`) to build a library in Rust with; after \
                 `tools/build-adapter --toolchain`, FIDELITY=all builds it",
            );
        }
        let linker =
            format!("-C\u{1f}linker={}/usr/bin/wasm-ld-19\u{1f}-C\u{1f}linker-flavor=wasm-ld", directory.display());
        cargo
            .args(["-Z", "build-std=std,panic_abort"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_ENCODED_RUSTFLAGS", linker);
        cargo.env("RUSTC", directory.join("usr/bin/rustc"));
        cargo.env("LD_LIBRARY_PATH", directory.join("usr/lib/x86_64-linux-gnu"));
    }
    assert!(runs(&mut cargo));
    let made = target.join(TARGET).join("release/slugs.wasm");
    std::fs::copy(made, app.path("libs/slugs.wasm")).expect("copied");
    app.pywagi(["invoke", "/", "-q"]).output().code(0).stdout("creme-brulee\n");
}
