//! A `credentialName` that sidecars ignore.

use std::collections::BTreeSet;

use crate::{
    checks::{Finding, Rule, Severity, tls_blocks::istioctl_codes},
    istio::{DestinationRule, Selector, TlsBlock, TlsBlocks, TlsMode},
    mesh::{Dataplane, Mesh},
    object::{Kind, Text, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS212",
    name: "credential-ignored-on-sidecar",
    severity: Severity::Error,
    summary: "A DestinationRule without `workloadSelector` sets SIMPLE or MUTUAL with `credentialName`, so sidecars send plaintext.",
    why: "A sidecar reads the Secret only if the rule has a `workloadSelector`. Without one, the TLS settings are dropped silently, \
          and the calls leave in plaintext. Gateways read the Secret in both cases.",
    fix: "Add a `workloadSelector` to the rule and put the Secret in its namespace, or mount the certificates and reference the files.",
    bad: include_str!("credential_ignored_on_sidecar.bad.yaml"),
    good: include_str!("credential_ignored_on_sidecar.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Pod],
    aka: &["IST0128", "IST0129"],
    see: &["S68", "S168", "S169"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let sidecars = sidecars(mesh);
    for rule in mesh.destination_rules().iter().filter(|rule| rule.selector == Selector::Absent) {
        let all = &mesh.snapshot().destination_rules;
        let Ok(at) = all.binary_search_by(|read| read.id.cmp(&rule.id)) else { continue };
        let mut ignored = TlsBlocks::of(&all[at]).blocks.into_iter().filter(is_ignored).peekable();
        if ignored.peek().is_none() {
            continue;
        }
        let clients = clients(mesh, rule, &sidecars);
        // If no workloads were read, the clients are unknown; otherwise at least one namespace with sidecars must be able to use the rule.
        if clients.is_empty() && !mesh.workloads().is_empty() {
            continue;
        }
        let of = if clients.is_empty() {
            String::new()
        } else {
            format!(" of {}", list_names(clients.iter().map(|name| format!("namespace {name}"))))
        };
        for block in ignored {
            let (aka, TlsBlock { at, tls, .. }) = (istioctl_codes(&block, false), block);
            let message = format!(
                "{} sets {} with the Secret {} and has no workloadSelector: sidecars{of} send plaintext to {}",
                rule.id,
                tls.mode,
                tls.credential_name,
                rule.resolved_host()
            );
            let finding = Finding::about(&RULE, mesh.snapshot(), &rule.id, at.then("credentialName"), message);
            out.push(finding.with_equivalent_codes(aka));
        }
    }
}

/// Whether sidecars ignore the block; they do read certificates from a `ConfigMap` (S68).
fn is_ignored(block: &TlsBlock) -> bool {
    matches!(block.tls.mode, TlsMode::Simple | TlsMode::Mutual) && block.tls.secret().is_some()
}

fn sidecars<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<&'m Text> {
    let has_sidecar = |workload: &&crate::mesh::Workload<'_>| workload.instances.iter().any(|one| one.dataplane == Dataplane::Sidecar);
    mesh.workloads().iter().filter(has_sidecar).map(|workload| &workload.subject.namespace).collect()
}

/// The namespaces with sidecars that can use the rule: its own; for services of its namespace, or in a root namespace, all to which it is exported (S56).
fn clients<'m>(mesh: &Mesh<'_>, rule: &DestinationRule, sidecars: &BTreeSet<&'m Text>) -> Vec<&'m Text> {
    let home = &rule.id.namespace;
    let is_root = mesh.control_planes().is_root(home);
    let reaches_others = is_root || mesh.registry().matching(&rule.resolved_host()).any(|service| service.id.namespace == *home);
    let may_use = |namespace: &&&Text| rule.is_for(namespace) && (reaches_others || **namespace == home);
    sidecars.iter().filter(may_use).copied().collect()
}
