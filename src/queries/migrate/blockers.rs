//! The calls that fail once the target is STRICT, one blocker for each cause (S191–S204).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{Blocker, Cause, Clients, Confidence, Shown, Within, clients, merged},
    external_callers,
    target::Target,
};
use crate::{
    istio::PodSpec,
    mesh::{
        AutoMtlsOff, Client, ClientKind, Cluster, ClusterTls, Dataplane, Failure, Instance, Mesh, Service, Subject, Verdict, Wire, Workload,
    },
    object::{LabelSelector, Labels, Text, abbreviated_list},
    queries::{
        Scope,
        compare::{BeforeAfter, CallComparison, Which},
        reach::{Question, Reach, Reached, To, reach},
    },
};

/// All calls to servers of the target that fail in the state after, except those of clients in excluded namespaces.
#[must_use]
pub fn blockers(states: BeforeAfter<'_>, target: &Target<'_>, scope: &Scope) -> Vec<Blocker> {
    let mut found = Vec::new();
    let clients = Scope { namespaces: Vec::new(), selector: LabelSelector::default(), ..scope.clone() };
    let everything = Scope { include_system: true, ..Scope::default() };
    let mut outside = WithoutProxy::default();
    states.compare(Which::Every, &everything, |relation| of_relation(states, target, &clients, &mut outside, &relation, &mut found));
    of_bypass(states, target, &clients, &mut found);
    found.extend(external_callers::blockers(states, target));
    merged(found, Within::Namespace)
}

fn of_relation(
    states: BeforeAfter<'_>,
    target: &Target<'_>,
    clients: &Scope,
    outside: &mut WithoutProxy,
    relation: &CallComparison<'_, '_>,
    found: &mut Vec<Blocker>,
) {
    let (Some(before), Some(after)) = (&relation.before, &relation.after) else { return };
    if !after.endpoints.iter().any(|is| matches!(is.evaluation.verdict, Verdict::Fail(_))) {
        return;
    }
    let namespaces: BTreeSet<Text> = relation.namespaces.iter().filter(|namespace| clients.holds(namespace)).cloned().collect();
    if namespaces.is_empty() {
        return;
    }
    for (was, is) in before.endpoints.iter().zip(&after.endpoints) {
        let Verdict::Fail(failure) = is.evaluation.verdict else { continue };
        let Some((workload, _)) = is.endpoint.server.filter(|(workload, _)| target.holds(workload)) else { continue };
        let one = |cause, client, shown_by, confidence| Blocker {
            cause,
            namespace: workload.subject.namespace.clone(),
            servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::from([is.endpoint.port]))]),
            client,
            shown_by,
            failure: Some(failure),
            confidence,
            fails_already: matches!(was.evaluation.verdict, Verdict::Fail(_)),
        };
        if relation.kind == ClientKind::None {
            for (cause, who, name) in outside.of(states.before, &namespaces) {
                found.push(one(*cause, name.clone(), Shown::Clients(who.clone()), Confidence::Possible));
            }
            continue;
        }
        let (cause, confidence) = cause(relation.kind, after, is);
        let shown_by = if cause == Cause::NoTlsMode { Shown::Servers } else { shown(states.after, after, relation.port.1) };
        let shown_by = shown_by.unless(|| Shown::Servers);
        found.push(one(cause, clients_of(relation.kind, &namespaces, relation.labels), shown_by, confidence));
    }
}

/// Why the client does not send mTLS that the server accepts.
fn cause(kind: ClientKind, answer: &Reach<'_>, reached: &Reached<'_>) -> (Cause, Confidence) {
    let cluster = answer.client.cluster.as_ref();
    match (kind, reached.evaluation.verdict) {
        (_, Verdict::Fail(Failure::F5)) => (Cause::Identity, Confidence::Certain),
        (ClientKind::Ambient | ClientKind::Waypoint, _) => (Cause::DataPlanes, Confidence::Possible),
        (ClientKind::Proxyless, _) => (Cause::Proxyless, Confidence::Possible),
        (_, _) if cluster.is_none() => (Cause::Hidden, Confidence::Possible),
        (_, _) => (of_cluster(cluster, reached.wire), Confidence::Certain),
    }
}

fn of_cluster(cluster: Option<&Cluster<'_>>, wire: Wire) -> Cause {
    match cluster.map(|cluster| (cluster.configured, cluster.auto_mtls_off, cluster.tls)) {
        Some((None, Some(AutoMtlsOff::Endpoints), _)) => Cause::PodIp,
        Some((None, None, ClusterTls::Auto)) if wire == Wire::Plaintext => Cause::NoTlsMode,
        _ => Cause::ClientRule,
    }
}

/// The field of the rule that decides; an empty set of clients if no rule does.
fn shown(mesh: &Mesh<'_>, answer: &Reach<'_>, port: u16) -> Shown {
    let field = answer.client.cluster.as_ref().and_then(|cluster| mesh.indices().deciding_field(cluster, port, None));
    field.map_or_else(|| Shown::Clients(Clients::default()), |(id, at)| Shown::Field(id, at))
}

fn clients_of(kind: ClientKind, namespaces: &BTreeSet<Text>, labels: &Labels) -> String {
    let with = if labels.is_empty() { String::new() } else { format!(" with {labels}") };
    format!("{}{with} in {}", clients(kind), abbreviated_list(3, namespaces))
}

fn named(who: &BTreeSet<Subject>) -> String {
    abbreviated_list(3, who)
}

/// Cache of the workloads without a proxy in the namespaces of the last call: consecutive services have the same client namespaces.
#[derive(Debug, Default)]
struct WithoutProxy {
    namespaces: BTreeSet<Text>,
    found: Vec<(Cause, Clients, String)>,
}

impl WithoutProxy {
    /// Those in these namespaces, with their names; those on the network of their node are a separate entry.
    fn of(&mut self, mesh: &Mesh<'_>, namespaces: &BTreeSet<Text>) -> &[(Cause, Clients, String)] {
        if self.namespaces != *namespaces {
            let found = without_proxy(mesh, namespaces).into_iter();
            self.found = found
                .map(|(cause, who)| {
                    let name = named(&who);
                    (cause, who.into(), name)
                })
                .collect();
            self.namespaces.clone_from(namespaces);
        }
        &self.found
    }
}

fn without_proxy(mesh: &Mesh<'_>, namespaces: &BTreeSet<Text>) -> BTreeMap<Cause, BTreeSet<Subject>> {
    let mut found: BTreeMap<Cause, BTreeSet<Subject>> = BTreeMap::new();
    for workload in namespaces.iter().flat_map(|namespace| mesh.workloads_in(namespace)) {
        for instance in workload.instances.iter().filter(|one| one.dataplane == Dataplane::None && one.spec.is_some()) {
            let is_of_host = instance.spec.is_some_and(PodSpec::is_on_host_network);
            let cause = if is_of_host { Cause::HostNetwork } else { Cause::WithoutProxy };
            found.entry(cause).or_default().insert(workload.subject.clone());
        }
    }
    found
}

/// Annotations that let calls bypass the proxy; clients with the same values are equivalent.
const OUTBOUND: [&str; 4] = ["excludeOutboundPorts", "excludeOutboundIPRanges", "includeOutboundIPRanges", "includeOutboundPorts"];

/// How calls of a pod with a sidecar bypass it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// By annotations, if they exclude the port or the address.
    Annotated(Labels),
    /// As the proxy's own user, whose calls are never captured (S167).
    AsProxy,
    /// From init containers that run before the proxy does (S152).
    Early,
}

fn ways(instance: &Instance<'_>) -> Vec<Way> {
    let annotation = |name: &&str| instance.annotations.get(&format!("traffic.sidecar.istio.io/{name}"));
    let annotated: Labels = OUTBOUND.iter().filter_map(|name| Some((*name, annotation(name)?))).collect();
    let runs_as_proxy_user = instance.spec.is_some_and(|spec| crate::mesh::runs_as_proxy_user(spec).is_some());
    let all = [
        (!annotated.is_empty()).then_some(Way::Annotated(annotated)),
        runs_as_proxy_user.then_some(Way::AsProxy),
        (!instance.containers_before_proxy().is_empty()).then_some(Way::Early),
    ];
    all.into_iter().flatten().collect()
}

/// Calls that bypass the client's own proxy (S200).
fn of_bypass(states: BeforeAfter<'_>, target: &Target<'_>, clients: &Scope, found: &mut Vec<Blocker>) {
    let mesh = states.after;
    let mut alike: BTreeMap<(Text, Way), Vec<(&Workload<'_>, &Instance<'_>)>> = BTreeMap::new();
    for workload in mesh.workloads().iter().filter(|workload| clients.holds(&workload.subject.namespace)) {
        for instance in workload.instances.iter().filter(|instance| instance.dataplane == Dataplane::Sidecar) {
            for way in ways(instance) {
                alike.entry((workload.subject.namespace.clone(), way)).or_default().push((workload, instance));
            }
        }
    }
    for ((_, way), who) in &alike {
        let Some((workload, instance)) = who.first() else { continue };
        let mut from = Client::workload(workload, instance);
        if !matches!(way, Way::Annotated(_)) {
            from.kind = ClientKind::None;
        }
        let subjects: Clients = who.iter().map(|(workload, _)| workload.subject.clone()).collect::<BTreeSet<_>>().into();
        let name = named(&subjects);
        let name = if *way == Way::Early { format!("init containers of {name}") } else { name };
        for service in mesh.registry().services().iter().filter(|service| !service.is_external()) {
            for port in &service.ports {
                let answer = past(mesh, &from, service, port.number);
                found.extend(answer.iter().flat_map(|answer| of_past(states.before, target, answer, &subjects, &name)));
            }
        }
    }
}

/// The answer to a call, if it bypasses the proxy.
fn past<'m>(mesh: &'m Mesh<'m>, from: &Client<'m>, service: &Service<'_>, port: u16) -> Option<Reach<'m>> {
    let question = Question { from: from.clone(), to: To::Host(service.host.to_string()), port, subset: None, scheme: None };
    let answer = reach(mesh, &question);
    (answer.client.cluster.is_none() && answer.failure.is_none()).then_some(answer)
}

fn of_past(before: &Mesh<'_>, target: &Target<'_>, answer: &Reach<'_>, subjects: &Clients, name: &str) -> Vec<Blocker> {
    let mut found = Vec::new();
    for reached in &answer.endpoints {
        let Verdict::Fail(failure) = reached.evaluation.verdict else { continue };
        let Some((workload, _)) = reached.endpoint.server.filter(|(workload, _)| target.holds(workload)) else { continue };
        found.push(Blocker {
            cause: Cause::Bypass,
            namespace: workload.subject.namespace.clone(),
            servers: BTreeMap::from([(workload.subject.clone(), BTreeSet::from([reached.endpoint.port]))]),
            client: name.to_owned(),
            shown_by: Shown::Clients(subjects.clone()),
            failure: Some(failure),
            confidence: Confidence::Possible,
            fails_already: is_strict(before, workload, reached.endpoint.port),
        });
    }
    found
}

fn is_strict(mesh: &Mesh<'_>, server: &Workload<'_>, port: u16) -> bool {
    let own = mesh.workloads_in(&server.subject.namespace).iter().find(|workload| workload.subject == server.subject);
    own.is_some_and(|workload| {
        workload.instances.iter().all(|instance| mesh.server(workload, instance).port(port).mode == Some(crate::istio::Mode::Strict))
    })
}
