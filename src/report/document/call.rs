//! The result of `explain FROM TO`.

use serde::Serialize;

use super::{
    trail::TrailStep,
    words::{CallResult, Dataplane, Likelihood, Mode, Tls, Wire},
};

/// The result of `explain FROM TO`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Call {
    /// The client.
    pub from: CallClient,
    /// The destination.
    pub to: CallDestination,
    /// What the client sends, and why.
    pub client: ClientSide,
    /// Every endpoint, and the result of a call to it.
    pub endpoints: Vec<CallEndpoint>,
    /// `mtls`, `plaintext`, `tls`, `fail`, `mixed`, `no-endpoints` or `unknown`.
    pub result: CallResult,
    /// The lowest failure code of all endpoints.
    pub code: Option<&'static str>,
    /// The symptom that users see.
    pub symptom: Option<&'static str>,
    /// Where a `VirtualService` routes the call, as `HOST:PORT subset NAME`; empty if none does.
    pub routed_to: Vec<String>,
    /// The result in a sentence.
    pub why: String,
    /// Changes that make the call work, or make it mTLS; the least invasive first.
    pub call_fixes: Vec<String>,
    /// The host of the cluster by which the client's proxy sends the call, or would; `null` for calls of addresses without one.
    pub cluster_host: Option<String>,
    /// The clusters of the client's proxy by which the call leaves it; empty if it leaves by none.
    pub proxy_clusters: Vec<ProxyCluster>,
    /// The observed symptom; `null` if none was given.
    pub seen: Option<String>,
    /// Possible causes of the symptom in this configuration, most likely first; empty if no symptom was given.
    pub causes: Vec<SymptomCause>,
}

/// A possible cause of a symptom.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SymptomCause {
    /// `certain`, `at some endpoints`, `possible`, `looks otherwise` or `elsewhere`.
    pub likelihood: Likelihood,
    /// Failure code.
    pub code: Option<&'static str>,
    /// The assumption under which the call fails; `null` if it fails without one.
    pub assuming: Option<String>,
    /// What happens.
    pub message: String,
}

/// A cluster of the client's proxy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProxyCluster {
    /// Its host, or `PassthroughCluster` or `BlackHoleCluster`.
    pub host: String,
    /// The service port; `null` for the two.
    pub port: Option<u16>,
    /// The subset; `null` for the whole host.
    pub subset: Option<String>,
}

/// The client of a call.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallClient {
    /// Namespace; `null` for a client outside the cluster.
    pub namespace: Option<String>,
    /// Kind of the workload; `null` for any client of the namespace.
    pub kind: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What sends its calls.
    pub dataplane: Dataplane,
}

/// The destination of a call.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallDestination {
    /// The host.
    pub host: String,
    /// The service port, or the workload port if the workload's address is called.
    pub port: u16,
    /// The subset.
    pub subset: Option<String>,
}

/// The client's side of a call.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ClientSide {
    /// The effective rule.
    pub destination_rule: Option<String>,
    /// Its kind: a policy for backends is applied like a `DestinationRule`.
    #[serde(skip)]
    pub rule_kind: &'static str,
    /// Every rule that was merged into it, itself first.
    pub merged_from: Vec<String>,
    /// Rules that match, but are shadowed.
    pub other_rules: Vec<String>,
    /// TLS mode that the rule sets; `AUTO` if no rule sets `tls`.
    pub configured_tls: Tls,
    /// TLS mode that the client's proxy applies.
    pub tls: Tls,
    /// The policies and fields that were evaluated.
    pub trail: Vec<TrailStep>,
}

/// An endpoint, and the result of a call to it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallEndpoint {
    /// `NAMESPACE/KIND/NAME`; `null` for an address that belongs to no workload of the mesh.
    pub workload: Option<String>,
    /// The pod; `null` for a pod template.
    pub pod: Option<String>,
    /// The IP address or host name that is connected to; `null` for a pod template.
    pub address: Option<String>,
    /// Its port.
    pub port: u16,
    /// Mode that is enforced there.
    pub mode: Mode,
    /// What the client sends.
    pub wire: Wire,
    /// Result of the call.
    pub result: CallResult,
    /// Failure code.
    pub code: Option<&'static str>,
    /// The symptom that users see.
    pub symptom: Option<&'static str>,
    /// Why the port has its mode.
    pub trail: Vec<TrailStep>,
}
