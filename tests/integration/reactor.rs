//! Modules as the scientific interpreter is built: reactors, with exceptions.

use crate::support::Project;

/// Prints what it throws and catches, and asks the host for a function, of which there is none. Its memory is its own from
/// the start, though exceptions are made in another.
const GUEST: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "host" "call" (func $call (param i32 i32 i32 i32) (result i32)))
  (tag $thrown (param i32))
  (memory (export "memory") 1)
  (data (i32.const 100) "Content-Type: text/plain\n\nthrown: ?, set up: ?, functions of the host: ?\n")
  (global $set_up (mut i32) (i32.const 0))
  (func $throw (param $times i32)
    (if (local.get $times) (then (call $throw (i32.sub (local.get $times) (i32.const 1)))))
    (throw $thrown (i32.const 0x37)))
  (func (export "_initialize") (global.set $set_up (i32.const 0x31)))
  (func (export "run") (result i32)
    (i32.store8 (i32.const 134) (block $caught (result i32)
      (try_table (catch $thrown $caught) (call $throw (i32.const 5)))
      unreachable))
    (i32.store8 (i32.const 145) (global.get $set_up))
    (i32.store8 (i32.const 171) (i32.add (i32.const 0x31)
      (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
    (i32.store (i32.const 0) (i32.const 100))
    (i32.store (i32.const 4) (i32.const 73))
    (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))"#;

#[test]
fn a_reactor_that_throws_is_run_as_a_command() {
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n").file("guest.wat", GUEST);
    let said = "thrown: 7, set up: 1, functions of the host: 0\n";
    project.pywagi(["invoke", "/", "-q"]).output().code(0).stdout(said).stderr("");
}
