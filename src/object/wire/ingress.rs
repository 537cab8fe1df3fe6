//! Ingresses: which Services somebody outside the cluster reaches.

use serde::Deserialize;

use super::{Int, List, Meta, or_default};
use crate::object::Text;

/// An `Ingress`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Ingress {
    /// Metadata; the annotation `kubernetes.io/ingress.class` is the older way to name the class.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    /// Spec.
    #[serde(deserialize_with = "or_default")]
    pub spec: IngressSpec,
}

/// Spec of an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct IngressSpec {
    /// Whose it is.
    pub ingress_class_name: Text,
    /// Where requests go that no rule matches.
    pub default_backend: Option<IngressBackend>,
    /// Where others go.
    pub rules: List<IngressRule>,
}

/// A rule of an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressRule {
    /// What it says of HTTP, which is all there is.
    #[serde(deserialize_with = "or_default")]
    pub http: HttpIngress,
}

/// `http` of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct HttpIngress {
    /// Where requests go, by their paths.
    pub paths: List<IngressPath>,
}

/// A path of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressPath {
    /// Where its requests go.
    #[serde(deserialize_with = "or_default")]
    pub backend: IngressBackend,
}

/// Where requests go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressBackend {
    /// A Service of the same namespace; none where it is something else.
    pub service: Option<IngressService>,
}

/// A Service behind an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressService {
    /// Its name.
    pub name: Text,
    /// Its port.
    #[serde(deserialize_with = "or_default")]
    pub port: IngressPort,
}

/// The port of a Service behind an Ingress, by name or number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressPort {
    /// Name.
    pub name: Text,
    /// Number; 0 where the name says which one.
    pub number: Int,
}
