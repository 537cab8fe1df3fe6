//! Runs the queries one after the other and collects their results.

use std::collections::BTreeSet;

use super::{
    access::Access,
    error::QueryError,
    http_client::HttpClient,
    promql::{Metric, Queries},
    request::Request,
    response::{QueryResult, Sample},
};
use crate::object::{
    Gap, Text,
    evidence::{
        Component, Evidence, EvidenceQuery, FailedRequests, NamedBy, Pair, Peer, Plaintext, Target, TrafficCounts, Window, is_known_label,
    },
};

/// A window that is too expensive is queried in parts of this many seconds.
const PART_SECONDS: u64 = 86_400;

/// Number of points in time, evenly over the window, at which scrapes and the last plaintext are looked up.
const POINTS_PER_WINDOW: u64 = 48;

/// After this many too expensive queries the rest are skipped.
const MAX_TOO_EXPENSIVE: usize = 2;

/// Runs the queries and collects the evidence.
pub(super) struct Collector<'a> {
    access: &'a Access,
    http: HttpClient<'a>,
    queries: Queries,
    evidence: Evidence,
    /// Number of queries that timed out or were too expensive.
    too_expensive: usize,
    /// Clusters of destinations.
    clusters: BTreeSet<Text>,
}

/// The samples of a query, and the windows they cover: one, or its parts.
struct Samples {
    samples: Vec<Sample>,
    windows: Vec<Window>,
}

/// The remaining queries are useless or too expensive.
struct StopQuerying;

impl<'a> Collector<'a> {
    pub(super) fn new(access: &'a Access, http: HttpClient<'a>, queries: Queries, request: &Request) -> Self {
        let window = request.window;
        // Prometheus looks back five minutes for a sample, so even a short window benefits from many points in time.
        let step = (window.seconds / POINTS_PER_WINDOW).clamp(1, 1_800);
        let evidence = Evidence { step, ..request.evidence(access) };
        Self { access, http, queries, evidence, too_expensive: 0, clusters: BTreeSet::new() }
    }

    pub(super) async fn collect(mut self) -> Evidence {
        let mut remaining: BTreeSet<EvidenceQuery> = ORDER.into_iter().collect();
        for asked in ORDER {
            remaining.remove(&asked);
            if self.run(asked).await.is_err() {
                break;
            }
        }
        self.evidence.unanswered.append(&mut remaining);
        if self.clusters.len() > 1 {
            let names: Vec<&str> = self.clusters.iter().map(Text::as_str).collect();
            let note = format!("destinations of several clusters are combined ({}): --prometheus-match separates them", names.join(", "));
            self.evidence.notes.insert(note);
        }
        self.evidence.gaps.sort();
        self.evidence.gaps.dedup();
        self.evidence
    }

    async fn run(&mut self, asked: EvidenceQuery) -> Result<(), StopQuerying> {
        match asked {
            EvidenceQuery::Metrics => self.metrics().await,
            EvidenceQuery::History => self.history().await,
            EvidenceQuery::Plaintext => self.plaintext().await,
            EvidenceQuery::LastSeen => self.last_seen().await,
            EvidenceQuery::Denied => self.denied().await,
            EvidenceQuery::FailedRequests => self.failed_requests().await,
            EvidenceQuery::MeasuredTraffic => self.measured_traffic().await,
            EvidenceQuery::Unlabelled => self.unlabelled().await,
            EvidenceQuery::Scrapes => self.scrapes().await,
            EvidenceQuery::DeploymentScrapes => self.deployment_scrapes().await,
            EvidenceQuery::DuplicateScrapes => self.duplicate_scrapes().await,
        }
    }

    async fn metrics(&mut self) -> Result<(), StopQuerying> {
        let response = self.query(EvidenceQuery::Metrics, |queries, window| queries.metrics(window.seconds)).await?;
        let is_servers = |sample: &Sample| matches!(sample.label("reporter").as_str(), "destination" | "waypoint");
        self.evidence.has_metrics = response.samples.iter().any(is_servers);
        if self.evidence.has_metrics || self.evidence.unanswered.contains(&EvidenceQuery::Metrics) {
            return Ok(());
        }
        let hint =
            "check that this Prometheus scrapes Istio's proxies, keeps the metrics' names, and that Telemetry does not turn them off";
        self.gap("no server-side Istio metrics were found".into(), hint);
        Err(StopQuerying)
    }

    async fn history(&mut self) -> Result<(), StopQuerying> {
        // An instant, not a range: its parts would be other instants.
        let (query, end) = (self.queries.history(self.evidence.window.seconds), self.evidence.window.end);
        let response = self.http.query_at(&query, end).await;
        let samples = self.record(EvidenceQuery::History, response)?;
        self.evidence.covers_window = samples.iter().any(|sample| sample.count() > 0);
        Ok(())
    }

    async fn plaintext(&mut self) -> Result<(), StopQuerying> {
        for metric in Metric::ALL {
            let response = self.query(EvidenceQuery::Plaintext, |queries, window| queries.plaintext(metric, window.seconds)).await?;
            for (pair, sample) in self.pairs(EvidenceQuery::Plaintext, &response.samples) {
                let counted = &mut self.evidence.plaintext.entry(pair).or_default().counted;
                *counted = counted.plus(as_counts(metric, sample));
            }
        }
        Ok(())
    }

    async fn last_seen(&mut self) -> Result<(), StopQuerying> {
        let step = (self.evidence.window.seconds / POINTS_PER_WINDOW).clamp(300, 3_600);
        for metric in Metric::ALL {
            let has_accepted_plaintext = |plaintext: &Plaintext| !plaintext.is_denied() && count_for(metric, plaintext.counted) > 0;
            if !self.evidence.plaintext.values().any(has_accepted_plaintext) {
                continue;
            }
            let response = self.query(EvidenceQuery::LastSeen, |queries, window| queries.last_seen(metric, window.seconds, step)).await?;
            for (pair, sample) in self.pairs(EvidenceQuery::LastSeen, &response.samples) {
                let moment = i64::try_from(sample.count()).ok();
                if let Some(plaintext) = self.evidence.plaintext.get_mut(&pair) {
                    plaintext.last = plaintext.last.max(moment);
                }
            }
        }
        Ok(())
    }

    async fn denied(&mut self) -> Result<(), StopQuerying> {
        let response = self.query(EvidenceQuery::Denied, |queries, window| queries.denied(window.seconds)).await?;
        for (pair, sample) in self.pairs(EvidenceQuery::Denied, &response.samples) {
            let denied = &mut self.evidence.plaintext.entry(pair).or_default().denied;
            *denied = denied.saturating_add(sample.count());
        }
        Ok(())
    }

    async fn failed_requests(&mut self) -> Result<(), StopQuerying> {
        let response = self.query(EvidenceQuery::FailedRequests, |queries, window| queries.failed_requests(window.seconds)).await?;
        let mut failures: Vec<FailedRequests> = Vec::new();
        // A client's proxy reports `unknown` for a destination without metadata; such a sample proves nothing and is skipped.
        for sample in response.samples.iter().filter(|sample| sample.count() > 0) {
            let Some(pair) = pair_of(sample) else { continue };
            let (flags, code) = (sample.label("response_flags"), sample.label("response_code"));
            match failures.iter_mut().find(|failed| failed.pair == pair && failed.flags == flags && failed.code == code) {
                Some(same) => same.requests = same.requests.saturating_add(sample.count()),
                None => failures.push(FailedRequests { pair, flags, code, requests: sample.count() }),
            }
        }
        failures.sort_by(|a, b| (&a.pair, &a.flags, &a.code).cmp(&(&b.pair, &b.flags, &b.code)));
        self.evidence.failed = failures;
        Ok(())
    }

    async fn measured_traffic(&mut self) -> Result<(), StopQuerying> {
        for metric in Metric::ALL {
            let response =
                self.query(EvidenceQuery::MeasuredTraffic, |queries, window| queries.measured_traffic(metric, window.seconds)).await?;
            for (target, sample) in self.targets(EvidenceQuery::MeasuredTraffic, &response.samples) {
                self.clusters.extend(Some(sample.label("destination_cluster")).filter(|cluster| is_known_label(cluster)));
                let measured = self.evidence.measured.entry(target.clone()).or_default();
                match sample.label("connection_security_policy").as_str() {
                    "mutual_tls" => measured.mutual = measured.mutual.plus(as_counts(metric, sample)),
                    "" => _ = self.evidence.unlabelled.insert(target),
                    _ => measured.other = measured.other.plus(as_counts(metric, sample)),
                }
            }
        }
        Ok(())
    }

    async fn unlabelled(&mut self) -> Result<(), StopQuerying> {
        let response = self.query(EvidenceQuery::Unlabelled, |queries, window| queries.unlabelled(window.seconds)).await?;
        for (target, _) in self.targets(EvidenceQuery::Unlabelled, &response.samples) {
            self.evidence.unlabelled.insert(target);
        }
        Ok(())
    }

    async fn scrapes(&mut self) -> Result<(), StopQuerying> {
        let step = self.evidence.step;
        let response = self.query(EvidenceQuery::Scrapes, |queries, window| queries.scrapes(window.seconds, step)).await?;
        self.evidence.points = response.windows.iter().map(|window| evaluations(*window, step)).sum();
        for sample in &response.samples {
            let (namespace, pod) = (sample.label("namespace"), sample.label("pod"));
            if namespace.is_empty() || pod.is_empty() {
                self.evidence.has_unlabelled_scrapes = true;
                continue;
            }
            let component = if sample.label("component") == "ztunnel" { Component::Ztunnel } else { Component::Proxy };
            *self.evidence.scrapes.entry((component, namespace, pod)).or_default() += sample.count();
        }
        Ok(())
    }

    async fn deployment_scrapes(&mut self) -> Result<(), StopQuerying> {
        let step = self.evidence.step;
        let response =
            self.query(EvidenceQuery::DeploymentScrapes, |queries, window| queries.deployment_scrapes(window.seconds, step)).await?;
        for sample in &response.samples {
            *self.evidence.deployment_scrapes.entry((sample.label("namespace"), sample.label("deployment"))).or_default() += sample.count();
        }
        Ok(())
    }

    async fn duplicate_scrapes(&mut self) -> Result<(), StopQuerying> {
        let response = self.query(EvidenceQuery::DuplicateScrapes, |queries, window| queries.duplicate_scrapes(window.seconds)).await?;
        let pods: BTreeSet<String> =
            response.samples.iter().map(|sample| format!("{}/{}", sample.label("namespace"), sample.label("pod"))).collect();
        if let Some(first) = pods.first() {
            let more = if pods.len() > 1 { format!(" and {} more", pods.len() - 1) } else { String::new() };
            self.evidence
                .notes
                .insert(format!("the proxy of {first}{more} is scraped twice: its counts are too high, its percentages are not"));
        }
        Ok(())
    }

    /// The samples of a query over the whole window; in parts, if that is too expensive.
    async fn query(&mut self, asked: EvidenceQuery, query: impl Fn(&Queries, Window) -> String) -> Result<Samples, StopQuerying> {
        let window = self.evidence.window;
        match self.http.query_at(&query(&self.queries, window), window.end).await {
            Err(error) if error.is_too_expensive() && window.seconds > PART_SECONDS => {}
            response => return Ok(Samples { samples: self.record(asked, response)?, windows: vec![window] }),
        }
        let (mut samples, windows) = (Vec::new(), parts(window));
        for part in &windows {
            let response = self.http.query_at(&query(&self.queries, *part), part.end).await;
            let has_failed = response.is_err();
            samples.append(&mut self.record(asked, response)?);
            if has_failed {
                break;
            }
        }
        Ok(Samples { samples, windows })
    }

    /// The samples of a response. Errors and warnings are recorded, so that missing data is never taken as zero.
    fn record(&mut self, asked: EvidenceQuery, response: Result<QueryResult, QueryError>) -> Result<Vec<Sample>, StopQuerying> {
        match response {
            Ok(QueryResult { samples, warnings, infos, non_finite }) => {
                self.evidence.notes.extend(infos);
                for warning in warnings {
                    self.incomplete(asked, format!("Prometheus warns: {warning}"), "check Prometheus and the stores behind it");
                }
                if non_finite > 0 {
                    self.incomplete(
                        asked,
                        format!("{non_finite} of its values are not finite (NaN or infinite)"),
                        "check the metrics of that name",
                    );
                }
                Ok(samples)
            }
            Err(error) => {
                self.evidence.unanswered.insert(asked);
                let is_too_expensive = error.is_too_expensive();
                self.too_expensive += usize::from(is_too_expensive);
                // A server that cannot answer the first query is not a Prometheus, or rejects these matchers.
                let is_fatal = error.is_final() || asked == EvidenceQuery::Metrics && !is_too_expensive;
                let is_stopped = is_fatal || self.too_expensive >= MAX_TOO_EXPENSIVE;
                let rest = if is_stopped && !is_fatal { "; the remaining queries were skipped" } else { "" };
                let resource = if is_fatal { self.resource() } else { format!("{} ({})", self.resource(), description(asked)) };
                self.evidence.gaps.push(Gap::new(resource, format!("{error}{rest}"), error.hint(self.access.is_proxied())));
                if is_stopped { Err(StopQuerying) } else { Ok(Vec::new()) }
            }
        }
    }

    fn resource(&self) -> String {
        format!("traffic evidence from {}", self.evidence.from)
    }

    fn gap(&mut self, reason: String, hint: &str) {
        self.evidence.gaps.push(Gap::new(self.resource(), reason, hint));
    }

    fn incomplete(&mut self, asked: EvidenceQuery, reason: String, hint: &str) {
        self.evidence.unanswered.insert(asked);
        self.evidence.gaps.push(Gap::new(format!("{} ({})", self.resource(), description(asked)), reason, hint));
    }

    /// Samples with their client and destination. A sample without a destination makes the answer incomplete.
    fn pairs<'r>(&mut self, asked: EvidenceQuery, samples: &'r [Sample]) -> Vec<(Pair, &'r Sample)> {
        self.keyed_samples(asked, samples, pair_of)
    }

    /// Samples with their destination.
    fn targets<'r>(&mut self, asked: EvidenceQuery, samples: &'r [Sample]) -> Vec<(Target, &'r Sample)> {
        self.keyed_samples(asked, samples, target_of)
    }

    fn keyed_samples<'r, T>(
        &mut self,
        asked: EvidenceQuery,
        samples: &'r [Sample],
        key_of: impl Fn(&Sample) -> Option<T>,
    ) -> Vec<(T, &'r Sample)> {
        let keyed: Vec<(T, &Sample)> = samples.iter().filter_map(|sample| Some((key_of(sample)?, sample))).collect();
        if keyed.len() < samples.len() {
            let reason = "metrics lack destination_workload or destination_workload_namespace".to_owned();
            self.incomplete(asked, reason, "keep these labels in Telemetry and Prometheus");
        }
        keyed
    }
}

/// The order of the queries: those whose failure makes the rest useless come first.
pub(super) const ORDER: [EvidenceQuery; 11] = [
    EvidenceQuery::Metrics,
    EvidenceQuery::History,
    EvidenceQuery::Plaintext,
    EvidenceQuery::Denied,
    EvidenceQuery::MeasuredTraffic,
    EvidenceQuery::Unlabelled,
    EvidenceQuery::Scrapes,
    EvidenceQuery::DeploymentScrapes,
    EvidenceQuery::FailedRequests,
    EvidenceQuery::LastSeen,
    EvidenceQuery::DuplicateScrapes,
];

/// The subject of a query, for messages.
fn description(asked: EvidenceQuery) -> &'static str {
    match asked {
        EvidenceQuery::Metrics => "whether it has Istio's metrics",
        EvidenceQuery::Plaintext => "plaintext by client and server",
        EvidenceQuery::LastSeen => "when plaintext was last seen",
        EvidenceQuery::Denied => "connections that ztunnel denied",
        EvidenceQuery::FailedRequests => "requests that failed at the client's proxy",
        EvidenceQuery::MeasuredTraffic => "what each server counted",
        EvidenceQuery::Unlabelled => "metrics without connection_security_policy",
        EvidenceQuery::Scrapes => "which proxies were scraped",
        EvidenceQuery::DeploymentScrapes => "which Deployments' proxies were scraped",
        EvidenceQuery::History => "whether its history is as long as the window",
        EvidenceQuery::DuplicateScrapes => "which proxies are scraped twice",
    }
}

/// A window in parts, latest first.
fn parts(window: Window) -> Vec<Window> {
    let mut parts = Vec::new();
    let (mut end, mut remaining) = (window.end, window.seconds);
    while remaining > 0 {
        let seconds = remaining.min(PART_SECONDS);
        parts.push(Window { end, seconds });
        end = end.saturating_sub_unsigned(seconds);
        remaining -= seconds;
    }
    parts
}

/// Number of evaluations of a subquery: the multiples of its step, both ends included.
fn evaluations(window: Window, step: u64) -> u64 {
    let step = i64::try_from(step.max(1)).unwrap_or(i64::MAX);
    let before = window.start().saturating_sub(1).div_euclid(step);
    u64::try_from(window.end.div_euclid(step) - before).unwrap_or_default()
}

/// The value of a sample, in the unit of its metric.
fn as_counts(metric: Metric, sample: &Sample) -> TrafficCounts {
    let (count, nothing) = (sample.count(), TrafficCounts::default());
    match metric {
        Metric::Requests => TrafficCounts { requests: count, ..nothing },
        Metric::Connections => TrafficCounts { connections: count, ..nothing },
        Metric::Bytes => TrafficCounts { bytes: count, ..nothing },
    }
}

fn count_for(metric: Metric, counted: TrafficCounts) -> u64 {
    match metric {
        Metric::Requests => counted.requests,
        Metric::Connections => counted.connections,
        Metric::Bytes => counted.bytes,
    }
}

fn target_of(sample: &Sample) -> Option<Target> {
    let [namespace, workload] = ["destination_workload_namespace", "destination_workload"].map(|name| sample.label(name));
    (is_known_label(&namespace) && is_known_label(&workload)).then_some(Target { namespace, workload })
}

fn pair_of(sample: &Sample) -> Option<Pair> {
    let server = target_of(sample)?;
    let client = Peer {
        cluster: sample.label("source_cluster"),
        namespace: sample.label("source_workload_namespace"),
        workload: sample.label("source_workload"),
    };
    let named_by = match sample.label("connection_security_policy").as_str() {
        _ if !client.is_named() => NamedBy::Unknown,
        // On the server's side only ztunnel reports `unknown`. A client's Envoy reports it for requests that failed.
        "unknown" => NamedBy::Address,
        _ => NamedBy::Headers,
    };
    let (service, in_namespace) = (sample.label("destination_service_name"), sample.label("destination_service_namespace"));
    let service = if is_known_label(&in_namespace) { format!("{in_namespace}/{service}").into() } else { service };
    let [cluster, protocol, reporter] = ["destination_cluster", "request_protocol", "reporter"].map(|name| sample.label(name));
    Some(Pair { server, cluster, service, client, named_by, protocol, reporter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_window_add_up_to_the_window() {
        for seconds in [1, PART_SECONDS - 1, PART_SECONDS, PART_SECONDS + 1, 7 * PART_SECONDS, 7 * PART_SECONDS + 5] {
            let window = Window { end: 1_787_227_200, seconds };
            let parts = parts(window);
            assert_eq!(parts.iter().map(|part| part.seconds).sum::<u64>(), seconds);
            assert_eq!((parts[0].end, parts.last().map(|part| part.start())), (window.end, Some(window.start())));
            assert!(parts.windows(2).all(|two| two[1].end == two[0].start()) && parts.iter().all(|part| part.seconds <= PART_SECONDS));
        }
    }

    /// Prometheus 2 counts 49 over 24 hours that begin at a full hour.
    #[test]
    fn evaluations_are_counted_with_both_ends() {
        for (end, seconds, step, expected) in
            [(1_787_227_200, 86_400, 1_800, 49), (1_787_227_201, 86_400, 1_800, 48), (3_600, 3_600, 75, 49)]
        {
            assert_eq!(evaluations(Window { end, seconds }, step), expected, "{end} {seconds} {step}");
        }
    }
}
