//! Mistakes on the command line.

use clap::error::ErrorKind;

/// A mistake on the command line, printed as clap prints its own.
pub(super) fn usage(message: String) -> anyhow::Error {
    clap::Error::raw(ErrorKind::ValueValidation, message + "\n").into()
}
