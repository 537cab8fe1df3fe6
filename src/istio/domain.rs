//! The DNS domain of the cluster, and the hosts in it (S52).

use crate::object::Text;

/// The domain that the hosts of Kubernetes Services end in: `cluster.local`, unless the cluster was made with another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterDomain(Text);

impl Default for ClusterDomain {
    fn default() -> Self {
        Self(Text::from("cluster.local"))
    }
}

impl ClusterDomain {
    /// A domain as somebody wrote it; the dots around it do not count.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let name = name.trim_matches('.');
        (!name.is_empty()).then(|| Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &Text {
        &self.0
    }

    /// The host of a Kubernetes Service.
    #[must_use]
    pub fn service(&self, namespace: &str, name: &str) -> Text {
        format!("{name}.{namespace}.svc.{}", self.0).into()
    }

    /// What the hosts of all Kubernetes Services end in: `.svc.DOMAIN`.
    #[must_use]
    pub fn services(&self) -> String {
        format!(".svc.{}", self.0)
    }

    /// What is before `.svc.DOMAIN` in the host of a Kubernetes Service, or of several; `None` for other hosts.
    #[must_use]
    pub fn before<'h>(&self, host: &'h str) -> Option<&'h str> {
        host.strip_suffix(self.0.as_str())?.strip_suffix(".svc.")
    }

    /// The host that an object of a namespace means: a name without a dot is that of a Service beside it (S52).
    #[must_use]
    pub fn resolved(&self, host: &Text, namespace: &str) -> Text {
        if host == "*" || host.contains('.') || host.contains(':') { host.clone() } else { self.service(namespace, host) }
    }
}
