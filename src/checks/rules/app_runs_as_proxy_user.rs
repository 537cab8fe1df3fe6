//! Applications that run with the proxy's user ID.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::{Dataplane, Mesh, runs_as_proxy_user},
    object::{FieldPath, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS116",
    name: "app-runs-as-proxy-user",
    severity: Severity::Warning,
    summary: "A container of the application runs as UID 1337, the user ID of the sidecar.",
    why: "The capture rules exclude the sidecar's user ID, because its own traffic would otherwise loop. Traffic that the \
          application sends as that user bypasses the sidecar: it leaves in plaintext, and STRICT servers reject it.",
    fix: "Run the application as a different user.",
    bad: include_str!("app_runs_as_proxy_user.bad.yaml"),
    good: include_str!("app_runs_as_proxy_user.good.yaml"),
    inputs: &[Kind::Pod],
    aka: &["IST0144"],
    see: &["S167", "S200"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for workload in mesh.workloads() {
        let meshed = workload.instances.iter().filter(|i| i.dataplane == Dataplane::Sidecar || i.is_assumed);
        let found = meshed.filter_map(|instance| instance.spec).find_map(|spec| Some((spec, runs_as_proxy_user(spec)?)));
        if let Some((_, (field, who))) = found {
            let message =
                format!("{who} of {} runs as UID 1337, the sidecar's user ID: its traffic bypasses the sidecar", workload.subject);
            out.push(Finding::about_workload(&RULE, workload, spec_field(&workload.metadata, &field), message));
        }
    }
}

/// A field of the spec, which is a sibling of the metadata.
fn spec_field(metadata: &FieldPath, below: &str) -> FieldPath {
    let depth = metadata.steps().len() - 1;
    metadata.steps().take(depth).chain(["spec"]).chain(below.split('.')).collect()
}
