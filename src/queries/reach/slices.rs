//! Calls to Services whose endpoints are in `EndpointSlices` (S210, S211, S213, S289, S291).

use super::{answer::CallAnswer, calling::CallEvaluation};
use crate::{
    istio::{EndpointSlice, ProtocolClass, SliceTarget},
    mesh::{ClientKind, Destination, Failure, FoundBy, OutOfScope, Port, Resolution, SentAs, Service, SliceUse},
    object::{FieldPath, Text, list_names},
};

impl<'m> CallEvaluation<'_, 'm> {
    /// Adds the endpoints of a headless Service that istiod does not know, because the slice's port has another name: there is no listener
    /// for their addresses, so that TCP calls bypass every rule, and HTTP calls are those of the Service.
    pub(super) fn call_unlisted(&self, answer: &mut CallAnswer<'m>, to: Destination<'m>) {
        let from = &self.question.from;
        let unlisted = match from.kind {
            ClientKind::Sidecar | ClientKind::Proxyless => self.mesh.unlisted_endpoints(to.service, to.port),
            ClientKind::Ambient | ClientKind::Gateway | ClientKind::Waypoint | ClientKind::None => return,
        };
        if unlisted.is_empty() || answer.failure.is_some() {
            return;
        }
        let is_http = to.port.protocol.class() == ProtocolClass::Http;
        if !is_http && answer.endpoints.is_empty() && self.mesh.indices().out_of_scope(from) == OutOfScope::Refused {
            answer.failure = Some(Failure::UnknownDestination);
            return;
        }
        let known = std::mem::take(&mut answer.endpoints);
        let cluster = answer.client.cluster.take();
        self.call_all(answer, from, cluster.as_ref().filter(|_| is_http), unlisted, Some(to.port.protocol));
        answer.client.cluster = cluster;
        answer.endpoints.splice(0..0, known);
    }

    /// Why endpoints in slices are not used, or not as what they are.
    pub(super) fn note_slices(&self, answer: &mut CallAnswer<'m>, service: &Service<'_>, port: &Port) {
        for slice in self.mesh.slices_of(service) {
            note_port(answer, service, slice, port);
            self.note_targets(answer, slice);
        }
        let is_by_address = |reached: &super::answer::EndpointAnswer<'_>| {
            reached.endpoint.found_by == FoundBy::SliceAddress && reached.sent_as == SentAs::Mtls
        };
        let is_elsewhere = |reached: &super::answer::EndpointAnswer<'_>| {
            let endpoint = &reached.endpoint;
            let in_other = || endpoint.server.is_some_and(|(workload, _)| workload.subject.namespace != endpoint.namespace);
            endpoint.found_by == FoundBy::Address && endpoint.labels.is_empty() && in_other()
        };
        if self.question.from.kind.is_envoy() && !self.mesh.slices_of(service).is_empty() && answer.endpoints.iter().any(is_elsewhere) {
            let message = "the slice lists the address of a pod of another namespace without a targetRef: istiod finds pods by address only in \
                           the namespace of the slice, so the endpoint declares no mTLS (S74)";
            answer.note(None, None, message);
        }
        if answer.endpoints.iter().any(is_by_address) {
            let message = "the slice lists an address without a targetRef: istiod finds its pod only if the pod was there before the slice; \
                           otherwise the call is sent in plaintext (S289)";
            answer.note(None, None, message);
        }
    }

    /// Endpoints that name a pod which no client, or not this one, finds (S211).
    fn note_targets(&self, answer: &mut CallAnswer<'m>, slice: &EndpointSlice<'_>) {
        let is_ambient = self.question.from.kind == ClientKind::Ambient;
        let use_of_slices = self.mesh.use_of_slices();
        if is_ambient && use_of_slices != SliceUse::ByReference {
            let message = match use_of_slices {
                SliceUse::None => "istiod of this version, up to 1.22, gives ztunnel nothing of slices (S210)",
                SliceUse::ByAddress | SliceUse::ByReference => {
                    "istiod of this version, 1.23, finds the pods of slices by their addresses (S210)"
                }
            };
            answer.note(Some(slice.id.clone()), Some(FieldPath::of("endpoints")), message);
            return;
        }
        let (mut lost, mut unread, mut other, mut opaque) = (0, Vec::new(), Vec::new(), 0);
        for one in slice.ready() {
            match one.target {
                SliceTarget::PodWithoutNamespace => lost += 1,
                SliceTarget::Pod(id, _) if self.mesh.snapshot().meta(&id).is_none() => unread.push(id.path()),
                SliceTarget::Pod(id, uid) if is_ambient && self.mesh.is_joined(&id, uid) == Some(false) => other.push(id.path()),
                SliceTarget::Address if is_ambient => opaque += 1,
                SliceTarget::Pod(..) | SliceTarget::Address => {}
            }
        }
        let mut note = |message: String| answer.note(Some(slice.id.clone()), Some(FieldPath::of("endpoints")), message);
        if lost > 0 {
            note(format!(
                "the targetRef of {lost} of its endpoints has no namespace: istiod finds no pod for them, and they are not used (S211)"
            ));
        }
        if !unread.is_empty() {
            note(format!("names pods that were not read, so they are not used: {} (S211)", list_names(&unread)));
        }
        if !other.is_empty() {
            note(format!(
                "the uid in the targetRef is not that of the pod, so that ztunnel does not use it: {} (S211)",
                list_names(&other)
            ));
        }
        if opaque > 0 {
            note(format!("{opaque} of its endpoints are addresses without a pod as targetRef: ztunnel never calls them over HBONE (S211)"));
        }
    }
}

/// A slice without a port of the Service's name (S213).
fn note_port(answer: &mut CallAnswer<'_>, service: &Service<'_>, slice: &EndpointSlice<'_>, port: &Port) {
    let names: Vec<&Text> = slice.port_names().collect();
    let is_headless = service.resolution() == Resolution::Passthrough;
    if names.is_empty() || names.contains(&&port.name) {
        return;
    }
    let quoted = |name: &Text| if name.is_empty() { "no name".to_owned() } else { format!("the name `{name}`") };
    let has: Vec<String> = names.into_iter().map(quoted).collect();
    let effect = if is_headless { "no listener is made for its addresses (S291)" } else { "none of its endpoints is used (S213)" };
    let message = format!("its port has {}, and port {} of the Service has {}: {effect}", has.join(", "), port.number, quoted(&port.name));
    answer.note(Some(slice.id.clone()), Some(FieldPath::of("ports")), message);
}
