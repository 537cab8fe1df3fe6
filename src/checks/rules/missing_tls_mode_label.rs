//! A STRICT server without the label that makes clients send mTLS.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Dataplane, Mesh, TLS_MODE},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS306",
    name: "missing-tls-mode-label",
    severity: Severity::Error,
    summary: "A workload with a sidecar demands mTLS and lacks the label security.istio.io/tlsMode=istio: clients send it plaintext, which it refuses.",
    why: "Clients do not look at the server's containers: automatic mTLS goes by the label, which injection adds unless the pod template sets it to something else.",
    fix: "Take the label out of the pod template, so that injection sets it, and restart the pods.",
    bad: include_str!("missing_tls_mode_label.bad.yaml"),
    good: include_str!("missing_tls_mode_label.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication],
    aka: &[],
    see: &["S74", "S201"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut named: Vec<&crate::mesh::Subject> = Vec::new();
    for (workload, instance, server) in mesh.servers().filter(|(_, instance, _)| instance.dataplane == Dataplane::Sidecar) {
        let is_closed = server.workload().mode == Some(Mode::Strict) && instance.spec.is_some();
        if !is_closed || instance.labels.has(TLS_MODE, "istio") || named.contains(&&workload.subject) {
            continue;
        }
        named.push(&workload.subject);
        let said = instance.labels.get(TLS_MODE).map_or_else(|| "no label".to_owned(), |value| format!("the label {TLS_MODE}={value}"));
        let message = format!("{} is STRICT and has {said}: clients send it plaintext, which it refuses", workload.subject);
        out.push(Finding::about_workload(&RULE, workload, workload.metadata_field("labels", TLS_MODE), message));
    }
}
