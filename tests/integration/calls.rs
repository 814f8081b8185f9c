//! System calls with numbers that no sensible guest gives: the worst that may happen is the guest's end.

use crate::support::Project;

/// The functions of WASI preview 1 that are called here, and their parameters.
const FUNCTIONS: &[(&str, &str)] = &[
    ("fd_allocate", "i32 i64 i64"),
    ("fd_close", "i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_write", "i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("poll_oneoff", "i32 i32 i32 i32"),
    ("random_get", "i32 i32"),
];

/// A guest that opens the file `f` of its volume, descriptor 3, and makes calls such as `fd_close 3; fd_close -1`, where
/// `F` is the file's descriptor. At 200 is a vector of one buffer of 4 GiB, at 300 one of a buffer that fits.
fn calling(calls: &str) -> String {
    let parameters = |name: &str| FUNCTIONS.iter().find(|(known, _)| *known == name).expect("a function").1;
    let import = |(name, parameters): &(&str, &str)| {
        format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {parameters}) (result i32)))\n")
    };
    let call = |call: &str| {
        let mut words = call.split_whitespace();
        let name = words.next().expect("a name");
        let arguments: Vec<_> = words.collect();
        let types: Vec<_> = parameters(name).split(' ').collect();
        assert_eq!(arguments.len(), types.len(), "{call}");
        let value = |(argument, kind): (&str, &str)| match argument {
            "F" => "(local.get $f)".to_owned(),
            number => format!("({kind}.const {number})"),
        };
        let values: String = arguments.into_iter().zip(types).map(value).collect();
        format!("(drop (call ${name} {values}))\n")
    };
    format!(
        "(module {} (memory (export \"memory\") 4)
          (data (i32.const 100) \"f\")
          (data (i32.const 200) \"\\00\\04\\00\\00\\ff\\ff\\ff\\ff\")
          (data (i32.const 300) \"\\00\\04\\00\\00\\00\\f8\\03\\00\")
          (func (export \"_start\") (local $f i32)
            {} (local.set $f (i32.load (i32.const 400))) {}))",
        FUNCTIONS.iter().map(import).collect::<String>(),
        call("path_open 3 0 100 1 1 0x1fffffff 0 0 400"),
        calls.split(';').map(call).collect::<String>()
    )
}

#[test]
fn a_call_with_numbers_out_of_all_bounds_ends_the_guest_at_most() {
    let modules = "[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\nvolumes = { \"/\" = \"rw\" }\n";
    let project = Project::new(modules).directory("rw");
    for calls in [
        // A vector of buffers that is longer than memory, and one with a buffer that is.
        "fd_read F 0 -1 0",
        "fd_read F 200 1 0",
        "fd_read 0 200 1 0",
        "fd_pread F 200 1 0 0",
        // Several, of which only some are in memory.
        "fd_read F 300 9 0; fd_read 0 300 9 0",
        "fd_write F 300 -1 0; fd_write 1 -8 2 0",
        "fd_pread F 300 9 -1 0; fd_pread F 300 2 0 -1",
        "fd_pwrite F 300 9 0x7fffffffffffffff 0; fd_pwrite 2 300 9 0 0",
        "fd_pread F 300 1 -1 0",
        "fd_write F 200 1 0",
        "fd_write 1 200 1 0",
        "fd_write 2 0 -1 0",
        "fd_pwrite F 300 1 -1 0",
        "fd_pwrite F 300 1 0x7fffffffffffffff 0",
        "fd_seek F 0x7fffffffffffffff 0 408; fd_write F 300 1 0; fd_seek F 0x7fffffffffffffff 1 408",
        // Listings into nowhere, from anywhere, and going on where nothing was begun.
        "fd_readdir 3 -1 -1 0 0",
        "fd_readdir 3 0 -1 -1 0",
        "fd_readdir 3 0 0 0 -1",
        "fd_readdir 3 0 1 0 8; fd_readdir 3 -1 -1 1 8",
        "fd_readdir 3 0 1 0 8; fd_readdir 3 0 9 1 -1",
        "fd_readdir 3 0 1 0 8; fd_readdir 3 0 9 -1 8; fd_readdir 3 0 9 1 9",
        "fd_readdir 3 0 1 0 8; fd_close 3; fd_readdir 3 0 9 1 8; fd_readdir 3 0 9 0 8",
        // Sizes that no disk has, and too much of everything.
        "fd_allocate F 0 -1",
        "fd_filestat_set_size F -1",
        "fd_filestat_set_size F 0x7fffffffffffffff",
        "random_get 0 -1",
        "random_get -1 1",
        "poll_oneoff 0 0 -1 0",
        "poll_oneoff -1 -1 1 0",
        "poll_oneoff 0 -1 5000 0",
        "poll_oneoff 0 0 5000 -1",
        // Paths into nowhere, of all memory, of directories that there are not.
        "path_open 3 -1 100 1 -1 -1 -1 -1 0",
        "path_open 3 1 0 -1 0 -1 -1 0 0",
        "path_open 3 1 1000 260000 0 -1 -1 0 0",
        "path_open 3 1 100 1 0 -1 -1 0 -1",
        "path_open -1 1 100 1 0 -1 -1 0 0",
        "path_filestat_set_times 3 -1 -1 -1 -1 -1 -1",
        "path_filestat_set_times 3 1 100 1 -1 -1 5",
        "path_symlink 0 -1 3 100 1",
        "path_readlink 3 100 1 0 -1 0",
        "fd_renumber 3 0; fd_renumber -1 3; fd_close 0; fd_close 0; fd_close -1",
    ] {
        project.write("guest.wat", calling(calls));
        let run = project.pywagi(["invoke", "/", "-q", "--timeout", "10s"]).output();
        let said = run.stderr_text();
        // It trapped, or it printed no header. A panic of ours would end with 101.
        assert!(run.code == Some(3) && !said.contains("panicked") && !said.contains("time limit"), "{calls}\n{run}");
    }
}

#[test]
fn a_guest_without_memory_can_make_no_calls() {
    let guest = "(module (import \"wasi_snapshot_preview1\" \"fd_readdir\"
        (func $list (param i32 i32 i32 i64 i32) (result i32)))
        (func (export \"_start\") (drop (call $list (i32.const 3) (i32.const 0) (i32.const 9) (i64.const 0) (i32.const 9)))))";
    let project = Project::new("[[module]]\nroute = \"/\"\nmodule = \"guest.wat\"\n").file("guest.wat", guest);
    let run = project.pywagi(["invoke", "/", "-q"]).output();
    run.code(3).stderr("error: guest.wat trapped: missing required memory export\n");
}
