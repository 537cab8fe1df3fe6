//! Workloads whose pods lack what a label of their namespace requests: one finding for the label, however many workloads.

use std::collections::BTreeMap;

use super::{Finding, Rule, affected_pods::AffectedWorkload};
use crate::{
    mesh::{EnrolmentSetting, Mesh, SettingSource, Subject},
    object::{FieldPath, Id, Kind, list_names, plural},
};

/// Workloads with one cause.
pub(super) struct EnrolmentGroup<'m> {
    pub(super) workloads: Vec<AffectedWorkload<'m>>,
    /// The label of the namespace that requests what they lack; `None` if a workload requests it itself.
    label: Option<&'m EnrolmentSetting>,
}

/// Groups workloads by the label of their namespace, and by what is wrong with them.
pub(super) fn groups(
    affected: Vec<AffectedWorkload<'_>>,
    problem: impl Fn(&AffectedWorkload<'_>) -> String,
) -> Vec<(String, EnrolmentGroup<'_>)> {
    let mut by_label: BTreeMap<(&str, String), EnrolmentGroup<'_>> = BTreeMap::new();
    let mut found = Vec::new();
    for one in affected {
        let label = one.membership.requested_by.as_ref().filter(|label| label.on == SettingSource::Namespace);
        let problem = problem(&one);
        if label.is_none() {
            found.push((problem, EnrolmentGroup { workloads: vec![one], label }));
            continue;
        }
        let key = (one.workload.subject.namespace.as_str(), problem);
        by_label.entry(key).or_insert_with(|| EnrolmentGroup { workloads: Vec::new(), label }).workloads.push(one);
    }
    found.extend(by_label.into_iter().map(|((_, problem), group)| (problem, group)));
    found
}

impl EnrolmentGroup<'_> {
    /// `Deployment shop/web`, or `3 workloads (…)`.
    pub(super) fn describe(&self) -> String {
        match &self.workloads[..] {
            [one] => one.describe(),
            all => format!("{} ({})", plural(all.len(), "workload"), list_names(all.iter().map(AffectedWorkload::describe))),
        }
    }

    /// The finding about the label of the namespace, or about the pods of the only workload.
    pub(super) fn finding(&self, mesh: &Mesh<'_>, rule: &'static Rule, message: String) -> Option<Finding> {
        let first = self.workloads.first()?;
        let Some(label) = self.label else { return Some(first.finding(rule, message)) };
        let id = Id::new(Kind::Namespace, "", first.workload.subject.namespace.clone());
        let at = FieldPath::of("metadata.labels").then(label.key);
        let related: Vec<Subject> = self.workloads.iter().map(|one| one.workload.subject.clone()).collect();
        Some(Finding::about(rule, mesh.snapshot(), &id, at, message).with_related(related))
    }
}
