//! Blockers: calls that fail once the target is STRICT.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
    sync::Arc,
};

use crate::{
    mesh::{ClientKind, Failure, Represented, Subject, Workload},
    object::{FieldPath, Id, Text, list_names},
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
    /// The same, although injection rewrites probes (S247).
    LateProbe,
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
    pub const ALL: [Self; 17] = [
        Self::WithoutProxy,
        Self::HostNetwork,
        Self::Probe,
        Self::LateProbe,
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

/// The result of a call without the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Today {
    /// It works.
    Works,
    /// It fails because the port is STRICT already.
    CutOff,
    /// It fails at a port that is not STRICT.
    Fails,
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

/// What a blocker is about, whatever the field: an object, clients, or servers.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum CausedBy<'b> {
    Object(&'b Id),
    Clients(&'b ClientSet),
    Servers(Vec<&'b Subject>),
}

impl BlockerSubject {
    fn object<'b>(&'b self, servers: &'b BTreeMap<Subject, BTreeSet<u16>>) -> CausedBy<'b> {
        match self {
            Self::Field(id, _) => CausedBy::Object(id),
            Self::Clients(clients) => CausedBy::Clients(clients),
            Self::Servers => CausedBy::Servers(servers.keys().collect()),
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
    /// The result without the change.
    pub today: Today,
}

impl Blocker {
    /// Whether it certainly breaks a call that works. If the ports are known, leaving them open keeps the call working.
    #[must_use]
    pub fn breaks_working_call(&self) -> bool {
        self.confidence != Confidence::Possible && self.today == Today::Works && self.failure.is_some()
    }

    /// Whether the call fails with and without the change.
    #[must_use]
    pub fn fails_already(&self) -> bool {
        self.today != Today::Works
    }

    /// Whether it is a caller that a STRICT in force would refuse, if it calls, and that nothing but the call is missing for: the data planes
    /// that do not meet are a fault of the server.
    #[must_use]
    pub fn is_possibly_cut_off(&self) -> bool {
        self.today == Today::CutOff && self.confidence == Confidence::Possible && self.cause != MigrationCause::DataPlanes
    }

    fn cause_key(&self) -> (MigrationCause, Confidence, Today) {
        (self.cause, self.confidence, self.today)
    }
}

/// Where blockers of one cause are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeScope {
    /// In each namespace of servers, for each client and field.
    Namespace,
    /// In the whole mesh, for each object that is the cause, whatever its fields and clients.
    Mesh,
}

/// Merges blockers of the same cause, in order of the namespaces and the causes.
#[must_use]
pub fn merged(found: Vec<Blocker>, merge_scope: MergeScope) -> Vec<Blocker> {
    let same_client =
        |a: &Blocker, b: &Blocker| a.cause_key().cmp(&b.cause_key()).then_with(|| (&a.client, &a.subject).cmp(&(&b.client, &b.subject)));
    match merge_scope {
        MergeScope::Namespace => {
            merge_by(found, |a, b| (&a.namespace, a.failure).cmp(&(&b.namespace, b.failure)).then_with(|| same_client(a, b)))
        }
        MergeScope::Mesh => merge_by(merge_by(found, same_client), |a, b| {
            a.cause_key().cmp(&b.cause_key()).then_with(|| a.subject.object(&a.servers).cmp(&b.subject.object(&b.servers)))
        }),
    }
}

/// Merges blockers that compare as equal: all of their servers, and the names of their clients.
fn merge_by(mut found: Vec<Blocker>, compare: impl Fn(&Blocker, &Blocker) -> Ordering) -> Vec<Blocker> {
    found.sort_by(&compare);
    let mut all: Vec<(Blocker, BTreeSet<String>)> = Vec::new();
    for one in found {
        if let Some((same, clients)) = all.last_mut().filter(|(last, _)| compare(last, &one).is_eq()) {
            clients.insert(one.client);
            // Calls that fail in different ways have no failure in common.
            same.failure = same.failure.filter(|failure| one.failure == Some(*failure));
            one.servers.into_iter().for_each(|(server, ports)| same.servers.entry(server).or_default().extend(ports));
        } else {
            let clients = BTreeSet::from([one.client.clone()]);
            all.push((one, clients));
        }
    }
    all.into_iter().map(|(one, clients)| Blocker { client: list_names(clients), ..one }).collect()
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
    pub(super) today: Today,
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
            today: kind.today,
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
