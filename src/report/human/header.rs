//! The lines above a table: the mesh and its control planes.

use std::io::{self, Write};

use super::{
    escape::escape,
    paint::{mode_tone, painted},
};
use crate::report::{
    document::{Header, Mesh, words::Mode},
    style::Style,
};

/// Whether automatic mTLS is on, as far as that was read.
pub(crate) fn auto_mtls(mesh: &Mesh) -> &'static str {
    match mesh.auto_mtls {
        Some(true) => "on",
        Some(false) => "off",
        None => "unknown",
    }
}

/// What sets the mode of the mesh, after a space; empty if the mode is unknown.
pub(crate) fn decided_by(mesh: &Mesh) -> String {
    match &mesh.decided_by {
        Some(by) => format!(" by {by}"),
        None if mesh.mode == Mode::Unknown => String::new(),
        None => " by default (no mesh policy)".into(),
    }
}

/// The root namespace, as far as it was read.
pub(crate) fn root_namespace(mesh: &Mesh) -> &str {
    mesh.root_namespace.as_deref().unwrap_or("unknown")
}

/// Writes the first two lines: the mesh and its control planes.
pub(super) fn write(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let Some(mesh) = header.mesh.as_ref().filter(|_| !style.no_headers) else { return Ok(()) };
    let (auto, root) = (auto_mtls(mesh), root_namespace(mesh));
    let mode = painted(&mesh.mode.to_string(), mode_tone(mesh.mode), style);
    let is_partial = !header.complete && mesh.decided_by.is_none() && mesh.mode != Mode::Unknown;
    let by = [escape(&decided_by(mesh)).as_ref(), if is_partial { ", as far as could be read" } else { "" }].concat();
    writeln!(sink, "Mesh {mode}{by}, root namespace {}, auto mTLS {auto}", escape(root))?;
    for plane in &mesh.control_planes {
        let version = plane.version.as_deref().unwrap_or("of unknown version");
        let (version, revision, namespace) = (escape(version), escape(&plane.revision), escape(&plane.namespace));
        write!(sink, "istiod {version}, revision {revision}, {}/{} ready in {namespace}", plane.ready, plane.desired)?;
        let has_other_root = mesh.root_namespace.as_ref().is_some_and(|root| *root != plane.root_namespace);
        writeln!(sink, "{}", if has_other_root { format!(", root namespace {}", escape(&plane.root_namespace)) } else { String::new() })?;
    }
    writeln!(sink)
}
