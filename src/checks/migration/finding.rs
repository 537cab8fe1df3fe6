//! Converts the blockers of STRICT into findings.

use std::collections::BTreeSet;

use super::rule;
use crate::{
    checks::{Finding, Severity},
    mesh::{Mesh, Subject},
    object::{FieldPath, Id, Kind, Origin, list_names},
    queries::migrate::{Blocker, BlockerSubject, Confidence, MigrationCause},
};

/// The fix for a port that no Service has.
const WITHOUT_SERVICE: &str = "If something in the mesh calls this port, create a headless Service that has it as a TCP port: sidecars then send mTLS to \
    the addresses of its pods. Otherwise nothing has to be done.";

/// The finding about a blocker. Its severity is info if the call also fails without STRICT, and warning if the call is only possible.
#[must_use]
pub fn finding(mesh: &Mesh<'_>, blocker: &Blocker) -> Finding {
    let finding = match &blocker.subject {
        BlockerSubject::Field(id, at) => Finding::about(rule(blocker.cause), mesh.snapshot(), id, at.clone(), message(blocker)),
        BlockerSubject::Clients(clients) => of_workload(mesh, blocker, clients.first()),
        BlockerSubject::Servers => of_workload(mesh, blocker, blocker.servers.keys().next()),
    };
    let is_without_service = blocker.cause == MigrationCause::PodIp && blocker.confidence == Confidence::Possible;
    let finding = if is_without_service { finding.with_fix(WITHOUT_SERVICE) } else { finding };
    let severity = match blocker.confidence {
        _ if blocker.fails_already => Severity::Info,
        // Nothing but the port itself indicates that there is a caller.
        Confidence::Possible if is_without_service => Severity::Info,
        Confidence::Possible => Severity::Warning,
        Confidence::Certain | Confidence::Seen => finding.severity,
    };
    finding.with_severity(severity).with_related(blocker.servers.keys().cloned())
}

/// A finding about a workload, or about the namespace of the servers if the blocker names no workload.
fn of_workload(mesh: &Mesh<'_>, blocker: &Blocker, subject: Option<&Subject>) -> Finding {
    let of_namespace = || Subject::from(&Id::new(Kind::Namespace, "", blocker.namespace.clone()));
    let subject = subject.cloned().unwrap_or_else(of_namespace);
    let workload = mesh.workloads_in(&subject.namespace).iter().find(|workload| workload.subject == subject);
    let origin = workload.map_or(Origin::Cluster, |workload| workload.origin.clone());
    Finding::new(rule(blocker.cause), subject, origin, FieldPath::of("metadata.name"), message(blocker))
}

fn message(blocker: &Blocker) -> String {
    let servers = list_names(blocker.servers.iter().map(|(server, ports)| format!("{server}{}", ports_of(ports))));
    let cause = blocker.failure.map(|failure| format!(" ({}: {})", failure.code(), failure.cause())).unwrap_or_default();
    match (blocker.fails_already, blocker.confidence) {
        _ if blocker.cause == MigrationCause::NoEvidence => {
            format!("traffic evidence does not show which clients call {servers} in plaintext")
        }
        (_, Confidence::Seen) => format!("plaintext was observed from {} to {servers}, which STRICT rejects", blocker.client),
        (true, _) => format!("{} cannot reach {servers}, with or without STRICT{cause}", blocker.client),
        (false, Confidence::Possible) => format!("any call from {} to {servers} would fail under STRICT{cause}", blocker.client),
        (false, _) => format!("{} would no longer reach {servers} under STRICT{cause}", blocker.client),
    }
}

fn ports_of(ports: &BTreeSet<u16>) -> String {
    let all: Vec<String> = ports.iter().map(ToString::to_string).collect();
    match all.as_slice() {
        [] => String::new(),
        [one] => format!(" port {one}"),
        several => format!(" ports {}", several.join(", ")),
    }
}
