//! Where what clients send and what servers take do not meet: service port by service port, and namespace by namespace
//! only where a namespace has rules of its own (never pair by pair).

use super::{
    mismatch::Mismatch,
    unread_services,
    verdict::{Call, Failure, Verdict},
};
use crate::{
    istio::Protocol,
    mesh::{Cluster, Destination, Endpoint, Mesh, Port, Service, View},
    object::Text,
};

/// Everything that does not meet, and every plaintext call that a rule brings about.
pub(in crate::mesh) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let callers = mesh.possible_callers();
    for service in mesh.registry().services() {
        let apart = callers.apart(&mesh.indices, service);
        for port in &service.ports {
            let views = callers.views(&mesh.indices, service, port.number, &apart);
            if views.is_empty() {
                continue;
            }
            let mut endpoints: Vec<_> =
                alike(mesh.endpoints(service, port)).into_iter().map(|endpoint| endpoint.with_sidecar(port)).collect();
            if endpoints.is_empty() {
                endpoints.extend(mesh.presumed_endpoint(service, port));
            }
            for view in &views {
                found.extend(of_port(mesh, view, service, port, &endpoints));
            }
        }
    }
    found.extend(unread_services::all(mesh));
    found
}

/// One endpoint for all pods that are alike: they fare alike, too.
pub(in crate::mesh) fn alike(mut endpoints: Vec<Endpoint<'_>>) -> Vec<Endpoint<'_>> {
    endpoints.dedup_by(|later, kept| match (later.server, kept.server) {
        (Some((_, one)), Some((_, other))) => std::ptr::eq(one, other) && later.tls_mode == kept.tls_mode && later.labels == kept.labels,
        _ => false,
    });
    endpoints
}

fn of_port(mesh: &Mesh<'_>, view: &View<'_>, service: &Service<'_>, port: &Port, endpoints: &[Endpoint<'_>]) -> Vec<Mismatch> {
    let client = &view.client;
    let to = Destination { service, port };
    let whole = mesh.cluster(client, to, None, endpoints);
    let mut found = of_cluster(mesh, view, to, None, &whole, endpoints);
    for (_, subset) in whole.rule.iter().flat_map(|rule| &rule.subsets) {
        let cluster = mesh.cluster(client, to, Some(&subset.name), endpoints);
        if cluster.tls == whole.tls {
            continue;
        }
        let is_in = |one: &&Endpoint<'_>| cluster.is_original_dst || subset.labels.selects(&one.labels);
        let chosen: Vec<Endpoint<'_>> = endpoints.iter().filter(is_in).cloned().collect();
        found.extend(of_cluster(mesh, view, to, Some(&subset.name), &cluster, &chosen));
    }
    found
}

fn of_cluster(
    mesh: &Mesh<'_>,
    view: &View<'_>,
    to: Destination<'_>,
    subset: Option<&Text>,
    cluster: &Cluster<'_>,
    endpoints: &[Endpoint<'_>],
) -> Vec<Mismatch> {
    let (client, service, port) = (&view.client, to.service, to.port);
    let names = mesh.indices.accepted_names(client, cluster, endpoints);
    let mismatch = |endpoint: &Endpoint<'_>| {
        let wire = mesh.wire(client, Some(cluster), endpoint, port.protocol == Protocol::Tls);
        // A protocol in which the server speaks first is another rule's business.
        let call = Call { from: client.kind, is_tcp: false, is_server_first: false };
        let judgement = mesh.judge_by_name(client, &names, endpoint, wire, call);
        let verdict = judgement.verdict;
        let is_settled = || cluster.configured.is_some() && !service.is_external();
        let could_be_mtls =
            verdict == Verdict::Plaintext && is_settled() && endpoint.presumed.is_none() && mesh.indices.keeps_mtls(client, None, endpoint);
        (matches!(verdict, Verdict::Fail(_)) || could_be_mtls).then(|| Mismatch {
            cause: mesh.indices.deciding_field(cluster, port.number, subset.map(Text::as_str)),
            configured: cluster.configured,
            auto_off: cluster.auto_off,
            is_original_dst: cluster.is_original_dst,
            clients: view.namespace.clone(),
            service: (service.host.clone(), Some(port.number)),
            service_id: Some(service.id.clone()),
            subset: subset.cloned(),
            server: endpoint.server.map(|(workload, _)| (workload.subject.clone(), endpoint.port)),
            is_presumed: endpoint.presumed.is_some(),
            policy: judgement.decided_by.cloned(),
            acceptance: judgement.acceptance,
            wire,
            verdict,
            identity: mesh.indices.identity_of(endpoint).filter(|_| verdict == Verdict::Fail(Failure::F5)),
            could_be_mtls,
        })
    };
    endpoints.iter().filter_map(mismatch).collect()
}

impl Mesh<'_> {
    /// Where clients and servers do not meet.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        self.derived.mismatches.get_or_init(|| all(self))
    }
}
