//! Reads the known findings from a file that `--write-baseline` wrote.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use super::error::SourceError;

/// The number of known findings by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<String, usize>);

#[derive(Deserialize)]
struct File {
    schema: u32,
    findings: Vec<KnownFinding>,
}

#[derive(Deserialize)]
struct KnownFinding {
    fingerprint: String,
}

impl Baseline {
    /// Removes the entry of a finding; returns whether there was one. Each entry matches one finding only, so that a second one with the same fingerprint is new.
    pub fn consume(&mut self, fingerprint: &str) -> bool {
        let Some(remaining) = self.0.get_mut(fingerprint).filter(|remaining| **remaining > 0) else { return false };
        *remaining -= 1;
        true
    }
}

/// Reads a baseline.
///
/// # Errors
/// If the file cannot be read, or is not a baseline of a known schema version.
pub fn read(path: &Path) -> Result<Baseline, SourceError> {
    let invalid = |reason: String| SourceError::InvalidBaseline { path: path.display().to_string(), reason };
    let text = fs::read_to_string(path).map_err(|error| invalid(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| invalid(error.to_string()))?;
    if file.schema != 1 {
        return Err(invalid(format!("unsupported schema {}: expected 1", file.schema)));
    }
    let mut counts = BTreeMap::new();
    for finding in file.findings {
        *counts.entry(finding.fingerprint).or_default() += 1;
    }
    Ok(Baseline(counts))
}
