//! A headless service whose clients send the same to every endpoint, which some endpoints refuse.

use crate::{
    checks::{Finding, Rule, Severity, by_cause},
    istio::ServiceType,
    mesh::{Acceptance, AutoMtlsOff, Failure, Mesh, Mismatch, ServiceSource, Verdict},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS216",
    name: "headless-mixed-endpoints",
    severity: Severity::Error,
    summary: "A headless Service, or one balanced by PASSTHROUGH, whose endpoints differ: clients treat all of them alike, and some refuse it.",
    why: "Where the very address that is dialled is the endpoint, a client's proxy decides once for all: mTLS to every endpoint, or plaintext to every one as soon as one takes no mTLS. It sees no policy below the namespace's.",
    fix: "Bring every pod behind the Service into the mesh, and give them one mode by the policy of the namespace.",
    bad: include_str!("headless_mixed_endpoints.bad.yaml"),
    good: include_str!("headless_mixed_endpoints.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Service, Kind::Pod, Kind::EndpointSlice],
    aka: &[],
    see: &["S70", "S75", "S98"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let is_it = |one: &Mismatch| {
        let in_plaintext =
            one.auto_mtls_off == Some(AutoMtlsOff::Endpoints) && matches!(one.verdict, Verdict::Fail(Failure::F2 | Failure::F8));
        let in_mtls = one.is_original_dst && one.auto_mtls_off.is_none() && matches!(one.verdict, Verdict::Fail(Failure::F3 | Failure::F8));
        one.cause.is_none() && (in_plaintext || in_mtls)
    };
    for cause in by_cause::causes(mesh, |one| one.service_id.as_ref().filter(|_| is_it(one)).map(|id| (id, field(mesh, id)))) {
        let is_plain = cause.mismatches.iter().any(|one| one.auto_mtls_off.is_some());
        let does = if is_plain {
            "has endpoints that take no mTLS from sidecars, so that all of them get plaintext, which some refuse"
        } else {
            "has endpoints that get mTLS by their address and do not take it"
        };
        let servers = cause.servers();
        let names = crate::checks::finding::some(servers.iter().map(ToString::to_string));
        let message = format!("{} {does}: {names}; {}", cause.id, cause.describe_ports());
        let finding = Finding::about(&RULE, mesh.snapshot(), cause.id, cause.at.clone(), message).related(servers.into_iter().cloned());
        let is_ambient = cause.mismatches.iter().any(|one| one.acceptance == Acceptance::AmbientStrict);
        out.push(if is_ambient { finding.fix(AMBIENT) } else { finding });
    }
}

/// Sidecars have no tunnel to an address that the application calls directly (S78), even if all endpoints are equivalent.
const AMBIENT: &str =
    "Give the Service a cluster IP, or take its clients out of the sidecar and into ambient; until then let the port take plaintext.";

/// The field that makes a service headless.
fn field(mesh: &Mesh<'_>, id: &Id) -> FieldPath {
    match mesh.registry().of(id).map(|service| service.source) {
        Some(ServiceSource::Service(body)) if body.kind == ServiceType::Headless => FieldPath::of("spec.clusterIP"),
        Some(ServiceSource::Entry(_)) => FieldPath::of("spec.resolution"),
        Some(ServiceSource::Service(_)) | None => FieldPath::of("spec"),
    }
}
