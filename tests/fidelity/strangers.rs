//! Guests that are no CPython, or one that does not start: they answer as they do from the beginning.

use pywagi::cache::Cache;
use pywagi::guest::{self, Exit, Start};

use crate::interpreter::{self, EmptyCache, VERSIONS, answer, bare};
use crate::support::{Project, wat};

/// A guest that says what the boot script says before it stops, asks for the time as it does, and then, since it is
/// not the boot script, answers. Memory holds `object` at 64, what it says is its function, and the function table is
/// `functions`.
fn pretender(object: &str, functions: &str) -> String {
    let said = "\\npywagi-loaded\\npywagi-image\\n64\\n128\\n192\\n256\\n320\\n51118320\\npywagi-stop\\n";
    let length = said.len() - said.matches("\\n").count();
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (table (export "table") 4 funcref)
  {functions}
  (data (i32.const 64) "{object}")
  (data (i32.const 1024) "{said}")
  (data (i32.const 2048) "Content-Type: text/plain\0a\0aanswered\0a")
  (func $write (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (if (i32.eqz (i32.load (i32.const 16)))
      (then
        (i32.store (i32.const 16) (i32.const 1))
        (if (call $asked) (then (call $write (i32.const 1024) (i32.const {length}))))))
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 32)))
    (call $write (i32.const 2048) (i32.const 35)))
  (func $asked (result i32)
    (drop (call $args (i32.const 40) (i32.const 44)))
    ;; The boot script is longer than any request of this test.
    (i32.gt_u (i32.load (i32.const 44)) (i32.const 4096))))"#
    )
}

/// The four bytes of a number, as WebAssembly text has them.
fn word(number: u32) -> String {
    number.to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// An object at 64 whose type is at 72 and says that it is called through the table's element `call`: `ob_type` is at
/// +4, `tp_call` of the type at +64.
fn object(call: u32) -> String {
    format!("{}{}{}{}", word(1), word(72), word(0).repeat(16), word(call))
}

#[test]
fn a_guest_that_is_no_cpython_answers() {
    let project = Project::empty();
    let cases = [
        (
            "plain",
            wat::prints("Content-Type: text/plain\n\nanswered\n"),
            "its module's memory and functions cannot be saved apart from its code",
        ),
        (
            "silent",
            pretender("", "").replace("(i32.const 4096)", "(i32.const -1)"),
            "the guest is not a CPython that can be saved",
        ),
        ("no object", pretender("", ""), "its function objects are not laid out as CPython's"),
        ("no function", pretender(&object(3), ""), "the saved interpreter does not answer"),
        (
            "a function of another kind",
            pretender(&object(1), "(elem (i32.const 1) $f) (func $f)"),
            "the saved interpreter does not answer",
        ),
        (
            "a function that traps",
            pretender(&object(1), "(elem (i32.const 1) $f) (func $f (param i32 i32 i32) (result i32) unreachable)"),
            "the saved interpreter does not answer",
        ),
        (
            "a function that answers something else",
            pretender(&object(1), "(elem (i32.const 1) $f) (func $f (param i32 i32 i32) (result i32) i32.const 64)"),
            "the saved interpreter answers what it was not asked",
        ),
        (
            "a function that answers with an address outside of memory",
            pretender(&object(1), "(elem (i32.const 1) $f) (func $f (param i32 i32 i32) (result i32) i32.const -8)"),
            "the saved interpreter does not answer",
        ),
    ];
    let cache = Cache::at(&project.path("cache")).expect("a cache");
    interpreter::with_stack(move || {
        for (name, source, why) in cases {
            project.write("guest.wat", source);
            let program = interpreter::load(&interpreter::runtime_with(Some(&cache)), &project.path("guest.wat"));
            for _ in 0..2 {
                let output = guest::run(&program, &bare(false));
                assert_eq!(answer(&output).0, "Content-Type: text/plain\n\nanswered\n", "{name}");
                assert_eq!((&output.exit, output.stderr.as_slice()), (&Exit::Code(0), &b""[..]), "{name}");
                assert!(matches!(output.start, Start::Cold(_)), "{name}");
                if let Some(improvement) = output.improvement {
                    assert_eq!(improvement.make(), Err(why.to_owned()), "{name}");
                }
            }
            assert_eq!(guest::run(&program, &bare(false)).start, Start::Cold(why.to_owned()), "{name}");
        }
    });
}

#[test]
fn a_python_wasm_whose_library_is_missing_answers_with_its_own_error() {
    // 3.11 finds no library where PYTHONHOME says.
    let version = VERSIONS[1];
    interpreter::with_stack(move || {
        let project = Project::empty().directory("code").directory("data").file("code/main.py", "print('never')");
        let cache = EmptyCache::new();
        let program = interpreter::load(&interpreter::runtime(&cache), &version.module());
        let arguments = ["python".to_owned(), "/code/main.py".to_owned()];
        let mut input = interpreter::input(version, &project.path("code"), &project.path("data"), &arguments);
        input.environment = vec![("PYTHONHOME".to_owned(), "/data".to_owned())];
        let expected = "ModuleNotFoundError: No module named 'encodings'";
        for _ in 0..2 {
            let output = guest::run(&program, &input);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(expected), "{said}");
            assert_eq!(output.exit, Exit::Code(1));
            if let Some(improvement) = output.improvement {
                let why = improvement.make().expect_err("nothing to save");
                assert!(why.starts_with("the guest is not a CPython that can be saved; it says: "), "{why}");
            }
        }
    });
}
