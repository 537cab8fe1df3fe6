//! A `DestinationRule` makes clients send TLS that is not Istio's to a PERMISSIVE HTTP port.

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_cause::{self, MismatchCause},
    },
    mesh::{ClientKind, Failure, Mesh, Mismatch, Verdict},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS204",
    name: "foreign-tls-to-permissive-http",
    severity: Severity::Error,
    summary: "A DestinationRule makes clients send TLS that is not Istio's to a PERMISSIVE HTTP port, so their calls fail; a warning if it \
              adds TLS to that of the applications.",
    why: "A PERMISSIVE port recognises mesh mTLS by its ALPN. Other TLS matches no filter chain of an HTTP port, and the connection \
          is reset. An application that calls a port which declares TLS sends its own, so that the server terminates the TLS of the \
          rule and reads that of the application as its payload.",
    fix: "Set ISTIO_MUTUAL, or remove the `tls` block so that automatic mTLS decides. If the application terminates this TLS itself, \
          declare the port as TCP: a name that begins with tcp, or `appProtocol: tcp`.",
    bad: include_str!("foreign_tls_to_permissive_http.bad.yaml"),
    good: include_str!("foreign_tls_to_permissive_http.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S29", "S95", "S236", "S241"],
};

/// The fix where nothing else names the server: a port that declares TLS would make applications send TLS of their own (S236).
const TLS_SERVER: &str = "If the application terminates this TLS itself, declare the port as TCP instead: with a name that begins with tcp, or \
                          with `appProtocol: tcp`.";

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let fails = |one: &Mismatch| one.verdict == Verdict::Fail(Failure::ForeignTlsToPermissiveHttp) && one.configured.is_some();
    let mut found = Vec::new();
    by_cause::by_rule(mesh, &RULE, fails, "makes clients send TLS that matches no filter chain to", &mut found);
    let with_server = |finding: Finding| {
        let fix = finding.fix.map(|fix| if fix.contains("appProtocol: tcp") { fix } else { format!("{fix} {TLS_SERVER}") });
        Finding { fix, ..finding }
    };
    out.extend(found.into_iter().map(with_server));
    out.extend(double_tls(mesh));
}

/// Rules that originate TLS for a port to which applications send TLS of their own (S241). Where a route goes to the port, the application
/// may send HTTP to another one (S236).
fn double_tls(mesh: &Mesh<'_>) -> Vec<Finding> {
    // A policy for backends is meant for gateways, and routes of the Gateway API that are attached to Gateways are not evaluated.
    let has_gateways = mesh.client_classes().classes().iter().any(|class| class.kind == ClientKind::Gateway);
    let is_double = |one: &Mismatch| {
        one.verdict == Verdict::Fail(Failure::NonHttpToHttpPort)
            && one.sent_as.is_tls_of_rule()
            && one.server.is_some()
            && !mesh.is_routed_to(&one.service.0)
            && !(has_gateways && one.cause.as_ref().is_some_and(|(id, _)| id.kind == Kind::BackendTLSPolicy))
    };
    let cause = |one| by_rule(one).filter(|_| is_double(one));
    let finding = |cause: MismatchCause<'_>| {
        let does = "adds TLS to the TLS that applications send to a port which declares TLS, so that the server reads one of the two as its \
                    payload:";
        let remove = if cause.id.kind == Kind::BackendTLSPolicy {
            "Remove the policy, or exclude the port from it".to_owned()
        } else {
            let path = cause.at.to_string();
            format!("Remove `{}` from {}", path.strip_suffix(".mode").unwrap_or(&path), cause.id)
        };
        let fix = format!(
            "{remove}, so that the TLS of the applications passes; or let them send HTTP to a port that declares HTTP, whose `targetPort` may be \
             the TLS port."
        );
        cause.finding(mesh, &RULE, does).with_severity(Severity::Warning).with_fix(fix)
    };
    by_cause::causes(mesh, cause).into_iter().map(finding).collect()
}

fn by_rule(one: &Mismatch) -> Option<(&Id, FieldPath)> {
    one.cause.as_ref().map(|(id, at)| (id, at.clone()))
}
