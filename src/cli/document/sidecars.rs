//! The answer of `sidecars`.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    cli::kubectl,
    mesh::{Dataplane, Label, LabelSource, Mesh, MeshState, NoProxyReason, Workload},
    object::{Kind, Text},
    queries::{
        enrol::{EnrolStep, Enrolment},
        sidecars::{self, Inventory, NamespaceRow, Row, ServiceRow},
    },
    report::{
        document::{
            explain::Bypass,
            sidecars::{self as doc, View},
        },
        short_kind,
    },
};

/// Namespaces, workloads and Services, with the commands that bring in what is missing.
pub(crate) fn sidecars(mesh: &Mesh<'_>, inventory: &Inventory<'_>, services: &[ServiceRow<'_>], view: View) -> doc::Sidecars {
    let enrolment = Enrolment::of(mesh);
    let mut steps: BTreeMap<&Text, BTreeSet<EnrolStep>> = BTreeMap::new();
    let mut members = Vec::with_capacity(inventory.workloads.len());
    for row in &inventory.workloads {
        let own: BTreeSet<EnrolStep> = enrolment.steps(row).into_iter().collect();
        let fix = kubectl::enrol(&own);
        if !row.absence().is_some_and(NoProxyReason::is_chosen) {
            steps.entry(&row.workload.subject.namespace).or_default().extend(own);
        }
        members.push(member(row, fix, enrolment.has_ztunnel));
    }
    let namespace = |row: &NamespaceRow<'_>| namespace(row, steps.get(row.name).map(kubectl::enrol).unwrap_or_default());
    doc::Sidecars {
        view,
        namespaces: inventory.namespaces.iter().map(namespace).collect(),
        workloads: members,
        services: services.iter().map(service).collect(),
    }
}

fn namespace(row: &NamespaceRow<'_>, fix: Vec<String>) -> doc::Enrolment {
    let sidecars::Counts { total, meshed, missing, opted_out, outside, unknown } = row.counts;
    doc::Enrolment {
        name: row.name.to_string(),
        enrolled: row.into(),
        by: row.by.as_ref().map(ToString::to_string),
        workloads: doc::Members { total, meshed, missing, opted_out, outside, unknown },
        fix,
    }
}

fn member(row: &Row<'_>, fix: Vec<String>, has_ztunnel: bool) -> doc::Member {
    let subject = &row.workload.subject;
    doc::Member {
        namespace: subject.namespace.to_string(),
        kind: subject.kind.to_string(),
        name: subject.name.to_string(),
        pods: row.pods,
        dataplane: row.dataplane.into(),
        would_inject: row.would_inject(),
        would_capture: row.membership.would_capture,
        expected: row.expected().into(),
        injected: row.with_proxy,
        missing: row.missing,
        state: (&row.membership.state).into(),
        needs_attention: row.needs_attention,
        asked_by: row.membership.asked_by.as_ref().map(described),
        reason: reason(row, has_ztunnel),
        fix,
        proxy_version: row.proxy_version.map(ToOwned::to_owned),
        revision: row.revision.map(ToString::to_string),
        native_sidecar: row.is_native,
        bypasses: row.bypasses.iter().map(|bypass| Bypass { what: bypass.what.clone(), opened_by: bypass.opened_by.clone() }).collect(),
        init_containers_before_proxy: row.early_containers.iter().map(ToString::to_string).collect(),
    }
}

/// Why a workload has not what it should have, or should have nothing; `None` where all is as it should be.
fn reason(row: &Row<'_>, has_ztunnel: bool) -> Option<String> {
    let state = match &row.membership.state {
        MeshState::Meshed => None,
        MeshState::OtherRevision(other) => {
            let own = row.revision.map_or("another revision", Text::as_str);
            Some(format!("runs revision {own}, and new pods get {other}"))
        }
        MeshState::Missing => Some(missing(row, has_ztunnel)),
        MeshState::Differs => Some(differs(row)),
        MeshState::Pending => Some("redirected, but ztunnel does not know of it yet".into()),
        MeshState::Both => Some("has a sidecar and is redirected to ztunnel: both claim its traffic".into()),
        MeshState::Unknown => Some("its Namespace was not read, so nobody knows whether it should have a proxy".into()),
        MeshState::Outside(absence) => Some(outside(absence)),
        MeshState::PartOfIstio => Some("part of Istio itself".into()),
    };
    let skew = row.skewed_from.zip(row.proxy_version).map(|(plane, own)| format!("proxy {own} is too far from istiod {plane}"));
    let parts: Vec<String> = state.map(|text| counted(row, text)).into_iter().chain(skew).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The reason, with the number of pods it is about where that is not all.
fn counted(row: &Row<'_>, reason: String) -> String {
    if row.concerned == row.pods { reason } else { format!("{} of {} pods: {reason}", row.concerned, row.pods) }
}

fn missing(row: &Row<'_>, has_ztunnel: bool) -> String {
    let by = row.membership.asked_by.as_ref().map_or_else(|| "nothing".to_owned(), described);
    match row.membership.planned {
        Dataplane::Ambient if !has_ztunnel => format!("{by}, but it is not redirected, and no ztunnel was read that would do it"),
        Dataplane::Ambient => format!("{by}, but it is not redirected: ztunnel or istio-cni is not ready on its node"),
        Dataplane::None | Dataplane::Sidecar | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => {
            format!("older than {by}, or created while the webhook was away")
        }
    }
}

/// Where a label stands, in words.
fn described(label: &Label) -> String {
    match label.on {
        LabelSource::Namespace => format!("{label} on its namespace"),
        LabelSource::Pod => format!("its label {label}"),
        LabelSource::Annotation => format!("its annotation {label}"),
        LabelSource::Default => format!("{label} of the injector"),
    }
}

fn differs(row: &Row<'_>) -> String {
    match (row.dataplane, row.membership.planned) {
        (Dataplane::Ambient, Dataplane::None) => "redirected, although nothing asks for that any more".into(),
        (_, Dataplane::None) => "nothing asks for its sidecar any more: new pods get none".into(),
        (_, Dataplane::Ambient) => "new pods are taken into ambient".into(),
        (_, planned) => format!("new pods get a {planned}"),
    }
}

fn outside(absence: &NoProxyReason) -> String {
    match absence {
        NoProxyReason::NotEnrolled => "its namespace is not enrolled".into(),
        NoProxyReason::HostNetwork => "on the node's network, where there is never a proxy".into(),
        NoProxyReason::StaticPod => "a static pod, which its node starts past every webhook".into(),
        NoProxyReason::IgnoredNamespace => "in a namespace that Istio leaves alone".into(),
        NoProxyReason::OptedOut(label) | NoProxyReason::NamespaceOptedOut(label) => format!("opted out by {}", described(label)),
        NoProxyReason::InjectorPolicy => "left out by the injector's configuration".into(),
        NoProxyReason::NoWebhook(label) => format!("no webhook answers to {}", described(label)),
        NoProxyReason::Unsupported(label) if label.on == LabelSource::Annotation => {
            format!("{} counts for nothing without the label", described(label))
        }
        NoProxyReason::Unsupported(label) => format!("{} counts for nothing: only true does", described(label)),
        NoProxyReason::Machine => "a machine without a service account, no member of the mesh".into(),
    }
}

fn service(row: &ServiceRow<'_>) -> doc::ServiceMembers {
    debug_assert_eq!(row.service.kind, Kind::Service);
    doc::ServiceMembers {
        namespace: row.service.namespace.to_string(),
        name: row.service.name.to_string(),
        endpoints: row.endpoints,
        without_proxy: row.without,
        workloads: row.workloads.iter().map(|(workload, _)| path(workload)).collect(),
        unknown_addresses: row.unknown_addresses,
    }
}

fn path(workload: &Workload<'_>) -> String {
    format!("{}/{}", short_kind(workload.subject.kind.as_str()), workload.subject.name)
}
