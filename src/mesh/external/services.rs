//! Who calls a Service from outside the mesh: the API server, nodes and load balancers, Ingresses (S195, S196).

use std::collections::BTreeMap;

use super::{Manifest, Stranger, Who, prometheus_annotations, prometheus_operator::Monitors};
use crate::{
    istio::Protocol,
    mesh::{
        Instance, Mesh, Wire,
        pods::{container_ports, is_tcp, number},
    },
    object::{
        FieldPath, Id, Kind, Labels, Read, Snapshot, Text,
        wire::{IngressBackend, Service, ServicePort, ServiceReference},
    },
};

/// Whoever objects other than workloads and Services show, found by what they call.
#[derive(Debug)]
pub(in crate::mesh) struct Shown {
    /// Calls of Services.
    services: BTreeMap<Id, Vec<Call>>,
    pub(super) monitors: Monitors,
    /// Whether every Prometheus that is known runs in ambient.
    pub(super) has_ambient_prometheus: bool,
}

/// A call of a Service.
#[derive(Debug)]
struct Call {
    who: Who,
    port: Called,
    shown_by: Id,
    at: FieldPath,
    says: String,
}

/// The port of a Service that is called.
#[derive(Debug)]
enum Called {
    Number(i64),
    Name(Text),
}

impl Called {
    fn is(&self, port: &ServicePort) -> bool {
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
    pub(super) fn new(snapshot: &Snapshot, has_ambient_prometheus: bool) -> Self {
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

    fn of(&self, service: &Id) -> &[Call] {
        self.services.get(service).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Mesh<'_> {
    /// Whoever objects other than workloads and Services show.
    pub(super) fn shown(&self) -> &Shown {
        self.shown.get_or_init(|| {
            let is_prometheus = |labels: &Labels| labels.has("app.kubernetes.io/name", "prometheus") || labels.has("app", "prometheus");
            let all = self.workloads().iter().flat_map(|workload| workload.instances.iter());
            let mut known = all.filter(|instance| is_prometheus(&instance.labels)).peekable();
            let is_ambient = known.peek().is_some() && known.all(|instance| instance.dataplane == crate::mesh::Dataplane::Ambient);
            Shown::new(self.snapshot(), is_ambient)
        })
    }

    /// Whoever comes to an instance through a Service.
    pub(super) fn service_callers(&self, namespace: &str, instance: &Instance<'_>) -> Vec<Stranger> {
        let mut found = Vec::new();
        for service in self.services().services(namespace, &instance.labels) {
            let ports = service.body.spec.ports.iter().filter(|port| is_tcp(&port.protocol));
            for (port, target) in ports.filter_map(|port| Some((port, instance.target_of(port)?))) {
                found.extend(self.shown().of(&service.id).iter().filter(|call| call.port.is(port)).map(|call| call.at_port(port, target)));
                found.extend(exposed(service, port, target));
            }
            if !self.is_scraped_from_ambient(instance) {
                let targets = service.body.spec.ports.iter().filter(|port| is_tcp(&port.protocol)).filter_map(|p| instance.target_of(p));
                let asked = prometheus_annotations::asked(&service.body.metadata.annotations);
                found.extend(
                    asked.iter().flat_map(|asked| asked.strangers(targets.clone(), &service.id, &prometheus_annotations::in_metadata())),
                );
            }
        }
        found
    }
}

impl Call {
    /// Whoever it is, where the Service's port leads. The API server speaks TLS; others what the port declares.
    fn at_port(&self, port: &ServicePort, target: u16) -> Stranger {
        Stranger {
            who: self.who,
            port: target,
            wire: if self.who == Who::ApiServer { Wire::AppTls } else { declared(port) },
            shown_by: self.shown_by.clone(),
            at: self.at.clone(),
            is_certain: self.who == Who::ApiServer,
            is_blind: false,
            says: self.says.clone(),
        }
    }
}

/// What somebody sends who goes by the port's own word.
fn declared(port: &ServicePort) -> Wire {
    if Protocol::of(port) == Protocol::Tls { Wire::AppTls } else { Wire::Plaintext }
}

/// Whoever comes through nodes or a load balancer.
fn exposed(service: &Read<Service>, port: &ServicePort, target: u16) -> Option<Stranger> {
    let kind = &service.body.spec.type_;
    let is_balanced = kind == "LoadBalancer";
    if !is_balanced && kind != "NodePort" {
        return None;
    }
    let node = if is_balanced || port.node_port.0 == 0 { String::new() } else { format!(", node port {}", port.node_port.0) };
    Some(Stranger {
        who: Who::Outside,
        port: target,
        wire: declared(port),
        shown_by: service.id.clone(),
        at: FieldPath::of("spec.type"),
        is_certain: is_balanced,
        is_blind: false,
        says: format!("port {} of {}, a {kind}{node}", port.port.0, service.id),
    })
}

/// Whoever comes through a port of the node that a container takes (S196).
pub(super) fn host_ports(manifest: &Manifest<'_>) -> Vec<Stranger> {
    let taken = container_ports(manifest.spec).filter(|port| is_tcp(&port.protocol) && port.host_port.0 != 0);
    let stranger = |port: &crate::object::wire::ContainerPort| {
        Some(Stranger {
            who: Who::Outside,
            port: number(port.container_port.0)?,
            wire: Wire::Plaintext,
            shown_by: manifest.id.clone(),
            at: manifest.port(port),
            is_certain: false,
            is_blind: false,
            says: format!("host port {}", port.host_port.0),
        })
    };
    taken.filter_map(stranger).collect()
}
