//! A rule: everything that help, documentation and reports say about it, in one place.

use std::fmt;

use crate::object::Kind;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Posture and hygiene.
    Info,
    /// Will break, or plaintext where mTLS could be.
    Warning,
    /// Broken now, or something that looks secure and is not.
    Error,
}

impl Severity {
    /// The word for it.
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

/// What a rule is about, which the hundreds of its identifier say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// 0xx: manifests, and what the project says of findings.
    Manifest,
    /// 1xx: what servers accept.
    Server,
    /// 2xx: what clients send.
    Client,
    /// 3xx: who is in the mesh.
    Proxy,
    /// 4xx: what breaks under STRICT.
    Migration,
}

/// A rule's whole page.
#[derive(Debug)]
pub struct Rule {
    /// Stable identifier, never used for anything else.
    pub id: &'static str,
    /// Reads well after "allow"; the file's name.
    pub name: &'static str,
    /// Severity, unless a finding says otherwise.
    pub severity: Severity,
    /// One sentence: when it fires.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do about it.
    pub fix: &'static str,
    /// Manifests on which exactly this rule fires.
    pub bad: &'static str,
    /// The same, mended: nothing fires.
    pub good: &'static str,
    /// Kinds that must have been read for the rule to mean anything.
    pub inputs: &'static [Kind],
    /// The same complaint in other tools.
    pub aka: &'static [&'static str],
    /// Where Istio's behaviour is written down.
    pub see: &'static [&'static str],
}

impl Rule {
    /// Whether it fires on traffic that was counted, which no manifest shows: such a rule has no examples.
    #[must_use]
    pub fn is_of_traffic(&self) -> bool {
        self.bad.is_empty()
    }

    /// What the rule is about.
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
