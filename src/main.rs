//! The binary; everything it does is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    kubectl_mtls::cli::main().into()
}
