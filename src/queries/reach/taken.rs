//! Calls that another service gets than the one that the client names, because of its address or port (S281, S290).

use super::{
    answer::{CallAnswer, Taken},
    calling::{CallEvaluation, Routed},
};
use crate::{
    istio::{Protocol, ProtocolClass, RouteType},
    mesh::{Claim, ClientKind, Destination, Endpoint, Resolution, Service},
};

impl<'m> CallEvaluation<'_, 'm> {
    /// The service that gets the call to a destination which the client knows.
    pub(super) fn taker(&self, to: Destination<'m>) -> Option<(&'m Service<'m>, Claim)> {
        if !self.is_direct() {
            return None;
        }
        if let Some(taker) = self.mesh.taken_by(&self.question.from, to) {
            return Some(taker);
        }
        let is_on_shared_listener = match to.port.protocol.class() {
            ProtocolClass::Http => true,
            ProtocolClass::Auto => to.service.is_without_address(),
            ProtocolClass::Tcp => false,
        };
        if is_on_shared_listener && let Some(owner) = self.owner_of_range(&to.service.host) {
            return Some((owner, Claim::Address));
        }
        let owner = is_on_shared_listener.then(|| self.owner_of_port(Some(to.port.protocol))).flatten()?;
        (owner.host != to.service.host).then_some((owner, Claim::Port))
    }

    /// The entry with a range that contains the address of a host, or the address that is called itself (S311).
    pub(super) fn owner_of_range(&self, host: &str) -> Option<&'m Service<'m>> {
        if !self.is_direct() {
            return None;
        }
        let of_service = self.mesh.registry().at(host).find_map(Service::address);
        let owner = self.mesh.range_owner(&self.question.from, of_service.unwrap_or(host), self.question.port)?;
        (owner.service.host.as_str() != host).then_some(owner.service)
    }

    /// The entry without an address that gets connections to addresses without a listener, unless they are HTTP, and HTTP is routed by name.
    pub(super) fn owner_of_port(&self, declared: Option<Protocol>) -> Option<&'m Service<'m>> {
        if !self.is_direct() {
            return None;
        }
        let shared = self.mesh.indices().shared_listener(&self.question.from, self.question.port);
        shared.owner.filter(|_| !(shared.routes_http && self.is_http(declared)))
    }

    /// Whether a sidecar evaluates the call as its application makes it.
    fn is_direct(&self) -> bool {
        self.question.from.kind == ClientKind::Sidecar && self.routed.is_none() && self.question.subset.is_none()
    }

    /// The call through the listener of another service: by its routes to its endpoints, or to the address that was dialled. The application
    /// sends what the port that it calls declares.
    pub(super) fn through_owner(
        &self,
        answer: &mut CallAnswer<'m>,
        (owner, claim): (&'m Service<'m>, Claim),
        declared: Option<Protocol>,
        endpoints: Vec<Endpoint<'m>>,
    ) {
        let port = self.question.port;
        answer.taken_by = Some(Taken { by: owner.id.clone(), claim });
        let message = match claim {
            Claim::Port => {
                format!("has no address, so its listener gets every call on port {port} to an address without a listener of its own (S281)")
            }
            Claim::Address | Claim::Pods | Claim::Host => format!("has the listener for this address and port {port} (S290)"),
        };
        answer.note(Some(owner.id.clone()), None, message);
        let routed = Routed { is_app_tls: self.sends_tls(None, &self.question.from, declared), is_http: false, called: port };
        let call = CallEvaluation { pod: None, routed: Some(routed), ..*self };
        let to = call.known(&owner.host);
        match (to, self.mesh.indices().route(&self.question.from, &owner.host, port, RouteType::Tcp)) {
            (_, Some(routing)) => self.call_routed(answer, &routing, routed),
            (Some(to), None) if to.service.resolution() == Resolution::Passthrough => {
                let cluster = self.mesh.indices().cluster(&self.question.from, to, None, &self.every_endpoint(to));
                call.through(answer, to, cluster, endpoints);
            }
            (_, None) => call.to_host(answer, &owner.host, Some(owner)),
        }
    }
}
