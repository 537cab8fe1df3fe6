//! Severity overrides and suppressions of a project's configuration.

use globset::{Glob, GlobMatcher};
use jiff::civil::Date;

use super::{
    Adjustment, Adjustments,
    codes::{is_known, matches},
    today::today,
};
use crate::{
    checks::{Finding, Severity, rules::STALE_SUPPRESSION},
    mesh::{Subject, SubjectKind},
    object::{Configuration, FieldPath, Ignore, Origin, Snapshot},
};

/// A validated project configuration.
#[derive(Clone, Debug)]
pub struct FindingConfig {
    origin: Origin,
    /// Codes and the severity overrides of their findings.
    severities: Vec<(String, SeverityOverride)>,
    ignores: Vec<IgnoreEntry>,
}

/// An entry that suppresses findings.
#[derive(Clone, Debug)]
struct IgnoreEntry {
    rule: String,
    object: Option<Pattern>,
    until: Option<Date>,
}

/// `KIND NAMESPACE/NAME`, or `KIND NAME`; each part is a glob pattern.
#[derive(Clone, Debug)]
struct Pattern {
    kind: GlobMatcher,
    namespace: GlobMatcher,
    name: GlobMatcher,
}

/// A field of a configuration and its error message.
pub type ConfigError = (FieldPath, String);

impl FindingConfig {
    /// Validates and decodes a configuration.
    ///
    /// # Errors
    /// Returns all invalid fields.
    pub fn of(configuration: &Configuration) -> Result<Self, Vec<ConfigError>> {
        let mut errors = Vec::new();
        let mut severities = Vec::new();
        for (code, word) in &configuration.settings.severity {
            let at = FieldPath::of("severity").then(code.as_str());
            if !is_known(code) {
                errors.push((at.clone(), format!("unknown rule `{code}`")));
            }
            match SeverityOverride::of(word) {
                Some(severity) => severities.push((code.clone(), severity)),
                None => errors.push((at, format!("invalid severity `{word}`: expected error, warning, info or off"))),
            }
        }
        let mut ignores = Vec::new();
        for (n, entry) in configuration.settings.ignore.iter().enumerate() {
            let at = FieldPath::of("ignore").then(n.to_string());
            match IgnoreEntry::of(entry) {
                Ok(entry) => ignores.push(entry),
                Err(invalid) => errors.extend(invalid.into_iter().map(|(field, message)| (at.clone().then(field), message))),
            }
        }
        if errors.is_empty() { Ok(Self { origin: configuration.origin.clone(), severities, ignores }) } else { Err(errors) }
    }

    /// Overrides the severities of findings and removes the suppressed ones. Returns the others, and what was done to which rules.
    #[must_use]
    pub fn apply(&self, snapshot: &Snapshot, findings: Vec<Finding>) -> (Vec<Finding>, Adjustments) {
        let today = today(snapshot);
        let mut adjustments = Adjustments::default();
        let mut apply = |finding: Finding| {
            let (id, from) = (finding.rule.id, finding.severity);
            if self.ignores.iter().any(|entry| entry.covers(&finding, today)) {
                adjustments.count(id, Adjustment::Ignored);
                return None;
            }
            let Some(finding) = self.with_severity(finding) else {
                adjustments.count(id, Adjustment::Off);
                return None;
            };
            if finding.severity < from {
                adjustments.count(id, Adjustment::Lowered { from, to: finding.severity });
            }
            Some(finding)
        };
        let kept = findings.into_iter().filter_map(&mut apply).collect();
        (kept, adjustments)
    }

    /// The expired entries, as findings about the file.
    #[must_use]
    pub fn expired(&self, snapshot: &Snapshot) -> Vec<Finding> {
        let today = today(snapshot);
        let expired = |(n, entry): (usize, &IgnoreEntry)| {
            let until = entry.until.filter(|until| *until < today)?;
            let at = FieldPath::of("ignore").then(n.to_string()).then("until");
            let message = format!("the configuration entry that suppresses {} expired on {until}", entry.rule);
            Some(Finding::new(&STALE_SUPPRESSION, self.subject(), self.origin.clone(), at, message))
        };
        self.ignores.iter().enumerate().filter_map(expired).collect()
    }

    /// The configuration file as the subject of findings.
    fn subject(&self) -> Subject {
        let name = match &self.origin {
            Origin::File(place) => place.path.as_ref(),
            Origin::Cluster => "",
        };
        Subject { namespace: "".into(), kind: SubjectKind::Other("Configuration".into()), name: name.into() }
    }

    fn with_severity(&self, finding: Finding) -> Option<Finding> {
        let rule = finding.rule;
        let matching = self.severities.iter().filter(|(code, _)| matches(code, rule.id, rule.name));
        // A name or a longer prefix of the id overrides a shorter prefix.
        let closest = matching.max_by_key(|(code, _)| if code.eq_ignore_ascii_case(rule.name) { usize::MAX } else { code.len() });
        match closest {
            None => Some(finding),
            Some((_, SeverityOverride::Off)) => None,
            Some((_, SeverityOverride::Is(severity))) => Some(finding.with_configured_severity(*severity)),
        }
    }
}

/// The override for a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SeverityOverride {
    Is(Severity),
    Off,
}

impl SeverityOverride {
    fn of(word: &str) -> Option<Self> {
        match word {
            "error" => Some(Self::Is(Severity::Error)),
            "warning" => Some(Self::Is(Severity::Warning)),
            "info" => Some(Self::Is(Severity::Info)),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

impl IgnoreEntry {
    fn of(entry: &Ignore) -> Result<Self, Vec<(&'static str, String)>> {
        let mut errors = Vec::new();
        if entry.rule.is_empty() {
            errors.push(("rule", "missing rule: expected an id, a prefix of ids or a name".to_owned()));
        } else if !is_known(&entry.rule) {
            errors.push(("rule", format!("unknown rule `{}`", entry.rule)));
        }
        if entry.reason.trim().is_empty() {
            errors.push(("reason", "missing reason".to_owned()));
        }
        let object = entry.object.as_deref().map(|text| Pattern::of(text).ok_or(text)).transpose();
        let object =
            object.map_err(|text| errors.push(("object", format!("invalid object `{text}`: expected KIND NAMESPACE/NAME or KIND NAME"))));
        let until = entry.until.as_deref().map(|text| text.parse().map_err(|_| text)).transpose();
        let until = until.map_err(|text| errors.push(("until", format!("invalid date `{text}`: expected a form like 2027-01-31"))));
        match (object, until) {
            (Ok(object), Ok(until)) if errors.is_empty() => Ok(Self { rule: entry.rule.clone(), object, until }),
            _ => Err(errors),
        }
    }

    fn covers(&self, finding: &Finding, today: Date) -> bool {
        self.until.is_none_or(|until| until >= today)
            && matches(&self.rule, finding.rule.id, finding.rule.name)
            && self.object.as_ref().is_none_or(|object| object.matches(&finding.subject))
    }
}

impl Pattern {
    fn of(text: &str) -> Option<Self> {
        let (kind, rest) = text.trim().split_once(' ')?;
        let rest = rest.trim();
        let (namespace, name) = rest.split_once('/').map_or((None, rest), |(namespace, name)| (Some(namespace), name));
        let is_name = |text: &str| !text.is_empty() && !text.contains([' ', '/']);
        let glob = |text: &str| Glob::new(text).ok().map(|glob| glob.compile_matcher());
        let is_valid = is_name(name) && namespace.is_none_or(is_name);
        is_valid.then_some(Self { kind: glob(kind)?, namespace: glob(namespace.unwrap_or_default())?, name: glob(name)? })
    }

    fn matches(&self, subject: &Subject) -> bool {
        let Subject { kind, namespace, name } = subject;
        self.kind.is_match(kind.as_str()) && self.namespace.is_match(namespace.as_str()) && self.name.is_match(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_a_kind_and_a_name() {
        for text in ["DestinationRule shop/legacy", "Namespace shop", "* shop/*", " Pod  a/b "] {
            assert!(Pattern::of(text).is_some(), "{text}");
        }
        let is = |pattern: &str, namespace: &str, name: &str| {
            Pattern::of(pattern).unwrap().matches(&Subject {
                kind: crate::object::Kind::Pod.into(),
                namespace: namespace.into(),
                name: name.into(),
            })
        };
        assert!(is("Pod shop/web", "shop", "web") && is("* shop/*", "shop", "web") && is("Pod */w*", "shop", "web"));
        assert!(is("Pod web", "", "web") && !is("Pod web", "shop", "web") && !is("Pod shop/we", "shop", "web"));
        for text in ["", "DestinationRule", "DestinationRule ", "DestinationRule /a", "DestinationRule a/", "a b/c/d", "a b c", "a b/[c"] {
            assert!(Pattern::of(text).is_none(), "{text}");
        }
    }
}
