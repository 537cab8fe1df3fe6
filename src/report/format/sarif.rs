//! SARIF 2.1.0, for code scanning: every rule of the run, and every finding at its line, or at its object for a cluster.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json;
use crate::report::{
    document::{AdjustedBy, Adjustment, Document, Finding, Header, Subject, rules::RulePage, words::Severity},
    human::summary::{adjustment, configuration, other_adjustments},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    let gaps = header.gaps.iter().map(
        |gap| json!({ "level": "error", "message": { "text": format!("not read: {}: {} ({})", gap.resource, gap.reason, gap.hint) } }),
    );
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kubectl-mtls",
                "version": header.version,
                "rules": header.rules.iter().map(rule).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": header.complete,
                "toolExecutionNotifications": gaps.collect::<Vec<_>>(),
                "toolConfigurationNotifications": configuration_notes(header),
                "ruleConfigurationOverrides": header.adjustments.iter().filter_map(|one| overridden(one, &header.rules)).collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": header.findings.iter().map(|finding| result(finding, &header.rules)).collect::<Vec<_>>(),
            "properties": {
                "suppressed": header.suppressed,
                "known": header.known,
                "adjustments": header.adjustments,
                "excludedFiles": header.source.read.excluded,
                "failOn": header.source.fail_on,
                "config": header.source.config,
                "overriddenConfig": header.source.overridden_config,
                "notRun": header.not_run,
                "notApplied": header.not_applied,
            },
        }],
    });
    json::value(&log, sink)
}

/// What annotations, the configuration and a baseline leave out or lower. These are notes and not results with `suppressions`, because
/// code scanning of GitHub ignores suppressions and would open an alert for each.
fn configuration_notes(header: &Header) -> Vec<Value> {
    let of_rules = header.adjustments.iter().map(|one| {
        let text = format!("{}: {}", one.rule, adjustment(one));
        let note = json!({ "level": "note", "message": { "text": text }, "properties": one });
        with_rule(note, "associatedRule", one.rule, &header.rules)
    });
    let note = |text: String| json!({ "level": "note", "message": { "text": text } });
    let others = other_adjustments(header).into_iter().map(note);
    of_rules.chain(others).chain(configuration(header).map(|path| note(format!("configuration: {path}")))).collect()
}

/// The severity that the configuration sets instead of the rule's, or that it switches the rule off.
fn overridden(one: &Adjustment, rules: &[RulePage]) -> Option<Value> {
    let configuration = match (one.by, one.to) {
        (AdjustedBy::Off, _) => json!({ "enabled": false }),
        (AdjustedBy::Severity, Some(to)) => json!({ "level": level(to) }),
        _ => return None,
    };
    Some(with_rule(json!({ "configuration": configuration }), "descriptor", one.rule, rules))
}

/// Adds a reference to a rule. One that is not in the list of the run is named by its id alone.
fn with_rule(mut value: Value, key: &str, id: &str, rules: &[RulePage]) -> Value {
    value[key] = match rules.iter().position(|rule| rule.id == id) {
        Some(index) => json!({ "id": id, "index": index }),
        None => json!({ "id": id }),
    };
    value
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(rule: &RulePage) -> Value {
    let tags = [["security", "mtls"].as_slice(), &rule.aka].concat();
    json!({
        "id": rule.id,
        "name": pascal(rule.name),
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.why },
        "help": { "text": rule.fix, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": tags },
    })
}

/// A rule name in Pascal case, as SARIF recommends: `ClientPlaintextToStrict` for `client-plaintext-to-strict`.
fn pascal(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(word).collect()
}

fn result(finding: &Finding, rules: &[RulePage]) -> Value {
    let subject = &finding.subject;
    let namespace = subject.namespace.as_deref().unwrap_or("-");
    let object = format!("{namespace}/{}/{}", subject.kind, subject.name);
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| rule.id == finding.rule),
        "level": level(finding.severity),
        "message": { "text": format!("{}. {}", finding.message.trim_end_matches('.'), finding.fix) },
        "locations": [{
            "physicalLocation": physical(finding, &object),
            "logicalLocations": [{ "fullyQualifiedName": format!("{object}/{}", finding.field), "name": subject.name, "kind": "resource" }],
        }],
        "partialFingerprints": { "kubectlMtls/v1": finding.fingerprint },
        "properties": { "field": finding.field, "related": finding.related.iter().map(Subject::title).collect::<Vec<_>>() },
    })
}

/// The location in a file; for an object of a cluster, an artificial path that is stable between runs.
fn physical(finding: &Finding, object: &str) -> Value {
    match &finding.location {
        Some(at) => json!({
            "artifactLocation": { "uri": uri(&at.file) },
            "region": { "startLine": at.line, "startColumn": at.column, "endColumn": at.column.saturating_add(at.width) },
        }),
        None => json!({ "artifactLocation": { "uri": uri(&format!("cluster/{object}.yaml")) }, "region": { "startLine": 1 } }),
    }
}

/// A path as a relative URI reference; reserved characters are percent-encoded.
fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = path.strip_prefix("./").unwrap_or(path);
    path.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_relative_reference() {
        assert_eq!(uri("./mesh/my file#1.yaml"), "mesh/my%20file%231.yaml");
        assert_eq!(uri("a:b%.yaml"), "a%3Ab%25.yaml");
    }

    #[test]
    fn names_are_in_pascal_case() {
        assert_eq!(pascal("client-plaintext-to-strict"), "ClientPlaintextToStrict");
    }
}
