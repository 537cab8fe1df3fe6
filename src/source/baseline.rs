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
    findings: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    fingerprint: String,
}

impl Baseline {
    /// Whether a finding is known. Each entry matches one finding only, so that a second one with the same fingerprint is new.
    pub fn takes(&mut self, fingerprint: &str) -> bool {
        let Some(left) = self.0.get_mut(fingerprint).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }
}

/// Reads a baseline.
///
/// # Errors
/// If the file cannot be read, or is not a baseline of a known schema version.
pub fn read(path: &Path) -> Result<Baseline, SourceError> {
    let wrong = |because: String| SourceError::NoBaseline { path: path.display().to_string(), because };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let file: File = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
    if file.schema != 1 {
        return Err(wrong(format!("its schema is {}, and this version knows 1", file.schema)));
    }
    let mut known = BTreeMap::new();
    for one in file.findings {
        *known.entry(one.fingerprint).or_default() += 1;
    }
    Ok(Baseline(known))
}
