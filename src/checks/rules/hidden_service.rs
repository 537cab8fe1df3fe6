//! A service that is not visible to clients although a rule or policy names them as its clients.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, Undecided, assumed_namespaces::is_assumed},
    istio::{Action, AuthorizationPolicy},
    mesh::{CallProperties, Client, ClientKind, Mesh, OutOfScope, SentAs, Service, ServiceSource, Subject, Verdict},
    object::{FieldPath, Id, Kind, Labels, Text, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS218",
    name: "hidden-service",
    severity: Severity::Warning,
    summary: "A Sidecar resource or `exportTo` hides a service from clients that call it according to a DestinationRule in their \
              namespace or an AuthorizationPolicy.",
    why: "A service outside a client's scope is unknown to its proxy: no DestinationRule applies, and there is no automatic mTLS. \
          The call is sent in plaintext, which a STRICT server rejects, or it fails if outboundTrafficPolicy is REGISTRY_ONLY.",
    fix: "Make the service visible to the clients: add it to `egress.hosts`, or add their namespace to `exportTo`.",
    bad: include_str!("hidden_service.bad.yaml"),
    good: include_str!("hidden_service.good.yaml"),
    inputs: &[
        Kind::Sidecar,
        Kind::Service,
        Kind::ServiceEntry,
        Kind::DestinationRule,
        Kind::AuthorizationPolicy,
        Kind::PeerAuthentication,
        Kind::Pod,
    ],
    aka: &[],
    see: &["S44", "S47", "S49"],
};

/// Services that one object hides, and the clients that it hides them from.
#[derive(Default)]
struct Hidden<'m> {
    services: BTreeSet<&'m Text>,
    clients: BTreeSet<Text>,
    evidence: BTreeSet<&'m Id>,
    fails: bool,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut found: BTreeMap<(&Id, FieldPath), Hidden<'_>> = BTreeMap::new();
    for (evidence, namespace, service) in expected_calls(mesh) {
        let client = Client::any(mesh.indices(), &namespace, Labels::default(), ClientKind::Sidecar);
        let Some(cause) = hiding(mesh, &client, service) else { continue };
        if unread(mesh, cause.0, evidence, &namespace, service).is_some() {
            continue;
        }
        let hidden = found.entry(cause).or_default();
        hidden.services.insert(&service.host);
        hidden.clients.insert(namespace);
        hidden.evidence.insert(evidence);
        hidden.fails |= fails(mesh, &client, service);
    }
    for ((id, at), hidden) in found {
        let effect = if hidden.fails { "fail" } else { "are sent in plaintext" };
        let message = format!(
            "{id} hides {} from clients of namespace {}, which call it according to {}: their calls {effect}",
            list_names(&hidden.services),
            list_names(&hidden.clients),
            list_names(&hidden.evidence)
        );
        let finding = Finding::about(&RULE, mesh.snapshot(), id, at, message).with_related(hidden.evidence.into_iter().map(Subject::from));
        out.push(if hidden.fails { finding.with_severity(Severity::Error) } else { finding });
    }
}

/// The calls that may be in the scope of their clients because of something that was not read.
pub(super) fn undecided(mesh: &Mesh<'_>) -> Vec<Undecided> {
    // A cluster is read whole, and only a Sidecar resource or `exportTo` hides anything.
    if mesh.snapshot().cluster.is_some() {
        return Vec::new();
    }
    let open = |(evidence, namespace, service): (&Id, Text, &Service<'_>)| {
        let client = Client::any(mesh.indices(), &namespace, Labels::default(), ClientKind::Sidecar);
        let (id, _) = hiding(mesh, &client, service)?;
        let reason = unread(mesh, id, evidence, &namespace, service)?;
        Some(Undecided { about: evidence.into(), namespace, reason })
    };
    expected_calls(mesh).into_iter().filter_map(open).collect()
}

/// The field that hides a service from a client; `None` if the client sees it, or if an entry gets its calls, which another rule reports
/// (S281).
fn hiding<'m>(mesh: &'m Mesh<'_>, client: &Client<'_>, service: &'m Service<'m>) -> Option<(&'m Id, FieldPath)> {
    let is_seen = service.ports.iter().any(|port| mesh.indices().destination(client, &service.host, port.number).is_some());
    let is_taken = || service.ports.iter().all(|port| mesh.owner_of_hidden_port(client, service, port).is_some());
    cause(mesh, client, service).filter(|_| !is_seen && !is_taken())
}

/// What was not read that could make a service visible to clients of a namespace that `hiding` hides it from.
fn unread(mesh: &Mesh<'_>, hiding: &Id, evidence: &Id, namespace: &str, service: &Service<'_>) -> Option<&'static str> {
    if mesh.snapshot().cluster.is_some() {
        return None;
    }
    if is_assumed(mesh, service.id) || is_assumed(mesh, evidence) {
        return Some("the namespace of the Service, or of what shows the call, is not set");
    }
    let is_of_mesh = hiding.kind == Kind::Sidecar && hiding.namespace != *namespace;
    let has_own = mesh.indices().services().sidecars_in(namespace).next().is_some();
    // A Sidecar resource of the clients' own namespace would replace that of the root namespace (S44).
    (is_of_mesh && !has_own).then_some("no Sidecar of the namespace was read")
}

/// Expected calls: a `DestinationRule` in the clients' namespace names the service, or an ALLOW policy of the service names the clients.
pub(super) fn expected_calls<'m>(mesh: &'m Mesh<'_>) -> Vec<(&'m Id, Text, &'m Service<'m>)> {
    let members = |namespace: &str| {
        mesh.client_classes().classes().iter().any(|class| class.kind == ClientKind::Sidecar && class.namespaces.contains(namespace))
    };
    let mut expected_calls = Vec::new();
    for rule in mesh.destination_rules().iter().filter(|rule| members(&rule.id.namespace)) {
        let host = rule.resolved_host();
        let named = mesh.registry().at(&host).filter(|service| service.host == host);
        expected_calls.extend(named.map(|service| (&rule.id, rule.id.namespace.clone(), service)));
    }
    let policies = mesh.snapshot().authorization_policies.iter().map(AuthorizationPolicy::of);
    for policy in policies.filter(|policy| policy.action == Some(Action::Allow)) {
        let mut clients = policy.named_namespaces();
        clients.retain(|namespace| members(namespace));
        if clients.is_empty() {
            continue;
        }
        for service in services(mesh, &policy.id.namespace, policy.selector) {
            expected_calls.extend(clients.iter().map(|namespace| (policy.id, namespace.clone(), service)));
        }
    }
    expected_calls
}

/// The services of the workloads that a selector selects.
fn services<'m>(mesh: &'m Mesh<'_>, namespace: &str, selector: &Labels) -> Vec<&'m Service<'m>> {
    let instances = mesh.workloads_in(namespace).iter().flat_map(|workload| &workload.instances);
    let selected = instances.filter(|instance| selector.selects(&instance.labels));
    let ids: BTreeSet<&Id> =
        selected.flat_map(|instance| mesh.indices().services().services(namespace, &instance.labels)).map(|service| service.id).collect();
    ids.into_iter().filter_map(|id| mesh.registry().of(id)).collect()
}

/// The field that hides a service from a client: exportTo of the service, else egress of the client's Sidecar resource.
fn cause<'m>(mesh: &'m Mesh<'_>, client: &Client<'_>, service: &'m Service<'m>) -> Option<(&'m Id, FieldPath)> {
    let settings = mesh.control_planes().of_revision(&client.revision);
    if !mesh.registry().is_visible(&service.host, &settings.service_export_to, &client.namespace) {
        let at = match service.source {
            ServiceSource::Entry(_) => FieldPath::of("spec.exportTo"),
            ServiceSource::Service(_) => FieldPath::of("metadata.annotations").then("networking.istio.io/exportTo"),
        };
        return Some((service.id, at));
    }
    let sidecar = mesh.indices().services().sidecar(&settings.root_namespace, &client.namespace, &client.labels)?;
    Some((sidecar.id, FieldPath::of("spec.egress")))
}

/// Whether a call to a service outside the client's scope fails at any endpoint.
fn fails(mesh: &Mesh<'_>, client: &Client<'_>, service: &Service<'_>) -> bool {
    let call = CallProperties::of(client.kind);
    let refuses = |port| {
        let mut endpoints = mesh.endpoint_classes(service, port).into_iter();
        endpoints.any(|one| matches!(mesh.evaluate(&one, SentAs::Plaintext, call).verdict, Verdict::Fail(_)))
    };
    mesh.indices().out_of_scope(client) == OutOfScope::Refused || service.ports.iter().any(refuses)
}
