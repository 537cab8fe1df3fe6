//! The findings of today as a file, so that those of tomorrow stand out.

use std::io::{self, Write};

use serde_json::json;

use super::{document::Finding, format::json};

/// Writes a baseline: a fingerprint for each finding, and what it is about for those who review the file.
///
/// # Errors
/// When the sink does not take it.
pub fn write(findings: &[Finding], sink: &mut dyn Write) -> io::Result<()> {
    let known = findings.iter().map(|finding| {
        json!({ "fingerprint": finding.fingerprint, "rule": finding.rule, "subject": finding.subject.title(), "field": finding.field })
    });
    json::value(&json!({ "schema": 1, "findings": known.collect::<Vec<_>>() }), sink)
}
