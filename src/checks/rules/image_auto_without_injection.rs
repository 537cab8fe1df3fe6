//! Gateways whose image `auto` is not replaced by injection.

use crate::{
    checks::{Finding, Rule, Severity, affected_pods::affected_workloads, enrolling},
    mesh::{Injection, Mesh},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS312",
    name: "image-auto-without-injection",
    severity: Severity::Error,
    summary: "A container `istio-proxy` has the image `auto`, and its pod is not injected.",
    why: "Injection replaces that image with the real one. Without injection, the node tries to pull an image named `auto`, and the \
          gateway never starts.",
    fix: "Add the label `sidecar.istio.io/inject: \"true\"` to the pod template, or enrol the namespace, and recreate the pods.",
    bad: include_str!("image_auto_without_injection.bad.yaml"),
    good: include_str!("image_auto_without_injection.good.yaml"),
    inputs: &[Kind::Namespace],
    aka: &["IST0146", "IST0147"],
    see: &["S163", "S255", "S257"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let position = |instance: &crate::mesh::Instance<'_>| {
        instance.spec?.containers().position(|container| container.name() == "istio-proxy" && container.image() == "auto")
    };
    let gateways = affected_workloads(mesh, |instance, own| {
        let stays = instance.is_running || matches!(own.injection, Injection::NotInjected(_));
        stays && position(instance).is_some()
    });
    for gateway in gateways {
        // Whether future pods are injected depends on the labels of their namespace.
        let is_known = gateway.instance.is_running || mesh.namespace_labels(&gateway.workload.subject.namespace).is_some();
        let Some(at) = position(gateway.instance) else { continue };
        let unless = if is_known { "" } else { ", unless its Namespace, which was not read, enrols it" };
        let message = format!("the proxy of {} has the image auto, which injection does not replace{unless}", gateway.describe());
        let finding = Finding::about_workload(&RULE, gateway.workload, gateway.spec_field(&format!("containers.{at}.image")), message);
        let is_excluded = gateway.membership.state.no_proxy_reason().is_some();
        let finding = match enrolling::advice(mesh, &gateway).filter(|_| is_excluded) {
            Some(advice) => finding.with_fix(advice),
            None => finding,
        };
        let finding = if is_known { finding } else { finding.with_severity(Severity::Warning) };
        out.push(finding.with_equivalent_codes(istioctl_codes(gateway.workload.subject.kind.as_str(), gateway.instance.is_running)));
    }
}

/// istioctl's code for it: one for pods, another for Deployments, none for other controllers (S163).
fn istioctl_codes(kind: &str, is_running: bool) -> &'static [&'static str] {
    if is_running || kind == Kind::Pod.name() {
        &["IST0147"]
    } else if kind == Kind::Deployment.name() {
        &["IST0146"]
    } else {
        &[]
    }
}
