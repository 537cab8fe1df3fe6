//! Which kinds a server has, in which version, and under which path.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    api::{Api, Encoding, Refusal},
    listing::query,
};
use crate::object::Kind;

/// `/version`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    #[serde(default)]
    pub(super) git_version: String,
}

#[derive(Debug, Deserialize)]
struct Groups {
    #[serde(default)]
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
}

#[derive(Debug, Deserialize)]
struct GroupVersion {
    version: String,
}

/// The groups a server has, and their versions.
#[derive(Debug)]
pub(super) struct Served(BTreeMap<String, Vec<String>>);

/// A kind in the version it is read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) version: String,
}

/// Endpoints that no controller keeps in step with pods.
const NOT_DERIVED: &str = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

/// Kinds that are listed; `ConfigMaps` are read by name.
const LISTED: [Kind; 29] = [
    Kind::Namespace,
    Kind::Pod,
    Kind::Service,
    Kind::ReplicationController,
    Kind::Deployment,
    Kind::StatefulSet,
    Kind::DaemonSet,
    Kind::ReplicaSet,
    Kind::Job,
    Kind::CronJob,
    Kind::EndpointSlice,
    Kind::MutatingWebhookConfiguration,
    Kind::PeerAuthentication,
    Kind::AuthorizationPolicy,
    Kind::DestinationRule,
    Kind::VirtualService,
    Kind::ServiceEntry,
    Kind::WorkloadEntry,
    Kind::WorkloadGroup,
    Kind::Sidecar,
    Kind::Gateway,
    Kind::EnvoyFilter,
    Kind::KubernetesGateway,
    Kind::ValidatingWebhookConfiguration,
    Kind::CustomResourceDefinition,
    Kind::APIService,
    Kind::Ingress,
    Kind::ServiceMonitor,
    Kind::PodMonitor,
];

/// Whether a kind shows nothing but callers from outside the mesh.
fn shows_strangers(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::ValidatingWebhookConfiguration
            | Kind::CustomResourceDefinition
            | Kind::APIService
            | Kind::Ingress
            | Kind::ServiceMonitor
            | Kind::PodMonitor
    )
}

/// What an answer depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kinds {
    /// All that says who is in the mesh and what governs it.
    #[default]
    All,
    /// The same, with templates that can be compared with manifests.
    Comparison,
    /// That, and whatever shows callers from outside the mesh.
    Migration,
    /// Policies, and the templates of the workloads they select; no pods and nothing that speaks of them.
    Policies,
    /// Workloads, what injects into them and what may be missing before them; nothing that clients look up.
    Workloads,
}

impl Kinds {
    /// The kinds to list.
    pub(super) fn listed(self) -> impl Iterator<Item = Kind> {
        LISTED.into_iter().filter(move |kind| self.holds(*kind))
    }

    /// Whether probes and hooks matter.
    pub(super) fn wants_kubelet(self) -> bool {
        match self {
            Self::Comparison | Self::Migration => true,
            Self::All | Self::Policies | Self::Workloads => false,
        }
    }

    fn holds(self, kind: Kind) -> bool {
        match self {
            Self::Migration => true,
            _ if shows_strangers(kind) => false,
            Self::All | Self::Comparison => true,
            Self::Policies => !matches!(
                kind,
                Kind::Pod
                    | Kind::Service
                    | Kind::EndpointSlice
                    | Kind::EnvoyFilter
                    | Kind::Gateway
                    | Kind::AuthorizationPolicy
                    | Kind::VirtualService
            ),
            Self::Workloads => !matches!(
                kind,
                Kind::DestinationRule
                    | Kind::ServiceEntry
                    | Kind::EnvoyFilter
                    | Kind::Gateway
                    | Kind::KubernetesGateway
                    | Kind::AuthorizationPolicy
                    | Kind::VirtualService
            ),
        }
    }
}

impl Served {
    /// Asks the server.
    pub(super) async fn discover(api: &Api) -> Result<Self, Refusal> {
        let groups: Groups = api.json("/apis").await?;
        let versions = |group: Group| (group.name, group.versions.into_iter().map(|v| v.version).collect());
        Ok(Self(groups.groups.into_iter().map(versions).collect()))
    }

    /// Whether Istio's policies are among them.
    pub(super) fn has_istio(&self) -> bool {
        self.0.contains_key(Kind::PeerAuthentication.group())
    }

    /// What can be listed of what is wanted, and what is not wanted.
    ///
    /// A group that is absent holds nothing, which is no gap: the Gateway API need not be there.
    pub(super) fn resources(&self, wanted: Kinds) -> (Vec<Resource>, Vec<Kind>) {
        let (wanted, unwanted): (Vec<Kind>, Vec<Kind>) = LISTED.into_iter().partition(|kind| wanted.holds(*kind));
        let resource = |kind: &Kind| Some(Resource { kind: *kind, version: self.version(*kind)? });
        (wanted.iter().filter_map(resource).collect(), unwanted)
    }

    fn version(&self, kind: Kind) -> Option<String> {
        if kind.group().is_empty() {
            return Some("v1".into());
        }
        let served = self.0.get(kind.group())?;
        // EnvoyFilter never left v1alpha3; everything else is read in the newest version that both sides know (S1).
        let known: &[&str] = kind.served_versions().unwrap_or(&["v1", "v1beta1"]);
        let version = known.iter().find(|version| served.iter().any(|v| v == *version));
        version.map(ToString::to_string).or_else(|| served.first().cloned())
    }
}

impl Resource {
    pub(super) fn of(kind: Kind, version: &str) -> Self {
        Self { kind, version: version.into() }
    }

    /// `apiVersion` of its objects.
    pub(super) fn api_version(&self) -> String {
        let group = self.kind.group();
        if group.is_empty() { self.version.clone() } else { format!("{group}/{}", self.version) }
    }

    /// The plural in the path and in rights.
    pub(super) fn plural(&self) -> &'static str {
        match self.kind {
            Kind::Namespace => "namespaces",
            Kind::Pod => "pods",
            Kind::Service => "services",
            Kind::ConfigMap => "configmaps",
            Kind::ReplicationController => "replicationcontrollers",
            Kind::Deployment => "deployments",
            Kind::StatefulSet => "statefulsets",
            Kind::DaemonSet => "daemonsets",
            Kind::ReplicaSet => "replicasets",
            Kind::Job => "jobs",
            Kind::CronJob => "cronjobs",
            Kind::EndpointSlice => "endpointslices",
            Kind::MutatingWebhookConfiguration => "mutatingwebhookconfigurations",
            Kind::PeerAuthentication => "peerauthentications",
            Kind::AuthorizationPolicy => "authorizationpolicies",
            Kind::DestinationRule => "destinationrules",
            Kind::VirtualService => "virtualservices",
            Kind::ServiceEntry => "serviceentries",
            Kind::WorkloadEntry => "workloadentries",
            Kind::WorkloadGroup => "workloadgroups",
            Kind::Sidecar => "sidecars",
            Kind::Gateway | Kind::KubernetesGateway => "gateways",
            Kind::EnvoyFilter => "envoyfilters",
            Kind::ValidatingWebhookConfiguration => "validatingwebhookconfigurations",
            Kind::CustomResourceDefinition => "customresourcedefinitions",
            Kind::APIService => "apiservices",
            Kind::Ingress => "ingresses",
            Kind::ServiceMonitor => "servicemonitors",
            Kind::PodMonitor => "podmonitors",
        }
    }

    /// `pods`, `peerauthentications.security.istio.io`: as `kubectl auth can-i` names it.
    pub(super) fn rights(&self) -> String {
        let group = self.kind.group();
        if group.is_empty() { self.plural().into() } else { format!("{}.{group}", self.plural()) }
    }

    /// The path of the list, in a namespace or in all.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.kind.group().is_empty() { "/api" } else { "/apis" };
        let within = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        format!("{root}/{}{within}/{}", self.api_version(), self.plural())
    }

    /// The path of the first page of a list.
    ///
    /// Endpoints that Kubernetes derives from pods say nothing that the pods do not; only those that somebody else wrote are asked for.
    pub(super) fn list_path(&self, namespace: Option<&str>, limit: usize) -> String {
        let path = self.path(namespace);
        let chosen = if self.kind == Kind::EndpointSlice { format!("&labelSelector={}", query(NOT_DERIVED)) } else { String::new() };
        format!("{path}?limit={limit}{chosen}")
    }

    /// The encoding to ask for: the API server keeps protobuf for the kinds it was built with, and JSON alone for others.
    pub(super) fn encoding(&self) -> Encoding {
        if self.is_built_in() { Encoding::Protobuf } else { Encoding::Json }
    }

    fn is_built_in(&self) -> bool {
        matches!(
            self.kind.group(),
            "" | "apps"
                | "batch"
                | "discovery.k8s.io"
                | "admissionregistration.k8s.io"
                | "apiextensions.k8s.io"
                | "apiregistration.k8s.io"
                | "networking.k8s.io"
        )
    }

    /// Whether a server may have the group and not the kind, which then holds nothing: some install only a part of the CRDs of
    /// Prometheus's operator.
    pub(super) fn is_optional(&self) -> bool {
        self.kind.group() == "monitoring.coreos.com"
    }

    /// Whether a list of it is confined to the namespaces that were asked for: workloads are, what governs them is not.
    pub(super) fn is_confined(&self) -> bool {
        self.is_built_in() && self.kind.is_namespaced()
    }
}
