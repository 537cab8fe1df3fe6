//! STRICT policies that no proxy enforces.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::{Mode, PodSpec},
    mesh::{Dataplane, Instance, Mesh, MeshState, NoProxyReason, Subject, Workload},
    object::{FieldPath, Id, Kind, Text, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS109",
    name: "unenforced-policy",
    severity: Severity::Error,
    summary: "A policy sets STRICT for workloads that no proxy protects; info if a label excludes them from the mesh.",
    why: "A workload without a proxy in front of it accepts all traffic. The policy looks like protection in every review and \
          provides none. A label such as `sidecar.istio.io/inject: \"false\"` is a decision, so it is reported as info. There is one finding \
          for each policy and reason, with all workloads.",
    fix: "Bring the workload into the mesh and restart its pods, or, if it must stay outside, move it to a namespace without the policy.",
    bad: include_str!("unenforced_policy.bad.yaml"),
    good: include_str!("unenforced_policy.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod, Kind::Namespace],
    aka: &[],
    see: &["S34", "S35", "S113", "S119", "S146", "S156"],
};

/// Why nothing is enforced.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    NoProxy,
    HostNetwork,
    Uncaptured,
    BypassesZtunnel,
    /// A label, an annotation or the injector's configuration excludes it: a decision.
    OptedOut(OptOut),
}

/// What excludes a workload from the mesh on purpose.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum OptOut {
    Own(String),
    OfNamespace(String),
    Injector,
}

/// The workloads that one policy does not protect, for one reason, with their affected pods.
type Exposed<'m> = BTreeMap<&'m Subject, (&'m Workload<'m>, BTreeSet<&'m Text>)>;

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<(&Id, Cause), Exposed<'_>> = BTreeMap::new();
    for (workload, instance, own) in mesh.members() {
        let server = mesh.server(workload, instance);
        let mode = server.workload();
        let is_strict = mode.is_certain && mode.policy_mode == Mode::Strict && mode.mode.is_none();
        let Some(policy) = mode.decided_by.filter(|_| is_strict) else { continue };
        let Some(cause) = cause(instance, &own.state).filter(|_| is_intended(mesh, workload, policy)) else { continue };
        let Some(policy) = mesh.policies().get(policy) else { continue };
        let (_, pods) = causes.entry((&policy.id, cause)).or_default().entry(&workload.subject).or_insert((workload, BTreeSet::new()));
        pods.extend(&instance.pods);
    }
    out.extend(causes.iter().map(|((policy, cause), exposed)| finding(mesh, policy, cause, exposed)));
}

/// Why nothing is enforced for an instance; `None` if that is expected or unknown.
fn cause(instance: &Instance<'_>, state: &MeshState) -> Option<Cause> {
    match instance.dataplane {
        _ if instance.is_assumed => None,
        Dataplane::None if instance.spec.is_some_and(PodSpec::is_on_host_network) => Some(Cause::HostNetwork),
        // Whether a machine has a proxy is not in the configuration (S156).
        Dataplane::None if instance.spec.is_none() => None,
        Dataplane::None => Some(state.no_proxy_reason().and_then(OptOut::of).map_or(Cause::NoProxy, Cause::OptedOut)),
        Dataplane::Sidecar => Some(Cause::Uncaptured),
        Dataplane::Ambient => Some(Cause::BypassesZtunnel),
        Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => None,
    }
}

impl OptOut {
    fn of(reason: &NoProxyReason) -> Option<Self> {
        match reason {
            NoProxyReason::OptedOut(label) => Some(Self::Own(label.to_string())),
            NoProxyReason::NamespaceOptedOut(label) => Some(Self::OfNamespace(label.to_string())),
            NoProxyReason::InjectorPolicy => Some(Self::Injector),
            NoProxyReason::NotEnrolled
            | NoProxyReason::HostNetwork
            | NoProxyReason::StaticPod
            | NoProxyReason::IgnoredNamespace
            | NoProxyReason::NoWebhook(_)
            | NoProxyReason::Unsupported(_)
            | NoProxyReason::Machine => None,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Own(label) => format!("opted out with {label}"),
            Self::OfNamespace(label) => format!("opted out with {label} of the namespace"),
            Self::Injector => "opted out by the injector's configuration".into(),
        }
    }
}

impl Cause {
    /// What follows `workloads that`.
    fn describe(&self, is_one: bool) -> String {
        let words = match (self, is_one) {
            (Self::NoProxy, true) => "has no proxy",
            (Self::NoProxy, false) => "have no proxy",
            (Self::HostNetwork, true) => "uses the host network, where no proxy is ever injected",
            (Self::HostNetwork, false) => "use the host network, where no proxy is ever injected",
            (Self::Uncaptured, true) => "has a sidecar that captures no inbound traffic",
            (Self::Uncaptured, false) => "have a sidecar that captures no inbound traffic",
            (Self::BypassesZtunnel, true) => "bypasses ztunnel",
            (Self::BypassesZtunnel, false) => "bypass ztunnel",
            (Self::OptedOut(opt_out), true) => return format!("is {}", opt_out.describe()),
            (Self::OptedOut(opt_out), false) => return format!("are {}", opt_out.describe()),
        };
        words.to_owned()
    }

    fn fix(&self) -> &'static str {
        match self {
            Self::NoProxy => RULE.fix,
            Self::HostNetwork => "Remove `hostNetwork` from the pod, or move it to a namespace without the policy.",
            Self::Uncaptured => "Remove interceptionMode NONE or the empty includeInboundPorts, and restart the pods.",
            Self::BypassesZtunnel => "Remove the annotation ambient.istio.io/bypass-inbound-capture, and restart the pods.",
            Self::OptedOut(_) => {
                "Remove the opt-out and restart the pods if the policy is meant for them; otherwise nothing, except that they accept plaintext \
                 from any client."
            }
        }
    }
}

/// Whether the policy is intended for this workload: a mesh-wide policy only for enrolled namespaces other than its own, and no policy
/// for jobs that declare no port.
fn is_intended(mesh: &Mesh<'_>, workload: &Workload<'_>, policy: &Id) -> bool {
    let namespace = &workload.subject.namespace;
    let serves = || {
        let mut ports = workload.instances.iter().flat_map(|instance| instance.ports.values());
        ports.any(crate::mesh::DeclaredPort::is_declared_outside_policies)
    };
    if matches!(workload.subject.kind.known(), Some(Kind::Job | Kind::CronJob)) && !serves() {
        return false;
    }
    let is_mesh_wide = mesh.control_planes().is_root(&policy.namespace);
    if !is_mesh_wide {
        return true;
    }
    let labels = mesh.namespace_labels(namespace);
    let has = |key, value| labels.is_some_and(|labels| labels.has(key, value));
    let is_enrolled = has("istio-injection", "enabled")
        || has("istio.io/dataplane-mode", "ambient")
        || labels.is_some_and(|labels| labels.get("istio-injection").is_none() && labels.get("istio.io/rev").is_some());
    is_enrolled && policy.namespace != *namespace
}

fn finding(mesh: &Mesh<'_>, policy: &Id, cause: &Cause, exposed: &Exposed<'_>) -> Finding {
    let names = list_names(exposed.values().map(|(workload, pods)| describe(workload, pods)));
    let what = cause.describe(exposed.len() == 1);
    let message = match exposed.len() {
        1 => format!("{policy} sets STRICT for {names}, which {what}: nothing enforces it"),
        n => format!("{policy} sets STRICT for {} that {what}: nothing enforces it for {names}", plural(n, "workload")),
    };
    let at = mesh.policies().get(policy).map_or_else(|| FieldPath::of("spec.mtls.mode"), |found| found.mode_field(None));
    let finding = Finding::about(&RULE, mesh.snapshot(), policy, at, message)
        .with_variant(cause.describe(true))
        .with_fix(cause.fix())
        .with_related(exposed.keys().copied().cloned());
    if matches!(cause, Cause::OptedOut(_)) { finding.with_severity(Severity::Info) } else { finding }
}

/// A workload, with the affected pods if these are not all.
fn describe(workload: &Workload<'_>, pods: &BTreeSet<&Text>) -> String {
    let (subject, all) = (&workload.subject, workload.pods());
    if pods.len() == all { subject.to_string() } else { format!("{subject} ({} of {all} pods: {})", pods.len(), list_names(pods)) }
}
