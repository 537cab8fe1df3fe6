//! Errors of the command line and of the configuration, which exit with 2.

use clap::error::ErrorKind;

/// A usage error, printed in the format of clap's own errors.
pub(super) fn usage(message: String) -> anyhow::Error {
    clap::Error::raw(ErrorKind::ValueValidation, message + "\n").into()
}
