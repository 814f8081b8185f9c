//! Calls that read into or write from several buffers, as `readv` and `writev` do.

use crate::support::Project;

/// Writes, reads and prints with several buffers in each call, of which some are empty. Traps where a call fails or
/// moves another number of bytes than all of its buffers together hold.
const GUEST: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 500) "new old")
  (data (i32.const 1000) "Content-Type: text/plain\n")
  (data (i32.const 1100) "\n")
  (data (i32.const 1200) "abcdef")
  (data (i32.const 1300) "XY")
  (func $is (param $found i32) (param $expected i32)
    (if (i32.ne (local.get $found) (local.get $expected)) (then unreachable)))
  (func $buffer (param $index i32) (param $at i32) (param $length i32)
    (local $place i32)
    (local.set $place (i32.mul (local.get $index) (i32.const 8)))
    (i32.store (local.get $place) (local.get $at))
    (i32.store offset=4 (local.get $place) (local.get $length)))
  (func $open (param $name i32) (param $how i32) (param $flags i32) (result i32)
    (call $is (call $path_open (i32.const 3) (i32.const 0) (local.get $name) (i32.const 3) (local.get $how)
      (i64.const 70) (i64.const 0) (local.get $flags) (i32.const 400)) (i32.const 0))
    (i32.load (i32.const 400)))
  (func (export "_start") (local $new i32) (local $old i32)
    (local.set $new (call $open (i32.const 500) (i32.const 1) (i32.const 0)))
    (call $buffer (i32.const 0) (i32.const 1200) (i32.const 0))
    (call $buffer (i32.const 1) (i32.const 1200) (i32.const 2))
    (call $buffer (i32.const 2) (i32.const 1200) (i32.const 0))
    (call $buffer (i32.const 3) (i32.const 1202) (i32.const 4))
    (call $is (call $fd_write (local.get $new) (i32.const 0) (i32.const 4) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 6))
    (call $buffer (i32.const 0) (i32.const 1300) (i32.const 2))
    (call $is (call $fd_pwrite (local.get $new) (i32.const 0) (i32.const 2) (i64.const 2) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 4))
    (local.set $old (call $open (i32.const 504) (i32.const 0) (i32.const 1)))
    (call $is (call $fd_write (local.get $old) (i32.const 0) (i32.const 2) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 4))

    (call $is (call $fd_seek (local.get $new) (i64.const 0) (i32.const 0) (i32.const 416)) (i32.const 0))
    (call $buffer (i32.const 0) (i32.const 2000) (i32.const 2))
    (call $buffer (i32.const 1) (i32.const 2010) (i32.const 0))
    (call $buffer (i32.const 2) (i32.const 2020) (i32.const 100))
    (call $is (call $fd_read (local.get $new) (i32.const 0) (i32.const 3) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 6))
    (call $buffer (i32.const 0) (i32.const 2200) (i32.const 1))
    (call $buffer (i32.const 2) (i32.const 2220) (i32.const 100))
    (call $is (call $fd_pread (local.get $new) (i32.const 0) (i32.const 3) (i64.const 1) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 5))
    (call $buffer (i32.const 0) (i32.const 2400) (i32.const 2))
    (call $buffer (i32.const 2) (i32.const 2420) (i32.const 100))
    (call $is (call $fd_read (i32.const 0) (i32.const 0) (i32.const 3) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 5))

    (call $buffer (i32.const 0) (i32.const 1200) (i32.const 6))
    (call $buffer (i32.const 1) (i32.const 1100) (i32.const 1))
    (call $is (call $fd_write (i32.const 2) (i32.const 0) (i32.const 2) (i32.const 408)) (i32.const 0))
    (call $is (i32.load (i32.const 408)) (i32.const 7))

    (call $buffer (i32.const 0) (i32.const 1000) (i32.const 25))
    (call $buffer (i32.const 1) (i32.const 1100) (i32.const 1))
    (call $buffer (i32.const 2) (i32.const 2000) (i32.const 2))
    (call $buffer (i32.const 3) (i32.const 2020) (i32.const 4))
    (call $buffer (i32.const 4) (i32.const 2200) (i32.const 1))
    (call $buffer (i32.const 5) (i32.const 2220) (i32.const 4))
    (call $buffer (i32.const 6) (i32.const 2400) (i32.const 2))
    (call $buffer (i32.const 7) (i32.const 2420) (i32.const 3))
    ;; The number of bytes goes where the last buffer is described, which must have been read by then.
    (call $is (call $fd_write (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 60)) (i32.const 0))
    (call $is (i32.load (i32.const 60)) (i32.const 42))))"#;

#[test]
fn a_call_takes_all_of_its_buffers() {
    let modules = "[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\nvolumes = { \"/\" = \"rw\" }\n";
    let project = Project::new(modules).file("guest.wat", GUEST).file("rw/old", "0");
    project.pywagi(["invoke", "/", "-q", "-d", "hello"]).output().code(0).stdout("abXYabbXYabhello").stderr("abcdef\n");
    assert_eq!((project.read("rw/new").as_str(), project.read("rw/old").as_str()), ("abXYab", "0XYab"));
}

#[test]
fn a_call_with_buffers_without_number_or_end_ends_at_the_time_limit_at_the_latest() {
    // All of memory as one list of buffers, most of which are all of memory again.
    let guest = "(module
      (import \"wasi_snapshot_preview1\" \"fd_write\" (func $fd_write (param i32 i32 i32 i32) (result i32)))
      (memory (export \"memory\") 512)
      (func (export \"_start\") (local $at i32)
        (loop $next
          (i32.store offset=4 (local.get $at) (i32.const 33554432))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br_if $next (i32.lt_u (local.get $at) (i32.const 33554432))))
        (drop (call $fd_write (i32.const 2) (i32.const 0) (i32.const 4194303) (i32.const 0)))))";
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n").file("guest.wat", guest);
    let run = project.pywagi(["invoke", "/", "-q", "--json", "--timeout", "1s", "--max-log", "1K"]).output();
    run.code(3).stderr_has("error: guest.wat was stopped after 1s, the time limit\n");
}
