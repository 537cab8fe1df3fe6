//! A headless service whose clients send the same to every endpoint, which some endpoints reject.

use std::{cell::LazyCell, collections::BTreeSet};

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_cause::{self, MismatchCause},
        proxied_callers::ProxiedCallers,
    },
    istio::{EntryResolution, Mode, ServiceType},
    mesh::{Acceptance, AutoMtlsOff, Failure, Mesh, Mismatch, ServiceSource, Subject, Verdict},
    object::{FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS216",
    name: "headless-mixed-endpoints",
    severity: Severity::Error,
    summary: "The endpoints of a headless Service, or of one with load balancer PASSTHROUGH, differ, and some reject what clients \
              send to all of them.",
    why: "If the address that a client dials is the endpoint itself, the client's proxy decides once for all endpoints: mTLS to \
          every endpoint, or plaintext to every endpoint as soon as one does not accept mTLS. It ignores policies below namespace \
          level.",
    fix: "Bring every pod behind the Service into the mesh, and set one mode for them in the namespace policy.",
    bad: include_str!("headless_mixed_endpoints.bad.yaml"),
    good: include_str!("headless_mixed_endpoints.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Service, Kind::Pod, Kind::EndpointSlice],
    aka: &[],
    see: &["S70", "S75", "S98", "S224"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let callers = LazyCell::new(|| ProxiedCallers::of(mesh));
    let is_caused_by_service = |one: &Mismatch| {
        let in_plaintext = one.auto_mtls_off == Some(AutoMtlsOff::Endpoints)
            && matches!(one.verdict, Verdict::Fail(Failure::PlaintextToStrictEnvoy | Failure::HboneRequired));
        let in_mtls = one.is_original_dst
            && one.auto_mtls_off.is_none()
            && matches!(one.verdict, Verdict::Fail(Failure::TlsToPlaintext | Failure::HboneRequired));
        one.cause.is_none() && (in_plaintext || in_mtls) && callers.call(one)
    };
    for cause in by_cause::causes(mesh, |one| one.service_id.as_ref().filter(|_| is_caused_by_service(one)).map(|id| (id, field(mesh, id))))
    {
        let is_plain = cause.mismatches.iter().any(|one| one.auto_mtls_off.is_some());
        let is_dialled_entry = is_plain && is_dialled_entry(mesh, cause.id);
        let effect = if is_dialled_entry {
            "has resolution NONE, so clients send plaintext to the address that they dial, whatever accepts mTLS there; it is rejected by"
                .into()
        } else if is_plain {
            let undeclared = without_mtls(mesh, &cause);
            let is_other = undeclared.iter().any(|subject| !cause.servers().contains(subject));
            let which = if is_other { format!(" ({})", list_names(&undeclared)) } else { String::new() };
            format!("has endpoints that do not accept mTLS from sidecars{which}, so all of them receive plaintext, which some reject:")
        } else {
            "has endpoints that receive mTLS when called by address and do not accept it:".to_owned()
        };
        let servers = cause.servers();
        // Whether an address outside the mesh has a proxy is unknown.
        if servers.is_empty() {
            continue;
        }
        let names = list_names(servers.iter().map(ToString::to_string));
        let message = format!("{} {effect} {names}; {}", cause.id, cause.describe_ports());
        let finding =
            Finding::about(&RULE, mesh.snapshot(), cause.id, cause.at.clone(), message).with_related(servers.into_iter().cloned());
        let is_ambient = cause.mismatches.iter().any(|one| one.acceptance == Acceptance::AmbientStrict);
        let is_disabled = |one: &&Mismatch| matches!(one.acceptance, Acceptance::Sidecar(Mode::Disable, _));
        out.push(if is_dialled_entry {
            finding.with_fix(if is_ambient { DIALLED_AMBIENT } else { DIALLED })
        } else if is_ambient {
            finding.with_fix(AMBIENT)
        } else if cause.mismatches.iter().all(is_disabled) {
            finding.with_fix(DISABLED)
        } else {
            finding
        });
    }
}

/// Sidecars have no tunnel to an address that the application calls directly (S78), even if all endpoints are equivalent.
const AMBIENT: &str =
    "Give the Service a cluster IP, or move its clients from sidecars to ambient; until then, let the port accept plaintext.";

/// Clients do not see policies for workloads and ports (S75), and every pod has a sidecar.
const DISABLED: &str = "Set PERMISSIVE instead of DISABLE in the policy: clients that connect to the address of a pod ignore policies for \
                        workloads and ports. Or, if clients may send plaintext, set DISABLE for the port in a DestinationRule for the host.";

/// istiod has no endpoints for such an entry, so automatic mTLS is off whatever the pods have (S224).
const DIALLED: &str =
    "Call the workloads by a Service, and delete the entry; or create a DestinationRule for its host with mode ISTIO_MUTUAL.";

/// ztunnel does not accept mTLS that is sent without HBONE.
const DIALLED_AMBIENT: &str = "Call the workloads by a Service with a cluster IP, and delete the entry.";

/// Whether clients of an entry dial an address of which istiod knows no endpoint.
fn is_dialled_entry(mesh: &Mesh<'_>, id: &Id) -> bool {
    let is_none =
        |source| matches!(source, ServiceSource::Entry(body) if body.resolution == EntryResolution::None && body.selector().is_none());
    mesh.registry().of(id).is_some_and(|service| is_none(service.source))
}

/// The workloads because of which no endpoint of the service gets mTLS.
fn without_mtls(mesh: &Mesh<'_>, cause: &MismatchCause<'_>) -> BTreeSet<Subject> {
    let Some(service) = mesh.registry().of(cause.id) else { return BTreeSet::new() };
    let endpoints = service.ports.iter().flat_map(|port| mesh.endpoints(service, port));
    let disabled = endpoints.filter(|endpoint| endpoint.tls_mode == "disabled");
    disabled.filter_map(|endpoint| endpoint.server.map(|(workload, _)| workload.subject.clone())).collect()
}

/// The field that makes a service headless.
fn field(mesh: &Mesh<'_>, id: &Id) -> FieldPath {
    match mesh.registry().of(id).map(|service| service.source) {
        Some(ServiceSource::Service(body)) if body.kind == ServiceType::Headless => FieldPath::of("spec.clusterIP"),
        Some(ServiceSource::Entry(_)) => FieldPath::of("spec.resolution"),
        Some(ServiceSource::Service(_)) | None => FieldPath::of("spec"),
    }
}
