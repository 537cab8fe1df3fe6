//! The label `tlsMode: istio` on a workload without a proxy that terminates mTLS.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::{Dataplane, Mesh, TLS_MODE},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS305",
    name: "stray-tls-mode-label",
    severity: Severity::Error,
    summary: "A workload without a proxy has the label `security.istio.io/tlsMode=istio`, so mesh clients send it mTLS, which it \
              cannot terminate.",
    why: "Clients go by this label, which injection sets. On a workload without a proxy, the application receives the TLS handshake: \
          clients see 503 with flags UF and WRONG_VERSION_NUMBER.",
    fix: "Remove the label, or give the workload a proxy.",
    bad: include_str!("stray_tls_mode_label.bad.yaml"),
    good: include_str!("stray_tls_mode_label.good.yaml"),
    inputs: &[Kind::Pod],
    aka: &[],
    see: &["S74", "S97"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for workload in mesh.workloads() {
        let is_stray = |instance: &&crate::mesh::Instance<'_>| {
            let cannot_terminate = matches!(instance.dataplane, Dataplane::None | Dataplane::Ambient);
            cannot_terminate && !instance.is_assumed && instance.spec.is_some() && instance.labels.has(TLS_MODE, "istio")
        };
        let Some(instance) = workload.instances.iter().find(is_stray) else { continue };
        let why = if instance.dataplane == Dataplane::Ambient {
            "is in ambient, where ztunnel does not accept such mTLS"
        } else {
            "has no proxy"
        };
        let message = format!("{} has the label {TLS_MODE}=istio but {why}: clients with a sidecar still send it mTLS", workload.subject);
        out.push(Finding::about_workload(&RULE, workload, workload.metadata_field("labels", TLS_MODE), message));
    }
}
