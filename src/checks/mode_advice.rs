//! Whether PERMISSIVE instead of DISABLE in a policy for a namespace or the mesh breaks a call: automatic mTLS then applies to the namespace
//! (S70), so every endpoint that declares mTLS has to accept it.

use std::collections::BTreeSet;

use super::Finding;
use crate::{
    istio::{Mode, Protocol, ProtocolClass, TlsMode},
    mesh::{Capture, Dataplane, Instance, Mesh, Resolution, Server, TLS_MODE, Workload},
    object::{Edit, FieldPath, Id},
};

/// Adds PERMISSIVE as the fix to a finding about a policy with DISABLE, or what has to be changed first.
pub(super) fn with_permissive_advice(mesh: &Mesh<'_>, finding: Finding, policy: &Id) -> Finding {
    match obstacle(mesh, policy) {
        None => finding
            .with_fix(format!("Set PERMISSIVE instead of DISABLE in {policy}: its servers then accept mTLS as well as plaintext."))
            .with_patch(policy, Edit::Set { at: FieldPath::of("spec.mtls.mode"), value: "PERMISSIVE".into() }),
        Some(what) => {
            finding.with_fix(format!("Set PERMISSIVE instead of DISABLE in {policy}, but first change what would then fail: {what}."))
        }
    }
}

fn obstacle(mesh: &Mesh<'_>, policy: &Id) -> Option<String> {
    let is_root = mesh.control_planes().is_root(&policy.namespace);
    let workloads = if is_root { mesh.workloads() } else { mesh.workloads_in(&policy.namespace) };
    let foreign = services_called_with_tls(mesh);
    let instances = workloads.iter().flat_map(|workload| workload.instances.iter().map(move |instance| (workload, instance)));
    instances.into_iter().find_map(|(workload, instance)| {
        let at = ServerCheck { mesh, policy, foreign: &foreign, workload, instance, server: mesh.server(workload, instance) };
        at.obstacle()
    })
}

/// The services for which some rule originates TLS without the mesh's certificates: a PERMISSIVE HTTP port rejects it (S95).
fn services_called_with_tls<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<&'m Id> {
    let is_foreign =
        |rule: &&crate::istio::DestinationRule| rule.tls_settings().any(|(_, tls)| matches!(tls.mode, TlsMode::Simple | TlsMode::Mutual));
    let rules = mesh.destination_rules().iter().filter(is_foreign);
    rules.flat_map(|rule| mesh.registry().matching(&rule.resolved_host()).map(|service| service.id).collect::<Vec<_>>()).collect()
}

/// One instance in the scope of a policy.
struct ServerCheck<'c, 'm> {
    mesh: &'c Mesh<'m>,
    policy: &'c Id,
    foreign: &'c BTreeSet<&'c Id>,
    workload: &'c Workload<'c>,
    instance: &'c Instance<'c>,
    server: Server<'c>,
}

impl ServerCheck<'_, '_> {
    fn obstacle(&self) -> Option<String> {
        let declares = self.instance.labels.has(TLS_MODE, "istio");
        if declares && !matches!(self.instance.dataplane, Dataplane::Sidecar | Dataplane::Gateway) {
            return Some(format!("the label {TLS_MODE}=istio of {}, which has no sidecar", self.workload.subject));
        }
        if self.instance.dataplane != Dataplane::Sidecar {
            return None;
        }
        let called = self.instance.ports.iter().filter(|(_, port)| !port.by_services.is_empty());
        called.into_iter().find_map(|(number, _)| self.obstacle_at(*number))
    }

    fn obstacle_at(&self, number: u16) -> Option<String> {
        let at = format!("port {number} of {}", self.workload.subject);
        if self.instance.capture != Capture::Everything && !self.instance.capture.captures(number) {
            return Some(format!("{at} bypasses the sidecar"));
        }
        let services = self.instance.ports.get(&number).map(|port| &port.by_services)?;
        let mode = self.server.port(number);
        let is_of_policy = mode.decided_by == Some(self.policy);
        let is_by_address = |service: &Id| self.mesh.registry().of(service).is_some_and(|one| one.resolution() == Resolution::Passthrough);
        if mode.policy_mode == Mode::Disable && !is_of_policy && services.iter().any(|one| is_by_address(one.service)) {
            return Some(format!("{at} has DISABLE, which clients that call its address do not see"));
        }
        if is_of_policy && services.iter().any(|one| one.protocol == Protocol::Mysql) {
            return Some(format!("{at} carries a protocol in which the server sends first, which PERMISSIVE does not support"));
        }
        let is_http = services.iter().any(|one| one.protocol.class() == ProtocolClass::Http);
        if is_of_policy && is_http && services.iter().any(|one| self.foreign.contains(one.service)) {
            return Some(format!("{at} receives TLS that a DestinationRule originates"));
        }
        None
    }
}
