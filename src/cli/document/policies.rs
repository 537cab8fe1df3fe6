//! The document of `policies`.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    istio::Mode,
    object::{Id, Kind},
    queries::policies::{PolicyRow, PolicyStatus, RuleRow, RuleStatus},
    report::document::{
        policies as doc,
        words::{PolicyMode, Scope},
    },
};

/// The `PeerAuthentications`, then the `DestinationRules`.
pub(crate) fn policies(servers: &[PolicyRow<'_>], clients: &[RuleRow<'_>]) -> doc::Policies {
    doc::Policies { policies: servers.iter().map(server_side).chain(clients.iter().map(client_side)).collect() }
}

fn server_side(row: &PolicyRow<'_>) -> doc::Policy {
    let policy = row.policy;
    doc::Policy {
        kind: policy.id.kind.name(),
        namespace: policy.id.namespace.to_string(),
        name: policy.id.name.to_string(),
        scope: row.scope.into(),
        host: None,
        selector: policy.selector.labels().map(ToString::to_string),
        mode: Some(mode(policy.mode)),
        ports: policy.ports.iter().map(|(port, mode)| (port.to_string(), self::mode(*mode))).collect(),
        workloads: (!row.is_partial).then_some(row.governs),
        in_force: (row.status != PolicyStatus::Unknown).then(|| row.status.is_in_force()),
        reason: [reason(row), ambient(row).to_owned()].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; "),
        mesh_name: None,
    }
}

/// The mode that a policy sets.
fn mode(mode: Option<Mode>) -> PolicyMode {
    mode.map_or(PolicyMode::Unset, PolicyMode::from)
}

fn reason(row: &PolicyRow<'_>) -> String {
    let names = |ids: &BTreeSet<&Id>| ids.iter().map(|id| id.path()).collect::<Vec<_>>().join(", ");
    match &row.status {
        PolicyStatus::InForce => String::new(),
        PolicyStatus::PartlyOverridden(by) => {
            format!("applies to {} of {} workloads; {} takes precedence (S9) for the rest (S11)", row.governs, row.selects, names(by))
        }
        PolicyStatus::Overridden(by) => format!(
            "{} takes precedence (S9) and overrides all of this policy ({})",
            names(by),
            if row.selects > 0 && row.policy.selector.labels().is_some() { "S11" } else { "S10" }
        ),
        PolicyStatus::Ignored => "has a selector in the root namespace, where policies with a selector have no effect (S6)".into(),
        PolicyStatus::SelectsNothing => "no workload has these labels".into(),
        PolicyStatus::Unknown if row.is_partial => "not every policy and workload that decides it was read".into(),
        PolicyStatus::Unknown => "no workload that it could select was read".into(),
    }
}

fn ambient(row: &PolicyRow<'_>) -> &'static str {
    if row.is_permissive_in_ambient { "ambient workloads enforce PERMISSIVE instead of DISABLE (S126)" } else { "" }
}

fn client_side(row: &RuleRow<'_>) -> doc::Policy {
    let rule = row.rule;
    let (in_force, reason) = match row.status {
        RuleStatus::InUse => (Some(true), String::new()),
        RuleStatus::Shadowed => (Some(false), "other rules take precedence for every client (S56, S58)".into()),
        RuleStatus::Orphan => (Some(false), "nothing that was read has its host (S52)".into()),
        RuleStatus::Unknown(None) => (None, "no Services were read, so it is unknown what its host refers to".into()),
        RuleStatus::Unknown(Some(kind)) => (None, unread_reason(kind)),
    };
    let settings: BTreeMap<String, PolicyMode> = rule.tls_settings().filter_map(|(scope, tls)| Some((scope?, tls.mode.into()))).collect();
    doc::Policy {
        kind: rule.id.kind.name(),
        namespace: rule.id.namespace.to_string(),
        name: rule.id.name.to_string(),
        scope: Scope::Host,
        host: Some(rule.host.to_string()),
        selector: rule.selector.labels().map(ToString::to_string),
        mode: rule.policy.tls.as_ref().map(|tls| tls.mode.into()),
        ports: settings.into_iter().collect(),
        workloads: None,
        in_force,
        reason,
        mesh_name: None,
    }
}

/// Why it is unknown whether a rule is in force, if not all objects of a kind were read.
fn unread_reason(kind: Kind) -> String {
    let effects = [
        (Kind::Service, "what its host refers to"),
        (Kind::ServiceEntry, "what its host refers to"),
        (Kind::DestinationRule, "whether another rule takes precedence"),
        (Kind::Sidecar, "which clients have its host in their scope"),
    ];
    let effect = effects.iter().find(|(one, _)| *one == kind).map_or("which clients use it", |(_, effect)| effect);
    format!("not every {kind} was read, so it is unknown {effect}")
}
