//! A rule makes clients send mTLS where nothing ends it.

use super::{
    Finding, Rule, Severity,
    example::{depot, mesh_policy, rule, shop, web},
    mismatch,
};
use crate::{
    istio::TlsMode,
    mesh::{Failure, Mesh, Verdict},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS202",
    name: "client-mtls-to-plaintext-server",
    severity: Severity::Error,
    summary: "A DestinationRule makes clients send mTLS to a port that cannot end it: their calls fail.",
    why: "Where no proxy is in front, or its policy says DISABLE, the application itself gets the bytes of a TLS handshake. Callers see 503 with flags UF and WRONG_VERSION_NUMBER.",
    fix: "Take the tls block out of the rule, so that automatic mTLS decides, or give the server a proxy.",
    bad: concat!(shop!(), web!(), depot!(), rule!("stock.depot.svc.cluster.local", "ISTIO_MUTUAL")),
    good: concat!(shop!(), web!(), depot!(), mesh_policy!("STRICT"), rule!("stock.depot.svc.cluster.local", "DISABLE")),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &["KIA0505", "KIA0506"],
    see: &["S66", "S95"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let fails = |one: &crate::mesh::Mismatch| {
        let is_mutual = matches!(one.configured, Some(TlsMode::IstioMutual | TlsMode::Mutual));
        one.verdict == Verdict::Fail(Failure::F3) && is_mutual
    };
    mismatch::by_rule(mesh, &RULE, fails, "makes clients send mTLS, which nothing ends, to", out);
}
