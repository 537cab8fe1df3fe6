//! The program: see the library for everything it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    kubectl_mtls::cli::main().into()
}
