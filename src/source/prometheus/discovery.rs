//! Services of a cluster that may be a Prometheus. Nothing is chosen among them.

use std::{collections::BTreeSet, time::Duration};

use tokio::runtime;

use super::access::Service;
use crate::{
    object::wire,
    source::{cluster::labelled, connection::Connection, error::SourceError, manifest::yaml},
};

/// Labels by which a Prometheus is known: that of Istio's add-on and of Helm charts, and that of the operator's own Services.
const LABELS: [&str; 2] = ["app.kubernetes.io%2Fname%3Dprometheus", "operated-prometheus%3Dtrue"];

/// The port on which a Prometheus listens, unless somebody moved it.
const USUAL_PORT: i64 = 9090;

/// Services that may be a Prometheus, in order of namespace and name; every port of one that does not have the usual port.
///
/// # Errors
/// When there is no way to the cluster, or Services may not be listed.
pub fn candidates(connection: &Connection, timeout: Duration) -> Result<Vec<Service>, SourceError> {
    // Decoding recurses, so whatever runs on these threads must have the stack for it.
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).thread_stack_size(yaml::STACK).enable_all().build();
    let services = runtime.map_err(SourceError::NoThread)?.block_on(Box::pin(labelled(connection, &LABELS, timeout)))?;
    let all: BTreeSet<Service> = services.iter().flat_map(ports).collect();
    Ok(all.into_iter().collect())
}

fn ports(service: &wire::Service) -> impl Iterator<Item = Service> {
    let ports = &service.spec.ports;
    let has_usual = ports.iter().any(|port| port.port.0 == USUAL_PORT);
    let wanted = ports.iter().filter(move |port| !has_usual || port.port.0 == USUAL_PORT);
    wanted.map(|port| Service {
        namespace: service.metadata.namespace.to_string(),
        name: service.metadata.name.to_string(),
        port: port.port.0.to_string(),
    })
}
