//! A Prometheus that scrapes what its operator's objects select (S189, S190).

use super::stranger::{Stranger, Who};
use crate::{
    mesh::{
        Instance, Wire,
        indices::Indices,
        pods::{is_tcp, number},
        policy::SelectorIndex,
    },
    object::{
        FieldPath, Kind, Labels, Read, Text,
        wire::{IntOrText, Monitor, MonitorEndpoint, Service},
    },
};

/// Monitors, found by what they select.
#[derive(Debug)]
pub(in crate::mesh) struct Monitors {
    by_label: SelectorIndex,
    /// Those that no label leads to.
    others: Vec<usize>,
}

/// The file names under which a proxy writes its certificate for others to use (`OUTPUT_CERTS`).
const ISTIO_CERTIFICATE: &str = "cert-chain.pem";

impl Monitors {
    pub(super) fn new(all: &[Read<Monitor>]) -> Self {
        let selectors = all.iter().map(|read| &read.body.spec.selector.match_labels).enumerate();
        let others = selectors.clone().filter(|(_, labels)| labels.is_empty()).map(|(at, _)| at).collect();
        Self { by_label: SelectorIndex::new(selectors), others }
    }

    /// The places of those that may select something with these labels; the caller tries the selectors.
    fn candidates(&self, labels: &Labels) -> impl Iterator<Item = usize> {
        self.by_label.candidates(labels).into_iter().chain(self.others.iter().copied())
    }
}

/// Whether a monitor selects in a namespace.
fn is_within(read: &Read<Monitor>, namespace: &str) -> bool {
    let chosen = &read.body.spec.namespace_selector;
    chosen.any.0
        || if chosen.match_names.is_empty() {
            read.id.namespace == namespace
        } else {
            chosen.match_names.iter().any(|name| name == namespace)
        }
}

impl<'s> Indices<'s> {
    /// The monitors of a kind that select something with these labels in a namespace.
    fn selecting<'m>(
        &'m self,
        monitors: &'m Monitors,
        kind: Kind,
        namespace: &'m str,
        labels: &'m Labels,
    ) -> impl Iterator<Item = &'s Read<Monitor>> + 'm {
        let selects =
            move |read: &&Read<Monitor>| read.id.kind == kind && is_within(read, namespace) && read.body.spec.selector.selects(labels);
        monitors.candidates(labels).map(|at| &self.snapshot().monitors[at]).filter(selects)
    }

    /// Whoever scrapes an instance because a monitor selects it, or a Service in front of it.
    pub(super) fn monitored(&self, monitors: &Monitors, namespace: &str, instance: &Instance<'_>) -> Vec<Stranger> {
        if self.snapshot().monitors.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for service in self.services().services(namespace, &instance.labels) {
            for read in self.selecting(monitors, Kind::ServiceMonitor, namespace, &service.body.metadata.labels) {
                let port = |endpoint: &MonitorEndpoint| of_service(instance, &service.body, endpoint);
                found.extend(strangers(read, "endpoints", &read.body.spec.endpoints, port));
            }
        }
        for read in self.selecting(monitors, Kind::PodMonitor, namespace, &instance.labels) {
            let port = |endpoint: &MonitorEndpoint| of_pod(instance, endpoint);
            found.extend(strangers(read, "podMetricsEndpoints", &read.body.spec.pod_metrics_endpoints, port));
        }
        found
    }
}

/// Whoever scrapes the ports of a monitor's endpoints.
fn strangers(
    read: &Read<Monitor>,
    list: &str,
    endpoints: &[MonitorEndpoint],
    port: impl Fn(&MonitorEndpoint) -> Option<u16>,
) -> Vec<Stranger> {
    let stranger = |(at, endpoint): (usize, &MonitorEndpoint)| {
        let (wire, is_certain) = sent(endpoint)?;
        Some(Stranger {
            who: Who::Scraper,
            port: port(endpoint)?,
            wire,
            shown_by: read.id.clone(),
            at: FieldPath::of("spec").then(list).then(at.to_string()),
            is_certain,
            is_blind: false,
            says: format!("{} scrapes it", read.id),
        })
    };
    endpoints.iter().enumerate().filter_map(stranger).collect()
}

/// What a scrape is made of, and whether that is certain; `None` if Prometheus shows a certificate of the mesh, as Istio tells how
/// to. Whose another certificate is nobody knows.
fn sent(endpoint: &MonitorEndpoint) -> Option<(Wire, bool)> {
    if !endpoint.scheme.eq_ignore_ascii_case("https") {
        return Some((Wire::Plaintext, true));
    }
    let Some(tls) = &endpoint.tls_config else { return Some((Wire::AppTls, true)) };
    if tls.cert_file.rsplit('/').next() == Some(ISTIO_CERTIFICATE) {
        return None;
    }
    Some((Wire::AppTls, tls.cert_file.is_empty() && tls.cert.is_none()))
}

/// The port of an instance that an endpoint of a `ServiceMonitor` means: a port of the Service by name, or one of the pod.
fn of_service(instance: &Instance<'_>, service: &Service, endpoint: &MonitorEndpoint) -> Option<u16> {
    if endpoint.port.is_empty() {
        return of_target(instance, endpoint.target_port.as_ref()?);
    }
    let mut ports = service.spec.ports.iter().filter(|port| is_tcp(&port.protocol));
    ports.find(|port| port.name == endpoint.port).and_then(|port| instance.target_of(port))
}

/// The port of an instance that an endpoint of a `PodMonitor` means. Without any the relabelling decides, which is not read.
fn of_pod(instance: &Instance<'_>, endpoint: &MonitorEndpoint) -> Option<u16> {
    match (&endpoint.port, endpoint.port_number) {
        (name, _) if !name.is_empty() => instance.named_port(name, ""),
        (_, Some(port)) => number(port.0),
        (_, None) => of_target(instance, endpoint.target_port.as_ref()?),
    }
}

fn of_target(instance: &Instance<'_>, target: &IntOrText) -> Option<u16> {
    let named = |name: &Text| instance.named_port(name, "");
    match target {
        IntOrText::Int(port) => number(*port),
        IntOrText::Text(name) => named(name),
    }
}
