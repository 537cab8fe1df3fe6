//! Which workload serves an Ingress, and how its calls leave (S196, S253).

use std::collections::BTreeMap;

use super::external_caller::ExternalCallerKind;
use crate::{
    istio::{Protocol, ServicePort},
    mesh::{
        Dataplane, Instance, Subject, Workload,
        pods::{INCLUDE_RANGES, accepts_tunnel},
    },
    object::{Id, Labels, Snapshot, Text},
};

/// Labels by which charts name what they install.
const NAMES: [&str; 3] = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app"];

/// Annotation of an Ingress by which nginx calls the Service instead of its endpoints (S253).
const SERVICE_UPSTREAM: &str = "nginx.ingress.kubernetes.io/service-upstream";
/// Annotation of an Ingress that sets the host that nginx sends (S253).
const UPSTREAM_HOST: &str = "nginx.ingress.kubernetes.io/upstream-vhost";

/// Ingress controllers that were read, by the class that they serve.
#[derive(Debug)]
pub(super) struct IngressControllers {
    by_class: BTreeMap<Text, IngressController>,
}

/// An ingress controller that was read.
#[derive(Clone, Debug)]
pub(super) struct IngressController {
    pub(super) subject: Subject,
    dataplane: Dataplane,
}

/// How an ingress controller calls the backends of an Ingress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Upstream {
    /// The addresses of the endpoints.
    Endpoints,
    /// The Service's address, with the host of the outside client.
    Service,
    /// The Service's address, with the Service's own host.
    ServiceByName,
}

impl IngressControllers {
    pub(super) fn new(snapshot: &Snapshot, workloads: &[Workload<'_>]) -> Self {
        let mut by_class: BTreeMap<Text, IngressController> = BTreeMap::new();
        if snapshot.ingresses.is_empty() {
            return Self { by_class };
        }
        let all = workloads.iter().flat_map(|workload| workload.instances.iter().map(move |instance| (workload, instance)));
        for (workload, instance) in all.filter(|(_, instance)| instance.spec.is_some()) {
            for class in classes(&instance.labels) {
                let dataplane = outbound(instance);
                let found = by_class.entry(class).or_insert_with(|| IngressController { subject: workload.subject.clone(), dataplane });
                // If a class has controllers with and without proxy, the calls of the latter are the ones that fail.
                if found.dataplane != Dataplane::None && dataplane == Dataplane::None {
                    *found = IngressController { subject: workload.subject.clone(), dataplane };
                }
            }
        }
        Self { by_class }
    }

    /// The controller of a class; `None` if it was not read.
    pub(super) fn of_class(&self, class: &str) -> Option<&IngressController> {
        self.by_class.get(class)
    }
}

/// The classes that a workload with these labels would serve by the names that the charts of ingress controllers use.
fn classes(labels: &Labels) -> Vec<Text> {
    let names = NAMES.iter().filter_map(|label| labels.get(label));
    let mut found: Vec<Text> = names.filter_map(class_of).map(Into::into).collect();
    found.sort();
    found.dedup();
    found
}

/// The class in the name of an ingress controller: `nginx` in `ingress-nginx` and in `nginx-ingress-controller`.
fn class_of(name: &str) -> Option<&str> {
    const UNPREFIXED: [&str; 3] = ["traefik", "kong", "contour"];
    let name = name.strip_suffix("-controller").unwrap_or(name);
    let class = name.strip_prefix("ingress-").or_else(|| name.strip_suffix("-ingress"));
    class.or_else(|| UNPREFIXED.contains(&name).then_some(name)).filter(|class| !class.is_empty())
}

/// The proxy that outbound calls of an instance leave through.
fn outbound(instance: &Instance<'_>) -> Dataplane {
    let captures_none = instance.annotations.get(INCLUDE_RANGES).is_some_and(str::is_empty);
    if instance.dataplane == Dataplane::Sidecar && captures_none { Dataplane::None } else { instance.dataplane }
}

impl IngressController {
    /// The caller that reaches a port of an instance behind a Service; `None` if the call arrives over mTLS.
    pub(super) fn caller(&self, upstream: Upstream, instance: &Instance<'_>, port: &ServicePort<'_>) -> Option<ExternalCallerKind> {
        let is_tunnelled = || instance.dataplane == Dataplane::Ambient || accepts_tunnel(&instance.labels);
        // A port that is not HTTP is found by its address alone; HTTP by the host that is sent (S253).
        let is_known = || match upstream {
            Upstream::Endpoints => false,
            Upstream::Service => !matches!(port.protocol(), Protocol::Http),
            Upstream::ServiceByName => true,
        };
        match self.dataplane {
            Dataplane::None | Dataplane::Proxyless => Some(ExternalCallerKind::IngressController),
            Dataplane::Sidecar => (!is_known()).then_some(ExternalCallerKind::IngressSidecar),
            Dataplane::Ambient => (!is_tunnelled()).then_some(ExternalCallerKind::IngressAmbient),
            Dataplane::Gateway | Dataplane::Waypoint => None,
        }
    }
}

impl Upstream {
    /// How the backends of an Ingress with these annotations are called.
    pub(super) fn of(annotations: &Labels, service: &Id) -> Self {
        if annotations.get(SERVICE_UPSTREAM) != Some("true") {
            return Self::Endpoints;
        }
        let name = format!("{}.{}", service.name, service.namespace);
        let is_name = |host: &str| {
            let rest = host.strip_prefix(&name);
            rest.is_some_and(|rest| rest.is_empty() || rest == ".svc" || rest.starts_with(".svc."))
        };
        if annotations.get(UPSTREAM_HOST).is_some_and(is_name) { Self::ServiceByName } else { Self::Service }
    }
}
