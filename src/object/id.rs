//! Who an object is.

use std::fmt;

use super::Text;

/// Declares the kinds this tool reads: name, API group, whether Kubernetes keeps it in a namespace.
macro_rules! kinds {
    ($($kind:ident $group:literal $scope:ident),* $(,)?) => {
        /// The kinds this tool reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(
                #[doc = concat!("`", stringify!($kind), "` of the API group `", $group, "` (empty: core).")]
                $kind,
            )*
        }

        impl Kind {
            /// Every kind, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// API group; empty for the core group.
            #[must_use]
            pub fn group(self) -> &'static str {
                match self { $(Self::$kind => $group),* }
            }

            /// The word in the manifest's `kind`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => kind_name(stringify!($kind))),* }
            }

            /// Whether objects of the kind lie in namespaces.
            #[must_use]
            pub fn is_namespaced(self) -> bool {
                match self { $(Self::$kind => scope::$scope),* }
            }
        }
    };
}

/// What the words of the table above stand for.
mod scope {
    #![allow(non_upper_case_globals)]
    pub(super) const namespaced: bool = true;
    pub(super) const cluster: bool = false;
}

kinds! {
    Namespace "" cluster,
    Pod "" namespaced,
    Service "" namespaced,
    ConfigMap "" namespaced,
    ReplicationController "" namespaced,
    Deployment "apps" namespaced,
    StatefulSet "apps" namespaced,
    DaemonSet "apps" namespaced,
    ReplicaSet "apps" namespaced,
    Job "batch" namespaced,
    CronJob "batch" namespaced,
    EndpointSlice "discovery.k8s.io" namespaced,
    MutatingWebhookConfiguration "admissionregistration.k8s.io" cluster,
    PeerAuthentication "security.istio.io" namespaced,
    AuthorizationPolicy "security.istio.io" namespaced,
    DestinationRule "networking.istio.io" namespaced,
    VirtualService "networking.istio.io" namespaced,
    ServiceEntry "networking.istio.io" namespaced,
    WorkloadEntry "networking.istio.io" namespaced,
    WorkloadGroup "networking.istio.io" namespaced,
    Sidecar "networking.istio.io" namespaced,
    Gateway "networking.istio.io" namespaced,
    EnvoyFilter "networking.istio.io" namespaced,
    KubernetesGateway "gateway.networking.k8s.io" namespaced,
    ValidatingWebhookConfiguration "admissionregistration.k8s.io" cluster,
    CustomResourceDefinition "apiextensions.k8s.io" cluster,
    APIService "apiregistration.k8s.io" cluster,
    Ingress "networking.k8s.io" namespaced,
    ServiceMonitor "monitoring.coreos.com" namespaced,
    PodMonitor "monitoring.coreos.com" namespaced,
}

/// Two groups have a kind `Gateway`; only here do they need different names.
const fn kind_name(variant: &'static str) -> &'static str {
    match variant.as_bytes() {
        b"KubernetesGateway" => "Gateway",
        _ => variant,
    }
}

impl Kind {
    /// The kind of an object from its `apiVersion` and `kind`, whatever the version.
    #[must_use]
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        Self::ALL.iter().copied().find(|k| k.name() == kind && k.group() == group)
    }

    /// The kind that somebody must have meant who wrote this kind under another group or in other capitals.
    ///
    /// Names that other projects use too (`Service`, `Gateway`, `Sidecar` …) mean nobody's.
    #[must_use]
    pub fn meant_by(kind: &str) -> Option<Self> {
        const OWN: [Kind; 13] = [
            Kind::PeerAuthentication,
            Kind::AuthorizationPolicy,
            Kind::DestinationRule,
            Kind::ServiceEntry,
            Kind::WorkloadEntry,
            Kind::WorkloadGroup,
            Kind::EnvoyFilter,
            Kind::Deployment,
            Kind::StatefulSet,
            Kind::DaemonSet,
            Kind::ReplicaSet,
            Kind::CronJob,
            Kind::MutatingWebhookConfiguration,
        ];
        OWN.into_iter().find(|own| own.name().eq_ignore_ascii_case(kind))
    }

    /// The versions of the kind that are served; any, where this tool does not care (S1).
    #[must_use]
    pub fn served_versions(self) -> Option<&'static [&'static str]> {
        match self.group() {
            "security.istio.io" => Some(&["v1", "v1beta1"]),
            "networking.istio.io" if self == Self::EnvoyFilter => Some(&["v1alpha3"]),
            "networking.istio.io" => Some(&["v1", "v1beta1", "v1alpha3"]),
            _ => None,
        }
    }

    /// Whether the kind is Istio's own configuration rather than something it governs.
    #[must_use]
    pub fn is_configuration(self) -> bool {
        self.group().ends_with("istio.io") && !matches!(self, Self::WorkloadEntry | Self::WorkloadGroup)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Who an object is. Prints as `PeerAuthentication shop/default`, without the namespace where there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// What it is.
    pub kind: Kind,
    /// Where it lies; empty for kinds outside namespaces.
    pub namespace: Text,
    /// What it is called.
    pub name: Text,
}

impl Id {
    /// An identity from its parts.
    #[must_use]
    pub fn new(kind: Kind, namespace: impl Into<Text>, name: impl Into<Text>) -> Self {
        Self { kind, namespace: namespace.into(), name: name.into() }
    }

    /// `NAMESPACE/NAME`, as JSON and tables name a policy.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, namespace, name } = self;
        if namespace.is_empty() { write!(f, "{kind} {name}") } else { write!(f, "{kind} {namespace}/{name}") }
    }
}
