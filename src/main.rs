//! The `pywagi` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    pywagi::run()
}
