//! Policies of the Gateway API for the connections to a backend: `BackendTLSPolicy` and `XBackendTrafficPolicy`.

use serde::Deserialize;

use super::{List, Meta, or_default};
use crate::object::Text;

/// A policy for a backend; an `XBackendTrafficPolicy` has no `validation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct BackendPolicy {
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: BackendPolicySpec,
}

/// Spec of a policy for a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct BackendPolicySpec {
    /// The backends that it applies to, in its own namespace.
    pub target_refs: List<BackendRef>,
    /// How the backend is verified, in a `BackendTLSPolicy`.
    pub validation: Option<BackendValidation>,
}

/// A reference to a backend, or to a port of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct BackendRef {
    /// The API group; empty for the core group.
    pub group: Text,
    pub kind: Text,
    pub name: Text,
    /// The name of the port; empty means all ports.
    pub section_name: Text,
}

/// How a backend is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct BackendValidation {
    /// Objects that contain the CA certificates.
    pub ca_certificate_refs: List<CaReference>,
    /// A set of CA certificates that is used instead: `System`.
    pub well_known_ca_certificates: Text,
    /// Accepted names in the backend's certificate.
    pub subject_alt_names: List<BackendName>,
}

/// A reference to an object with CA certificates, in the policy's namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct CaReference {
    pub group: Text,
    pub kind: Text,
    pub name: Text,
}

/// A name in a backend's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct BackendName {
    /// `Hostname` or `URI`.
    #[serde(rename = "type")]
    pub kind: Text,
    pub hostname: Text,
    pub uri: Text,
}
