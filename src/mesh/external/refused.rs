//! Callers from outside the mesh whose calls fail.

use super::{ExternalCaller, refusal::Refusal};
use crate::mesh::{CallProperties, Endpoint, Failure, Instance, Mesh, Verdict, Workload};

/// A caller from outside the mesh whose call fails, and the server that it calls.
#[derive(Clone, Copy, Debug)]
pub struct RefusedCaller<'m> {
    pub workload: &'m Workload<'m>,
    pub instance: &'m Instance<'m>,
    pub caller: &'m ExternalCaller,
    pub failure: Failure,
}

impl Mesh<'_> {
    /// The result of a call from outside the mesh.
    #[must_use]
    pub fn external_verdict(&self, workload: &Workload<'_>, instance: &Instance<'_>, caller: &ExternalCaller) -> Verdict {
        self.evaluate(&called(workload, instance, caller), caller.sent_as, CallProperties::of(caller.kind.proxy())).verdict
    }

    /// Whether a call from outside the mesh fails because the port is STRICT.
    #[must_use]
    pub fn is_caller_refused_by_strict(&self, workload: &Workload<'_>, instance: &Instance<'_>, caller: &ExternalCaller) -> bool {
        let endpoint = called(workload, instance, caller);
        self.is_refused_by_strict(&endpoint, caller.sent_as, CallProperties::of(caller.kind.proxy()))
    }

    /// The callers from outside the mesh whose calls fail, in order of the workloads; computed on first use.
    ///
    /// Callers that only open a connection are excluded: a sidecar accepts that in every mode (S186).
    pub fn refused_external_callers(&self) -> impl Iterator<Item = RefusedCaller<'_>> {
        let all = self.derived.refusals.get_or_init(|| self.refusals());
        all.iter().filter_map(|refusal| {
            let workload = self.workloads.get(refusal.workload)?;
            let instance = workload.instances.get(refusal.instance)?;
            Some(RefusedCaller { workload, instance, caller: &refusal.caller, failure: refusal.failure })
        })
    }

    fn refusals(&self) -> Vec<Refusal> {
        let mut found = Vec::new();
        for (at, workload) in self.workloads.iter().enumerate() {
            for (position, instance) in workload.instances.iter().enumerate() {
                for caller in self.external_callers(workload, instance).into_iter().filter(|caller| !caller.is_connect_only) {
                    if let Verdict::Fail(failure) = self.external_verdict(workload, instance, &caller) {
                        found.push(Refusal { workload: at, instance: position, caller, failure });
                    }
                }
            }
        }
        found
    }
}

fn called<'m>(workload: &'m Workload<'m>, instance: &'m Instance<'m>, caller: &ExternalCaller) -> Endpoint<'m> {
    Endpoint::of_instance(workload, instance, caller.port)
}
