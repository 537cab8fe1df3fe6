//! Which proxy is in front of a workload (S109–S115, S146–S148).

use std::fmt;

use super::injection::{self, Candidate, Injection};
use crate::{
    istio::{Container, PodSpec},
    mesh::indices::Indices,
    object::{Labels, Text},
};

/// What handles a workload's traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataplane {
    /// No proxy.
    None,
    /// A gRPC library that connects to istiod itself.
    Proxyless,
    /// A gateway's Envoy, to which no `PeerAuthentication` applies (S38).
    Gateway,
    /// A waypoint (S40).
    Waypoint,
    /// ztunnel.
    Ambient,
    /// An Envoy in the pod.
    Sidecar,
}

impl Dataplane {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Proxyless => "proxyless",
            Self::Gateway => "gateway",
            Self::Waypoint => "waypoint",
            Self::Ambient => "ambient",
            Self::Sidecar => "sidecar",
        }
    }
}

impl fmt::Display for Dataplane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Name of the proxy's container, which is also how Istio recognises it (S146).
pub(in crate::mesh) const PROXY: &str = "istio-proxy";
const TEMPLATES: &str = "inject.istio.io/templates";
pub(in crate::mesh) const AMBIENT_MODE: &str = "istio.io/dataplane-mode";
pub(in crate::mesh) const REDIRECTION: &str = "ambient.istio.io/redirection";

/// The proxy's container: an ordinary one, or a native sidecar among the init containers (S146).
pub(in crate::mesh) fn proxy(spec: PodSpec<'_>) -> Option<Container<'_>> {
    spec.running_containers().find(|container| container.name() == PROXY)
}

/// The data plane of a running pod, from its containers and annotations.
pub(in crate::mesh) fn running(spec: PodSpec<'_>, annotations: &Labels) -> Dataplane {
    if let Some(dataplane) = by_containers(spec, annotations).filter(|_| !has_placeholder(spec)) {
        return dataplane;
    }
    let is_redirected = matches!(annotations.get(REDIRECTION), Some("enabled" | "pending"));
    if is_redirected && !spec.is_on_host_network() { Dataplane::Ambient } else { Dataplane::None }
}

/// Whether the proxy's image is one that injection has to replace: without that the pod never starts (S255).
fn has_placeholder(spec: PodSpec<'_>) -> bool {
    proxy(spec).is_some_and(|proxy| proxy.image() == "auto")
}

fn by_containers(spec: PodSpec<'_>, annotations: &Labels) -> Option<Dataplane> {
    let Some(proxy) = proxy(spec) else {
        let is_grpc = spec.init_containers().any(|container| container.name() == "grpc-bootstrap-init");
        return is_grpc.then_some(Dataplane::Proxyless);
    };
    let role = proxy.args().iter().skip_while(|arg| *arg != "proxy").nth(1).map_or("", Text::as_str);
    Some(match role {
        "ztunnel" => Dataplane::None,
        "router" => Dataplane::Gateway,
        "waypoint" => Dataplane::Waypoint,
        _ if proxy.variables().any(|(name, value)| name == "ISTIO_META_GENERATOR" && value == "grpc") => Dataplane::Proxyless,
        "" => by_template(&[annotations.get(TEMPLATES).unwrap_or_default()]),
        _ => Dataplane::Sidecar,
    })
}

/// The data plane that the templates requested by a pod result in (S148).
fn by_template(names: &[&str]) -> Dataplane {
    let is = |wanted: &[&str]| names.iter().flat_map(|list| list.split(',')).any(|name| wanted.contains(&name.trim()));
    if is(&["gateway"]) {
        Dataplane::Gateway
    } else if is(&["grpc-agent", "grpc-simple"]) {
        Dataplane::Proxyless
    } else {
        Dataplane::Sidecar
    }
}

impl Indices<'_> {
    /// The templates of an injected pod: those it requests, else the injector's default (S148).
    fn templates<'t>(&'t self, revision: &str, annotations: &'t Labels) -> Vec<&'t str> {
        let planes = self.control_planes();
        match annotations.get(TEMPLATES) {
            Some(requested) => vec![requested],
            None => planes.injector(planes.revision(revision)).default_templates().iter().map(Text::as_str).collect(),
        }
    }

    /// The data plane, revision and injection that a pod would get if it were created now.
    pub(in crate::mesh) fn planned(&self, spec: PodSpec<'_>, pod: &Candidate<'_>) -> (Dataplane, Option<Text>, Injection) {
        let injection = self.injection(pod);
        let revision = match &injection {
            Injection::Injected { revision } => Some(self.control_planes().revision(revision).into()),
            Injection::NotInjected(_) => None,
        };
        let is_injected = matches!(injection, Injection::Injected { .. });
        // Without its Namespace it is not known that nothing replaces the image.
        let is_replaced = !has_placeholder(spec) || is_injected || self.namespace_labels(pod.namespace).is_none();
        let dataplane = match (by_containers(spec, pod.annotations).filter(|_| is_replaced), &injection) {
            (Some(dataplane), _) => dataplane,
            (None, Injection::Injected { revision }) => by_template(&self.templates(revision, pod.annotations)),
            (None, Injection::NotInjected(_)) if self.ambient_captures(pod) => Dataplane::Ambient,
            (None, Injection::NotInjected(_)) => Dataplane::None,
        };
        (dataplane, revision, injection)
    }

    /// Whether the labels of a Namespace that was not read could change the pod's data plane (S145).
    pub(in crate::mesh) fn depends_on_unread_namespace(&self, spec: PodSpec<'_>, pod: &Candidate<'_>) -> bool {
        let has_ambient_label = pod.labels.get(AMBIENT_MODE).is_some_and(|mode| matches!(mode, "ambient" | "none"));
        self.namespace_labels(pod.namespace).is_none()
            && by_containers(spec, pod.annotations).is_none()
            && !pod.host_network
            && !injection::is_ignored(pod.namespace)
            && !(pod.opts_out() && has_ambient_label)
    }

    /// Whether ambient would capture the pod (S110, S111, S113).
    pub(in crate::mesh) fn ambient_captures(&self, pod: &Candidate<'_>) -> bool {
        let namespace = self.namespace_labels(pod.namespace).and_then(|labels| labels.get(AMBIENT_MODE));
        let requests_ambient = match pod.labels.get(AMBIENT_MODE) {
            Some("ambient") => true,
            Some("none") => false,
            _ => namespace == Some("ambient"),
        };
        requests_ambient && !pod.host_network && pod.namespace != "kube-system" && pod.annotations.get("sidecar.istio.io/status").is_none()
    }
}

impl Indices<'_> {
    /// The data plane that a namespace's labels give to a workload without labels or annotations of its own.
    #[must_use]
    pub fn namespace_dataplane(&self, namespace: &str) -> Dataplane {
        let nothing = Labels::default();
        let pod = Candidate { namespace, labels: &nothing, annotations: &nothing, host_network: false };
        match self.injection(&pod) {
            Injection::Injected { .. } => Dataplane::Sidecar,
            Injection::NotInjected(_) if self.ambient_captures(&pod) => Dataplane::Ambient,
            Injection::NotInjected(_) => Dataplane::None,
        }
    }
}
