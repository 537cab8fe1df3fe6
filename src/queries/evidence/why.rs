//! The reason of a traffic verdict, in one sentence.

use jiff::Timestamp;

use super::verdict::{TrafficAssessment, TrafficVerdict};
use crate::object::{
    evidence::{Pair, Peer, TrafficCounts},
    list_names, plural,
};

/// What was seen, or why the absence of plaintext proves nothing.
#[must_use]
pub fn why(assessment: &TrafficAssessment<'_>) -> String {
    let scraped = assessment.coverage.map(|percent| format!("; scraped {percent} % of the time")).unwrap_or_default();
    match assessment.verdict {
        TrafficVerdict::PlaintextSeen => {
            let clients = list_names(assessment.plaintext.iter().map(|(pair, _)| client(pair)));
            let all = assessment.plaintext.iter().fold(TrafficCounts::default(), |sum, (_, more)| sum.plus(more.counted));
            let last = assessment.plaintext.iter().filter_map(|(_, seen)| seen.last).max();
            let last = last.map(|last| format!(", last seen {}", timestamp(last))).unwrap_or_default();
            format!("{} in plaintext from {clients}{last}", describe_amount(all))
        }
        TrafficVerdict::Refused => {
            let pairs = assessment.denied.iter().map(|(pair, _)| *pair).chain(assessment.failed.iter().map(|failed| &failed.pair));
            format!("plaintext from {} was refused, and none was accepted", list_names(pairs.map(client)))
        }
        TrafficVerdict::NoPlaintext => format!("{}, all over mutual TLS{scraped}", describe_amount(assessment.measured.mutual)),
        TrafficVerdict::NoTraffic => format!("no traffic{scraped}"),
        TrafficVerdict::NotCovered => list_names(&assessment.coverage_gaps),
    }
}

/// The client of a pair as `NAMESPACE/WORKLOAD`, if the metrics name it.
#[must_use]
pub fn client(pair: &Pair) -> String {
    let Peer { namespace, workload, .. } = &pair.client;
    if pair.client.is_named() { format!("{namespace}/{workload}") } else { "unknown clients".into() }
}

/// A time in seconds since 1970, in the format of RFC 3339.
#[must_use]
pub fn timestamp(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
}

/// `3 requests, 1 connection`.
fn describe_amount(TrafficCounts { requests, connections, bytes }: TrafficCounts) -> String {
    let all = [(requests, "request"), (connections, "connection"), (bytes, "byte")];
    let parts = all.into_iter().filter(|(n, _)| *n > 0).map(|(n, one)| plural(n, one));
    parts.collect::<Vec<_>>().join(", ")
}
