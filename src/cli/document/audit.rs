//! The document of `audit`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    header::decided_by,
    words::{enforced, policy_mode},
};
use crate::{
    mesh::{Mesh, PortMode, WORKLOAD_KINDS},
    object::{Kind, Text},
    queries::{
        Scope,
        audit::{self, NamespaceRow, WorkloadRow},
        matrix::{self, ClientRow, PortCounts},
    },
    report::document::{
        self,
        audit::{self as doc, GroupBy},
        words::Dataplane,
    },
};

/// The modes of everything in scope; the results of clients only for `By::Client`. `findings` are those of the whole document.
pub(crate) fn audit(mesh: &Mesh<'_>, scope: &Scope, by: GroupBy, findings: &[document::Finding]) -> doc::Audit {
    let answer = audit::audit(mesh, scope);
    let by_client = || matrix::matrix(mesh, scope).iter().map(clients).collect();
    doc::Audit {
        by,
        namespaces: namespaces(mesh, &answer.namespaces, findings),
        workloads: answer.workloads.iter().map(|row| workload(row, by == GroupBy::Port)).collect(),
        clients: (by == GroupBy::Client).then(by_client),
    }
}

/// The rows of namespaces, each with the findings about its objects and about itself, and those about the root namespace that involve its
/// workloads.
fn namespaces(mesh: &Mesh<'_>, rows: &[NamespaceRow<'_>], findings: &[document::Finding]) -> Vec<doc::Namespace> {
    let mut by_namespace: BTreeMap<&str, Vec<&document::Finding>> = BTreeMap::new();
    for finding in findings {
        let subject = &finding.subject;
        let own = subject.namespace.as_deref().or_else(|| (subject.kind == Kind::Namespace.name()).then_some(subject.name.as_str()));
        let is_of_mesh = own.is_some_and(|name| mesh.control_planes().is_root(name));
        let is_workload = |one: &&document::Subject| Kind::of_word(&one.kind).is_none_or(|kind| WORKLOAD_KINDS.contains(&kind));
        let involved = finding.related.iter().filter(|one| is_of_mesh && is_workload(one));
        let all: BTreeSet<&str> = involved.filter_map(|one| one.namespace.as_deref()).chain(own).collect();
        for name in all {
            by_namespace.entry(name).or_default().push(finding);
        }
    }
    rows.iter().map(|row| namespace(row, by_namespace.get(row.name.as_str()).map_or(&[], Vec::as_slice))).collect()
}

fn namespace(row: &NamespaceRow<'_>, findings: &[&document::Finding]) -> doc::Namespace {
    doc::Namespace {
        name: row.name.to_string(),
        dataplane: row.dataplane.map_or(Dataplane::Mixed, Dataplane::from),
        assumed: row.is_assumed,
        mode: policy_mode(row.mode, row.is_certain),
        decided_by: decided_by(row.decided_by.filter(|_| row.is_certain)),
        workloads: doc::ModeCounts {
            total: row.counts.total,
            strict: row.counts.strict,
            permissive: row.counts.permissive,
            disable: row.counts.disable,
            none: row.counts.none,
            unknown: row.counts.unknown,
            with_exceptions: row.counts.with_exceptions,
            partial: row.counts.is_partial,
        },
        findings: document::Severities::of(findings.iter().copied()),
        mesh_name: None,
    }
}

/// Clients with equal results.
fn clients(row: &ClientRow) -> doc::ClientGroup {
    let servers = |(namespace, ports): (&Text, &PortCounts)| doc::ServerResults {
        namespace: namespace.to_string(),
        mtls: ports.of(matrix::CallOutcome::Mtls),
        tls: ports.of(matrix::CallOutcome::Tls),
        plaintext: ports.of(matrix::CallOutcome::Plaintext),
        mixed: ports.of(matrix::CallOutcome::Mixed),
        fail: ports.of(matrix::CallOutcome::Fail),
        unknown: ports.of(matrix::CallOutcome::Unknown),
        no_endpoints: ports.of(matrix::CallOutcome::NoEndpoints),
        partial: row.partial.contains(namespace),
    };
    doc::ClientGroup {
        dataplane: row.kind.into(),
        namespaces: row.namespaces.iter().map(ToString::to_string).collect(),
        servers: row.servers.iter().map(servers).collect(),
        mesh_name: None,
    }
}

/// The row of a workload, with every declared port or only those that differ from the workload.
pub(super) fn workload(row: &WorkloadRow<'_>, every_port: bool) -> doc::Workload {
    let subject = &row.workload.subject;
    let ports = if every_port {
        row.ports.iter().map(|(n, mode)| port(*n, mode)).collect()
    } else {
        row.exceptions().map(|(n, mode)| port(n, mode)).collect()
    };
    let variants =
        row.variants.iter().map(|v| doc::Variant { pods: v.pods, dataplane: v.dataplane.into(), mode: enforced(v.mode, v.is_certain) });
    doc::Workload {
        namespace: subject.namespace.to_string(),
        kind: subject.kind.to_string(),
        name: subject.name.to_string(),
        pods: row.known_pods(),
        dataplane: row.dataplane.into(),
        mode: enforced(row.mode.mode, row.mode.is_enforcement_certain()),
        policy_mode: policy_mode(row.mode.policy_mode, row.mode.is_certain),
        decided_by: decided_by(row.mode.known_policy()),
        ports,
        variants: if row.variants.len() > 1 { variants.collect() } else { Vec::new() },
        assumed: row.is_assumed,
        mesh_name: None,
    }
}

fn port(number: u16, mode: &PortMode<'_>) -> doc::Port {
    doc::Port {
        port: number,
        mode: enforced(mode.mode, mode.is_enforcement_certain()),
        policy_mode: policy_mode(mode.policy_mode, mode.is_certain),
        decided_by: decided_by(mode.known_policy()),
        trail: None,
    }
}
