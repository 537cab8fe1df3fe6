//! Which waypoint is in front of a service (S135).

use super::{
    Client, ClientKind,
    registry::{Service, ServiceSource},
};
use crate::{
    mesh::indices::Indices,
    object::{Kind, Labels, Text},
};

impl Indices<'_> {
    /// The waypoint of a service, as the client that calls its endpoints; `None` if there is none.
    #[must_use]
    pub fn service_waypoint(&self, service: &Service<'_>) -> Option<Client<'static>> {
        let labels = match service.source {
            ServiceSource::Service(body) => body.meta().labels(),
            ServiceSource::Entry(body) => body.meta().labels(),
        };
        let (namespace, name) = self.bound_waypoint(labels, &service.id.namespace)?;
        self.is_waypoint_for(&namespace, &name, "service").then(|| {
            let revision = self.control_planes().revision_of_namespace(self.namespace_labels(&namespace)).into();
            let mut labels = Labels::default();
            labels.set("gateway.networking.k8s.io/gateway-name", name);
            Client { namespace, labels, kind: ClientKind::Waypoint, revision, instance: None, pod: None }
        })
    }

    /// Namespace and name of the waypoint named by the object's own labels, else by its namespace's.
    fn bound_waypoint(&self, own: &Labels, namespace: &Text) -> Option<(Text, Text)> {
        let named = |labels: &Labels| {
            let name = labels.get("istio.io/use-waypoint")?;
            let within = labels.get("istio.io/use-waypoint-namespace").map_or_else(|| namespace.clone(), Text::from);
            Some((within, Text::from(name)))
        };
        let found = named(own).or_else(|| named(self.namespace_labels(namespace)?))?;
        (found.1 != "none").then_some(found)
    }

    /// Whether the Gateway exists and accepts this kind of traffic.
    fn is_waypoint_for(&self, namespace: &str, name: &str, traffic: &str) -> bool {
        let id = crate::object::Id::new(Kind::KubernetesGateway, namespace, name);
        let gateways = &self.snapshot().kubernetes_gateways;
        let Ok(at) = gateways.binary_search_by(|read| read.id.cmp(&id)) else { return false };
        let accepted = gateways[at].labels().get("istio.io/waypoint-for").unwrap_or("service");
        accepted == "all" || accepted == traffic
    }
}
