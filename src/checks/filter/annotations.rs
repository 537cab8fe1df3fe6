//! Suppression of findings by an annotation of the object.

use jiff::civil::Date;

use super::{Adjustment, Adjustments, codes::matches, today::today};
use crate::{
    checks::Finding,
    mesh::{Mesh, Subject},
    object::{Id, Labels},
};

/// The annotation, with one entry per line: `MTLS201: reason; until=2027-01-31`.
pub(in crate::checks) const ANNOTATION: &str = "mtls.kubectl.dev/ignore";

/// One entry of the annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::checks) struct Entry<'a> {
    /// Ids or names of rules, or prefixes of ids.
    pub(in crate::checks) codes: Vec<&'a str>,
    pub(in crate::checks) reason: &'a str,
    /// The last day on which it is effective; `Err` contains text that is not a date.
    pub(in crate::checks) until: Option<Result<Date, &'a str>>,
}

impl<'a> Entry<'a> {
    fn of(line: &'a str) -> Self {
        let (codes, rest) = line.split_once(':').unwrap_or((line, ""));
        let (reason, until) = match rest.rsplit_once("until=") {
            Some((reason, date)) => (reason.trim().trim_end_matches(';'), Some(date.trim().trim_end_matches(';'))),
            None => (rest, None),
        };
        Self {
            codes: codes.split(',').map(str::trim).filter(|code| !code.is_empty()).collect(),
            reason: reason.trim(),
            until: until.map(|date| date.parse().map_err(|_| date)),
        }
    }

    pub(in crate::checks) fn has_expired(&self, today: Date) -> bool {
        matches!(self.until, Some(Ok(until)) if until < today)
    }

    /// Whether it suppresses a finding. An entry without reason, with an invalid date, or expired suppresses nothing.
    fn suppresses(&self, finding: &Finding, today: Date) -> bool {
        let is_valid = !self.reason.is_empty() && !matches!(self.until, Some(Err(_))) && !self.has_expired(today);
        is_valid && self.codes.iter().any(|code| matches(code, finding.rule.id, finding.rule.name))
    }
}

/// The entries of an object's annotation.
pub(in crate::checks) fn entries(annotations: &Labels) -> Vec<Entry<'_>> {
    let lines = annotations.get(ANNOTATION).unwrap_or_default().lines();
    lines.map(str::trim).filter(|line| !line.is_empty()).map(Entry::of).collect()
}

/// Removes findings that the annotations of their subjects suppress. Returns the others, and which rules lost how many.
pub(super) fn remove_annotated(mesh: &Mesh<'_>, findings: Vec<Finding>) -> (Vec<Finding>, Adjustments) {
    let today = today(mesh.snapshot());
    let is_suppressed = |finding: &Finding| {
        let annotations = annotations(mesh, &finding.subject);
        annotations.into_iter().flat_map(entries).any(|entry| entry.suppresses(finding, today))
    };
    let (suppressed, kept): (Vec<Finding>, Vec<Finding>) = findings.into_iter().partition(is_suppressed);
    let mut adjustments = Adjustments::default();
    for finding in suppressed {
        adjustments.count(finding.rule.id, Adjustment::Annotation);
    }
    (kept, adjustments)
}

/// The annotations that apply to a subject: its own, and for a workload those of its pods.
fn annotations<'m>(mesh: &'m Mesh<'_>, subject: &Subject) -> Vec<&'m Labels> {
    let id = subject.kind.known().map(|kind| Id::new(kind, subject.namespace.clone(), subject.name.clone()));
    let mut found: Vec<&Labels> = id.and_then(|id| mesh.snapshot().meta(&id)).map(|meta| &meta.annotations).into_iter().collect();
    let workload = mesh.workloads_in(&subject.namespace).iter().find(|workload| workload.subject == *subject);
    found.extend(workload.into_iter().flat_map(|workload| &workload.instances).map(|instance| instance.annotations));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_codes_a_reason_and_maybe_an_end() {
        let entry = Entry::of("MTLS201, MTLS107: until the vendor moves; until=2027-01-31");
        assert_eq!(entry.codes, ["MTLS201", "MTLS107"]);
        assert_eq!(entry.reason, "until the vendor moves");
        assert_eq!(entry.until, Some(Ok(Date::constant(2027, 1, 31))));
        assert!(!entry.has_expired(Date::constant(2027, 1, 31)));
        assert!(entry.has_expired(Date::constant(2027, 2, 1)));
        assert_eq!(Entry::of("MTLS201: x; until=soon").until, Some(Err("soon")));
        assert_eq!(Entry::of("MTLS201").reason, "");
    }
}
