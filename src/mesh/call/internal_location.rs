//! Changes that make the mesh's mTLS apply to the calls of a service, and whether its endpoints accept it.

use std::collections::BTreeSet;

use super::declarable::EntryIdentity;
use crate::{
    istio::{DestinationRule, EntryResolution, TlsMode},
    mesh::{Endpoint, Mesh, Service, ServiceSource, TLS_MODE},
    object::{Id, Text},
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
    /// mTLS to servers with another identity than the one that their endpoints declare (S226).
    OtherIdentity(BTreeSet<EntryIdentity>),
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
        let mut declaring = Vec::new();
        for service in self.registry().services().iter().filter(|service| service.id == entry) {
            for endpoint in service.ports.iter().flat_map(|port| self.endpoints(service, port)) {
                if !declares_mtls(&endpoint) {
                    continue;
                }
                if !self.terminates_mtls(&endpoint) {
                    return InternalLocation::Rejected(match endpoint.server {
                        Some((workload, _)) => format!("port {} of {}", endpoint.port, workload.subject),
                        None => "its endpoint".to_owned(),
                    });
                }
                declaring.push(endpoint);
            }
        }
        if declaring.is_empty() {
            return InternalLocation::Undeclared;
        }
        let others = self.other_identities(entry, &declaring);
        if others.is_empty() { InternalLocation::Safe } else { InternalLocation::OtherIdentity(others) }
    }

    /// What the endpoints would have to declare whose servers have an identity that no endpoint declares; empty if the entry lists names.
    fn other_identities(&self, entry: &Id, endpoints: &[Endpoint<'_>]) -> BTreeSet<EntryIdentity> {
        let lists_names = self.registry().of(entry).is_some_and(|service| !service.subject_alt_names("").is_empty());
        let accounts: BTreeSet<(&Text, &Text)> =
            endpoints.iter().filter_map(|endpoint| Some((&endpoint.namespace, endpoint.account.as_ref()?))).collect();
        if lists_names || accounts.is_empty() {
            return BTreeSet::new();
        }
        let is_declared = |endpoint: &&Endpoint<'_>| {
            let server = endpoint.server.and_then(|(workload, instance)| Some((workload, instance.service_account()?)));
            server.is_none_or(|(workload, account)| accounts.contains(&(&workload.subject.namespace, &account)))
        };
        endpoints.iter().filter(|endpoint| !is_declared(endpoint)).map(|endpoint| self.entry_identity(endpoint)).collect()
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
}

/// Whether the endpoint declares that it accepts the mesh's mTLS: by the labels of the workload that istiod joins it with, else by its own.
fn declares_mtls(endpoint: &Endpoint<'_>) -> bool {
    match endpoint.server {
        Some((_, instance)) if endpoint.found_by.is_joined() => instance.labels.has(TLS_MODE, "istio") || instance.spec.is_none(),
        Some(_) | None => endpoint.tls_mode == "istio",
    }
}
