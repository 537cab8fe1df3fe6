//! A `DestinationRule` makes clients send plaintext to a port that requires mTLS.

use crate::{
    checks::{Finding, Rule, Severity, block_advice::Goal, by_cause},
    mesh::{Failure, Mesh, Mismatch, SentAs, Verdict},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS201",
    name: "client-plaintext-to-strict",
    severity: Severity::Error,
    summary: "A DestinationRule makes clients send plaintext to a port that requires mTLS, so their calls fail.",
    why: "The server's policy rejects plaintext, and the rule makes the clients send nothing else. Clients see 503 with flags UC, or \
          a connection reset; the server logs filter_chain_not_found.",
    fix: "Remove the `tls` block from the rule, so that automatic mTLS decides, or set ISTIO_MUTUAL.",
    bad: include_str!("client_plaintext_to_strict.bad.yaml"),
    good: include_str!("client_plaintext_to_strict.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &["KIA0207", "KIA0208"],
    see: &["S65", "S95"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let is_rejected = |one: &Mismatch| {
        matches!(one.verdict, Verdict::Fail(Failure::PlaintextToStrictEnvoy | Failure::HboneRequired)) && one.sent_as == SentAs::Plaintext
    };
    let fails = |one: &Mismatch| is_rejected(one) && one.configured.is_some();
    for cause in by_cause::causes(mesh, |one| one.cause.as_ref().filter(|_| fails(one)).map(|(id, at)| (id, at.clone()))) {
        let finding = cause.finding(mesh, &RULE, "makes clients send plaintext, which is rejected, to");
        let finding = cause.with_block_fix(mesh, finding, Goal::FixCalls);
        out.push(finding.with_equivalent_codes(match cause.levels(mesh) {
            (true, false) => &["KIA0208"],
            (false, true) => &["KIA0207"],
            _ => RULE.aka,
        }));
    }
}
