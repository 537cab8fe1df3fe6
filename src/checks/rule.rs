//! A rule: all of its text for help, documentation and reports.

use std::fmt;

use crate::object::Kind;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Posture and hygiene.
    Info,
    /// Will break, or plaintext where mTLS is possible.
    Warning,
    /// Broken now, or looks secure and is not.
    Error,
}

impl Severity {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a rule is about, by the hundreds digit of its identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// 0xx: manifests, and suppressions of findings.
    Manifest,
    /// 1xx: what servers accept.
    Server,
    /// 2xx: what clients send.
    Client,
    /// 3xx: which workloads are in the mesh.
    Proxy,
    /// 4xx: what breaks under STRICT.
    Migration,
}

/// A rule with the content of its page.
#[derive(Debug)]
pub struct Rule {
    /// Stable identifier, never reused.
    pub id: &'static str,
    /// Its name, which is also that of its file; reads well after "allow".
    pub name: &'static str,
    /// Default severity; a finding can override it.
    pub severity: Severity,
    /// One sentence: when it fires.
    pub summary: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// How to fix it.
    pub fix: &'static str,
    /// Manifests on which exactly this rule fires.
    pub bad: &'static str,
    /// The same manifests, fixed: no rule fires.
    pub good: &'static str,
    /// Kinds that must be read for the rule to run.
    pub inputs: &'static [Kind],
    /// Codes of equivalent messages of other tools.
    pub aka: &'static [&'static str],
    /// Sources for Istio's behaviour.
    pub see: &'static [&'static str],
}

impl Rule {
    /// Whether it fires on measured traffic instead of manifests: such a rule has no examples.
    #[must_use]
    pub fn is_of_traffic(&self) -> bool {
        self.bad.is_empty()
    }

    #[must_use]
    pub fn topic(&self) -> Topic {
        match self.id.as_bytes().get(4) {
            Some(b'1') => Topic::Server,
            Some(b'2') => Topic::Client,
            Some(b'3') => Topic::Proxy,
            Some(b'4') => Topic::Migration,
            _ => Topic::Manifest,
        }
    }
}
