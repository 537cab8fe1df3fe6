//! The calls that fail once the target is STRICT, one blocker for each cause (S191–S204).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{
        Blocker, BlockerKind, BlockerSet, BlockerSubject, ClientSet, Confidence, MergeScope, MigrationCause, describe_clients, merged,
    },
    by_address, external_callers,
    target::Target,
};
use crate::{
    istio::PodSpec,
    mesh::{
        AutoMtlsOff, Client, ClientKind, Cluster, ClusterTls, Dataplane, Endpoint, Failure, Instance, Mesh, Represented, SentAs, Service,
        Subject, Verdict, Workload,
    },
    object::{LabelSelector, Labels, Text, list_names},
    queries::{
        Scope,
        compare::{BeforeAfter, CallComparison, ServiceFilter},
        reach::{CallAnswer, CallQuestion, CallTarget, EndpointAnswer, reach_classes},
    },
};

/// All calls to servers of the target that fail in the state after, except those of clients in excluded namespaces.
#[must_use]
pub fn blockers(states: BeforeAfter<'_>, target: &Target<'_>, scope: &Scope) -> Vec<Blocker> {
    let mut found = BlockerSet::default();
    let clients = Scope { namespaces: Vec::new(), selector: LabelSelector::default(), ..scope.clone() };
    let everything = Scope { include_system: true, ..Scope::default() };
    let mut outside = WithoutProxy::default();
    states.compare(ServiceFilter::All, &everything, |comparison| {
        find_blockers(states, target, &clients, &mut outside, &comparison, &mut found);
    });
    find_bypass_blockers(states, target, &clients, &mut found);
    let external = external_callers::blockers(states, target);
    let all = found.into_blockers().chain(external).chain(by_address::blockers(states, target));
    merged(all.collect(), MergeScope::Namespace)
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
    if !after.endpoints.iter().any(|is| matches!(is.evaluation.verdict, Verdict::Fail(_))) {
        return;
    }
    let namespaces: BTreeSet<Text> = comparison.namespaces.iter().filter(|namespace| clients.contains(namespace)).cloned().collect();
    if namespaces.is_empty() {
        return;
    }
    let failing_before = FailingBefore::new(states, before);
    let client = describe_clients_in(comparison.kind, &namespaces, comparison.labels);
    for is in &after.endpoints {
        let Verdict::Fail(failure) = is.evaluation.verdict else { continue };
        let Some((workload, _)) = is.endpoint.server else { continue };
        let fails_already = failing_before.contains(is);
        let one = |cause, client, subject, confidence| BlockerKind {
            cause,
            namespace: workload.subject.namespace.clone(),
            client,
            subject,
            failure: Some(failure),
            confidence,
            fails_already,
        };
        if comparison.kind == ClientKind::None {
            for (cause, workloads, name) in outside.of(states.before, &namespaces) {
                let subject = BlockerSubject::Clients(workloads.clone());
                add_servers(states.after, target, found, one(*cause, name.clone(), subject, Confidence::Possible), &is.endpoint);
            }
            continue;
        }
        let (cause, confidence) = cause(comparison.kind, after, is);
        let subject = if cause == MigrationCause::NoTlsMode {
            BlockerSubject::Servers
        } else {
            blocker_subject(states.after, after, comparison.port.1)
        };
        let subject = subject.or_if_no_clients(|| BlockerSubject::Servers);
        add_servers(states.after, target, found, one(cause, client.clone(), subject, confidence), &is.endpoint);
    }
}

/// Adds the servers behind an endpoint that belong to the target.
fn add_servers<'m>(mesh: &'m Mesh<'m>, target: &Target<'_>, found: &mut BlockerSet, kind: BlockerKind, endpoint: &Endpoint<'m>) {
    match (endpoint.represents, endpoint.server) {
        (Some(by), _) => {
            let servers = || mesh.represented(by).filter(|workload| target.contains(workload)).collect();
            found.add_represented(kind, by, endpoint.port, servers);
        }
        (None, Some((workload, _))) if target.contains(workload) => found.add(kind, workload.subject.clone(), endpoint.port),
        (None, _) => {}
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

fn describe_workloads(workloads: &BTreeSet<Subject>) -> String {
    list_names(workloads)
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
                    let name = describe_workloads(&workloads);
                    (cause, workloads.into(), name)
                })
                .collect();
            self.namespaces.clone_from(namespaces);
        }
        &self.found
    }
}

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

/// Annotations that let calls bypass the proxy; clients with the same values are equivalent.
const OUTBOUND: [&str; 4] = ["excludeOutboundPorts", "excludeOutboundIPRanges", "includeOutboundIPRanges", "includeOutboundPorts"];

/// How calls of a pod with a sidecar bypass it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum BypassKind {
    /// By annotations, if they exclude the port or the address.
    Annotations(Labels),
    /// As the proxy's own user, whose calls are never captured (S167).
    ProxyUser,
    /// From init containers that run before the proxy does (S152).
    InitContainers,
}

fn bypass_kinds(instance: &Instance<'_>) -> Vec<BypassKind> {
    let annotation = |name: &&str| instance.annotations.get(&format!("traffic.sidecar.istio.io/{name}"));
    let annotated: Labels = OUTBOUND.iter().filter_map(|name| Some((*name, annotation(name)?))).collect();
    let runs_as_proxy_user = instance.spec.is_some_and(|spec| crate::mesh::runs_as_proxy_user(spec).is_some());
    let all = [
        (!annotated.is_empty()).then_some(BypassKind::Annotations(annotated)),
        runs_as_proxy_user.then_some(BypassKind::ProxyUser),
        (!instance.containers_before_proxy().is_empty()).then_some(BypassKind::InitContainers),
    ];
    all.into_iter().flatten().collect()
}

/// Calls that bypass the client's own proxy (S200).
fn find_bypass_blockers(states: BeforeAfter<'_>, target: &Target<'_>, clients: &Scope, found: &mut BlockerSet) {
    let mesh = states.after;
    let mut by_kind: BTreeMap<(Text, BypassKind), Vec<(&Workload<'_>, &Instance<'_>)>> = BTreeMap::new();
    for workload in mesh.workloads().iter().filter(|workload| clients.contains(&workload.subject.namespace)) {
        for instance in workload.instances.iter().filter(|instance| instance.dataplane == Dataplane::Sidecar) {
            for kind in bypass_kinds(instance) {
                by_kind.entry((workload.subject.namespace.clone(), kind)).or_default().push((workload, instance));
            }
        }
    }
    for ((_, kind), workloads) in &by_kind {
        let Some((workload, instance)) = workloads.first() else { continue };
        let mut from = Client::workload(workload, instance);
        if !matches!(kind, BypassKind::Annotations(_)) {
            from.kind = ClientKind::None;
        }
        let subjects: ClientSet = workloads.iter().map(|(workload, _)| workload.subject.clone()).collect::<BTreeSet<_>>().into();
        let name = describe_workloads(&subjects);
        let name = if *kind == BypassKind::InitContainers { format!("init containers of {name}") } else { name };
        for service in mesh.registry().services().iter().filter(|service| !service.is_external()) {
            for port in &service.ports {
                if let Some(answer) = bypassing_call(mesh, &from, service, port.number) {
                    add_bypass_blockers(states, target, &answer, (&subjects, &name), found);
                }
            }
        }
    }
}

/// The answer to a call, if it bypasses the proxy.
fn bypassing_call<'m>(mesh: &'m Mesh<'m>, from: &Client<'m>, service: &Service<'_>, port: u16) -> Option<CallAnswer<'m>> {
    let question = CallQuestion { from: from.clone(), to: CallTarget::Host(service.host.to_string()), port, subset: None, scheme: None };
    let answer = reach_classes(mesh, &question);
    (answer.client.cluster.is_none() && answer.failure.is_none()).then_some(answer)
}

fn add_bypass_blockers<'m>(
    states: BeforeAfter<'m>,
    target: &Target<'_>,
    answer: &CallAnswer<'m>,
    (subjects, name): (&ClientSet, &str),
    found: &mut BlockerSet,
) {
    for reached in &answer.endpoints {
        let Verdict::Fail(failure) = reached.evaluation.verdict else { continue };
        let Some((workload, _)) = reached.endpoint.server else { continue };
        let kind = BlockerKind {
            cause: MigrationCause::Bypass,
            namespace: workload.subject.namespace.clone(),
            client: name.to_owned(),
            subject: BlockerSubject::Clients(subjects.clone()),
            failure: Some(failure),
            confidence: Confidence::Possible,
            fails_already: is_strict_before(states.before, &reached.endpoint),
        };
        add_servers(states.after, target, found, kind, &reached.endpoint);
    }
}

/// Whether the server of an endpoint is STRICT at its port before the change.
fn is_strict_before(before: &Mesh<'_>, endpoint: &Endpoint<'_>) -> bool {
    let is_strict = |(workload, instance): (&Workload<'_>, &Instance<'_>)| {
        before.server(workload, instance).port(endpoint.port).mode == Some(crate::istio::Mode::Strict)
    };
    if let Some(same) = endpoint.represents.and_then(|by| before.instance_at(*by.class.members.first()?)) {
        return is_strict(same);
    }
    let Some((server, _)) = endpoint.server else { return false };
    let own = before.workloads_in(&server.subject.namespace).iter().find(|workload| workload.subject == server.subject);
    own.is_some_and(|workload| workload.instances.iter().all(|instance| is_strict((workload, instance))))
}
