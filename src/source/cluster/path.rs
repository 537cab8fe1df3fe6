//! The paths under which a server has its lists, and the names of lists in messages and rights.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

use crate::object::{Encoding, Kind};

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

    /// `pods`, `peerauthentications.security.istio.io`: as `kubectl auth can-i` names it.
    pub(super) fn rights(&self) -> String {
        let group = self.kind.group();
        if group.is_empty() { self.kind.plural().into() } else { format!("{}.{group}", self.kind.plural()) }
    }

    /// The path of the list, in a namespace or in all.
    pub(super) fn path(&self, namespace: Option<&str>) -> String {
        let root = if self.kind.group().is_empty() { "/api" } else { "/apis" };
        let within = namespace.map(|namespace| format!("/namespaces/{namespace}")).unwrap_or_default();
        format!("{root}/{}{within}/{}", self.api_version(), self.kind.plural())
    }

    /// The path of the first page of a list.
    ///
    /// Endpoints that Kubernetes derives from pods say nothing that the pods do not; only those that somebody else wrote are asked for.
    pub(super) fn list_path(&self, namespace: Option<&str>, limit: usize) -> String {
        let path = self.path(namespace);
        let chosen = if self.kind == Kind::EndpointSlice { format!("&labelSelector={}", query(NOT_DERIVED)) } else { String::new() };
        format!("{path}?limit={limit}{chosen}")
    }

    /// Whether a server may have the group and not the kind, which then holds nothing: some install only a part of the CRDs of
    /// Prometheus's operator.
    pub(super) fn is_optional(&self) -> bool {
        self.kind.group() == "monitoring.coreos.com"
    }

    /// Whether a list of it is confined to the namespaces that were asked for: workloads are, what governs them is not.
    pub(super) fn is_confined(&self) -> bool {
        self.kind.encoding() == Encoding::Protobuf && self.kind.is_namespaced()
    }
}
