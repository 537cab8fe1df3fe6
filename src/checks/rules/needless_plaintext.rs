//! A `DestinationRule` forces plaintext where mTLS would work.

use crate::{
    checks::{Finding, Rule, Severity, by_cause},
    istio::TlsMode,
    mesh::{Mesh, Verdict},
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS205",
    name: "needless-plaintext",
    severity: Severity::Warning,
    summary: "A DestinationRule forces plaintext between mesh workloads that could use mTLS.",
    why: "Both sides have a proxy, and the server accepts mTLS. Without the rule, automatic mTLS would be used; with the rule, all \
          traffic between them can be read and forged in transit.",
    fix: "Remove the `tls` block from the rule, or set ISTIO_MUTUAL.",
    bad: include_str!("needless_plaintext.bad.yaml"),
    good: include_str!("needless_plaintext.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S65", "S73"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    // SIMPLE and MUTUAL result in plaintext only in cases that MTLS212 or MTLS001 reports (S68, S69).
    let is_foreign = |one: &crate::mesh::Mismatch| matches!(one.configured, Some(TlsMode::Simple | TlsMode::Mutual));
    let is_needless = |one: &crate::mesh::Mismatch| one.verdict == Verdict::Plaintext && one.could_be_mtls && !is_foreign(one);
    by_cause::by_rule(mesh, &RULE, is_needless, "makes clients send plaintext, although mTLS would be accepted, to", out);
}
