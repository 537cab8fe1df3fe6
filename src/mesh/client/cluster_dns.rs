//! What cluster DNS has for a name (S222, S243, S245).

use std::net::IpAddr;

use super::{
    headless_pod::HeadlessPod,
    registry::{MAX_ALIASES, Service, ServiceSource},
};
use crate::{
    istio::{self, ServiceType},
    mesh::Mesh,
};

/// What cluster DNS resolves a name to.
#[derive(Clone, Debug)]
pub enum NamedInDns<'m> {
    /// A Service with an address, or with those of its pods.
    Service(&'m Service<'m>),
    /// A pod below a headless Service.
    Pod(HeadlessPod<'m>),
    /// Nothing.
    Nothing {
        /// Whether all that could have the name was read.
        is_certain: bool,
    },
    /// A host outside the cluster.
    Outside,
}

impl Mesh<'_> {
    /// What cluster DNS resolves a name to for every client, after aliases.
    #[must_use]
    pub fn named_in_dns<'m>(&'m self, name: &str) -> NamedInDns<'m> {
        let first = self.absolute(name);
        let mut host = first.as_str();
        for _ in 0..MAX_ALIASES {
            match self.registry().kubernetes(host).map(|service| (service, service.source)) {
                Some((_, ServiceSource::Service(istio::Service { kind: ServiceType::ExternalName(target), .. }))) => {
                    host = target.strip_suffix('.').unwrap_or(target);
                    if self.is_unusable_target(host) {
                        return NamedInDns::Nothing { is_certain: true };
                    }
                }
                Some((service, _)) => return NamedInDns::Service(service),
                None => return self.below_a_service(host),
            }
        }
        NamedInDns::Nothing { is_certain: true }
    }

    /// Whether DNS does not resolve the target of an alias: an IP address, or the short form of a name, because targets are absolute (S310).
    #[must_use]
    pub fn is_unusable_target(&self, target: &str) -> bool {
        let is_short = self.cluster_domain().service_part(target).is_none();
        let is_service = || self.cluster_domain().of_any_client(target).is_some_and(|host| self.registry().kubernetes(&host).is_some());
        target.parse::<IpAddr>().is_ok() || is_short && is_service()
    }

    /// Whether a namespace exists: something in it was read, or it is in every cluster with Istio.
    #[must_use]
    pub fn has_namespace(&self, namespace: &str) -> bool {
        self.namespaces().contains_key(namespace)
            || namespace == "default"
            || namespace.starts_with("kube-")
            || self.control_planes().roots().any(|root| root == namespace)
    }

    /// A name that no Service has itself: that of a pod, one outside the cluster, or nothing.
    fn below_a_service<'m>(&'m self, host: &str) -> NamedInDns<'m> {
        if let Some(named) = self.headless_pod(host) {
            return match self.missing_pod(&named) {
                None => NamedInDns::Pod(named),
                Some(is_certain) => NamedInDns::Nothing { is_certain },
            };
        }
        let Some(part) = self.cluster_domain().service_part(host) else { return NamedInDns::Outside };
        let mut labels = part.rsplit('.');
        let (namespace, service) = (labels.next().unwrap_or_default(), labels.next().unwrap_or_default());
        let is_certain = if self.has_namespace(namespace) {
            let of_service = self.cluster_domain().service(namespace, service);
            self.indices().reads_services_of(namespace) || self.registry().kubernetes(&of_service).is_some()
        } else {
            self.indices().reads_namespaces()
        };
        NamedInDns::Nothing { is_certain }
    }

    /// A name with the cluster's domain, if it is a short form of one that exists, or ends with `.svc`.
    fn absolute(&self, name: &str) -> String {
        let name = name.strip_suffix('.').unwrap_or(name);
        let domain = self.cluster_domain();
        if domain.service_part(name).is_some() {
            return name.to_owned();
        }
        if let Some(part) = name.strip_suffix(".svc") {
            return format!("{part}{}", domain.service_suffix());
        }
        let long = format!("{name}{}", domain.service_suffix());
        let is_pod = || self.headless_pod(&long).is_some_and(|named| self.missing_pod(&named).is_none());
        let exists = name.contains('.') && (self.registry().kubernetes(&long).is_some() || is_pod());
        if exists { long } else { name.to_owned() }
    }
}
