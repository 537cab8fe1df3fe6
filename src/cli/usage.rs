//! Usage errors.

use clap::error::ErrorKind;

/// A usage error, printed in the format of clap's own errors.
pub(super) fn usage(message: String) -> anyhow::Error {
    clap::Error::raw(ErrorKind::ValueValidation, message + "\n").into()
}
