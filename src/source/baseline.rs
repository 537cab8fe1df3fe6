//! Reads the known findings from a file that `--write-baseline` wrote.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::Deserialize;

use super::error::SourceError;

/// The known findings by fingerprint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<String, Vec<KnownFinding>>);

#[derive(Deserialize)]
struct File {
    schema: u32,
    findings: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    fingerprint: String,
    #[serde(flatten)]
    known: KnownFinding,
}

/// How much a known finding affected. A file of an earlier version does not contain it, and then covers any number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct KnownFinding {
    #[serde(default)]
    pub severity: Option<String>,
    #[serde(default)]
    pub affected: Option<BTreeSet<String>>,
}

impl Baseline {
    /// Removes the first entry with a fingerprint that covers a finding; returns whether there was one. Each entry matches one finding
    /// only, so that a second one with the same fingerprint is new.
    pub fn consume(&mut self, fingerprint: &str, covers: impl Fn(&KnownFinding) -> bool) -> bool {
        let Some(entries) = self.0.get_mut(fingerprint) else { return false };
        let Some(at) = entries.iter().position(covers) else { return false };
        entries.remove(at);
        true
    }

    /// The remaining entries with a fingerprint: those that a finding has outgrown.
    #[must_use]
    pub fn outgrown(&self, fingerprint: &str) -> &[KnownFinding] {
        self.0.get(fingerprint).map_or(&[], Vec::as_slice)
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
    let mut known: BTreeMap<String, Vec<KnownFinding>> = BTreeMap::new();
    for entry in file.findings {
        known.entry(entry.fingerprint).or_default().push(entry.known);
    }
    Ok(Baseline(known))
}
