//! Compares calls in two states of a mesh: every service port, called by clients that are grouped where they get the same result.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use super::{
    Scope, matrix,
    reach::{CallAnswer, CallQuestion, CallTarget, reach},
};
use crate::{
    mesh::{Client, ClientExceptions, ClientKind, Mesh, Service, Workload},
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
    /// As it is.
    pub before: &'m Mesh<'m>,
    /// As it would be.
    pub after: &'m Mesh<'m>,
}

/// A kind of client proxy, and the index of the client class.
type ClassRef = (ClientKind, usize);

/// Namespaces by the place of their clients before and after; `None` if there are no clients.
type Transitions = BTreeMap<[Option<ClassRef>; 2], BTreeSet<Text>>;

impl<'m> BeforeAfter<'m> {
    /// Calls `visit` for every pair of a client class and a port of a service in scope, with the result before and after, in order of the
    /// service.
    ///
    /// A client's call uses the protocol that the port declares.
    pub fn compare(self, filter: ServiceFilter, scope: &Scope, mut visit: impl FnMut(CallComparison<'_, 'm>)) {
        let transitions = self.transitions();
        let classes = LabelClasses::new(self);
        for ((id, host), services) in self.services(filter, scope) {
            let exception_namespaces = self.exception_namespaces(services, &classes);
            for port in ports(services) {
                let exists = services.map(|service| service.is_some_and(|service| service.port(port).is_some()));
                for (places, namespaces) in &transitions {
                    let Some((kind, _)) = places[0].or(places[1]) else { continue };
                    let becomes = places[1].map(|(kind, _)| kind).filter(|is| *is != kind);
                    let exceptions = exceptions(*places, namespaces, &exception_namespaces);
                    let rest = std::iter::once(NamespaceSet::AllExcept { all: namespaces, exceptions: &exceptions });
                    for set in rest.chain(exceptions.iter().copied().map(NamespaceSet::One)) {
                        let Some(namespace) = Namespaces(set).iter().next() else { continue };
                        for class in classes.of(set, *places) {
                            let answer = |at: usize| {
                                let (place, mesh) = (places[at]?, [self.before, self.after][at]);
                                (exists[at] && class.exists[at]).then(|| call(mesh, namespace, place.0, class.labels, host, port))
                            };
                            let (before, after) = (answer(0), answer(1));
                            let (namespaces, labels) = (Namespaces(set), class.labels);
                            visit(CallComparison {
                                kind,
                                kind_after: becomes,
                                namespaces,
                                labels,
                                service: id,
                                port: (host, port),
                                before,
                                after,
                            });
                        }
                    }
                }
            }
        }
    }

    fn transitions(self) -> Transitions {
        let places = |mesh: &Mesh<'_>| -> BTreeMap<Text, BTreeMap<ClientKind, usize>> {
            let mut places: BTreeMap<Text, BTreeMap<ClientKind, usize>> = BTreeMap::new();
            for (at, class) in mesh.client_classes().classes().iter().enumerate() {
                for namespace in &class.namespaces {
                    places.entry(namespace.clone()).or_default().insert(class.kind, at);
                }
            }
            places
        };
        let (before, after) = (places(self.before), places(self.after));
        let mut transitions = Transitions::new();
        let none = BTreeMap::new();
        for namespace in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
            let was = before.get(namespace).unwrap_or(&none);
            let is = after.get(namespace).unwrap_or(&none);
            for [from, to] in namespace_transitions(was, is, || self.moves(namespace)) {
                let place = |places: &BTreeMap<ClientKind, usize>, kind: Option<ClientKind>| {
                    kind.and_then(|kind| Some((kind, *places.get(&kind)?)))
                };
                transitions.entry([place(was, from), place(is, to)]).or_default().insert(namespace.clone());
            }
        }
        transitions
    }

    /// The data planes that workloads of a namespace leave, each with the one that they move to.
    fn moves(self, namespace: &Text) -> BTreeSet<(ClientKind, ClientKind)> {
        let kinds =
            |workload: &Workload<'_>| -> BTreeSet<ClientKind> { workload.instances.iter().map(|one| one.dataplane.into()).collect() };
        let mut moves = BTreeSet::new();
        for was in self.before.workloads_in(namespace) {
            let Some(is) = self.after.workloads_in(namespace).iter().find(|is| is.subject == was.subject) else { continue };
            let (from, to) = (kinds(was), kinds(is));
            moves.extend(from.difference(&to).flat_map(|from| to.difference(&kinds(was)).map(|to| (*from, *to)).collect::<Vec<_>>()));
        }
        moves
    }

    /// The services by object and host: a `ServiceEntry` with several hosts counts as several services.
    fn services(self, filter: ServiceFilter, scope: &Scope) -> BTreeMap<(&'m Id, &'m Text), [Option<&'m Service<'m>>; 2]> {
        let mut services: BTreeMap<(&Id, &Text), [Option<&Service<'_>>; 2]> = BTreeMap::new();
        for (at, mesh) in [self.before, self.after].into_iter().enumerate() {
            let is_included = |service: &&Service<'_>| match filter {
                ServiceFilter::InMesh => matrix::is_mesh_service(mesh, scope, service),
                ServiceFilter::All => matrix::is_resolved_service(mesh, scope, service),
            };
            for service in mesh.registry().services().iter().filter(is_included) {
                services.entry((service.id, &service.host)).or_default()[at] = Some(service);
            }
        }
        services
    }

    /// The namespaces that are exceptions for a service in either state: for clients that rules apply to, and for all clients.
    fn exception_namespaces(self, services: [Option<&Service<'_>>; 2], classes: &LabelClasses) -> [BTreeSet<Text>; 2] {
        let exceptions = |mesh: &Mesh<'_>, service: Option<&Service<'_>>| -> ClientExceptions {
            service.map(|service| mesh.client_classes().exceptions(mesh.indices(), service)).unwrap_or_default()
        };
        let (before, after) = (exceptions(self.before, services[0]), exceptions(self.after, services[1]));
        let by_rule = before.by_rule.into_keys().chain(after.by_rule.into_keys()).chain(classes.scoped.iter().cloned()).collect();
        [by_rule, before.by_scope.into_iter().chain(after.by_scope).collect()]
    }
}

fn ports(services: [Option<&Service<'_>>; 2]) -> BTreeSet<u16> {
    services.into_iter().flatten().flat_map(|service| service.ports.iter().map(|port| port.number)).collect()
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

/// The namespaces of a class that are exceptions for a service.
fn exceptions<'n>(
    places: [Option<ClassRef>; 2],
    namespaces: &BTreeSet<Text>,
    [by_rule, by_scope]: &'n [BTreeSet<Text>; 2],
) -> BTreeSet<&'n Text> {
    let has_rules = places.into_iter().flatten().any(|(kind, _)| uses_rules(kind));
    by_rule.iter().filter(|_| has_rules).chain(by_scope).filter(|namespace| namespaces.contains(*namespace)).collect()
}

fn uses_rules(kind: ClientKind) -> bool {
    !matches!(kind, ClientKind::Ambient | ClientKind::None)
}

/// The data planes of a namespace's clients before and after. Clients whose workloads moved are neither removed nor new.
fn namespace_transitions(
    was: &BTreeMap<ClientKind, usize>,
    is: &BTreeMap<ClientKind, usize>,
    moves: impl FnOnce() -> BTreeSet<(ClientKind, ClientKind)>,
) -> Vec<[Option<ClientKind>; 2]> {
    let has_changed = !was.keys().eq(is.keys());
    let moves = if has_changed { moves() } else { BTreeSet::new() };
    let unchanged = was.keys().filter(|kind| is.contains_key(kind)).map(|kind| [Some(*kind), Some(*kind)]);
    let removed =
        was.keys().filter(|kind| !is.contains_key(kind) && !moves.iter().any(|(from, _)| from == *kind)).map(|kind| [Some(*kind), None]);
    let added =
        is.keys().filter(|kind| !was.contains_key(kind) && !moves.iter().any(|(_, to)| to == *kind)).map(|kind| [None, Some(*kind)]);
    let changed = moves.iter().map(|(from, to)| [Some(*from), Some(*to)]);
    unchanged.chain(removed).chain(added).chain(changed).collect()
}

/// Clients of each namespace in which rules or scopes have selectors, grouped by the labels in these selectors.
#[derive(Debug, Default)]
struct LabelClasses {
    /// By namespace and data plane, before and after.
    all: BTreeMap<Text, [BTreeMap<ClientKind, BTreeSet<Labels>>; 2]>,
    /// Namespaces with Sidecar resources for some of their workloads only: these can hide any service.
    scoped: BTreeSet<Text>,
}

/// Clients with the same labels, and whether there are any before and after.
struct LabelClass<'c> {
    labels: &'c Labels,
    exists: [bool; 2],
}

impl LabelClasses {
    fn new(states: BeforeAfter<'_>) -> Self {
        let meshes = [states.before, states.after];
        let mut keys: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
        let mut scoped = BTreeSet::new();
        for mesh in meshes {
            for rule in mesh.destination_rules() {
                if let Some(labels) = rule.selector.labels() {
                    keys.entry(rule.id.namespace.clone()).or_default().extend(labels.iter().map(|(key, _)| key.clone()));
                }
            }
            for namespace in mesh.namespaces().keys() {
                for labels in mesh.indices().services().sidecar_selectors(namespace) {
                    keys.entry(namespace.clone()).or_default().extend(labels.iter().map(|(key, _)| key.clone()));
                    scoped.insert(namespace.clone());
                }
            }
        }
        let all = keys.into_iter().map(|(namespace, keys)| {
            let classes = meshes.map(|mesh| classes_of(mesh, &namespace, &keys));
            (namespace, classes)
        });
        Self { all: all.collect(), scoped }
    }

    /// The classes of a single namespace; in every other case, one class without labels.
    fn of(&self, set: NamespaceSet<'_>, places: [Option<ClassRef>; 2]) -> Vec<LabelClass<'_>> {
        static NONE: LazyLock<Labels> = LazyLock::new(Labels::default);
        let found = if let NamespaceSet::One(namespace) = set { self.all.get(namespace) } else { None };
        let has_rules = places.into_iter().flatten().any(|(kind, _)| uses_rules(kind));
        let Some(found) = found.filter(|_| has_rules) else { return vec![LabelClass { labels: &NONE, exists: [true, true] }] };
        let of = |at: usize| places[at].and_then(|(kind, _)| found[at].get(&kind));
        let labels: BTreeSet<&Labels> = [of(0), of(1)].into_iter().flatten().flatten().collect();
        labels
            .into_iter()
            .map(|labels| LabelClass { labels, exists: [0, 1].map(|at| of(at).is_some_and(|all| all.contains(labels))) })
            .collect()
    }
}

/// The labels with these keys that the workloads of a namespace have, by kind of client.
fn classes_of(mesh: &Mesh<'_>, namespace: &Text, keys: &BTreeSet<Text>) -> BTreeMap<ClientKind, BTreeSet<Labels>> {
    let mut classes: BTreeMap<ClientKind, BTreeSet<Labels>> = BTreeMap::new();
    for instance in mesh.workloads_in(namespace).iter().flat_map(|workload| &workload.instances) {
        let own = instance.labels.iter().filter(|(key, _)| keys.contains(*key)).map(|(key, value)| (key.clone(), value.clone()));
        classes.entry(instance.dataplane.into()).or_default().insert(own.collect());
    }
    classes
}

fn call<'m>(mesh: &'m Mesh<'m>, namespace: &Text, kind: ClientKind, labels: &Labels, host: &Text, port: u16) -> CallAnswer<'m> {
    let from = Client::any(mesh.indices(), namespace, labels.clone(), kind);
    reach(mesh, &CallQuestion { from, to: CallTarget::Host(host.to_string()), port, subset: None, scheme: None })
}
