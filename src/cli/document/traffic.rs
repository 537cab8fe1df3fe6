//! Traffic evidence, for the document of `migrate-check`.

use super::finding::subject;
use crate::{
    mesh::{Mesh, Workload},
    object::{
        Text,
        evidence::{Evidence, FailedRequests, Pair, Plaintext, TrafficCounts},
    },
    queries::{
        evidence::{CAVEATS, TrafficAssessment, client, timestamp, why},
        migrate::{Assessments, Target},
    },
    report::document::migrate as doc,
};

/// The source and window of the evidence.
pub(super) fn traffic(evidence: &Evidence) -> doc::Traffic {
    let Evidence { from, window, notes, .. } = evidence;
    doc::Traffic {
        from: from.clone(),
        window: span(window.seconds),
        start: timestamp(window.start()),
        end: timestamp(window.end),
        notes: notes.iter().cloned().collect(),
        limits: CAVEATS.to_vec(),
    }
}

/// The evidence for the target workloads of a namespace.
pub(super) fn evidence(mesh: &Mesh<'_>, target: &Target<'_>, namespace: &Text, assessments: &Assessments<'_>) -> Vec<doc::Evidence> {
    let governed = mesh.workloads_in(namespace).iter().filter(|workload| target.governs(workload));
    governed.filter_map(|workload| Some(of_workload(workload, assessments.get(&workload.subject)?))).collect()
}

fn of_workload(workload: &Workload<'_>, assessment: &TrafficAssessment<'_>) -> doc::Evidence {
    let failed = assessment.failed.iter().copied().map(failed);
    doc::Evidence {
        subject: subject(&workload.subject),
        verdict: assessment.verdict.into(),
        message: why(assessment),
        coverage: assessment.coverage,
        mutual: counted(assessment.measured.mutual),
        other: counted(assessment.measured.other),
        plaintext: assessment.plaintext.iter().map(|(pair, plaintext)| seen(pair, plaintext)).collect(),
        refused: assessment.denied.iter().map(|(pair, plaintext)| seen(pair, plaintext)).chain(failed).collect(),
        lacks: assessment.coverage_gaps.iter().map(ToString::to_string).collect(),
    }
}

fn counted(TrafficCounts { requests, connections, bytes }: TrafficCounts) -> doc::Counted {
    doc::Counted { requests, connections, bytes }
}

fn seen(pair: &Pair, plaintext: &Plaintext) -> doc::ObservedPlaintext {
    doc::ObservedPlaintext {
        client: client(pair),
        named_by: pair.named_by.into(),
        service: pair.service.to_string(),
        protocol: pair.protocol.to_string(),
        counted: counted(plaintext.counted),
        last: plaintext.last.map(timestamp),
    }
}

fn failed(failed: &FailedRequests) -> doc::ObservedPlaintext {
    let counted = TrafficCounts { requests: failed.requests, ..TrafficCounts::default() };
    seen(&failed.pair, &Plaintext { counted, ..Plaintext::default() })
}

/// A duration in the largest unit that divides it without remainder.
fn span(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m")];
    let divides = |(length, _): &(u64, &str)| seconds >= *length && seconds.is_multiple_of(*length);
    let unit = units.into_iter().find(divides);
    unit.map_or_else(|| format!("{seconds}s"), |(length, unit)| format!("{}{unit}", seconds / length))
}
