//! Finds calls for which client and server do not agree on TLS: evaluated per service port, and per namespace only if a namespace has
//! rules of its own (never for every client-service pair).

use super::{
    mismatch::Mismatch,
    unread_services,
    verdict::{CallProperties, Failure, Verdict},
};
use crate::{
    istio::Protocol,
    mesh::{ClientKind, Cluster, Destination, Endpoint, Mesh, Port, Representative, Service, Workload},
    object::Text,
};

/// All calls that fail because of their TLS, and all plaintext calls caused by a rule.
pub(in crate::mesh) fn all(mesh: &Mesh<'_>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let client_classes = mesh.possible_client_classes();
    for service in mesh.registry().services() {
        let exceptions = client_classes.exceptions(&mesh.indices, service);
        for port in &service.ports {
            let mut representatives = client_classes.representatives(&mesh.indices, service, port.number, &exceptions);
            if !representatives.iter().any(|one| one.client.kind == ClientKind::Gateway) {
                representatives.extend(mesh.unread_gateway(service));
            }
            if representatives.is_empty() {
                continue;
            }
            let mut endpoints: Vec<_> =
                mesh.endpoint_classes(service, port).into_iter().map(|endpoint| endpoint.with_sidecar(port)).collect();
            if endpoints.is_empty() {
                endpoints.extend(mesh.assumed_endpoint(service, port));
            }
            for representative in &representatives {
                found.extend(of_port(mesh, representative, service, port, &endpoints));
            }
        }
    }
    found.extend(unread_services::all(mesh));
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
    let whole = mesh.indices().cluster(client, to, None, endpoints);
    let mut found = of_cluster(mesh, representative, to, None, &whole, endpoints);
    for (_, subset) in whole.rule.iter().flat_map(|rule| &rule.subsets) {
        let cluster = mesh.indices().cluster(client, to, Some(&subset.name), endpoints);
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
    let names = mesh.indices.accepted_names(client, cluster, endpoints);
    let mismatch = |endpoint: &Endpoint<'_>| {
        let is_app_tls = mesh.indices.sends_app_tls(client, &service.host, port);
        let sent_as = mesh.sent_as(client, Some(cluster), endpoint, is_app_tls);
        // Protocols in which the server sends first are covered by another rule.
        let call = CallProperties { is_app_tls, ..CallProperties::of(client.kind) };
        let evaluation = mesh.evaluate_with_identity(client, &names, endpoint, sent_as, call);
        let verdict = cluster.with_usable_ca(client.kind, sent_as, evaluation.verdict);
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
            policy: evaluation.decided_by.cloned(),
            acceptance: evaluation.acceptance,
            sent_as,
            is_tls_port: port.protocol == Protocol::Tls && !is_app_tls,
            verdict,
            identity: mesh.indices.identity_of(endpoint).filter(|_| verdict == Verdict::Fail(Failure::ServerIdentityRejected)),
            could_be_mtls,
        })
    };
    let mut found = Vec::new();
    for endpoint in endpoints {
        let Some(first) = mismatch(endpoint) else { continue };
        match endpoint.represents {
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
