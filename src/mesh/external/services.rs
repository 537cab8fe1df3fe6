//! Who calls a Service from outside the mesh: the API server, nodes and load balancers, Ingresses (S195, S196).

use super::{
    manifest::Manifest,
    prometheus_annotations,
    shown::{Call, Shown},
    stranger::{Stranger, Who},
};
use crate::{
    istio::Protocol,
    mesh::{
        Instance, Wire,
        indices::Indices,
        pods::{container_ports, is_tcp, number},
    },
    object::{
        FieldPath, Read,
        wire::{ContainerPort, Service, ServicePort},
    },
};

/// Whoever comes to an instance through a Service.
pub(super) fn callers(indices: &Indices<'_>, shown: &Shown, namespace: &str, instance: &Instance<'_>) -> Vec<Stranger> {
    let mut found = Vec::new();
    for service in indices.services().services(namespace, &instance.labels) {
        let ports = service.body.spec.ports.iter().filter(|port| is_tcp(&port.protocol));
        for (port, target) in ports.filter_map(|port| Some((port, instance.target_of(port)?))) {
            found.extend(shown.of(&service.id).iter().filter(|call| call.port.is(port)).map(|call| at_port(call, port, target)));
            found.extend(exposed(service, port, target));
        }
        if !shown.is_scraped_from_ambient(instance) {
            let targets = service.body.spec.ports.iter().filter(|port| is_tcp(&port.protocol)).filter_map(|p| instance.target_of(p));
            let asked = prometheus_annotations::asked(&service.body.metadata.annotations);
            found.extend(
                asked.iter().flat_map(|asked| asked.strangers(targets.clone(), &service.id, &prometheus_annotations::in_metadata())),
            );
        }
    }
    found
}

/// Whoever it is, where the Service's port leads. The API server speaks TLS; others what the port declares.
fn at_port(call: &Call, port: &ServicePort, target: u16) -> Stranger {
    Stranger {
        who: call.who,
        port: target,
        wire: if call.who == Who::ApiServer { Wire::AppTls } else { declared(port) },
        shown_by: call.shown_by.clone(),
        at: call.at.clone(),
        is_certain: call.who == Who::ApiServer,
        is_blind: false,
        says: call.says.clone(),
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
    let stranger = |port: &ContainerPort| {
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
