//! Which services a client sees, and what becomes of calls to others (S44–S49).

use super::{
    Client, ClientKind,
    registry::{Port, Service},
    routes::{Protocols, RouteTarget},
    rules::host_matches,
};
use crate::{
    istio::Class,
    mesh::indices::Indices,
    object::{
        Id, Text,
        wire::{EgressListener, OutboundTrafficPolicy},
    },
};

/// A service that a client sees, and the port it calls.
#[derive(Clone, Copy, Debug)]
pub struct Destination<'m> {
    /// The service.
    pub service: &'m Service<'m>,
    /// Its port.
    pub port: &'m Port,
}

/// What becomes of a call to something outside a client's scope (S49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outside {
    /// It passes as it is.
    Passes,
    /// It is refused.
    Refused,
    /// HTTP is resolved by name, with these TLS settings; everything else passes.
    Resolved(Option<crate::object::wire::Tls>),
}

impl<'s> Indices<'s> {
    /// The service and port that a client's call to a host reaches; `None` if that is outside its scope.
    #[must_use]
    pub fn destination<'m>(&'m self, client: &Client<'_>, host: &str, port: u16) -> Option<Destination<'m>> {
        let service = self.visible_service(client, host, port)?;
        service.port(port).map(|port| Destination { service, port })
    }

    /// The service that a host is to a client at a port, whether or not it has that port.
    #[must_use]
    pub fn visible_service<'m>(&'m self, client: &Client<'_>, host: &str, port: u16) -> Option<&'m Service<'m>> {
        let default = &self.control_planes().of_revision(&client.revision).service_export_to;
        let visible = self.registry().visible(host, default, &client.namespace, has_scope(client.kind));
        let egress = self.egress(client);
        visible.into_iter().find(|service| match &egress {
            None => true,
            Some(listeners) => {
                let brought = |listener: &EgressListener| self.is_brought(listener, &client.namespace, service);
                is_imported(listeners, &client.namespace, service, port, &brought)
            }
        })
    }

    /// Whether a `VirtualService` that a listener imports leads to a service, which brings it into scope unasked (S46).
    fn is_brought(&self, listener: &EgressListener, namespace: &Text, service: &Service<'_>) -> bool {
        let mut leading = self.routes().seen_leading_to(&service.host, namespace);
        leading.any(|(id, hosts)| hosts.iter().any(|host| imports(listener, namespace, &id.namespace, host)))
    }

    /// Where a `VirtualService` that a client sees leads its calls of a host (S53, S83); `None` where none does.
    #[must_use]
    pub fn route(&self, client: &Client<'_>, host: &str, port: u16, protocols: Protocols) -> Option<(&'s Id, Vec<RouteTarget>)> {
        let (id, targets) = self.routes().targets(host, port, &client.namespace, protocols).filter(|_| has_scope(client.kind))?;
        let brings = |listener: &EgressListener| imports(listener, &client.namespace, &id.namespace, host);
        let is_imported = self.egress(client).is_none_or(|listeners| listeners.iter().any(brings));
        let is_itself = matches!(targets.as_slice(), [only] if *only.host == *host && only.port == port && only.subset.is_none());
        (is_imported && !is_itself).then_some((id, targets))
    }

    /// The outbound listeners of the Sidecar resource that a client uses; `None` where it sees everything.
    pub(in crate::mesh) fn egress(&self, client: &Client<'_>) -> Option<&'s [EgressListener]> {
        let sidecar = self.sidecar_of(client)?;
        Some(&sidecar.body.spec.egress[..]).filter(|listeners| !listeners.is_empty())
    }

    fn sidecar_of(&self, client: &Client<'_>) -> Option<&'s crate::object::Read<crate::object::wire::Sidecar>> {
        if !has_scope(client.kind) {
            return None;
        }
        let root = &self.control_planes().of_revision(&client.revision).root_namespace;
        self.services().sidecar(root, &client.namespace, &client.labels)
    }

    /// What becomes of a client's call to something outside its scope.
    #[must_use]
    pub fn outside(&self, client: &Client<'_>) -> Outside {
        let own = self.sidecar_of(client).and_then(|read| read.body.spec.outbound_traffic_policy.as_ref());
        let settings = self.control_planes().of_revision(&client.revision);
        match own.or(settings.outbound.as_ref()) {
            None => Outside::Passes,
            Some(OutboundTrafficPolicy { mode, tls }) => match mode.as_str() {
                "ALLOW_ANY" => Outside::Passes,
                "ALLOW_ANY_DYNAMIC_DNS" => Outside::Resolved(tls.clone()),
                // The zero value of the enum, also when the mode is left out.
                _ => Outside::Refused,
            },
        }
    }
}

/// Whether Sidecar resources are for such a client: a gRPC agent is a sidecar to istiod, too (S44).
fn has_scope(kind: ClientKind) -> bool {
    matches!(kind, ClientKind::Sidecar | ClientKind::Proxyless)
}

/// Whether the outbound listeners import a service at a port (S45).
fn is_imported(
    listeners: &[EgressListener],
    namespace: &Text,
    service: &Service<'_>,
    port: u16,
    is_brought: &impl Fn(&EgressListener) -> bool,
) -> bool {
    let names = |listener: &&EgressListener| listener.port.as_ref().is_some_and(|only| only.number.0 == i64::from(port));
    let imports = |listener: &EgressListener| imports(listener, namespace, &service.id.namespace, &service.host) || is_brought(listener);
    if service.port(port).is_some_and(|port| port.protocol.class() == Class::Http) {
        let router = listeners.iter().find(names).or_else(|| listeners.iter().find(|listener| listener.port.is_none()));
        return router.is_some_and(imports);
    }
    listeners.iter().filter(|listener| listener.port.is_none() || names(listener)).any(imports)
}

fn imports(listener: &EgressListener, namespace: &Text, home: &Text, called: &str) -> bool {
    let entries = listener.hosts.iter().filter_map(|entry| entry.split_once('/')).filter(|(_, host)| !host.contains('/'));
    let in_namespace = |of: &str| of == "*" || of == "." && home == namespace || home == of;
    let (mut is_in, mut is_out) = (false, false);
    for (of, host) in entries {
        let (of, excludes) = of.strip_prefix('~').map_or((of, false), |of| (if of.is_empty() { "*" } else { of }, true));
        if in_namespace(of) && host_matches(host, called) {
            is_in |= !excludes;
            is_out |= excludes;
        }
    }
    is_in && !is_out
}
