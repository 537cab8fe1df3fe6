//! Converts the blockers of STRICT into findings.

use std::collections::BTreeSet;

use super::rule;
use crate::{
    checks::{Finding, Severity},
    mesh::{Failure, Mesh, Subject},
    object::{FieldPath, Id, Kind, Origin, list_names},
    queries::migrate::{Blocker, BlockerSubject, Confidence, MigrationCause, Today},
};

/// The fix for a port that no Service has.
const WITHOUT_SERVICE: &str = "If something in the mesh calls this port, create a headless Service that has it as a TCP port: sidecars then send mTLS to \
    the addresses of its pods. Otherwise nothing has to be done.";

/// The finding about a blocker. Its severity is info if the call also fails without STRICT, and warning if a call that works is only possible.
#[must_use]
pub fn finding(mesh: &Mesh<'_>, blocker: &Blocker) -> Finding {
    let finding = match &blocker.subject {
        BlockerSubject::Field(id, at) => Finding::about(rule(blocker.cause), mesh.snapshot(), id, at.clone(), message(blocker)),
        BlockerSubject::Clients(clients) => of_workload(mesh, blocker, clients.first()),
        BlockerSubject::Servers => of_workload(mesh, blocker, blocker.servers.keys().next()),
    };
    let is_without_service = is_without_service(blocker);
    let finding = match special_fix(blocker) {
        Some(fix) => finding.with_fix(fix),
        None => finding,
    };
    let severity = match blocker.confidence {
        _ if blocker.today == Today::Fails => Severity::Info,
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

fn is_without_service(blocker: &Blocker) -> bool {
    blocker.cause == MigrationCause::PodIp && blocker.confidence == Confidence::Possible
}

fn is_tls_refused(blocker: &Blocker) -> bool {
    matches!(blocker.failure, Some(Failure::TlsWithoutMeshCertificate | Failure::ForeignTlsToPermissiveHttp))
}

/// The fix if that of the rule does not apply.
fn special_fix(blocker: &Blocker) -> Option<&'static str> {
    match (blocker.cause, &blocker.subject) {
        _ if is_without_service(blocker) => Some(WITHOUT_SERVICE),
        (MigrationCause::Scraper | MigrationCause::Probe, _) if blocker.today == Today::Fails && is_tls_refused(blocker) => {
            Some(TLS_TO_HTTP)
        }
        (MigrationCause::LateProbe, _) => Some(LATE_PROBE),
        (MigrationCause::PodIp, BlockerSubject::Field(id, _)) if id.kind == Kind::Ingress => Some(INGRESS_SIDECAR),
        _ => None,
    }
}

/// Injection rewrites probes already, so its annotation changes nothing (S247).
const LATE_PROBE: &str = "Injection rewrites probes already. If another webhook adds the container after injection, set `reinvocationPolicy: \
    IfNeeded` for Istio's webhook; if the pod is older than the setting, restart it. Otherwise set PERMISSIVE for the probe's port in \
    `portLevelMtls`.";

/// A port that declares HTTP accepts no TLS but the mesh's, whatever its mode (S95).
const TLS_TO_HTTP: &str = "If the application terminates this TLS, give the port a name or `appProtocol` that does not declare HTTP, and keep it \
    PERMISSIVE in `portLevelMtls`. Otherwise call it without TLS.";

/// An nginx with a sidecar calls the Service if its annotations make it (S253).
const INGRESS_SIDECAR: &str = "Let the controller call the Service by its own name: nginx.ingress.kubernetes.io/service-upstream: \"true\" and, for \
    HTTP, nginx.ingress.kubernetes.io/upstream-vhost with the host of the Service. Or route the calls through a mesh gateway.";

fn message(blocker: &Blocker) -> String {
    let servers = list_names(blocker.servers.iter().map(|(server, ports)| format!("{server}{}", ports_of(ports))));
    let cause = blocker.failure.map(|failure| format!(" ({}: {})", failure.code(), failure.cause())).unwrap_or_default();
    match (blocker.today, blocker.confidence) {
        _ if blocker.cause == MigrationCause::NoEvidence => {
            format!("traffic evidence does not show which clients call {servers} in plaintext")
        }
        (_, Confidence::Seen) => format!("plaintext was observed from {} to {servers}, which STRICT rejects", blocker.client),
        (Today::Fails, _) => format!("{} cannot reach {servers}, with or without STRICT{cause}", blocker.client),
        (Today::CutOff, Confidence::Possible) => {
            format!("any call from {} to {servers} fails, because STRICT is in force{cause}", blocker.client)
        }
        (Today::CutOff, _) => format!("{} cannot reach {servers}, because STRICT is in force{cause}", blocker.client),
        (Today::Works, Confidence::Possible) => format!("any call from {} to {servers} would fail under STRICT{cause}", blocker.client),
        (Today::Works, _) => format!("{} would no longer reach {servers} under STRICT{cause}", blocker.client),
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
