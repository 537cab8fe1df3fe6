//! Prometheus, or `VictoriaMetrics`, scraping what monitors of Services and of pods select (S189, S190).

use super::external_caller::{ExternalCaller, ExternalCallerKind};
use crate::{
    istio::{Monitor, PortRef, Scrape, ScrapePort, ScrapeTls, Service},
    mesh::{Instance, SentAs, indices::Indices, policy::SelectorIndex},
    object::{Labels, Snapshot},
};

/// `ServiceMonitors` and `PodMonitors`, indexed by the labels that they select.
#[derive(Debug)]
pub(in crate::mesh) struct Monitors {
    by_label: SelectorIndex,
    /// Positions of those that require no label.
    without_labels: Vec<usize>,
}

impl Monitors {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let selectors = snapshot.monitors.iter().map(|read| Monitor::of(read).required_labels()).enumerate();
        let without_labels = selectors.clone().filter(|(_, labels)| labels.is_empty()).map(|(at, _)| at).collect();
        Self { by_label: SelectorIndex::new(selectors), without_labels }
    }

    /// Positions of those that may select an object with these labels; the caller evaluates the selectors.
    fn candidates(&self, labels: &Labels) -> impl Iterator<Item = usize> {
        self.by_label.candidates(labels).into_iter().chain(self.without_labels.iter().copied())
    }
}

impl<'s> Indices<'s> {
    /// The monitors of Services, or of pods, that select an object with these labels in a namespace.
    fn selecting<'m>(
        &'m self,
        monitors: &'m Monitors,
        of_pods: bool,
        namespace: &'m str,
        labels: &'m Labels,
    ) -> impl Iterator<Item = Monitor<'s>> + 'm {
        let all = monitors.candidates(labels).map(|at| Monitor::of(&self.snapshot().monitors[at]));
        all.filter(move |monitor| monitor.selects_pods() == of_pods && monitor.selects(namespace, labels))
    }

    /// The scrapes of an instance that a monitor selects, directly or through a Service in front of it.
    pub(super) fn monitored(&self, monitors: &Monitors, namespace: &str, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        if self.snapshot().monitors.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for service in self.services().services(namespace, &instance.labels) {
            for monitor in self.selecting(monitors, false, namespace, service.meta().labels()) {
                found.extend(external_callers(monitor, |port| of_service(instance, service, port)));
            }
        }
        for monitor in self.selecting(monitors, true, namespace, &instance.labels) {
            found.extend(external_callers(monitor, |port| of_pod(instance, port)));
        }
        found
    }
}

/// The scrapes of the ports of a monitor's endpoints.
fn external_callers(monitor: Monitor<'_>, port: impl Fn(ScrapePort<'_>) -> Option<u16>) -> Vec<ExternalCaller> {
    let external_caller = |scrape: Scrape<'_>| {
        let (sent_as, is_certain) = sent(scrape.tls)?;
        Some(ExternalCaller {
            kind: ExternalCallerKind::Scraper,
            port: port(scrape.port)?,
            sent_as,
            defined_by: monitor.id.clone(),
            at: scrape.at,
            is_certain,
            is_connect_only: false,
            message: format!("{} scrapes it", monitor.id),
        })
    };
    monitor.scrapes().into_iter().filter_map(external_caller).collect()
}

/// What Prometheus sends for a scrape, and whether that is certain; `None` if it presents a certificate of the mesh.
fn sent(tls: ScrapeTls) -> Option<(SentAs, bool)> {
    match tls {
        ScrapeTls::None => Some((SentAs::Plaintext, true)),
        ScrapeTls::OneWay => Some((SentAs::AppTls, true)),
        ScrapeTls::Certificate => Some((SentAs::AppTls, false)),
        ScrapeTls::MeshCertificate => None,
    }
}

/// The port of an instance that an endpoint of a `ServiceMonitor` refers to: a port of the Service by name, or one of the pod.
fn of_service(instance: &Instance<'_>, service: Service<'_>, port: ScrapePort<'_>) -> Option<u16> {
    match port {
        ScrapePort::Named(name) => {
            let port = service.tcp_ports().find(|port| port.name() == name)?;
            instance.target_of(port.target)
        }
        ScrapePort::OfPod(target) => instance.target_of(target),
    }
}

/// The port of an instance that an endpoint of a `PodMonitor` refers to.
fn of_pod(instance: &Instance<'_>, port: ScrapePort<'_>) -> Option<u16> {
    match port {
        ScrapePort::Named(name) => instance.target_of(PortRef::Name(name)),
        ScrapePort::OfPod(target) => instance.target_of(target),
    }
}
