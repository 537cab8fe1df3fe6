//! Enumerated values of fields.

use std::fmt;

use serde::Serialize;

/// Severity of a finding, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Something is broken, or unprotected that should not be.
    Error,
    /// Something will break, or is weaker than it looks.
    Warning,
    /// Worth knowing.
    Info,
}

/// What leaves a finding out, or lowers its severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum AdjustedBy {
    /// An annotation of the object.
    Annotation,
    /// An entry under `ignore` of the configuration.
    Ignore,
    /// The configuration, which switches the rule off.
    Off,
    /// The baseline.
    Baseline,
    /// The configuration, which lowers the severity.
    Severity,
}

/// Why a folder or file was found and not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum NotEnteredReason {
    /// Its name begins with a dot.
    Hidden,
    /// It is a folder of dependencies.
    Dependencies,
    /// A `.gitignore` names it, and git does not track it.
    Ignored,
    /// The kustomization or chart of its folder does not use it.
    Unreferenced,
    /// The meshes of the configuration do not contain it.
    OutsideMeshes,
}

/// What was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum RootKind {
    /// A kustomization.
    Kustomization,
    /// A chart.
    Chart,
}

/// What handles the traffic of a workload, or sends that of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Dataplane {
    /// A sidecar.
    Sidecar,
    /// ztunnel.
    Ambient,
    /// The workload is a gateway.
    Gateway,
    /// The workload is a waypoint.
    Waypoint,
    /// Proxyless gRPC.
    Proxyless,
    /// No proxy.
    None,
    /// It differs between the workloads of a namespace.
    Mixed,
}

/// A mode of mTLS, as enforced or as configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "UPPERCASE")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum CallResult {
    /// Mesh mTLS.
    Mtls,
    /// In plaintext.
    Plaintext,
    /// TLS other than mesh mTLS.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Plaintext.
    Plaintext,
    /// Mesh mTLS.
    Mtls,
    /// mTLS with certificates set by a rule.
    CustomMtls,
    /// One-way TLS, or the application's own.
    Tls,
    /// The HBONE tunnel of ambient.
    Hbone,
    /// Nothing is sent.
    Nothing,
    /// Something that decides it could not be read.
    Unknown,
}

/// TLS settings of a client, as configured or as applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Tls {
    /// None.
    Disable,
    /// One-way TLS.
    Simple,
    /// mTLS with certificates set by the rule.
    Mutual,
    /// Mesh mTLS.
    IstioMutual,
    /// Decided for each endpoint.
    Auto,
    /// Settings from which istiod cannot build a cluster.
    Invalid,
    /// Something that decides it could not be read.
    Unknown,
}

/// A mode as written in a policy: of mTLS in a `PeerAuthentication`, of a client's TLS in a `DestinationRule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyMode {
    /// mTLS only.
    Strict,
    /// mTLS and plaintext.
    Permissive,
    /// Plaintext only.
    Disable,
    /// Inherited from a wider scope.
    Unset,
    /// One-way TLS.
    Simple,
    /// mTLS with certificates set by the rule.
    Mutual,
    /// Mesh mTLS.
    IstioMutual,
}

/// Outcome of a step of a trail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It is effective.
    #[serde(rename = "in force")]
    InForce,
    /// It inherits from a wider scope.
    Inherits,
    /// Another policy overrides it.
    #[serde(rename = "beaten")]
    Overridden,
    /// It does not apply here.
    Ignored,
    /// The mode that the data plane enforces.
    Enforced,
}

/// How well a possible cause matches a symptom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    /// The call fails with this symptom.
    Certain,
    /// It fails with this symptom at some endpoints.
    #[serde(rename = "at some endpoints")]
    AtSomeEndpoints,
    /// It would fail with this symptom under one more condition.
    Possible,
    /// It fails, but with another symptom.
    #[serde(rename = "looks otherwise")]
    LooksOtherwise,
    /// The cause is not in the configuration.
    Elsewhere,
}

/// Whether a workload has the expected proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum ProxyState {
    /// It has the expected proxy.
    Meshed,
    /// It should have one and has none.
    Missing,
    /// It has none and should have none.
    Outside,
    /// It has none because a label or an annotation excludes it.
    OptedOut,
    /// Something that decides it could not be read.
    Unknown,
    /// A pod created now would get another data plane.
    Differs,
    /// A pod created now would get a proxy of another revision.
    OtherRevision,
    /// Redirected, but not yet known to ztunnel.
    Pending,
    /// Both a sidecar and redirection to ztunnel.
    Both,
    /// Part of Istio itself.
    PartOfIstio,
}

/// The proxy that a pod created now would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Expected {
    /// A sidecar.
    Sidecar,
    /// ztunnel.
    Ambient,
    /// None.
    None,
    /// Something that decides it could not be read.
    Unknown,
}

/// The proxy that a namespace gives to pods without their own labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Enrolled {
    /// A sidecar.
    Sidecar,
    /// ztunnel.
    Ambient,
    /// Nothing.
    None,
    /// The Namespace, a webhook or the settings of istiod could not be read.
    Unknown,
}

/// What a policy applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
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

/// How certain a blocker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// It follows from the configuration.
    Certain,
    /// Traffic shows it.
    Seen,
    /// It breaks if such a call is made.
    Possible,
}

/// What traffic shows about a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum TrafficVerdict {
    /// Plaintext arrived.
    PlaintextSeen,
    /// Plaintext was rejected, and none accepted.
    Refused,
    /// There was traffic, all of it over mTLS.
    NoPlaintext,
    /// There was no traffic.
    NoTraffic,
    /// The metrics do not cover it.
    NotCovered,
}

/// A step towards STRICT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
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

/// Where the name of a client comes from. None of them is proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum NamedBy {
    /// The client's own headers.
    Headers,
    /// The client's address.
    Address,
    /// The name is unknown.
    #[serde(rename = "unknown")]
    Unknown,
}

/// What a change does to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It worked before, and fails now.
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
    /// It failed before, and works now.
    #[serde(rename = "fixes")]
    Fixes,
}

/// What manifests do to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, transform = plain))]
#[serde(rename_all = "kebab-case")]
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

/// Displays the words as in JSON.
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
    Enrolled Scope Ready Confidence TrafficVerdict RolloutStep NamedBy Effect Change AdjustedBy NotEnteredReason RootKind
}

/// Simplifies the schema to a plain list of words; schemars would describe each variant in its own schema.
#[cfg(feature = "schema")]
fn plain(schema: &mut schemars::Schema) {
    use serde_json::Value;

    let Some(Value::Array(variants)) = schema.remove("oneOf") else { return };
    let words = variants.into_iter().filter_map(|mut variant| variant.get_mut("const").map(Value::take)).collect();
    let description = schema.remove("description");
    schema.insert("type".into(), "string".into());
    description.map(|description| schema.insert("description".into(), description));
    schema.insert("enum".into(), words);
}
