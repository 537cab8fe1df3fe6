//! Calls that bypass the client's own proxy (S200).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    blocker::{BlockerKind, BlockerSet, BlockerSubject, ClientSet, Confidence, MigrationCause, Today},
    servers::{add_servers, is_cut_off_before},
    target::Target,
};
use crate::{
    mesh::{Client, ClientKind, Dataplane, Instance, Mesh, Service, Subject, Verdict, runs_as_proxy_user},
    object::{Labels, list_names},
    queries::{
        Scope,
        compare::BeforeAfter,
        reach::{CallAnswer, CallQuestion, CallTarget, reach_classes},
    },
};

/// Annotations that let calls bypass the proxy; clients with the same values are equivalent.
const OUTBOUND: [&str; 4] = [
    "traffic.sidecar.istio.io/excludeOutboundPorts",
    "traffic.sidecar.istio.io/excludeOutboundIPRanges",
    "traffic.sidecar.istio.io/includeOutboundIPRanges",
    "traffic.sidecar.istio.io/includeOutboundPorts",
];

/// How calls of a pod with a sidecar bypass it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BypassKind {
    /// By annotations, if they exclude the port or the address.
    Annotations(Labels),
    /// As the proxy's own user, whose calls are never captured (S167).
    ProxyUser,
    /// From init containers that run before the proxy does (S152).
    InitContainers,
}

fn bypass_kinds(mesh: &Mesh<'_>, instance: &Instance<'_>) -> Vec<BypassKind> {
    let annotated: Labels = OUTBOUND.iter().filter_map(|name| Some((*name, instance.annotations.get(name)?))).collect();
    let runs_as_proxy_user = instance.spec.is_some_and(|spec| runs_as_proxy_user(spec).is_some());
    let all = [
        (!annotated.is_empty()).then_some(BypassKind::Annotations(annotated)),
        runs_as_proxy_user.then_some(BypassKind::ProxyUser),
        (!mesh.indices().containers_before_proxy(instance).is_empty()).then_some(BypassKind::InitContainers),
    ];
    all.into_iter().flatten().collect()
}

/// Clients whose calls bypass their proxy in the same way.
pub(super) struct BypassingClients<'m> {
    pub(super) kind: BypassKind,
    /// One of them; its calls get the same results as those of the others.
    pub(super) example: Client<'m>,
    pub(super) clients: BTreeSet<Subject>,
}

impl BypassingClients<'_> {
    pub(super) fn describe(&self) -> String {
        let names = list_names(&self.clients);
        if self.kind == BypassKind::InitContainers { format!("init containers of {names}") } else { names }
    }
}

/// The clients in scope whose calls bypass their proxy, by how they do.
pub(super) fn bypassing_clients<'m>(mesh: &'m Mesh<'m>, clients: &Scope) -> Vec<BypassingClients<'m>> {
    let mut found: BTreeMap<BypassKind, BypassingClients<'m>> = BTreeMap::new();
    for workload in mesh.workloads().iter().filter(|workload| clients.contains(&workload.subject.namespace)) {
        for instance in workload.instances.iter().filter(|instance| instance.dataplane == Dataplane::Sidecar) {
            for kind in bypass_kinds(mesh, instance) {
                let entry = found.entry(kind.clone()).or_insert_with(|| {
                    let mut example = Client::workload(workload, instance);
                    if !matches!(kind, BypassKind::Annotations(_)) {
                        example.kind = ClientKind::None;
                    }
                    BypassingClients { kind, example, clients: BTreeSet::new() }
                });
                entry.clients.insert(workload.subject.clone());
            }
        }
    }
    found.into_values().collect()
}

/// Adds the calls that bypass the client's proxy and fail in the state after.
pub(super) fn find_blockers(states: BeforeAfter<'_>, target: &Target<'_>, clients: &Scope, found: &mut BlockerSet) {
    for bypassing in bypassing_clients(states.after, clients) {
        let name = bypassing.describe();
        let subjects: ClientSet = bypassing.clients.into();
        for answer in bypassing_calls(states.after, &bypassing.example) {
            add_bypass_blockers(states, target, &answer, (&subjects, &name), found);
        }
    }
}

/// The answers to the calls of a client that bypass its proxy.
pub(super) fn bypassing_calls<'m>(mesh: &'m Mesh<'m>, from: &Client<'m>) -> impl Iterator<Item = CallAnswer<'m>> {
    let services = mesh.registry().services().iter().filter(|service| !service.is_external());
    let ports = services.flat_map(|service| service.ports.iter().map(move |port| (service, port.number)));
    ports.filter_map(|(service, port)| bypassing_call(mesh, from, service, port))
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
            today: if is_cut_off_before(states.before, reached, ClientKind::None) { Today::CutOff } else { Today::Works },
        };
        add_servers(states.after, target, found, kind, &reached.endpoint);
    }
}
