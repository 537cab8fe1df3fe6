//! The project's configuration of findings, as written in `.kubectl-mtls.yaml`.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use super::Origin;

/// The configuration of a project, and the file it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// The file.
    pub origin: Origin,
    /// Its content.
    pub settings: ProjectConfig,
    /// A file further up in the repository that is not used because of this one.
    pub overrides: Option<String>,
}

/// The content of the file as decoded; codes, patterns and dates are not validated yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProjectConfig {
    /// Severities by code: `error`, `warning`, `info` or `off`.
    #[serde(deserialize_with = "severities")]
    pub severity: BTreeMap<String, String>,
    /// Findings that are suppressed.
    pub ignore: Vec<Ignore>,
    /// Files in folders that are not read, as patterns relative to the file's folder.
    pub exclude: Vec<String>,
    /// The meshes that the files contain: name and paths relative to the file's folder. Default: those that follow from what is built.
    pub meshes: BTreeMap<String, Vec<String>>,
    /// How charts are rendered.
    pub helm: HelmConfig,
    /// The severity to fail on, if the command line sets none.
    pub fail_on: Option<String>,
    /// The version of Istio whose rules are applied where istiod was not read, if the command line sets none.
    #[serde(deserialize_with = "version")]
    pub istio_version: Option<String>,
}

/// How charts are rendered, if the command line does not set it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields)]
pub struct HelmConfig {
    /// Files with values, relative to the file's folder.
    pub values: Vec<String>,
    /// The name of the release.
    pub release: Option<String>,
    /// The namespace of the release.
    pub namespace: Option<String>,
}

/// Suppresses findings, with a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(expecting = "a mapping", default, deny_unknown_fields)]
pub struct Ignore {
    /// A rule's id, a prefix of one, or its name.
    pub rule: String,
    /// `KIND NAMESPACE/NAME`, or `KIND NAME` for cluster-scoped kinds, with `*` as a wildcard; every object if absent.
    pub object: Option<String>,
    /// Why the findings are suppressed.
    pub reason: String,
    /// The last day on which the entry is effective.
    pub until: Option<String>,
}

fn severities<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, String>, D::Error> {
    let severities: BTreeMap<String, Severity> = BTreeMap::deserialize(from)?;
    Ok(severities.into_iter().map(|(code, Severity(severity))| (code, severity)).collect())
}

/// A version. YAML reads `1.30` without quotes as the number 1.3.
fn version<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    from.deserialize_any(Version).map(Some)
}

struct Version;

impl Visitor<'_> for Version {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a version of Istio in quotes, such as \"1.30\"")
    }

    fn visit_str<E>(self, version: &str) -> Result<String, E> {
        Ok(version.to_owned())
    }
}

/// A severity. YAML 1.1 reads `off` without quotes as a boolean.
struct Severity(String);

impl<'de> Deserialize<'de> for Severity {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Word).map(Self)
    }
}

struct Word;

impl Visitor<'_> for Word {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a severity")
    }

    fn visit_str<E>(self, word: &str) -> Result<String, E> {
        Ok(word.to_owned())
    }

    fn visit_bool<E: Error>(self, word: bool) -> Result<String, E> {
        if word { Err(E::custom("invalid type: boolean `true`, expected a severity")) } else { Ok("off".to_owned()) }
    }
}
