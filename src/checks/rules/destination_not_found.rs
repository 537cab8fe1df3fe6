//! Calls that objects define to names and ports that do not exist.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{
        Finding, Rule, Severity,
        missing_destination::{RoutedCalls, missing, reason},
    },
    istio::{GatewayRoute, PortRef, ServiceCall, ServiceEntry, VirtualService},
    mesh::{Mesh, Resolution, Service, ServiceSource, UnknownProbePort, entry_port, target_of},
    object::{FieldPath, Id, Kind, Text, list_names},
    queries::reach::MissingName,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS222",
    name: "destination-not-found",
    severity: Severity::Error,
    summary: "A VirtualService, HTTPRoute, ServiceEntry, probe, webhook, aggregated API or Ingress calls a host, pod or port that does not \
              exist, although what would contain it was read.",
    why: "Istio has no cluster for the destination of a route that is not there, and answers with 503 and the flag NC (500 for routes of the \
          Gateway API); it does not fall back to anything. A cluster IP has no other ports than those of its Service, so other callers get no \
          connection; an alias has those of \
          its target. A probe finds a port by its name in its own container only.",
    fix: "Correct the name or the port, or create the Service.",
    bad: include_str!("destination_not_found.bad.yaml"),
    good: include_str!("destination_not_found.good.yaml"),
    inputs: &[
        Kind::VirtualService,
        Kind::HTTPRoute,
        Kind::GRPCRoute,
        Kind::TLSRoute,
        Kind::TCPRoute,
        Kind::Service,
        Kind::ServiceEntry,
        Kind::Namespace,
    ],
    aka: &["IST0101", "KIA1101"],
    see: &["S52", "S223", "S225", "S237", "S243", "S245", "S310", "S332", "S334"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let routed = RoutedCalls { mesh, rule: &RULE };
    for read in &mesh.snapshot().virtual_services {
        routed.check_virtual_service(&VirtualService::decode(read, mesh.cluster_domain()), out);
    }
    for route in mesh.snapshot().gateway_routes.iter().map(GatewayRoute::of) {
        routed.check_gateway_route(&route, out);
    }
    for service in mesh.registry().services() {
        if let ServiceSource::Entry(entry) = service.source {
            out.extend(of_entry(mesh, service, entry));
        }
    }
    for call in service_calls(mesh) {
        // The objects of a control plane are often read without its Service.
        if mesh.control_planes().is_root(&call.service.namespace) {
            continue;
        }
        let host = mesh.cluster_domain().service(&call.service.namespace, &call.service.name);
        if let Some((what, _)) = missing(mesh, &host, Some(call.port), &call.service.namespace) {
            out.push(finding(mesh, call.defined_by, call.at.clone(), &format!("calls {}", call.service), &what));
        }
    }
    out.extend(mesh.unknown_probe_ports().iter().map(|probe| of_probe(mesh, probe)));
}

/// The endpoints of a `ServiceEntry` that are names or addresses of the cluster, at which nothing answers: Envoy resolves names as applications
/// do, and a cluster IP has the ports of its Service (S225, S243, S245).
fn of_entry(mesh: &Mesh<'_>, service: &Service<'_>, entry: ServiceEntry<'_>) -> Vec<Finding> {
    let by_dns = service.resolution() == Resolution::Dns;
    if entry.selector().is_some() || service.resolution() == Resolution::Passthrough {
        return Vec::new();
    }
    let listed = entry.endpoints().map(|one| (one.address(), Some(one)));
    let own = (by_dns && entry.endpoints().len() == 0).then_some((&service.host, None));
    let mut found: BTreeMap<(FieldPath, String), BTreeSet<String>> = BTreeMap::new();
    for (at, (address, endpoint)) in listed.chain(own).enumerate() {
        for port in &service.ports {
            let number = endpoint.map_or_else(|| target_of(port), |endpoint| entry_port(endpoint, port));
            let Some(what) = missing_at(mesh, address, number) else { continue };
            let field = if endpoint.is_some() {
                FieldPath::of("spec.endpoints").then(at.to_string()).then("address")
            } else {
                FieldPath::of("spec.hosts")
            };
            let missing = format!("{address}:{number}, but {}", reason(mesh, &what).0);
            found.entry((field, missing)).or_default().insert(format!("{}:{}", service.host, port.number));
        }
    }
    let finding = |((field, missing), places): ((FieldPath, String), BTreeSet<String>)| {
        let message = format!("{} sends calls of {} to {missing}", service.id, list_names(places));
        let fix = "Correct the address, or the port in `ports` of the endpoint or in `targetPort`: it has to be a port of the Service itself, not of its pods.";
        Finding::about(&RULE, mesh.snapshot(), service.id, field, message).with_fix(fix)
    };
    found.into_iter().map(finding).collect()
}

/// What an address or a name in an entry lacks at a port, if nothing answers there for certain.
fn missing_at(mesh: &Mesh<'_>, address: &Text, number: u16) -> Option<MissingName> {
    if !mesh.certainly_has_no_server(address, number) {
        return None;
    }
    let by_address = mesh.services_at(address).find(|service| service.is_kubernetes());
    let host = by_address.map(|service| service.host.clone()).or_else(|| mesh.cluster_domain().of_any_client(address));
    let host = host.unwrap_or_else(|| address.clone());
    let of_service = missing(mesh, &host, Some(PortRef::Number(number)), "");
    of_service.map(|(what, _)| what).or_else(|| {
        let (name, namespace) = mesh.cluster_domain().service_part(&host)?.rsplit_once('.')?;
        Some(MissingName::Service { namespace: namespace.into(), name: name.into() })
    })
}

/// The calls of Services that webhooks, aggregated APIs and Ingresses define.
fn service_calls<'s>(mesh: &Mesh<'s>) -> impl Iterator<Item = ServiceCall<'s>> {
    let snapshot = mesh.snapshot();
    let mutating = snapshot.webhooks.iter().flat_map(ServiceCall::of_mutating);
    let webhooks = mutating.chain(snapshot.validating_webhooks.iter().flat_map(ServiceCall::of_validating)).map(|(_, call)| call);
    let conversions = snapshot.custom_resources.iter().filter_map(ServiceCall::of_conversion);
    let apis = snapshot.api_services.iter().filter_map(ServiceCall::of_api);
    webhooks.chain(conversions).chain(apis).chain(snapshot.ingresses.iter().flat_map(ServiceCall::of_ingress))
}

fn of_probe(mesh: &Mesh<'_>, probe: &UnknownProbePort<'_>) -> Finding {
    let UnknownProbePort { workload, defined_by, field, name, container, .. } = probe;
    let ports: Vec<&str> = container.ports().map(|port| port.name.as_str()).filter(|name| !name.is_empty()).collect();
    let known = if ports.is_empty() { "which declares no named port".to_owned() } else { format!("only {}", list_names(&ports)) };
    let message = format!("{defined_by} has a {} for port {name} of container {}, {known}", field.as_str(), container.name());
    let fix = "Correct the name of the port, or declare it in the `ports` of the same container: the kubelet looks for it nowhere else.";
    Finding::about(&RULE, mesh.snapshot(), defined_by, probe.at.clone(), message).with_fix(fix).with_related([workload.subject.clone()])
}

fn finding(mesh: &Mesh<'_>, by: &Id, at: FieldPath, does: &str, what: &MissingName) -> Finding {
    let (missing, related) = reason(mesh, what);
    Finding::about(&RULE, mesh.snapshot(), by, at, format!("{by} {does}, but {missing}")).with_related(related)
}
