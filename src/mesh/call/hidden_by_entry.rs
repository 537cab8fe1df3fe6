//! Services that an entry of another namespace hides from the sidecars of its own namespace (S48, S231).

use crate::{
    mesh::{Client, ClientKind, Dataplane, Endpoint, FoundBy, Known, Mesh, Port, SentAs, Service, Verdict},
    object::Labels,
};

use super::verdict::CallProperties;

/// A Service of which an entry with the same host takes the calls, or loses them.
#[derive(Clone, Debug)]
pub struct HiddenByEntry<'m> {
    pub entry: &'m Service<'m>,
    pub service: &'m Service<'m>,
    /// Ports of the Service that the entry lacks: calls are passed on unchanged.
    pub lost: Vec<u16>,
    /// Ports of which every endpoint in the entry is outside the mesh.
    pub outside: Vec<u16>,
    /// Whether calls to the lost ports fail.
    pub fails: bool,
}

impl Mesh<'_> {
    /// The Services with mesh workloads that entries of other namespaces hide, with the ports that clients lose thereby.
    #[must_use]
    pub fn hidden_by_entries(&self) -> Vec<HiddenByEntry<'_>> {
        let entries = self.registry().services().iter().filter(|one| !one.is_kubernetes());
        entries.filter_map(|entry| self.hidden_by(entry)).collect()
    }

    fn hidden_by<'m>(&'m self, entry: &'m Service<'m>) -> Option<HiddenByEntry<'m>> {
        let is_hidden = |one: &&Service<'_>| one.is_kubernetes() && one.host == entry.host && one.id.namespace != entry.id.namespace;
        let service = self.registry().at(&entry.host).find(is_hidden)?;
        let has_sidecar = |one: &crate::mesh::Instance<'_>| one.dataplane == Dataplane::Sidecar;
        self.workloads_in(&entry.id.namespace).iter().flat_map(|workload| &workload.instances).find(|one| has_sidecar(one))?;
        let client = Client::any(&self.indices, &entry.id.namespace, Labels::default(), ClientKind::Sidecar);
        let mut hidden = HiddenByEntry { entry, service, lost: Vec::new(), outside: Vec::new(), fails: false };
        for port in &service.ports {
            let seen = self.indices.visible_service(&client, &service.host, port.number);
            let meant = self.endpoint_classes(service, port);
            let is_meshed = |one: &Endpoint<'_>| one.server.is_some_and(|(_, instance)| instance.dataplane != Dataplane::None);
            if seen.is_none_or(|seen| seen.id != entry.id) || !meant.iter().any(is_meshed) {
                continue;
            }
            match self.indices.known(&client, &service.host, port.number, false) {
                Known::Nothing => {
                    let call = CallProperties::of(ClientKind::Sidecar);
                    let fails = |one: &Endpoint<'_>| matches!(self.evaluate(one, SentAs::Plaintext, call).verdict, Verdict::Fail(_));
                    hidden.fails |= meant.iter().any(fails);
                    hidden.lost.push(port.number);
                }
                Known::Cluster(to) if self.has_only_outside_endpoints(to.service, to.port) && self.taken_by(&client, to).is_none() => {
                    hidden.outside.push(port.number);
                }
                Known::Cluster(_) | Known::NoCluster(_) => {}
            }
        }
        (!hidden.lost.is_empty() || !hidden.outside.is_empty()).then_some(hidden)
    }

    /// Whether a port has endpoints, all of them addresses outside the mesh.
    fn has_only_outside_endpoints(&self, service: &Service<'_>, port: &Port) -> bool {
        let endpoints = self.endpoints_for(ClientKind::Sidecar, service, port);
        !endpoints.is_empty() && endpoints.iter().all(|one| one.server.is_none() && one.found_by == FoundBy::Registry)
    }
}
