//! The calls from outside the mesh that webhooks, APIs, Ingresses and monitors show (S189, S190, S195, S196).

use std::collections::BTreeMap;

use super::{prometheus_operator::Monitors, stranger::Who};
use crate::{
    mesh::{Dataplane, Instance, Workload},
    object::{
        FieldPath, Id, Kind, Labels, Snapshot, Text,
        wire::{IngressBackend, ServicePort, ServiceReference},
    },
};

/// Whoever objects other than workloads and Services show, found by what they call.
#[derive(Debug)]
pub(in crate::mesh) struct Shown {
    /// Calls of Services.
    services: BTreeMap<Id, Vec<Call>>,
    pub(super) monitors: Monitors,
    /// Whether every Prometheus that is known runs in ambient.
    has_ambient_prometheus: bool,
}

/// A call of a Service.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) who: Who,
    pub(super) port: Called,
    pub(super) shown_by: Id,
    pub(super) at: FieldPath,
    pub(super) says: String,
}

/// The port of a Service that is called.
#[derive(Debug)]
pub(super) enum Called {
    Number(i64),
    Name(Text),
}

impl Called {
    pub(super) fn is(&self, port: &ServicePort) -> bool {
        match self {
            Self::Number(number) => port.port.0 == *number,
            Self::Name(name) => port.name == *name,
        }
    }
}

/// The port of a webhook or API that does not say which.
const HTTPS: i64 = 443;
/// The class of Ingresses that Istio's own gateway serves, with mTLS to what is behind it.
const ISTIO: &str = "istio";

impl Shown {
    pub(super) fn new(snapshot: &Snapshot, workloads: &[Workload<'_>]) -> Self {
        let has_ambient_prometheus = has_ambient_prometheus(workloads);
        let mut all = Self { services: BTreeMap::new(), monitors: Monitors::new(&snapshot.monitors), has_ambient_prometheus };
        all.webhooks(snapshot);
        all.apis(snapshot);
        all.ingresses(snapshot);
        all
    }

    /// Admission webhooks, those that change objects and those that do not.
    fn webhooks(&mut self, snapshot: &Snapshot) {
        let mutating = snapshot.webhooks.iter().flat_map(|read| {
            read.body.webhooks.iter().enumerate().map(move |(at, hook)| (&read.id, at, &hook.name, &hook.client_config.service))
        });
        let validating = snapshot.validating_webhooks.iter().flat_map(|read| {
            read.body.webhooks.iter().enumerate().map(move |(at, hook)| (&read.id, at, &hook.name, &hook.client_config.service))
        });
        for (id, at, name, service) in mutating.chain(validating) {
            let at = FieldPath::of("webhooks").then(at.to_string()).then("clientConfig").then("service");
            self.of_api_server(service.as_ref(), id, at, format!("admission webhook {name}"));
        }
    }

    /// Webhooks that convert custom resources, and APIs that a Service offers.
    fn apis(&mut self, snapshot: &Snapshot) {
        for read in &snapshot.custom_resources {
            let service = read.body.spec.conversion.webhook.client_config.service.as_ref();
            let at = FieldPath::of("spec.conversion.webhook.clientConfig.service");
            self.of_api_server(service, &read.id, at, format!("conversion webhook of {}", read.id.name));
        }
        for read in &snapshot.api_services {
            self.of_api_server(read.body.spec.service.as_ref(), &read.id, FieldPath::of("spec.service"), read.id.to_string());
        }
    }

    fn of_api_server(&mut self, service: Option<&ServiceReference>, shown_by: &Id, at: FieldPath, says: String) {
        let Some(service) = service else { return };
        let port = Called::Number(service.port.map_or(HTTPS, |port| port.0));
        self.add(&service.namespace, &service.name, Call { who: Who::ApiServer, port, shown_by: shown_by.clone(), at, says });
    }

    /// What Ingresses lead to. Who serves them is not in them; Istio's own are left out.
    fn ingresses(&mut self, snapshot: &Snapshot) {
        for read in &snapshot.ingresses {
            let (spec, metadata) = (&read.body.spec, &read.body.metadata);
            let annotated = || metadata.annotations.get("kubernetes.io/ingress.class").unwrap_or_default();
            let class = if spec.ingress_class_name.is_empty() { annotated() } else { spec.ingress_class_name.as_str() };
            if class == ISTIO {
                continue;
            }
            let class = if class.is_empty() { String::new() } else { format!(" (class {class})") };
            let mut add = |backend: &IngressBackend, at: FieldPath| {
                let Some(service) = &backend.service else { return };
                let name = &service.port.name;
                let port = if name.is_empty() { Called::Number(service.port.number.0) } else { Called::Name(name.clone()) };
                let says = format!("{}{class} leads to it", read.id);
                self.add(&read.id.namespace, &service.name, Call { who: Who::Outside, port, shown_by: read.id.clone(), at, says });
            };
            if let Some(backend) = &spec.default_backend {
                add(backend, FieldPath::of("spec.defaultBackend"));
            }
            for (rule, paths) in spec.rules.iter().map(|rule| &rule.http.paths).enumerate() {
                for (path, backend) in paths.iter().map(|path| &path.backend).enumerate() {
                    let (rule, path) = (rule.to_string(), path.to_string());
                    add(backend, ["spec", "rules", &rule, "http", "paths", &path, "backend"].into_iter().collect());
                }
            }
        }
    }

    fn add(&mut self, namespace: &Text, name: &Text, call: Call) {
        self.services.entry(Id::new(Kind::Service, namespace.clone(), name.clone())).or_default().push(call);
    }

    pub(super) fn of(&self, service: &Id) -> &[Call] {
        self.services.get(service).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether every Prometheus that is known runs in ambient, and calls other pods of ambient over HBONE (S190).
    pub(super) fn is_scraped_from_ambient(&self, instance: &Instance<'_>) -> bool {
        instance.dataplane == Dataplane::Ambient && self.has_ambient_prometheus
    }
}

/// Whether every Prometheus that is known runs in ambient.
fn has_ambient_prometheus(workloads: &[Workload<'_>]) -> bool {
    let is_prometheus = |labels: &Labels| labels.has("app.kubernetes.io/name", "prometheus") || labels.has("app", "prometheus");
    let all = workloads.iter().flat_map(|workload| workload.instances.iter());
    let mut known = all.filter(|instance| is_prometheus(&instance.labels)).peekable();
    known.peek().is_some() && known.all(|instance| instance.dataplane == Dataplane::Ambient)
}
