//! The result of `migrate-check`.

use serde::Serialize;

use super::{
    finding::Subject,
    words::{Confidence, Mode, NamedBy, Ready, RolloutStep, TrafficVerdict},
};

/// The result of `migrate-check`.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Migration {
    /// Namespaces with workloads of the mesh.
    pub namespaces: Vec<Namespace>,
    /// The steps, in order.
    pub waves: Vec<Wave>,
    /// The traffic that was queried; `null` if the result is based on configuration alone.
    pub traffic: Option<Traffic>,
}

/// The traffic that was queried.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Traffic {
    /// Address of the Prometheus.
    pub from: String,
    /// Length of the time range, such as `7d`.
    pub window: String,
    /// Start of the time range.
    pub start: String,
    /// End of the time range.
    pub end: String,
    /// Notes for interpreting the numbers.
    pub notes: Vec<String>,
    /// Traffic that such metrics cannot show.
    pub limits: Vec<&'static str>,
}

/// Migration state of a namespace.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// `ready`, `blocked`, `unknown` or `already`.
    pub ready: Ready,
    /// Number of the wave in which it becomes STRICT; `null` if it cannot, or already is.
    pub wave: Option<usize>,
    /// What prevents it from becoming STRICT.
    pub blockers: Vec<Blocker>,
    /// What fails there already, whether or not it becomes STRICT.
    pub cut_off: Vec<Blocker>,
    /// Ports that accept plaintext although it is STRICT already.
    pub open_ports: Vec<OpenPort>,
    /// Evidence from traffic; empty without Prometheus.
    pub evidence: Vec<Evidence>,
    /// The manifests that make it STRICT, as YAML. If it already is: those that close the open ports that no caller is known to need.
    pub patch: String,
}

/// A port that accepts plaintext in a namespace that is STRICT.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OpenPort {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// Its port.
    pub port: u16,
    /// `PERMISSIVE` or `DISABLE`.
    pub mode: Mode,
    /// The policy that makes the exception, as `NAMESPACE/NAME`.
    pub decided_by: String,
    /// Callers that would fail if the port were STRICT.
    pub callers: Vec<OpenPortCaller>,
}

/// A caller that would fail if an open port were STRICT.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenPortCaller {
    /// The client.
    pub client: String,
    /// Whether the call certainly happens.
    pub certain: bool,
}

/// Something that prevents a namespace from becoming STRICT.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Blocker {
    /// Identifier of the rule.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// What breaks: a single workload, or the namespace of several.
    pub subject: Subject,
    /// The workloads, and the ports that are called.
    pub servers: Vec<Server>,
    /// The client.
    pub client: String,
    /// The evidence, in a sentence.
    pub evidence: String,
    /// `certain`, `seen` or `possible`.
    pub confidence: Confidence,
    /// Failure code.
    pub code: Option<&'static str>,
    /// Whether the call fails already.
    pub fails_already: bool,
}

/// A workload and the ports that are called.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Server {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// Its ports.
    pub ports: Vec<u16>,
}

/// Evidence from a workload's traffic.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// `plaintext-seen`, `refused`, `no-plaintext`, `no-traffic` or `not-covered`.
    pub verdict: TrafficVerdict,
    /// The reason for the verdict, in a sentence.
    pub message: String,
    /// Percentage of the time in which its proxies were scraped: the lowest of them. `null` if unknown.
    pub coverage: Option<u64>,
    /// Counts of mutual TLS.
    pub mutual: Counted,
    /// Counts of everything else.
    pub other: Counted,
    /// Plaintext that was accepted, by client.
    pub plaintext: Vec<ObservedPlaintext>,
    /// Plaintext that was refused, by client.
    pub refused: Vec<ObservedPlaintext>,
    /// Why the absence of plaintext is no proof; empty if it is.
    pub lacks: Vec<String>,
}

/// Counts by unit; different units are never added up.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counted {
    /// HTTP and gRPC requests.
    pub requests: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Bytes over TCP.
    pub bytes: u64,
}

/// Plaintext of one client.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ObservedPlaintext {
    /// The client, if known.
    pub client: String,
    /// `headers`, `address` or `unknown`: where the client's name comes from. None of them is proof.
    pub named_by: NamedBy,
    /// The Service that was called, as `NAMESPACE/NAME`.
    pub service: String,
    /// `http`, `grpc` or `tcp`.
    pub protocol: String,
    /// The counts; a lower bound.
    #[serde(flatten)]
    pub counted: Counted,
    /// When it was last seen.
    pub last: Option<String>,
}

/// A step of the migration.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// Its number, from 1.
    pub wave: usize,
    /// `permissive`, `strict`, `strict-with-exceptions`, `strict-if-not-called` or `mesh`.
    pub step: RolloutStep,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Conditions under which the step breaks nothing; empty if there are none.
    pub conditions: Vec<String>,
    /// What to apply, as YAML.
    pub manifests: String,
    /// The rollback: what to apply and what to delete, as lines of a script.
    pub rollback: String,
}
