//! The Kubernetes and Istio kinds that this tool reads.

use std::fmt;

use super::kind_table::for_each_kind;

/// How an API server encodes objects of a kind: protobuf for built-in kinds, JSON only for custom resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Json,
    /// Kubernetes protobuf.
    Protobuf,
}

/// What a kind is needed for. A kind is listed if one of its purposes is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// What clients send and servers accept.
    Calls,
    /// Which mode each policy sets, and for which workloads.
    Policies,
    /// Which workloads are in the mesh, and which webhooks inject into them.
    Workloads,
    /// Callers from outside the mesh only.
    ExternalCallers,
}

/// Whether a kind is namespaced or cluster-scoped.
#[derive(PartialEq, Eq)]
enum Scope {
    Cluster,
    Namespaced,
}

/// The value of `kind` in manifests: the name of the variant, unless the table overrides it.
macro_rules! kind_name {
    ($kind:ident) => {
        stringify!($kind)
    };
    ($kind:ident $kind_name:ident) => {
        stringify!($kind_name)
    };
}

macro_rules! declare {
    (() $($list:ident: $wire:ident {$(
        $kind:ident ($group:literal $scope:ident $encoding:ident [$($purpose:ident)*] $plural:ident $(called $kind_name:ident)?)
    )+})+) => {
        /// The kinds that this tool reads.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(
                #[doc = concat!("`", kind_name!($kind $($kind_name)?), "` of the API group `", $group, "` (empty: core).")]
                $kind,
            )+)+
        }

        impl Kind {
            /// Every kind, in order of declaration.
            pub const ALL: &[Self] = &[$($(Self::$kind),+),+];

            /// API group; empty for the core group.
            #[must_use]
            pub fn group(self) -> &'static str {
                match self { $($(Self::$kind => $group,)+)+ }
            }

            /// The value of the manifest's `kind`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $($(Self::$kind => kind_name!($kind $($kind_name)?),)+)+ }
            }

            /// The plural in API paths and RBAC rules: `pods`.
            #[must_use]
            pub fn plural(self) -> &'static str {
                match self { $($(Self::$kind => stringify!($plural),)+)+ }
            }

            /// Whether the kind is namespaced.
            #[must_use]
            pub fn is_namespaced(self) -> bool {
                match self { $($(Self::$kind => Scope::$scope == Scope::Namespaced,)+)+ }
            }

            /// How an API server encodes the objects.
            #[must_use]
            pub fn encoding(self) -> Encoding {
                match self { $($(Self::$kind => Encoding::$encoding,)+)+ }
            }

            /// What the objects are needed for; empty for a kind that is never listed.
            #[must_use]
            pub fn purposes(self) -> &'static [Purpose] {
                match self { $($(Self::$kind => &[$(Purpose::$purpose),*],)+)+ }
            }
        }
    };
}

for_each_kind!(declare);

impl Kind {
    /// The kind of an object from its `apiVersion` and `kind`, for any version of the group.
    #[must_use]
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        Self::ALL.iter().copied().find(|k| k.name() == kind && k.group() == group)
    }

    /// The kind that kubectl finds for a word, in any letter case: its name, its plural or a short name, with or without its group.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        let (word, group) = word.split_once('.').map_or((word.as_str(), None), |(word, group)| (word, Some(group)));
        let mut kinds = Self::ALL.iter().copied().filter(|kind| group.is_none_or(|group| group == kind.group()));
        kinds.find(|kind| kind.name().eq_ignore_ascii_case(word) || kind.plural() == word || kind.short_names().contains(&word))
    }

    fn short_names(self) -> &'static [&'static str] {
        match self {
            Self::Namespace => &["ns"],
            Self::Pod => &["po"],
            Self::Service => &["svc"],
            Self::ConfigMap => &["cm"],
            Self::Endpoints => &["ep"],
            Self::ReplicationController => &["rc"],
            Self::Deployment => &["deploy"],
            Self::StatefulSet => &["sts"],
            Self::DaemonSet => &["ds"],
            Self::ReplicaSet => &["rs"],
            Self::CronJob => &["cj"],
            Self::PeerAuthentication => &["pa"],
            Self::AuthorizationPolicy => &["ap"],
            Self::DestinationRule => &["dr"],
            Self::VirtualService => &["vs"],
            Self::ServiceEntry => &["se"],
            Self::WorkloadEntry => &["we"],
            Self::WorkloadGroup => &["wg"],
            Self::Gateway => &["gw"],
            Self::KubernetesGateway => &["gtw"],
            Self::CustomResourceDefinition => &["crd", "crds"],
            Self::Ingress => &["ing"],
            Self::ServiceMonitor => &["smon"],
            Self::PodMonitor => &["pmon"],
            Self::BackendTLSPolicy => &["btlspolicy"],
            Self::Job
            | Self::EndpointSlice
            | Self::XBackendTrafficPolicy
            | Self::HTTPRoute
            | Self::GRPCRoute
            | Self::TLSRoute
            | Self::TCPRoute
            | Self::MutatingWebhookConfiguration
            | Self::Sidecar
            | Self::EnvoyFilter
            | Self::ValidatingWebhookConfiguration
            | Self::APIService
            | Self::VMServiceScrape
            | Self::VMPodScrape => &[],
        }
    }

    /// The kind of an owner from the `kind` of an owner reference. Of the two Gateways only the Gateway API's can own objects.
    #[must_use]
    pub fn of_owner(kind_name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == kind_name && *kind != Self::Gateway)
    }

    /// The versions in which the kind is served; `None` if any version is accepted (S1).
    #[must_use]
    pub fn served_versions(self) -> Option<&'static [&'static str]> {
        match self.group() {
            "security.istio.io" => Some(&["v1", "v1beta1"]),
            "networking.istio.io" if self == Self::EnvoyFilter => Some(&["v1alpha3"]),
            "networking.istio.io" => Some(&["v1", "v1beta1", "v1alpha3"]),
            "" | "apps" | "batch" | "admissionregistration.k8s.io" | "apiextensions.k8s.io" | "discovery.k8s.io" | "networking.k8s.io" => {
                Some(&["v1"])
            }
            _ => None,
        }
    }

    /// `apiVersion` for new manifests: the newest served version.
    #[must_use]
    pub fn api_version(self) -> String {
        let version = self.served_versions().and_then(|versions| versions.first()).unwrap_or(&"v1");
        if self.group().is_empty() { (*version).to_owned() } else { format!("{}/{version}", self.group()) }
    }

    /// Whether the kind is Istio configuration rather than a workload.
    #[must_use]
    pub fn is_configuration(self) -> bool {
        self.group().ends_with("istio.io") && !matches!(self, Self::WorkloadEntry | Self::WorkloadGroup)
    }

    /// Whether findings point at single fields of the kind, so that its text is kept.
    #[must_use]
    pub fn keeps_text(self) -> bool {
        !matches!(self, Self::Pod | Self::ReplicaSet)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
