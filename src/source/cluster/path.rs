//! API paths of lists, and the names of resources in messages and RBAC rules.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::object::{Encoding, Kind};

/// A kind and the version in which it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) kind: Kind,
    pub(super) version: String,
}

/// `EndpointSlices` that the controller does not derive from pods.
const NOT_FROM_PODS: &str = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io";

/// The path of a further page: the path of the first page, and the token from the previous page.
pub(super) fn next_page_path(first: &str, token: &str) -> String {
    format!("{first}&continue={}", query(token))
}

fn query(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Characters that are escaped in a query string.
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

    /// `pods`, `peerauthentications.security.istio.io`: the name that `kubectl auth can-i` accepts.
    pub(super) fn resource_name(&self) -> String {
        let group = self.kind.group();
        if group.is_empty() { self.kind.plural().into() } else { format!("{}.{group}", self.kind.plural()) }
    }

    /// The path of the list, in one namespace or in all.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.kind.group().is_empty() { "/api" } else { "/apis" };
        let within = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        format!("{root}/{}{within}/{}", self.api_version(), self.kind.plural())
    }

    /// The path of the first page of a list.
    ///
    /// `EndpointSlices` that Kubernetes derives from pods add nothing to the pods; only the others are requested.
    pub(super) fn list_path(&self, namespace: Option<&str>, limit: usize) -> String {
        let path = self.path(namespace);
        let selector = if self.kind == Kind::EndpointSlice { format!("&labelSelector={}", query(NOT_FROM_PODS)) } else { String::new() };
        format!("{path}?limit={limit}{selector}")
    }

    /// Whether a server can have the group without the kind, which is then empty: some install only a part of the CRDs of the
    /// Prometheus operator, or of that of `VictoriaMetrics`.
    pub(super) fn is_optional(&self) -> bool {
        matches!(self.kind.group(), "monitoring.coreos.com" | "operator.victoriametrics.com")
    }

    /// Whether it is listed in the requested namespaces only: true for built-in namespaced kinds, false for Istio's, which apply
    /// across namespaces.
    pub(super) fn is_filtered_by_namespace(&self) -> bool {
        self.kind.encoding() == Encoding::Protobuf && self.kind.is_namespaced()
    }
}
