//! Pods that ambient should have and has not.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected, example::quiet_permissive},
    mesh::{Dataplane, Mesh, Standing},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS308",
    name: "not-captured-by-ambient",
    severity: Severity::Error,
    summary: "A pod that labels bring into ambient runs without being redirected to ztunnel.",
    why: "The label says mTLS and the pod speaks plaintext: without redirection nothing of its traffic reaches ztunnel, and \
          STRICT is not enforced for it. Usually ztunnel or the CNI plugin was not ready on its node.",
    fix: "See that `istio-cni-node` and `ztunnel` run on the node of the pod, then make the pod anew.",
    bad: concat!(
        r"apiVersion: v1
kind: Namespace
metadata:
  name: depot
  labels:
    istio.io/dataplane-mode: ambient
",
        r"---
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: depot
  labels:
    app: web
spec:
  containers:
  - name: web
    image: web:1
status:
  phase: Running
",
        quiet_permissive!()
    ),
    good: concat!(
        r"apiVersion: v1
kind: Namespace
metadata:
  name: depot
  labels:
    istio.io/dataplane-mode: ambient
",
        r"---
apiVersion: v1
kind: Pod
metadata:
  name: web-0
  namespace: depot
  labels:
    app: web
  annotations:
    ambient.istio.io/redirection: enabled
spec:
  containers:
  - name: web
    image: web:1
status:
  phase: Running
",
        quiet_permissive!()
    ),
    inputs: &[Kind::Pod, Kind::Namespace],
    aka: &[],
    see: &["S109", "S110", "S112"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let lost = affected(mesh, |_, own| own.standing == Standing::Missing && own.planned == Dataplane::Ambient);
    out.extend(lost.iter().map(|lost| {
        let by = lost.own.asked_by.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
        lost.finding(&RULE, format!("{} should be in ambient{by} and is not redirected to ztunnel", lost.who()))
    }));
}
