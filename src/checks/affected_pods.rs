//! Workloads with pods whose proxy state is not the expected one: one finding per workload, however many pods.

use super::{Finding, Rule};
use crate::{
    mesh::{Instance, Membership, Mesh, Workload},
    object::{FieldPath, Text, list_names},
};

/// A workload and those of its pods that a rule is about.
pub(super) struct AffectedWorkload<'m> {
    pub(super) workload: &'m Workload<'m>,
    /// The first affected instance.
    pub(super) instance: &'m Instance<'m>,
    /// The membership of that instance.
    pub(super) membership: &'m Membership,
    pods: Vec<&'m Text>,
}

/// The workloads with an instance for which `is_affected` returns true.
pub(super) fn affected_workloads<'m>(
    mesh: &'m Mesh<'m>,
    is_affected: impl Fn(&Instance<'_>, &Membership) -> bool,
) -> Vec<AffectedWorkload<'m>> {
    let mut found: Vec<AffectedWorkload<'_>> = Vec::new();
    for (workload, instance, membership) in mesh.members().filter(|(_, instance, membership)| is_affected(instance, membership)) {
        match found.last_mut().filter(|last| last.workload.subject == workload.subject) {
            Some(last) => last.pods.extend(&instance.pods),
            None => found.push(AffectedWorkload { workload, instance, membership, pods: instance.pods.clone() }),
        }
    }
    found
}

impl AffectedWorkload<'_> {
    /// `Deployment shop/web`, with the affected pods if these are not all.
    pub(super) fn describe(&self) -> String {
        let (subject, all) = (&self.workload.subject, self.workload.pods());
        if self.pods.len() == all {
            subject.to_string()
        } else {
            format!("{} of {all} pods of {subject} ({})", self.pods.len(), list_names(&self.pods))
        }
    }

    /// A finding about the metadata of the pods.
    pub(super) fn finding(&self, rule: &'static Rule, message: String) -> Finding {
        Finding::about_workload(rule, self.workload, self.workload.metadata.clone(), message)
    }

    /// A finding about a label or annotation of the pods.
    pub(super) fn finding_at(&self, rule: &'static Rule, map: &str, key: &str, message: String) -> Finding {
        Finding::about_workload(rule, self.workload, self.workload.metadata_field(map, key), message)
    }

    /// A field of the pods' spec, which is a sibling of their metadata.
    pub(super) fn spec_field(&self, below: &str) -> FieldPath {
        let metadata = &self.workload.metadata;
        metadata.steps().take(metadata.steps().len() - 1).chain(["spec"]).chain(below.split('.')).collect()
    }
}
