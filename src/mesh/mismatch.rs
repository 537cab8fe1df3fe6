//! Where what clients send and what servers take do not meet: service port by service port, and namespace by namespace
//! only where a namespace has rules of its own (never pair by pair).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Call, Client, ClientKind, Cluster, ClusterTls, Dataplane, Destination, Endpoint, Mesh, Port, Service, Subject, Verdict, Wire, verdict,
};
use crate::{
    istio::{DestinationRule, Protocol, Selector, TlsMode},
    object::{FieldPath, Id, Labels, Text},
};

/// What becomes of the calls of some clients to one endpoint, where that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The TLS settings that decide: the rule and the field; `None` where automatic mTLS decides.
    pub cause: Option<(Id, FieldPath)>,
    /// What these settings say.
    pub configured: Option<TlsMode>,
    /// What the client's proxy does.
    pub tls: ClusterTls,
    /// Namespace of the clients; `None` stands for every namespace without rules of its own.
    pub clients: Option<Text>,
    /// Host and port of the service.
    pub service: (Text, u16),
    /// The subset.
    pub subset: Option<Text>,
    /// The workload; `None` for an address outside the mesh.
    pub server: Option<Subject>,
    /// Its port.
    pub port: u16,
    /// What is sent.
    pub wire: Wire,
    /// What comes of it.
    pub verdict: Verdict,
    /// Whether automatic mTLS would make mTLS of it.
    pub could_be_mtls: bool,
}

/// Clients that stand for all that fare alike.
struct Representative<'m> {
    client: Client<'m>,
    namespace: Option<Text>,
}

/// Everything that does not meet, and every plaintext call that a rule brings about.
pub(super) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let members = members(mesh);
    let overriding = overriding(mesh, &members);
    let mut found = Vec::new();
    for service in mesh.registry().services() {
        let representatives = representatives(mesh, service, &members, &overriding);
        for port in &service.ports {
            let endpoints = alike(mesh.endpoints(service, port));
            for representative in &representatives {
                let Some(to) = mesh.destination(&representative.client, &service.host, port.number) else { continue };
                if to.service.id == service.id {
                    found.extend(of_port(mesh, representative, service, port, &endpoints));
                }
            }
        }
    }
    found
}

/// One endpoint for all pods that are alike: they fare alike, too.
fn alike(mut endpoints: Vec<Endpoint<'_>>) -> Vec<Endpoint<'_>> {
    endpoints.dedup_by(|later, kept| match (later.server, kept.server) {
        (Some((_, one)), Some((_, other))) => std::ptr::eq(one, other) && later.tls_mode == kept.tls_mode && later.labels == kept.labels,
        _ => false,
    });
    endpoints
}

/// Namespaces with clients whose rules count, each with what sends their calls.
fn members(mesh: &Mesh<'_>) -> BTreeMap<Text, ClientKind> {
    let mut members = BTreeMap::new();
    for workload in mesh.workloads() {
        for instance in &workload.instances {
            let kind = match instance.dataplane {
                Dataplane::Sidecar => ClientKind::Sidecar,
                Dataplane::Gateway => ClientKind::Gateway,
                Dataplane::None | Dataplane::Ambient | Dataplane::Waypoint | Dataplane::Proxyless => continue,
            };
            let known = members.entry(workload.subject.namespace.clone()).or_insert(kind);
            if kind == ClientKind::Sidecar {
                *known = kind;
            }
        }
    }
    members
}

/// The rules that clients of a namespace look at first, by namespace: its own.
fn overriding<'m>(mesh: &'m Mesh<'_>, members: &BTreeMap<Text, ClientKind>) -> BTreeMap<&'m Text, Vec<(&'m DestinationRule, Text)>> {
    let mut own: BTreeMap<&Text, Vec<(&DestinationRule, Text)>> = BTreeMap::new();
    for rule in mesh.destination_rules().iter().filter(|rule| members.contains_key(&rule.id.namespace)) {
        own.entry(&rule.id.namespace).or_default().push((rule, rule.resolved_host()));
    }
    own
}

/// Clients of every namespace that has rules for the service, once for each selector, and one for all the others.
fn representatives<'m>(
    mesh: &Mesh<'_>,
    service: &Service<'_>,
    members: &BTreeMap<Text, ClientKind>,
    overriding: &BTreeMap<&Text, Vec<(&DestinationRule, Text)>>,
) -> Vec<Representative<'m>> {
    let mut found = Vec::new();
    let mut special: BTreeSet<&Text> = BTreeSet::new();
    for (&namespace, rules) in overriding {
        let matching = rules.iter().filter(|(_, host)| super::host_matches(host, &service.host)).map(|(rule, _)| *rule);
        let mut selectors: BTreeSet<Labels> = BTreeSet::new();
        for rule in matching {
            special.insert(namespace);
            if let Selector::Labels(labels) = &rule.selector {
                selectors.insert(labels.clone());
            }
        }
        if special.contains(namespace) {
            let kind = members.get(namespace).copied().unwrap_or(ClientKind::Sidecar);
            let labels = std::iter::once(Labels::default()).chain(selectors);
            found.extend(
                labels.map(|labels| Representative {
                    client: Client::any(mesh, namespace, labels, kind),
                    namespace: Some(namespace.clone()),
                }),
            );
        }
    }
    let is_plain = |namespace: &&Text| !special.contains(*namespace);
    let own = members.keys().find(|namespace| **namespace == service.id.namespace && is_plain(namespace));
    if let Some(namespace) = own.or_else(|| members.keys().find(is_plain)) {
        let client = Client::any(mesh, namespace, Labels::default(), members[namespace]);
        found.push(Representative { client, namespace: None });
    }
    found
}

fn of_port(
    mesh: &Mesh<'_>,
    representative: &Representative<'_>,
    service: &Service<'_>,
    port: &Port,
    endpoints: &[Endpoint<'_>],
) -> Vec<Mismatch> {
    let client = &representative.client;
    let to = Destination { service, port };
    let whole = mesh.cluster(client, to, None, endpoints);
    let names: Vec<Text> = whole.rule.iter().flat_map(|rule| &rule.subsets).map(|(_, subset)| subset.name.clone()).collect();
    let mut found = Vec::new();
    for subset in std::iter::once(None).chain(names.into_iter().map(Some)) {
        let cluster = mesh.cluster(client, to, subset.as_deref(), endpoints);
        if subset.is_some() && cluster.tls == whole.tls {
            continue;
        }
        let cause = cause(mesh, &cluster, port.number, subset.as_deref());
        let labels = subset.as_deref().and_then(|name| cluster.rule.as_ref()?.subset(name)).map(|subset| &subset.labels);
        let chosen = endpoints.iter().filter(|one| cluster.is_original_dst || labels.is_none_or(|labels| labels.selects(&one.labels)));
        for endpoint in chosen {
            let wire = mesh.wire(client, Some(&cluster), endpoint, port.protocol == Protocol::Tls);
            let Some(verdict) = judged(mesh, client, endpoint, wire) else { continue };
            let could_be_mtls = verdict == Verdict::Plaintext && !service.is_external() && mesh.keeps_mtls(client, None, endpoint);
            if !(matches!(verdict, Verdict::Fail(_)) || could_be_mtls && cause.is_some()) {
                continue;
            }
            found.push(Mismatch {
                cause: cause.clone(),
                configured: cluster.configured,
                tls: cluster.tls,
                clients: representative.namespace.clone(),
                service: (service.host.clone(), port.number),
                subset: subset.clone(),
                server: endpoint.server.map(|(workload, _)| workload.subject.clone()),
                port: endpoint.port,
                wire,
                verdict,
                could_be_mtls,
            });
        }
    }
    found
}

/// What comes of a call; `None` where the server's policies were not all looked at.
fn judged(mesh: &Mesh<'_>, client: &Client<'_>, endpoint: &Endpoint<'_>, wire: Wire) -> Option<Verdict> {
    if let Some((workload, instance)) = endpoint.server {
        let mode = mesh.server(workload, instance).port(endpoint.port);
        if !mode.is_certain && mode.mode.is_some() {
            return None;
        }
    }
    // A protocol in which the server speaks first is another rule's business.
    let call = Call { from: client.kind, is_tcp: false, is_server_first: false };
    Some(verdict(wire, mesh.acceptance(endpoint), call))
}

/// The field whose TLS settings decide for a port and a subset (S61, S62).
fn cause(mesh: &Mesh<'_>, cluster: &Cluster<'_>, port: u16, subset: Option<&str>) -> Option<(Id, FieldPath)> {
    cluster.configured?;
    let rule = cluster.rule.as_ref()?;
    let own = subset.and_then(|name| rule.subsets.iter().find(|(_, subset)| subset.name == name));
    if let Some((from, subset)) = own
        && (subset.policy.ports.contains_key(&port) || subset.policy.tls.is_some())
    {
        let at = from.subsets.iter().position(|one| one.name == subset.name).unwrap_or_default();
        let base = FieldPath::of("spec.subsets").then(at.to_string()).then("trafficPolicy");
        return Some((from.id.clone(), block(mesh, &from.id, base, port, Some(at))));
    }
    let decides = if rule.traffic().tls.is_some() || rule.traffic().ports.contains_key(&port) { rule.policy } else { rule.beneath? };
    Some((decides.id.clone(), block(mesh, &decides.id, FieldPath::of("spec.trafficPolicy"), port, None)))
}

/// The mode's field inside a policy: that of the port's entry, else that of the whole.
fn block(mesh: &Mesh<'_>, id: &Id, base: FieldPath, port: u16, subset: Option<usize>) -> FieldPath {
    let read = mesh.snapshot().destination_rules.iter().find(|read| read.id == *id);
    let policy = read.and_then(|read| match subset {
        Some(at) => read.body.spec.subsets.get(at)?.traffic_policy.as_ref(),
        None => read.body.spec.traffic_policy.as_ref(),
    });
    let entry = policy.and_then(|policy| policy.port_level_settings.iter().position(|one| one.port.number.0 == i64::from(port)));
    let base = entry.map_or(base.clone(), |at| base.then("portLevelSettings").then(at.to_string()));
    base.then("tls").then("mode")
}

impl Mesh<'_> {
    /// Where clients and servers do not meet; found out when somebody asks.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        self.mismatches.get_or_init(|| all(self))
    }
}
