//! `ServiceEntries` with location `MESH_EXTERNAL` whose endpoints are mesh workloads.

use crate::{
    checks::{
        Finding, Rule, Severity,
        by_entry::{self, EntryCalls},
    },
    mesh::{EntryLack, InternalLocation, Mesh},
    object::{Edit, FieldPath, Kind, list_names, plural},
    queries::corrected_declaration,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS217",
    name: "external-entry-for-mesh-host",
    severity: Severity::Warning,
    summary: "A ServiceEntry with location MESH_EXTERNAL has mesh workloads behind it, so clients send them plaintext; an error if \
              calls fail as a result.",
    why: "MESH_EXTERNAL is also the default location, and it turns automatic mTLS off for the host, whatever the workloads accept. \
          An entry with the host of a Service replaces that Service for clients in the entry's namespace.",
    fix: "Set `location: MESH_INTERNAL`. Endpoints listed in the entry also need the `serviceAccount` of their server, if that is in the \
          namespace of the entry, or else the label `security.istio.io/tlsMode: istio`.",
    bad: include_str!("external_entry_for_mesh_host.bad.yaml"),
    good: include_str!("external_entry_for_mesh_host.good.yaml"),
    inputs: &[Kind::ServiceEntry, Kind::Service, Kind::DestinationRule, Kind::PeerAuthentication, Kind::Pod],
    aka: &[],
    see: &["S48", "S81", "S224", "S226"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    out.extend(by_entry::entries(mesh, EntryLack::Location).iter().map(|calls| finding(mesh, calls)));
}

fn finding(mesh: &Mesh<'_>, calls: &EntryCalls<'_>) -> Finding {
    let replaced = if calls.displaced.is_empty() { String::new() } else { format!(", replacing {}", list_names(&calls.displaced)) };
    let (places, workloads) = (list_names(&calls.places), plural(calls.servers.len(), "workload"));
    let (is, servers) = (if calls.servers.len() == 1 { "is" } else { "are" }, list_names(&calls.servers));
    let message =
        format!("{} declares {places} as MESH_EXTERNAL{replaced}, but {workloads} of the mesh {is} behind it ({servers})", calls.id);
    let finding = |field: &'static str| calls.finding(mesh, &RULE, FieldPath::of(field), &message);
    match mesh.internal_location(calls.id) {
        InternalLocation::Safe => {
            let internal = Edit::Set { at: FieldPath::of("spec.location"), value: "MESH_INTERNAL".into() };
            finding("spec.location").with_patch(calls.id, internal)
        }
        InternalLocation::Undeclared => finding("spec.location").with_fix(format!(
            "Delete {}, so that clients use the Service with this host: without endpoints that declare their identity, MESH_INTERNAL changes \
             nothing (S232).",
            calls.id
        )),
        InternalLocation::OtherIdentity(identities) => {
            let declaration = corrected_declaration(&identities, "the endpoint").map(|fix| format!(", and {fix}")).unwrap_or_default();
            finding("spec.location").with_fix(format!("Set `location: MESH_INTERNAL`{declaration}."))
        }
        InternalLocation::Rejected(endpoint) => finding("spec.location").with_fix(format!(
            "Make {endpoint} accept mTLS first: it declares that it does, and with `location: MESH_INTERNAL` clients would send it. Then set \
             the location."
        )),
        InternalLocation::NoEndpoints => calls
            .failing(
                mesh,
                &RULE,
                FieldPath::of("spec.hosts"),
                &format!(
                    "{} declares {places} with resolution STATIC and no endpoint{replaced}: clients have no endpoint, and calls fail",
                    calls.id
                ),
            )
            .with_fix(
                "Delete the entry, or its host: clients of its namespace then call the Service itself. Another location changes nothing.",
            ),
        InternalLocation::DialledAddress => finding("spec.resolution").with_fix(
            "Call the workloads by a Service, and delete the entry. With resolution NONE clients connect to the address that they dial, and \
             send plaintext whatever the location is.",
        ),
    }
}
