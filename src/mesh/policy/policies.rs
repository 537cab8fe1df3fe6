//! Which `PeerAuthentication` takes precedence: scopes, age, UNSET (S5–S17).

use std::collections::BTreeMap;

use super::selectors::SelectorIndex;
use crate::{
    istio::{IstioViolation, Mode, PeerAuthentication, Selector},
    object::{Id, Labels, Snapshot, Text},
};

/// Every `PeerAuthentication`, oldest first, found by namespace and selector.
#[derive(Debug)]
pub struct Policies {
    /// In Istio's order of age (S9).
    all: Vec<PeerAuthentication>,
    by_id: BTreeMap<Id, usize>,
    scopes: BTreeMap<Text, Scope>,
}

/// The policies of one namespace, as indices into `Policies::all`, oldest first.
#[derive(Debug, Default)]
struct Scope {
    /// Those without selector labels.
    namespace_wide: Vec<usize>,
    /// Those with selector labels.
    selectors: SelectorIndex,
    workload_specific: Vec<usize>,
}

/// The policy in force at each scope for one workload (S13).
#[derive(Clone, Copy, Debug)]
pub struct Decision<'m> {
    /// Mesh-wide.
    pub mesh: Option<&'m PeerAuthentication>,
    /// For the namespace.
    pub namespace: Option<&'m PeerAuthentication>,
    /// For the workload.
    pub workload: Option<&'m PeerAuthentication>,
}

/// A [`Decision`] as indices into `Policies::all`, so that it can be stored without borrowing them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::mesh) struct DecisionIndices {
    mesh: Option<usize>,
    namespace: Option<usize>,
    workload: Option<usize>,
}

/// Which of the policies that apply to a namespace were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mesh) enum PolicyCoverage {
    /// All of them.
    Full,
    /// Those of the namespace, and not those of the root namespace.
    WithoutRoot,
    /// Not all of those of the namespace, whatever was read of the root namespace.
    None,
}

impl PolicyCoverage {
    /// Whether it is enough to be certain of this decision: policies of the root namespace apply only where the namespace sets no mode
    /// (S13).
    pub(in crate::mesh) fn suffices(self, namespace: &str, decided_by: Option<&PeerAuthentication>, port: Option<u16>) -> bool {
        let of_port = |policy: &PeerAuthentication| port.and_then(|port| policy.ports.get(&port).copied().flatten());
        match self {
            Self::Full => true,
            Self::WithoutRoot => {
                decided_by.is_some_and(|policy| policy.id.namespace == *namespace && policy.mode.or_else(|| of_port(policy)).is_some())
            }
            Self::None => false,
        }
    }
}

impl Policies {
    /// Decodes and indexes.
    pub(in crate::mesh) fn new(snapshot: &Snapshot, errors: &mut impl FnMut(Vec<IstioViolation>)) -> Self {
        let mut all = Vec::with_capacity(snapshot.peer_authentications.len());
        for read in &snapshot.peer_authentications {
            let decoded = PeerAuthentication::decode(read);
            errors(decoded.errors);
            all.extend(decoded.value);
        }
        all.sort_by(|a, b| a.age().cmp(&b.age()));
        let mut scopes: BTreeMap<Text, Scope> = BTreeMap::new();
        for (at, policy) in all.iter().enumerate() {
            let scope = scopes.entry(policy.id.namespace.clone()).or_default();
            if policy.selector.labels().is_some() { &mut scope.workload_specific } else { &mut scope.namespace_wide }.push(at);
        }
        for scope in scopes.values_mut() {
            let selectors = scope.workload_specific.iter().filter_map(|&at| Some((at, all[at].selector.labels()?)));
            scope.selectors = SelectorIndex::new(selectors);
        }
        let by_id = all.iter().enumerate().map(|(at, policy)| (policy.id.clone(), at)).collect();
        Self { all, by_id, scopes }
    }

    /// Every policy, oldest first (S9).
    #[must_use]
    pub fn all(&self) -> &[PeerAuthentication] {
        &self.all
    }

    /// A policy by identity.
    #[must_use]
    pub fn get(&self, id: &Id) -> Option<&PeerAuthentication> {
        self.by_id.get(id).map(|&at| &self.all[at])
    }

    /// The policies of a namespace without selector labels, oldest first; only the first is in force (S10).
    pub fn namespace_wide(&self, namespace: &str) -> impl Iterator<Item = &PeerAuthentication> {
        self.scopes.get(namespace).into_iter().flat_map(|scope| &scope.namespace_wide).map(|&at| &self.all[at])
    }

    /// The policies of a namespace with selector labels, oldest first.
    pub fn workload_specific(&self, namespace: &str) -> impl Iterator<Item = &PeerAuthentication> {
        self.scopes.get(namespace).into_iter().flat_map(|scope| &scope.workload_specific).map(|&at| &self.all[at])
    }

    /// The policies of a namespace whose labels select a workload, oldest first; only the first is in force (S11).
    #[must_use]
    pub fn matching(&self, namespace: &str, labels: &Labels) -> Vec<&PeerAuthentication> {
        let Some(scope) = self.scopes.get(namespace) else { return Vec::new() };
        let candidates = scope.selectors.candidates(labels).into_iter().map(|at| &self.all[at]);
        candidates.filter(|policy| policy.selector.labels().is_some_and(|selector| selector.selects(labels))).collect()
    }

    /// The policies in force for a workload (S5, S7, S10, S11). Selectors in the root namespace select nothing (S6).
    #[must_use]
    pub fn decide(&self, root: &str, namespace: &str, labels: &Labels) -> Decision<'_> {
        self.decision(self.decide_indices(root, namespace, labels))
    }

    pub(in crate::mesh) fn decide_indices(&self, root: &str, namespace: &str, labels: &Labels) -> DecisionIndices {
        let oldest = |namespace: &str| self.scopes.get(namespace).and_then(|scope| scope.namespace_wide.first().copied());
        let mesh = oldest(root);
        if namespace == root {
            return DecisionIndices { mesh, ..DecisionIndices::default() };
        }
        let selects = |at: &usize| self.all[*at].selector.labels().is_some_and(|selector| selector.selects(labels));
        let selecting = self.scopes.get(namespace).filter(|scope| !scope.workload_specific.is_empty());
        let workload = selecting.and_then(|scope| scope.selectors.candidates(labels).into_iter().find(selects));
        DecisionIndices { mesh, namespace: oldest(namespace), workload }
    }

    /// The policies in force for workloads of which only some labels are known; `None` if a policy may or may not select them.
    pub(in crate::mesh) fn decide_by_known_labels(&self, root: &str, namespace: &str, known: &Labels) -> Option<Decision<'_>> {
        let whole = self.decision(self.decide_indices(root, namespace, &Labels::default()));
        if namespace == root {
            return Some(whole);
        }
        for policy in self.workload_specific(namespace) {
            let labels = policy.selector.labels()?;
            if labels.selects(known) {
                return Some(Decision { workload: Some(policy), ..whole });
            }
            let is_other = labels.iter().any(|(key, value)| known.get(key).is_some_and(|own| own != value.as_str()));
            if !is_other {
                return None;
            }
        }
        Some(whole)
    }

    pub(in crate::mesh) fn decision(&self, indices: DecisionIndices) -> Decision<'_> {
        let policy = |at: Option<usize>| at.map(|at| &self.all[at]);
        Decision { mesh: policy(indices.mesh), namespace: policy(indices.namespace), workload: policy(indices.workload) }
    }

    /// The oldest policy of a namespace without a `selector` field, which is what ambient treats as namespace-wide or mesh-wide (S127,
    /// S129).
    #[must_use]
    pub fn without_selector(&self, namespace: &str) -> Option<&PeerAuthentication> {
        self.namespace_wide(namespace).find(|policy| policy.selector == Selector::Absent)
    }
}

impl<'m> Decision<'m> {
    /// The mode of a workload port, or of the workload, and the policy that sets it (S13, S14).
    ///
    /// If policies apply and all of them are UNSET, the mode is PERMISSIVE and the widest of them is returned.
    #[must_use]
    pub fn mode(&self, port: Option<u16>) -> (Mode, Option<&'m PeerAuthentication>) {
        let of_port = port.and_then(|port| self.workload?.ports.get(&port).copied().flatten().map(|mode| (mode, self.workload)));
        let narrowest = [self.workload, self.namespace, self.mesh];
        let set = || narrowest.into_iter().flatten().find_map(|policy| Some((policy.mode?, Some(policy))));
        let widest = || (Mode::Permissive, self.mesh.or(self.namespace).or(self.workload));
        of_port.or_else(set).unwrap_or_else(widest)
    }

    /// The mode that a workload would have without a policy of its own.
    #[must_use]
    pub fn inherited(&self) -> Mode {
        Decision { workload: None, ..*self }.mode(None).0
    }

    /// Ports that the workload's policy names (S16).
    pub fn ports(&self) -> impl Iterator<Item = u16> {
        self.workload.into_iter().flat_map(|policy| policy.ports.keys().copied())
    }
}
