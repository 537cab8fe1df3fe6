//! Destinations of routes, and of other calls, that do not exist (S223, S237, S243, S245, S332, S334).

use std::{collections::BTreeSet, net::IpAddr};

use super::{Finding, Rule};
use crate::{
    istio::{GatewayRoute, PortRef, ProtocolClass, Route, RouteAction, RouteDestination, RouteType, VirtualService},
    mesh::{Mesh, Port},
    object::{FieldPath, Id, Kind, list_names},
    queries::reach::{self, Missing, MissingName},
};

/// What a call needs that certainly does not exist, and the last step of the field that names it.
pub(super) fn missing(mesh: &Mesh<'_>, host: &str, port: Option<PortRef<'_>>, namespace: &str) -> Option<(MissingName, bool)> {
    let certain = |missing: Missing| missing.is_certain.then_some(missing.what);
    let of_port = || match port? {
        PortRef::Number(number) => reach::missing_port(mesh, host, number).or_else(|| reach::missing_behind_alias(mesh, host, number)),
        PortRef::Name(name) => reach::missing_port_name(mesh, host, name),
    };
    let of_host = reach::missing_host(mesh, host, namespace).and_then(certain);
    of_host.map(|what| (what, false)).or_else(|| Some((of_port().and_then(certain)?, true)))
}

/// What is missing, in words, and the object that lacks it.
pub(super) fn reason<'w>(mesh: &Mesh<'_>, what: &'w MissingName) -> (String, Option<&'w Id>) {
    let only_ports = |service: &Id, port: &str, known: fn(&Port) -> String| {
        let ports = mesh.registry().of(service).map(|found| list_names(found.ports.iter().map(known))).unwrap_or_default();
        format!("{service} has no port {port}, only {ports}")
    };
    match what {
        MissingName::Namespace(name) => (format!("namespace {name} does not exist"), None),
        MissingName::Service { namespace, name } => (format!("Service {namespace}/{name} does not exist"), None),
        MissingName::Pod { service, name } if mesh.registry().of(service).is_some_and(|found| !found.is_headless()) => {
            (format!("{service} is not headless, so there is no name for a pod {name}"), Some(service))
        }
        MissingName::Pod { service, name } => (format!("{service} has no pod {name}"), Some(service)),
        MissingName::Target { alias, target } => (format!("DNS does not resolve {target}, the externalName of {alias}"), Some(alias)),
        MissingName::Port { service, number } => (only_ports(service, &number.to_string(), |port| port.number.to_string()), Some(service)),
        MissingName::PortName { service, name } => (only_ports(service, name, |port| port.name.to_string()), Some(service)),
    }
}

/// The calls that routes define.
pub(super) struct RoutedCalls<'a, 'm> {
    pub(super) mesh: &'a Mesh<'m>,
    pub(super) rule: &'static Rule,
}

/// A destination that has no cluster.
struct NoCluster {
    at: FieldPath,
    reason: String,
    fix: Option<String>,
    related: Option<Id>,
}

impl RoutedCalls<'_, '_> {
    pub(super) fn check_virtual_service(&self, one: &VirtualService<'_>, out: &mut Vec<Finding>) {
        for route in one.all_routes().filter(|route| route.action == RouteAction::Forward) {
            self.check_route(one.id, route, out);
        }
        if one.is_for_mesh && !one.is_for_gateways {
            for route in one.routes(RouteType::Http).iter().filter(|route| route.action == RouteAction::Forward) {
                let without_port = route.destinations.iter().filter(|to| to.is_used && to.port.is_none());
                out.extend(without_port.filter_map(|to| self.without_called_port(one, route, to)));
            }
        }
    }

    pub(super) fn check_gateway_route(&self, one: &GatewayRoute<'_>, out: &mut Vec<Finding>) {
        if one.parents().next().is_some() {
            let destinations = one.destinations(self.mesh.cluster_domain());
            out.extend(destinations.iter().filter(|to| to.is_used).filter_map(|to| self.check_destination(one.id, "routes calls", to)));
        }
    }

    fn check_route(&self, by: &Id, route: &Route<'_>, out: &mut Vec<Finding>) {
        let used = route.destinations.iter().filter(|to| to.is_used).map(|to| ("routes calls", to));
        let copies = route.mirrors.iter().map(|to| ("copies calls", to));
        out.extend(used.chain(copies).filter_map(|(does, to)| self.check_destination(by, does, to)));
    }

    fn check_destination(&self, by: &Id, does: &str, to: &RouteDestination<'_>) -> Option<Finding> {
        let NoCluster { at, reason, fix, related } = self.incomplete_name(to).or_else(|| self.no_cluster(by, to))?;
        let message = format!("{by} {does} to {}, but {reason}", to.host);
        let finding = Finding::about(self.rule, self.mesh.snapshot(), by, at, message).with_related(related.as_ref());
        Some(match fix {
            Some(fix) => finding.with_fix(fix),
            None => finding,
        })
    }

    /// A name with a dot that Istio does not complete, of a Service that exists (S52).
    fn incomplete_name(&self, to: &RouteDestination<'_>) -> Option<NoCluster> {
        let registry = self.mesh.registry();
        if registry.at(&to.host).next().is_some() {
            return None;
        }
        let whole = self.mesh.cluster_domain().of_any_client(&to.host).filter(|whole| *whole != to.host)?;
        let service = registry.kubernetes(&whole)?;
        Some(NoCluster {
            at: to.at.clone().then(to.host_step),
            reason: format!("Istio completes only names without a dot: no object has this host, and {} has {whole}", service.id),
            fix: Some(format!("Write `{whole}`.")),
            related: Some(service.id.clone()),
        })
    }

    fn no_cluster(&self, by: &Id, to: &RouteDestination<'_>) -> Option<NoCluster> {
        if let Some((what, is_port)) = missing(self.mesh, &to.host, to.port.map(PortRef::Number), &by.namespace) {
            return Some(self.of_missing(to, &what, is_port));
        }
        if let Some(what) = to.port.and_then(|number| self.without_cluster(&to.host, number)) {
            return Some(self.of_missing(to, &what, true));
        }
        self.pod_name(to).or_else(|| self.no_object(to))
    }

    fn of_missing(&self, to: &RouteDestination<'_>, what: &MissingName, is_port: bool) -> NoCluster {
        let (reason, related) = reason(self.mesh, what);
        let step = if is_port { "port" } else { to.host_step };
        NoCluster { at: to.at.clone().then(step), reason, fix: None, related: related.cloned() }
    }

    /// The name of a pod below a headless Service, for which no proxy has a cluster (S223).
    fn pod_name(&self, to: &RouteDestination<'_>) -> Option<NoCluster> {
        let named = self.mesh.headless_pod(&to.host).filter(|_| self.mesh.registry().at(&to.host).next().is_none())?;
        let host = &named.service.host;
        Some(NoCluster {
            at: to.at.clone().then(to.host_step),
            reason: format!("that is the name of a pod of {}, and routes only have clusters for services", named.service.id),
            fix: Some(format!(
                "Route to {host}, or let applications call the pod by its name without a route. A ServiceEntry for the name makes it a service."
            )),
            related: Some(named.service.id.clone()),
        })
    }

    /// An address, or a host outside the cluster's domain, that no object has. Whether an object that is in no file has the host is not known.
    fn no_object(&self, to: &RouteDestination<'_>) -> Option<NoCluster> {
        let mesh = self.mesh;
        if mesh.registry().at(&to.host).next().is_some() || to.host.is_empty() {
            return None;
        }
        let is_address = to.host.parse::<IpAddr>().is_ok();
        let is_outside = mesh.cluster_domain().service_part(&to.host).is_none() && to.host.contains('.');
        let is_read = mesh.snapshot().cluster.is_some() && mesh.indices().coverage().is_whole();
        let reason = match (is_address, is_outside && is_read) {
            (true, _) => "an address is no service, and has no cluster",
            (false, true) => "no Service and no ServiceEntry has this host",
            (false, false) => return None,
        };
        Some(NoCluster {
            at: to.at.clone().then(to.host_step),
            reason: reason.to_owned(),
            fix: Some("Correct the host, or create a ServiceEntry and route to its host.".to_owned()),
            related: None,
        })
    }

    /// The port of a route's destination for which no proxy has a cluster: a headless Service takes calls at every port of its pods, and a
    /// host outside the cluster may answer anywhere, but routes only have clusters for ports that are declared (S237, S286).
    fn without_cluster(&self, host: &str, number: u16) -> Option<MissingName> {
        let declared = || self.mesh.registry().at(host).filter(|service| *service.host == *host);
        let service = declared().find(|service| service.is_called())?;
        let is_known = declared().any(|service| service.port(number).is_some()) || service.ports.is_empty();
        let is_read = service.is_kubernetes() || self.mesh.indices().coverage().covers_all(Kind::ServiceEntry);
        (!is_known && is_read).then(|| MissingName::Port { service: service.id.clone(), number })
    }

    /// A destination without a port, if its service has none of the ports that are called: a sidecar sends a request to the port that was
    /// called (S332).
    fn without_called_port(&self, one: &VirtualService<'_>, route: &Route<'_>, to: &RouteDestination<'_>) -> Option<Finding> {
        let registry = self.mesh.registry();
        let services = one.hosts.iter().flat_map(|host| registry.at(host));
        let ports = services.flat_map(|service| &service.ports).filter(|port| port.protocol.class() != ProtocolClass::Tcp);
        let called: BTreeSet<u16> = ports.map(|port| port.number).filter(|&number| route.is_for(number)).collect();
        let first = *called.first()?;
        let missing: Vec<MissingName> = called.iter().filter_map(|&number| self.without_cluster(&to.host, number)).collect();
        if missing.len() != called.len() {
            return None;
        }
        let (why, related) = reason(self.mesh, missing.first()?);
        let reason = format!("without a port a request goes to port {first}, which was called, and {why}");
        let message = format!("{} routes calls to {}, but {reason}", one.id, to.host);
        let finding = Finding::about(self.rule, self.mesh.snapshot(), one.id, to.at.clone(), message);
        Some(finding.with_related(related).with_fix("Name the port: `port: {number: …}` in the destination."))
    }
}
