//! Who calls what, in two states of a mesh: every service port, and the clients of every namespace in groups that fare alike.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Scope, matrix,
    reach::{Question, Reach, To, reach},
};
use crate::{
    mesh::{Apart, Client, ClientKind, Mesh, Service},
    object::{Id, Labels, Text},
};

/// Clients that fare alike, a service port that they call, and what comes of it before and after.
#[derive(Debug)]
pub struct Relation<'r, 'm> {
    /// What sends the calls.
    pub kind: ClientKind,
    /// The namespaces of the clients.
    pub namespaces: Namespaces<'r>,
    /// The service.
    pub service: &'r Id,
    /// Its host and port.
    pub port: (&'r Text, u16),
    /// What came of the call; `None` where there was no such service, port or client.
    pub before: Option<Reach<'m>>,
    /// What comes of it.
    pub after: Option<Reach<'m>>,
}

/// Which services are asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those of the mesh.
    OfTheMesh,
    /// Those that are called external, too: they may point at the mesh's own workloads (S81).
    Every,
}

/// Two states of one mesh.
#[derive(Clone, Copy, Debug)]
pub struct States<'m> {
    /// As it is.
    pub before: &'m Mesh<'m>,
    /// As it would be.
    pub after: &'m Mesh<'m>,
}

/// Clients of one data plane whose group is the same before, and the same after: where the group is in either.
type Together = BTreeMap<(ClientKind, Option<usize>, Option<usize>), BTreeSet<Text>>;

impl<'m> States<'m> {
    /// Tells every relation with a service in scope, in order of the service.
    ///
    /// A client is one without labels of its own, and its call speaks what the port declares.
    pub fn relations(self, which: Which, scope: &Scope, mut tell: impl FnMut(Relation<'_, 'm>)) {
        let together = self.together();
        for ((id, host), [before, after]) in self.services(which, scope) {
            let singled = self.singled([before, after]);
            for port in ports([before, after]) {
                let exists = [before, after].map(|service| service.is_some_and(|service| service.port(port).is_some()));
                for ((kind, was, is), namespaces) in &together {
                    let asked = [exists[0] && was.is_some(), exists[1] && is.is_some()];
                    let apart = apart(*kind, namespaces, &singled);
                    let rest = std::iter::once(Part::But { all: namespaces, apart: &apart });
                    for namespaces in rest.chain(apart.iter().copied().map(Part::Alone)).map(Namespaces) {
                        let Some(namespace) = namespaces.iter().next() else { continue };
                        let answer = |mesh, is_asked: bool| is_asked.then(|| call(mesh, namespace, *kind, host, port));
                        let before = answer(self.before, asked[0]);
                        let after = answer(self.after, asked[1]);
                        tell(Relation { kind: *kind, namespaces, service: id, port: (host, port), before, after });
                    }
                }
            }
        }
    }

    fn together(self) -> Together {
        let places = |mesh: &Mesh<'_>| -> BTreeMap<(ClientKind, Text), usize> {
            let groups = mesh.callers().groups().iter().enumerate();
            groups.flat_map(|(at, group)| group.namespaces.iter().map(move |namespace| ((group.kind, namespace.clone()), at))).collect()
        };
        let (before, after) = (places(self.before), places(self.after));
        let mut together = Together::new();
        for one in before.keys().chain(after.keys()) {
            let place = (one.0, before.get(one).copied(), after.get(one).copied());
            together.entry(place).or_default().insert(one.1.clone());
        }
        together
    }

    /// The services by themselves and their hosts: an entry for another host is another service.
    fn services(self, which: Which, scope: &Scope) -> BTreeMap<(&'m Id, &'m Text), [Option<&'m Service<'m>>; 2]> {
        let mut services: BTreeMap<(&Id, &Text), [Option<&Service<'_>>; 2]> = BTreeMap::new();
        for (at, mesh) in [self.before, self.after].into_iter().enumerate() {
            let is_asked = |service: &&Service<'_>| match which {
                Which::OfTheMesh => matrix::is_counted(mesh, scope, service),
                Which::Every => matrix::leads(mesh, scope, service),
            };
            for service in mesh.registry().services().iter().filter(is_asked) {
                services.entry((service.id, &service.host)).or_default()[at] = Some(service);
            }
        }
        services
    }

    /// The namespaces that a service tells apart in either state: by rules, and by scope.
    fn singled(self, services: [Option<&Service<'_>>; 2]) -> [BTreeSet<Text>; 2] {
        let apart = |mesh: &Mesh<'_>, service: Option<&Service<'_>>| -> Apart {
            service.map(|service| mesh.callers().apart(mesh, service)).unwrap_or_default()
        };
        let (before, after) = (apart(self.before, services[0]), apart(self.after, services[1]));
        let by_rule = before.by_rule.into_keys().chain(after.by_rule.into_keys()).collect();
        [by_rule, before.by_scope.into_iter().chain(after.by_scope).collect()]
    }
}

fn ports(services: [Option<&Service<'_>>; 2]) -> BTreeSet<u16> {
    services.into_iter().flatten().flat_map(|service| service.ports.iter().map(|port| port.number)).collect()
}

/// Namespaces of clients that fare alike: one, or all of a group but those that stand apart.
///
/// Nearly every call is one of a whole group, and a big mesh has as many services as namespaces: no list is copied for one.
#[derive(Clone, Copy, Debug)]
pub struct Namespaces<'r>(Part<'r>);

#[derive(Clone, Copy, Debug)]
enum Part<'r> {
    Alone(&'r Text),
    But { all: &'r BTreeSet<Text>, apart: &'r BTreeSet<&'r Text> },
}

impl<'r> Namespaces<'r> {
    /// Each of them, in order.
    pub fn iter(self) -> impl Iterator<Item = &'r Text> {
        let (alone, all) = match self.0 {
            Part::Alone(one) => (Some(one), None),
            Part::But { all, apart } => (None, Some(all.iter().filter(move |one| !apart.contains(one)))),
        };
        alone.into_iter().chain(all.into_iter().flatten())
    }
}

/// The namespaces of a group that a service tells apart.
fn apart<'n>(kind: ClientKind, namespaces: &BTreeSet<Text>, [by_rule, by_scope]: &'n [BTreeSet<Text>; 2]) -> BTreeSet<&'n Text> {
    let has_rules = !matches!(kind, ClientKind::Ambient | ClientKind::None);
    by_rule.iter().filter(|_| has_rules).chain(by_scope).filter(|namespace| namespaces.contains(*namespace)).collect()
}

fn call<'m>(mesh: &'m Mesh<'m>, namespace: &Text, kind: ClientKind, host: &Text, port: u16) -> Reach<'m> {
    let from = Client::any(mesh, namespace, Labels::default(), kind);
    reach(mesh, &Question { from, to: To::Host(host.to_string()), port, subset: None, scheme: None })
}
