//! Traffic counted by proxies, as read from a metrics store. What it proves is evaluated in `queries`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gap, Text};

/// The time range that was queried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Its end, in seconds since 1970.
    pub end: i64,
    /// Its length in seconds.
    pub seconds: u64,
}

/// A destination as proxies name it: the name of a workload, without its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub namespace: Text,
    /// The workload's name.
    pub workload: Text,
}

/// A client as the server's proxy names it; `unknown` or empty if the proxy does not know it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    pub cluster: Text,
    pub namespace: Text,
    pub workload: Text,
}

/// Where the name of a client without a certificate comes from. None of them is proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedBy {
    /// The name is unknown.
    Unknown,
    /// The client's own headers, which any client can set.
    Headers,
    /// The client's address, which ztunnel looked up.
    Address,
}

/// A client and the destination it calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The destination.
    pub server: Target,
    /// The destination's cluster.
    pub cluster: Text,
    /// The Service through which it is called, as `NAMESPACE/NAME`; `InboundPassthroughCluster` if no Service has the port.
    pub service: Text,
    pub client: Peer,
    /// Where the client's name comes from.
    pub named_by: NamedBy,
    /// `http`, `grpc` or `tcp`.
    pub protocol: Text,
    /// The side that counted: `destination`, `waypoint` or `source`.
    pub reporter: Text,
}

/// Counts by unit; different units are never added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficCounts {
    /// HTTP and gRPC requests.
    pub requests: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Bytes of TCP connections, including connections opened before the window.
    pub bytes: u64,
}

/// Plaintext between one client and one destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plaintext {
    /// The counts; a lower bound.
    pub counted: TrafficCounts,
    /// Connections, of those counted, that ztunnel denied afterwards.
    pub denied: u64,
    /// The last time it was seen, in seconds since 1970; `None` if unknown.
    pub last: Option<i64>,
}

/// Requests that a client's proxy could not deliver to the server: a hint that the server does not accept plaintext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedRequests {
    /// The client and the destination.
    pub pair: Pair,
    /// Envoy's response flags, such as `UF,URX`.
    pub flags: Text,
    /// The status code that the client received.
    pub code: Text,
    /// Number of requests.
    pub requests: u64,
}

/// What a destination's proxies counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeasuredTraffic {
    /// Over mutual TLS.
    pub mutual: TrafficCounts,
    /// Not over mutual TLS.
    pub other: TrafficCounts,
}

/// The kind of proxy that was scraped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// An Envoy in the pod.
    Proxy,
    Ztunnel,
}

/// The queries sent to a metrics store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceQuery {
    /// Whether it contains Istio's metrics at all.
    Metrics,
    /// Plaintext by client and destination.
    Plaintext,
    /// When that plaintext was last seen.
    LastSeen,
    /// Connections that ztunnel denied.
    Denied,
    /// Requests that did not reach the server.
    FailedRequests,
    /// What destinations counted.
    MeasuredTraffic,
    /// Destinations whose metrics lack the label with the connection's security policy.
    Unlabelled,
    /// Which proxies were scraped, and how often.
    Scrapes,
    /// The same, aggregated over all pods a Deployment had.
    DeploymentScrapes,
    /// Whether the history covers the whole window.
    History,
    /// Proxies that are scraped at two ports.
    DuplicateScrapes,
}

/// The result of one reading. What could not be read is listed in `unanswered` and in `gaps`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The address of the metrics store, without secrets.
    pub from: String,
    /// The time range.
    pub window: Window,
    /// Namespaces of the destinations; empty means all.
    pub namespaces: BTreeSet<Text>,
    /// Whether any metric of Istio was found.
    pub has_metrics: bool,
    /// Whether proxies were already scraped at the start of the window.
    pub covers_window: bool,
    /// Plaintext that arrived, by client and destination.
    pub plaintext: BTreeMap<Pair, Plaintext>,
    /// Requests that did not arrive.
    pub failed: Vec<FailedRequests>,
    /// What destinations counted; a destination that is missing counted nothing.
    pub measured: BTreeMap<Target, MeasuredTraffic>,
    /// Destinations whose metrics lack the label with the connection's security policy.
    pub unlabelled: BTreeSet<Target>,
    /// Interval in seconds between the points in time for which scrapes are counted.
    pub step: u64,
    /// Number of such points in the window.
    pub points: u64,
    /// At how many of these points the pod's proxy was scraped, by component, namespace and pod.
    pub scrapes: BTreeMap<(Component, Text, Text), u64>,
    /// At how many of these points the proxy of any pod named like a Deployment's was scraped, by namespace and Deployment.
    pub deployment_scrapes: BTreeMap<(Text, Text), u64>,
    /// Whether metrics of scrapes lack the labels with namespace and pod.
    pub has_unlabelled_scrapes: bool,
    /// Notes for interpreting the numbers: warnings of the store, pods scraped twice, several clusters.
    pub notes: BTreeSet<String>,
    /// Queries without an answer, or with an incomplete one.
    pub unanswered: BTreeSet<EvidenceQuery>,
    /// The same, as messages.
    pub gaps: Vec<Gap>,
}

impl Window {
    /// Its start, in seconds since 1970.
    #[must_use]
    pub fn start(self) -> i64 {
        self.end.saturating_sub_unsigned(self.seconds)
    }
}

impl Peer {
    /// Whether its workload is known.
    #[must_use]
    pub fn is_named(&self) -> bool {
        is_known_label(&self.workload)
    }
}

/// Whether a label has a known value: Istio writes `unknown` otherwise.
#[must_use]
pub fn is_known_label(label: &str) -> bool {
    !matches!(label, "" | "unknown")
}

impl TrafficCounts {
    /// Whether all counts are zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// The sum, unit by unit.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(more.requests),
            connections: self.connections.saturating_add(more.connections),
            bytes: self.bytes.saturating_add(more.bytes),
        }
    }
}

impl MeasuredTraffic {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self { mutual: self.mutual.plus(more.mutual), other: self.other.plus(more.other) }
    }
}

impl Plaintext {
    /// Whether ztunnel denied all of it. ztunnel counts a denied connection as opened, and none of its bytes.
    ///
    /// Both numbers are estimates from samples, hence the tolerance; a connection that was accepted has bytes.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        let Self { counted: TrafficCounts { requests, connections, bytes }, denied, .. } = *self;
        denied > 0 && requests == 0 && bytes == 0 && connections <= denied.saturating_add(denied / 50).saturating_add(1)
    }
}
