//! Names on the command line: workloads as `NAMESPACE/KIND/NAME:PORT`, of which only the name is required, Services and namespaces.

use anyhow::anyhow;

use super::{args::ScopeArgs, suggest, usage::usage};
use crate::{
    mesh::{Mesh, Service, Workload},
    object::{Gap, Id},
    queries::{
        Scope,
        explain::{self, WorkloadName},
    },
};

/// Parses `NAMESPACE/KIND/NAME:PORT`, of which only the name is required.
pub(super) fn parse<'a>(what: &'a str, scope: &'a ScopeArgs) -> anyhow::Result<(WorkloadName<'a>, Option<u16>)> {
    let (path, port) = match what.rsplit_once(':') {
        Some((path, port)) => match port.parse() {
            Ok(number) if number != 0 => (path, Some(number)),
            _ => return Err(usage(format!("invalid port `{port}`: expected a number from 1 to 65535, as in {path}:8080"))),
        },
        None => (what, None),
    };
    let given = scope.namespaces.first().map(String::as_str);
    let wanted = match path.split('/').collect::<Vec<_>>().as_slice() {
        [namespace, kind, name] => WorkloadName { namespace: Some(namespace), kind: Some(kind), name },
        [kind, name] => WorkloadName { namespace: given, kind: Some(kind), name },
        [name] => WorkloadName { namespace: given, kind: None, name },
        _ => return Err(usage(format!("invalid workload `{what}`: expected NAMESPACE/KIND/NAME, such as shop/deploy/web"))),
    };
    if wanted.name.is_empty() {
        return Err(usage(format!("invalid workload `{what}`: expected a name, as in NAMESPACE/KIND/NAME, such as shop/deploy/web")));
    }
    Ok((wanted, port))
}

/// The one workload that the name matches; `rules` are names of rules that `what` may be instead.
///
/// # Errors
/// If there is none, or more than one.
pub(super) fn resolve<'m>(mesh: &'m Mesh<'m>, wanted: &WorkloadName<'_>, what: &str, rules: &[String]) -> anyhow::Result<&'m Workload<'m>> {
    match explain::find(mesh, wanted).as_slice() {
        [one] => Ok(one),
        [] => {
            let workloads = similar_workloads(mesh, wanted);
            let suggestion = suggest::did_you_mean(if workloads.is_empty() { rules } else { &workloads });
            Err(anyhow!("unknown workload `{what}`: no such workload was read{suggestion}"))
        }
        several => {
            let all: Vec<String> = several.iter().map(|workload| workload.subject.path()).collect();
            Err(usage(format!("ambiguous workload `{what}`: expected one of {}", all.join(", "))))
        }
    }
}

/// Workloads with a similar name; of equally similar ones, those in the namespace that was given or a similar one come first.
fn similar_workloads(mesh: &Mesh<'_>, wanted: &WorkloadName<'_>) -> Vec<String> {
    let candidate = |workload: &Workload<'_>| {
        let subject = &workload.subject;
        let name = suggest::distance(wanted.name, &subject.name)?;
        let namespace = wanted.namespace.map_or(0, |namespace| suggest::edits(namespace, &subject.namespace));
        Some(((name, namespace), workload.subject.path()))
    };
    suggest::nearest(mesh.workloads().iter().filter_map(candidate))
}

/// Services with a similar name, as `NAMESPACE/NAME`; of equally similar ones, those in the namespace or a similar one come first.
pub(super) fn similar_services(mesh: &Mesh<'_>, namespace: &str, name: &str) -> Vec<String> {
    let candidate = |service: &Service<'_>| {
        let name = suggest::distance(name, &service.id.name)?;
        Some(((name, suggest::edits(namespace, &service.id.namespace)), service.id.path()))
    };
    suggest::nearest(mesh.registry().services().iter().filter(|service| service.is_kubernetes()).filter_map(candidate))
}

/// Hosts similar to one that no object has: of Services as `NAME.NAMESPACE`, of other services in full.
pub(super) fn similar_hosts(mesh: &Mesh<'_>, host: &str) -> Vec<String> {
    let candidate = |service: &Service<'_>| {
        let Id { namespace, name, .. } = service.id;
        let full = || suggest::distance(host, &service.host);
        if !service.is_kubernetes() {
            return Some((full()?, service.host.to_string()));
        }
        let short = format!("{name}.{namespace}");
        let distance = if host.contains('.') { suggest::distance(host, &short).or_else(full) } else { suggest::distance(host, name) };
        Some((distance?, short))
    };
    suggest::nearest(mesh.registry().services().iter().filter_map(candidate))
}

/// A host with more differences may well be outside the mesh.
const MAX_EDITS_OF_HOST: usize = 2;

/// Hosts of Services, as `NAME.NAMESPACE`, of which a host in that form, or its end below the name of a pod, is a misspelling.
pub(super) fn misspelt_hosts(mesh: &Mesh<'_>, host: &str) -> Vec<String> {
    let (pod, short) = match host.split('.').collect::<Vec<_>>().as_slice() {
        [_, _] => ("", host),
        [pod, _, _] => host.split_at(pod.len() + 1),
        [.., _, _, _] => return misspelt_domains(mesh, host),
        _ => return Vec::new(),
    };
    if let Some((pod, service)) = host.split_once('.').filter(|(_, service)| !service.contains('.')) {
        let found = pods_below(mesh, pod, service);
        if !found.is_empty() {
            return found;
        }
    }
    let candidate = |service: &Service<'_>| {
        let existing = format!("{}.{}", service.id.name, service.id.namespace);
        Some((suggest::misspelling(short, &existing).filter(|edits| *edits <= MAX_EDITS_OF_HOST)?, format!("{pod}{existing}")))
    };
    suggest::nearest(mesh.registry().services().iter().filter(|service| service.is_kubernetes()).filter_map(candidate))
}

/// Names in full, as `NAME.NAMESPACE.svc.DOMAIN` or below one, of which a host is a misspelling after the first label or anywhere.
fn misspelt_domains(mesh: &Mesh<'_>, host: &str) -> Vec<String> {
    let of = |service: &Service<'_>| {
        let full = service.host.as_str();
        let own = suggest::edits(host, full);
        let (pod, rest) = host.split_once('.')?;
        let below = if service.is_headless() { suggest::edits(rest, full) } else { usize::MAX };
        let (edits, name) = if own <= below { (own, full.to_owned()) } else { (below, format!("{pod}.{full}")) };
        (edits <= MAX_EDITS_OF_HOST).then_some((edits, name))
    };
    suggest::nearest(mesh.registry().services().iter().filter(|service| service.is_kubernetes()).filter_map(of))
}

/// `POD.NAME.NAMESPACE` of pods that headless Services with this name have, in whatever namespace.
fn pods_below(mesh: &Mesh<'_>, pod: &str, service: &str) -> Vec<String> {
    let is_headless = |one: &&Service<'_>| one.is_headless() && *one.id.name == *service;
    let exists =
        |one: &&Service<'_>| mesh.headless_pod(&format!("{pod}.{}", one.host)).is_some_and(|named| mesh.missing_pod(&named).is_none());
    let services = mesh.registry().services().iter().filter(is_headless).filter(exists);
    suggest::nearest(services.map(|one| (0_u8, format!("{pod}.{}.{}", one.id.name, one.id.namespace))))
}

/// Services with this name in other namespaces, as `NAME.NAMESPACE`.
pub(super) fn namesakes(mesh: &Mesh<'_>, name: &str) -> Vec<String> {
    let services = mesh.registry().services().iter().filter(|one| one.is_kubernetes() && *one.id.name == *name);
    suggest::nearest(services.map(|one| (0_u8, format!("{}.{}", one.id.name, one.id.namespace))))
}

/// Gaps for requested namespaces and labels that match nothing, so that an answer about them would be empty.
pub(super) fn unmatched(mesh: &Mesh<'_>, scope: &Scope) -> Vec<Gap> {
    let gap = |namespace: &str| {
        let similar = suggest::names(namespace, mesh.namespaces().keys().map(AsRef::as_ref));
        let hint = format!("check the name; repeat -n for several namespaces{}", suggest::did_you_mean(&similar));
        Gap::new(format!("namespace {namespace}"), "no object in it was read", hint)
    };
    let mut gaps: Vec<Gap> = scope.unmatched_namespaces(mesh).map(gap).collect();
    if gaps.is_empty() && scope.has_unmatched_labels(mesh) {
        let resource = "workloads with the labels of -l";
        gaps.push(Gap::new(resource, "no workload in scope has them", "check the labels: -l matches labels of pods"));
    }
    gaps
}
