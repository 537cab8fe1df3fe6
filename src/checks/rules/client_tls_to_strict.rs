//! A `DestinationRule` makes clients send TLS without a mesh certificate to a port that requires mTLS.

use crate::{
    checks::{Finding, Rule, Severity, by_cause},
    mesh::{Failure, Mesh, Mismatch, Verdict},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS203",
    name: "client-tls-to-strict",
    severity: Severity::Error,
    summary: "A DestinationRule makes clients send TLS without a mesh certificate to a port that requires mTLS, so their calls fail.",
    why: "The server requires a client certificate of the mesh and receives none. Clients see a TLS alert, or 503 with flags UF.",
    fix: "Set ISTIO_MUTUAL, or remove the `tls` block so that automatic mTLS decides.",
    bad: include_str!("client_tls_to_strict.bad.yaml"),
    good: include_str!("client_tls_to_strict.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S67", "S95"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let is_foreign = |one: &Mismatch| one.sent_as.is_tls_of_rule();
    let is_outside_hbone = |one: &Mismatch| one.verdict == Verdict::Fail(Failure::HboneRequired) && is_foreign(one);
    let is_rejected = |one: &Mismatch| one.verdict == Verdict::Fail(Failure::TlsWithoutMeshCertificate) || is_outside_hbone(one);
    let fails = |one: &Mismatch| is_rejected(one) && one.configured.is_some();
    by_cause::by_rule(mesh, &RULE, fails, "makes clients send TLS without a mesh certificate, which is rejected, to", out);
}
