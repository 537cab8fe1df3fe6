//! The answer of `migrate-check`.

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    finding::Subject,
    words::{Confidence, NamedBy, Ready, RolloutStep, TrafficVerdict},
};

/// The answer of `migrate-check`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Migration {
    /// Namespaces that hold workloads of the mesh.
    pub namespaces: Vec<Namespace>,
    /// The steps, in order.
    pub waves: Vec<Wave>,
    /// The traffic that was looked at; `null` where the answer rests on configuration alone.
    pub traffic: Option<Traffic>,
}

/// The traffic that was looked at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Traffic {
    /// Who was asked.
    pub from: String,
    /// How far back, such as `7d`.
    pub window: String,
    /// The first moment of that.
    pub start: String,
    /// The last.
    pub end: String,
    /// What is to be known when reading the numbers.
    pub notes: Vec<String>,
    /// What no such numbers can show.
    pub limits: Vec<&'static str>,
}

/// How a namespace stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// `ready`, `blocked`, `unknown` or `already`.
    pub ready: Ready,
    /// The wave in which it goes STRICT; `null` where it cannot, or is.
    pub wave: Option<usize>,
    /// What is in the way.
    pub blockers: Vec<Blocker>,
    /// What was seen of traffic; empty without Prometheus.
    pub evidence: Vec<Evidence>,
    /// The manifests that make it STRICT, as YAML; empty where it is.
    pub patch: String,
}

/// Something in the way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blocker {
    /// Rule.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// What breaks: the one workload, or the namespace of several.
    pub subject: Subject,
    /// The workloads, and the ports that are called.
    pub servers: Vec<Server>,
    /// Who calls.
    pub client: String,
    /// What shows it.
    pub evidence: String,
    /// `certain`, `seen` or `possible`.
    pub confidence: Confidence,
    /// Failure code.
    pub code: Option<&'static str>,
    /// Whether the call fails as things are.
    pub fails_already: bool,
}

/// A workload and the ports that are called.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Server {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// Its ports.
    pub ports: Vec<u16>,
}

/// What was seen of a workload's traffic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// `plaintext-seen`, `refused`, `no-plaintext`, `no-traffic` or `not-covered`.
    pub verdict: TrafficVerdict,
    /// What that rests on, in a sentence.
    pub message: String,
    /// How much of the time its proxies were watched, in per cent: the worst of them. `null` where nobody can tell.
    pub coverage: Option<u64>,
    /// What came by mutual TLS.
    pub mutual: Counted,
    /// What came without.
    pub other: Counted,
    /// Plaintext that arrived, by client.
    pub plaintext: Vec<Seen>,
    /// Plaintext that was refused, by client.
    pub rejected: Vec<Seen>,
    /// Why silence proves nothing; empty where it does.
    pub lacks: Vec<String>,
}

/// Counts of one kind are never added to those of another.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Counted {
    /// HTTP and gRPC requests.
    pub requests: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Bytes over TCP.
    pub bytes: u64,
}

/// Plaintext of one client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Who sent it, as far as that is known.
    pub client: String,
    /// `headers`, `address` or `nobody`: how that is known. None is proof.
    pub named_by: NamedBy,
    /// The Service it called, as `NAMESPACE/NAME`.
    pub service: String,
    /// `http`, `grpc` or `tcp`.
    pub protocol: String,
    /// At least so much.
    #[serde(flatten)]
    pub counted: Counted,
    /// When it was seen last.
    pub last: Option<String>,
}

/// A step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// Its number, from 1.
    pub wave: usize,
    /// `permissive`, `strict`, `strict-with-exceptions`, `strict-if-not-called` or `mesh`.
    pub step: RolloutStep,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// What has to be so for it to break nothing; empty where nothing has.
    pub conditions: Vec<String>,
    /// What to apply, as YAML.
    pub manifests: String,
    /// The way back: what to apply, and what to delete, as a script's lines.
    pub rollback: String,
}
