//! The names that pods have below a headless Service in cluster DNS (S216, S222).

use super::{endpoint::Endpoint, registry::Service};
use crate::{
    istio::{Controller, PodSpec},
    mesh::{Mesh, Workload},
    object::{Id, Kind, Text},
};

/// The number of names that are listed of a `StatefulSet` without pods.
const LISTED: i64 = 20;

/// A pod of a headless Service, by its name below that of the Service (S216).
#[derive(Clone, Debug)]
pub struct HeadlessPod<'m> {
    pub service: &'m Service<'m>,
    pub name: Text,
}

/// The name of an endpoint below its headless Service.
#[derive(Clone, Copy)]
enum OwnName<'m> {
    /// The hostname.
    Hostname(&'m Text),
    /// None: its hostname is one below another Service.
    Elsewhere,
    /// It is not known to set a hostname.
    Unset,
    /// The pods that a `StatefulSet` would create.
    Numbered(Controller<'m>),
}

impl HeadlessPod<'_> {
    /// Whether an endpoint is the pod, or the template of its `StatefulSet`. Cluster DNS has the hostnames of pods, which for those of a
    /// `StatefulSet` are their names, and addresses with dashes for the others (S222).
    #[must_use]
    pub fn is(&self, mesh: &Mesh<'_>, endpoint: &Endpoint<'_>) -> bool {
        self.is_named(mesh, endpoint, own_name(mesh, self.service, endpoint))
    }

    fn is_named(&self, mesh: &Mesh<'_>, endpoint: &Endpoint<'_>, own: OwnName<'_>) -> bool {
        let has_address = || mesh.address_of(endpoint).is_some_and(|address| address.replace(['.', ':'], "-") == *self.name);
        match (own, endpoint.pod) {
            (OwnName::Hostname(hostname), _) => *hostname == self.name,
            (OwnName::Numbered(set), _) => is_number_of(set, &self.name) != Some(false),
            (OwnName::Elsewhere, _) => has_address(),
            (OwnName::Unset, Some(pod)) => *pod == self.name || has_address(),
            (OwnName::Unset, None) => false,
        }
    }
}

impl Mesh<'_> {
    /// The pod and the headless Service that a host `POD.NAME.NAMESPACE.svc.DOMAIN` names (S216).
    #[must_use]
    pub fn headless_pod<'m>(&'m self, host: &str) -> Option<HeadlessPod<'m>> {
        let (pod, service) = host.split_once('.')?;
        self.cluster_domain().service_part(service).filter(|part| part.split('.').count() == 2)?;
        let service = self.registry().at(service).find(|service| service.is_headless())?;
        Some(HeadlessPod { service, name: pod.into() })
    }

    /// Whether it is certain that a headless Service has no pod by this name; `None` if it has one.
    #[must_use]
    pub fn missing_pod(&self, named: &HeadlessPod<'_>) -> Option<bool> {
        let endpoints = self.headless_endpoints(named.service, 1);
        let id = Id::new(Kind::Pod, named.service.id.namespace.clone(), named.name.clone());
        let is_not_ready = || {
            // A ready pod is among the endpoints, whatever its name in DNS is.
            if endpoints.iter().any(|endpoint| endpoint.pod == Some(&named.name)) {
                return false;
            }
            let selector = named.service.selector();
            self.pod_named(&id).is_some_and(|(_, instance, _)| selector.is_some_and(|labels| labels.selects(&instance.labels)))
        };
        let is_known = |own: OwnName<'_>| match own {
            OwnName::Numbered(set) => is_number_of(set, &named.name).is_some(),
            OwnName::Hostname(_) | OwnName::Elsewhere | OwnName::Unset => true,
        };
        // Hostnames that pods set themselves are not always read (S222).
        let has_known_name = |endpoint: &Endpoint<'_>, own: OwnName<'_>| match own {
            OwnName::Hostname(_) | OwnName::Elsewhere | OwnName::Numbered(_) => true,
            OwnName::Unset => endpoint.server.is_some_and(|(workload, _)| is_stateful(workload)),
        };
        let (mut is_found, mut has_known_names) = (false, true);
        for endpoint in &endpoints {
            let own = own_name(self, named.service, endpoint);
            if named.is_named(self, endpoint, own) {
                if is_known(own) {
                    return None;
                }
                is_found = true;
            }
            has_known_names &= has_known_name(endpoint, own);
        }
        if is_found {
            return Some(false);
        }
        if is_not_ready() {
            return None;
        }
        Some(has_known_names && self.indices().coverage().covers_workloads(&named.service.id.namespace))
    }

    /// The names that cluster DNS has for the pods of a headless Service.
    #[must_use]
    pub fn pod_names(&self, service: &Service<'_>) -> Vec<String> {
        let endpoints = self.headless_endpoints(service, 1);
        let mut names: Vec<String> = endpoints.iter().flat_map(|endpoint| dns_names(self, service, endpoint)).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// The name that an endpoint has below a Service: the hostnames of pods in one instance may differ.
fn own_name<'m>(mesh: &'m Mesh<'m>, service: &Service<'_>, endpoint: &Endpoint<'m>) -> OwnName<'m> {
    let spec = endpoint.server.and_then(|(workload, instance)| match endpoint.pod {
        Some(pod) => mesh.pod_spec(&workload.subject.namespace, pod),
        None => instance.spec,
    });
    match spec.map(PodSpec::hostname) {
        Some((hostname, subdomain)) if !hostname.is_empty() && *subdomain == service.id.name => return OwnName::Hostname(hostname),
        Some((hostname, _)) if !hostname.is_empty() => return OwnName::Elsewhere,
        _ => {}
    }
    let set = endpoint
        .server
        .filter(|(workload, _)| is_stateful(workload))
        .and_then(|(workload, _)| mesh.indices().controller(&workload.subject));
    match (set, endpoint.pod) {
        (Some(set), None) if *set.service_name() == service.id.name => OwnName::Numbered(set),
        (Some(_), None) => OwnName::Elsewhere,
        (Some(set), Some(_)) if !set.service_name().is_empty() && *set.service_name() != service.id.name => OwnName::Elsewhere,
        (_, _) => OwnName::Unset,
    }
}

/// Whether a name is that of a pod that a `StatefulSet` creates: its own with one of its numbers; `None` if that depends on how many pods it is
/// scaled to.
fn is_number_of(set: Controller<'_>, name: &str) -> Option<bool> {
    let ordinal = name.strip_prefix(set.id.name.as_str()).and_then(|rest| rest.strip_prefix('-'));
    let ordinal = ordinal.filter(|text| text.bytes().all(|digit| digit.is_ascii_digit()) && (*text == "0" || !text.starts_with('0')));
    let Some(number) = ordinal.and_then(|text| text.parse::<i64>().ok()) else { return Some(false) };
    let first = set.first_ordinal();
    match set.replicas() {
        _ if number < first => Some(false),
        Some(replicas) => Some(number < first.saturating_add(replicas)),
        None if number == first => Some(true),
        None => None,
    }
}

/// The names of an endpoint in cluster DNS, if it is a pod, or a template of pods with known names.
fn dns_names(mesh: &Mesh<'_>, service: &Service<'_>, endpoint: &Endpoint<'_>) -> Vec<String> {
    match own_name(mesh, service, endpoint) {
        OwnName::Hostname(hostname) => vec![hostname.to_string()],
        OwnName::Elsewhere => Vec::new(),
        OwnName::Unset => endpoint.pod.map(ToString::to_string).into_iter().collect(),
        OwnName::Numbered(set) => {
            let numbers = (0..set.replicas().unwrap_or(1).min(LISTED)).map(|at| set.first_ordinal().saturating_add(at));
            numbers.map(|number| format!("{}-{number}", set.id.name)).collect()
        }
    }
}

fn is_stateful(workload: &Workload<'_>) -> bool {
    workload.subject.kind == Kind::StatefulSet.into()
}
