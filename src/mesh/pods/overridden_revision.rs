//! Labels of pods that request a revision and have no effect, because a label of their namespace overrides them (S138, S141, S257).

use super::{
    injection::{Injection, NAMESPACE_INJECTION, REVISION},
    instance::Instance,
    membership::{EnrolmentSetting, Membership, SettingSource},
    workloads::Workload,
};
use crate::{
    mesh::Mesh,
    object::{Labels, Text},
};

/// A revision that the template of a workload requests, and what overrides it.
#[derive(Debug)]
pub struct OverriddenRevision<'m> {
    pub workload: &'m Workload<'m>,
    /// The revision or tag that the pods request.
    pub requested: &'m str,
    /// The label of the namespace.
    pub by: EnrolmentSetting,
    /// The revision or tag that injects new pods; `None` if they are not injected.
    pub effective: Option<&'m Text>,
}

impl Mesh<'_> {
    /// Every workload whose pods request a revision that a label of their namespace overrides.
    #[must_use]
    pub fn overridden_revisions(&self) -> Vec<OverriddenRevision<'_>> {
        let mut found: Vec<OverriddenRevision<'_>> = Vec::new();
        for (workload, instance, membership) in self.members() {
            let is_known = found.last().is_some_and(|last| last.workload.subject == workload.subject);
            found.extend(self.overridden_revision(workload, instance, membership).filter(|_| !is_known));
        }
        found
    }

    fn overridden_revision<'m>(
        &'m self,
        workload: &'m Workload<'m>,
        instance: &'m Instance<'m>,
        membership: &'m Membership,
    ) -> Option<OverriddenRevision<'m>> {
        let namespace = self.namespace_labels(&workload.subject.namespace)?;
        let of = |key| namespace.get(key).map(|value| EnrolmentSetting { on: SettingSource::Namespace, key, value: value.into() });
        let by = of(NAMESPACE_INJECTION).or_else(|| of(REVISION))?;
        let requested = self.own_labels(workload, instance)?.get(REVISION).filter(|revision| !revision.is_empty())?;
        let effective = match &membership.injection {
            Injection::Injected { revision } => Some(revision),
            Injection::NotInjected(_) => None,
        };
        let revision = |name: &str| self.control_planes().revision(name).to_owned();
        let is_effective = effective.is_some_and(|effective| revision(effective) == revision(requested));
        (!is_effective).then_some(OverriddenRevision { workload, requested, by, effective })
    }

    /// The labels of new pods as the user set them: injection adds the revision to those of running pods.
    fn own_labels<'m>(&'m self, workload: &Workload<'_>, instance: &'m Instance<'m>) -> Option<&'m Labels> {
        if instance.is_running {
            return self.indices().controller(&workload.subject).map(|controller| controller.template().meta.labels());
        }
        Some(instance.meta.labels())
    }
}
