//! The reason of a workload's state, in one sentence.

use super::inventory::ProxyRow;
use crate::mesh::{Dataplane, EnrolmentSetting, MeshState, NoProxyReason, SettingSource};

/// Why a workload does not have the proxy that it should have, or should have none; `None` if it has what it should. Without
/// ztunnel no label redirects a pod (S109).
#[must_use]
pub fn why(row: &ProxyRow<'_>, has_ztunnel: bool) -> Option<String> {
    let state = match &row.membership.state {
        MeshState::Meshed => None,
        MeshState::OtherRevision(other) => {
            let own = row.revision.map_or_else(|| "another revision".to_owned(), |revision| format!("revision {revision}"));
            Some(format!("runs {own}; new pods get revision {other}"))
        }
        MeshState::Missing => Some(describe_missing(row, has_ztunnel)),
        MeshState::OtherDataplane => Some(describe_difference(row)),
        MeshState::PendingInZtunnel => Some("redirected, but not known to ztunnel yet".into()),
        MeshState::SidecarAndAmbient => Some("has a sidecar and is redirected to ztunnel: both intercept its traffic".into()),
        MeshState::Unknown if !row.workload.is_certain => {
            Some("not all of its pods, or of what decides about their proxies, was read".into())
        }
        MeshState::Unknown if row.is_namespace_read => Some("not everything that decides whether it should have a proxy was read".into()),
        MeshState::Unknown => Some("its Namespace was not read, so it is unknown whether it should have a proxy".into()),
        MeshState::Outside(reason) => Some(describe_no_proxy(reason)),
        MeshState::PartOfIstio => Some("part of Istio itself".into()),
    };
    let skew =
        row.skewed_from.zip(row.proxy_version).map(|(plane, own)| format!("proxy version {own} is not supported with istiod {plane}"));
    let parts: Vec<String> = state.map(|text| with_pod_count(row, text)).into_iter().chain(skew).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// The reason, preceded by the number of pods that it applies to unless that is all of them.
fn with_pod_count(row: &ProxyRow<'_>, reason: String) -> String {
    if row.pods_in_state == row.pods { reason } else { format!("{} of {} pods: {reason}", row.pods_in_state, row.pods) }
}

fn describe_missing(row: &ProxyRow<'_>, has_ztunnel: bool) -> String {
    let by = row.membership.requested_by.as_ref().map_or_else(|| "nothing".to_owned(), describe_label);
    match row.membership.recreated_dataplane {
        Dataplane::Ambient if !has_ztunnel => format!("{by}, but it is not redirected, and no ztunnel that could redirect it was read"),
        Dataplane::Ambient => format!("{by}, but it is not redirected: ztunnel or istio-cni is not ready on its node"),
        Dataplane::None | Dataplane::Sidecar | Dataplane::Gateway | Dataplane::Waypoint | Dataplane::Proxyless => {
            format!("created before {by}, or while the webhook was unavailable")
        }
    }
}

/// A label and the object that it is set on, as text for a reason.
#[must_use]
pub fn describe_label(label: &EnrolmentSetting) -> String {
    match label.on {
        SettingSource::Namespace => format!("{label} on its namespace"),
        SettingSource::Pod => format!("its label {label}"),
        SettingSource::Annotation => format!("its annotation {label}"),
        SettingSource::Default => format!("{label} of the injector"),
    }
}

fn describe_difference(row: &ProxyRow<'_>) -> String {
    match (row.dataplane, row.membership.recreated_dataplane) {
        (Dataplane::Ambient, Dataplane::None) => "redirected, although nothing requests it any more".into(),
        (_, Dataplane::None) => "nothing requests its sidecar any more: new pods get none".into(),
        (_, Dataplane::Ambient) => "new pods are enrolled in ambient".into(),
        (_, planned) => format!("new pods get a {planned}"),
    }
}

fn describe_no_proxy(reason: &NoProxyReason) -> String {
    match reason {
        NoProxyReason::NotEnrolled => "its namespace is not enrolled".into(),
        NoProxyReason::HostNetwork => "on the host network, where pods never get a proxy".into(),
        NoProxyReason::StaticPod => "a static pod, which its node starts without calling a webhook".into(),
        NoProxyReason::IgnoredNamespace => "in a namespace that Istio ignores".into(),
        NoProxyReason::OptedOut(label) | NoProxyReason::NamespaceOptedOut(label) => format!("opted out by {}", describe_label(label)),
        NoProxyReason::InjectorPolicy => "excluded by the injector's configuration".into(),
        NoProxyReason::NoWebhook(label) => format!("no webhook matches {}", describe_label(label)),
        NoProxyReason::Unsupported(label) if label.on == SettingSource::Annotation => {
            format!("{} has no effect without the label", describe_label(label))
        }
        NoProxyReason::Unsupported(label) => format!("{} has no effect: the only supported value is true", describe_label(label)),
        NoProxyReason::Machine => "a machine without a service account, which is not part of the mesh".into(),
    }
}
