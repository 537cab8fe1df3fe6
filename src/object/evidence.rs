//! Traffic that proxies counted, as a metrics store tells it. Who is safe by it is not said here.

use std::collections::{BTreeMap, BTreeSet};

use super::{Gap, Text};

/// The time that was looked at.
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
    /// Where it lies.
    pub namespace: Text,
    /// What it is called.
    pub workload: Text,
}

/// A client as the server's proxy names it; `unknown`, or empty, where it cannot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peer {
    /// Its cluster.
    pub cluster: Text,
    /// Its namespace.
    pub namespace: Text,
    /// Its workload.
    pub workload: Text,
}

/// How a client that showed no certificate came to its name. No way is proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedBy {
    /// It has no name.
    Nobody,
    /// Its own headers, which anybody can send.
    Headers,
    /// Its address, which ztunnel looked up.
    Address,
}

/// A client and what it calls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// Who is called.
    pub server: Target,
    /// The cluster of who is called.
    pub cluster: Text,
    /// The Service by which it is called, as `NAMESPACE/NAME`; `InboundPassthroughCluster` where no Service has the port.
    pub service: Text,
    /// Who calls.
    pub client: Peer,
    /// How its name is known.
    pub named_by: NamedBy,
    /// `http`, `grpc` or `tcp`.
    pub protocol: Text,
    /// Who counted: `destination`, `waypoint` or `source`.
    pub reporter: Text,
}

/// Numbers of one kind are never added to those of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// HTTP and gRPC requests.
    pub requests: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Bytes of TCP connections, those opened long ago included.
    pub bytes: u64,
}

/// Plaintext of one pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plaintext {
    /// At least so much.
    pub counted: Counted,
    /// Of the connections, those that ztunnel denied after it had counted them.
    pub denied: u64,
    /// The last moment at which it was seen, in seconds since 1970; `None` where that is not known.
    pub last: Option<i64>,
}

/// Requests that a client's proxy could not bring to the server: a hint at a server that takes no plaintext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failed {
    /// Who called whom.
    pub pair: Pair,
    /// Envoy's flags, such as `UF,URX`.
    pub flags: Text,
    /// The status the client got.
    pub code: Text,
    /// How many.
    pub requests: u64,
}

/// What a destination's proxies counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// By mutual TLS.
    pub mutual: Counted,
    /// Without it.
    pub other: Counted,
}

/// The proxy that a store scraped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Component {
    /// An Envoy in the pod.
    Proxy,
    /// ztunnel.
    Ztunnel,
}

/// What was asked of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// Whether it has Istio's metrics at all.
    Metrics,
    /// Plaintext by pairs.
    Plaintext,
    /// When that was last seen.
    LastSeen,
    /// Connections that ztunnel denied.
    Denied,
    /// Requests that failed on their way.
    Failed,
    /// What destinations counted.
    Measured,
    /// Destinations whose metrics do not say how calls came.
    Unlabelled,
    /// Which proxies were scraped, and how often.
    Scrapes,
    /// The same for all pods a Deployment had, taken together.
    Generations,
    /// Whether the history is as long as the window.
    History,
    /// Proxies that are scraped twice.
    Twice,
}

/// All facts of one reading. What could not be had is in `unanswered` and in `gaps`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Who was asked, without any secret.
    pub from: String,
    /// Of which time.
    pub window: Window,
    /// Of destinations in which namespaces; none means all.
    pub namespaces: BTreeSet<Text>,
    /// Whether there is any metric of Istio's.
    pub has_metrics: bool,
    /// Whether proxies were scraped at the start of the window already.
    pub reaches_back: bool,
    /// Plaintext that arrived.
    pub plaintext: BTreeMap<Pair, Plaintext>,
    /// Requests that did not arrive.
    pub failed: Vec<Failed>,
    /// What destinations counted; one that is not here counted nothing.
    pub measured: BTreeMap<Target, Measured>,
    /// Destinations whose metrics lack the label that says how calls came.
    pub unlabelled: BTreeSet<Target>,
    /// Moments between two looks at which proxies were scraped, in seconds.
    pub step: u64,
    /// How many such moments the window has.
    pub moments: u64,
    /// At how many of them a pod's proxy was scraped, by namespace and pod.
    pub scrapes: BTreeMap<(Component, Text, Text), u64>,
    /// At how many of them any pod's proxy was that is named like a Deployment's, by namespace and Deployment.
    pub generations: BTreeMap<(Text, Text), u64>,
    /// Whether metrics of scrapes lack the labels that name the pod.
    pub has_nameless_scrapes: bool,
    /// What is to be known when reading the numbers: warnings of the store, pods scraped twice, several clusters.
    pub notes: BTreeSet<String>,
    /// What was not answered, or not completely.
    pub unanswered: BTreeSet<Asked>,
    /// The same in words.
    pub gaps: Vec<Gap>,
}

impl Window {
    /// Its first moment, in seconds since 1970.
    #[must_use]
    pub fn start(self) -> i64 {
        self.end.saturating_sub_unsigned(self.seconds)
    }
}

impl Peer {
    /// Whether it has a name.
    #[must_use]
    pub fn is_named(&self) -> bool {
        is_said(&self.workload)
    }
}

/// Whether a label says something: Istio writes `unknown` where it does not know.
#[must_use]
pub fn is_said(label: &str) -> bool {
    !matches!(label, "" | "unknown")
}

impl Counted {
    /// Whether there is anything.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Both together, kind by kind.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(more.requests),
            connections: self.connections.saturating_add(more.connections),
            bytes: self.bytes.saturating_add(more.bytes),
        }
    }
}

impl Measured {
    /// Both together.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self { mutual: self.mutual.plus(more.mutual), other: self.other.plus(more.other) }
    }
}

impl Plaintext {
    /// Whether ztunnel denied all of it. It counts a denied connection as opened, and none of its bytes.
    ///
    /// Both numbers are estimates made from samples, hence the tolerance; a connection that was let through has bytes.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        let Self { counted: Counted { requests, connections, bytes }, denied, .. } = *self;
        denied > 0 && requests == 0 && bytes == 0 && connections <= denied.saturating_add(denied / 50).saturating_add(1)
    }
}
