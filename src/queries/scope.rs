//! The scope of a query: namespaces and labels.

use crate::{
    mesh::{Instance, Mesh, Subject, Workload},
    object::{Kind, LabelSelector},
};

/// The part of the mesh that a query covers. Policies outside it are still evaluated, because they may govern workloads inside.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Namespaces to include; empty means all.
    pub namespaces: Vec<String>,
    pub excluded: Vec<String>,
    /// Whether the system namespaces are included if all namespaces are.
    pub include_system: bool,
    /// Labels of the workloads.
    pub selector: LabelSelector,
}

/// Namespaces of Istio and Kubernetes themselves.
const SYSTEM: [&str; 4] = ["istio-system", "kube-system", "kube-public", "kube-node-lease"];

/// Whether a namespace is one of Istio's or Kubernetes' own, which are excluded unless requested.
#[must_use]
pub fn is_system(namespace: &str) -> bool {
    SYSTEM.contains(&namespace)
}

impl Scope {
    /// The requested namespaces in which no object was read.
    pub fn unmatched_namespaces<'s>(&'s self, mesh: &'s Mesh<'_>) -> impl Iterator<Item = &'s str> {
        self.namespaces.iter().map(String::as_str).filter(|name| !mesh.namespaces().contains_key(*name))
    }

    /// Whether labels were requested that no workload in scope has.
    #[must_use]
    pub fn has_unmatched_labels(&self, mesh: &Mesh<'_>) -> bool {
        let workloads = mesh.workloads();
        !self.selector.is_empty() && !workloads.is_empty() && !workloads.iter().any(|workload| self.contains_workload(workload))
    }

    #[must_use]
    pub fn contains(&self, namespace: &str) -> bool {
        let is_named = self.namespaces.iter().any(|name| name == namespace);
        let is_included = if self.namespaces.is_empty() { self.include_system || !is_system(namespace) } else { is_named };
        is_included && !self.excluded.iter().any(|name| name == namespace)
    }

    /// Whether an instance of a workload is in scope.
    #[must_use]
    pub fn contains_instance(&self, workload: &Workload<'_>, instance: &Instance<'_>) -> bool {
        self.contains(&workload.subject.namespace) && self.selector.selects(&instance.labels)
    }

    /// Whether any instance of a workload is in scope.
    #[must_use]
    pub fn contains_workload(&self, workload: &Workload<'_>) -> bool {
        workload.instances.iter().any(|instance| self.contains_instance(workload, instance))
    }

    /// Whether a finding about a subject is in scope: if its namespace is, or if it is configuration in the namespace of a control plane or in
    /// its root namespace.
    #[must_use]
    pub fn contains_subject(&self, mesh: &Mesh<'_>, subject: &Subject) -> bool {
        let namespace = if subject.kind.known() == Some(Kind::Namespace) { &subject.name } else { &subject.namespace };
        if namespace.is_empty() {
            return self.namespaces.is_empty();
        }
        let is_configuration = subject.kind.known().is_some_and(Kind::is_configuration);
        let governs = is_configuration && mesh.control_planes().is_of_control_plane(namespace);
        if !(governs || self.contains(namespace)) {
            return false;
        }
        let workload = mesh.workloads_in(namespace).iter().find(|workload| workload.subject == *subject);
        workload.is_none_or(|workload| self.contains_workload(workload))
    }
}
