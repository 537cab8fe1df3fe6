//! Finds calls for which client and server do not agree on TLS: evaluated per service port, and per namespace only if a namespace has
//! rules of its own (never for every client-service pair).

use std::{borrow::Cow, cell::OnceCell, collections::BTreeMap};

use super::{
    acceptance::Evaluation,
    mismatch::Mismatch,
    unread_services,
    verdict::{CallProperties, Failure, SentAs, Verdict},
};
use crate::{
    istio::Protocol,
    mesh::{Client, ClientKind, Cluster, Destination, Endpoint, FoundBy, Mesh, Representative, Workload},
    object::Text,
};

/// All calls that fail because of their TLS, and all plaintext calls caused by a rule.
pub(in crate::mesh) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let client_classes = mesh.possible_client_classes();
    for service in mesh.registry().services() {
        let exceptions = client_classes.exceptions(&mesh.indices, service);
        for port in &service.ports {
            let reaches = |client: &Client<'_>| reaches_all(mesh, client, Destination { service, port });
            let mut representatives = client_classes.representatives_by(&mesh.indices, service, port.number, &exceptions, reaches);
            if !representatives.iter().any(|one| one.client.kind == ClientKind::Gateway) {
                representatives.extend(mesh.unread_gateway(service));
            }
            if representatives.is_empty() {
                continue;
            }
            let mut endpoints: BTreeMap<ClientKind, Vec<Endpoint<'_>>> = BTreeMap::new();
            for representative in &representatives {
                let client = &representative.client;
                let to = mesh.indices.destination(client, &service.host, port.number).unwrap_or(Destination { service, port });
                let all = endpoints.entry(client.kind).or_insert_with(|| endpoints_of(mesh, client.kind, to));
                found.extend(of_port(mesh, representative, to, all));
            }
        }
    }
    found.extend(unread_services::all(mesh));
    found
}

/// The endpoints of a destination, one for each class; an assumed one if nothing was read that could be an endpoint.
pub(super) fn endpoints_of<'m>(mesh: &'m Mesh<'_>, client: ClientKind, to: Destination<'_>) -> Vec<Endpoint<'m>> {
    let all = mesh.endpoint_classes_for(client, to.service, to.port);
    let mut found: Vec<_> = all.into_iter().map(|endpoint| endpoint.with_sidecar(to.port)).collect();
    if found.is_empty() && !mesh.has_no_endpoints(client, to.service) {
        found.extend(mesh.assumed_endpoint(to.service, to.port));
    }
    found
}

/// The endpoints that calls of a client reach through the cluster of a destination: none if the calls go to another service (S281, S290), and
/// of a headless Service those of which no other one has the listener (S280).
pub(super) fn called<'e, 'm>(
    mesh: &'m Mesh<'_>,
    client: &Client<'_>,
    to: Destination<'_>,
    endpoints: &'e [Endpoint<'m>],
) -> Cow<'e, [Endpoint<'m>]> {
    if mesh.taken_by(client, to).is_some() {
        return Cow::Borrowed(&[]);
    }
    if !is_called_by_address(client, to) {
        return Cow::Borrowed(endpoints);
    }
    let is_own =
        |endpoint: &&Endpoint<'_>| mesh.listener_at(client, endpoint, to.port.number).is_none_or(|owner| owner.service.id == to.service.id);
    Cow::Owned(endpoints.iter().filter(is_own).cloned().collect())
}

/// Whether each endpoint has a listener of its own for the client (S76).
fn is_called_by_address(client: &Client<'_>, to: Destination<'_>) -> bool {
    client.kind == ClientKind::Sidecar && to.service.is_headless()
}

/// Whether no other service gets calls of a client to a destination.
fn reaches_all(mesh: &Mesh<'_>, client: &Client<'_>, to: Destination<'_>) -> bool {
    if !is_called_by_address(client, to) {
        return mesh.taken_by(client, to).is_none();
    }
    let endpoints = mesh.endpoint_classes(to.service, to.port);
    called(mesh, client, to, &endpoints).len() == endpoints.len()
}

/// A client's calls through one of its clusters.
pub(super) struct ClusterCalls<'c, 'm> {
    mesh: &'c Mesh<'m>,
    client: &'c Client<'c>,
    cluster: &'c Cluster<'c>,
    endpoints: &'c [Endpoint<'c>],
    /// The names of the server that the client accepts; computed on first use.
    names: OnceCell<Vec<Text>>,
    /// Whether the application originates TLS itself.
    pub(super) is_app_tls: bool,
}

impl<'c, 'm> ClusterCalls<'c, 'm> {
    pub(super) fn new(
        mesh: &'c Mesh<'m>,
        client: &'c Client<'c>,
        to: Destination<'_>,
        cluster: &'c Cluster<'c>,
        endpoints: &'c [Endpoint<'c>],
    ) -> Self {
        let is_app_tls = mesh.indices.sends_app_tls(client, &to.service.host, to.port);
        Self { mesh, client, cluster, endpoints, names: OnceCell::new(), is_app_tls }
    }

    /// What is sent to an endpoint, and the result there. Protocols in which the server sends first are covered by another rule.
    pub(super) fn call(&self, endpoint: &Endpoint<'c>) -> (SentAs, Evaluation<'c>) {
        let is_app_tls = self.is_app_tls;
        let sent_as = self.mesh.sent_as(self.client, Some(self.cluster), endpoint, is_app_tls);
        let call = CallProperties { is_app_tls, ..CallProperties::of(self.client.kind) };
        let evaluation = self.mesh.evaluate_with_identity(self.client, || self.names(), endpoint, sent_as, call);
        let verdict = self.cluster.with_usable_ca(self.client.kind, sent_as, evaluation.verdict);
        (sent_as, Evaluation { verdict, ..evaluation })
    }

    fn names(&self) -> &[Text] {
        self.names.get_or_init(|| self.mesh.indices.accepted_names(self.client, self.cluster, self.endpoints))
    }
}

fn of_port(mesh: &Mesh<'_>, representative: &Representative<'_>, to: Destination<'_>, all: &[Endpoint<'_>]) -> Vec<Mismatch> {
    let client = &representative.client;
    let endpoints = &*called(mesh, client, to, all);
    let whole = mesh.indices().cluster(client, to, None, all);
    let mut found = of_cluster(mesh, representative, to, None, &whole, endpoints);
    for (_, subset) in whole.rule.iter().flat_map(|rule| &rule.subsets) {
        let cluster = mesh.indices().cluster(client, to, Some(&subset.name), all);
        if cluster.tls == whole.tls {
            continue;
        }
        let is_in = |one: &&Endpoint<'_>| cluster.is_original_dst || subset.labels.selects(&one.labels);
        let selected: Vec<Endpoint<'_>> = endpoints.iter().filter(is_in).cloned().collect();
        found.extend(of_cluster(mesh, representative, to, Some(&subset.name), &cluster, &selected));
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
    let calls = ClusterCalls::new(mesh, client, to, cluster, endpoints);
    let mismatch = |endpoint: &Endpoint<'_>| {
        let (sent_as, evaluation) = calls.call(endpoint);
        let verdict = evaluation.verdict;
        let is_rejected = verdict == Verdict::Fail(Failure::ServerIdentityRejected);
        let is_configured = || cluster.configured.is_some() && !service.is_external();
        let could_be_mtls = verdict == Verdict::Plaintext
            && is_configured()
            && endpoint.assumed_protocol.is_none()
            && mesh.indices.accepts_mtls(client, None, endpoint);
        (matches!(verdict, Verdict::Fail(_)) || could_be_mtls).then(|| Mismatch {
            cause: mesh.indices.deciding_field(cluster, port.number, subset.map(Text::as_str)),
            configured: cluster.configured,
            auto_mtls_off: cluster.auto_mtls_off,
            is_original_dst: cluster.is_original_dst,
            clients: representative.namespace.clone(),
            service: (service.host.clone(), Some(port.number)),
            service_id: Some(service.id.clone()),
            subset: subset.cloned(),
            server: endpoint.server.map(|(workload, _)| (workload.subject.clone(), endpoint.port)),
            is_assumed: endpoint.assumed_protocol.is_some(),
            undeclared: (!endpoint.found_by.is_joined()).then(|| mesh.entry_identity(endpoint)),
            policy: evaluation.decided_by.cloned(),
            acceptance: evaluation.acceptance,
            sent_as,
            is_tls_port: port.protocol == Protocol::Tls && !calls.is_app_tls,
            verdict,
            identity: is_rejected.then(|| mesh.indices.identity_of(endpoint)).flatten(),
            could_be_mtls,
        })
    };
    let mut found = Vec::new();
    // Another rule has the endpoints at which nothing answers.
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.found_by != FoundBy::Nothing) {
        let Some(first) = mismatch(endpoint) else { continue };
        // The address of a machine may be that of a pod, which then is the server (S229).
        match endpoint.represents.filter(|_| endpoint.found_by.is_joined()) {
            Some(by) => found.extend(mesh.represented(by).map(|workload| of_server(&first, workload, endpoint.port))),
            None => found.push(first),
        }
    }
    found
}

/// The same mismatch at another server of the class.
fn of_server(mismatch: &Mismatch, workload: &Workload<'_>, port: u16) -> Mismatch {
    Mismatch { server: Some((workload.subject.clone(), port)), ..mismatch.clone() }
}

impl Mesh<'_> {
    /// Calls for which client and server do not agree on TLS; computed on first use.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        self.derived.mismatches.get_or_init(|| all(self))
    }
}
