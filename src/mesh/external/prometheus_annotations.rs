//! A Prometheus that scrapes a pod by its annotations (S188–S190).

use super::{
    external_caller::{ExternalCaller, ExternalCallerKind},
    manifest::Manifest,
};
use crate::{
    istio::{parse_bool, parse_port},
    mesh::{Dataplane, Instance, SentAs, indices::Indices, pods::tcp_ports},
    object::{FieldPath, Id, Labels},
};

/// Annotation by which a pod sets whether the agent merges the application's metrics with its own (S188).
const MERGE: &str = "prometheus.istio.io/merge-metrics";
const SCRAPE: &str = "prometheus.io/scrape";

/// The scrape that annotations request from Prometheus.
pub(super) struct ScrapeRequest {
    /// The port to scrape; `None` means all declared ports.
    port: Option<u16>,
    sent_as: SentAs,
}

/// The scrape that annotations request from Prometheus; `None` if they request none.
pub(super) fn scrape_request(annotations: &Labels) -> Option<ScrapeRequest> {
    if annotation(annotations, SCRAPE).and_then(parse_bool) != Some(true) {
        return None;
    }
    let port = annotation(annotations, "prometheus.io/port").and_then(parse_port);
    let is_tls = annotation(annotations, "prometheus.io/scheme").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    Some(ScrapeRequest { port, sent_as: if is_tls { SentAs::AppTls } else { SentAs::Plaintext } })
}

impl ScrapeRequest {
    /// The callers that this scrape request results in. Without a port Prometheus tries the declared ports, unless its own configuration
    /// differs.
    pub(super) fn external_callers(&self, declared: impl Iterator<Item = u16>, defined_by: &Id, at: &FieldPath) -> Vec<ExternalCaller> {
        let ports: Vec<u16> = self.port.map_or_else(|| declared.collect(), |port| vec![port]);
        let external_caller = |port| ExternalCaller {
            kind: ExternalCallerKind::Scraper,
            port,
            sent_as: self.sent_as,
            defined_by: defined_by.clone(),
            at: at.clone(),
            is_certain: self.port.is_some(),
            is_connect_only: false,
            message: format!("annotation {SCRAPE} of {defined_by}"),
        };
        ports.into_iter().map(external_caller).collect()
    }
}

/// The field of the annotation in an object's own metadata.
pub(super) fn in_metadata() -> FieldPath {
    FieldPath::of("metadata.annotations").then(SCRAPE)
}

/// The value of an annotation; Prometheus and Istio treat all punctuation in its name as equivalent (S188).
fn annotation<'a>(annotations: &'a Labels, wanted: &str) -> Option<&'a str> {
    let sanitized = |key: &str| key.replace(|mark: char| !mark.is_ascii_alphanumeric(), "_");
    let same = |(key, _): &(&crate::object::Text, &crate::object::Text)| sanitized(key) == sanitized(wanted);
    annotations.get(wanted).or_else(|| annotations.iter().find(same).map(|(_, value)| value.as_str()))
}

impl Indices<'_> {
    /// The scrapes that an instance's annotations request.
    pub(super) fn annotated_scrapes(&self, manifest: &Manifest<'_>, instance: &Instance<'_>) -> Vec<ExternalCaller> {
        let Some(scrape_request) = scrape_request(instance.annotations).filter(|_| !self.merges_metrics(instance)) else {
            return Vec::new();
        };
        scrape_request.external_callers(tcp_ports(manifest.spec).map(|port| port.number), &manifest.id, &manifest.annotation(SCRAPE))
    }

    /// Whether injection would redirect scrapes of an instance to the agent (S188). A running pod already shows the result of injection
    /// in its annotations, so nothing is redirected.
    fn merges_metrics(&self, instance: &Instance<'_>) -> bool {
        if instance.is_running || instance.dataplane != Dataplane::Sidecar || !self.is_injected(instance) {
            return false;
        }
        let own = instance.annotations.get(MERGE).and_then(parse_bool);
        own.unwrap_or_else(|| self.control_planes().of_revision(&instance.revision).merges_metrics)
    }
}
