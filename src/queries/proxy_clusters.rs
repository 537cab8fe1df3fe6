//! The clusters of the client's proxy by which a call leaves it, as its own configuration names them.

use super::reach::{CallAnswer, CallQuestion};
use crate::{
    mesh::{ClientKind, Failure, Mesh, RouteTarget},
    object::Text,
};

/// A cluster of a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyCluster {
    /// That of a service port, or of a subset of it.
    Service { host: Text, port: u16, subset: Option<String> },
    /// That of calls to destinations that the proxy does not know.
    Passthrough,
    /// That of calls to destinations that the proxy does not know and refuses.
    BlackHole,
}

impl ProxyCluster {
    /// The host as `istioctl proxy-config cluster --fqdn` compares it.
    #[must_use]
    pub fn host(&self) -> &str {
        match self {
            Self::Service { host, .. } => host,
            Self::Passthrough => "PassthroughCluster",
            Self::BlackHole => "BlackHoleCluster",
        }
    }
}

/// The clusters by which the call leaves the client's proxy; empty if there is no Envoy, if the call bypasses it, or if it has no cluster for
/// the call.
#[must_use]
pub fn proxy_clusters(mesh: &Mesh<'_>, question: &CallQuestion<'_>, answer: &CallAnswer<'_>) -> Vec<ProxyCluster> {
    let is_envoy = matches!(question.from.kind, ClientKind::Sidecar | ClientKind::Gateway);
    if !is_envoy || answer.bypasses_proxy || answer.unread.is_some() {
        return Vec::new();
    }
    if !answer.routed_to.is_empty() {
        return answer.routed_to.iter().filter_map(|target| of_route(mesh, question, target)).collect();
    }
    match (answer.failure, answer.destination, &answer.client.cluster) {
        (Some(Failure::UnknownDestination), ..) => vec![ProxyCluster::BlackHole],
        (Some(Failure::NoCluster), ..) => Vec::new(),
        (_, Some(to), Some(_)) => {
            vec![ProxyCluster::Service { host: to.service.host.clone(), port: to.port.number, subset: question.subset.clone() }]
        }
        _ if answer.endpoints.is_empty() || question.from.kind == ClientKind::Gateway => Vec::new(),
        _ => vec![ProxyCluster::Passthrough],
    }
}

/// The cluster of a route's destination, if the proxy has one.
fn of_route(mesh: &Mesh<'_>, question: &CallQuestion<'_>, target: &RouteTarget) -> Option<ProxyCluster> {
    let to = mesh.indices().destination(&question.from, &target.host, target.port)?;
    let cluster = mesh.indices().cluster(&question.from, to, target.subset.as_deref(), &[]);
    (!cluster.lacks_subset).then(|| ProxyCluster::Service {
        host: to.service.host.clone(),
        port: to.port.number,
        subset: target.subset.as_ref().map(ToString::to_string),
    })
}
