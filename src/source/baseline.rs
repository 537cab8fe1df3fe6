//! Findings that are known already, from a file that `--write-baseline` wrote.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;

use super::error::SourceError;

/// How often each fingerprint is known.
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
    /// Whether a finding is known; each entry stands for one finding, so that a second of the same kind is new.
    pub fn takes(&mut self, fingerprint: &str) -> bool {
        let Some(left) = self.0.get_mut(fingerprint).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }
}

/// Reads a baseline.
///
/// # Errors
/// When the file cannot be read, or is no baseline of a schema that this version knows.
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
