//! Calls whose result rests on something that was not read.

use std::{collections::BTreeSet, net::IpAddr};

use super::answer::{CallAnswer, CallQuestion, CallTarget};
use crate::{
    mesh::{ClientKind, Dataplane, Mesh, WORKLOAD_KINDS},
    object::Kind,
};

/// The first kind that was not wholly read and that could change the result of a call.
pub(super) fn unread_kind(mesh: &Mesh<'_>, question: &CallQuestion<'_>, answer: &CallAnswer<'_>) -> Option<Kind> {
    if mesh.indices().coverage().is_whole() {
        return None;
    }
    let call = Call { mesh, question, answer };
    call.of_control_planes().or_else(|| call.of_client()).or_else(|| call.of_rules()).or_else(|| call.of_servers())
}

struct Call<'a, 'm> {
    mesh: &'a Mesh<'m>,
    question: &'a CallQuestion<'m>,
    answer: &'a CallAnswer<'m>,
}

impl Call<'_, '_> {
    fn of_control_planes(&self) -> Option<Kind> {
        self.mesh.indices().coverage().unread_of_control_planes()
    }

    /// What decides which proxy the client has, and its settings.
    fn of_client(&self) -> Option<Kind> {
        let (coverage, from) = (self.mesh.indices().coverage(), &self.question.from);
        let is_unread_workload = from.instance.is_some_and(|(workload, _)| !workload.is_certain);
        if is_unread_workload {
            let namespace = &from.namespace;
            return Some(WORKLOAD_KINDS.into_iter().find(|kind| !coverage.covers(*kind, namespace)).unwrap_or(Kind::Namespace));
        }
        let is_outside = from.namespace.is_empty();
        let has_labels = is_outside || coverage.covers_labels(self.mesh.namespace_labels(&from.namespace));
        (from.kind != ClientKind::None && !has_labels).then_some(Kind::Namespace)
    }

    /// What decides what the client's proxy sends.
    fn of_rules(&self) -> Option<Kind> {
        let (coverage, from) = (self.mesh.indices().coverage(), &self.question.from);
        let registry = self.mesh.registry();
        let has_waypoint = || registry.at(&self.answer.host).any(|service| self.mesh.indices().service_waypoint(service).is_some());
        let uses_rules = match from.kind {
            ClientKind::None => false,
            ClientKind::Ambient => has_waypoint(),
            ClientKind::Sidecar | ClientKind::Gateway | ClientKind::Waypoint | ClientKind::Proxyless => true,
        };
        if !coverage.covers_all(Kind::ServiceEntry) {
            return Some(Kind::ServiceEntry);
        }
        if !uses_rules {
            return None;
        }
        let routes = [Kind::VirtualService, Kind::HTTPRoute, Kind::GRPCRoute, Kind::TLSRoute, Kind::TCPRoute];
        if let Some(kind) = routes.into_iter().find(|kind| !coverage.covers_all(*kind)) {
            return Some(kind);
        }
        let root = self.mesh.control_planes().of_revision(&from.revision).root_namespace.as_str();
        let servers = self.server_namespaces();
        let namespaces = || servers.iter().copied().chain([root, from.namespace.as_str()]);
        let kinds = [Kind::DestinationRule, Kind::BackendTLSPolicy, Kind::XBackendTrafficPolicy, Kind::Sidecar];
        kinds.into_iter().find(|kind| !namespaces().all(|namespace| coverage.covers(*kind, namespace)))
    }

    /// What decides which endpoints there are, and what they accept.
    fn of_servers(&self) -> Option<Kind> {
        let coverage = self.mesh.indices().coverage();
        let servers = self.server_namespaces();
        let is_address = matches!(&self.question.to, CallTarget::Host(host) if host.parse::<IpAddr>().is_ok());
        let covers = |kind: Kind| {
            if is_address { coverage.covers_all(kind) } else { servers.iter().all(|namespace| coverage.covers(kind, namespace)) }
        };
        let is_gateway = |plane: Dataplane| matches!(plane, Dataplane::Gateway | Dataplane::Waypoint);
        let mut instances = self.answer.endpoints.iter().filter_map(|reached| reached.endpoint.server);
        let gateways = [Kind::Gateway, Kind::KubernetesGateway];
        if instances.any(|(_, instance)| is_gateway(instance.dataplane))
            && let Some(kind) = gateways.into_iter().find(|kind| !coverage.covers_all(*kind))
        {
            return Some(kind);
        }
        if !servers.iter().all(|namespace| coverage.covers_labels(self.mesh.namespace_labels(namespace))) {
            return Some(Kind::Namespace);
        }
        let kinds = [Kind::Service, Kind::EndpointSlice, Kind::Sidecar].into_iter().chain(WORKLOAD_KINDS);
        kinds.into_iter().find(|kind| !covers(*kind))
    }

    /// The namespaces of the endpoints, and of every service that the host could be.
    fn server_namespaces(&self) -> BTreeSet<&str> {
        let (mesh, answer) = (self.mesh, self.answer);
        let mut found: BTreeSet<&str> = answer.endpoints.iter().map(|reached| reached.endpoint.namespace.as_str()).collect();
        found.extend(answer.destination.map(|to| to.service.id.namespace.as_str()));
        match &self.question.to {
            CallTarget::Host(host) => {
                let routed = answer.routed_to.iter().map(|target| target.host.as_str());
                for host in routed.chain([host.as_str()]) {
                    found.extend(mesh.registry().at(host).map(|service| service.id.namespace.as_str()));
                    // A Service that was not read could have any name: `NAME`, `NAME.NAMESPACE`, or the whole host.
                    let part = mesh.cluster_domain().service_part(host).unwrap_or(host);
                    found.insert(part.split('.').nth(1).unwrap_or(&self.question.from.namespace));
                }
            }
            CallTarget::Pods(workload, _) => {
                found.insert(&workload.subject.namespace);
            }
        }
        found.remove("");
        found
    }
}
