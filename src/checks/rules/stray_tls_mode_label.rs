//! A label that promises mTLS where nothing ends it.

use crate::{
    checks::{
        Finding, Rule, Severity,
        example::{mesh_policy, shop, web},
    },
    mesh::{Dataplane, Mesh, TLS_MODE},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS305",
    name: "stray-tls-mode-label",
    severity: Severity::Error,
    summary: "A workload without a proxy has the label security.istio.io/tlsMode=istio: clients of the mesh send it mTLS, which it cannot end.",
    why: "The label is what clients go by, and injection sets it. On a workload without proxy the application gets the bytes of a TLS handshake.",
    fix: "Take the label off, or give the workload a proxy.",
    bad: r"apiVersion: v1
kind: Namespace
metadata:
  name: depot
  labels:
    istio-injection: disabled
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: stock
  namespace: depot
spec:
  template:
    metadata:
      labels:
        app: stock
        security.istio.io/tlsMode: istio
    spec:
      containers:
      - name: stock
        image: stock:1
",
    good: concat!(shop!(), web!(), mesh_policy!("STRICT")),
    inputs: &[Kind::Pod],
    aka: &[],
    see: &["S74", "S97"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for workload in mesh.workloads() {
        let is_stray = |instance: &&crate::mesh::Instance<'_>| {
            let cannot = matches!(instance.dataplane, Dataplane::None | Dataplane::Ambient);
            cannot && !instance.is_assumed && instance.spec.is_some() && instance.labels.has(TLS_MODE, "istio")
        };
        let Some(instance) = workload.instances.iter().find(is_stray) else { continue };
        let why = if instance.dataplane == Dataplane::Ambient { "is ambient, whose ztunnel takes no such mTLS" } else { "has no proxy" };
        let message =
            format!("{} has the label {TLS_MODE}=istio and {why}: clients with a sidecar send it mTLS all the same", workload.subject);
        out.push(Finding::about_workload(&RULE, workload, workload.metadata_field("labels", TLS_MODE), message));
    }
}
