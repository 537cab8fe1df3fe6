//! SARIF 2.1.0, for code scanning: every rule of the run, and every finding at its line, or at its object for a cluster.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{json, uri};
use crate::report::{
    document::{AdjustedBy, Adjustment, Document, Finding, Header, Location, Subject, meshes, rules::RulePage, words::Severity},
    human::summary::{adjustment, configuration, other_adjustments},
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The base of paths in the repository, under the name that code scanning tools use for it.
const ROOT: &str = "%SRCROOT%";

/// Code scanning of GitHub rejects a run with more results.
const MAX_RESULTS: usize = 25_000;

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    let gaps = header.gaps.iter().map(
        |gap| json!({ "level": "error", "message": { "text": format!("not read: {}: {} ({})", gap.resource, gap.reason, gap.hint) } }),
    );
    let findings = meshes::each_once(header);
    let results = findings.iter().take(MAX_RESULTS).map(|finding| result(finding, &header.rules));
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "kubectl-mtls",
                "version": header.version,
                "semanticVersion": header.version,
                "informationUri": env!("CARGO_PKG_HOMEPAGE"),
                "rules": header.rules.iter().map(|page| rule(page, header)).collect::<Vec<_>>(),
            }},
            "invocations": [{
                "executionSuccessful": header.complete,
                "toolExecutionNotifications": gaps.chain(cut_off(findings.len())).collect::<Vec<_>>(),
                "toolConfigurationNotifications": configuration_notes(header),
                "ruleConfigurationOverrides": header.adjustments.iter().filter_map(|one| overridden(one, &header.rules)).collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { ROOT: { "description": { "text": "The root of the repository, or the folder in which the command ran if there is none." } } },
            "results": results.collect::<Vec<_>>(),
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

/// A note about the findings that are left out because code scanning would reject all of them.
fn cut_off(findings: usize) -> Option<Value> {
    let rest = findings.checked_sub(MAX_RESULTS).filter(|rest| *rest > 0)?;
    let text = format!(
        "{rest} of {findings} findings, the least severe ones, are left out: code scanning accepts {MAX_RESULTS} results; other formats have all"
    );
    Some(json!({ "level": "error", "message": { "text": text } }))
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

/// The score of a severity, which code scanning shows as high, medium or low.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "8.0",
        Severity::Warning => "5.0",
        Severity::Info => "2.0",
    }
}

/// The severity of a rule in this run. Code scanning shows that of the rule, not that of a result, so it is the worst of its findings.
fn severity(rule: &RulePage, header: &Header) -> Severity {
    let of_rule = header.findings.iter().filter(|finding| finding.rule == rule.id);
    of_rule.map(|finding| finding.severity).min().unwrap_or(rule.severity)
}

fn rule(rule: &RulePage, header: &Header) -> Value {
    let tags = [["security", "mtls"].as_slice(), &rule.aka].concat();
    json!({
        "id": rule.id,
        "name": pascal(rule.name),
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.why },
        "helpUri": uri::of_rule(rule.id),
        "help": { "text": rule.fix, "markdown": rule.page },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": tags, "security-severity": score(severity(rule, header)) },
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
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.iter().position(|rule| rule.id == finding.rule),
        "level": level(finding.severity),
        "message": { "text": format!("{}. {}", finding.message_in_mesh().trim_end_matches('.'), finding.fix) },
        "locations": [{
            "physicalLocation": physical(finding, &object),
            "logicalLocations": [{ "fullyQualifiedName": format!("{object}/{}", finding.field), "name": subject.name, "kind": "resource" }],
        }],
        "partialFingerprints": fingerprints(finding),
        "properties": { "field": finding.field, "related": finding.related.iter().map(Subject::title).collect::<Vec<_>>() },
    });
    if let Some(mesh) = &finding.mesh_name {
        result["properties"]["meshName"] = mesh.as_str().into();
    }
    result
}

/// For a file the action that uploads adds the hash of the line, the only fingerprint that code scanning uses, and warns about any other.
fn fingerprints(finding: &Finding) -> Value {
    let own = &finding.fingerprint;
    match &finding.location {
        Some(_) => json!({ "kubectlMtls/v1": own }),
        None => json!({ "kubectlMtls/v1": own, "primaryLocationLineHash": format!("{own}:1") }),
    }
}

/// The location in a file; for an object of a cluster, an artificial path that is stable between runs.
fn physical(finding: &Finding, object: &str) -> Value {
    let region = |line: u32, column: u32, width: u32| json!({ "startLine": line, "startColumn": column, "endLine": line, "endColumn": column.saturating_add(width) });
    match &finding.location {
        Some(at) => json!({ "artifactLocation": artifact(at), "region": region(at.line, at.column, at.width) }),
        None => json!({
            "artifactLocation": { "uri": uri::relative(&format!("cluster/{object}.yaml")) },
            "region": region(1, 1, 1),
        }),
    }
}

fn artifact(at: &Location) -> Value {
    match &at.in_repository {
        Some(path) => json!({ "uri": uri::relative(path), "uriBaseId": ROOT }),
        None => json!({ "uri": uri::of_path(&at.file) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_pascal_case() {
        assert_eq!(pascal("client-plaintext-to-strict"), "ClientPlaintextToStrict");
    }
}
