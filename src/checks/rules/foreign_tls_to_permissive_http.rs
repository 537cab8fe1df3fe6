//! A `DestinationRule` makes clients send TLS that is not Istio's to a PERMISSIVE HTTP port.

use crate::{
    checks::{Finding, Rule, Severity, by_cause},
    mesh::{Failure, Mesh, Verdict},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS204",
    name: "foreign-tls-to-permissive-http",
    severity: Severity::Error,
    summary: "A DestinationRule makes clients send TLS that is not Istio's to a PERMISSIVE HTTP port, so their calls fail.",
    why: "A PERMISSIVE port recognises mesh mTLS by its ALPN. Other TLS matches no filter chain of an HTTP port, and the connection \
          is reset.",
    fix: "Set ISTIO_MUTUAL, or remove the `tls` block so that automatic mTLS decides. If the application terminates this TLS itself, \
          declare that instead: a port name that begins with https or tls, or `appProtocol: https`.",
    bad: include_str!("foreign_tls_to_permissive_http.bad.yaml"),
    good: include_str!("foreign_tls_to_permissive_http.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S29", "S95"],
};

const TLS_SERVER: &str = "If the application terminates this TLS itself, declare that instead: with a port name that begins with https, or with \
                          `appProtocol: https`.";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let fails = |one: &crate::mesh::Mismatch| one.verdict == Verdict::Fail(Failure::ForeignTlsToPermissiveHttp) && one.configured.is_some();
    let mut found = Vec::new();
    by_cause::by_rule(mesh, &RULE, fails, "makes clients send TLS that matches no filter chain to", &mut found);
    let with_server = |finding: Finding| Finding { fix: finding.fix.map(|fix| format!("{fix} {TLS_SERVER}")), ..finding };
    out.extend(found.into_iter().map(with_server));
}
