//! TLS settings that a more specific rule or port entry drops.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, by_cause::describe_clients},
    mesh::{LostTls, Mesh, Verdict},
    object::{FieldPath, Id, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS207",
    name: "dropped-tls",
    severity: Severity::Warning,
    summary: "A DestinationRule, or its entry for a port, has no `tls` and drops the `tls` of a broader one; an error if calls fail \
              as a result.",
    why: "Rules are not merged across hosts or namespaces, and an entry in `portLevelSettings` replaces the whole policy. What it \
          omits is not inherited: the port falls back to automatic mTLS or, where that does not apply, to plaintext.",
    fix: "Repeat the `tls` block in the rule or entry that lacks it.",
    bad: include_str!("dropped_tls.bad.yaml"),
    good: include_str!("dropped_tls.good.yaml"),
    inputs: &[Kind::DestinationRule, Kind::Service, Kind::ServiceEntry, Kind::PeerAuthentication, Kind::Pod],
    aka: &["KIA0204"],
    see: &["S56", "S61", "S62", "S64"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let dropped = mesh.lost_tls_settings();
    let mut causes: BTreeMap<&(Id, FieldPath), Vec<&LostTls>> = BTreeMap::new();
    for one in &dropped {
        causes.entry(&one.cause).or_default().push(one);
    }
    for ((id, at), losses) in causes {
        let fails = losses.iter().any(|one| matches!(one.verdict, Verdict::Fail(_)));
        let from: BTreeSet<&Id> = losses.iter().map(|one| &one.from).filter(|from| *from != id).collect();
        let severity = if fails { Severity::Error } else { Severity::Warning };
        let finding = Finding::about(&RULE, mesh.snapshot(), id, at.clone(), message(id, &losses, fails));
        out.push(finding.with_severity(severity).with_related(from));
    }
}

fn message(id: &Id, losses: &[&LostTls], fails: bool) -> String {
    let places: BTreeSet<&String> = losses.iter().map(|one| &one.place).collect();
    let client_names: BTreeSet<String> = losses.iter().map(|one| describe_clients(one.clients.as_ref())).collect();
    let settings: BTreeSet<String> = losses
        .iter()
        .map(|one| if one.from == *id { format!("its own {}", one.mode) } else { format!("the {} of {}", one.mode, one.from) })
        .collect();
    // The endpoints use the top-level settings, which therefore keep automatic mTLS off (S64).
    let shadow = losses.iter().find_map(|one| one.endpoint_tls_mode);
    let shadow = shadow.map(|mode| format!(", and {mode} still disables automatic mTLS for the endpoints")).unwrap_or_default();
    let is_plain = losses.iter().all(|one| one.verdict == Verdict::Plaintext);
    let result = match (fails, is_plain) {
        (true, _) => "fail",
        (false, true) => "are sent in plaintext",
        (false, false) => "are protected less",
    };
    format!(
        "{id} has no tls block at this level and drops {}{shadow}: calls to {} ({}) {result}; clients: {}",
        list_names(&settings),
        plural(places.len(), "service"),
        list_names(&places),
        list_names(&client_names)
    )
}
