//! Workloads: their pods, what takes the traffic of each, and what each is to the mesh (S8, S32–S36, S104, S105, S109–S116, S137–S167).

mod bypass;
mod capture;
mod dataplane;
mod enrolment;
mod injection;
mod instance;
mod membership;
mod owners;
mod ports;
mod workloads;

pub use bypass::runs_as_proxy;
pub use capture::{Capture, Hole};
pub use dataplane::Dataplane;
pub(super) use dataplane::PROXY;
pub(super) use injection::Candidate;
pub use injection::{Injection, Reason};
pub use instance::Instance;
pub(super) use instance::merged;
pub use membership::{Absence, Holder, Label, Membership, Standing};
pub use ports::{DeclaredPort, ServicePort};
pub(super) use ports::{container_ports, is_tcp, number};
pub(super) use workloads::all;
pub use workloads::{Subject, Workload};
