//! The answer of `explain FROM TO`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    trail::Step,
    words::{CallResult, Dataplane, Likelihood, Mode, Tls, Wire},
};

/// The answer of `explain FROM TO`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// Who calls.
    pub from: ReachFrom,
    /// Whom.
    pub to: ReachTo,
    /// The client's side.
    pub client: ClientSide,
    /// Every endpoint, and what comes of a call to it.
    pub endpoints: Vec<ReachedEndpoint>,
    /// `mtls`, `plaintext`, `tls`, `fail`, `mixed`, `no-endpoints` or `unknown`.
    pub result: CallResult,
    /// The lowest failure code of any endpoint.
    pub code: Option<&'static str>,
    /// What users see of it.
    pub symptom: Option<&'static str>,
    /// Where a `VirtualService` leads the call, as `HOST:PORT subset NAME`; empty where none does.
    pub routed_to: Vec<String>,
    /// The answer in a sentence.
    pub why: String,
    /// What would mend it, or make mTLS of it; the gentlest way first.
    pub call_fixes: Vec<String>,
    /// What somebody saw of the call; `null` where nobody said.
    pub seen: Option<String>,
    /// What on this configuration would look like that, the likeliest first; empty where nobody said what was seen.
    pub causes: Vec<Cause>,
}

/// What would look like a symptom.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// `certain`, `at some endpoints`, `possible`, `looks otherwise` or `elsewhere`.
    pub likelihood: Likelihood,
    /// Failure code.
    pub code: Option<&'static str>,
    /// What would have to be otherwise than asked; `null` where the call fails as it was asked.
    pub assuming: Option<String>,
    /// What happens.
    pub message: String,
}

/// Who calls.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachFrom {
    /// Namespace; `null` outside the cluster.
    pub namespace: Option<String>,
    /// Kind of the workload; `null` for any client of the namespace.
    pub kind: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What sends its calls.
    pub dataplane: Dataplane,
}

/// What is called.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachTo {
    /// The host.
    pub host: String,
    /// The port: of the service, or of the workload where its own address is called.
    pub port: u16,
    /// The subset.
    pub subset: Option<String>,
}

/// The client's side of a call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSide {
    /// The rule in force.
    pub destination_rule: Option<String>,
    /// Every rule that was merged into it, itself first.
    pub merged_from: Vec<String>,
    /// Rules that match and lost.
    pub other_rules: Vec<String>,
    /// The rule's word; `AUTO` where none sets `tls`.
    pub configured_tls: Tls,
    /// What the client's proxy does.
    pub tls: Tls,
    /// What decided.
    pub trail: Vec<Step>,
}

/// An endpoint, and what comes of a call to it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachedEndpoint {
    /// `NAMESPACE/KIND/NAME`; `null` for an address that is nobody's in the mesh.
    pub workload: Option<String>,
    /// The pod; `null` for a template.
    pub pod: Option<String>,
    /// Its port.
    pub port: u16,
    /// What is enforced there.
    pub mode: Mode,
    /// What the client sends.
    pub wire: Wire,
    /// What comes of it.
    pub result: CallResult,
    /// Failure code.
    pub code: Option<&'static str>,
    /// What users see of it.
    pub symptom: Option<&'static str>,
    /// Why the port has its mode.
    pub trail: Vec<Step>,
}
