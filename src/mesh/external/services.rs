//! Callers of a Service from outside the mesh: the API server, nodes and load balancers, Ingresses (S195, S196).

use super::{
    external_caller::{ExternalCaller, ExternalCallerKind},
    manifest::Manifest,
    prometheus_annotations,
    shown::{ExternalCall, ExternalCalls},
};
use crate::{
    istio::{ContainerPort, Protocol, Service, ServicePort, ServiceType},
    mesh::{Instance, SentAs, indices::Indices, pods::tcp_ports},
    object::FieldPath,
};

/// The callers that reach an instance through a Service.
pub(super) fn callers(
    indices: &Indices<'_>,
    external_calls: &ExternalCalls,
    namespace: &str,
    instance: &Instance<'_>,
) -> Vec<ExternalCaller> {
    let mut found = Vec::new();
    // Most Services have no caller outside the mesh, so only those that have some are tried.
    for service in external_calls.called(indices.snapshot(), namespace, &instance.labels) {
        for (port, target) in service.tcp_ports().filter_map(|port| Some((port, instance.target_of(port.target)?))) {
            found.extend(external_calls.of(service.id).iter().filter_map(|call| at_port(call, instance, &port, target)));
            found.extend(exposed(service, &port, target));
        }
        if !external_calls.is_scraped_from_ambient(instance) {
            let targets = service.tcp_ports().filter_map(|port| instance.target_of(port.target));
            let scrape_request = prometheus_annotations::scrape_request(service.meta().annotations());
            found.extend(scrape_request.iter().flat_map(|scrape_request| {
                scrape_request.external_callers(targets.clone(), service.id, &prometheus_annotations::in_metadata())
            }));
        }
    }
    found
}

/// The caller at the port that the Service's port targets. The API server sends TLS; others send what the port declares.
///
/// `None` if the call is to another port, or arrives over mTLS.
fn at_port(call: &ExternalCall, instance: &Instance<'_>, port: &ServicePort<'_>, target: u16) -> Option<ExternalCaller> {
    if !call.port.is(port) {
        return None;
    }
    let kind = match &call.ingress {
        Some((controller, upstream)) => controller.caller(*upstream, instance, port)?,
        None => call.kind,
    };
    Some(ExternalCaller {
        kind,
        port: target,
        sent_as: if call.kind == ExternalCallerKind::ApiServer { SentAs::AppTls } else { declared(port) },
        defined_by: call.defined_by.clone(),
        at: call.at.clone(),
        // An Ingress whose controller was not read does not show what serves it.
        is_certain: kind != ExternalCallerKind::Outside,
        is_connect_only: false,
        message: call.message.clone(),
    })
}

/// What a client sends according to the protocol that the port declares.
fn declared(port: &ServicePort<'_>) -> SentAs {
    if port.protocol() == Protocol::Tls { SentAs::AppTls } else { SentAs::Plaintext }
}

/// The caller that arrives through a node port or a load balancer; `None` if the Service has neither.
fn exposed(service: Service<'_>, port: &ServicePort<'_>, target: u16) -> Option<ExternalCaller> {
    let (kind, node) = match service.kind {
        ServiceType::LoadBalancer => ("LoadBalancer", None),
        ServiceType::NodePort => ("NodePort", port.node_port()),
        ServiceType::ClusterIp | ServiceType::Headless | ServiceType::ExternalName(_) => return None,
    };
    let node = node.map(|number| format!(", node port {number}")).unwrap_or_default();
    Some(ExternalCaller {
        kind: ExternalCallerKind::Outside,
        port: target,
        sent_as: declared(port),
        defined_by: service.id.clone(),
        at: FieldPath::of("spec.type"),
        is_certain: service.kind == ServiceType::LoadBalancer,
        is_connect_only: false,
        message: format!("port {} of {}, a {kind}{node}", port.number, service.id),
    })
}

/// The callers that arrive through a host port of a container (S196).
pub(super) fn host_ports(manifest: &Manifest<'_>) -> Vec<ExternalCaller> {
    let external_caller = |port: ContainerPort<'_>| {
        let host_port = port.host_port?;
        Some(ExternalCaller {
            kind: ExternalCallerKind::Outside,
            port: port.number,
            sent_as: SentAs::Plaintext,
            defined_by: manifest.id.clone(),
            at: manifest.port(&port),
            is_certain: false,
            is_connect_only: false,
            message: format!("host port {host_port}"),
        })
    };
    tcp_ports(manifest.spec).filter_map(external_caller).collect()
}
