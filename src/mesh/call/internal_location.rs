//! Changes that make the mesh's mTLS apply to the calls of a service, and whether its endpoints accept it.

use super::verdict::{CallProperties, SentAs, Verdict};
use crate::{
    istio::{DestinationRule, EntryResolution, TlsMode},
    mesh::{ClientKind, Endpoint, Mesh, Service, ServiceSource, TLS_MODE},
    object::Id,
};

/// What the location `MESH_INTERNAL` would do to the calls of a `ServiceEntry`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalLocation {
    /// mTLS to the endpoints that declare it, each of which accepts it.
    Safe,
    /// Nothing: clients connect to the address that they dial, and send plaintext (S224).
    DialledAddress,
    /// Nothing: the entry has no endpoint (S232).
    NoEndpoints,
    /// Nothing: no endpoint declares that it accepts mTLS.
    Undeclared,
    /// mTLS to an endpoint that does not accept it.
    Rejected(String),
}

impl Mesh<'_> {
    /// What the location `MESH_INTERNAL` would do to the calls of an entry (S81, S228).
    #[must_use]
    pub fn internal_location(&self, entry: &Id) -> InternalLocation {
        if let Some(ServiceSource::Entry(body)) = self.registry().of(entry).map(|service| service.source) {
            match body.resolution {
                EntryResolution::None => return InternalLocation::DialledAddress,
                EntryResolution::Static if body.endpoints().len() == 0 && body.selector().is_none() => {
                    return InternalLocation::NoEndpoints;
                }
                EntryResolution::Static | EntryResolution::Dns => {}
            }
        }
        let mut declares = false;
        for service in self.registry().services().iter().filter(|service| service.id == entry) {
            for endpoint in service.ports.iter().flat_map(|port| self.endpoints(service, port)) {
                if !declares_mtls(&endpoint) {
                    continue;
                }
                declares = true;
                if !self.terminates_mtls(&endpoint) {
                    return InternalLocation::Rejected(match endpoint.server {
                        Some((workload, _)) => format!("port {} of {}", endpoint.port, workload.subject),
                        None => "its endpoint".to_owned(),
                    });
                }
            }
        }
        if declares { InternalLocation::Safe } else { InternalLocation::Undeclared }
    }

    /// Whether a rule would break and weaken no call if it applied to the services of a host: no other rule applies to them, and its TLS
    /// settings are automatic mTLS, or mTLS that every endpoint accepts.
    #[must_use]
    pub fn applies_safely(&self, rule: &DestinationRule, host: &str) -> bool {
        let policies = || std::iter::once(&rule.policy).chain(rule.subsets.iter().map(|subset| &subset.policy));
        let is_passthrough =
            policies().any(|one| one.is_passthrough == Some(true) || one.port_passthrough.values().any(|set| *set == Some(true)));
        if is_passthrough || rule.selector.labels().is_some() {
            return false;
        }
        let is_plain_mtls = |tls: &crate::istio::Tls| tls.mode == TlsMode::IstioMutual && tls.subject_alt_names.is_none();
        let has_tls = rule.tls_settings().next().is_some();
        if !rule.tls_settings().all(|(_, tls)| is_plain_mtls(tls)) {
            return false;
        }
        self.registry().matching(host).all(|service| {
            let is_free = self.client_classes().exceptions(self.indices(), service).by_rule.is_empty();
            is_free && (!has_tls || self.terminates_mtls_everywhere(service))
        })
    }

    fn terminates_mtls_everywhere(&self, service: &Service<'_>) -> bool {
        service.ports.iter().all(|port| {
            let endpoints = self.endpoint_classes(service, port);
            !endpoints.is_empty() && endpoints.iter().all(|endpoint| self.terminates_mtls(endpoint))
        })
    }

    /// Whether the mesh's mTLS, as a sidecar sends it, certainly succeeds at an endpoint.
    fn terminates_mtls(&self, endpoint: &Endpoint<'_>) -> bool {
        let evaluation = self.evaluate(endpoint, SentAs::Mtls, CallProperties::of(ClientKind::Sidecar));
        evaluation.is_certain && evaluation.verdict == Verdict::Mtls
    }
}

/// Whether the endpoint declares that it accepts the mesh's mTLS: by the labels of the workload that istiod joins it with, else by its own.
fn declares_mtls(endpoint: &Endpoint<'_>) -> bool {
    match endpoint.server {
        Some((_, instance)) if endpoint.found_by.is_joined() => instance.labels.has(TLS_MODE, "istio") || instance.spec.is_none(),
        Some(_) | None => endpoint.tls_mode == "istio",
    }
}
