//! `ServiceEntries` with location `MESH_EXTERNAL` whose endpoints are mesh workloads.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, by_cause::describe_clients},
    mesh::{Mesh, MisdeclaredExternal, Subject},
    object::{Edit, FieldPath, Id, Kind, list_names, plural},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS217",
    name: "external-entry-for-mesh-host",
    severity: Severity::Warning,
    summary: "A ServiceEntry with location MESH_EXTERNAL has mesh workloads behind it, so clients send them plaintext; an error if \
              calls fail as a result.",
    why: "MESH_EXTERNAL is also the default location, and it turns automatic mTLS off for the host, whatever the workloads accept. \
          An entry with the host of a Service replaces that Service for clients in the entry's namespace.",
    fix: "Set `location: MESH_INTERNAL`. Endpoints listed in the entry also need their `serviceAccount`, or the label \
          `security.istio.io/tlsMode: istio`.",
    bad: include_str!("external_entry_for_mesh_host.bad.yaml"),
    good: include_str!("external_entry_for_mesh_host.good.yaml"),
    inputs: &[Kind::ServiceEntry, Kind::Service, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S48", "S81"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let misdeclared_externals = mesh.misdeclared_externals();
    let mut entries: BTreeMap<&Id, Vec<&MisdeclaredExternal<'_>>> = BTreeMap::new();
    for one in &misdeclared_externals {
        entries.entry(one.entry).or_default().push(one);
    }
    for (id, found) in entries {
        let servers: BTreeSet<&Subject> = found.iter().flat_map(|one| &one.servers).collect();
        let fails = found.iter().any(|one| one.fails);
        let displaced = found.iter().filter_map(|one| one.displaced).map(Subject::from);
        let related: BTreeSet<Subject> = servers.iter().copied().cloned().chain(displaced).collect();
        let finding = Finding::about(&RULE, mesh.snapshot(), id, FieldPath::of("spec.location"), message(id, &found, &servers, fails));
        let finding = finding.with_severity(if fails { Severity::Error } else { Severity::Warning }).with_related(related);
        let internal = Edit::Set { at: FieldPath::of("spec.location"), value: "MESH_INTERNAL".into() };
        out.push(finding.with_patch(id, internal));
    }
}

fn message(id: &Id, found: &[&MisdeclaredExternal<'_>], servers: &BTreeSet<&Subject>, fails: bool) -> String {
    let places: BTreeSet<String> = found.iter().map(|one| format!("{}:{}", one.service.0, one.service.1)).collect();
    let client_names: BTreeSet<String> = found.iter().map(|one| describe_clients(one.clients.as_ref())).collect();
    let replaced: BTreeSet<&Id> = found.iter().filter_map(|one| one.displaced).collect();
    let replaced = if replaced.is_empty() { String::new() } else { format!(", replacing {}", list_names(replaced)) };
    format!(
        "{id} declares {} as MESH_EXTERNAL{replaced}, but {} of the mesh {} behind it ({}): clients send plaintext{}; clients: {}",
        list_names(&places),
        plural(servers.len(), "workload"),
        if servers.len() == 1 { "is" } else { "are" },
        list_names(servers),
        if fails { ", and calls fail" } else { "" },
        list_names(&client_names)
    )
}
