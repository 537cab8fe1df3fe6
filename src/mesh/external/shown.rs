//! Calls from outside the mesh that webhooks, APIs, Ingresses and monitors define (S189, S190, S195, S196).

use std::collections::BTreeMap;

use super::{
    external_caller::ExternalCallerKind,
    ingress_controllers::{IngressController, IngressControllers, Upstream},
    prometheus_annotations,
    prometheus_operator::Monitors,
};
use crate::{
    istio::{PortRef, Service, ServiceCall, ServicePort, ServiceType, ingress_class},
    mesh::{Dataplane, Instance, Workload},
    object::{FieldPath, Id, Labels, Snapshot, Text},
};

/// Callers defined by objects other than workloads and Services, indexed by what they call.
#[derive(Debug)]
pub(in crate::mesh) struct ExternalCalls {
    /// Calls of Services, by Service.
    services: BTreeMap<Id, Vec<ExternalCall>>,
    /// By namespace, the positions in the snapshot of the Services that have callers outside the mesh.
    called: BTreeMap<Text, Vec<usize>>,
    pub(super) monitors: Monitors,
    /// Whether every Prometheus that is known runs in ambient.
    has_ambient_prometheus: bool,
}

/// A call of a Service.
#[derive(Debug)]
pub(super) struct ExternalCall {
    pub(super) kind: ExternalCallerKind,
    pub(super) port: CalledPort,
    pub(super) defined_by: Id,
    pub(super) at: FieldPath,
    pub(super) message: String,
    /// For the backend of an Ingress: its controller, if it was read, and how that calls the backend.
    pub(super) ingress: Option<(IngressController, Upstream)>,
}

/// The port of a Service that is called.
#[derive(Debug)]
pub(super) enum CalledPort {
    Number(u16),
    Name(Text),
}

impl CalledPort {
    fn of(port: PortRef<'_>) -> Self {
        match port {
            PortRef::Number(number) => Self::Number(number),
            PortRef::Name(name) => Self::Name(name.clone()),
        }
    }

    pub(super) fn is(&self, port: &ServicePort<'_>) -> bool {
        match self {
            Self::Number(number) => port.number == *number,
            Self::Name(name) => port.name() == name,
        }
    }
}

/// The class of Ingresses served by Istio's own gateway, which sends mTLS to its backends.
const ISTIO: &str = "istio";

impl ExternalCalls {
    pub(super) fn new(snapshot: &Snapshot, workloads: &[Workload<'_>]) -> Self {
        let has_ambient_prometheus = has_ambient_prometheus(workloads);
        let mut all =
            Self { services: BTreeMap::new(), called: BTreeMap::new(), monitors: Monitors::new(snapshot), has_ambient_prometheus };
        all.webhooks(snapshot);
        all.apis(snapshot);
        all.ingresses(snapshot, &IngressControllers::new(snapshot, workloads));
        let is_alias = |service: &Service<'_>| matches!(service.kind, ServiceType::ExternalName(_));
        for (at, service) in snapshot.services.iter().map(Service::of).enumerate().filter(|(_, service)| !is_alias(service)) {
            if all.services.contains_key(service.id) || is_exposed(&service) {
                all.called.entry(service.id.namespace.clone()).or_default().push(at);
            }
        }
        all
    }

    /// The Services of a namespace that have callers outside the mesh and select these labels, in order.
    pub(super) fn called<'s>(&self, snapshot: &'s Snapshot, namespace: &str, labels: &Labels) -> impl Iterator<Item = Service<'s>> {
        let own = self.called.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let services = own.iter().filter_map(|&at| snapshot.services.get(at)).map(Service::of);
        services.filter(move |service| !service.selector().is_empty() && service.selector().selects(labels))
    }

    /// Admission webhooks, mutating and validating.
    fn webhooks(&mut self, snapshot: &Snapshot) {
        let mutating = snapshot.webhooks.iter().flat_map(ServiceCall::of_mutating);
        let validating = snapshot.validating_webhooks.iter().flat_map(ServiceCall::of_validating);
        for (name, call) in mutating.chain(validating) {
            self.add(ExternalCallerKind::ApiServer, call, format!("admission webhook {name}"));
        }
    }

    /// Conversion webhooks of custom resources, and aggregated APIs.
    fn apis(&mut self, snapshot: &Snapshot) {
        for call in snapshot.custom_resources.iter().filter_map(ServiceCall::of_conversion) {
            let message = format!("conversion webhook of {}", call.defined_by.name);
            self.add(ExternalCallerKind::ApiServer, call, message);
        }
        for call in snapshot.api_services.iter().filter_map(ServiceCall::of_api) {
            let message = call.defined_by.to_string();
            self.add(ExternalCallerKind::ApiServer, call, message);
        }
    }

    /// Backends of Ingresses. An Ingress does not identify the controller that serves it; those of Istio's own class are left out.
    fn ingresses(&mut self, snapshot: &Snapshot, controllers: &IngressControllers) {
        for read in &snapshot.ingresses {
            let class = ingress_class(read);
            if class == ISTIO {
                continue;
            }
            let controller = controllers.of_class(class);
            let class = if class.is_empty() { String::new() } else { format!(" (class {class})") };
            let served = controller.map(|controller| format!(", served by {}", controller.subject)).unwrap_or_default();
            for call in ServiceCall::of_ingress(read) {
                let ingress = controller.map(|controller| (controller.clone(), Upstream::of(read.annotations(), &call.service)));
                self.add_from(ingress, ExternalCallerKind::Outside, call, format!("{}{class}{served} routes to it", read.id));
            }
        }
    }

    fn add(&mut self, kind: ExternalCallerKind, call: ServiceCall<'_>, message: String) {
        self.add_from(None, kind, call, message);
    }

    fn add_from(
        &mut self,
        ingress: Option<(IngressController, Upstream)>,
        kind: ExternalCallerKind,
        call: ServiceCall<'_>,
        message: String,
    ) {
        let ServiceCall { service, port, defined_by, at } = call;
        let call = ExternalCall { kind, port: CalledPort::of(port), defined_by: defined_by.clone(), at, message, ingress };
        self.services.entry(service).or_default().push(call);
    }

    pub(super) fn of(&self, service: &Id) -> &[ExternalCall] {
        self.services.get(service).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether every Prometheus that is known runs in ambient, and calls other pods of ambient over HBONE (S190).
    pub(super) fn is_scraped_from_ambient(&self, instance: &Instance<'_>) -> bool {
        instance.dataplane == Dataplane::Ambient && self.has_ambient_prometheus
    }
}

/// Whether a Service has a node port, a load balancer, or an annotation that makes Prometheus scrape it.
fn is_exposed(service: &Service<'_>) -> bool {
    match service.kind {
        ServiceType::LoadBalancer | ServiceType::NodePort => true,
        ServiceType::ClusterIp | ServiceType::Headless | ServiceType::ExternalName(_) => {
            prometheus_annotations::scrape_request(service.meta().annotations()).is_some()
        }
    }
}

/// Whether every Prometheus that is known runs in ambient.
fn has_ambient_prometheus(workloads: &[Workload<'_>]) -> bool {
    let is_prometheus = |labels: &Labels| labels.has("app.kubernetes.io/name", "prometheus") || labels.has("app", "prometheus");
    let all = workloads.iter().flat_map(|workload| workload.instances.iter());
    let mut known = all.filter(|instance| is_prometheus(&instance.labels)).peekable();
    known.peek().is_some() && known.all(|instance| instance.dataplane == Dataplane::Ambient)
}
