//! Runs the queries one after the other and collects their results.

use std::collections::BTreeSet;

use super::{
    access::Access,
    answer::{Row, Rows},
    error::QueryError,
    http::Http,
    promql::{Metric, Queries},
    question::Question,
};
use crate::object::{
    Gap, Text,
    evidence::{
        Component, Evidence, EvidenceQuery, FailedRequests, NamedBy, Pair, Peer, Plaintext, Target, TrafficCounts, Window, is_known_label,
    },
};

/// A window that is too expensive is queried in pieces of this many seconds.
const PIECE: u64 = 86_400;

/// Number of queries that may time out, even in pieces, before the remaining ones are skipped.
const PATIENCE: usize = 2;

/// A reading in progress.
pub(super) struct Reading<'a> {
    access: &'a Access,
    http: Http<'a>,
    queries: Queries,
    evidence: Evidence,
    /// Queries that timed out.
    slow: usize,
    /// Clusters of destinations.
    clusters: BTreeSet<Text>,
}

/// The samples of a query, and the windows they cover: one, or its pieces.
struct Answer {
    rows: Vec<Row>,
    windows: Vec<Window>,
}

/// No further query is sent.
struct Over;

impl<'a> Reading<'a> {
    pub(super) fn new(access: &'a Access, http: Http<'a>, queries: Queries, question: &Question) -> Self {
        let window = question.window;
        // Prometheus looks back five minutes for a sample, so even a short window benefits from many points in time.
        let step = (window.seconds / 48).clamp(1, 1_800);
        let evidence = Evidence { step, ..question.evidence(access) };
        Self { access, http, queries, evidence, slow: 0, clusters: BTreeSet::new() }
    }

    pub(super) async fn all(mut self) -> Evidence {
        let mut left: BTreeSet<EvidenceQuery> = ORDER.into_iter().collect();
        for asked in ORDER {
            left.remove(&asked);
            if self.about(asked).await.is_err() {
                break;
            }
        }
        self.evidence.unanswered.append(&mut left);
        if self.clusters.len() > 1 {
            let names: Vec<&str> = self.clusters.iter().map(Text::as_str).collect();
            let note =
                format!("destinations of several clusters are taken together ({}): --prometheus-match sets them apart", names.join(", "));
            self.evidence.notes.insert(note);
        }
        self.evidence.gaps.sort();
        self.evidence.gaps.dedup();
        self.evidence
    }

    async fn about(&mut self, asked: EvidenceQuery) -> Result<(), Over> {
        match asked {
            EvidenceQuery::Metrics => self.metrics().await,
            EvidenceQuery::History => self.history().await,
            EvidenceQuery::Plaintext => self.plaintext().await,
            EvidenceQuery::LastSeen => self.last_seen().await,
            EvidenceQuery::Denied => self.denied().await,
            EvidenceQuery::FailedRequests => self.failed().await,
            EvidenceQuery::MeasuredTraffic => self.measured().await,
            EvidenceQuery::Unlabelled => self.unlabelled().await,
            EvidenceQuery::Scrapes => self.scrapes().await,
            EvidenceQuery::DeploymentScrapes => self.generations().await,
            EvidenceQuery::DuplicateScrapes => self.twice().await,
        }
    }

    async fn metrics(&mut self) -> Result<(), Over> {
        let answer = self.ask(EvidenceQuery::Metrics, |queries, window| queries.metrics(window.seconds)).await?;
        let is_servers = |row: &Row| matches!(row.label("reporter").as_str(), "destination" | "waypoint");
        self.evidence.has_metrics = answer.rows.iter().any(is_servers);
        if self.evidence.has_metrics || self.evidence.unanswered.contains(&EvidenceQuery::Metrics) {
            return Ok(());
        }
        let hint =
            "check that this Prometheus scrapes Istio's proxies, keeps the metrics' names, and that Telemetry does not turn them off";
        self.gap("no metric of Istio's servers was found".into(), hint);
        Err(Over)
    }

    async fn history(&mut self) -> Result<(), Over> {
        // An instant, not a range: pieces of it would be other instants.
        let (query, end) = (self.queries.history(self.evidence.window.seconds), self.evidence.window.end);
        let answer = self.http.ask(&query, end).await;
        let rows = self.noted(EvidenceQuery::History, answer)?;
        self.evidence.covers_window = rows.iter().any(|row| row.count() > 0);
        Ok(())
    }

    async fn plaintext(&mut self) -> Result<(), Over> {
        for metric in Metric::ALL {
            let answer = self.ask(EvidenceQuery::Plaintext, |queries, window| queries.plaintext(metric, window.seconds)).await?;
            for (pair, row) in self.pairs(EvidenceQuery::Plaintext, &answer.rows) {
                let counted = &mut self.evidence.plaintext.entry(pair).or_default().counted;
                *counted = counted.plus(of(metric, row));
            }
        }
        Ok(())
    }

    async fn last_seen(&mut self) -> Result<(), Over> {
        let step = (self.evidence.window.seconds / 48).clamp(300, 3_600);
        for metric in Metric::ALL {
            let is_it = |plaintext: &Plaintext| !plaintext.is_denied() && of_metric(metric, plaintext.counted) > 0;
            if !self.evidence.plaintext.values().any(is_it) {
                continue;
            }
            let answer = self.ask(EvidenceQuery::LastSeen, |queries, window| queries.last_seen(metric, window.seconds, step)).await?;
            for (pair, row) in self.pairs(EvidenceQuery::LastSeen, &answer.rows) {
                let moment = i64::try_from(row.count()).ok();
                if let Some(plaintext) = self.evidence.plaintext.get_mut(&pair) {
                    plaintext.last = plaintext.last.max(moment);
                }
            }
        }
        Ok(())
    }

    async fn denied(&mut self) -> Result<(), Over> {
        let answer = self.ask(EvidenceQuery::Denied, |queries, window| queries.denied(window.seconds)).await?;
        for (pair, row) in self.pairs(EvidenceQuery::Denied, &answer.rows) {
            let denied = &mut self.evidence.plaintext.entry(pair).or_default().denied;
            *denied = denied.saturating_add(row.count());
        }
        Ok(())
    }

    async fn failed(&mut self) -> Result<(), Over> {
        let answer = self.ask(EvidenceQuery::FailedRequests, |queries, window| queries.failed(window.seconds)).await?;
        let mut all: Vec<FailedRequests> = Vec::new();
        // The client's proxy may not know the destination; such a row proves nothing and is skipped.
        for row in answer.rows.iter().filter(|row| row.count() > 0) {
            let Some(pair) = pair(row) else { continue };
            let (flags, code) = (row.label("response_flags"), row.label("response_code"));
            match all.iter_mut().find(|failed| failed.pair == pair && failed.flags == flags && failed.code == code) {
                Some(same) => same.requests = same.requests.saturating_add(row.count()),
                None => all.push(FailedRequests { pair, flags, code, requests: row.count() }),
            }
        }
        all.sort_by(|a, b| (&a.pair, &a.flags, &a.code).cmp(&(&b.pair, &b.flags, &b.code)));
        self.evidence.failed = all;
        Ok(())
    }

    async fn measured(&mut self) -> Result<(), Over> {
        for metric in Metric::ALL {
            let answer = self.ask(EvidenceQuery::MeasuredTraffic, |queries, window| queries.measured(metric, window.seconds)).await?;
            for (target, row) in self.targets(EvidenceQuery::MeasuredTraffic, &answer.rows) {
                self.clusters.extend(Some(row.label("destination_cluster")).filter(|cluster| is_known_label(cluster)));
                let measured = self.evidence.measured.entry(target.clone()).or_default();
                match row.label("connection_security_policy").as_str() {
                    "mutual_tls" => measured.mutual = measured.mutual.plus(of(metric, row)),
                    "" => _ = self.evidence.unlabelled.insert(target),
                    _ => measured.other = measured.other.plus(of(metric, row)),
                }
            }
        }
        Ok(())
    }

    async fn unlabelled(&mut self) -> Result<(), Over> {
        let answer = self.ask(EvidenceQuery::Unlabelled, |queries, window| queries.unlabelled(window.seconds)).await?;
        for (target, _) in self.targets(EvidenceQuery::Unlabelled, &answer.rows) {
            self.evidence.unlabelled.insert(target);
        }
        Ok(())
    }

    async fn scrapes(&mut self) -> Result<(), Over> {
        let step = self.evidence.step;
        let answer = self.ask(EvidenceQuery::Scrapes, |queries, window| queries.scrapes(window.seconds, step)).await?;
        self.evidence.points = answer.windows.iter().map(|window| moments(*window, step)).sum();
        for row in &answer.rows {
            let (namespace, pod) = (row.label("namespace"), row.label("pod"));
            if namespace.is_empty() || pod.is_empty() {
                self.evidence.has_unlabelled_scrapes = true;
                continue;
            }
            let component = if row.label("component") == "ztunnel" { Component::Ztunnel } else { Component::Proxy };
            *self.evidence.scrapes.entry((component, namespace, pod)).or_default() += row.count();
        }
        Ok(())
    }

    async fn generations(&mut self) -> Result<(), Over> {
        let step = self.evidence.step;
        let answer = self.ask(EvidenceQuery::DeploymentScrapes, |queries, window| queries.generations(window.seconds, step)).await?;
        for row in &answer.rows {
            *self.evidence.deployment_scrapes.entry((row.label("namespace"), row.label("deployment"))).or_default() += row.count();
        }
        Ok(())
    }

    async fn twice(&mut self) -> Result<(), Over> {
        let answer = self.ask(EvidenceQuery::DuplicateScrapes, |queries, window| queries.twice(window.seconds)).await?;
        let pods: BTreeSet<String> = answer.rows.iter().map(|row| format!("{}/{}", row.label("namespace"), row.label("pod"))).collect();
        if let Some(first) = pods.first() {
            let more = if pods.len() > 1 { format!(" and {} more", pods.len() - 1) } else { String::new() };
            self.evidence
                .notes
                .insert(format!("the proxy of {first}{more} is scraped twice: its numbers are too high, its shares are not"));
        }
        Ok(())
    }

    /// The samples of a query over the whole window; in pieces, if that is too expensive.
    async fn ask(&mut self, asked: EvidenceQuery, query: impl Fn(&Queries, Window) -> String) -> Result<Answer, Over> {
        let window = self.evidence.window;
        match self.http.ask(&query(&self.queries, window), window.end).await {
            Err(error) if error.wants_pieces() && window.seconds > PIECE => {}
            answer => return Ok(Answer { rows: self.noted(asked, answer)?, windows: vec![window] }),
        }
        let (mut rows, windows) = (Vec::new(), pieces(window));
        for piece in &windows {
            let answer = self.http.ask(&query(&self.queries, *piece), piece.end).await;
            let is_lost = answer.is_err();
            rows.append(&mut self.noted(asked, answer)?);
            if is_lost {
                break;
            }
        }
        Ok(Answer { rows, windows })
    }

    /// The samples of a response. Errors and warnings are recorded, so that missing data is never taken as zero.
    fn noted(&mut self, asked: EvidenceQuery, answer: Result<Rows, QueryError>) -> Result<Vec<Row>, Over> {
        match answer {
            Ok(Rows { found, warnings, infos, numberless }) => {
                self.evidence.notes.extend(infos);
                for warning in warnings {
                    self.incomplete(
                        asked,
                        format!("Prometheus warns: {warning}"),
                        "see what is wrong with Prometheus or with the stores behind it",
                    );
                }
                if numberless > 0 {
                    self.incomplete(
                        asked,
                        format!("{numberless} of its numbers are none (NaN or infinite)"),
                        "look at the metrics of that name",
                    );
                }
                Ok(found)
            }
            Err(error) => {
                self.evidence.unanswered.insert(asked);
                let is_slow = error.wants_pieces();
                self.slow += usize::from(is_slow);
                // A server that cannot answer the first query is not a Prometheus, or rejects these matchers.
                let is_final = error.is_final() || asked == EvidenceQuery::Metrics && !is_slow;
                let is_over = is_final || self.slow >= PATIENCE;
                let rest = if is_over && !is_final { "; the rest was not asked" } else { "" };
                let wanted = if is_final { self.wanted() } else { format!("{} ({})", self.wanted(), what(asked)) };
                self.evidence.gaps.push(Gap::new(wanted, format!("{error}{rest}"), error.hint(self.access.is_proxied())));
                if is_over { Err(Over) } else { Ok(Vec::new()) }
            }
        }
    }

    fn wanted(&self) -> String {
        format!("traffic evidence from {}", self.evidence.from)
    }

    fn gap(&mut self, because: String, hint: &str) {
        self.evidence.gaps.push(Gap::new(self.wanted(), because, hint));
    }

    fn incomplete(&mut self, asked: EvidenceQuery, because: String, hint: &str) {
        self.evidence.unanswered.insert(asked);
        self.evidence.gaps.push(Gap::new(format!("{} ({})", self.wanted(), what(asked)), because, hint));
    }

    /// Rows with their client and destination. A row without a destination makes the answer incomplete.
    fn pairs<'r>(&mut self, asked: EvidenceQuery, rows: &'r [Row]) -> Vec<(Pair, &'r Row)> {
        self.named(asked, rows, pair)
    }

    /// Rows with their destination.
    fn targets<'r>(&mut self, asked: EvidenceQuery, rows: &'r [Row]) -> Vec<(Target, &'r Row)> {
        self.named(asked, rows, target)
    }

    fn named<'r, T>(&mut self, asked: EvidenceQuery, rows: &'r [Row], name: impl Fn(&Row) -> Option<T>) -> Vec<(T, &'r Row)> {
        let named: Vec<(T, &Row)> = rows.iter().filter_map(|row| Some((name(row)?, row))).collect();
        if named.len() < rows.len() {
            let because = "metrics lack destination_workload or destination_workload_namespace".to_owned();
            self.incomplete(asked, because, "let Telemetry and Prometheus keep these labels");
        }
        named
    }
}

/// The order of the queries: those that make the rest pointless come first.
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
fn what(asked: EvidenceQuery) -> &'static str {
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

/// A window in pieces, latest first.
fn pieces(window: Window) -> Vec<Window> {
    let mut pieces = Vec::new();
    let (mut end, mut left) = (window.end, window.seconds);
    while left > 0 {
        let seconds = left.min(PIECE);
        pieces.push(Window { end, seconds });
        end = end.saturating_sub_unsigned(seconds);
        left -= seconds;
    }
    pieces
}

/// Number of evaluations of a subquery: the multiples of its step, both ends included.
fn moments(window: Window, step: u64) -> u64 {
    let step = i64::try_from(step.max(1)).unwrap_or(i64::MAX);
    let before = window.start().saturating_sub(1).div_euclid(step);
    u64::try_from(window.end.div_euclid(step) - before).unwrap_or_default()
}

/// The number of a row, in the unit of its metric.
fn of(metric: Metric, row: &Row) -> TrafficCounts {
    let (count, nothing) = (row.count(), TrafficCounts::default());
    match metric {
        Metric::Requests => TrafficCounts { requests: count, ..nothing },
        Metric::Connections => TrafficCounts { connections: count, ..nothing },
        Metric::Bytes => TrafficCounts { bytes: count, ..nothing },
    }
}

fn of_metric(metric: Metric, counted: TrafficCounts) -> u64 {
    match metric {
        Metric::Requests => counted.requests,
        Metric::Connections => counted.connections,
        Metric::Bytes => counted.bytes,
    }
}

fn target(row: &Row) -> Option<Target> {
    let [namespace, workload] = ["destination_workload_namespace", "destination_workload"].map(|name| row.label(name));
    (is_known_label(&namespace) && is_known_label(&workload)).then_some(Target { namespace, workload })
}

fn pair(row: &Row) -> Option<Pair> {
    let server = target(row)?;
    let client = Peer {
        cluster: row.label("source_cluster"),
        namespace: row.label("source_workload_namespace"),
        workload: row.label("source_workload"),
    };
    let named_by = match row.label("connection_security_policy").as_str() {
        _ if !client.is_named() => NamedBy::Unknown,
        // On the server's side only ztunnel reports `unknown`.
        "unknown" => NamedBy::Address,
        _ => NamedBy::Headers,
    };
    let (service, in_namespace) = (row.label("destination_service_name"), row.label("destination_service_namespace"));
    let service = if is_known_label(&in_namespace) { format!("{in_namespace}/{service}").into() } else { service };
    let [cluster, protocol, reporter] = ["destination_cluster", "request_protocol", "reporter"].map(|name| row.label(name));
    Some(Pair { server, cluster, service, client, named_by, protocol, reporter })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_a_window_are_the_window() {
        for seconds in [1, PIECE - 1, PIECE, PIECE + 1, 7 * PIECE, 7 * PIECE + 5] {
            let window = Window { end: 1_787_227_200, seconds };
            let pieces = pieces(window);
            assert_eq!(pieces.iter().map(|piece| piece.seconds).sum::<u64>(), seconds);
            assert_eq!((pieces[0].end, pieces.last().map(|piece| piece.start())), (window.end, Some(window.start())));
            assert!(pieces.windows(2).all(|two| two[1].end == two[0].start()) && pieces.iter().all(|piece| piece.seconds <= PIECE));
        }
    }

    /// Prometheus 2 counts 49 over 24 hours that begin at a full hour.
    #[test]
    fn moments_are_counted_with_both_ends() {
        for (end, seconds, step, expected) in
            [(1_787_227_200, 86_400, 1_800, 49), (1_787_227_201, 86_400, 1_800, 48), (3_600, 3_600, 75, 49)]
        {
            assert_eq!(moments(Window { end, seconds }, step), expected, "{end} {seconds} {step}");
        }
    }
}
