//! Calls to machines of which no proxy is known (S156, S229).

use std::collections::BTreeSet;

use super::{answer::CallAnswer, calling::CallEvaluation};
use crate::{istio::Mode, mesh::SentAs, object::FieldPath};

impl<'m> CallEvaluation<'_, 'm> {
    /// Notes that plaintext fails at a machine if it runs a proxy, which no configuration shows, under STRICT.
    pub(super) fn note_machines(&self, answer: &mut CallAnswer<'m>) {
        let mut machines = BTreeSet::new();
        for reached in &answer.endpoints {
            let Some((workload, instance)) = reached.endpoint.server else { continue };
            let is_strict = || self.mesh.server(workload, instance).port(reached.endpoint.port).policy_mode == Mode::Strict;
            if instance.is_machine_without_identity() && reached.sent_as == SentAs::Plaintext && is_strict() {
                machines.insert(workload.subject.path());
            }
        }
        for machine in machines {
            let message = format!(
                "{machine} has neither a service account nor the tlsMode label, so clients send it plaintext; whether it runs a proxy is not \
                 known, and if it does, the call fails, because the policy is STRICT (S156, S229)"
            );
            answer.note(None, Some(FieldPath::of("spec.serviceAccount")), message);
        }
    }
}
