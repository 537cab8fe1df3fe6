//! The calls that fail once the target is STRICT, one blocker for each cause (S191–S204).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{
        Blocker, BlockerKind, BlockerSet, BlockerSubject, ClientSet, Confidence, MergeScope, MigrationCause, Today, describe_clients,
        merged,
    },
    by_address, bypass, external_callers,
    servers::{add_servers, is_cut_off_before},
    target::Target,
};
use crate::{
    istio::PodSpec,
    mesh::{Acceptance, AutoMtlsOff, ClientKind, Cluster, ClusterTls, Dataplane, Failure, Mesh, Represented, SentAs, Subject, Verdict},
    object::{LabelSelector, Labels, Text, list_names},
    queries::{
        Scope,
        compare::{BeforeAfter, CallComparison, ServiceFilter},
        reach::{CallAnswer, EndpointAnswer},
    },
};

/// All calls to servers of the target that fail in the state after. Of the clients without a proxy, those in excluded namespaces are left
/// out: that they call is only possible.
#[must_use]
pub fn blockers(states: BeforeAfter<'_>, target: &Target<'_>, scope: &Scope) -> Vec<Blocker> {
    let mut found = BlockerSet::default();
    let clients = Scope { namespaces: Vec::new(), selector: LabelSelector::default(), ..scope.clone() };
    let everything = Scope { include_system: true, ..Scope::default() };
    let mut outside = WithoutProxy::default();
    let fails = |after: Option<&CallAnswer<'_>>| after.is_some_and(fails_somewhere);
    states.compare_where(ServiceFilter::All, &everything, fails, |comparison| {
        find_blockers(states, target, &clients, &mut outside, &comparison, &mut found);
    });
    bypass::find_blockers(states, target, &clients, &mut found);
    let all = found.into_blockers().chain(external_callers::blockers(states, target)).chain(by_address::blockers(states, target));
    without_repetitions(merged(all.collect(), MergeScope::Namespace))
}

/// Without blockers that are only possible if the same field certainly breaks calls to the same servers: whatever follows for the servers
/// follows from those already.
fn without_repetitions(mut all: Vec<Blocker>) -> Vec<Blocker> {
    let mut certain: BTreeMap<(MigrationCause, Today, BlockerSubject), BTreeMap<Subject, BTreeSet<u16>>> = BTreeMap::new();
    let key = |one: &Blocker| (one.cause, one.today, one.subject.clone());
    let by_field = |one: &Blocker| matches!(one.subject, BlockerSubject::Field(..));
    for one in all.iter().filter(|one| one.confidence == Confidence::Certain && by_field(one)) {
        let servers = certain.entry(key(one)).or_default();
        for (server, ports) in &one.servers {
            servers.entry(server.clone()).or_default().extend(ports);
        }
    }
    let is_repeated = |one: &Blocker| {
        let servers = certain.get(&key(one));
        servers.is_some_and(|known| one.servers.iter().all(|(server, ports)| known.get(server).is_some_and(|own| ports.is_subset(own))))
    };
    all.retain(|one| one.confidence != Confidence::Possible || !by_field(one) || !is_repeated(one));
    all
}

fn fails_somewhere(answer: &CallAnswer<'_>) -> bool {
    answer.endpoints.iter().any(|reached| matches!(reached.evaluation.verdict, Verdict::Fail(_)))
}

fn find_blockers<'m>(
    states: BeforeAfter<'m>,
    target: &Target<'_>,
    clients: &Scope,
    outside: &mut WithoutProxy,
    comparison: &CallComparison<'_, 'm>,
    found: &mut BlockerSet,
) {
    let (Some(before), Some(after)) = (&comparison.before, &comparison.after) else { return };
    if !fails_somewhere(after) {
        return;
    }
    let is_included = |namespace: &&Text| comparison.kind != ClientKind::None || clients.contains(namespace);
    let namespaces: BTreeSet<Text> = comparison.namespaces.iter().filter(is_included).cloned().collect();
    if namespaces.is_empty() {
        return;
    }
    let failing_before = FailingBefore::new(states, before);
    let client = describe_clients_in(comparison.kind, &namespaces, comparison.labels);
    let client = match &comparison.subset {
        Some(subset) => format!("{client} through subset {subset}"),
        None => client,
    };
    for is in &after.endpoints {
        let Verdict::Fail(failure) = is.evaluation.verdict else { continue };
        let Some((workload, _)) = is.endpoint.server else { continue };
        if is.evaluation.acceptance == Acceptance::Uncaptured && states.before.needs_exclusion(workload, is.endpoint.port) {
            continue;
        }
        let today = match failing_before.contains(is) {
            true if is_cut_off_before(states.before, is, comparison.kind) => Today::CutOff,
            true => Today::Fails,
            false => Today::Works,
        };
        let one = |cause, client, subject, confidence| BlockerKind {
            cause,
            namespace: workload.subject.namespace.clone(),
            client,
            subject,
            failure: Some(failure),
            confidence,
            today,
        };
        if comparison.kind == ClientKind::None {
            for (cause, workloads, name) in outside.of(states.before, &namespaces) {
                let subject = BlockerSubject::Clients(workloads.clone());
                add_servers(states.after, target, found, one(*cause, name.clone(), subject, Confidence::Possible), &is.endpoint);
            }
            continue;
        }
        let (cause, confidence) = cause(comparison.kind, after, is);
        let is_possible = comparison.is_assumed || comparison.subset.is_some();
        let confidence = if is_possible { Confidence::Possible } else { confidence };
        let subject = if cause == MigrationCause::NoTlsMode {
            BlockerSubject::Servers
        } else {
            blocker_subject(states.after, after, comparison.port.1)
        };
        let subject = subject.or_if_no_clients(|| BlockerSubject::Servers);
        add_servers(states.after, target, found, one(cause, client.clone(), subject, confidence), &is.endpoint);
    }
}

/// The endpoints at which a call fails before the change, and whether only the application fails it.
struct FailingBefore<'m> {
    before: &'m Mesh<'m>,
    /// By class of the instance and port.
    classes: BTreeMap<(usize, u16), bool>,
    /// Those that represent no class.
    pods: BTreeMap<(&'m Subject, Option<&'m Text>, u16), bool>,
}

impl<'m> FailingBefore<'m> {
    fn new(states: BeforeAfter<'m>, answer: &CallAnswer<'m>) -> Self {
        let mut own = Self { before: states.before, classes: BTreeMap::new(), pods: BTreeMap::new() };
        for reached in answer.endpoints.iter().filter(|one| matches!(one.evaluation.verdict, Verdict::Fail(_))) {
            let (endpoint, by_application) = (&reached.endpoint, reached.is_refused_by_application());
            let class = endpoint.represents.and_then(|by| own.class_before(by));
            match (class, endpoint.server) {
                (Some(class), _) => own.classes.extend([((class, endpoint.port), by_application)]),
                (None, Some((workload, _))) => own.pods.extend([((&workload.subject, endpoint.pod, endpoint.port), by_application)]),
                (None, None) => {}
            }
        }
        own
    }

    /// Whether a call fails before the change; what only the application refuses then is a new failure if a proxy refuses it after.
    fn contains(&self, after: &EndpointAnswer<'_>) -> bool {
        let endpoint = &after.endpoint;
        let of_class = endpoint.represents.and_then(|by| self.class_before(by));
        let by_application = match (of_class, endpoint.server) {
            (Some(class), _) => self.classes.get(&(class, endpoint.port)),
            (None, Some((workload, _))) => self.pods.get(&(&workload.subject, endpoint.pod, endpoint.port)),
            (None, None) => None,
        };
        by_application.is_some_and(|by_application| !by_application || after.is_refused_by_application())
    }

    /// The class before the change; after it, classes are only split further ([`Mesh::new_after`]).
    fn class_before(&self, by: Represented<'_>) -> Option<usize> {
        Some(self.before.instance_at(*by.class.members.first()?)?.1.class())
    }
}

/// Why the client does not send mTLS that the server accepts.
fn cause(kind: ClientKind, answer: &CallAnswer<'_>, reached: &EndpointAnswer<'_>) -> (MigrationCause, Confidence) {
    let cluster = answer.client.cluster.as_ref();
    match (kind, reached.evaluation.verdict) {
        (_, Verdict::Fail(Failure::ServerIdentityRejected)) => (MigrationCause::Identity, Confidence::Certain),
        (ClientKind::Ambient | ClientKind::Waypoint, _) => (MigrationCause::DataPlanes, Confidence::Possible),
        (ClientKind::Proxyless, _) => (MigrationCause::Proxyless, Confidence::Possible),
        (_, _) if cluster.is_none() => (MigrationCause::Hidden, Confidence::Possible),
        (_, _) => (cause_at_cluster(cluster, reached.sent_as), Confidence::Certain),
    }
}

fn cause_at_cluster(cluster: Option<&Cluster<'_>>, sent_as: SentAs) -> MigrationCause {
    match cluster.map(|cluster| (cluster.configured, cluster.auto_mtls_off, cluster.tls)) {
        Some((None, Some(AutoMtlsOff::Endpoints), _)) => MigrationCause::PodIp,
        Some((None, None, ClusterTls::Auto)) if sent_as == SentAs::Plaintext => MigrationCause::NoTlsMode,
        _ => MigrationCause::ClientRule,
    }
}

/// The field of the rule that decides; an empty set of clients if no rule does.
fn blocker_subject(mesh: &Mesh<'_>, answer: &CallAnswer<'_>, port: u16) -> BlockerSubject {
    let field = answer.client.cluster.as_ref().and_then(|cluster| mesh.indices().deciding_field(cluster, port, None));
    field.map_or_else(|| BlockerSubject::Clients(ClientSet::default()), |(id, at)| BlockerSubject::Field(id, at))
}

fn describe_clients_in(kind: ClientKind, namespaces: &BTreeSet<Text>, labels: &Labels) -> String {
    let with = if labels.is_empty() { String::new() } else { format!(" with {labels}") };
    format!("{}{with} in {}", describe_clients(kind), list_names(namespaces))
}

/// Cache of the workloads without a proxy in the namespaces of the last call: consecutive services have the same client namespaces.
#[derive(Debug, Default)]
struct WithoutProxy {
    namespaces: BTreeSet<Text>,
    found: Vec<(MigrationCause, ClientSet, String)>,
}

impl WithoutProxy {
    /// Those in these namespaces, with their names; those on the network of their node are a separate entry.
    fn of(&mut self, mesh: &Mesh<'_>, namespaces: &BTreeSet<Text>) -> &[(MigrationCause, ClientSet, String)] {
        if self.namespaces != *namespaces {
            let found = without_proxy(mesh, namespaces).into_iter();
            self.found = found
                .map(|(cause, workloads)| {
                    let name = list_names(&workloads);
                    (cause, workloads.into(), name)
                })
                .collect();
            self.namespaces.clone_from(namespaces);
        }
        &self.found
    }
}

/// The workloads of these namespaces that have pods without a proxy; those on the network of their node are a separate entry.
fn without_proxy(mesh: &Mesh<'_>, namespaces: &BTreeSet<Text>) -> BTreeMap<MigrationCause, BTreeSet<Subject>> {
    let mut found: BTreeMap<MigrationCause, BTreeSet<Subject>> = BTreeMap::new();
    for workload in namespaces.iter().flat_map(|namespace| mesh.workloads_in(namespace)) {
        for instance in workload.instances.iter().filter(|one| one.dataplane == Dataplane::None && one.spec.is_some()) {
            let is_on_host_network = instance.spec.is_some_and(PodSpec::is_on_host_network);
            let cause = if is_on_host_network { MigrationCause::HostNetwork } else { MigrationCause::WithoutProxy };
            found.entry(cause).or_default().insert(workload.subject.clone());
        }
    }
    found
}
