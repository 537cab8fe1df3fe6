//! The effect of a change of one tls block of a `DestinationRule` on the calls of its clients, evaluated with the rest of the mesh as it is.

use std::collections::BTreeMap;

use super::{
    mismatches::{ClusterCalls, called, endpoints_of},
    verdict::{Failure, SentAs, Verdict},
};
use crate::{
    istio::DestinationRule,
    mesh::{Client, ClientKind, Cluster, Destination, Endpoint, Mesh, Port, Representative, RuleInForce, Service, Subject},
    object::{Edit, FieldPath, Id, Labels, Text},
};

/// The effect of a change of a tls block; each field has the first call of its kind.
#[derive(Debug, Default)]
pub struct RuleChange {
    /// A call that works and would fail.
    pub broken: Option<ChangedCall>,
    /// A call that would be sent in plaintext and is not now.
    pub weakened: Option<ChangedCall>,
    /// A call whose settings are those of the block, and that would still fail, or still be sent in plaintext where mTLS is accepted.
    pub unfixed: Option<ChangedCall>,
    /// Whether a call has the settings of the block.
    pub is_evaluated: bool,
}

/// A call before and after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedCall {
    /// Host and port of the service.
    pub service: (Text, u16),
    /// The workload and its port; `None` for an address outside the mesh, and if no workload was read.
    pub server: Option<(Subject, u16)>,
    /// What the client would send.
    pub sent_as: SentAs,
    /// The result that the call would have.
    pub verdict: Verdict,
}

impl Mesh<'_> {
    /// The effect of a change of a tls block; `None` if the block has no effect.
    #[must_use]
    pub fn rule_change(&self, rule: &Id, edit: &Edit) -> Option<RuleChange> {
        let (Edit::RemoveTls { at } | Edit::SetIstioMutual { at }) = edit else { return None };
        let rules = self.indices.destination_rules_in(&rule.namespace);
        let changed = rules.iter().find(|one| one.id == *rule)?.edited(edit)?;
        let trial = Trial { mesh: self, changed: &changed, mode: at.clone().then("mode") };
        let mut effect = RuleChange::default();
        for service in self.registry().matching(&changed.resolved_host()).filter(|service| service.is_called()) {
            trial.of_service(service, &mut effect);
        }
        Some(effect)
    }
}

/// A changed rule.
struct Trial<'t, 'm> {
    mesh: &'t Mesh<'m>,
    changed: &'t DestinationRule,
    /// The field of the mode in the changed block.
    mode: FieldPath,
}

/// The cluster of a client before and after the change.
struct Clusters<'c> {
    before: Cluster<'c>,
    after: Cluster<'c>,
    /// Whether the settings before are those of the changed block.
    is_decided_by_block: bool,
}

impl Trial<'_, '_> {
    fn of_service(&self, service: &Service<'_>, effect: &mut RuleChange) {
        let mesh = self.mesh;
        let exceptions = mesh.possible_client_classes().exceptions(&mesh.indices, service);
        for port in &service.ports {
            let mut clients = mesh.possible_client_classes().representatives(&mesh.indices, service, port.number, &exceptions);
            clients.extend(self.proxyless_clients(service, port));
            clients.extend(mesh.unread_gateway(service));
            let mut own_endpoints: BTreeMap<ClientKind, Vec<Endpoint<'_>>> = BTreeMap::new();
            for client in clients.iter().map(|one| &one.client) {
                let Some(rule) = self.rule_of(client, service) else { continue };
                let to = mesh.indices.destination(client, &service.host, port.number).unwrap_or(Destination { service, port });
                // The calls may go to another object with the host.
                if std::ptr::eq(to.service, service) && std::ptr::eq(to.port, port) {
                    let all = own_endpoints.entry(client.kind).or_insert_with(|| endpoints_of(mesh, client.kind, to));
                    self.of_client(client, to, Some(&rule), &called(mesh, client, to, all), effect);
                } else {
                    let all = endpoints_of(mesh, client.kind, to);
                    let rule = mesh.indices.rule(client, to.service);
                    self.of_client(client, to, rule.as_ref(), &called(mesh, client, to, &all), effect);
                }
            }
        }
    }

    /// Clients without an Envoy that use the rule: gRPC has no automatic mTLS (S88).
    fn proxyless_clients(&self, service: &Service<'_>, port: &Port) -> Vec<Representative<'_>> {
        let indices = &self.mesh.indices;
        let classes = self.mesh.possible_client_classes().classes().iter().filter(|class| class.kind == ClientKind::Proxyless);
        let namespaces = classes.flat_map(|class| &class.namespaces);
        let clients = namespaces.map(|namespace| Client::any(indices, namespace, Labels::default(), ClientKind::Proxyless));
        let sees = |client: &Client<'_>| indices.destination(client, &service.host, port.number).is_some();
        clients.filter(sees).map(|client| Representative { client, namespace: None }).collect()
    }

    /// The rule in force for a client, if the changed one is part of it.
    fn rule_of(&self, client: &Client<'_>, service: &Service<'_>) -> Option<RuleInForce<'_>> {
        self.mesh.indices.rule(client, service).filter(|rule| rule.from.iter().any(|one| one.id == self.changed.id))
    }

    fn of_client(
        &self,
        client: &Client<'_>,
        to: Destination<'_>,
        rule: Option<&RuleInForce<'_>>,
        endpoints: &[Endpoint<'_>],
        effect: &mut RuleChange,
    ) {
        let whole = self.clusters(client, to, rule, None, endpoints);
        self.of_clusters(client, to, &whole, endpoints, effect);
        for (_, subset) in rule.iter().flat_map(|rule| &rule.subsets) {
            let clusters = self.clusters(client, to, rule, Some(&subset.name), endpoints);
            let is_in = |one: &&Endpoint<'_>| clusters.before.is_original_dst || subset.labels.selects(&one.labels);
            let selected: Vec<Endpoint<'_>> = endpoints.iter().filter(is_in).cloned().collect();
            self.of_clusters(client, to, &clusters, &selected, effect);
        }
    }

    fn clusters<'c>(
        &'c self,
        client: &Client<'_>,
        to: Destination<'_>,
        rule: Option<&RuleInForce<'c>>,
        subset: Option<&str>,
        endpoints: &[Endpoint<'_>],
    ) -> Clusters<'c> {
        let indices = &self.mesh.indices;
        let replaced = rule.map(|rule| rule.replacing(self.changed));
        let before = indices.cluster_by(rule.cloned(), client, to, subset, endpoints);
        let after = indices.cluster_by(replaced, client, to, subset, endpoints);
        let decides = indices.deciding_field(&before, to.port.number, subset);
        let is_decided_by_block = decides.is_some_and(|(id, at)| id == self.changed.id && at == self.mode);
        Clusters { before, after, is_decided_by_block }
    }

    fn of_clusters(
        &self,
        client: &Client<'_>,
        to: Destination<'_>,
        clusters: &Clusters<'_>,
        endpoints: &[Endpoint<'_>],
        effect: &mut RuleChange,
    ) {
        let [before, after] =
            [&clusters.before, &clusters.after].map(|cluster| ClusterCalls::new(self.mesh, client, to, cluster, endpoints));
        effect.is_evaluated |= clusters.is_decided_by_block && !endpoints.is_empty();
        for endpoint in endpoints {
            let ((sent, was), (sends, is)) = (before.call(endpoint), after.call(endpoint));
            let server = || endpoint.server.map(|(workload, _)| (workload.subject.clone(), endpoint.port));
            let call = || ChangedCall {
                service: (to.service.host.clone(), to.port.number),
                server: server(),
                sent_as: sends,
                verdict: is.verdict,
            };
            if breaks(was.verdict, is.verdict) {
                effect.broken.get_or_insert_with(call);
            } else if sends == SentAs::Plaintext && sent != SentAs::Plaintext {
                effect.weakened.get_or_insert_with(call);
            }
            let could_be_mtls = was.verdict == Verdict::Plaintext
                && !to.service.is_external()
                && endpoint.assumed_protocol.is_none()
                && self.mesh.indices.accepts_mtls(client, None, endpoint);
            let stays = fails(was.verdict) && fails(is.verdict) || could_be_mtls && is.verdict == Verdict::Plaintext;
            if stays && clusters.is_decided_by_block {
                effect.unfixed.get_or_insert_with(call);
            }
        }
    }
}

fn fails(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Fail(_))
}

/// Whether a call would no longer work, or might not: a server that accepts TLS does not accept plaintext.
fn breaks(was: Verdict, is: Verdict) -> bool {
    match (was, is) {
        (Verdict::Fail(_), _) | (Verdict::Unknown, Verdict::Unknown) => false,
        (Verdict::Tls, Verdict::Plaintext) | (_, Verdict::Fail(_) | Verdict::Unknown) => true,
        _ => false,
    }
}

impl ChangedCall {
    /// The failure that the call would have.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        if let Verdict::Fail(failure) = self.verdict { Some(failure) } else { None }
    }
}
