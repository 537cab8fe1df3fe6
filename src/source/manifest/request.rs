//! What to read, and how manifests are understood that leave something open.

use std::path::PathBuf;

use crate::source::configuration::Exclude;

/// What to read.
#[derive(Debug, Default)]
pub struct Request<'r> {
    /// Files and folders as they were named; `-` is standard input.
    pub paths: &'r [PathBuf],
    /// Whether sub-folders are read too.
    pub recursive: bool,
    /// Namespace of manifests that name none; empty means `default`.
    pub namespace: &'r str,
    /// The moment of reading, in seconds since 1970.
    pub now: i64,
    /// Files of folders that are not read. One that is named itself is.
    pub exclude: Exclude,
}
