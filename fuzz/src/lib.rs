//! What the targets share: from bytes to a snapshot, and everything that is done with one.

use std::{io::Cursor, path::PathBuf};

use kubectl_mtls::{
    checks,
    mesh::{ControlPlaneOptions, Mesh},
    object::Snapshot,
    source::manifest,
};

/// Reads bytes as manifests from standard input; `None` where there is nothing in them.
pub fn manifests(bytes: &[u8]) -> Option<Snapshot> {
    let paths = [PathBuf::from("-")];
    let request = manifest::Request { paths: &paths, now: 1_793_534_400, ..manifest::Request::default() };
    manifest::read(&request, &mut Cursor::new(bytes)).ok()
}

/// Indexes a snapshot and applies every rule.
///
/// # Panics
/// When two runs differ: the answer must not depend on anything but the input.
pub fn evaluate(snapshot: &Snapshot) {
    let findings = |mesh: &Mesh<'_>| format!("{:?}", checks::run(mesh, |_| true));
    let settings = ControlPlaneOptions::default();
    let mesh = Mesh::new(snapshot, &settings);
    let once = findings(&mesh);
    assert_eq!(once, findings(&mesh), "two runs of the rules differ");
}
