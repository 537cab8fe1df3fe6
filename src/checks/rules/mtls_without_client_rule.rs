//! Automatic mTLS is off, and no `DestinationRule` makes clients send mTLS to STRICT servers.

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_cause::{self, is_mesh_wide},
    },
    mesh::{AutoMtlsOff, Failure, Mesh, Mismatch, Verdict},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS214",
    name: "mtls-without-client-rule",
    severity: Severity::Error,
    summary: "`enableAutoMtls` is false, and no DestinationRule makes clients use mTLS to servers that require it.",
    why: "Without automatic mTLS, a client sends plaintext unless a DestinationRule sets TLS. The servers reject plaintext: clients \
          see 503 with flags UC, or a connection reset.",
    fix: "Set `enableAutoMtls` to true, or set ISTIO_MUTUAL in a DestinationRule that is visible to every client.",
    bad: include_str!("mtls_without_client_rule.bad.yaml"),
    good: include_str!("mtls_without_client_rule.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::DestinationRule, Kind::ConfigMap, Kind::Service, Kind::Pod],
    aka: &["KIA0401", "KIA0501"],
    see: &["S21", "S71"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for cause in by_cause::causes(mesh, |one| one.policy.as_ref().filter(|_| lacks_rule(one)).map(|id| (id, field(mesh, id, one)))) {
        let finding =
            cause.finding(mesh, &RULE, "requires mTLS while enableAutoMtls is false, and no DestinationRule makes clients use mTLS to");
        let is_selecting = mesh.policies().get(cause.id).is_some_and(|policy| policy.selector.labels().is_some());
        out.push(finding.with_equivalent_codes(match (is_selecting, is_mesh_wide(mesh, cause.id)) {
            (true, _) => &[],
            (false, true) => &["KIA0401"],
            (false, false) => &["KIA0501"],
        }));
    }
}

fn lacks_rule(one: &Mismatch) -> bool {
    let is_rejected =
        matches!(one.verdict, Verdict::Fail(Failure::PlaintextToStrictNoEnvoy | Failure::PlaintextToStrictEnvoy | Failure::HboneRequired));
    one.auto_mtls_off == Some(AutoMtlsOff::Mesh) && one.cause.is_none() && is_rejected
}

/// The field that sets the mode of the port.
fn field(mesh: &Mesh<'_>, id: &Id, one: &Mismatch) -> FieldPath {
    let port = one.server.as_ref().map(|(_, port)| *port);
    mesh.policies().get(id).map_or_else(|| FieldPath::of("spec.mtls.mode"), |policy| policy.mode_field(port))
}
