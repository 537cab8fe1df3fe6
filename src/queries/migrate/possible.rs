//! Callers that a STRICT in force refuses if they call: clients without a proxy, calls that bypass a proxy, and exposed ports (S191, S192, S196,
//! S200, S204).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bypass::{BypassKind, BypassingClients, bypassing_calls, bypassing_clients},
    external_callers::describe_caller,
    target::is_governed,
};
use crate::{
    istio::{Mode, PodSpec},
    mesh::{Client, ClientKind, Dataplane, Mesh, Subject, Verdict},
    object::{Labels, Text, list_names},
    queries::{
        Scope, is_system,
        reach::{CallAnswer, CallQuestion, CallTarget, reach_classes},
    },
};

/// Callers that STRICT ports refuse if they call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PossibleCallers {
    /// The namespaces of the servers; never empty.
    pub namespaces: BTreeSet<Text>,
    pub servers: BTreeSet<Subject>,
    pub callers: BTreeSet<PossibleCaller>,
}

/// A caller whose calls, if there are any, are refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PossibleCaller {
    pub description: String,
    /// The workloads that would call; empty for callers outside the mesh.
    pub workloads: BTreeSet<Subject>,
}

/// By namespace, the workloads with a STRICT port that a client can call.
type StrictServers = BTreeMap<Text, BTreeSet<Subject>>;

/// By namespace of the servers, callers that only these servers have.
type Found = BTreeMap<Text, BTreeSet<PossibleCaller>>;

/// Callers that STRICT ports refuse if they call; namespaces with the same callers are one entry.
#[must_use]
pub fn possible_callers(mesh: &Mesh<'_>) -> Vec<PossibleCallers> {
    let servers = strict_servers(mesh);
    if servers.is_empty() {
        return Vec::new();
    }
    let mut own = Found::new();
    exposed(mesh, &mut own);
    let bypassing = bypassing_clients(mesh, &Scope::default());
    bypassing_by_annotation(mesh, &bypassing, &mut own);
    proxyless(mesh, &mut own);
    let of_all = without_proxy(mesh, &servers, &bypassing);
    let mut grouped: BTreeMap<BTreeSet<PossibleCaller>, PossibleCallers> = BTreeMap::new();
    for (namespace, servers) in servers {
        let callers = own.remove(&namespace).unwrap_or_default();
        let all = || PossibleCallers {
            namespaces: BTreeSet::new(),
            servers: BTreeSet::new(),
            callers: callers.iter().chain(&of_all).cloned().collect(),
        };
        let group = grouped.entry(callers.clone()).or_insert_with(all);
        group.namespaces.insert(namespace);
        group.servers.extend(servers);
    }
    grouped.into_values().filter(|group| !group.callers.is_empty()).collect()
}

fn strict_servers(mesh: &Mesh<'_>) -> StrictServers {
    let mut found = StrictServers::new();
    for (workload, instance, server) in mesh.servers().filter(|(_, instance, _)| is_governed(instance) && !instance.is_assumed) {
        let mut ports = instance.ports.iter().filter(|(_, declared)| declared.is_declared_outside_policies());
        let is_strict = |port: u16| {
            let mode = server.port(port);
            mode.mode == Some(Mode::Strict) && mode.is_enforcement_certain()
        };
        if ports.any(|(port, _)| is_strict(*port)) {
            found.entry(workload.subject.namespace.clone()).or_default().insert(workload.subject.clone());
        }
    }
    found
}

/// Node ports, host ports, and Ingresses whose controller was not read (S196).
fn exposed(mesh: &Mesh<'_>, found: &mut Found) {
    for refused in mesh.refused_external_callers().filter(|refused| !refused.caller.is_certain) {
        let kind = describe_caller(refused.caller.kind);
        let description = format!("{kind} ({})", refused.caller.message);
        let callers = found.entry(refused.workload.subject.namespace.clone()).or_default();
        callers.insert(PossibleCaller { description, workloads: BTreeSet::new() });
    }
}

/// Clients whose calls every STRICT port refuses: without a proxy, or before or beside it (S152, S167, S191, S192).
fn without_proxy(mesh: &Mesh<'_>, servers: &StrictServers, bypassing: &[BypassingClients<'_>]) -> BTreeSet<PossibleCaller> {
    let mut found: BTreeMap<&str, BTreeSet<Subject>> = BTreeMap::new();
    for workload in mesh.workloads().iter().filter(|workload| !is_system(&workload.subject.namespace)) {
        for instance in &workload.instances {
            let Some(spec) = instance.spec.filter(|_| instance.dataplane == Dataplane::None && !instance.is_assumed) else { continue };
            let how = if PodSpec::is_on_host_network(spec) { "on the host network" } else { "without a proxy" };
            found.entry(how).or_default().insert(workload.subject.clone());
        }
    }
    for bypassing in bypassing {
        let how = match bypassing.kind {
            BypassKind::Annotations(_) => continue,
            BypassKind::ProxyUser => "running as the user of the proxy",
            BypassKind::InitContainers => "in init containers that run before the proxy",
        };
        found.entry(how).or_default().extend(bypassing.clients.iter().cloned());
    }
    let only_server = single(servers);
    let calls_others = |workloads: &BTreeSet<Subject>| workloads.iter().any(|workload| Some(workload) != only_server);
    let all = found.into_iter().filter(|(_, workloads)| calls_others(workloads));
    all.map(|(how, workloads)| PossibleCaller { description: format!("{} ({how})", list_names(&workloads)), workloads }).collect()
}

/// The server, if there is only one.
fn single(servers: &StrictServers) -> Option<&Subject> {
    let mut all = servers.values().flatten();
    all.next().filter(|_| all.next().is_none())
}

/// Clients whose annotations exclude a STRICT port or its address from capture (S200).
fn bypassing_by_annotation<'m>(mesh: &'m Mesh<'m>, all: &[BypassingClients<'m>], found: &mut Found) {
    for bypassing in all.iter().filter(|bypassing| matches!(bypassing.kind, BypassKind::Annotations(_))) {
        let description = format!("{} (excluded from the proxy by annotation)", list_names(&bypassing.clients));
        let namespaces: BTreeSet<Text> = bypassing_calls(mesh, &bypassing.example).flat_map(|answer| refusing(&answer)).collect();
        for namespace in namespaces {
            let caller = PossibleCaller { description: description.clone(), workloads: bypassing.clients.clone() };
            found.entry(namespace).or_default().insert(caller);
        }
    }
}

/// Proxyless gRPC clients without a rule that makes them use mTLS (S204).
fn proxyless(mesh: &Mesh<'_>, found: &mut Found) {
    let mut clients: BTreeMap<&Text, BTreeSet<Subject>> = BTreeMap::new();
    for workload in mesh.workloads() {
        if workload.instances.iter().any(|instance| instance.dataplane == Dataplane::Proxyless) {
            clients.entry(&workload.subject.namespace).or_default().insert(workload.subject.clone());
        }
    }
    for (namespace, workloads) in clients {
        let from = Client::any(mesh.indices(), namespace, Labels::default(), ClientKind::Proxyless);
        for service in mesh.registry().services().iter().filter(|service| !service.is_external()) {
            for port in &service.ports {
                let to = CallTarget::Host(service.host.to_string());
                let question = CallQuestion { from: from.clone(), to, port: port.number, subset: None, scheme: None };
                for server in refusing(&reach_classes(mesh, &question)) {
                    let description = format!("{} (proxyless gRPC)", list_names(&workloads));
                    found.entry(server).or_default().insert(PossibleCaller { description, workloads: workloads.clone() });
                }
            }
        }
    }
}

/// The namespaces of the servers that refuse a call because they are STRICT.
fn refusing(answer: &CallAnswer<'_>) -> BTreeSet<Text> {
    let refuses = answer.endpoints.iter().filter(|one| {
        matches!(one.evaluation.verdict, Verdict::Fail(_)) && one.evaluation.mode == Some(Mode::Strict) && one.evaluation.is_certain
    });
    refuses.filter_map(|one| one.endpoint.server).map(|(workload, _)| workload.subject.namespace.clone()).collect()
}
