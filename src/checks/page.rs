//! The page of a rule, as printed by help, documentation and reports.

use std::{borrow::Cow, fmt::Write as _};

use similar::TextDiff;

use super::{Rule, Topic};

impl Rule {
    /// How to verify the fix: the rule reports nothing, and the related command shows the intended result.
    #[must_use]
    pub fn verify(&self) -> String {
        let id = self.id;
        let (command, result) = match self.topic() {
            Topic::Server => (
                "analyze",
                "`kubectl mtls explain NAMESPACE/KIND/NAME:PORT` shows the mode of a port, the policy that sets it, and the policies that it overrides.",
            ),
            Topic::Client => ("analyze", "`kubectl mtls explain FROM TO:PORT` shows the result of the call and the rule that decides it."),
            Topic::Proxy => {
                ("analyze", "`kubectl mtls sidecars -n NAMESPACE` shows which workloads have a proxy and which should have one.")
            }
            Topic::Migration => (
                "migrate-check",
                "The namespace is `already` STRICT, or `ready` and `kubectl mtls diff -f FILE` of its step lists no call that breaks.",
            ),
            Topic::Manifest => ("analyze", "`kubectl mtls policies` shows what was read and whether it is effective."),
        };
        let with = if self.is_of_traffic() { " --prometheus URL" } else { "" };
        format!("`kubectl mtls {command} --select {id}{with}` reports no finding and no gap. {result}")
    }

    /// The rule's page, as Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let Self { id, name, severity, summary, why, fix, inputs, aka, see, .. } = self;
        let mut page = format!("# {id}: {name}\n\n{severity}. {summary}\n\n## Why\n\n{why}\n\n## How to fix\n\n{fix}\n\n");
        // Writing to a string cannot fail.
        let _ = write!(page, "## How to verify\n\n{}\n\n", self.verify());
        page += &self.examples();
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

    /// The manifest on which the rule fires, and the difference from the one on which it does not.
    fn examples(&self) -> String {
        if self.is_of_traffic() {
            return "There is no example manifest: the rule fires on traffic that Prometheus recorded.\n\n".to_owned();
        }
        let (language, good) = fixed_example(self.bad, self.good);
        let block = |title: &str, language: &str, text: &str| format!("## {title}\n\n```{language}\n{}\n```\n\n", text.trim_end());
        block("Fires", "yaml", self.bad) + &block("Does not fire", language, &good)
    }
}

/// The language and text of the difference between two manifests: a unified diff, or the second manifest in full if the diff is longer
/// than either of them.
fn fixed_example<'g>(bad: &str, good: &'g str) -> (&'static str, Cow<'g, str>) {
    let diff = TextDiff::from_lines(bad, good).unified_diff().context_radius(3).to_string();
    let lines = |text: &str| text.lines().count();
    if lines(&diff) > lines(bad).max(lines(good)) { ("yaml", Cow::Borrowed(good)) } else { ("diff", Cow::Owned(diff)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_change_is_a_diff_and_another_manifest_is_printed_in_full() {
        let (bad, good) = ("a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n", "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 8\n");
        let diff = "@@ -4,4 +4,4 @@\n d: 4\n e: 5\n f: 6\n-g: 7\n+g: 8\n";
        assert_eq!(fixed_example(bad, good), ("diff", diff.into()));
        assert_eq!(fixed_example(bad, "h: 1\ni: 2\n"), ("yaml", "h: 1\ni: 2\n".into()));
    }
}
