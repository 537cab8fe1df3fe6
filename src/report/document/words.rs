//! The words that a field may have, each list an enum.

use std::fmt;

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Severity {
    /// Something is broken, or open that should not be.
    Error,
    /// Something will break, or is weaker than it looks.
    Warning,
    /// Worth knowing.
    Info,
}

/// What takes the traffic of a workload, or sends that of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Dataplane {
    /// A sidecar.
    Sidecar,
    /// ztunnel.
    Ambient,
    /// The workload is a gateway.
    Gateway,
    /// The workload is a waypoint.
    Waypoint,
    /// gRPC without a proxy.
    Proxyless,
    /// No proxy.
    None,
    /// Not the same for all workloads of a namespace.
    Mixed,
}

/// A mode of mTLS, as enforced or as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schemars(inline, transform = plain)]
pub enum Mode {
    /// mTLS only.
    Strict,
    /// mTLS and plaintext.
    Permissive,
    /// Plaintext only.
    Disable,
    /// No proxy enforces anything.
    None,
    /// A policy that may decide could not be read.
    Unknown,
}

/// The result of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum CallResult {
    /// Over the mesh's mTLS.
    Mtls,
    /// In plaintext.
    Plaintext,
    /// Over TLS that is not the mesh's.
    Tls,
    /// It fails.
    Fail,
    /// The endpoints differ.
    Mixed,
    /// There are no endpoints.
    NoEndpoints,
    /// Configuration alone does not decide it.
    Unknown,
}

/// What a client sends to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Wire {
    /// Plaintext.
    Plaintext,
    /// The mesh's mTLS.
    Mtls,
    /// mTLS with certificates of a rule.
    CustomMtls,
    /// One-way TLS, or the application's own.
    Tls,
    /// A tunnel of ambient.
    Hbone,
    /// Nothing is sent.
    Nothing,
}

/// TLS settings of a client, as configured or as applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline, transform = plain)]
pub enum Tls {
    /// None.
    Disable,
    /// One-way TLS.
    Simple,
    /// mTLS with certificates of the rule.
    Mutual,
    /// The mesh's mTLS.
    IstioMutual,
    /// Decided for each endpoint.
    Auto,
    /// Settings from which istiod cannot build a cluster.
    Invalid,
}

/// A mode as a policy sets it: of mTLS in a `PeerAuthentication`, of a client's TLS in a `DestinationRule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline, transform = plain)]
pub enum PolicyMode {
    /// mTLS only.
    Strict,
    /// mTLS and plaintext.
    Permissive,
    /// Plaintext only.
    Disable,
    /// That of a wider scope.
    Unset,
    /// One-way TLS.
    Simple,
    /// mTLS with certificates of the rule.
    Mutual,
    /// The mesh's mTLS.
    IstioMutual,
}

/// What became of a step of a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline, transform = plain)]
pub enum Outcome {
    /// It decides.
    #[serde(rename = "in force")]
    InForce,
    /// It leaves the decision to a wider scope.
    Inherits,
    /// Another policy overrides it.
    #[serde(rename = "beaten")]
    Overridden,
    /// It does not count here.
    Ignored,
    /// What the data plane makes of the decision.
    Enforced,
}

/// How well a cause fits a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline, transform = plain)]
pub enum Likelihood {
    /// The call fails like that.
    Certain,
    /// It fails like that at some endpoints.
    #[serde(rename = "at some endpoints")]
    AtSomeEndpoints,
    /// It would fail like that under one more condition.
    Possible,
    /// It fails, and looks otherwise.
    #[serde(rename = "looks otherwise")]
    LooksOtherwise,
    /// The cause is not in the configuration.
    Elsewhere,
}

/// Whether a workload has the proxy it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum ProxyState {
    /// It has.
    Meshed,
    /// It should have one and has none.
    Missing,
    /// It has none and should have none.
    Outside,
    /// It has none because a label or an annotation excludes it.
    OptedOut,
    /// Its Namespace was not read.
    Unknown,
    /// A pod created now would get something else.
    Differs,
    /// A pod created now would get a proxy of another revision.
    OtherRevision,
    /// Redirected, but not yet known to ztunnel.
    Pending,
    /// A sidecar and redirection to ztunnel at once.
    Both,
    /// Part of Istio itself.
    PartOfIstio,
}

/// The proxy that a pod created now would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Expected {
    /// A sidecar.
    Sidecar,
    /// ztunnel.
    Ambient,
    /// None.
    None,
}

/// What a namespace gives to pods without labels of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Enrolled {
    /// A sidecar.
    Sidecar,
    /// ztunnel.
    Ambient,
    /// Nothing.
    None,
    /// The Namespace was not read.
    Unknown,
}

/// What a policy applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Scope {
    /// The mesh.
    Mesh,
    /// A namespace.
    Namespace,
    /// Workloads with certain labels.
    Workload,
    /// A host: a `DestinationRule`.
    Host,
    /// Labels, in the root namespace.
    RootSelector,
}

/// Whether a namespace can go STRICT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Ready {
    /// It can.
    Ready,
    /// Something would certainly break.
    Blocked,
    /// Something might break.
    Unknown,
    /// It is STRICT.
    Already,
}

/// How sure a blocker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Confidence {
    /// It follows from the configuration.
    Certain,
    /// Traffic shows it.
    Seen,
    /// It breaks if such a call is made.
    Possible,
}

/// What traffic proves about a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum TrafficVerdict {
    /// Plaintext arrived.
    PlaintextSeen,
    /// Plaintext was refused, and none let in.
    Refused,
    /// There was traffic, all of it over mTLS.
    NoPlaintext,
    /// There was none.
    NoTraffic,
    /// The metrics do not cover it.
    NotCovered,
}

/// A step to STRICT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum RolloutStep {
    /// To PERMISSIVE.
    Permissive,
    /// To STRICT.
    Strict,
    /// To STRICT, with ports that stay PERMISSIVE.
    StrictWithExceptions,
    /// To STRICT, if certain calls are not made.
    #[serde(rename = "strict-if-not-called")]
    StrictIfNotCalled,
    /// The policy of the mesh.
    Mesh,
}

/// How the client of a connection is known. None is proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum NamedBy {
    /// By what it sent about itself.
    Headers,
    /// By its address.
    Address,
    /// It is not known.
    #[serde(rename = "unknown")]
    Unknown,
}

/// What a change does to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Effect {
    /// It worked, and fails.
    Breaks,
    /// It is less protected.
    Weakens,
    /// It is no longer possible.
    Disappears,
    /// It differs in another way.
    Changes,
    /// It is possible only now.
    Appears,
    /// It is better protected.
    Strengthens,
    /// It failed, and works.
    #[serde(rename = "fixes")]
    Fixes,
}

/// What manifests do to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline, transform = plain)]
pub enum Change {
    /// It is new.
    Added,
    /// Its content differs.
    Changed,
    /// Its content is the same.
    Unchanged,
    /// It is deleted.
    Deleted,
}

/// A word is printed as JSON has it.
macro_rules! printed {
    ($($word:ident)*) => {$(
        impl fmt::Display for $word {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        }

        impl From<$word> for String {
            fn from(word: $word) -> Self {
                word.to_string()
            }
        }
    )*};
}

printed! {
    Severity Dataplane Mode CallResult Wire Tls PolicyMode Outcome Likelihood ProxyState Expected
    Enrolled Scope Ready Confidence TrafficVerdict RolloutStep NamedBy Effect Change
}

/// The schema as a plain list of words; schemars would describe each variant in a schema of its own.
fn plain(schema: &mut Schema) {
    let Some(Value::Array(variants)) = schema.remove("oneOf") else { return };
    let words = variants.into_iter().filter_map(|mut variant| variant.get_mut("const").map(Value::take)).collect();
    let description = schema.remove("description");
    schema.insert("type".into(), "string".into());
    description.map(|description| schema.insert("description".into(), description));
    schema.insert("enum".into(), words);
}
