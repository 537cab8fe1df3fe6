//! `ServiceMonitor` and `PodMonitor`, and their equivalents of `VictoriaMetrics`: what is configured to be scraped (S189, S190).

use super::{PortRef, port};
use crate::object::{FieldPath, Id, Kind, Labels, Read, Text, wire};

/// A `ServiceMonitor` or `PodMonitor`, or a `VMServiceScrape` or `VMPodScrape`, which have the same fields.
#[derive(Clone, Copy, Debug)]
pub struct Monitor<'s> {
    pub id: &'s Id,
    spec: &'s wire::MonitorSpec,
}

/// An endpoint of a monitor.
#[derive(Clone, Debug)]
pub struct Scrape<'s> {
    /// The port that is scraped.
    pub port: ScrapePort<'s>,
    /// What Prometheus sends to it.
    pub tls: ScrapeTls,
    /// The field of the endpoint.
    pub at: FieldPath,
}

/// The port that an endpoint of a monitor refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrapePort<'s> {
    /// The port with this name: of the Service for a `ServiceMonitor`, of the pod for a `PodMonitor`.
    Named(&'s Text),
    /// A port of the pod.
    OfPod(PortRef<'s>),
}

/// What Prometheus sends to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScrapeTls {
    /// Plaintext.
    None,
    /// TLS without a client certificate.
    OneWay,
    /// TLS with a client certificate whose issuer is unknown.
    Certificate,
    /// TLS with a certificate of the mesh, as Istio's documentation recommends.
    MeshCertificate,
}

/// The file name under which a proxy writes its certificate for use by others (`OUTPUT_CERTS`).
const ISTIO_CERTIFICATE: &str = "cert-chain.pem";

impl<'s> Monitor<'s> {
    /// The monitor as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::Monitor>) -> Self {
        Self { id: &read.id, spec: &read.body.spec }
    }

    /// The labels that every object it selects has.
    #[must_use]
    pub fn required_labels(&self) -> &'s Labels {
        &self.spec.selector.match_labels
    }

    /// Whether it selects pods, not Services.
    #[must_use]
    pub fn selects_pods(&self) -> bool {
        matches!(self.id.kind, Kind::PodMonitor | Kind::VMPodScrape)
    }

    /// Whether it selects an object with these labels in a namespace.
    #[must_use]
    pub fn selects(&self, namespace: &str, labels: &Labels) -> bool {
        self.selects_namespace(namespace) && self.spec.selector.selects(labels)
    }

    fn selects_namespace(&self, namespace: &str) -> bool {
        let selector = &self.spec.namespace_selector;
        let is_named = || selector.match_names.iter().any(|name| name == namespace);
        selector.any.0 || if selector.match_names.is_empty() { self.id.namespace == *namespace } else { is_named() }
    }

    /// Its endpoints, in the order of the object. Those without a port are left out: relabelling sets their port, which is not read.
    #[must_use]
    pub fn scrapes(&self) -> Vec<Scrape<'s>> {
        let is_pod_monitor = self.selects_pods();
        let (list, endpoints) =
            if is_pod_monitor { ("podMetricsEndpoints", &self.spec.pod_metrics_endpoints) } else { ("endpoints", &self.spec.endpoints) };
        let scrape = |(index, endpoint): (usize, &'s wire::MonitorEndpoint)| {
            let port = if is_pod_monitor { port_of_pod(endpoint) } else { port_of_service(endpoint) }?;
            Some(Scrape { port, tls: ScrapeTls::of(endpoint), at: FieldPath::of("spec").then(list).then(index.to_string()) })
        };
        endpoints.iter().enumerate().filter_map(scrape).collect()
    }
}

fn port_of_service(endpoint: &wire::MonitorEndpoint) -> Option<ScrapePort<'_>> {
    if endpoint.port.is_empty() { target(endpoint) } else { Some(ScrapePort::Named(&endpoint.port)) }
}

fn port_of_pod(endpoint: &wire::MonitorEndpoint) -> Option<ScrapePort<'_>> {
    match (&endpoint.port, endpoint.port_number) {
        (name, _) if !name.is_empty() => Some(ScrapePort::Named(name)),
        (_, Some(number)) => port(number.0).map(|number| ScrapePort::OfPod(PortRef::Number(number))),
        (_, None) => target(endpoint),
    }
}

fn target(endpoint: &wire::MonitorEndpoint) -> Option<ScrapePort<'_>> {
    PortRef::of(endpoint.target_port.as_ref()?).map(ScrapePort::OfPod)
}

impl ScrapeTls {
    fn of(endpoint: &wire::MonitorEndpoint) -> Self {
        if !endpoint.scheme.eq_ignore_ascii_case("https") {
            return Self::None;
        }
        match &endpoint.tls_config {
            Some(tls) if tls.cert_file.rsplit('/').next() == Some(ISTIO_CERTIFICATE) => Self::MeshCertificate,
            Some(tls) if !tls.cert_file.is_empty() || tls.cert.is_some() => Self::Certificate,
            Some(_) | None => Self::OneWay,
        }
    }
}
