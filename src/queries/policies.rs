//! Which policies exist, what do they govern, and are they in force?

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::{
    istio::{DestinationRule, Mode, PeerAuthentication},
    mesh::{Dataplane, Mesh, Subject, Workload},
    object::{Id, Kind},
};

/// A `PeerAuthentication`, and what it governs.
#[derive(Debug)]
pub struct PolicyRow<'m> {
    pub policy: &'m PeerAuthentication,
    pub scope: PolicyScope,
    /// Number of workloads for which it takes precedence at its scope.
    pub governs: usize,
    /// Number of workloads that it selects.
    pub selects: usize,
    /// Whether these numbers may be larger, because not all workloads were read.
    pub is_partial: bool,
    pub status: PolicyStatus<'m>,
    /// Whether it sets DISABLE for ambient workloads, which enforce PERMISSIVE instead (S126).
    pub is_permissive_in_ambient: bool,
}

/// The scope of a policy (S5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyScope {
    Mesh,
    Namespace,
    /// Workloads with certain labels.
    Workload,
}

/// Whether a policy is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyStatus<'m> {
    /// In its whole scope.
    InForce,
    /// For some of the workloads; an older policy takes precedence for the rest.
    PartlyOverridden(BTreeSet<&'m Id>),
    /// Not in force: older policies take precedence.
    Overridden(BTreeSet<&'m Id>),
    /// Not in force: it has a selector in the root namespace (S6).
    Ignored,
    /// Not in force: no workload has its labels.
    SelectsNothing,
    /// Unknown: no workload that was read has its labels, and not all workloads were read.
    Unknown,
}

impl PolicyStatus<'_> {
    /// Whether it is in force for any part of its scope.
    #[must_use]
    pub fn is_in_force(&self) -> bool {
        matches!(self, Self::InForce | Self::PartlyOverridden(_))
    }
}

/// The policies in scope, and those of the root namespaces that govern it.
#[must_use]
pub fn server_side<'m>(mesh: &'m Mesh<'m>, scope: &Scope) -> Vec<PolicyRow<'m>> {
    let roots: BTreeSet<&str> = mesh.control_planes().roots().collect();
    let tally = tally(mesh);
    let mut rows: Vec<PolicyRow<'_>> = mesh
        .policies()
        .all()
        .iter()
        .filter(|policy| scope.contains_subject(mesh, &Subject::from(&policy.id)))
        .map(|policy| row(mesh, policy, roots.contains(policy.id.namespace.as_str()), tally.get(&policy.id)))
        .collect();
    let rank = |row: &PolicyRow<'_>| {
        (row.scope != PolicyScope::Mesh, row.policy.id.namespace.clone(), row.scope == PolicyScope::Workload, row.policy.id.name.clone())
    };
    rows.sort_by_key(rank);
    rows
}

/// A `DestinationRule` that sets TLS.
#[derive(Debug)]
pub struct RuleRow<'m> {
    pub rule: &'m DestinationRule,
    /// Whether any client uses its settings.
    pub status: RuleStatus,
}

/// Whether any client uses the TLS settings of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleStatus {
    /// At least one does.
    InUse,
    /// None does: other rules take precedence wherever it matches.
    Shadowed,
    /// None does: no service has its host.
    Orphan,
    /// Unknown: no service was read, or not all objects of this kind.
    Unknown(Option<Kind>),
}

/// The `DestinationRules` in scope that set TLS.
#[must_use]
pub fn client_side<'m>(mesh: &'m Mesh<'m>, scope: &Scope) -> Vec<RuleRow<'m>> {
    let coverage = mesh.indices().coverage();
    let unread = unread_kind(mesh);
    let unread_services =
        |rule: &DestinationRule| (!coverage.covers_all(Kind::Service) && !is_of_read_namespace(mesh, rule)).then_some(Kind::Service);
    let has_no_service = mesh.registry().services().is_empty();
    let used = mesh.settings_in_use();
    let status = |at: usize, rule: &DestinationRule| {
        let mut subsets = rule.subsets.iter().enumerate().filter(|(_, subset)| subset.policy.is_present);
        match unread.or_else(|| unread_services(rule)) {
            Some(kind) => RuleStatus::Unknown(Some(kind)),
            None if has_no_service => RuleStatus::Unknown(None),
            None if !mesh.registry().matches_any(&rule.resolved_host()) => RuleStatus::Orphan,
            None if used.policy(at) || subsets.any(|(place, _)| used.subset(at, place)) => RuleStatus::InUse,
            None => RuleStatus::Shadowed,
        }
    };
    let rules = mesh.destination_rules().iter().enumerate().filter(|(_, rule)| rule.tls_settings().next().is_some());
    let wanted = rules.filter(|(_, rule)| scope.contains_subject(mesh, &Subject::from(&rule.id)));
    wanted.map(|(at, rule)| RuleRow { rule, status: status(at, rule) }).collect()
}

/// A kind that decides which rules clients use, wherever they are, and that was not wholly read.
fn unread_kind(mesh: &Mesh<'_>) -> Option<Kind> {
    let coverage = mesh.indices().coverage();
    if coverage.is_whole() {
        return None;
    }
    let kinds = [Kind::ServiceEntry, Kind::DestinationRule, Kind::Sidecar, Kind::Namespace];
    let of_planes = || coverage.unread_of_control_planes();
    kinds.into_iter().find(|kind| !coverage.covers_all(*kind)).or_else(of_planes)
}

/// Whether all Services that a rule could apply to are in a namespace of which every Service and client was read.
fn is_of_read_namespace(mesh: &Mesh<'_>, rule: &DestinationRule) -> bool {
    let host = rule.resolved_host();
    let namespace = mesh.cluster_domain().service_part(&host).and_then(|part| part.rsplit('.').next());
    namespace.is_some_and(|namespace| !namespace.contains('*') && mesh.indices().coverage().covers(Kind::Service, namespace))
}

/// Number of workloads that a policy selects and takes precedence for, and the policies that take precedence over it.
#[derive(Default)]
struct PolicyTally<'m> {
    selected: usize,
    effective: usize,
    /// Whether it takes precedence for an ambient workload.
    has_ambient: bool,
    overridden_by: BTreeSet<&'m Id>,
}

fn tally<'m>(mesh: &'m Mesh<'m>) -> BTreeMap<&'m Id, PolicyTally<'m>> {
    let mut tallies: BTreeMap<&Id, PolicyTally<'_>> = BTreeMap::new();
    for workload in mesh.workloads() {
        let mut selected: BTreeMap<&Id, Option<&Id>> = BTreeMap::new();
        let is_ambient = workload.instances.iter().any(|instance| instance.dataplane == Dataplane::Ambient);
        for instance in &workload.instances {
            let namespace = &workload.subject.namespace;
            let decision = mesh.indices().decision(instance);
            let winner = decision.workload.map(|policy| &policy.id);
            for policy in mesh.policies().matching(namespace, &instance.labels) {
                selected.insert(&policy.id, winner);
            }
            for wide in [decision.mesh, decision.namespace].into_iter().flatten() {
                selected.insert(&wide.id, Some(&wide.id));
            }
        }
        for (id, winner) in selected {
            let tally = tallies.entry(id).or_default();
            tally.selected += 1;
            tally.effective += usize::from(winner == Some(id));
            tally.has_ambient |= is_ambient && winner == Some(id);
            tally.overridden_by.extend(winner.filter(|winner| *winner != id));
        }
    }
    tallies
}

/// Whether every workload that a policy of the namespace could select was read.
fn is_completely_read(mesh: &Mesh<'_>, namespace: &str) -> bool {
    !mesh.workloads().is_empty() && mesh.indices().coverage().covers_workloads(namespace)
}

/// Whether every policy that could take precedence over one of the namespace was read.
fn has_all_policies(mesh: &Mesh<'_>, namespace: &str) -> bool {
    let coverage = mesh.indices().coverage();
    coverage.is_whole() || coverage.covers(Kind::PeerAuthentication, namespace) && coverage.has_control_planes()
}

fn row<'m>(mesh: &'m Mesh<'m>, policy: &'m PeerAuthentication, is_in_root: bool, tally: Option<&PolicyTally<'m>>) -> PolicyRow<'m> {
    let none = PolicyTally::default();
    let tally = tally.unwrap_or(&none);
    let selects_labels = policy.selector.labels().is_some();
    let scope = match (selects_labels, is_in_root) {
        (true, _) => PolicyScope::Workload,
        (false, true) => PolicyScope::Mesh,
        (false, false) => PolicyScope::Namespace,
    };
    let oldest = mesh.policies().namespace_wide(&policy.id.namespace).next();
    let covers_workloads = mesh.indices().coverage().covers_workloads(&policy.id.namespace);
    let status = match oldest {
        _ if !has_all_policies(mesh, &policy.id.namespace) || selects_labels && !covers_workloads => PolicyStatus::Unknown,
        _ if selects_labels && is_in_root => PolicyStatus::Ignored,
        _ if selects_labels && tally.selected == 0 && !is_completely_read(mesh, &policy.id.namespace) => PolicyStatus::Unknown,
        _ if selects_labels && tally.selected == 0 => PolicyStatus::SelectsNothing,
        _ if selects_labels && tally.effective == 0 => PolicyStatus::Overridden(tally.overridden_by.clone()),
        _ if selects_labels && tally.effective < tally.selected => PolicyStatus::PartlyOverridden(tally.overridden_by.clone()),
        Some(oldest) if !selects_labels && oldest.id != policy.id => PolicyStatus::Overridden(BTreeSet::from([&oldest.id])),
        _ => PolicyStatus::InForce,
    };
    let is_in_force = status.is_in_force();
    let is_known = |workload: &Workload<'_>| {
        workload.is_certain && mesh.indices().coverage().covers_labels(mesh.namespace_labels(&workload.subject.namespace))
    };
    let is_mesh = scope == PolicyScope::Mesh;
    let has_gaps = is_mesh && !mesh.snapshot().gaps.is_empty();
    let is_partial = !mesh.indices().coverage().is_whole()
        && (status == PolicyStatus::Unknown
            || !covers_workloads
            || has_gaps
            || !mesh.workloads_in(&policy.id.namespace).iter().all(is_known));
    let disables = policy.mode == Some(Mode::Disable) || policy.ports.values().any(|mode| *mode == Some(Mode::Disable));
    let is_permissive_in_ambient = is_in_force && disables && tally.has_ambient;
    PolicyRow {
        policy,
        scope,
        is_partial,
        is_permissive_in_ambient,
        governs: if is_in_force { tally.effective } else { 0 },
        selects: tally.selected,
        status,
    }
}
