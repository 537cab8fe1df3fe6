//! What istiod converts `PeerAuthentications` into for ztunnel, including where that differs from sidecars (S126–S134).
//!
//! ztunnel has no modes. istiod sends it policies that deny plaintext: one static policy for STRICT workloads, and one converted from
//! each workload policy with ports. Which of them a workload refers to and what they contain is computed in two places of istiod that are
//! not fully consistent.

use std::collections::BTreeSet;

use super::policies::Policies;
use crate::{
    istio::{Mode, PeerAuthentication, Selector},
    object::{Id, Labels},
};

/// The policies an ambient workload refers to, and what they deny.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AmbientPolicy {
    /// Whether the static policy, which denies all plaintext, is attached.
    pub is_static_attached: bool,
    /// The policy whose converted form is attached.
    pub attached: Option<Id>,
    /// What the converted policy denies; `None` if istiod does not create one, and the reference is unresolved (S130).
    pub converted: Option<Denials>,
    /// How a sidecar would differ (S134).
    pub divergence: Option<AmbientDivergence>,
    /// The same for every other choice that istiod may make among policies of equal age: which one it makes is not determined (S282).
    pub alternatives: Vec<Self>,
}

/// The policies that istiod uses for a workload, one of each scope.
#[derive(Clone, Copy)]
struct Chosen<'p> {
    mesh: Option<&'p PeerAuthentication>,
    namespace: Option<&'p PeerAuthentication>,
    workload: Option<&'p PeerAuthentication>,
}

/// What a converted policy denies to callers without identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Denials {
    /// Plaintext is denied at these ports.
    pub ports: BTreeSet<u16>,
    /// Plaintext is denied at every port but these; `None` if only `ports` are denied.
    pub all_but: Option<BTreeSet<u16>>,
}

/// Differences between ambient and sidecars (S134).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AmbientDivergence {
    /// DISABLE for a port under a STRICT parent has no effect: the port stays STRICT.
    DisablePortStaysStrict,
    /// STRICT for a port of a PERMISSIVE workload in a STRICT mesh has no effect: the port stays open.
    StrictPortStaysOpen,
    /// A PERMISSIVE port below an empty namespace policy in a STRICT mesh opens every port.
    EveryPortOpens,
}

impl AmbientPolicy {
    /// Whether a plaintext caller is denied at a port, or at every port that no policy names, whatever istiod chooses.
    #[must_use]
    pub fn denies_plaintext(&self, port: Option<u16>) -> bool {
        self.denies(port) && self.alternatives.iter().all(|other| other.denies(port))
    }

    /// Whether it depends on a choice of istiod that is not determined (S282).
    #[must_use]
    pub fn is_undetermined(&self, port: Option<u16>) -> bool {
        self.alternatives.iter().any(|other| other.denies(port) != self.denies(port))
    }

    fn denies(&self, port: Option<u16>) -> bool {
        self.is_static_attached || self.converted.as_ref().is_some_and(|denials| denials.deny(port))
    }
}

impl Denials {
    fn deny(&self, port: Option<u16>) -> bool {
        let is_excepted = |open: &BTreeSet<u16>| port.is_some_and(|port| open.contains(&port));
        port.is_some_and(|port| self.ports.contains(&port)) || self.all_but.as_ref().is_some_and(|open| !is_excepted(open))
    }
}

fn is_strict(mode: Option<Mode>) -> bool {
    mode == Some(Mode::Strict)
}

fn has_port(policy: &PeerAuthentication, wanted: &[Mode]) -> bool {
    policy.ports.values().flatten().any(|mode| wanted.contains(mode))
}

impl Policies {
    /// The policies that an ambient workload gets.
    #[must_use]
    pub fn ambient(&self, root: &str, namespace: &str, labels: &Labels) -> AmbientPolicy {
        // In the root namespace the namespace's policies are those of the mesh, and selectors have no effect (S127, S272).
        let in_root = namespace == root;
        let of_mesh = |policy: &&PeerAuthentication| in_root || policy.selector == Selector::Absent;
        let mesh = of_equal_age(self.namespace_wide(root).filter(of_mesh));
        let own = if in_root { vec![None] } else { of_equal_age(self.namespace_wide(namespace)) };
        let workload = if in_root { vec![None] } else { of_equal_age(self.matching(namespace, labels).into_iter()) };
        let choices = mesh.iter().flat_map(|&mesh| own.iter().map(move |&namespace| (mesh, namespace)));
        let choices = choices.flat_map(|(mesh, namespace)| workload.iter().map(move |&workload| Chosen { mesh, namespace, workload }));
        let mut all = choices.map(|chosen| self.attached(root, namespace, labels, chosen));
        let first = all.next().unwrap_or_default();
        AmbientPolicy { alternatives: all.collect(), ..first }
    }

    fn attached(&self, root: &str, namespace: &str, labels: &Labels, chosen: Chosen<'_>) -> AmbientPolicy {
        let mode = |policy: Option<&PeerAuthentication>| policy.and_then(|policy| policy.mode);
        let parent = mode(chosen.namespace).or(mode(chosen.mesh));
        let Some(policy) = chosen.workload else {
            return AmbientPolicy { is_static_attached: is_strict(parent), ..AmbientPolicy::default() };
        };
        let is_attached = is_converted_attached(policy, is_strict(parent));
        let is_static_attached = !is_attached && is_strict(policy.mode.or(parent));
        // Policies with an empty selector do not count here, though they are attached (S127).
        let without_selector = chosen.namespace.filter(|policy| policy.selector == Selector::Absent);
        let own = without_selector.or_else(|| self.without_selector(namespace));
        let converted = if is_attached { converted(policy, own, chosen.mesh) } else { None };
        let divergence = self.divergence(root, namespace, labels, policy, is_static_attached, converted.as_ref());
        let attached = is_attached.then(|| policy.id.clone());
        AmbientPolicy { is_static_attached, attached, converted, divergence, alternatives: Vec::new() }
    }

    /// How the workload differs from a sidecar (S134), from comparing the two port by port.
    fn divergence(
        &self,
        root: &str,
        namespace: &str,
        labels: &Labels,
        policy: &PeerAuthentication,
        is_static: bool,
        converted: Option<&Denials>,
    ) -> Option<AmbientDivergence> {
        let decision = self.decide(root, namespace, labels);
        let denies = |port| is_static || converted.is_some_and(|denials| denials.deny(port));
        let is_open_for_sidecars = |port| decision.mode(port).0 != Mode::Strict;
        if !is_open_for_sidecars(None) && !denies(None) {
            return Some(AmbientDivergence::EveryPortOpens);
        }
        let ports = || policy.ports.keys().map(|&port| Some(port));
        if ports().any(|port| !is_open_for_sidecars(port) && !denies(port)) {
            return Some(AmbientDivergence::StrictPortStaysOpen);
        }
        ports().any(|port| is_open_for_sidecars(port) && denies(port)).then_some(AmbientDivergence::DisablePortStaysStrict)
    }
}

/// Whether a workload refers to the converted form of its policy, rather than to the static policy or to nothing (S128).
fn is_converted_attached(policy: &PeerAuthentication, parent_is_strict: bool) -> bool {
    match policy.mode {
        Some(Mode::Strict) => has_port(policy, &[Mode::Permissive, Mode::Disable]),
        None if parent_is_strict => has_port(policy, &[Mode::Permissive]),
        Some(Mode::Permissive | Mode::Disable) | None => has_port(policy, &[Mode::Strict]),
    }
}

impl Selector {
    /// Whether ambient workloads of other namespaces ignore the policy although it is mesh-wide for sidecars (S127).
    #[must_use]
    pub fn is_set_but_empty(&self) -> bool {
        *self == Self::Empty
    }
}

/// The oldest policy of a scope, and those of the same age with other modes: istiod compares nothing but the age (S282).
fn of_equal_age<'p>(mut scope: impl Iterator<Item = &'p PeerAuthentication>) -> Vec<Option<&'p PeerAuthentication>> {
    let Some(first) = scope.next() else { return vec![None] };
    let mut found = vec![Some(first)];
    for other in scope.take_while(|other| other.created == first.created) {
        if found.iter().flatten().all(|known| (known.mode, &known.ports) != (other.mode, &other.ports)) {
            found.push(Some(other));
        }
    }
    found
}

/// What istiod converts a workload policy with ports into, beside the policy of its namespace and that of the mesh; `None` if the result
/// would be empty (S129).
fn converted(policy: &PeerAuthentication, own: Option<&PeerAuthentication>, mesh: Option<&PeerAuthentication>) -> Option<Denials> {
    let own_mode = own.and_then(|policy| policy.mode);
    let mesh_is_strict = is_strict(mesh.and_then(|policy| policy.mode));
    let parent_is_strict = is_strict(own_mode) || own_mode.is_none() && mesh_is_strict;

    let strict_ports_are_covered = is_strict(policy.mode)
        || policy.mode.is_none() && is_strict(own_mode)
        // This ignores the workload's own mode: a PERMISSIVE workload loses its STRICT ports.
        || own_mode.is_none() && mesh_is_strict;
    let open_ports_are_covered = match policy.mode {
        Some(mode) => mode != Mode::Strict,
        // An empty namespace policy shadows a STRICT mesh here, though it inherits it elsewhere.
        None if own.is_some() => !is_strict(own_mode),
        None => !mesh_is_strict,
    };

    let ports = |wanted: &[Mode]| -> BTreeSet<u16> {
        policy.ports.iter().filter(|(_, mode)| mode.is_some_and(|mode| wanted.contains(&mode))).map(|(port, _)| *port).collect()
    };
    let denied = if strict_ports_are_covered { BTreeSet::new() } else { ports(&[Mode::Strict]) };
    let open = if open_ports_are_covered { BTreeSet::new() } else { ports(&[Mode::Permissive, Mode::Disable]) };
    let denies_rest = is_strict(policy.mode) || policy.mode.is_none() && parent_is_strict && !open.is_empty();
    let denials = Denials { ports: denied, all_but: denies_rest.then_some(open) };
    (denials != Denials::default()).then_some(denials)
}
