//! Writes the current findings to a file, so that later runs report new ones only.

use std::io::{self, Write};

use serde_json::json;

use super::{document::Finding, format::json};

/// Writes a baseline: the fingerprint of each finding, its severity and what it affects, because one that grows is new, and its rule and
/// object for reviewers of the file.
///
/// # Errors
/// If writing to the sink fails.
pub fn write(findings: &[Finding], sink: &mut dyn Write) -> io::Result<()> {
    let known = findings.iter().map(|finding| {
        json!({
            "fingerprint": finding.fingerprint,
            "rule": finding.rule,
            "subject": finding.subject.title(),
            "field": finding.field,
            "severity": finding.own_severity,
            "affected": finding.affected,
        })
    });
    json::value(&json!({ "schema": 1, "findings": known.collect::<Vec<_>>() }), sink)
}
