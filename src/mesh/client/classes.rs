//! Groups client namespaces that get the same result for a service, so that one representative is evaluated per class instead of every
//! client-service pair.
//!
//! Clients with the same data plane and the same istiod are equivalent unless a rule or a scope makes their namespace an exception: a
//! `DestinationRule` of their own or one exported to them by name, a Sidecar resource, or the `exportTo` of a service.

use std::collections::{BTreeMap, BTreeSet};

use super::{Client, ClientKind, by_host::ByHost, egress::OutOfScope, registry::Service, takers::Takers};
use crate::{
    istio::{EgressListener, ImportNamespace, Route, Selector},
    mesh::{Dataplane, Workload, indices::Indices, pods::merged_labels},
    object::{Kind, Labels, Text},
};

/// Namespaces whose clients get the same result wherever no rule or scope makes one of them an exception.
#[derive(Debug)]
pub struct ClientClass {
    /// What sends their calls.
    pub kind: ClientKind,
    pub namespaces: BTreeSet<Text>,
    revision: Text,
    is_root: bool,
    is_scoped: bool,
    out_of_scope: OutOfScope,
    unread: Unread,
}

/// What was not wholly read of the namespace of a client, so that the results of its calls are unknown.
#[derive(Debug, Default, PartialEq, Eq)]
struct Unread {
    labels: bool,
    rules: bool,
    scopes: bool,
}

/// All classes of clients in the mesh.
#[derive(Debug)]
pub struct ClientClasses {
    classes: Vec<ClientClass>,
    /// By resolved host: namespaces with a rule for that host, and the clients it selects.
    rules: ByHost<Vec<(Text, Selector)>>,
    importers: Importers,
    takers: Takers,
    /// By labels that conditions of routes name: the namespaces with clients that have them.
    labelled: BTreeMap<Labels, BTreeSet<Text>>,
}

/// Namespaces whose Sidecar resource imports something, keyed by what it imports.
#[derive(Debug, Default)]
struct Importers {
    hosts: BTreeMap<Text, BTreeSet<Text>>,
    namespaces: BTreeMap<Text, BTreeSet<Text>>,
    patterns: BTreeSet<Text>,
}

/// The namespaces whose clients a service treats differently from the rest of their class.
#[derive(Debug, Default)]
pub struct ClientExceptions {
    /// Namespaces with different rules, each with the client labels to evaluate, starting with no labels.
    pub by_rule: BTreeMap<Text, BTreeSet<Labels>>,
    /// Namespaces that may see the service where the others do not, or another service with the same host.
    pub by_scope: BTreeSet<Text>,
}

/// A client that represents all equivalent clients.
#[derive(Debug)]
pub struct Representative<'m> {
    pub client: Client<'m>,
    /// Its namespace, if that is an exception; `None` if it represents the rest of its class.
    pub namespace: Option<Text>,
}

impl ClientExceptions {
    /// The labels of the clients to evaluate in a namespace, which becomes an exception if it is none.
    fn labels_of(&mut self, namespace: &Text) -> &mut BTreeSet<Labels> {
        self.by_rule.entry(namespace.clone()).or_insert_with(|| BTreeSet::from([Labels::default()]))
    }
}

impl ClientClass {
    /// Whether `DestinationRules` and Sidecar resources apply to these clients.
    #[must_use]
    pub fn has_rules(&self) -> bool {
        self.kind.has_rules()
    }

    /// Whether the two classes can differ only through a Sidecar resource.
    fn differs_in_scope_only(&self, other: &Self) -> bool {
        (self.kind, &self.revision, self.is_root, &self.unread) == (other.kind, &other.revision, other.is_root, &other.unread)
    }

    fn is_equivalent(&self, other: &Self) -> bool {
        self.differs_in_scope_only(other) && (self.is_scoped, &self.out_of_scope) == (other.is_scoped, &other.out_of_scope)
    }
}

impl ClientClasses {
    /// The classes of the clients that were read.
    pub(in crate::mesh) fn new(indices: &Indices<'_>, workloads: &[Workload<'_>]) -> Self {
        Self::of(indices, workloads, all_clients(workloads))
    }

    /// The same, with sidecars assumed where there may be some: in every namespace if no workload was read at all, else where it is not
    /// known whether the workloads that were read have proxies.
    pub(in crate::mesh) fn possible(indices: &Indices<'_>, workloads: &[Workload<'_>]) -> Self {
        let sidecar = |namespace: &Text| (namespace.clone(), ClientKind::Sidecar);
        let possible = indices.namespaces().keys().filter(|_| workloads.is_empty()).map(sidecar);
        let assumed = workloads.iter().filter(|workload| workload.instances.iter().any(|one| one.is_assumed));
        let assumed = assumed.map(|workload| sidecar(&workload.subject.namespace));
        let all = all_clients(workloads).into_iter().chain(possible).chain(assumed).collect();
        Self::of(indices, workloads, all)
    }

    fn of(indices: &Indices<'_>, workloads: &[Workload<'_>], client_classes: BTreeSet<(Text, ClientKind)>) -> Self {
        let mut classes: Vec<ClientClass> = Vec::new();
        let mut importers = Importers::default();
        for (namespace, kind) in client_classes {
            let one = class_of(indices, &namespace, kind);
            for client in clients(indices, &namespace, &Labels::default(), kind) {
                importers.add(indices, &client);
            }
            match classes.iter_mut().find(|class| class.is_equivalent(&one)) {
                Some(class) => class.namespaces.extend(one.namespaces),
                None => classes.push(one),
            }
        }
        classes.sort_by(|a, b| (a.kind, &a.revision, a.is_scoped, &a.namespaces).cmp(&(b.kind, &b.revision, b.is_scoped, &b.namespaces)));
        let mut rules: ByHost<Vec<(Text, Selector)>> = ByHost::default();
        for rule in indices.destination_rules() {
            rules.entry(rule.resolved_host()).push((rule.id.namespace.clone(), rule.selector.clone()));
        }
        let default = &indices.control_planes().primary().service_export_to;
        let takers = Takers::new(indices.registry(), default, &|service| importers.of(&service.id.namespace, &service.host));
        Self { classes, rules, importers, takers, labelled: labelled(indices, workloads) }
    }

    /// The classes, ordered by data plane.
    #[must_use]
    pub fn classes(&self) -> &[ClientClass] {
        &self.classes
    }

    /// The namespaces whose clients this service treats differently.
    #[must_use]
    pub fn exceptions(&self, indices: &Indices<'_>, service: &Service<'_>) -> ClientExceptions {
        let mut exceptions =
            ClientExceptions { by_rule: BTreeMap::new(), by_scope: self.importers.of(&service.id.namespace, &service.host) };
        for (namespace, selector) in self.rules.matching(&service.host).flatten() {
            let clients = exceptions.labels_of(namespace);
            if let Selector::Labels(labels) = selector {
                clients.insert(labels.clone());
            }
        }
        let exporters = indices.control_planes().roots().chain([service.id.namespace.as_str()]);
        for to in exporters.flat_map(|namespace| indices.rules().exported_by_name(namespace, &service.host)) {
            exceptions.labels_of(to);
        }
        let same_host: Vec<&Service<'_>> = indices.registry().at(&service.host).collect();
        exceptions.by_scope.extend(same_host.iter().flat_map(|service| service.exported_by_name()).cloned());
        exceptions.by_scope.extend(self.takers.of(service).cloned());
        // Importing a VirtualService also imports its destinations (S46).
        for one in indices.routes().routed_to(&service.host) {
            exceptions.by_scope.extend(one.hosts.iter().flat_map(|host| self.importers.of(&one.id.namespace, host)));
        }
        // A VirtualService routes calls elsewhere for clients that see it (S83).
        for one in indices.routes().calls(&service.host) {
            exceptions.by_scope.insert(one.id.namespace.clone());
            exceptions.by_scope.extend(one.exports.namespaces().cloned());
            exceptions.by_scope.extend(self.importers.of(&one.id.namespace, &service.host));
            for route in one.all_routes() {
                exceptions.by_scope.extend(route.source_namespaces().cloned());
                self.add_labelled(route, &mut exceptions);
            }
        }
        if same_host.len() > 1 || !service.is_public(&indices.control_planes().primary().service_export_to) {
            exceptions.by_scope.extend(same_host.iter().map(|service| service.id.namespace.clone()));
        }
        exceptions
    }

    /// Adds the clients whose labels a condition of a route names (S330).
    fn add_labelled(&self, route: &Route<'_>, exceptions: &mut ClientExceptions) {
        for labels in route.source_labels() {
            for namespace in self.labelled.get(labels).into_iter().flatten() {
                exceptions.labels_of(namespace).insert(labels.clone());
            }
        }
    }

    /// Sidecars and gateways that call a port of a service: one for each set of equivalent clients.
    #[must_use]
    pub fn representatives<'m>(
        &self,
        indices: &Indices<'_>,
        service: &Service<'_>,
        port: u16,
        exceptions: &ClientExceptions,
    ) -> Vec<Representative<'m>> {
        self.representatives_by(indices, service, port, exceptions, |_| true)
    }

    /// The same; of equivalent clients, one whose calls this holds for is preferred.
    #[must_use]
    pub fn representatives_by<'m>(
        &self,
        indices: &Indices<'_>,
        service: &Service<'_>,
        port: u16,
        exceptions: &ClientExceptions,
        is_preferred: impl Fn(&Client<'_>) -> bool,
    ) -> Vec<Representative<'m>> {
        let sees = |client: &Client<'_>| sees(indices, client, service, port);
        self.representatives_of(indices, service, exceptions, (sees, is_preferred))
    }

    /// Clients of ztunnel that see a port of a service, one for each namespace.
    #[must_use]
    pub fn ambient_clients<'m>(&self, indices: &Indices<'_>, service: &Service<'_>, port: u16) -> Vec<Representative<'m>> {
        let ambient = self.classes.iter().filter(|class| class.kind == ClientKind::Ambient).flat_map(|class| &class.namespaces);
        let client = |namespace: &Text| Client::any(indices, namespace, Labels::default(), ClientKind::Ambient);
        let clients = ambient.map(|namespace| Representative { client: client(namespace), namespace: Some(namespace.clone()) });
        clients.filter(|one| sees(indices, &one.client, service, port)).collect()
    }

    /// The sidecars for which something about a service holds: one for each namespace that may differ, and one for the rest of a class.
    #[must_use]
    pub fn sidecars_where<'m>(
        &self,
        indices: &Indices<'_>,
        service: &Service<'_>,
        exceptions: &ClientExceptions,
        holds: impl Fn(&Client<'_>) -> bool,
    ) -> Vec<Representative<'m>> {
        let may_differ = |namespace: &&Text| {
            **namespace == service.id.namespace || exceptions.by_scope.contains(*namespace) || exceptions.by_rule.contains_key(*namespace)
        };
        let holding = |namespace: &Text| {
            let clients = clients(indices, namespace, &Labels::default(), ClientKind::Sidecar);
            clients.into_iter().find(|client| holds(client))
        };
        let mut found = Vec::new();
        for class in self.classes.iter().filter(|class| class.kind == ClientKind::Sidecar) {
            let special = std::iter::once(&service.id.namespace).chain(&exceptions.by_scope).chain(exceptions.by_rule.keys());
            let special: BTreeSet<&Text> = special.filter(|namespace| class.namespaces.contains(*namespace)).collect();
            let of = |namespace: &Text| Some(Representative { client: holding(namespace)?, namespace: Some(namespace.clone()) });
            found.extend(special.into_iter().filter_map(of));
            let rest = class.namespaces.iter().find(|namespace| !may_differ(namespace));
            found.extend(rest.and_then(holding).map(|client| Representative { client, namespace: None }));
        }
        found
    }

    /// The same for a service that was not read, which every client is assumed to see.
    pub(in crate::mesh) fn representatives_of_unread<'m>(
        &self,
        indices: &Indices<'_>,
        service: &Service<'_>,
        exceptions: &ClientExceptions,
    ) -> Vec<Representative<'m>> {
        self.representatives_of(indices, service, exceptions, (|_: &Client<'_>| true, |_: &Client<'_>| true))
    }

    fn representatives_of<'m>(
        &self,
        indices: &Indices<'_>,
        service: &Service<'_>,
        exceptions: &ClientExceptions,
        (sees, is_preferred): (impl Fn(&Client<'_>) -> bool, impl Fn(&Client<'_>) -> bool),
    ) -> Vec<Representative<'m>> {
        let mut representatives = Vec::new();
        let mut served: Vec<&ClientClass> = Vec::new();
        for class in self.classes.iter().filter(|class| matches!(class.kind, ClientKind::Sidecar | ClientKind::Gateway)) {
            for (namespace, clients) in exceptions.by_rule.iter().filter(|(namespace, _)| class.namespaces.contains(*namespace)) {
                let clients = clients.iter().flat_map(|labels| self::clients(indices, namespace, labels, class.kind)).filter(|c| sees(c));
                representatives.extend(clients.map(|client| Representative { client, namespace: Some(namespace.clone()) }));
            }
            if served.iter().any(|other| other.differs_in_scope_only(class)) {
                continue;
            }
            let own = class.namespaces.get(&service.id.namespace);
            let scoped = exceptions.by_scope.iter().filter(|namespace| class.namespaces.contains(*namespace));
            let is_public = service.is_public(&indices.control_planes().of_revision(&class.revision).service_export_to);
            let rest = class.namespaces.iter().filter(|one| !class.is_scoped && is_public && !exceptions.by_scope.contains(*one));
            let is_by_rule = |namespace: &&Text| exceptions.by_rule.contains_key(*namespace);
            let clients = |namespace| clients(indices, namespace, &Labels::default(), class.kind);
            let of_rest = rest.filter(|namespace| !is_by_rule(namespace)).flat_map(clients).filter(|client| sees(client)).take(1);
            let candidates = own.into_iter().chain(scoped).filter(|namespace| !is_by_rule(namespace));
            let mut seeing = candidates.flat_map(clients).filter(|client| sees(client)).chain(of_rest).peekable();
            let first = seeing.peek().cloned();
            let client = seeing.find(|client| is_preferred(client)).or(first);
            if let Some(client) = client {
                served.push(class);
                representatives.push(Representative { client, namespace: None });
            }
        }
        representatives
    }
}

/// Whether a client's proxy has a cluster for a port of a service, and not that of another object with the host.
fn sees(indices: &Indices<'_>, client: &Client<'_>, service: &Service<'_>, port: u16) -> bool {
    indices.destination(client, &service.host, port).is_some_and(|to| to.is_port_of(service, port))
}

/// Every namespace with clients, once per data plane of its clients; waypoints are left out because they only forward calls of others.
fn all_clients(workloads: &[Workload<'_>]) -> BTreeSet<(Text, ClientKind)> {
    let all = workloads.iter().flat_map(|workload| workload.instances.iter().map(move |instance| (workload, instance)));
    let client_classes = all.filter(|(_, instance)| instance.dataplane != Dataplane::Waypoint);
    client_classes.map(|(workload, instance)| (workload.subject.namespace.clone(), instance.dataplane.into())).collect()
}

/// The namespaces with clients that have labels that conditions of routes name.
fn labelled(indices: &Indices<'_>, workloads: &[Workload<'_>]) -> BTreeMap<Labels, BTreeSet<Text>> {
    let named: BTreeSet<&Labels> = indices.routes().source_labels().collect();
    let namespaces = |labels: &Labels| {
        let has = |workload: &&Workload<'_>| workload.instances.iter().any(|instance| labels.selects(&instance.labels));
        workloads.iter().filter(has).map(|workload| workload.subject.namespace.clone()).collect()
    };
    named.into_iter().map(|labels| (labels.clone(), namespaces(labels))).collect()
}

/// Clients of a namespace with these labels, and with these labels plus those selected by each of its Sidecar resources.
fn clients<'m>(indices: &Indices<'_>, namespace: &Text, labels: &Labels, kind: ClientKind) -> Vec<Client<'m>> {
    let selected = indices.services().sidecar_selectors(namespace).map(|own| merged_labels(labels, own));
    std::iter::once(labels.clone()).chain(selected).map(|labels| Client::any(indices, namespace, labels, kind)).collect()
}

/// A class with one namespace.
fn class_of(indices: &Indices<'_>, namespace: &Text, kind: ClientKind) -> ClientClass {
    let mut class = ClientClass {
        kind,
        namespaces: BTreeSet::from([namespace.clone()]),
        revision: Text::default(),
        is_root: false,
        is_scoped: false,
        out_of_scope: OutOfScope::Passes,
        unread: Unread::of(indices, namespace),
    };
    if class.has_rules() {
        let client = Client::any(indices, namespace, Labels::default(), kind);
        class.is_root = indices.control_planes().of_revision(&client.revision).root_namespace == *namespace;
        class.is_scoped = indices.egress(&client).is_some_and(|listeners| !imports_everything(listeners));
        class.out_of_scope = indices.out_of_scope(&client);
        class.revision = client.revision;
    }
    class
}

impl Unread {
    fn of(indices: &Indices<'_>, namespace: &Text) -> Self {
        let coverage = indices.coverage();
        if coverage.is_whole() {
            return Self::default();
        }
        Self {
            labels: !coverage.covers_labels(indices.namespace_labels(namespace)),
            rules: !coverage.covers(Kind::DestinationRule, namespace),
            scopes: !coverage.covers(Kind::Sidecar, namespace),
        }
    }
}

fn imports_everything(listeners: &[EgressListener<'_>]) -> bool {
    matches!(listeners, [only] if only.imports_everything())
}

impl Importers {
    fn add(&mut self, indices: &Indices<'_>, client: &Client<'_>) {
        let namespace = &client.namespace;
        let listeners = indices.egress(client).filter(|listeners| !imports_everything(listeners));
        // Clients selected by a Sidecar resource may see everything while the others of their namespace do not.
        if listeners.is_none() && !client.labels.is_empty() {
            self.patterns.insert(namespace.clone());
        }
        let imports = listeners.into_iter().flatten().flat_map(|listener| &listener.hosts).filter(|import| !import.excludes);
        for import in imports {
            let found = match import.namespace {
                _ if !import.host.starts_with('*') => self.hosts.entry(import.host.into()).or_default(),
                ImportNamespace::Any => &mut self.patterns,
                ImportNamespace::Own => self.namespaces.entry(namespace.clone()).or_default(),
                ImportNamespace::Named(name) => self.namespaces.entry(name.into()).or_default(),
            };
            found.insert(namespace.clone());
        }
    }

    /// The namespaces that may import a host of a namespace.
    fn of(&self, namespace: &Text, host: &Text) -> BTreeSet<Text> {
        let named = self.hosts.get(host).into_iter().chain(self.namespaces.get(namespace));
        named.flatten().chain(&self.patterns).cloned().collect()
    }
}
