//! The document of `sidecars`.

use crate::{
    cli::kubectl,
    mesh::{Mesh, Workload},
    object::Kind,
    queries::{
        enrol::Enrolment,
        sidecars::{self, Inventory, NamespaceRow, ProxyRow, ServiceRow},
    },
    report::{
        document::{
            explain::Bypass,
            sidecars::{self as doc, View},
        },
        short_kind,
    },
};

/// Namespaces, workloads and Services, with the commands that add what is missing to the mesh.
pub(crate) fn sidecars(mesh: &Mesh<'_>, inventory: &Inventory<'_>, services: &[ServiceRow<'_>], view: View) -> doc::Sidecars {
    let enrolment = Enrolment::of(mesh);
    let steps = enrolment.steps_by_namespace(&inventory.workloads);
    let fix_of = |row: &ProxyRow<'_>| kubectl::enrol(&enrolment.steps(row).into_iter().collect());
    let namespace = |row: &NamespaceRow<'_>| namespace(row, steps.get(row.name).map(kubectl::enrol).unwrap_or_default());
    doc::Sidecars {
        view,
        namespaces: inventory.namespaces.iter().map(namespace).collect(),
        workloads: inventory.workloads.iter().map(|row| member(row, fix_of(row), enrolment.has_ztunnel)).collect(),
        services: services.iter().map(service).collect(),
    }
}

fn namespace(row: &NamespaceRow<'_>, fix: Vec<String>) -> doc::NamespaceEnrolment {
    let sidecars::ProxyCounts { total, meshed, missing, opted_out, outside, unknown, is_partial } = row.counts;
    doc::NamespaceEnrolment {
        name: row.name.to_string(),
        enrolled: row.into(),
        by: row.by.as_ref().filter(|_| row.is_known).map(ToString::to_string),
        workloads: doc::ProxyCounts { total, meshed, missing, opted_out, outside, unknown, partial: is_partial },
        fix,
        mesh_name: None,
    }
}

fn member(row: &ProxyRow<'_>, fix: Vec<String>, has_ztunnel: bool) -> doc::WorkloadProxy {
    let subject = &row.workload.subject;
    doc::WorkloadProxy {
        namespace: subject.namespace.to_string(),
        kind: subject.kind.to_string(),
        name: subject.name.to_string(),
        pods: row.known_pods(),
        dataplane: row.dataplane.into(),
        assumed: !row.workload.is_certain,
        would_inject: row.would_inject(),
        would_capture: row.would_capture(),
        expected: row.expected().into(),
        injected: row.known_with_proxy(),
        missing: row.known_missing(),
        state: (&row.membership.state).into(),
        needs_attention: row.needs_attention,
        asked_by: row.membership.requested_by.as_ref().filter(|_| row.membership.is_known).map(sidecars::describe_label),
        reason: sidecars::why(row, has_ztunnel),
        fix,
        proxy_version: row.proxy_version.filter(|_| row.has_every_pod).map(ToOwned::to_owned),
        revision: row.revision.filter(|_| row.workload.is_certain).map(ToString::to_string),
        native_sidecar: row.is_native.filter(|_| row.has_every_pod),
        bypasses: row.bypasses.iter().map(|bypass| Bypass { what: bypass.what.clone(), opened_by: bypass.caused_by.clone() }).collect(),
        init_containers_before_proxy: row.early_containers.iter().map(ToString::to_string).collect(),
        mesh_name: None,
    }
}

fn service(row: &ServiceRow<'_>) -> doc::ServiceProxies {
    debug_assert_eq!(row.service.kind, Kind::Service);
    doc::ServiceProxies {
        namespace: row.service.namespace.to_string(),
        name: row.service.name.to_string(),
        endpoints: row.is_certain.then_some(row.endpoints),
        without_proxy: row.is_certain.then_some(row.without),
        workloads: row.workloads.iter().map(|(workload, _)| path(workload)).collect(),
        unknown_addresses: row.is_certain.then_some(row.unknown_addresses),
        mesh_name: None,
    }
}

fn path(workload: &Workload<'_>) -> String {
    format!("{}/{}", short_kind(workload.subject.kind.as_str()), workload.subject.name)
}
