//! `ServiceEntries` with location `MESH_EXTERNAL` whose endpoints are mesh workloads.

use crate::{
    checks::{Finding, Rule, Severity, by_entry},
    mesh::{EntryLack, InternalLocation, Mesh},
    object::{Edit, FieldPath, Kind, list_names, plural},
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
    for calls in by_entry::entries(mesh, EntryLack::Location) {
        let replaced = if calls.displaced.is_empty() { String::new() } else { format!(", replacing {}", list_names(&calls.displaced)) };
        let message = format!(
            "{} declares {} as MESH_EXTERNAL{replaced}, but {} of the mesh {} behind it ({})",
            calls.id,
            list_names(&calls.places),
            plural(calls.servers.len(), "workload"),
            if calls.servers.len() == 1 { "is" } else { "are" },
            list_names(&calls.servers)
        );
        let internal = Edit::Set { at: FieldPath::of("spec.location"), value: "MESH_INTERNAL".into() };
        let finding = calls.finding(mesh, &RULE, FieldPath::of("spec.location"), &message);
        out.push(match mesh.internal_location(calls.id) {
            InternalLocation::Safe => finding.with_patch(calls.id, internal),
            InternalLocation::WithoutEndpoints => finding.with_fix(format!(
                "Delete {}, so that clients use the Service with this host: without endpoints that declare their identity, MESH_INTERNAL changes \
                 nothing (S232).",
                calls.id
            )),
            InternalLocation::Rejected(endpoint) => finding.with_fix(format!(
                "Make {endpoint} accept mTLS first: it declares that it does, and with `location: MESH_INTERNAL` clients would send it. Then set \
                 the location."
            )),
        });
    }
}
