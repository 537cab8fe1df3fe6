//! Finds Services of a cluster that may be a Prometheus. The choice is left to the user.

use std::{collections::BTreeSet, time::Duration};

use tokio::runtime;

use super::access::Service;
use crate::{
    object::wire,
    source::{cluster::services_with_labels, connection::Connection, error::SourceError, manifest::yaml},
};

/// Labels of a Prometheus: those of Istio's add-on and of Helm charts, and those of the operator's own Services.
const LABELS: [&str; 2] = ["app.kubernetes.io%2Fname%3Dprometheus", "operated-prometheus%3Dtrue"];

/// The default port of a Prometheus.
const DEFAULT_PORT: i64 = 9090;

/// Services that may be a Prometheus, sorted by namespace and name, each with the default port, or with all its ports if it has no
/// such port.
///
/// # Errors
/// If the cluster cannot be reached, or listing Services is denied.
pub fn candidates(connection: &Connection, timeout: Duration) -> Result<Vec<Service>, SourceError> {
    // Decoding recurses, so this thread needs a large stack.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).thread_stack_size(yaml::STACK_SIZE).enable_all().build();
    let services = runtime.map_err(SourceError::NoThread)?.block_on(Box::pin(services_with_labels(connection, &LABELS, timeout)))?;
    let all: BTreeSet<Service> = services.iter().flat_map(ports).collect();
    Ok(all.into_iter().collect())
}

fn ports(service: &wire::Service) -> impl Iterator<Item = Service> {
    let ports = &service.spec.ports;
    let has_default = ports.iter().any(|port| port.port.0 == DEFAULT_PORT);
    let wanted = ports.iter().filter(move |port| !has_default || port.port.0 == DEFAULT_PORT);
    wanted.map(|port| Service {
        namespace: service.metadata.namespace.to_string(),
        name: service.metadata.name.to_string(),
        port: port.port.0.to_string(),
    })
}
