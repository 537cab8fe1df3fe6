//! What to read, and the defaults for manifests.

use std::path::PathBuf;

use crate::{
    object::FileOrigin,
    source::{
        configuration::Exclude,
        program::{NoPrograms, Programs},
    },
};

/// What to read.
#[derive(Debug)]
pub struct Request<'r> {
    /// Files and folders as given by the user; `-` is standard input.
    pub paths: &'r [PathBuf],
    /// Whether sub-folders are read too.
    pub recursive: bool,
    /// Namespace of manifests that set none; empty means `default`.
    pub namespace: &'r str,
    /// The time of reading, in seconds since 1970.
    pub now: i64,
    /// Files in folders that are not read. A file that is given by name is always read.
    pub exclude: Exclude,
    /// Whether hidden, ignored and dependencies' folders are read too.
    pub no_ignore: bool,
    /// The name of standard input in locations and messages.
    pub stdin_name: &'r str,
    /// Runs git, which knows what is tracked and ignored.
    pub programs: &'r dyn Programs,
    /// In bytes; a larger file is not read.
    pub max_file_size: u64,
}

/// Twice the size of a dump of 100,000 pods as JSON.
pub const MAX_FILE_SIZE: u64 = 2 << 30;

impl Default for Request<'_> {
    fn default() -> Self {
        Self {
            paths: &[],
            recursive: false,
            namespace: "",
            now: 0,
            exclude: Exclude::default(),
            no_ignore: false,
            stdin_name: FileOrigin::STDIN,
            programs: &NoPrograms,
            max_file_size: MAX_FILE_SIZE,
        }
    }
}
