//! Where an object was read.

use std::sync::Arc;

/// Where an object was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// From a cluster.
    Cluster,
    /// From a file.
    File(Arc<FilePlace>),
}

/// A document of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct FilePlace {
    /// The file as it was named, or `<stdin>`.
    pub path: Arc<str>,
    /// Which document of the file it is in, from 1.
    pub document: u32,
    /// The line of the file on which the object's text starts, from 1.
    pub line: u32,
    /// The object's text, kept for the kinds whose fields findings point at.
    pub text: Option<Box<str>>,
}
