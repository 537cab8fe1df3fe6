//! The DNS domain of the cluster, and the hosts in it (S52).

use crate::object::Text;

/// The domain of Kubernetes Service hosts: `cluster.local`, unless the cluster was set up with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDomain(Text);

impl Default for ClusterDomain {
    fn default() -> Self {
        Self(Text::from("cluster.local"))
    }
}

impl ClusterDomain {
    /// A domain as written; leading and trailing dots are removed.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim_matches('.');
        (!name.is_empty()).then(|| Self(name.into()))
    }

    #[must_use]
    pub fn name(&self) -> &Text {
        &self.0
    }

    /// The host of a Kubernetes Service.
    #[must_use]
    pub fn service(&self, namespace: &str, name: &str) -> Text {
        format!("{name}.{namespace}.svc.{}", self.0).into()
    }

    /// The suffix of all Kubernetes Service hosts: `.svc.DOMAIN`.
    #[must_use]
    pub fn service_suffix(&self) -> String {
        format!(".svc.{}", self.0)
    }

    /// The part before `.svc.DOMAIN` in the host of a Kubernetes Service, or in a wildcard for several; `None` for other hosts.
    #[must_use]
    pub fn service_part<'h>(&self, host: &'h str) -> Option<&'h str> {
        host.strip_suffix(self.0.as_str())?.strip_suffix(".svc.")
    }

    /// The host of the Service that Kubernetes' DNS has for a name, if that is the same in every namespace: `NAME.NAMESPACE`, with or
    /// without `.svc` or `.svc.DOMAIN`, or a dot behind the latter.
    #[must_use]
    pub fn of_any_client(&self, name: &str) -> Option<Text> {
        let name = name.strip_suffix('.').unwrap_or(name);
        let part = self.service_part(name).or_else(|| name.strip_suffix(".svc")).unwrap_or(name);
        let (service, namespace) = part.split_once('.')?;
        (!namespace.contains('.')).then(|| self.service(namespace, service))
    }

    /// The host that an object of a namespace refers to: a name without a dot is that of a Service in the same namespace (S52).
    #[must_use]
    pub fn resolved(&self, host: &Text, namespace: &str) -> Text {
        if host == "*" || host.contains('.') || host.contains(':') { host.clone() } else { self.service(namespace, host) }
    }
}
