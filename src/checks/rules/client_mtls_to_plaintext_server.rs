//! A `DestinationRule` makes clients send mTLS to a port where no proxy terminates it.

use std::collections::BTreeSet;

use crate::{
    checks::{
        Finding, Rule, Severity,
        block_advice::Goal,
        by_cause::{self, MismatchCause},
        mode_advice::with_permissive_advice,
    },
    istio::{Mode, TlsMode},
    mesh::{Acceptance, Failure, Mesh, Mismatch, SentAs, Subject, Verdict},
    object::{FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS202",
    name: "client-mtls-to-plaintext-server",
    severity: Severity::Error,
    summary: "A DestinationRule makes clients send mTLS to a port that does not terminate it, so their calls fail.",
    why: "If the server has no proxy, or its policy sets DISABLE, the application itself receives the TLS handshake. Clients see 503 \
          with flags UF and WRONG_VERSION_NUMBER.",
    fix: "Remove the `tls` block from the rule, so that automatic mTLS decides, or give the server a proxy.",
    bad: include_str!("client_mtls_to_plaintext_server.bad.yaml"),
    good: include_str!("client_mtls_to_plaintext_server.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::PeerAuthentication, Kind::Pod],
    aka: &["KIA0505", "KIA0506"],
    see: &["S66", "S95"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let rule = |one| by_rule(one).filter(|_| is_unterminated(one) && disabling_policy(mesh, one).is_none());
    for cause in by_cause::causes(mesh, rule) {
        let finding = cause.finding(mesh, &RULE, "makes clients send mTLS, which nothing terminates, to").with_equivalent_codes(&[]);
        out.push(cause.with_block_fix(mesh, finding, Goal::AllowPlaintext));
    }
    for cause in by_cause::causes(mesh, |one| disabling_policy(mesh, one).filter(|_| is_unterminated(one))) {
        out.push(policy_finding(mesh, &cause));
    }
}

fn is_unterminated(one: &Mismatch) -> bool {
    let is_mutual = matches!(one.configured, Some(TlsMode::IstioMutual | TlsMode::Mutual));
    // An ambient workload accepts mTLS only in HBONE.
    let is_outside_hbone = one.verdict == Verdict::Fail(Failure::HboneRequired) && one.sent_as == SentAs::Mtls;
    (one.verdict == Verdict::Fail(Failure::TlsToPlaintext) || is_outside_hbone) && is_mutual
}

fn by_rule(one: &Mismatch) -> Option<(&Id, FieldPath)> {
    one.cause.as_ref().map(|(id, at)| (id, at.clone()))
}

/// The policy of a namespace or the mesh with mode DISABLE, if that is why no proxy terminates mTLS.
fn disabling_policy<'m>(mesh: &'m Mesh<'_>, one: &Mismatch) -> Option<(&'m Id, FieldPath)> {
    let is_disabled = matches!(one.acceptance, Acceptance::Sidecar(Mode::Disable, _));
    let policy = mesh.policies().get(one.policy.as_ref().filter(|_| is_disabled)?)?;
    policy.selector.labels().is_none().then(|| (&policy.id, policy.mode_field(None)))
}

/// Reports a namespace or mesh policy with mode DISABLE as the single cause of the mismatches of all rules.
fn policy_finding(mesh: &Mesh<'_>, cause: &MismatchCause<'_>) -> Finding {
    let rules: BTreeSet<&Id> = cause.mismatches.iter().filter_map(|one| Some(&one.cause.as_ref()?.0)).collect();
    let makes = if rules.len() == 1 { "makes" } else { "make" };
    let message = format!(
        "{} sets DISABLE, and {} {makes} clients send mTLS, which nothing terminates, to {}",
        cause.id,
        list_names(&rules),
        cause.describe_ports()
    );
    let related = rules.into_iter().map(Subject::from).chain(cause.servers().into_iter().cloned());
    let finding = Finding::about(&RULE, mesh.snapshot(), cause.id, cause.at.clone(), message).with_related(related);
    let finding = finding.with_clients(cause.mismatches.iter().map(|one| one.clients.as_ref()));
    let finding = with_permissive_advice(mesh, finding, cause.id);
    finding.with_equivalent_codes(if by_cause::is_mesh_wide(mesh, cause.id) { &["KIA0506"] } else { &["KIA0505"] })
}
