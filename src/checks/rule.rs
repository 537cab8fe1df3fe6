//! A rule: everything that help, documentation and reports say about it, in one place.

use std::fmt::{self, Write as _};

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
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
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
    /// How to see that it is mended: the rule is silent, and the answer that it is about is the one that was wanted.
    #[must_use]
    pub fn verify(&self) -> String {
        let id = self.id;
        let (silent, seen) = match id.get(4..5) {
            Some("1") => (
                "analyze",
                "`kubectl mtls explain NAMESPACE/KIND/NAME:PORT` shows the mode of a port, the policy that decides it, and those that lost.",
            ),
            Some("2") => ("analyze", "`kubectl mtls explain FROM TO:PORT` says what comes of the call, and which rule decides."),
            Some("3") => ("analyze", "`kubectl mtls sidecars -n NAMESPACE` shows what has a proxy, and what should."),
            Some("4") => {
                ("migrate-check", "The namespace is `ready`, and `kubectl mtls diff -f FILE` of its step lists no call that breaks.")
            }
            _ => ("analyze", "`kubectl mtls policies` shows what was read, and whether it is in force."),
        };
        let with = if self.bad.is_empty() { " --prometheus URL" } else { "" };
        format!("`kubectl mtls {silent} --select {id}{with}` finds nothing, and names no gap. {seen}")
    }

    /// The rule's page, as Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let Self { id, name, severity, summary, why, fix, bad, good, inputs, aka, see } = self;
        let mut page = format!("# {id}: {name}\n\n{severity}. {summary}\n\n## Why\n\n{why}\n\n## How to mend it\n\n{fix}\n\n");
        // Writing to a string cannot fail.
        let _ = write!(page, "## How to verify\n\n{}\n\n", self.verify());
        let code = |title: &str, yaml: &str| format!("## {title}\n\n```yaml\n{}\n```\n\n", yaml.trim());
        for (title, yaml) in [("Fires", bad), ("Does not fire", good)].into_iter().filter(|(_, yaml)| !yaml.is_empty()) {
            page += &code(title, yaml);
        }
        if bad.is_empty() {
            page += "No manifest shows it: it fires on traffic that a Prometheus counted.\n\n";
        }
        let kinds: Vec<&str> = inputs.iter().map(|kind| kind.name()).collect();
        let _ = writeln!(page, "Reads: {}.", kinds.join(", "));
        if !aka.is_empty() {
            let _ = writeln!(page, "\nAlso known as: {}.", aka.join(", "));
        }
        if !see.is_empty() {
            let _ = writeln!(page, "\nSee: {}.", see.join(", "));
        }
        page
    }
}
