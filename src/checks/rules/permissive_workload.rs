//! Workloads that accept plaintext.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity},
    istio::Mode,
    mesh::{Dataplane, Mesh, PortMode, Subject},
    object::{FieldPath, Id, Kind, Text, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS107",
    name: "permissive-workload",
    severity: Severity::Info,
    summary: "Workloads or ports accept plaintext in addition to mTLS, grouped by the policy (or its absence) that allows it.",
    why: "PERMISSIVE is meant for migration, not as a permanent mode: any client that reaches the port can call it without an \
          identity, and nothing distinguishes clients with an identity from clients without one.",
    fix: "Find the clients that still send plaintext, then set STRICT for the workload, the namespace or the mesh.",
    bad: include_str!("permissive_workload.bad.yaml"),
    good: include_str!("permissive_workload.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S13", "S15", "S27"],
};

/// Why workloads accept plaintext: a policy, or that there is none for the mesh with this root namespace, nor for theirs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'m> {
    Policy(&'m Id),
    NoPolicy(&'m Text),
}

/// The workloads that accept plaintext because of one cause, as a whole or on these ports.
#[derive(Default)]
struct Open<'m> {
    workloads: BTreeSet<&'m Subject>,
    ports: BTreeSet<u16>,
    is_whole: bool,
}

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<Cause<'_>, Open<'_>> = BTreeMap::new();
    for (workload, instance, server) in mesh.servers() {
        let whole = server.workload();
        let root = &mesh.control_planes().of_revision(&instance.revision).root_namespace;
        let mut add = |cause, port: Option<u16>| {
            let open = causes.entry(cause).or_default();
            open.workloads.insert(&workload.subject);
            open.is_whole |= port.is_none();
            open.ports.extend(port);
        };
        if accepts_plaintext(server.dataplane, &whole) {
            add(whole.decided_by.map_or(Cause::NoPolicy(root), Cause::Policy), None);
            continue;
        }
        for (&port, _) in instance.ports.iter().filter(|(_, declared)| declared.is_declared_outside_policies()) {
            let mode = server.port(port);
            if let Some(id) = mode.decided_by.filter(|_| accepts_plaintext(server.dataplane, &mode)) {
                add(Cause::Policy(id), Some(port));
            }
        }
    }
    out.extend(causes.into_iter().map(|(cause, open)| finding(mesh, &cause, &open)));
}

fn accepts_plaintext(dataplane: Dataplane, mode: &PortMode<'_>) -> bool {
    match mode.policy_mode {
        Mode::Permissive => matches!(mode.mode, Some(Mode::Permissive | Mode::Disable)),
        // In ambient, DISABLE is equivalent to PERMISSIVE; elsewhere plaintext-port reports it.
        Mode::Disable => dataplane == Dataplane::Ambient && mode.mode == Some(Mode::Permissive),
        Mode::Strict => false,
    }
}

fn finding(mesh: &Mesh<'_>, cause: &Cause<'_>, open: &Open<'_>) -> Finding {
    let workloads = &open.workloads;
    let accept = if workloads.len() == 1 { "accepts" } else { "accept" };
    let summary = format!("{} {accept} plaintext", plural(workloads.len(), "workload"));
    let names = list_names(workloads);
    let finding = match *cause {
        Cause::Policy(id) => {
            let message = format!("{summary}{} because of {id}: {names}", open.describe_ports());
            Finding::about(&RULE, mesh.snapshot(), id, open.field(mesh, id), message)
        }
        Cause::NoPolicy(root) => {
            let namespaces: BTreeSet<&Text> = workloads.iter().map(|subject| &subject.namespace).collect();
            let word = if namespaces.len() == 1 { "namespace" } else { "namespaces" };
            let message =
                format!("{summary} because no PeerAuthentication applies to {word} {} or to the mesh: {names}", list_names(&namespaces));
            let id = Id::new(Kind::Namespace, "", root.clone());
            let finding = Finding::about(&RULE, mesh.snapshot(), &id, FieldPath::of("metadata.name"), message);
            let namespaces = namespaces.into_iter().map(|name| Subject::from(&Id::new(Kind::Namespace, "", name.clone())));
            return finding.with_related(workloads.iter().copied().cloned().chain(namespaces));
        }
    };
    finding.with_related(workloads.iter().copied().cloned())
}

impl Open<'_> {
    fn describe_ports(&self) -> String {
        match self.ports.len() {
            _ if self.is_whole => String::new(),
            1 => format!(" on port {}", list_names(&self.ports)),
            _ => format!(" on ports {}", list_names(&self.ports)),
        }
    }

    /// The field of a policy that allows it.
    fn field(&self, mesh: &Mesh<'_>, id: &Id) -> FieldPath {
        let Some(policy) = mesh.policies().get(id) else { return FieldPath::default() };
        match self.ports.len() {
            _ if self.is_whole => policy.mode_field(None),
            0 | 1 => policy.mode_field(self.ports.first().copied()),
            _ => FieldPath::of("spec.portLevelMtls"),
        }
    }
}
