//! Ingresses: which Services are exposed to clients outside the cluster.

use serde::Deserialize;

use super::{Int, List, Meta, or_default};
use crate::object::Text;

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct Ingress {
    /// Metadata; the annotation `kubernetes.io/ingress.class` is the older way to name the class.
    #[serde(deserialize_with = "or_default")]
    pub metadata: Meta,
    #[serde(deserialize_with = "or_default")]
    pub spec: IngressSpec,
}

/// Spec of an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, rename_all = "camelCase")]
pub struct IngressSpec {
    /// The class, which selects the controller.
    pub ingress_class_name: Text,
    /// Backend of requests that no rule matches.
    pub default_backend: Option<IngressBackend>,
    /// Backends of other requests.
    pub rules: List<IngressRule>,
}

/// A rule of an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressRule {
    /// Its HTTP paths; there is no other protocol.
    #[serde(deserialize_with = "or_default")]
    pub http: HttpIngress,
}

/// `http` of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct HttpIngress {
    /// Backends by path.
    pub paths: List<IngressPath>,
}

/// A path of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressPath {
    #[serde(deserialize_with = "or_default")]
    pub backend: IngressBackend,
}

/// A backend.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressBackend {
    /// A Service of the same namespace; `None` for another resource.
    pub service: Option<IngressService>,
}

/// A Service behind an Ingress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressService {
    pub name: Text,
    #[serde(deserialize_with = "or_default")]
    pub port: IngressPort,
}

/// The port of a Service behind an Ingress, by name or number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default)]
pub struct IngressPort {
    pub name: Text,
    /// Number; 0 if the name is used.
    pub number: Int,
}
