//! What traffic proves, for the answer of `migrate-check`.

use jiff::Timestamp;

use super::finding::subject;
use crate::{
    mesh::{Mesh, Workload},
    object::{
        Text,
        evidence::{Counted, Evidence, Failed, Pair, Peer, Plaintext},
        first_of, plural,
    },
    queries::{
        evidence::{LIMITS, Traffic, TrafficVerdict},
        migrate::{Target, Verdicts},
    },
    report::document::migrate as doc,
};

/// What was looked at.
pub(super) fn looked_at(evidence: &Evidence) -> doc::Traffic {
    let Evidence { from, window, notes, .. } = evidence;
    doc::Traffic {
        from: from.clone(),
        window: span(window.seconds),
        start: moment(window.start()),
        end: moment(window.end),
        notes: notes.iter().cloned().collect(),
        limits: LIMITS.to_vec(),
    }
}

/// What was seen of the workloads of a namespace that are to go STRICT.
pub(super) fn evidence(mesh: &Mesh<'_>, target: &Target<'_>, namespace: &Text, verdicts: &Verdicts<'_>) -> Vec<doc::Evidence> {
    let own = mesh.workloads_in(namespace).iter().filter(|workload| target.governs(workload));
    own.filter_map(|workload| Some(of(workload, verdicts.get(&workload.subject)?))).collect()
}

fn of(workload: &Workload<'_>, verdict: &TrafficVerdict<'_>) -> doc::Evidence {
    let failed = verdict.failed.iter().copied().map(failed);
    doc::Evidence {
        subject: subject(&workload.subject),
        verdict: verdict.traffic.into(),
        message: message(verdict),
        coverage: verdict.coverage,
        mutual: counted(verdict.measured.mutual),
        other: counted(verdict.measured.other),
        plaintext: verdict.plaintext.iter().map(|(pair, plaintext)| seen(pair, plaintext)).collect(),
        rejected: verdict.denied.iter().map(|(pair, plaintext)| seen(pair, plaintext)).chain(failed).collect(),
        lacks: verdict.lacks.iter().map(ToString::to_string).collect(),
    }
}

/// The verdict in a sentence.
fn message(verdict: &TrafficVerdict<'_>) -> String {
    let watched = verdict.coverage.map(|percent| format!("; watched {percent} % of the time")).unwrap_or_default();
    match verdict.traffic {
        Traffic::PlaintextSeen => {
            let clients = first_of(3, verdict.plaintext.iter().map(|(pair, _)| client(pair)));
            let all = verdict.plaintext.iter().fold(Counted::default(), |sum, (_, more)| sum.plus(more.counted));
            let last = verdict.plaintext.iter().filter_map(|(_, seen)| seen.last).max();
            let last = last.map(|last| format!(", last seen {}", moment(last))).unwrap_or_default();
            format!("{} of plaintext from {clients}{last}", amount(all))
        }
        Traffic::Refused => {
            let pairs = verdict.denied.iter().map(|(pair, _)| *pair).chain(verdict.failed.iter().map(|failed| &failed.pair));
            format!("plaintext of {} was refused, and none let in", first_of(3, pairs.map(client)))
        }
        Traffic::NoPlaintext => format!("{}, all by mutual TLS{watched}", amount(verdict.measured.mutual)),
        Traffic::NoTraffic => format!("no traffic at all{watched}"),
        Traffic::NotCovered => first_of(3, &verdict.lacks),
    }
}

/// `3 requests, 1 connection`.
fn amount(Counted { requests, connections, bytes }: Counted) -> String {
    let all = [(requests, "request"), (connections, "connection"), (bytes, "byte")];
    let parts = all.into_iter().filter(|(n, _)| *n > 0).map(|(n, one)| plural(n, one));
    parts.collect::<Vec<_>>().join(", ")
}

fn counted(Counted { requests, connections, bytes }: Counted) -> doc::Counted {
    doc::Counted { requests, connections, bytes }
}

fn seen(pair: &Pair, plaintext: &Plaintext) -> doc::Seen {
    doc::Seen {
        client: client(pair),
        named_by: pair.named_by.into(),
        service: pair.service.to_string(),
        protocol: pair.protocol.to_string(),
        counted: counted(plaintext.counted),
        last: plaintext.last.map(moment),
    }
}

fn failed(failed: &Failed) -> doc::Seen {
    let counted = Counted { requests: failed.requests, ..Counted::default() };
    seen(&failed.pair, &Plaintext { counted, ..Plaintext::default() })
}

fn client(pair: &Pair) -> String {
    let Peer { namespace, workload, .. } = &pair.client;
    if pair.client.is_named() { format!("{namespace}/{workload}") } else { "unknown clients".into() }
}

/// A moment as everybody writes it.
fn moment(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |moment| moment.to_string())
}

/// A time in the largest unit that it is a whole number of.
fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let fits = |(length, _): &(u64, &str)| seconds >= *length && seconds.is_multiple_of(*length);
    let found = units.into_iter().find(fits);
    found.map_or_else(|| format!("{seconds}s"), |(length, unit)| format!("{}{unit}", seconds / length))
}
