//! Which workload a pod belongs to: by owner references, and by name patterns where an owner was not read.

use std::collections::BTreeMap;

use super::subject::{Subject, SubjectKind};
use crate::{
    istio::{Controller, Metadata, Owner, OwnerKind, Pod},
    object::{FieldPath, Kind, Labels, Origin, Snapshot, Text},
};

/// The controllers that were read, to resolve owner references.
pub(super) struct Owners<'s> {
    by_id: BTreeMap<(&'s str, Kind, &'s str), Controller<'s>>,
}

impl<'s> Owners<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        let key = |one: Controller<'s>| (one.id.namespace.as_str(), one.id.kind, one.id.name.as_str());
        Self { by_id: snapshot.controllers.iter().map(Controller::of).map(|one| (key(one), one)).collect() }
    }

    fn get(&self, subject: &Subject) -> Option<Controller<'s>> {
        self.by_id.get(&(subject.namespace.as_str(), subject.kind.known()?, subject.name.as_str())).copied()
    }

    /// The workload of a pod: the topmost owner that its owner references and the usual name patterns resolve to.
    pub(super) fn of_pod(&self, pod: Pod<'_>) -> Subject {
        let mut subject = Subject::from(pod.id);
        // A Node owns the static pods of its kubelet, which are workloads of their own.
        let owner = |meta: Metadata<'_>| meta.manager().filter(|owner| owner.kind != OwnerKind::Node).map(named);
        let mut next = owner(pod.meta());
        // Three steps reach the top of every owner chain in Kubernetes, and end a circular one.
        for _ in 0..3 {
            let Some((kind, name)) = next else { return subject };
            subject = Subject { namespace: subject.namespace, kind, name };
            next = match self.get(&subject) {
                Some(controller) => owner(controller.meta()),
                None => owner_by_name(&subject, pod.meta().labels()),
            };
        }
        subject
    }

    /// The workload that a controller's template defines: itself, or its owner if that was not read. `None` if the owner was read, or if
    /// an owned controller is scaled to zero.
    pub(super) fn of_controller(&self, controller: Controller<'_>) -> Option<Subject> {
        let own = Subject::from(controller.id);
        let Some((kind, name)) = controller.meta().manager().map(named) else { return Some(own) };
        let owner = Subject { namespace: own.namespace, kind, name };
        let has_replicas = controller.replicas().is_none_or(|replicas| replicas > 0);
        (has_replicas && self.get(&owner).is_none()).then_some(owner)
    }

    /// The object that findings about a workload refer to: its controller if that was read, else the pod.
    pub(super) fn finding_target(&self, subject: &Subject, pod: Pod<'s>) -> (&'s Origin, FieldPath) {
        match self.get(subject) {
            Some(controller) => (controller.origin, template_metadata(controller.id.kind)),
            None => (pod.origin, FieldPath::of("metadata")),
        }
    }
}

fn named(owner: Owner<'_>) -> (SubjectKind, Text) {
    (owner.kind.into(), owner.name.clone())
}

/// The owner of an owner that was not read, from its name: Deployments append a hash, `CronJobs` the time.
fn owner_by_name(subject: &Subject, pod: &Labels) -> Option<(SubjectKind, Text)> {
    let (stem, tail) = subject.name.rsplit_once('-')?;
    let kind = subject.kind.known()?;
    let is_time = tail.len() >= 8 && tail.bytes().all(|b| b.is_ascii_digit());
    let owner = if kind == Kind::ReplicaSet && pod.has("pod-template-hash", tail) {
        Kind::Deployment
    } else if kind == Kind::Job && is_time {
        Kind::CronJob
    } else {
        return None;
    };
    Some((owner.into(), stem.into()))
}

pub(super) fn template_metadata(kind: Kind) -> FieldPath {
    FieldPath::of(if kind == Kind::CronJob { "spec.jobTemplate.spec.template.metadata" } else { "spec.template.metadata" })
}
