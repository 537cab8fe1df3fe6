//! `DestinationRules` of one namespace for one host that are not merged.

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{FieldPath, Kind, list_names},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS210",
    name: "unmerged-destination-rules",
    severity: Severity::Warning,
    summary: "DestinationRules in one namespace for one host differ in `exportTo`, so they are not merged and only the newest applies.",
    why: "Clients that see several of them use the newest and nothing of the others: neither their TLS settings nor their subsets. \
          An absent `exportTo` and `*` count as different. Which rule is the newest changes whenever one is recreated.",
    fix: "Merge them into one rule, or give them the same `exportTo`.",
    bad: include_str!("unmerged_destination_rules.bad.yaml"),
    good: include_str!("unmerged_destination_rules.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::ServiceEntry],
    aka: &["KIA0201"],
    see: &["S57", "S58", "S59"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for group in mesh.indices().unmerged_rules() {
        let (subject, winner) = (&group.shadowed[0].id, &group.effective.id);
        let affected =
            if group.is_own_namespace { format!("clients of namespace {}", winner.namespace) } else { "clients that see both".to_owned() };
        let message = format!(
            "{affected} use {winner} for {} and nothing of {}: they differ in exportTo, and {} is newer",
            group.host,
            list_names(group.shadowed.iter().map(|rule| &rule.id)),
            winner.path(),
        );
        let others = group.shadowed[1..].iter().map(|rule| &rule.id).chain([winner]);
        out.push(Finding::about(&RULE, mesh.snapshot(), subject, FieldPath::of("spec.exportTo"), message).with_related(others));
    }
}
