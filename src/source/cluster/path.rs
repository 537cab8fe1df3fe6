//! The paths under which a server has its lists, and the names of lists in messages and rights.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::object::Kind;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    Protobuf,
}

/// A kind in the version it is read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) version: String,
}

/// Endpoints that no controller keeps in step with pods.
const NOT_DERIVED: &str = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

/// The path of the page after another: that of the first page of the list, and the token that the page before gave.
pub(super) fn next_page(first: &str, token: &str) -> String {
    format!("{first}&continue={}", query(token))
}

fn query(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Characters that are escaped in a query.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

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
