//! The same rules for a STRICT that is in force: callers that are cut off in the mesh as it is.

use super::{finding, rules};
use crate::{
    checks::{Check, Finding, Rule, Severity, check::nothing_undecided},
    mesh::{Mesh, Subject},
    object::{FieldPath, Id, Kind, list_names, plural},
    queries::migrate::{Blocker, PossibleCallers, possible_callers, refused_callers, sidecars_without_hbone},
};

/// The rules about callers that are cut off in the mesh as it is, ordered by identifier.
pub const IN_FORCE: &[Check] = &[
    Check {
        rule: &rules::PROBE_NOT_REWRITTEN,
        run: |mesh, out| refused(mesh, &rules::PROBE_NOT_REWRITTEN, out),
        undecided: nothing_undecided,
    },
    Check {
        rule: &rules::SCRAPED_APPLICATION_PORT,
        run: |mesh, out| refused(mesh, &rules::SCRAPED_APPLICATION_PORT, out),
        undecided: nothing_undecided,
    },
    Check { rule: &rules::WEBHOOK_BACKEND, run: |mesh, out| refused(mesh, &rules::WEBHOOK_BACKEND, out), undecided: nothing_undecided },
    Check {
        rule: &rules::EXPOSED_PAST_THE_GATEWAY,
        run: |mesh, out| refused(mesh, &rules::EXPOSED_PAST_THE_GATEWAY, out),
        undecided: nothing_undecided,
    },
    Check { rule: &rules::CALLED_BY_POD_IP, run: |mesh, out| refused(mesh, &rules::CALLED_BY_POD_IP, out), undecided: nothing_undecided },
    Check { rule: &rules::DATA_PLANES_DO_NOT_MEET, run: without_hbone, undecided: nothing_undecided },
    Check {
        rule: &rules::POSSIBLE_CALLER_REFUSED,
        run: |mesh, out| out.extend(possible_callers_refused(mesh)),
        undecided: nothing_undecided,
    },
];

/// Callers from outside the mesh that cannot reach what they call.
fn refused(mesh: &Mesh<'_>, rule: &Rule, out: &mut Vec<Finding>) {
    let all = refused_callers(mesh).into_iter().filter(|blocker| super::rule(blocker.cause).id == rule.id);
    out.extend(all.map(|blocker| finding(mesh, &blocker).with_severity(Severity::Error)));
}

/// Sidecars without HBONE, to which ambient clients send plaintext.
fn without_hbone(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    out.extend(sidecars_without_hbone(mesh).map(|blocker: Blocker| finding(mesh, &blocker).with_severity(Severity::Warning)));
}

/// One finding for all callers that may exist, or for each of the namespaces in which they differ.
#[must_use]
pub fn possible_callers_refused(mesh: &Mesh<'_>) -> Vec<Finding> {
    possible_callers(mesh).iter().filter_map(|callers| of_namespaces(mesh, callers)).collect()
}

fn of_namespaces(mesh: &Mesh<'_>, possible: &PossibleCallers) -> Option<Finding> {
    let PossibleCallers { namespaces, servers, callers } = possible;
    let namespace = Id::new(Kind::Namespace, "", namespaces.first()?.clone());
    let names = callers.iter().map(|caller| caller.description.as_str()).collect::<Vec<_>>().join("; ");
    let where_ = if let [one] = namespaces.iter().collect::<Vec<_>>()[..] { format!("namespace {one}") } else { list_names(namespaces) };
    let count = plural(servers.len(), "workload");
    let message =
        format!("STRICT ports of {count} in {where_} ({}) refuse calls of {names}; whether they call is unknown", list_names(servers));
    let related: Vec<Subject> = servers.iter().chain(callers.iter().flat_map(|caller| &caller.workloads)).cloned().collect();
    let rule = &rules::POSSIBLE_CALLER_REFUSED;
    Some(Finding::about(rule, mesh.snapshot(), &namespace, FieldPath::of("metadata.name"), message).with_related(related))
}
