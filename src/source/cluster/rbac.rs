//! The RBAC rules that reading a cluster needs, and no others.

use std::{collections::BTreeMap, fmt::Write as _};

use super::kinds::Kinds;
use crate::object::Kind;

/// A `ClusterRole` with the permissions to read these kinds, as YAML.
#[must_use]
pub fn cluster_role(kinds: Kinds) -> String {
    let mut listed: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for kind in kinds.listed() {
        listed.entry(kind.group()).or_default().push(kind.plural());
    }
    let mut role = String::from(
        "# Permissions of `kubectl mtls` to read everything it uses. Read-only, and ConfigMaps by name only.\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: kubectl-mtls\nrules:\n",
    );
    for (group, mut plurals) in listed {
        plurals.sort_unstable();
        plurals.dedup();
        rule(&mut role, group, &plurals, "list");
    }
    rule(&mut role, "", &[Kind::ConfigMap.plural()], "get");
    role
}

fn rule(role: &mut String, group: &str, plurals: &[&str], verb: &str) {
    let list = plurals.join(", ");
    // Writing to a string cannot fail.
    let _ = writeln!(role, "- apiGroups: [\"{group}\"]\n  resources: [{list}]\n  verbs: [{verb}]");
}
