//! Damaged files, caches that cannot be used, processes in each other's way: every request is answered all the same.

use std::path::{Path, PathBuf};

use pywagi::cache::{Cache, seal};
use pywagi::guest::{self, Exit, Program, Start};

use crate::interpreter::{self, EmptyCache, VERSIONS, answer, bare};
use crate::support::{ONE, Project, Run, python_modules, wat};

/// What is in the last bytes of an image file: the length of the description before it, a magic number.
const TAIL: usize = 16;

/// What can become of an image file, and whether its seal is made to fit.
struct Damage {
    name: &'static str,
    sealed: bool,
    change: fn(&mut Vec<u8>),
}

/// Replaces a number in the description of an image.
fn describe(image: &mut Vec<u8>, change: impl FnOnce(&mut serde_json::Value)) {
    let end = image.len() - TAIL;
    let length = u64::from_le_bytes(*image[end..].first_chunk().expect("a length"));
    let start = end - usize::try_from(length).expect("a small length");
    let mut description = serde_json::from_slice(&image[start..end]).expect("a description");
    change(&mut description);
    let text = serde_json::to_vec(&description).expect("a description");
    let magic = image[end + 8..].to_vec();
    image.truncate(start);
    image.extend_from_slice(&text);
    image.extend_from_slice(&(text.len() as u64).to_le_bytes());
    image.extend_from_slice(&magic);
}

const DAMAGES: &[Damage] = &[
    Damage { name: "an empty file", sealed: false, change: Vec::clear },
    Damage { name: "an empty file", sealed: true, change: Vec::clear },
    Damage { name: "half a file", sealed: false, change: |image| image.truncate(image.len() / 2) },
    Damage { name: "half a file", sealed: true, change: |image| image.truncate(image.len() / 2) },
    Damage { name: "one byte less", sealed: true, change: |image| image.truncate(image.len() - 1) },
    Damage {
        name: "a changed byte of memory",
        sealed: false,
        change: |image| {
            let middle = image.len() / 2;
            image[middle] ^= 0xff;
        },
    },
    Damage {
        name: "changed bytes all over",
        sealed: false,
        change: |image| image.iter_mut().step_by(1009).for_each(|byte| *byte ^= 0x55),
    },
    Damage {
        name: "no magic number",
        sealed: true,
        change: |image| image.iter_mut().rev().take(4).for_each(|b| *b = 0),
    },
    Damage {
        name: "a description's length beyond the file",
        sealed: true,
        change: |image| {
            let end = image.len() - TAIL;
            image[end..end + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        },
    },
    Damage {
        name: "another call slot",
        sealed: true,
        change: |image| describe(image, |d| d["entry"]["call"] = 1.into()),
    },
    Damage {
        name: "a call slot outside of the table",
        sealed: true,
        change: |image| describe(image, |d| d["entry"]["call"] = u32::MAX.into()),
    },
    Damage {
        name: "another function",
        sealed: true,
        change: |image| describe(image, |d| d["entry"]["function"] = 1024.into()),
    },
    Damage {
        name: "a function outside of memory",
        sealed: true,
        change: |image| describe(image, |d| d["entry"]["function"] = 0xffff_fff0_u32.into()),
    },
    Damage {
        name: "no arguments",
        sealed: true,
        change: |image| describe(image, |d| d["entry"]["arguments"] = 0xffff_fff0_u32.into()),
    },
    Damage {
        name: "a stack pointer of zero",
        sealed: true,
        change: |image| describe(image, |d| d["globals"][0][1]["I32"] = 0.into()),
    },
    Damage {
        name: "a global of another type",
        sealed: true,
        change: |image| describe(image, |d| d["globals"][0][1] = serde_json::json!({ "F64": 1 })),
    },
    Damage {
        name: "a global that is not there",
        sealed: true,
        change: |image| describe(image, |d| d["globals"][0][0] = "pywagi:global:999".into()),
    },
    Damage {
        name: "more memory than there is",
        sealed: true,
        change: |image| describe(image, |d| d["size"] = (1_u64 << 40).into()),
    },
    Damage { name: "the key of another", sealed: true, change: |image| describe(image, |d| d["key"] = "x".into()) },
];

#[test]
fn a_damaged_image_is_not_answered_from() {
    interpreter::with_stack(|| {
        let version = VERSIONS[0];
        let project = Project::empty().directory("code").directory("data");
        project.write("code/main.py", "import json, sys\nprint(json.dumps([1, 2]), sys.argv)\n");
        let cache = EmptyCache::new();
        let runtime = interpreter::runtime(&cache);
        let arguments = ["python", "/code/main.py", "a"].map(str::to_owned);
        let input = interpreter::input(version, &project.path("code"), &project.path("data"), &arguments);
        let load = || interpreter::load(&runtime, &version.module());
        guest::warm_up(&load(), &input).expect("the interpreter can be saved");
        let image = only_image(cache.path());
        let whole = std::fs::read(&image).expect("an image");
        let expected = "[1, 2] ['/code/main.py', 'a']\n";
        assert_eq!(answer(&guest::run(&load(), &input)), (expected.to_owned(), &Exit::Code(0), &Start::Warm));

        for Damage { name, sealed, change } in DAMAGES {
            let mut bytes = whole.clone();
            change(&mut bytes);
            assert!(bytes != whole, "{name}");
            if *sealed {
                write_sealed(&image, &bytes);
            } else {
                write_sealed(&image, &whole);
                std::fs::write(&image, &bytes).expect("written");
            }
            let program = load();
            let output = guest::run(&program, &input);
            let (text, exit, start) = answer(&output);
            assert_eq!((text.as_str(), exit), (expected, &Exit::Code(0)), "{name}, sealed: {sealed}");
            assert!(matches!(start, Start::Cold(_)), "{name}, sealed: {sealed}: {start:?}");
            assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
            output.improvement.expect("a new image would help");
        }
        // It is made anew, and later requests are served from it.
        let program = load();
        guest::warm_up(&program, &input).expect("the interpreter can be saved");
        for program in [program, load()] {
            assert_eq!(answer(&guest::run(&program, &input)), (expected.to_owned(), &Exit::Code(0), &Start::Warm));
        }
    });
}

/// The one image in a cache.
fn only_image(cache: &Path) -> PathBuf {
    let entries = std::fs::read_dir(cache.join("images")).expect("a directory of images");
    let mut images: Vec<_> = entries.map(|entry| entry.expect("a directory entry").path()).collect();
    images.retain(|path| path.extension().is_some_and(|extension| extension == "image"));
    assert_eq!(images.len(), 1, "{images:?}");
    images.remove(0)
}

/// Writes a file with a seal that fits, as a program other than ours could.
fn write_sealed(path: &Path, bytes: &[u8]) {
    use std::io::Write;

    seal::create(path, |file| file.write_all(bytes)).expect("written");
}

#[test]
fn damaged_compiled_code_is_compiled_anew() {
    let project = Project::empty().file("guest.wat", wat::prints("Content-Type: text/plain\n\nanswered\n"));
    let cache = Cache::at(&project.path("cache")).expect("a cache");
    interpreter::with_stack(move || {
        let load = || interpreter::load(&interpreter::runtime_with(Some(&cache)), &project.path("guest.wat"));
        let answered = |program: &Program| {
            let output = guest::run(program, &bare(true));
            assert_eq!(answer(&output).0, "Content-Type: text/plain\n\nanswered\n");
            assert_eq!(output.exit, Exit::Code(0));
        };
        answered(&load());
        let code = project.path("cache/code");
        let files: Vec<PathBuf> =
            std::fs::read_dir(&code).expect("compiled code").map(|entry| entry.expect("an entry").path()).collect();
        assert!(files.len() >= 3, "{files:?}");
        let original: Vec<_> = files.iter().map(|file| std::fs::read(file).expect("readable")).collect();
        for (file, bytes) in files.iter().zip(&original) {
            for damage in [
                |_: &[u8]| Vec::new(),
                |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec(),
                |bytes: &[u8]| bytes.iter().map(|byte| byte ^ 0x55).collect(),
            ] {
                std::fs::write(file, damage(bytes)).expect("written");
                answered(&load());
                answered(&load());
            }
            std::fs::remove_file(file).expect("removed");
            answered(&load());
        }
    });
}

#[test]
fn without_a_cache_every_request_is_answered() {
    let project = Project::empty().file("guest.wat", wat::prints("Content-Type: text/plain\n\nanswered\n"));
    interpreter::with_stack(move || {
        let program = interpreter::load(&interpreter::runtime_with(None), &project.path("guest.wat"));
        assert_eq!(answer(&guest::run(&program, &bare(false))).0, "Content-Type: text/plain\n\nanswered\n");
    });
}

/// A file in the place of a directory stops every user from writing, the superuser too.
#[test]
fn a_cache_that_cannot_be_written_does_not_stop_a_warm_start() {
    interpreter::with_stack(|| {
        let version = VERSIONS[0];
        let project = Project::empty().directory("code").directory("data").file("code/main.py", "print('answered')\n");
        let cache = EmptyCache::new();
        std::fs::write(cache.path().join("images"), "not a directory").expect("written");
        let program = interpreter::load(&interpreter::runtime(&cache), &version.module());
        let arguments = ["python".to_owned(), "/code/main.py".to_owned()];
        let input = interpreter::input(version, &project.path("code"), &project.path("data"), &arguments);
        assert!(matches!(guest::run(&program, &input).start, Start::Cold(_)));
        guest::warm_up(&program, &input).expect("the interpreter can be saved");
        assert_eq!(answer(&guest::run(&program, &input)), ("answered\n".to_owned(), &Exit::Code(0), &Start::Warm));
    });
}

#[test]
fn code_that_cannot_be_kept_is_run_all_the_same() {
    let project = Project::empty()
        .file("guest.wat", wat::prints("Content-Type: text/plain\n\nanswered\n"))
        .file("modules.toml", "[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n");
    let cache = project.path("cache");
    Cache::at(&cache).expect("a cache");
    for section in ["code", "digests", "images"] {
        std::fs::write(cache.join(section), "not a directory").expect("written");
    }
    for _ in 0..2 {
        project.pywagi(["invoke", "/"]).env("PYWAGI_CACHE_DIR", &cache).output().code(0).stdout("answered\n");
    }
}

/// Both start with nothing, so both compile the module, or save an interpreter, and put their files in place at once.
#[test]
fn two_processes_fill_an_empty_cache_at_once() {
    let script = "import json\nprint('Content-Type: text/plain\\n')\nprint(json.dumps('answered'))\n";
    let python = Project::new(&python_modules(&[("/", "main.py")])).file("code/main.py", script);
    let small = Project::new(ONE).file("guest.wat", wat::prints("Content-Type: text/plain\n\nanswered\n"));
    // Compiling Python takes long.
    let compiled = EmptyCache::new();
    let cache = small.path("cache");
    for (project, cache, expected) in
        [(&python, compiled.path(), "\"answered\"\n"), (&small, cache.as_path(), "answered\n")]
    {
        let start = |_| {
            let run = project.pywagi(["invoke", "/"]).env("PYWAGI_CACHE_DIR", cache);
            std::thread::spawn(move || Run::output(run))
        };
        for _ in 0..2 {
            let runs: Vec<_> = (0..3).map(start).collect();
            for run in runs {
                run.join().expect("the process ends").code(0).stdout(expected);
            }
        }
        let left = std::fs::read_dir(cache.join("code")).expect("a directory of compiled code");
        let names: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
        assert!(names.iter().all(|name| !name.to_string_lossy().starts_with(".tmp")), "{names:?}");
    }
}
