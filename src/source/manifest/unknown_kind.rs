//! Recognizes manifests whose `apiVersion` and `kind` no API server serves, but which were meant for a kind that this tool reads.

use crate::object::Kind;

/// The other kinds of the groups whose kinds are all known.
const OTHER_KINDS: &[(&str, &[&str])] = &[
    ("security.istio.io", &["RequestAuthentication"]),
    ("networking.istio.io", &["ProxyConfig"]),
    ("apps", &["ControllerRevision"]),
    ("batch", &[]),
];

/// Kinds of retired APIs, and what replaces them.
const RETIRED: &[(&str, &str, Kind)] = &[
    ("authentication.istio.io", "Policy", Kind::PeerAuthentication),
    ("authentication.istio.io", "MeshPolicy", Kind::PeerAuthentication),
    ("rbac.istio.io", "ServiceRole", Kind::AuthorizationPolicy),
    ("rbac.istio.io", "ServiceRoleBinding", Kind::AuthorizationPolicy),
    ("rbac.istio.io", "RbacConfig", Kind::AuthorizationPolicy),
    ("rbac.istio.io", "ClusterRbacConfig", Kind::AuthorizationPolicy),
    ("extensions", "Deployment", Kind::Deployment),
    ("extensions", "DaemonSet", Kind::DaemonSet),
    ("extensions", "ReplicaSet", Kind::ReplicaSet),
    ("extensions", "Ingress", Kind::Ingress),
];

/// The kind that was meant by an `apiVersion` and a `kind` that are not served together; `None` if another project may serve them.
pub(super) fn meant(api_version: &str, kind: &str) -> Option<Kind> {
    let kind = kind.strip_suffix("List").filter(|item| !item.is_empty()).unwrap_or(kind);
    let group = group(api_version);
    let retired = RETIRED.iter().find(|(retired, name, _)| is_meant(group, retired) && is_meant(kind, name));
    retired.map(|(.., replacement)| *replacement).or_else(|| meant_in_group(group, kind)).or_else(|| meant_elsewhere(group, kind))
}

/// Whether no API server serves the kind: it is in a group of Istio whose kinds are all known.
pub(super) fn is_unserved(api_version: &str, kind: &str) -> bool {
    let group = group(api_version);
    let is_other = OTHER_KINDS.iter().any(|(of, kinds)| *of == group && kinds.contains(&kind));
    matches!(group, "security.istio.io" | "networking.istio.io") && !is_other
}

/// Whether it is a definition of custom resources in a version that is not served any more. Only conversion webhooks are read of one, and
/// none of them has an effect on mTLS.
pub(super) fn is_old_definition(api_version: &str, kind: &str) -> bool {
    let known = Kind::CustomResourceDefinition;
    Kind::of(api_version, kind) == Some(known) && api_version != known.api_version()
}

/// The group of an `apiVersion`, also where the version is missing.
fn group(api_version: &str) -> &str {
    match api_version.split_once('/') {
        Some((group, _)) => group,
        None if api_version.contains('.') => api_version,
        None => "",
    }
}

/// A misspelt kind or group: the nearest kind of the group, or of the group that is meant.
fn meant_in_group(group: &str, kind: &str) -> Option<Kind> {
    let is_other = |(of, kinds): &(&str, &[&str])| *of == group && kinds.contains(&kind);
    if OTHER_KINDS.iter().any(is_other) {
        return None;
    }
    let distance = |known: &Kind| strsim::osa_distance(known.name(), kind);
    let candidates = Kind::ALL.iter().copied().filter(|known| is_meant(group, known.group()) && is_meant(kind, known.name()));
    candidates.min_by_key(distance)
}

/// A known kind in a group that has none of its own: no `apiVersion`, a group of Kubernetes itself, or one that ends like its own.
fn meant_elsewhere(group: &str, kind: &str) -> Option<Kind> {
    let mut known = Kind::ALL.iter().copied().filter(|known| known.name().eq_ignore_ascii_case(kind));
    let (first, second) = (known.next()?, known.next());
    // Two groups have a `Gateway`.
    if second.is_some() {
        return None;
    }
    let suffix = |group: &str| group.rsplitn(3, '.').take(2).map(str::to_owned).collect::<Vec<_>>();
    let is_builtin = !group.contains('.');
    (is_builtin || suffix(group) == suffix(first.group())).then_some(first)
}

/// Whether a word was most likely meant for a known one: the same except for capitals, blanks, characters of other scripts, or two letters.
fn is_meant(word: &str, known: &str) -> bool {
    if word == known {
        return true;
    }
    let word: String = word.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c)).collect();
    if word.eq_ignore_ascii_case(known) {
        return true;
    }
    let foreign = word.chars().filter(|c| !c.is_ascii()).count();
    let misspelt = strsim::osa_distance(&word, known);
    let allowed = if known.len() < 8 { usize::from(known.len() >= 5) } else { 2 };
    misspelt <= allowed.max(foreign)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_retired_or_incomplete_type_has_the_kind_that_was_meant() {
        use Kind::{AuthorizationPolicy, Deployment, Ingress, PeerAuthentication, Service, Sidecar, StatefulSet, VirtualService};
        for (api_version, kind, expected) in [
            ("security.istio.io/v1", "PeerAuthetication", PeerAuthentication),
            ("security.istio.io/v1", "peerauthentication", PeerAuthentication),
            ("security.istio.io/v1", "PeerAuthentication ", PeerAuthentication),
            ("security.istio.io/v1", "PeerAuthenticati\u{43e}n", PeerAuthentication),
            ("security.istio.io/v1", "\u{420}\u{435}\u{435}rAuthentication", PeerAuthentication),
            ("security.istio.io/v1", "Peer\u{200b}Authentication", PeerAuthentication),
            ("security.istio.io/v1", "PeerAuthentications", PeerAuthentication),
            ("security.istio.io/v1", "PeerAuthenticationList", PeerAuthentication),
            ("secuirty.istio.io/v1", "PeerAuthentication", PeerAuthentication),
            ("security.istio.io /v1", "PeerAuthentication", PeerAuthentication),
            ("security.\u{456}stio.io/v1", "PeerAuthentication", PeerAuthentication),
            ("Security.Istio.io/v1", "PeerAuthentication", PeerAuthentication),
            ("networking.istio.io/v1", "PeerAuthentication", PeerAuthentication),
            ("security.istio.io", "PeerAuthentication", PeerAuthentication),
            ("v1", "PeerAuthentication", PeerAuthentication),
            ("", "PeerAuthentication", PeerAuthentication),
            ("authentication.istio.io/v1alpha1", "Policy", PeerAuthentication),
            ("authentication.istio.io/v1alpha1", "MeshPolicy", PeerAuthentication),
            ("rbac.istio.io/v1alpha1", "ServiceRole", AuthorizationPolicy),
            ("networking.istio.io/v1", "VirtualServices", VirtualService),
            ("networking.istio.io/v1", "SideCar", Sidecar),
            ("extensions/v1beta1", "Deployment", Deployment),
            ("extensions/v1beta1", "Ingress", Ingress),
            ("v1", "Deployment", Deployment),
            ("app/v1", "Deployment", Deployment),
            ("apps/v1", "Deploymnet", Deployment),
            ("apps/v1", "Statefulset", StatefulSet),
            ("v1", "Servcie", Service),
            ("core/v1", "Service", Service),
        ] {
            assert_eq!(meant(api_version, kind), Some(expected), "{api_version} {kind}");
        }
    }

    #[test]
    fn kinds_of_other_groups_are_left_to_them() {
        for (api_version, kind) in [
            ("policy.linkerd.io/v1alpha1", "AuthorizationPolicy"),
            ("apps.kruise.io/v1beta1", "StatefulSet"),
            ("apps.kruise.io/v1alpha1", "DaemonSet"),
            ("serving.knative.dev/v1", "Service"),
            ("batch.volcano.sh/v1alpha1", "Job"),
            ("apps.openshift.io/v1", "DeploymentConfig"),
            ("networking.gke.io/v1", "Gateway"),
            ("networking.k8s.io/v1", "NetworkPolicy"),
            ("networking.istio.io/v1", "ProxyConfig"),
            ("security.istio.io/v1", "RequestAuthentication"),
            ("telemetry.istio.io/v1", "Telemetry"),
            ("extensions.istio.io/v1alpha1", "WasmPlugin"),
            ("install.istio.io/v1alpha1", "IstioOperator"),
            ("gateway.networking.k8s.io/v1", "HTTPRoute"),
            ("gateway.networking.k8s.io/v1", "GatewayClass"),
            ("gateway.networking.x-k8s.io/v1alpha1", "XListenerSet"),
            ("apps/v1", "ControllerRevision"),
            ("v1", "Config"),
            ("v1", "ConfigMap"),
            ("v1", "Secret"),
            ("v1", "Node"),
            ("v1", "PodTemplate"),
            ("v1", "ServiceAccount"),
            ("v1", "Endpoints"),
            ("v2", "Service"),
            ("rbac.authorization.k8s.io/v1", "RoleBinding"),
            ("policy/v1", "PodDisruptionBudget"),
            ("autoscaling/v2", "HorizontalPodAutoscaler"),
            ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
            ("argoproj.io/v1alpha1", "Application"),
            ("cilium.io/v2", "CiliumNetworkPolicy"),
            ("monitoring.coreos.com/v1", "PrometheusRule"),
        ] {
            let is_known = Kind::of(api_version, kind).is_some();
            assert!(is_known || meant(api_version, kind).is_none(), "{api_version} {kind}");
        }
    }
}
