//! Calls that objects define to Services and ports that do not exist.

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{PortRef, ServiceCall, VirtualService},
    mesh::Mesh,
    object::{FieldPath, Id, Kind, list_names},
    queries::reach::{self, Missing, MissingName},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS222",
    name: "destination-not-found",
    severity: Severity::Error,
    summary: "A VirtualService, webhook or Ingress calls a host, pod or port that does not exist, although what would contain it was read.",
    why: "Istio has no cluster for the destination of a route that is not there, and answers with 503 and the flag NC; it does not fall back \
          to anything. A cluster IP has no other ports than those of its Service, so other callers get no connection.",
    fix: "Correct the name or the port, or create the Service.",
    bad: include_str!("destination_not_found.bad.yaml"),
    good: include_str!("destination_not_found.good.yaml"),
    inputs: &[Kind::VirtualService, Kind::Service, Kind::ServiceEntry, Kind::Namespace],
    aka: &["IST0101", "KIA1101"],
    see: &["S223", "S243"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let snapshot = mesh.snapshot();
    for read in &snapshot.virtual_services {
        let one = VirtualService::decode(read, mesh.cluster_domain());
        for (at, to) in one.destination_fields() {
            let missing = missing(mesh, &to.host, to.port, &read.id.namespace);
            out.extend(missing.map(|(what, step)| finding(mesh, &read.id, at.then(step), &format!("routes calls to {}", to.host), &what)));
        }
    }
    let mutating = snapshot.webhooks.iter().flat_map(ServiceCall::of_mutating);
    let webhooks = mutating.chain(snapshot.validating_webhooks.iter().flat_map(ServiceCall::of_validating)).map(|(_, call)| call);
    for call in webhooks.chain(snapshot.ingresses.iter().flat_map(ServiceCall::of_ingress)) {
        // The objects of a control plane are often read without its Service.
        if mesh.control_planes().is_root(&call.service.namespace) {
            continue;
        }
        let host = mesh.cluster_domain().service(&call.service.namespace, &call.service.name);
        let number = if let PortRef::Number(number) = call.port { Some(number) } else { None };
        if let Some((what, _)) = missing(mesh, &host, number, &call.service.namespace) {
            out.push(finding(mesh, call.defined_by, call.at.clone(), &format!("calls {}", call.service), &what));
        }
    }
}

/// What a call needs that certainly does not exist, and the last step of the field that names it.
fn missing(mesh: &Mesh<'_>, host: &str, port: Option<u16>, namespace: &str) -> Option<(MissingName, &'static str)> {
    let certain = |missing: Missing| missing.is_certain.then_some(missing.what);
    let of_port = || reach::missing_port(mesh, host, port?).and_then(certain);
    let of_host = reach::missing_host(mesh, host, namespace).and_then(certain);
    of_host.map(|what| (what, "host")).or_else(|| Some((of_port()?, "port")))
}

fn finding(mesh: &Mesh<'_>, by: &Id, at: FieldPath, does: &str, what: &MissingName) -> Finding {
    let (missing, related) = match what {
        MissingName::Namespace(name) => (format!("namespace {name} does not exist"), None),
        MissingName::Service { namespace, name } => (format!("Service {namespace}/{name} does not exist"), None),
        MissingName::Pod { service, name } => (format!("{service} has no pod {name}"), Some(service)),
        MissingName::Port { service, number } => {
            let ports = mesh.registry().of(service).map(|found| list_names(found.ports.iter().map(|port| port.number.to_string())));
            (format!("{service} has no port {number}, only {}", ports.unwrap_or_default()), Some(service))
        }
    };
    Finding::about(&RULE, mesh.snapshot(), by, at, format!("{by} {does}, but {missing}")).with_related(related)
}
