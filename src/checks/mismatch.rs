//! What the rules about clients and servers that do not meet have in common: one finding for each cause, with its victims.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Finding, Rule,
    finding::{count, some},
};
use crate::{
    mesh::{Mesh, Mismatch, Subject},
    object::{FieldPath, Id, Text},
};

/// A finding for every setting of a `DestinationRule` that brings about what is asked for.
pub(super) fn by_rule(mesh: &Mesh<'_>, rule: &'static Rule, is_it: impl Fn(&Mismatch) -> bool, does: &str, out: &mut Vec<Finding>) {
    let mut causes: BTreeMap<(&Id, &FieldPath), Vec<&Mismatch>> = BTreeMap::new();
    for one in mesh.mismatches().iter().filter(|one| is_it(one)) {
        if let Some((id, at)) = &one.cause {
            causes.entry((id, at)).or_default().push(one);
        }
    }
    for ((id, at), victims) in causes {
        let ports: BTreeSet<String> = victims.iter().map(|one| place(one)).collect();
        let servers: BTreeSet<&Subject> = victims.iter().filter_map(|one| one.server.as_ref()).collect();
        let message = format!("{id} {does} {}: {}", count(ports.len(), "service port"), some(&ports));
        let clients: BTreeSet<String> = victims.iter().map(|one| clients(one.clients.as_ref())).collect();
        let finding = Finding::about(rule, mesh.snapshot(), id, at.clone(), format!("{message}; clients: {}", some(&clients)));
        out.push(finding.related(servers.into_iter().cloned()));
    }
}

fn place(one: &Mismatch) -> String {
    let (host, port) = &one.service;
    let subset = one.subset.as_ref().map(|name| format!(" subset {name}")).unwrap_or_default();
    format!("{host}:{port}{subset}")
}

/// The words for clients of a namespace, or of all that have no rules of their own.
pub(super) fn clients(namespace: Option<&Text>) -> String {
    namespace.map_or_else(|| "every namespace without a rule of its own".to_owned(), |namespace| format!("namespace {namespace}"))
}
