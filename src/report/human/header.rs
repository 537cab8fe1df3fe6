//! The lines above a table: the mesh and its control planes.

use std::io::{self, Write};

use super::{
    escape::escape,
    paint::{mode_tone, painted},
};
use crate::report::{document::Header, style::Style};

/// Writes the first two lines: the mesh and its control planes.
pub(super) fn write(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if style.no_headers {
        return Ok(());
    }
    let mesh = &header.mesh;
    let by = mesh.decided_by.as_deref().map_or_else(|| "by default (no mesh policy)".into(), |by| format!("by {}", escape(by)));
    let auto = if mesh.auto_mtls { "on" } else { "off" };
    let mode = painted(&mesh.mode.to_string(), mode_tone(mesh.mode), style);
    let by = if header.complete || mesh.decided_by.is_some() { by } else { format!("{by}, as far as could be read") };
    writeln!(sink, "Mesh {mode} {by}, root namespace {}, auto mTLS {auto}", escape(&mesh.root_namespace))?;
    for plane in &mesh.control_planes {
        let version = plane.version.as_deref().unwrap_or("of unknown version");
        let (version, revision, namespace) = (escape(version), escape(&plane.revision), escape(&plane.namespace));
        write!(sink, "istiod {version}, revision {revision}, {}/{} ready in {namespace}", plane.ready, plane.desired)?;
        let has_other_root = plane.root_namespace != mesh.root_namespace;
        writeln!(sink, "{}", if has_other_root { format!(", root namespace {}", escape(&plane.root_namespace)) } else { String::new() })?;
    }
    writeln!(sink)
}
