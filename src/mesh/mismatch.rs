//! Where what clients send and what servers take do not meet: service port by service port, and namespace by namespace
//! only where a namespace has rules of its own (never pair by pair).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Call, Client, ClientKind, Cluster, Dataplane, Destination, Endpoint, Mesh, Port, Service, Subject, Verdict, client::wildcards,
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
    /// Namespace of the clients; `None` stands for every namespace without rules of its own.
    pub clients: Option<Text>,
    /// Host and port of the service.
    pub service: (Text, u16),
    /// The subset.
    pub subset: Option<Text>,
    /// The workload; `None` for an address outside the mesh.
    pub server: Option<Subject>,
    /// What comes of it.
    pub verdict: Verdict,
    /// Whether automatic mTLS would make mTLS of it.
    pub could_be_mtls: bool,
}

/// Clients that stand for all that fare alike.
pub(super) struct Representative<'m> {
    pub(super) client: Client<'m>,
    /// Their namespace; `None` stands for every namespace without rules of its own.
    pub(super) namespace: Option<Text>,
}

/// The clients of the mesh, as far as they can differ in the rules they use.
pub(super) struct Audience<'m> {
    members: BTreeMap<Text, ClientKind>,
    overriding: Overriding<'m>,
}

impl<'m> Audience<'m> {
    /// The clients that were read.
    pub(super) fn new(mesh: &'m Mesh<'_>) -> Self {
        let members = members(mesh);
        Self { overriding: overriding(mesh, &members), members }
    }

    /// The same; where no workload was read, a client in every namespace.
    pub(super) fn possible(mesh: &'m Mesh<'_>) -> Self {
        let anybody = || mesh.namespaces().keys().map(|namespace| (namespace.clone(), ClientKind::Sidecar)).collect();
        let members = if mesh.workloads().is_empty() { anybody() } else { members(mesh) };
        Self { overriding: overriding(mesh, &members), members }
    }

    /// Those who call a service: clients of every namespace that has rules for it, once for each selector, and one for all the others.
    pub(super) fn of(&self, mesh: &Mesh<'_>, service: &Service<'_>) -> Vec<Representative<'m>> {
        representatives(mesh, service, &self.members, &self.overriding)
    }
}

/// Everything that does not meet, and every plaintext call that a rule brings about.
pub(super) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let audience = Audience::new(mesh);
    let mut found = Vec::new();
    for service in mesh.registry().services() {
        let representatives = audience.of(mesh, service);
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
pub(super) fn alike(mut endpoints: Vec<Endpoint<'_>>) -> Vec<Endpoint<'_>> {
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

/// Rules of namespaces that have clients, by their resolved host: what these clients look at first.
type Overriding<'m> = BTreeMap<Text, Vec<&'m DestinationRule>>;

fn overriding<'m>(mesh: &'m Mesh<'_>, members: &BTreeMap<Text, ClientKind>) -> Overriding<'m> {
    let mut own = Overriding::new();
    for rule in mesh.destination_rules().iter().filter(|rule| members.contains_key(&rule.id.namespace)) {
        own.entry(rule.resolved_host()).or_default().push(rule);
    }
    own
}

/// Clients of every namespace that has rules for the service, once for each selector, and one for all the others.
fn representatives<'m>(
    mesh: &Mesh<'_>,
    service: &Service<'_>,
    members: &BTreeMap<Text, ClientKind>,
    overriding: &Overriding<'_>,
) -> Vec<Representative<'m>> {
    let mut special: BTreeMap<&Text, BTreeSet<Labels>> = BTreeMap::new();
    let hosts = std::iter::once(service.host.to_string()).chain(wildcards(&service.host).filter(|host| *host != *service.host));
    for rule in hosts.filter_map(|host| overriding.get(host.as_str())).flatten() {
        let clients = special.entry(&rule.id.namespace).or_insert_with(|| BTreeSet::from([Labels::default()]));
        if let Selector::Labels(labels) = &rule.selector {
            clients.insert(labels.clone());
        }
    }
    let mut found = Vec::new();
    for (&namespace, clients) in &special {
        found.extend(clients.iter().map(|labels| Representative {
            client: Client::any(mesh, namespace, labels.clone(), members[namespace]),
            namespace: Some(namespace.clone()),
        }));
    }
    let is_plain = |namespace: &&Text| !special.contains_key(*namespace);
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
    let mut found = of_cluster(mesh, representative, to, None, &whole, endpoints);
    for (_, subset) in whole.rule.iter().flat_map(|rule| &rule.subsets) {
        let cluster = mesh.cluster(client, to, Some(&subset.name), endpoints);
        if cluster.tls == whole.tls {
            continue;
        }
        let is_in = |one: &&Endpoint<'_>| cluster.is_original_dst || subset.labels.selects(&one.labels);
        let chosen: Vec<Endpoint<'_>> = endpoints.iter().filter(is_in).cloned().collect();
        found.extend(of_cluster(mesh, representative, to, Some(&subset.name), &cluster, &chosen));
    }
    found
}

fn of_cluster(
    mesh: &Mesh<'_>,
    representative: &Representative<'_>,
    to: Destination<'_>,
    subset: Option<&Text>,
    cluster: &Cluster<'_>,
    endpoints: &[Endpoint<'_>],
) -> Vec<Mismatch> {
    let (client, service, port) = (&representative.client, to.service, to.port);
    let mismatch = |endpoint: &Endpoint<'_>| {
        let wire = mesh.wire(client, Some(cluster), endpoint, port.protocol == Protocol::Tls);
        // A protocol in which the server speaks first is another rule's business.
        let call = Call { from: client.kind, is_tcp: false, is_server_first: false };
        let verdict = mesh.judge(endpoint, wire, call).verdict;
        let is_settled = || cluster.configured.is_some() && !service.is_external();
        let could_be_mtls = verdict == Verdict::Plaintext && is_settled() && mesh.keeps_mtls(client, None, endpoint);
        (matches!(verdict, Verdict::Fail(_)) || could_be_mtls).then(|| Mismatch {
            cause: mesh.deciding_field(cluster, port.number, subset.map(Text::as_str)),
            configured: cluster.configured,
            clients: representative.namespace.clone(),
            service: (service.host.clone(), port.number),
            subset: subset.cloned(),
            server: endpoint.server.map(|(workload, _)| workload.subject.clone()),
            verdict,
            could_be_mtls,
        })
    };
    endpoints.iter().filter_map(mismatch).collect()
}

impl Mesh<'_> {
    /// Where clients and servers do not meet; found out when somebody asks.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        self.mismatches.get_or_init(|| all(self))
    }
}
