//! Why a port has its mode: every policy considered, whether it is in force, and which one overrides it.

use super::server::{PortMode, Server};
use crate::{
    istio::{Mode, PeerAuthentication},
    mesh::{Dataplane, Instance, Workload, indices::Indices},
    object::{FieldPath, Id},
};

/// One policy, or one effect of the data plane, that was considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailStep {
    /// The policy; `None` where something other than a policy decides.
    pub object: Option<Id>,
    /// The field that sets the mode.
    pub field: Option<FieldPath>,
    /// The mode that it sets, and the effect of that.
    pub message: String,
    /// Whether it is in force.
    pub outcome: TrailOutcome,
}

/// How a policy takes part in the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrailOutcome {
    /// Its mode is in force.
    InForce,
    /// It is UNSET and inherits from a wider policy.
    Inherits,
    /// Another policy takes precedence.
    Overridden,
    /// It never applies.
    Ignored,
    /// Not a policy: what the data plane enforces as a result.
    Enforced,
}

impl Indices<'_> {
    /// Every policy considered for a port of an instance (or for the instance as a whole), widest scope first, and what the data plane
    /// enforces as a result.
    #[must_use]
    pub fn trail(&self, workload: &Workload<'_>, instance: &Instance<'_>, port: Option<u16>) -> Vec<TrailStep> {
        let server = self.server(workload, instance);
        let root = &self.control_planes().of_revision(&instance.revision).root_namespace;
        let namespace = &workload.subject.namespace;
        let mut steps = Vec::new();
        let decision = &server.decision;
        let decided_by = decision.mode(port).1.map(|policy| &policy.id);
        let mut scope = |name: &str, rule: &str, policies: Vec<&PeerAuthentication>, port: Option<u16>| {
            let effective = policies.first().map(|policy| policy.id.clone());
            for (at, policy) in policies.into_iter().enumerate() {
                let step = match &effective {
                    Some(effective) if at > 0 => overridden(policy, name, effective, rule),
                    _ => considered(policy, name, port, decided_by),
                };
                steps.push(step);
            }
        };
        scope("mesh", "S10", self.policies().namespace_wide(root).collect(), None);
        if namespace != root {
            scope("namespace", "S10", self.policies().namespace_wide(namespace).collect(), None);
            scope("workload", "S11", self.policies().matching(namespace, &instance.labels), port);
        }
        steps.extend(self.policies().matching(root, &instance.labels).into_iter().map(in_root));
        let mode = port.map_or_else(|| server.workload(), |port| server.port(port));
        if steps.is_empty() && mode.is_certain {
            steps.push(verdict("no PeerAuthentication applies, so the mode is PERMISSIVE (S15)".into(), TrailOutcome::InForce));
        }
        if mode.is_enforcement_certain() {
            steps.extend(enforcement(&server, &mode, instance, port));
        } else {
            let message = "not every policy, pod or setting that could change the mode was read, so it is unknown";
            steps.push(verdict(message.into(), TrailOutcome::Enforced));
        }
        steps
    }
}

fn verdict(message: String, outcome: TrailOutcome) -> TrailStep {
    TrailStep { object: None, field: None, message, outcome }
}

fn overridden(policy: &PeerAuthentication, scope: &str, effective: &Id, rule: &str) -> TrailStep {
    TrailStep {
        object: Some(policy.id.clone()),
        field: None,
        message: format!("{scope} policy; {} precedes it (S9) and overrides it as a whole ({rule})", effective.path()),
        outcome: TrailOutcome::Overridden,
    }
}

fn considered(policy: &PeerAuthentication, scope: &str, port: Option<u16>, decided_by: Option<&Id>) -> TrailStep {
    let of_port = port.and_then(|port| policy.ports.get(&port).copied().map(|mode| (port, mode)));
    let mode = of_port.map_or(policy.mode, |(_, mode)| mode.or(policy.mode));
    let mode_text = |mode: Option<Mode>| mode.map_or("UNSET", Mode::as_str);
    let (setting, field) = match of_port {
        Some((number, own)) => (format!("port {number}: {}", mode_text(own)), policy.mode_field(own.and(port))),
        None => (mode_text(policy.mode).to_owned(), policy.mode_field(None)),
    };
    let outcome = match mode {
        _ if decided_by == Some(&policy.id) => TrailOutcome::InForce,
        None => TrailOutcome::Inherits,
        Some(_) => TrailOutcome::Overridden,
    };
    let effect = match outcome {
        TrailOutcome::InForce if mode.is_none() => "; no narrower policy sets a mode, so PERMISSIVE (S15)",
        TrailOutcome::InForce | TrailOutcome::Ignored | TrailOutcome::Enforced => "",
        TrailOutcome::Inherits => "; inherits from the next wider policy (S13)",
        TrailOutcome::Overridden => "; a narrower policy overrides it (S13)",
    };
    TrailStep { object: Some(policy.id.clone()), field: Some(field), message: format!("{scope} policy: {setting}{effect}"), outcome }
}

fn in_root(policy: &PeerAuthentication) -> TrailStep {
    TrailStep {
        object: Some(policy.id.clone()),
        field: Some(FieldPath::of("spec.selector")),
        message: "selects the workload from the root namespace, where selectors have no effect (S5, S6)".into(),
        outcome: TrailOutcome::Ignored,
    }
}

/// What the data plane enforces for the mode set by the policies.
fn enforcement(server: &Server<'_>, mode: &PortMode<'_>, instance: &Instance<'_>, port: Option<u16>) -> Option<TrailStep> {
    let policy = mode.policy_mode;
    let message = match (server.dataplane, mode.mode) {
        (Dataplane::None, _) if instance.is_machine_without_identity() => {
            "whether the machine runs a proxy, which would enforce the mode, is in no object (S156, S229)".into()
        }
        (Dataplane::None, _) => "no proxy is in front of the workload: nothing enforces the mode (S35, S146)".into(),
        (Dataplane::Gateway, _) => "a gateway's TLS is configured by Gateway resources, never by PeerAuthentication (S38)".into(),
        (Dataplane::Waypoint, _) => "a waypoint accepts only HBONE, which is mTLS whatever the policies set (S40)".into(),
        (Dataplane::Proxyless, Some(enforced)) if enforced != policy => {
            format!("proxyless gRPC enforces {policy} as {enforced} (S41)")
        }
        (Dataplane::Sidecar, None) => {
            let by =
                instance.bypasses.iter().find(|bypass| port.is_none_or(|port| bypass.ports.is_empty() || bypass.ports.contains(&port)));
            let by = by.map_or("the proxy's own ports are never captured", |bypass| &bypass.caused_by);
            format!("not captured by the sidecar ({by}): traffic reaches the application unchanged (S32, S34)")
        }
        (Dataplane::Ambient, None) => "ambient.istio.io/bypass-inbound-capture: plaintext reaches the application (S119)".into(),
        (Dataplane::Ambient, Some(_)) if server.ambient.as_ref().is_some_and(|ambient| ambient.is_undetermined(port)) => {
            "policies of the same age differ, and which of them istiod uses for ambient is not determined: the weaker counts (S282)".into()
        }
        (Dataplane::Ambient, Some(enforced)) if enforced != policy => {
            format!("ztunnel enforces {policy} as {enforced} ({})", ambient_rule(server))
        }
        _ => return None,
    };
    Some(verdict(message, TrailOutcome::Enforced))
}

fn ambient_rule(server: &Server<'_>) -> &'static str {
    if server.ambient.as_ref().is_some_and(|ambient| ambient.divergence.is_some()) { "S134" } else { "S126" }
}
