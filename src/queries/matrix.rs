//! How many service ports of each namespace do the clients of each namespace reach over mTLS, in plaintext or not at all?

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Scope,
    reach::{CallAnswer, CallQuestion, CallTarget, OverallResult, reach, reach_classes},
};
use crate::{
    mesh::{Client, ClientClass, ClientKind, Mesh, Service, Verdict},
    object::{Kind, Labels, Text},
};

/// Clients with the same results, and what they reach.
#[derive(Debug)]
pub struct ClientRow {
    /// What sends their calls.
    pub kind: ClientKind,
    pub namespaces: Vec<Text>,
    /// Service ports by the namespace of the service.
    pub servers: BTreeMap<Text, PortCounts>,
    /// The namespaces of which not every service was read, so that they may have more ports.
    pub partial: BTreeSet<Text>,
}

/// Number of service ports by the result of a call, in the order of [`CallOutcome`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortCounts([isize; 7]);

/// The result of a call to a service port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The mesh's mTLS.
    Mtls,
    /// TLS that is not the mesh's.
    Tls,
    Plaintext,
    /// It depends on the endpoint.
    Mixed,
    Fail,
    /// Unknown from the configuration.
    Unknown,
    NoEndpoints,
}

impl PortCounts {
    /// Number of ports with this outcome.
    #[must_use]
    pub fn of(self, outcome: CallOutcome) -> usize {
        usize::try_from(self.0[outcome as usize]).unwrap_or_default()
    }

    fn count(&mut self, outcome: CallOutcome, by: isize) {
        self.0[outcome as usize] += by;
    }
}

impl From<OverallResult> for CallOutcome {
    fn from(result: OverallResult) -> Self {
        match result {
            OverallResult::All(Verdict::Mtls) => Self::Mtls,
            OverallResult::All(Verdict::Tls) => Self::Tls,
            OverallResult::All(Verdict::Plaintext) => Self::Plaintext,
            OverallResult::All(Verdict::Fail(_)) => Self::Fail,
            OverallResult::All(Verdict::Unknown) => Self::Unknown,
            OverallResult::Mixed => Self::Mixed,
            OverallResult::NoEndpoints => Self::NoEndpoints,
        }
    }
}

/// What a class of clients reaches, and the differences of single namespaces in it.
#[derive(Default)]
struct Tally {
    all: BTreeMap<Text, PortCounts>,
    differences: BTreeMap<Text, BTreeMap<Text, PortCounts>>,
}

/// Answers for the services in scope, called by the clients of every namespace that is not excluded.
///
/// A client has no labels of its own, and its call uses the protocol that the port declares.
#[must_use]
pub fn matrix(mesh: &Mesh<'_>, scope: &Scope) -> Vec<ClientRow> {
    let classes = mesh.client_classes().classes();
    let mut tallies: Vec<Tally> = classes.iter().map(|_| Tally::default()).collect();
    for service in mesh.registry().services().iter().filter(|service| is_mesh_service(mesh, scope, service)) {
        let exceptions = mesh.client_classes().exceptions(mesh.indices(), service);
        for (class, tally) in classes.iter().zip(&mut tallies) {
            let by_rule = exceptions.by_rule.keys().filter(|_| class.has_rules());
            let exceptions_of_class: BTreeSet<&Text> =
                by_rule.chain(&exceptions.by_scope).filter(|one| class.namespaces.contains(*one)).collect();
            for port in &service.ports {
                tally.call(mesh, scope, class, service, port.number, &exceptions_of_class);
            }
        }
    }
    let clients = Scope { namespaces: Vec::new(), ..scope.clone() };
    let mut rows: BTreeMap<(ClientKind, BTreeMap<Text, PortCounts>), Vec<Text>> = BTreeMap::new();
    for (class, tally) in classes.iter().zip(tallies) {
        for (namespace, servers) in tally.by_client(class, &clients) {
            rows.entry((class.kind, servers)).or_default().push(namespace);
        }
    }
    let mut rows: Vec<ClientRow> =
        rows.into_iter().map(|((kind, servers), namespaces)| ClientRow::new(kind, namespaces, servers)).collect();
    if !mesh.indices().coverage().is_whole() {
        for row in &mut rows {
            row.add_partial(mesh, scope);
        }
    }
    rows.sort_by(|a, b| (a.kind, &a.namespaces).cmp(&(b.kind, &b.namespaces)));
    rows
}

impl ClientRow {
    fn new(kind: ClientKind, mut namespaces: Vec<Text>, servers: BTreeMap<Text, PortCounts>) -> Self {
        namespaces.sort();
        Self { kind, namespaces, servers, partial: BTreeSet::new() }
    }

    /// Marks the namespaces of which not every service was read; one without a port is added, because it could have some.
    fn add_partial(&mut self, mesh: &Mesh<'_>, scope: &Scope) {
        let coverage = mesh.indices().coverage();
        let is_partial = |name: &&Text| {
            let has_labels = scope.selector.is_empty() || coverage.covers_workloads(name);
            scope.contains(name) && !(coverage.covers(Kind::Service, name) && coverage.covers(Kind::ServiceEntry, name) && has_labels)
        };
        self.partial = mesh.namespaces().keys().filter(is_partial).cloned().collect();
        for name in &self.partial {
            self.servers.entry(name.clone()).or_default();
        }
    }
}

/// Whether a service is in the mesh, in scope, and the one that its host resolves to.
pub(super) fn is_mesh_service(mesh: &Mesh<'_>, scope: &Scope, service: &Service<'_>) -> bool {
    !service.is_external() && is_resolved_service(mesh, scope, service)
}

/// Whether a service is in scope, not an alias, and the one that its host resolves to.
pub(super) fn is_resolved_service(mesh: &Mesh<'_>, scope: &Scope, service: &Service<'_>) -> bool {
    let resolved = mesh.registry().at(&service.host).min_by_key(|service| !service.is_kubernetes());
    scope.contains(&service.id.namespace)
        && service.resolution() != crate::mesh::Resolution::Alias
        && resolved.is_some_and(|resolved| resolved.id == service.id)
}

impl Tally {
    fn call(
        &mut self,
        mesh: &Mesh<'_>,
        scope: &Scope,
        class: &ClientClass,
        service: &Service<'_>,
        port: u16,
        exceptions_of_class: &BTreeSet<&Text>,
    ) {
        let outcome = |namespace: &Text| {
            let from = Client::any(mesh.indices(), namespace, Labels::default(), class.kind);
            let question = CallQuestion { from, to: CallTarget::Host(service.host.to_string()), port, subset: None, scheme: None };
            // The selector of the scope may select some instances of a class only.
            let answer = if scope.selector.is_empty() { reach_classes(mesh, &question) } else { reach(mesh, &question) };
            is_selected(scope, &answer).then(|| CallOutcome::from(answer.result()))
        };
        let server = &service.id.namespace;
        let of_rest = class.namespaces.iter().find(|namespace| !exceptions_of_class.contains(namespace)).and_then(outcome);
        if let Some(outcome) = of_rest {
            self.all.entry(server.clone()).or_default().count(outcome, 1);
        }
        for namespace in exceptions_of_class {
            let own = self.differences.entry((*namespace).clone()).or_default().entry(server.clone()).or_default();
            if let Some(outcome) = outcome(namespace) {
                own.count(outcome, 1);
            }
            if let Some(outcome) = of_rest {
                own.count(outcome, -1);
            }
        }
    }

    /// What each namespace in scope reaches.
    fn by_client(mut self, class: &ClientClass, scope: &Scope) -> Vec<(Text, BTreeMap<Text, PortCounts>)> {
        let mut reached = |namespace: &Text| {
            let mut servers = self.all.clone();
            for (server, more) in self.differences.remove(namespace).unwrap_or_default() {
                let own = servers.entry(server).or_default();
                own.0.iter_mut().zip(more.0).for_each(|(count, more)| *count += more);
            }
            servers.retain(|_, ports| *ports != PortCounts::default());
            (namespace.clone(), servers)
        };
        class.namespaces.iter().filter(|namespace| scope.contains(namespace)).map(&mut reached).collect()
    }
}

/// Whether any workload behind the port has the labels in scope; without such labels every service counts.
fn is_selected(scope: &Scope, answer: &CallAnswer<'_>) -> bool {
    let mut servers = answer.endpoints.iter().filter_map(|reached| reached.endpoint.server);
    scope.selector.is_empty() || servers.any(|(_, instance)| scope.selector.selects(&instance.labels))
}
