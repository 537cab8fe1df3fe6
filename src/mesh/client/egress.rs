//! The outbound listeners of a client's proxy, and what happens to calls outside its scope (S44, S45, S49).

use super::{Client, ClientKind, rules::host_matches};
use crate::{
    istio::{EgressListener, OutboundPolicy, Sidecar, Tls},
    mesh::indices::Indices,
    object::Text,
};

/// What happens to a call outside a client's scope (S49).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutOfScope {
    /// It passes unchanged.
    Passes,
    /// It is refused.
    Refused,
    /// HTTP is resolved by name, with these TLS settings; everything else passes.
    Resolved(Option<Tls>),
}

impl<'s> Indices<'s> {
    /// The outbound listeners of the Sidecar resource that applies to a client; `None` if it sees everything.
    pub(in crate::mesh) fn egress(&self, client: &Client<'_>) -> Option<&[EgressListener<'s>]> {
        let sidecar = self.sidecar_of(client)?;
        Some(sidecar.egress.as_slice()).filter(|listeners| !listeners.is_empty())
    }

    fn sidecar_of(&self, client: &Client<'_>) -> Option<&Sidecar<'s>> {
        if !has_scope(client.kind) {
            return None;
        }
        let root = &self.control_planes().of_revision(&client.revision).root_namespace;
        self.services().sidecar(root, &client.namespace, &client.labels)
    }

    /// What happens to a client's call outside its scope.
    #[must_use]
    pub fn out_of_scope(&self, client: &Client<'_>) -> OutOfScope {
        let own = self.sidecar_of(client).and_then(|sidecar| sidecar.outbound.as_ref());
        let settings = self.control_planes().of_revision(&client.revision);
        match own.or(settings.outbound.as_ref()) {
            None | Some(OutboundPolicy::AllowAny) => OutOfScope::Passes,
            Some(OutboundPolicy::RegistryOnly) => OutOfScope::Refused,
            Some(OutboundPolicy::DynamicDns(tls)) => OutOfScope::Resolved(tls.clone()),
        }
    }
}

/// Whether Sidecar resources apply to such a client: istiod treats a gRPC agent as a sidecar, too (S44).
pub(super) fn has_scope(kind: ClientKind) -> bool {
    matches!(kind, ClientKind::Sidecar | ClientKind::Proxyless)
}

/// Whether an outbound listener of a proxy imports a host of a namespace (S45).
pub(super) fn imports(listener: &EgressListener<'_>, namespace: &Text, service_namespace: &Text, called: &str) -> bool {
    let (mut is_in, mut is_out) = (false, false);
    for import in
        listener.hosts.iter().filter(|import| import.matches_namespace(service_namespace, namespace) && host_matches(import.host, called))
    {
        is_in |= !import.excludes;
        is_out |= import.excludes;
    }
    is_in && !is_out
}
