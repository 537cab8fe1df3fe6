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
    summary: "A workload with a sidecar requires mTLS but lacks the label `security.istio.io/tlsMode=istio`, so clients send it \
              plaintext, which it rejects.",
    why: "Clients do not inspect the server's containers: automatic mTLS depends on the label, which injection adds unless the pod \
          template sets another value. Clients see 503 with flags UC, or a connection reset.",
    fix: "Remove the label from the pod template, so that injection sets it, and restart the pods.",
    bad: include_str!("missing_tls_mode_label.bad.yaml"),
    good: include_str!("missing_tls_mode_label.good.yaml"),
    inputs: &[Kind::Pod, Kind::PeerAuthentication],
    aka: &[],
    see: &["S74", "S201"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut reported: Vec<&crate::mesh::Subject> = Vec::new();
    for (workload, instance, server) in mesh.servers().filter(|(_, instance, _)| instance.dataplane == Dataplane::Sidecar) {
        let is_strict = server.workload().mode == Some(Mode::Strict) && instance.spec.is_some();
        if !is_strict || instance.labels.has(TLS_MODE, "istio") || reported.contains(&&workload.subject) {
            continue;
        }
        reported.push(&workload.subject);
        let label =
            instance.labels.get(TLS_MODE).map_or_else(|| format!("no label {TLS_MODE}"), |value| format!("the label {TLS_MODE}={value}"));
        let message = format!("{} is STRICT and has {label}: clients send it plaintext, which it rejects", workload.subject);
        out.push(Finding::about_workload(&RULE, workload, workload.metadata_field("labels", TLS_MODE), message));
    }
}
