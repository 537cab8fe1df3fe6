//! Blockers: calls that fail once the target is STRICT.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::Arc,
};

use crate::{
    mesh::{ClientKind, Failure, Represented, Subject, Workload},
    object::{FieldPath, Id, Text},
};

/// Why a call fails under STRICT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MigrationCause {
    /// The client has no proxy (S191).
    WithoutProxy,
    /// The client runs on its node's network (S192).
    HostNetwork,
    /// A probe of the kubelet is not rewritten (S193).
    Probe,
    /// Prometheus scrapes the application's own port (S194).
    Scraper,
    /// The API server calls it (S195).
    Webhook,
    /// It is exposed in a way that bypasses the mesh's gateways (S196).
    Exposed,
    /// Endpoints are dialled by address, and one of them has no proxy (S197).
    PodIp,
    /// The client does not see the service (S198).
    Hidden,
    /// A rule makes the client send something else, or disables automatic mTLS for it (S199).
    ClientRule,
    /// The call bypasses the client's proxy (S200).
    Bypass,
    /// The server lacks the label that declares that it accepts mTLS (S201).
    NoTlsMode,
    /// The two data planes do not interoperate (S202).
    DataPlanes,
    /// The client expects another identity (S203).
    Identity,
    /// gRPC without proxy has no automatic mTLS (S204).
    Proxyless,
    /// Traffic was seen in plaintext.
    PlaintextSeen,
    /// Traffic evidence does not cover the workload.
    NoEvidence,
}

impl MigrationCause {
    /// Every cause, in the order of their rules.
    pub const ALL: [Self; 16] = [
        Self::WithoutProxy,
        Self::HostNetwork,
        Self::Probe,
        Self::Scraper,
        Self::Webhook,
        Self::Exposed,
        Self::PodIp,
        Self::Hidden,
        Self::ClientRule,
        Self::Bypass,
        Self::NoTlsMode,
        Self::DataPlanes,
        Self::Identity,
        Self::Proxyless,
        Self::PlaintextSeen,
        Self::NoEvidence,
    ];
}

/// How certain it is that a client breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// The configuration shows it.
    Certain,
    /// Traffic was seen.
    Seen,
    /// The client that would break exists; whether it calls is not in the configuration.
    Possible,
}

/// The object or workloads that a finding about a blocker points at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockerSubject {
    /// A field of an object.
    Field(Id, FieldPath),
    /// Workloads that would be the clients.
    Clients(ClientSet),
    Servers,
}

impl BlockerSubject {
    /// This, or another if it is an empty set of clients.
    pub(super) fn or_if_no_clients(self, other: impl Fn() -> Self) -> Self {
        match self {
            Self::Clients(clients) if clients.is_empty() => other(),
            shown @ (Self::Field(..) | Self::Clients(_) | Self::Servers) => shown,
        }
    }
}

/// Workloads that are equivalent as clients. Many blockers have the same large set, so they share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientSet(Arc<BTreeSet<Subject>>);

impl Deref for ClientSet {
    type Target = BTreeSet<Subject>;

    fn deref(&self) -> &BTreeSet<Subject> {
        &self.0
    }
}

impl From<BTreeSet<Subject>> for ClientSet {
    fn from(clients: BTreeSet<Subject>) -> Self {
        Self(Arc::new(clients))
    }
}

impl Ord for ClientSet {
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for ClientSet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Something that fails once the target is STRICT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    pub cause: MigrationCause,
    /// The namespace of the servers.
    pub namespace: Text,
    /// The servers and the workload ports that are called.
    pub servers: BTreeMap<Subject, BTreeSet<u16>>,
    pub client: String,
    pub subject: BlockerSubject,
    /// How it fails; `None` if the blocker is only missing traffic evidence.
    pub failure: Option<Failure>,
    pub confidence: Confidence,
    /// Whether the call already fails without the change.
    pub fails_already: bool,
}

impl Blocker {
    /// Whether it certainly breaks a call that works. If the ports are known, leaving them open keeps the call working.
    #[must_use]
    pub fn breaks_working_call(&self) -> bool {
        self.confidence != Confidence::Possible && !self.fails_already && self.failure.is_some()
    }

    /// The key by which blockers are merged: in each namespace, or wherever the servers are.
    fn key(&self, merge_scope: MergeScope) -> impl Ord + '_ {
        let namespace = (merge_scope == MergeScope::Namespace).then_some((&self.namespace, self.failure));
        (namespace, self.cause, &self.client, &self.subject, self.confidence, self.fails_already)
    }
}

/// Where blockers of one cause are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeScope {
    /// In each namespace of servers.
    Namespace,
    /// In the whole mesh.
    Mesh,
}

/// Merges blockers with the same key, in order of the namespaces and the causes.
#[must_use]
pub fn merged(mut found: Vec<Blocker>, merge_scope: MergeScope) -> Vec<Blocker> {
    found.sort_by(|a, b| a.key(merge_scope).cmp(&b.key(merge_scope)));
    let mut merged: Vec<Blocker> = Vec::new();
    for one in found {
        let last = merged.last_mut().filter(|last| last.key(merge_scope).cmp(&one.key(merge_scope)).is_eq());
        match last {
            Some(same) => one.servers.into_iter().for_each(|(server, ports)| same.servers.entry(server).or_default().extend(ports)),
            None => merged.push(one),
        }
    }
    merged
}

/// What blockers have in common, apart from their servers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct BlockerKind {
    pub(super) namespace: Text,
    pub(super) failure: Option<Failure>,
    pub(super) cause: MigrationCause,
    pub(super) client: String,
    pub(super) subject: BlockerSubject,
    pub(super) confidence: Confidence,
    pub(super) fails_already: bool,
}

/// Blockers that are merged as they are found: there may be as many failing calls as services times workloads.
#[derive(Debug, Default)]
pub(super) struct BlockerSet {
    servers: BTreeMap<BlockerKind, FailingServers>,
}

#[derive(Debug, Default)]
struct FailingServers {
    ports: BTreeMap<Subject, BTreeSet<u16>>,
    /// Classes of servers that were added with a port: number of the class, whether not ready pods belong to it, port.
    classes: BTreeSet<(usize, bool, u16)>,
}

impl BlockerSet {
    /// Adds one server.
    pub(super) fn add(&mut self, kind: BlockerKind, server: Subject, port: u16) {
        self.servers.entry(kind).or_default().ports.entry(server).or_default().insert(port);
    }

    /// Adds the servers that an endpoint represents, unless another service already did.
    pub(super) fn add_represented<'m>(
        &mut self,
        kind: BlockerKind,
        by: Represented<'m>,
        port: u16,
        servers: impl FnOnce() -> Vec<&'m Workload<'m>>,
    ) {
        let own = self.servers.entry(kind).or_default();
        if own.classes.insert((by.class.number, by.publishes_not_ready, port)) {
            for server in servers() {
                own.ports.entry(server.subject.clone()).or_default().insert(port);
            }
        }
    }

    /// The blockers that have servers.
    pub(super) fn into_blockers(self) -> impl Iterator<Item = Blocker> {
        let blocker = |(kind, servers): (BlockerKind, FailingServers)| Blocker {
            cause: kind.cause,
            namespace: kind.namespace,
            servers: servers.ports,
            client: kind.client,
            subject: kind.subject,
            failure: kind.failure,
            confidence: kind.confidence,
            fails_already: kind.fails_already,
        };
        self.servers.into_iter().filter(|(_, servers)| !servers.ports.is_empty()).map(blocker)
    }
}

/// A short name for the clients of a data plane.
#[must_use]
pub fn describe_clients(kind: ClientKind) -> &'static str {
    match kind {
        ClientKind::Sidecar => "sidecars",
        ClientKind::Ambient => "ambient clients",
        ClientKind::Gateway => "gateways",
        ClientKind::Waypoint => "waypoints",
        ClientKind::Proxyless => "proxyless gRPC clients",
        ClientKind::None => "clients without a proxy",
    }
}
