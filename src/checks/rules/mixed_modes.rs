//! One service port whose endpoints enforce different modes although the same policy decides.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Dataplane, Endpoint, Enforced, Mesh, Port, Resolution, Service, Subject},
    object::{FieldPath, Id, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS221",
    name: "mixed-modes",
    severity: Severity::Warning,
    summary: "Endpoints of one service port enforce different modes, although the same policies apply to them.",
    why: "Which endpoint a call reaches is arbitrary. Clients without a proxy are rejected by some endpoints and served by others, \
          and what the STRICT endpoints protect is available from the others in plaintext.",
    fix: "Bring every pod behind the Service into the mesh in the same way, then restart the pods that are out of date.",
    bad: include_str!("mixed_modes.bad.yaml"),
    good: include_str!("mixed_modes.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Service, Kind::Pod, Kind::EndpointSlice],
    aka: &[],
    see: &["S104"],
};

/// Endpoints by the mode that they enforce.
type ByMode<'m> = BTreeMap<Enforced, BTreeSet<&'m Subject>>;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    // Services whose endpoints clients call by address are left to headless-mixed-endpoints.
    let balanced = mesh.registry().services().iter().filter(|service| service.resolution() == Resolution::Endpoints);
    for service in balanced {
        let mixed: Vec<(u16, ByMode<'_>)> =
            service.ports.iter().filter_map(|port| Some((port.number, mixed(mesh, service, port)?))).collect();
        let Some((_, first)) = mixed.first() else { continue };
        let ports = list_names(mixed.iter().map(|(port, _)| format!("port {port}")));
        let modes = first.iter().map(|(mode, servers)| format!("{} at {}", mode.map_or("NONE", |mode| mode.as_str()), list_names(servers)));
        let message = format!(
            "endpoints of {} enforce different modes on {ports} under the same policies: {}",
            service.id,
            modes.collect::<Vec<_>>().join(", ")
        );
        let servers: BTreeSet<&Subject> = mixed.iter().flat_map(|(_, by_mode)| by_mode.values().flatten().copied()).collect();
        let finding = Finding::about(&RULE, mesh.snapshot(), service.id, FieldPath::of("spec.selector"), message);
        out.push(finding.with_related(servers.into_iter().cloned()));
    }
}

/// The endpoints of a port by enforced mode, if that differs without a policy for it. Most ports are decided by one endpoint of each class.
fn mixed<'m>(mesh: &'m Mesh<'_>, service: &Service<'_>, port: &Port) -> Option<ByMode<'m>> {
    by_mode(mesh, mesh.endpoint_classes(service, port)).and_then(|_| by_mode(mesh, mesh.endpoints(service, port)))
}

/// Endpoints by enforced mode; `None` if all enforce the same, different policies decide, or a mode is unknown.
fn by_mode<'m>(mesh: &'m Mesh<'_>, endpoints: Vec<Endpoint<'m>>) -> Option<ByMode<'m>> {
    let mut by_mode = ByMode::new();
    let mut policies: BTreeSet<Option<&Id>> = BTreeSet::new();
    for endpoint in endpoints {
        let (workload, instance) = endpoint.server?;
        let mode = mesh.server(workload, instance).port(endpoint.port);
        if matches!(instance.dataplane, Dataplane::Gateway | Dataplane::Waypoint) || !mode.is_certain {
            return None;
        }
        by_mode.entry(mode.mode).or_default().insert(&workload.subject);
        policies.insert(mode.decided_by);
    }
    // STRICT without a proxy that enforces it is left to unenforced-policy.
    let is_reported_elsewhere = by_mode.contains_key(&None) && by_mode.contains_key(&Some(Mode::Strict));
    (by_mode.len() > 1 && policies.len() == 1 && !is_reported_elsewhere).then_some(by_mode)
}
