//! A Prometheus that scrapes what its operator's objects select (S189, S190).

use super::external_caller::{ExternalCaller, ExternalCallerKind};
use crate::{
    istio::{Monitor, PortRef, Scrape, ScrapePort, ScrapeTls, Service},
    mesh::{Instance, Wire, indices::Indices, policy::SelectorIndex},
    object::{Kind, Labels, Snapshot},
};

/// Monitors, found by what they select.
#[derive(Debug)]
pub(in crate::mesh) struct Monitors {
    by_label: SelectorIndex,
    /// Those that no label leads to.
    others: Vec<usize>,
}

impl Monitors {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let selectors = snapshot.monitors.iter().map(|read| Monitor::of(read).required_labels()).enumerate();
        let others = selectors.clone().filter(|(_, labels)| labels.is_empty()).map(|(at, _)| at).collect();
        Self { by_label: SelectorIndex::new(selectors), others }
    }

    /// The places of those that may select something with these labels; the caller tries the selectors.
    fn candidates(&self, labels: &Labels) -> impl Iterator<Item = usize> {
        self.by_label.candidates(labels).into_iter().chain(self.others.iter().copied())
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
    ) -> impl Iterator<Item = Monitor<'s>> + 'm {
        let all = monitors.candidates(labels).map(|at| Monitor::of(&self.snapshot().monitors[at]));
        all.filter(move |monitor| monitor.id.kind == kind && monitor.selects(namespace, labels))
    }

    /// Whoever scrapes an instance because a monitor selects it, or a Service in front of it.
    pub(super) fn monitored(&self, monitors: &Monitors, namespace: &str, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        if self.snapshot().monitors.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        for service in self.services().services(namespace, &instance.labels) {
            for monitor in self.selecting(monitors, Kind::ServiceMonitor, namespace, &service.meta().labels) {
                found.extend(external_callers(monitor, |port| of_service(instance, service, port)));
            }
        }
        for monitor in self.selecting(monitors, Kind::PodMonitor, namespace, &instance.labels) {
            found.extend(external_callers(monitor, |port| of_pod(instance, port)));
        }
        found
    }
}

/// Whoever scrapes the ports of a monitor's endpoints.
fn external_callers(monitor: Monitor<'_>, port: impl Fn(ScrapePort<'_>) -> Option<u16>) -> Vec<ExternalCaller> {
    let external_caller = |scrape: Scrape<'_>| {
        let (wire, is_certain) = sent(scrape.tls)?;
        Some(ExternalCaller {
            who: ExternalCallerKind::Scraper,
            port: port(scrape.port)?,
            wire,
            shown_by: monitor.id.clone(),
            at: scrape.at,
            is_certain,
            is_blind: false,
            message: format!("{} scrapes it", monitor.id),
        })
    };
    monitor.scrapes().into_iter().filter_map(external_caller).collect()
}

/// What a scrape is made of, and whether that is certain; `None` if Prometheus shows a certificate of the mesh.
fn sent(tls: ScrapeTls) -> Option<(Wire, bool)> {
    match tls {
        ScrapeTls::None => Some((Wire::Plaintext, true)),
        ScrapeTls::OneWay => Some((Wire::AppTls, true)),
        ScrapeTls::Certificate => Some((Wire::AppTls, false)),
        ScrapeTls::MeshCertificate => None,
    }
}

/// The port of an instance that an endpoint of a `ServiceMonitor` means: a port of the Service by name, or one of the pod.
fn of_service(instance: &Instance<'_>, service: Service<'_>, port: ScrapePort<'_>) -> Option<u16> {
    match port {
        ScrapePort::Named(name) => {
            let port = service.tcp_ports().find(|port| port.name() == name)?;
            instance.target_of(port.target)
        }
        ScrapePort::OfPod(target) => instance.target_of(target),
    }
}

/// The port of an instance that an endpoint of a `PodMonitor` means.
fn of_pod(instance: &Instance<'_>, port: ScrapePort<'_>) -> Option<u16> {
    match port {
        ScrapePort::Named(name) => instance.target_of(PortRef::Name(name)),
        ScrapePort::OfPod(target) => instance.target_of(target),
    }
}
