//! Ignore annotations that are invalid or expired.

use crate::{
    checks::{
        Finding, Rule, Severity,
        filter::{self, ANNOTATION, Entry},
    },
    mesh::Mesh,
    object::{FieldPath, Kind},
};

pub(in crate::checks) static RULE: Rule = Rule {
    id: "MTLS003",
    name: "stale-suppression",
    severity: Severity::Warning,
    summary: "An ignore annotation names an unknown rule, gives no reason, or has expired.",
    why: "Such an entry suppresses nothing. Its author expects it to, or has forgotten it.",
    fix: "Remove the entry, or write it as `MTLS107: why this is fine; until=2027-01-31`, one entry per line.",
    bad: include_str!("stale_suppression.bad.yaml"),
    good: include_str!("stale_suppression.good.yaml"),
    inputs: &[Kind::PeerAuthentication],
    aka: &[],
    see: &[],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let today = filter::today(mesh.snapshot());
    for (id, origin, meta) in mesh.snapshot().metas() {
        for entry in filter::entries(&meta.annotations) {
            for problem in problems(&entry, |entry| entry.has_expired(today)) {
                let at = FieldPath::of("metadata.annotations").then(ANNOTATION);
                out.push(Finding::new(&RULE, id.into(), origin.clone(), at, format!("{id}: {problem}")));
            }
        }
    }
}

fn problems(entry: &Entry<'_>, has_expired: impl Fn(&Entry<'_>) -> bool) -> Vec<String> {
    let codes = entry.codes.join(", ");
    let mut found: Vec<String> = entry
        .codes
        .iter()
        .filter(|code| !filter::is_known(code))
        .map(|code| format!("the ignore annotation names the unknown rule {code}"))
        .collect();
    if entry.codes.is_empty() {
        found.push("an entry of the ignore annotation names no rule".into());
    } else if entry.reason.is_empty() {
        found.push(format!("the ignore annotation gives no reason for {codes}, so it suppresses nothing"));
    }
    match entry.until {
        Some(Err(date)) => {
            found.push(format!("invalid date `until={date}`: expected a date like 2027-01-31; the entry suppresses nothing"));
        }
        Some(Ok(until)) if has_expired(entry) => found.push(format!("the ignore annotation for {codes} expired on {until}")),
        _ => {}
    }
    found
}
