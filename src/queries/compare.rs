//! Compares calls in two states of a mesh: every service port, called by clients that are grouped where they get the same result.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use super::{
    Scope, matrix,
    reach::{CallAnswer, CallQuestion, CallTarget, reach_classes},
    states::States,
};
use crate::{
    istio::DestinationRule,
    mesh::{Client, ClientExceptions, ClientKind, Mesh, Service, Workload, host_matches},
    object::{Id, Labels, Text},
};

/// Clients that get the same result, a service port that they call, and the result before and after.
#[derive(Debug)]
pub struct CallComparison<'r, 'm> {
    /// The clients' kind of proxy before; the kind after if there were no such clients before.
    pub kind: ClientKind,
    /// Their kind of proxy after, if it is another one.
    pub kind_after: Option<ClientKind>,
    pub namespaces: Namespaces<'r>,
    /// The labels that select them, if a rule or a scope applies to some clients of their namespace only.
    pub labels: &'r Labels,
    pub service: &'r Id,
    /// Its host and port.
    pub port: (&'r Text, u16),
    /// The subset that is called; `None` for the whole host.
    pub subset: Option<Text>,
    /// Whether no client with these labels was read: a pod created later may have them.
    pub is_assumed: bool,
    /// The result before; `None` if there was no such service, port or client.
    pub before: Option<CallAnswer<'m>>,
    /// The result after; `None` if there is no such service, port or client.
    pub after: Option<CallAnswer<'m>>,
}

/// Which services are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceFilter {
    /// Those of the mesh.
    InMesh,
    /// Also external services, whose endpoints may be workloads of the mesh (S81).
    All,
}

/// Two states of one mesh.
#[derive(Clone, Copy, Debug)]
pub struct BeforeAfter<'m> {
    pub before: &'m Mesh<'m>,
    pub after: &'m Mesh<'m>,
}

/// A port of a host that is called.
#[derive(Clone, Copy)]
struct Called<'m> {
    id: &'m Id,
    host: &'m Text,
    port: u16,
    exists: States<bool>,
    /// Whether a rule that may apply has settings for a subset, and all services are compared.
    has_subsets: bool,
}

/// The hosts of rules with settings for a subset.
#[derive(Default)]
struct SubsetHosts {
    exact: BTreeSet<Text>,
    wildcards: BTreeSet<Text>,
    /// Whether calls may be routed to another host, whose rule then applies.
    are_routed: bool,
}

impl SubsetHosts {
    fn of(meshes: [&Mesh<'_>; 2]) -> Self {
        let mut all = Self::default();
        for mesh in meshes {
            all.are_routed |= !mesh.indices().routes().is_empty();
            let rules = mesh.destination_rules().iter().filter(|rule| rule.subsets.iter().any(|subset| subset.policy.is_present));
            let (wildcards, exact): (BTreeSet<Text>, BTreeSet<Text>) =
                rules.map(DestinationRule::resolved_host).partition(|host| host.starts_with('*'));
            all.wildcards.extend(wildcards);
            all.exact.extend(exact);
        }
        all
    }

    fn may_apply(&self, host: &Text) -> bool {
        let has_any = !self.exact.is_empty() || !self.wildcards.is_empty();
        self.are_routed && has_any || self.exact.contains(host) || self.wildcards.iter().any(|wildcard| host_matches(wildcard, host))
    }
}

/// A kind of client proxy, and the index of the client class.
type ClassRef = (ClientKind, usize);

/// Namespaces by the class that their clients are in; `None` if there are no clients.
type Transitions = BTreeMap<States<Option<ClassRef>>, BTreeSet<Text>>;

/// The client classes of each namespace.
type ClassRefs = BTreeMap<Text, BTreeMap<ClientKind, usize>>;

impl<'m> BeforeAfter<'m> {
    /// Calls `visit` for every pair of a client class and a port of a service in scope, with the result before and after, in order of the
    /// service.
    ///
    /// A client's call uses the protocol that the port declares. The answers list one endpoint for all instances of a class.
    pub fn compare(self, filter: ServiceFilter, scope: &Scope, visit: impl FnMut(CallComparison<'_, 'm>)) {
        self.compare_where(filter, scope, |_| true, visit);
    }

    /// The same, of those calls alone whose result after is relevant. The result before of the others is not evaluated.
    pub fn compare_where(
        self,
        filter: ServiceFilter,
        scope: &Scope,
        is_relevant: impl Fn(Option<&CallAnswer<'m>>) -> bool,
        mut visit: impl FnMut(CallComparison<'_, 'm>),
    ) {
        let transitions = self.transitions();
        let classes = LabelClasses::new(self, filter);
        let with_clients: BTreeSet<&Text> = transitions.values().flatten().collect();
        let subset_hosts = if filter == ServiceFilter::All { SubsetHosts::of(self.meshes().into_array()) } else { SubsetHosts::default() };
        let mut visitor = Visitor { states: self, is_relevant, visit: &mut visit };
        for ((id, host), services) in self.services(filter, scope) {
            let exception_namespaces = self.exception_namespaces(services, &classes);
            let has_subsets = subset_hosts.may_apply(host);
            let without_clients: Vec<&Text> = match filter {
                ServiceFilter::InMesh => Vec::new(),
                ServiceFilter::All => exception_namespaces.by_rule.iter().filter(|namespace| !with_clients.contains(namespace)).collect(),
            };
            for port in self.ports(filter, host, services) {
                let called = Called { id, host, port, exists: self.has_port(filter, (host, port), services), has_subsets };
                for (class_refs, namespaces) in &transitions {
                    let exceptions = exception_namespaces.among(namespaces, *class_refs);
                    let rest = std::iter::once(NamespaceSet::AllExcept { all: namespaces, exceptions: &exceptions });
                    for set in rest.chain(exceptions.iter().copied().map(NamespaceSet::One)) {
                        for class in classes.classes_for(set, *class_refs) {
                            let kinds = class_refs.map(|class_ref| class_ref.map(|(kind, _)| kind));
                            visitor.visit_clients(called, kinds, set, &class);
                        }
                    }
                }
                for namespace in &without_clients {
                    visitor.visit_assumed_clients(called, namespace);
                }
            }
        }
    }

    /// The ports of a host: those of the service that it resolves to, and, if all services are compared, those of the others with this host,
    /// which add ports to it (S231).
    fn ports(self, filter: ServiceFilter, host: &Text, services: States<Option<&Service<'_>>>) -> BTreeSet<u16> {
        let own = services.into_array().into_iter().flatten();
        let meshes = self.meshes().into_array().into_iter().filter(|_| filter == ServiceFilter::All);
        own.chain(meshes.flat_map(|mesh| mesh.registry().at(host)))
            .flat_map(|service| service.ports.iter().map(|port| port.number))
            .collect()
    }

    fn has_port(self, filter: ServiceFilter, (host, port): (&Text, u16), services: States<Option<&Service<'_>>>) -> States<bool> {
        let has_it = |service: &Service<'_>| service.port(port).is_some();
        let adds_it = |mesh: &Mesh<'_>| filter == ServiceFilter::All && mesh.registry().at(host).any(has_it);
        self.meshes().zip(services).map(|(mesh, service)| service.is_some_and(|own| has_it(own) || adds_it(mesh)))
    }

    fn meshes(self) -> States<&'m Mesh<'m>> {
        States { before: self.before, after: self.after }
    }

    fn transitions(self) -> Transitions {
        let all = self.meshes().map(class_refs);
        let mut transitions = Transitions::new();
        let none = BTreeMap::new();
        for namespace in all.before.keys().chain(all.after.keys().filter(|name| !all.before.contains_key(*name))) {
            let classes = all.as_ref().map(|classes| classes.get(namespace).unwrap_or(&none));
            for kinds in namespace_transitions(classes, || self.dataplane_changes(namespace)) {
                let refs = kinds.zip(classes).map(|(kind, classes)| kind.and_then(|kind| Some((kind, *classes.get(&kind)?))));
                transitions.entry(refs).or_default().insert(namespace.clone());
            }
        }
        transitions
    }

    /// Every change of a workload's data plane in a namespace, as the kinds of client before and after.
    fn dataplane_changes(self, namespace: &Text) -> BTreeSet<(ClientKind, ClientKind)> {
        let kinds =
            |workload: &Workload<'_>| -> BTreeSet<ClientKind> { workload.instances.iter().map(|one| one.dataplane.into()).collect() };
        let mut changes = BTreeSet::new();
        for workload in self.before.workloads_in(namespace) {
            let Some(after) = self.after.workloads_in(namespace).iter().find(|after| after.subject == workload.subject) else { continue };
            let (before, after) = (kinds(workload), kinds(after));
            for old in before.difference(&after) {
                changes.extend(after.difference(&before).map(|new| (*old, *new)));
            }
        }
        changes
    }

    /// The services by object and host: a `ServiceEntry` with several hosts counts as several services.
    fn services(self, filter: ServiceFilter, scope: &Scope) -> BTreeMap<(&'m Id, &'m Text), States<Option<&'m Service<'m>>>> {
        let in_scope = |mesh: &'m Mesh<'m>| {
            let is_included = move |service: &&Service<'_>| match filter {
                ServiceFilter::InMesh => matrix::is_mesh_service(mesh, scope, service),
                ServiceFilter::All => matrix::is_resolved_service(mesh, scope, service),
            };
            mesh.registry().services().iter().filter(is_included)
        };
        let mut services: BTreeMap<(&Id, &Text), States<Option<&Service<'_>>>> = BTreeMap::new();
        for service in in_scope(self.before) {
            services.entry((service.id, &service.host)).or_default().before = Some(service);
        }
        for service in in_scope(self.after) {
            services.entry((service.id, &service.host)).or_default().after = Some(service);
        }
        services
    }

    /// The namespaces that are exceptions for a service before or after.
    fn exception_namespaces(self, services: States<Option<&Service<'_>>>, classes: &LabelClasses) -> ExceptionNamespaces {
        let exceptions = |(mesh, service): (&Mesh<'_>, Option<&Service<'_>>)| -> ClientExceptions {
            service.map(|service| mesh.client_classes().exceptions(mesh.indices(), service)).unwrap_or_default()
        };
        let States { before, after } = self.meshes().zip(services).map(exceptions);
        let by_rule = before.by_rule.into_keys().chain(after.by_rule.into_keys());
        ExceptionNamespaces {
            by_rule: by_rule.chain(classes.namespaces_with_sidecar_selectors.iter().cloned()).collect(),
            by_scope: before.by_scope.into_iter().chain(after.by_scope).collect(),
        }
    }
}

/// Evaluates calls in both states, and passes on those that are relevant.
struct Visitor<'v, 'm, R, V> {
    states: BeforeAfter<'m>,
    is_relevant: R,
    visit: &'v mut V,
}

impl<'m, R, V> Visitor<'_, 'm, R, V>
where
    R: Fn(Option<&CallAnswer<'m>>) -> bool,
    V: FnMut(CallComparison<'_, 'm>),
{
    /// Visits the calls of sidecars that a namespace may get: it has a rule for the service, and no client was read. Calls of services that
    /// they do not see are left out.
    fn visit_assumed_clients(&mut self, called: Called<'m>, namespace: &Text) {
        let both = |of| States { before: of, after: of };
        let class = LabelClass { labels: &Labels::default(), clients_exist: both(true), is_assumed: true };
        let kinds = States { before: Some(ClientKind::Sidecar), after: Some(ClientKind::Sidecar) };
        let Self { states, is_relevant, visit } = self;
        let mut seen = |comparison: CallComparison<'_, 'm>| {
            if comparison.after.as_ref().is_some_and(|answer| answer.client.cluster.is_some()) {
                visit(comparison);
            }
        };
        let mut visitor = Visitor { states: *states, is_relevant: &*is_relevant, visit: &mut seen };
        visitor.visit_clients(called, kinds, NamespaceSet::One(namespace), &class);
    }

    /// Visits the calls of equivalent clients, of the whole host and of its subsets.
    fn visit_clients(&mut self, called: Called<'m>, kinds: States<Option<ClientKind>>, set: NamespaceSet<'_>, class: &LabelClass<'_>) {
        let Some(kind) = kinds.before.or(kinds.after) else { return };
        let Some(namespace) = Namespaces(set).iter().next() else { return };
        let meshes = self.states.meshes().zip(kinds).zip(called.exists.zip(class.clients_exist));
        let answer = |((mesh, kind), (port, clients)): ((&'m Mesh<'m>, Option<ClientKind>), (bool, bool)), subset: Option<&Text>| {
            let kind = kind?;
            (port && clients).then(|| call(mesh, namespace, kind, class.labels, (called.host, called.port, subset)))
        };
        let comparison = |subset, States { before, after }: States<Option<CallAnswer<'m>>>| CallComparison {
            kind,
            kind_after: kinds.after.filter(|after| *after != kind),
            namespaces: Namespaces(set),
            labels: class.labels,
            service: called.id,
            port: (called.host, called.port),
            subset,
            is_assumed: class.is_assumed,
            before,
            after,
        };
        let after = answer(meshes.after, None);
        if !called.has_subsets && !(self.is_relevant)(after.as_ref()) {
            return;
        }
        let whole = States { before: answer(meshes.before, None), after };
        let subsets = if called.has_subsets { subsets_with_settings(&whole) } else { BTreeSet::new() };
        (self.visit)(comparison(None, whole));
        for subset in subsets {
            let own = meshes.map(|mesh| answer(mesh, Some(&subset)));
            (self.visit)(comparison(Some(subset), own));
        }
    }
}

/// The subsets of a called host with settings of their own. Routes to a subset are evaluated with the call of the whole host; a subset is
/// called by itself once a route names it.
fn subsets_with_settings(answers: &States<Option<CallAnswer<'_>>>) -> BTreeSet<Text> {
    let both = [&answers.before, &answers.after].into_iter().flatten();
    let rules = both.filter_map(|answer| answer.client.cluster.as_ref()?.rule.as_ref());
    let subsets = rules.flat_map(|rule| rule.subsets.iter().map(|(_, subset)| subset));
    subsets.filter(|subset| subset.policy.is_present).map(|subset| subset.name.clone()).collect()
}

fn class_refs(mesh: &Mesh<'_>) -> ClassRefs {
    let mut refs = ClassRefs::new();
    for (index, class) in mesh.client_classes().classes().iter().enumerate() {
        for namespace in &class.namespaces {
            refs.entry(namespace.clone()).or_default().insert(class.kind, index);
        }
    }
    refs
}

/// Namespaces of clients that get the same result: a single one, or all of a class except the exceptions.
///
/// Nearly every call is one of a whole class, and a large mesh has as many services as namespaces, so the list is borrowed, not copied.
#[derive(Clone, Copy, Debug)]
pub struct Namespaces<'r>(NamespaceSet<'r>);

#[derive(Clone, Copy, Debug)]
enum NamespaceSet<'r> {
    One(&'r Text),
    AllExcept { all: &'r BTreeSet<Text>, exceptions: &'r BTreeSet<&'r Text> },
}

impl<'r> Namespaces<'r> {
    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = &'r Text> {
        let (alone, all) = match self.0 {
            NamespaceSet::One(one) => (Some(one), None),
            NamespaceSet::AllExcept { all, exceptions } => (None, Some(all.iter().filter(move |one| !exceptions.contains(one)))),
        };
        alone.into_iter().chain(all.into_iter().flatten())
    }
}

/// Namespaces whose clients may get another result for a service than the rest of their class.
struct ExceptionNamespaces {
    /// Because of a rule or a Sidecar resource; only for clients that these apply to.
    by_rule: BTreeSet<Text>,
    /// Because the service is visible in some namespaces only.
    by_scope: BTreeSet<Text>,
}

impl ExceptionNamespaces {
    fn among<'n>(&'n self, namespaces: &BTreeSet<Text>, class_refs: States<Option<ClassRef>>) -> BTreeSet<&'n Text> {
        let has_rules = destination_rules_apply(class_refs);
        let all = self.by_rule.iter().filter(|_| has_rules).chain(&self.by_scope);
        all.filter(|namespace| namespaces.contains(*namespace)).collect()
    }
}

/// Whether `DestinationRules` and Sidecar resources apply to the clients before or after.
fn destination_rules_apply(class_refs: States<Option<ClassRef>>) -> bool {
    class_refs.into_array().into_iter().flatten().any(|(kind, _)| kind.has_rules())
}

/// The data planes of a namespace's clients before and after. Clients whose workloads got another data plane are neither removed nor
/// new.
fn namespace_transitions(
    classes: States<&BTreeMap<ClientKind, usize>>,
    dataplane_changes: impl FnOnce() -> BTreeSet<(ClientKind, ClientKind)>,
) -> Vec<States<Option<ClientKind>>> {
    let States { before, after } = classes;
    let has_changed = !before.keys().eq(after.keys());
    let changes = if has_changed { dataplane_changes() } else { BTreeSet::new() };
    let unchanged = before.keys().filter(|kind| after.contains_key(kind)).map(|kind| (Some(*kind), Some(*kind)));
    let removed = before.keys().filter(|kind| !after.contains_key(kind) && !changes.iter().any(|(old, _)| old == *kind));
    let added = after.keys().filter(|kind| !before.contains_key(kind) && !changes.iter().any(|(_, new)| new == *kind));
    let removed = removed.map(|kind| (Some(*kind), None));
    let added = added.map(|kind| (None, Some(*kind)));
    let replaced = changes.iter().map(|(old, new)| (Some(*old), Some(*new)));
    unchanged.chain(removed).chain(added).chain(replaced).map(|(before, after)| States { before, after }).collect()
}

/// Clients of each namespace in which rules or scopes have selectors, grouped by the labels in these selectors.
#[derive(Debug, Default)]
struct LabelClasses {
    /// The labels of clients, by namespace and data plane.
    by_namespace: BTreeMap<Text, States<BTreeMap<ClientKind, BTreeSet<Labels>>>>,
    /// Labels of clients that a pod created later may have: those of each selector, and none of them.
    assumed: BTreeMap<Text, BTreeSet<Labels>>,
    /// Sidecar resources for some workloads of a namespace only can hide any service.
    namespaces_with_sidecar_selectors: BTreeSet<Text>,
}

/// Clients with the same labels, and whether there are any.
struct LabelClass<'c> {
    labels: &'c Labels,
    clients_exist: States<bool>,
    /// Whether clients with these labels are assumed, because none was read.
    is_assumed: bool,
}

impl LabelClasses {
    fn new(states: BeforeAfter<'_>, filter: ServiceFilter) -> Self {
        let meshes = states.meshes();
        let mut keys: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
        let mut namespaces_with_sidecar_selectors = BTreeSet::new();
        let mut assumed: BTreeMap<Text, BTreeSet<Labels>> = BTreeMap::new();
        let mut assume = |namespace: &Text, labels: &Labels| {
            if filter == ServiceFilter::All {
                assumed.entry(namespace.clone()).or_default().extend([Labels::default(), labels.clone()]);
            }
        };
        for mesh in meshes.into_array() {
            for rule in mesh.destination_rules() {
                if let Some(labels) = rule.selector.labels() {
                    assume(&rule.id.namespace, labels);
                    keys.entry(rule.id.namespace.clone()).or_default().extend(labels.iter().map(|(key, _)| key.clone()));
                }
            }
            for namespace in mesh.namespaces().keys() {
                for labels in mesh.indices().services().sidecar_selectors(namespace) {
                    assume(namespace, labels);
                    keys.entry(namespace.clone()).or_default().extend(labels.iter().map(|(key, _)| key.clone()));
                    namespaces_with_sidecar_selectors.insert(namespace.clone());
                }
            }
        }
        let by_namespace = keys.into_iter().map(|(namespace, keys)| {
            let labels = meshes.map(|mesh| client_labels(mesh, &namespace, &keys));
            (namespace, labels)
        });
        Self { by_namespace: by_namespace.collect(), assumed, namespaces_with_sidecar_selectors }
    }

    /// The classes of a single namespace; in every other case, one class without labels.
    fn classes_for(&self, set: NamespaceSet<'_>, class_refs: States<Option<ClassRef>>) -> Vec<LabelClass<'_>> {
        static NONE: LazyLock<Labels> = LazyLock::new(Labels::default);
        let found = if let NamespaceSet::One(namespace) = set { self.by_namespace.get(namespace) } else { None };
        let Some(found) = found.filter(|_| destination_rules_apply(class_refs)) else {
            return vec![LabelClass { labels: &NONE, clients_exist: States { before: true, after: true }, is_assumed: false }];
        };
        let existing = class_refs.zip(found.as_ref()).map(|(class_ref, by_kind)| class_ref.and_then(|(kind, _)| by_kind.get(&kind)));
        let all: BTreeSet<&Labels> = existing.into_array().into_iter().flatten().flatten().collect();
        let class = |labels| {
            let clients_exist = existing.map(|existing| existing.is_some_and(|all| all.contains(labels)));
            LabelClass { labels, clients_exist, is_assumed: false }
        };
        let assumed = if let NamespaceSet::One(namespace) = set { self.assumed.get(namespace) } else { None };
        let assumed = assumed.into_iter().flatten().filter(|labels| !all.contains(labels));
        let both = States { before: true, after: true };
        let assumed = assumed.map(|labels| LabelClass { labels, clients_exist: both, is_assumed: true });
        all.iter().copied().map(class).chain(assumed).collect()
    }
}

/// The labels with these keys that the workloads of a namespace have, by kind of client.
fn client_labels(mesh: &Mesh<'_>, namespace: &Text, keys: &BTreeSet<Text>) -> BTreeMap<ClientKind, BTreeSet<Labels>> {
    let mut labels: BTreeMap<ClientKind, BTreeSet<Labels>> = BTreeMap::new();
    for instance in mesh.workloads_in(namespace).iter().flat_map(|workload| &workload.instances) {
        let own = instance.labels.iter().filter(|(key, _)| keys.contains(*key)).map(|(key, value)| (key.clone(), value.clone()));
        labels.entry(instance.dataplane.into()).or_default().insert(own.collect());
    }
    labels
}

fn call<'m>(mesh: &'m Mesh<'m>, namespace: &Text, kind: ClientKind, labels: &Labels, to: (&Text, u16, Option<&Text>)) -> CallAnswer<'m> {
    let (host, port, subset) = to;
    let from = Client::any(mesh.indices(), namespace, labels.clone(), kind);
    reach_classes(
        mesh,
        &CallQuestion { from, to: CallTarget::Host(host.to_string()), port, subset: subset.map(ToString::to_string), scheme: None },
    )
}
