//! Calls to aliases (`ExternalName` Services) whose target, or its port, does not exist (S245).

use super::{
    answer::CallAnswer,
    calling::CallEvaluation,
    existence::{MissingName, missing_behind_alias},
};
use crate::{mesh::Failure, object::list_names};

impl<'m> CallEvaluation<'_, 'm> {
    /// Whether the host is an alias of something that certainly does not exist, so that the call fails: cluster DNS resolves the name to the address of
    /// its target, and the ports that the alias declares have no effect.
    pub(super) fn fails_at_alias(&self, answer: &mut CallAnswer<'m>, host: &str) -> bool {
        let missing = missing_behind_alias(self.mesh, host, self.question.port).filter(|missing| missing.is_certain);
        let Some(missing) = missing else { return false };
        answer.note(None, None, format!("{host} is an alias of {} (S245)", self.target_without(&missing.what)));
        answer.failure = Some(Failure::NothingThere);
        true
    }

    fn target_without(&self, what: &MissingName) -> String {
        match what {
            MissingName::Namespace(name) => format!("a Service in namespace {name}, which does not exist"),
            MissingName::Service { namespace, name } => format!("Service {namespace}/{name}, which does not exist"),
            MissingName::Target { alias, target } => format!("{target} by {alias}, which DNS does not resolve"),
            MissingName::Pod { service, name } => format!("pod {name} of {service}, which does not exist"),
            MissingName::PortName { service, name } => format!("{service}, which has no port {name}"),
            MissingName::Port { service, number } => {
                let ports = self.mesh.registry().of(service).map(|found| found.ports.iter().map(|port| port.number.to_string()));
                match ports.map(list_names).unwrap_or_default() {
                    none if none.is_empty() => format!("{service}, which has no port {number}"),
                    known => format!("{service}, which has no port {number}, only {known}"),
                }
            }
        }
    }
}
