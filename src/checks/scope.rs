//! Selects the findings for a report about a part of the mesh, a workload or a call.

use super::{AffectedClients, Finding};
use crate::{
    mesh::{Mesh, Subject},
    queries::{
        Scope,
        reach::{CallAnswer, CallQuestion},
    },
};

/// Whether a finding is in `scope`: its subject, a workload that it names, or a client whose calls it affects is in scope. A finding
/// about mesh-wide configuration is in scope only if it affects something in scope.
#[must_use]
pub fn is_in_scope(mesh: &Mesh<'_>, scope: &Scope, finding: &Finding) -> bool {
    let is_workload = |subject: &&Subject| mesh.workloads_in(&subject.namespace).iter().any(|workload| workload.subject == **subject);
    let mut workloads = finding.related.iter().filter(is_workload).peekable();
    if workloads.peek().is_none() && scope.contains_subject(mesh, &finding.subject) {
        return true;
    }
    if workloads.any(|subject| scope.contains_subject(mesh, subject)) {
        return true;
    }
    // A label selector selects workloads, not their clients or neighbours.
    let namespace = &finding.subject.namespace;
    scope.selector.is_empty() && (!namespace.is_empty() && scope.contains(namespace) || affects_client(mesh, scope, &finding.clients))
}

fn affects_client(mesh: &Mesh<'_>, scope: &Scope, clients: &AffectedClients) -> bool {
    match clients {
        AffectedClients::None => false,
        AffectedClients::Namespaces(namespaces) => namespaces.iter().any(|namespace| scope.contains(namespace)),
        AffectedClients::All => mesh.workloads().iter().any(|workload| scope.contains_workload(workload)),
    }
}

/// Whether a workload is the subject of a finding or one of its related objects.
#[must_use]
pub fn is_about(subject: &Subject, finding: &Finding) -> bool {
    *subject == finding.subject || finding.related.contains(subject)
}

/// Whether a finding is about a `DestinationRule` that a call uses, about its client, or about one of the workloads that it reaches.
#[must_use]
pub fn is_about_call(question: &CallQuestion<'_>, answer: &CallAnswer<'_>, finding: &Finding) -> bool {
    let rules = answer.client.cluster.iter().flat_map(|cluster| &cluster.rule).flat_map(|rule| &rule.from);
    let called = answer.endpoints.iter().filter_map(|reached| reached.endpoint.server);
    let mut workloads = called.chain(question.from.instance).map(|(workload, _)| &workload.subject);
    rules.map(|rule| Subject::from(&rule.id)).any(|rule| rule == finding.subject) || workloads.any(|subject| is_about(subject, finding))
}
