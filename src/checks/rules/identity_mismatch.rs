//! Clients and servers that use mTLS and do not accept each other's identities.

use std::collections::BTreeSet;

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_cause::{self, MismatchCause},
    },
    mesh::{EntryIdentity, Failure, Mesh, Mismatch, Verdict},
    object::{FieldPath, Id, Kind, list_names},
    queries::corrected_declaration,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS219",
    name: "identity-mismatch",
    severity: Severity::Error,
    summary: "Client and server both use mTLS, but their certificate identities cannot match, so the handshake fails.",
    why: "A client accepts the identities that its DestinationRule lists, or else those of the service's service accounts; a server \
          accepts the trust domains that its istiod knows. Clients see 503 with flags UF and CERTIFICATE_VERIFY_FAILED.",
    fix: "List the servers' identities in `subjectAltNames`, or remove the list; declare at a WorkloadEntry, or at the endpoint of a \
          ServiceEntry, the account that its server has; if trust domains differ, add each one to the other's `trustDomainAliases`.",
    bad: include_str!("identity_mismatch.bad.yaml"),
    good: include_str!("identity_mismatch.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::ServiceEntry, Kind::ConfigMap, Kind::Pod],
    aka: &[],
    see: &["S31", "S84", "S85", "S226"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for cause in by_cause::causes(mesh, |one| cause_of(one).filter(|_| one.verdict == Verdict::Fail(Failure::ServerIdentityRejected))) {
        out.push(finding(mesh, &cause));
    }
}

/// `subjectAltNames` of the rule, if a rule sets TLS; else the service, whose service accounts the client accepts.
fn cause_of(one: &Mismatch) -> Option<(&Id, FieldPath)> {
    match &one.cause {
        Some((id, at)) => Some((id, subject_alt_names(at))),
        None => one.service_id.as_ref().map(|id| (id, FieldPath::of("metadata.name"))),
    }
}

/// `subjectAltNames` in the same block as `mode`.
fn subject_alt_names(mode: &FieldPath) -> FieldPath {
    let steps = mode.steps();
    let block: FieldPath = steps.take(mode.steps().len().saturating_sub(1)).collect();
    block.then("subjectAltNames")
}

fn finding(mesh: &Mesh<'_>, cause: &MismatchCause<'_>) -> Finding {
    let servers: BTreeSet<String> = cause
        .mismatches
        .iter()
        .filter_map(|one| one.server.as_ref().zip(one.identity.as_ref()))
        .map(|((subject, _), identity)| format!("{subject} has {identity}"))
        .collect();
    let message = format!("clients do not accept the server identity at {}: {}", cause.describe_ports(), list_names(&servers));
    let finding =
        Finding::about(&RULE, mesh.snapshot(), cause.id, cause.at.clone(), message).with_related(cause.servers().into_iter().cloned());
    match fix(cause) {
        Some(fix) => finding.with_fix(fix),
        None => finding,
    }
}

/// The fix where no rule lists names: what is declared about the endpoint is wrong, or the trust domains differ. `None` if a rule lists them.
fn fix(cause: &MismatchCause<'_>) -> Option<String> {
    if cause.mismatches.iter().any(|one| one.cause.is_some()) {
        return None;
    }
    let undeclared: Option<BTreeSet<EntryIdentity>> = cause.mismatches.iter().map(|one| one.undeclared.clone()).collect();
    let at = if cause.id.kind == Kind::ServiceEntry { "the endpoint" } else { "the WorkloadEntry" };
    match undeclared.filter(|all| !all.is_empty()) {
        None => Some("Add the trust domain of each side to the other's `trustDomainAliases`.".into()),
        Some(identities) => Some(match corrected_declaration(&identities, at) {
            Some(declaration) => format!("Call the Service of these workloads itself; or {declaration}."),
            None => "Call the Service of these workloads itself.".into(),
        }),
    }
}
