//! Workloads: their pods, the data plane of each, and whether each is in the mesh.

mod bypass;
mod capture;
mod certainty;
mod classes;
mod dataplane;
mod declared_ports;
mod enrolling_change;
mod enrolment;
mod injection;
mod instance;
mod membership;
mod overridden_revision;
mod owners;
mod pod_builder;
mod ports;
mod subject;
mod workloads;

pub(super) use bypass::INCLUDE_RANGES;
pub use bypass::{DirectPorts, runs_as_proxy_user};
pub use capture::{Bypass, Capture};
pub(super) use classes::split_by;
pub use dataplane::Dataplane;
pub(super) use dataplane::PROXY;
pub use enrolling_change::{EnrollingChange, LabelChange};
pub(super) use injection::Candidate;
pub use injection::{Injection, NotInjectedReason};
pub use instance::{Instance, TLS_MODE};
pub(super) use instance::{accepts_tunnel, merged_labels};
pub use membership::{EnrolmentSetting, Membership, MeshState, NoProxyReason, SettingSource};
pub use overridden_revision::OverriddenRevision;
pub(super) use ports::tcp_ports;
pub use ports::{DeclaredPort, TargetingPort};
pub use subject::{Subject, SubjectKind};
pub use workloads::Workload;

use super::indices::Indices;

/// Every workload of a snapshot.
pub(super) fn all<'s>(indices: &Indices<'s>) -> Vec<Workload<'s>> {
    let mut workloads = workloads::all(indices);
    declared_ports::declare(indices, &mut workloads);
    classes::number(indices, &mut workloads);
    workloads
}
