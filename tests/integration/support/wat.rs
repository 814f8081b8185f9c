//! Small guests in WebAssembly text, for what needs no interpreter. pywagi reads `.wat` as it reads `.wasm`.

/// A guest that writes `stdout` and `stderr` and then exits with `code`.
pub fn writes(stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>, code: i32) -> String {
    writes_then(stdout, stderr, &format!("(call $proc_exit (i32.const {code}))"))
}

/// A guest that writes `stdout` and returns from its entry point.
pub fn prints(stdout: impl AsRef<[u8]>) -> String {
    writes_then(stdout, b"", "")
}

/// A guest that writes `stdout` and `stderr` and then traps.
pub fn traps(stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>) -> String {
    writes_then(stdout, stderr, "unreachable")
}

/// A guest that writes `stdout` and `stderr` and then never ends.
pub fn hangs(stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>) -> String {
    writes_then(stdout, stderr, "(loop $forever (br $forever))")
}

/// A guest that writes `stdout` and then counts to a hundred million, which takes some tens of milliseconds.
pub fn prints_and_counts(stdout: impl AsRef<[u8]>) -> String {
    let next = "(i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))";
    let count = format!("(loop $on {next} (br_if $on (i32.lt_u (i32.load (i32.const 0)) (i32.const 100000000))))");
    writes_then(stdout, b"", &count)
}

/// A guest that answers with what it read from standard input, a chunk at a time.
pub fn echo() -> String {
    const HEAD: &str = "Content-Type: application/octet-stream\\n\\n";
    const HEAD_LENGTH: usize = "Content-Type: application/octet-stream\n\n".len();
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (data (i32.const 1024) "{HEAD}")
  (func $write (param $at i32) (param $length i32)
    (loop $more
      (if (i32.eqz (local.get $length)) (then (return)))
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $length))
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
      (local.set $length (i32.sub (local.get $length) (i32.load (i32.const 8))))
      (br $more)))
  (func (export "_start")
    (call $write (i32.const 1024) (i32.const {HEAD_LENGTH}))
    (loop $more
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 131072))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)) (then unreachable))
      (if (i32.load (i32.const 12)) (then
        (call $write (i32.const 65536) (i32.load (i32.const 12)))
        (br $more))))))"#
    )
}

/// A guest that answers with its arguments, its environment and its standard input, a byte 0xff after each of the first
/// two, which none of them holds. Each argument and each `NAME=VALUE` ends with a NUL, as WASI gives them.
pub fn shows() -> String {
    const HEAD: &str = "Content-Type: application/octet-stream\\n\\n";
    const HEAD_LENGTH: usize = "Content-Type: application/octet-stream\n\n".len();
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 64)
  (data (i32.const 1024) "{HEAD}")
  (data (i32.const 2048) "\ff")
  (func $write (param $at i32) (param $length i32)
    (loop $more
      (if (i32.eqz (local.get $length)) (then (return)))
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $length))
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
      (local.set $length (i32.sub (local.get $length) (i32.load (i32.const 8))))
      (br $more)))
  (func (export "_start")
    (call $write (i32.const 1024) (i32.const {HEAD_LENGTH}))
    (if (call $args_sizes_get (i32.const 16) (i32.const 20)) (then unreachable))
    (if (call $args_get (i32.const 65536) (i32.const 1048576)) (then unreachable))
    (call $write (i32.const 1048576) (i32.load (i32.const 20)))
    (call $write (i32.const 2048) (i32.const 1))
    (if (call $environ_sizes_get (i32.const 16) (i32.const 20)) (then unreachable))
    (if (call $environ_get (i32.const 65536) (i32.const 1048576)) (then unreachable))
    (call $write (i32.const 1048576) (i32.load (i32.const 20)))
    (call $write (i32.const 2048) (i32.const 1))
    (loop $more
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 131072))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 12)) (then unreachable))
      (if (i32.load (i32.const 12)) (then
        (call $write (i32.const 65536) (i32.load (i32.const 12)))
        (br $more))))))"#
    )
}

fn writes_then(stdout: impl AsRef<[u8]>, stderr: impl AsRef<[u8]>, end: &str) -> String {
    let (stdout, stderr) = (stdout.as_ref(), stderr.as_ref());
    let errors_at = 1024 + stdout.len();
    let pages = (errors_at + stderr.len()) / 65536 + 1;
    format!(
        r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") {pages})
  (data (i32.const 1024) "{}")
  (data (i32.const {errors_at}) "{}")
  (func $write (param $file i32) (param $at i32) (param $length i32)
    (loop $more
      (if (i32.eqz (local.get $length)) (then (return)))
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $length))
      (if (call $fd_write (local.get $file) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
      (local.set $length (i32.sub (local.get $length) (i32.load (i32.const 8))))
      (br $more)))
  (func (export "_start")
    (call $write (i32.const 1) (i32.const 1024) (i32.const {}))
    (call $write (i32.const 2) (i32.const {errors_at}) (i32.const {}))
    {end}))"#,
        escaped(stdout),
        escaped(stderr),
        stdout.len(),
        stderr.len()
    )
}

/// Bytes as a string literal of WebAssembly text.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("\\{b:02x}")).collect()
}
