//! Reports of the Kubernetes policy working group (`wgpolicyk8s.io/v1alpha2`), for clusters that collect them: one for each
//! namespace with findings, and always one for the cluster, which contains the gaps.
//!
//! They contain no timestamps, so that the same findings give the same bytes.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Map, Value, json};

use super::yaml;
use crate::report::{
    document::{Document, Finding, Gap, Header, Subject, words::Severity},
    human::summary::{adjustment, adjustments, other_adjustments},
};

/// Maximum number of results in a report, so that none exceeds the size limit of objects in a cluster.
const MAX_RESULTS: usize = 1_000;

pub(crate) fn write(document: &Document, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    let mut by_namespace: BTreeMap<Option<&str>, Vec<Value>> = BTreeMap::from([(None, unknown_results(header))]);
    for finding in &header.findings {
        by_namespace.entry(finding.subject.namespace.as_deref()).or_default().push(result(finding));
    }
    let mut separator = "";
    for (namespace, results) in by_namespace {
        // A report without results shows that there are none.
        let mut parts: Vec<&[Value]> = results.chunks(MAX_RESULTS).collect();
        if parts.is_empty() {
            parts.push(&[]);
        }
        for (at, results) in parts.into_iter().enumerate() {
            sink.write_all(separator.as_bytes())?;
            yaml::block(&report(header, namespace, at, results), 0, sink)?;
            separator = "---\n";
        }
    }
    Ok(())
}

fn report(header: &Header, namespace: Option<&str>, at: usize, results: &[Value]) -> Value {
    let name = format!("kubectl-mtls-{}", header.command);
    let name = if at == 0 { name } else { format!("{name}-{}", at + 1) };
    let mut metadata = json!({ "name": name, "labels": { "app.kubernetes.io/managed-by": "kubectl-mtls" } });
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    } else {
        metadata["annotations"] = json!({
            "mtls.kubectl.dev/complete": header.complete.to_string(),
            "mtls.kubectl.dev/suppressed": header.suppressed.to_string(),
            "mtls.kubectl.dev/known": header.known.to_string(),
        });
        let more = [
            ("adjustments", adjustments(header)),
            ("config", header.source.config.clone()),
            ("overridden-config", header.source.overridden_config.clone()),
        ];
        for (key, value) in more.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            metadata["annotations"][format!("mtls.kubectl.dev/{key}")] = value.into();
        }
    }
    let count = |word: &str| results.iter().filter(|result| result["result"] == word).count();
    json!({
        "apiVersion": "wgpolicyk8s.io/v1alpha2",
        "kind": if namespace.is_some() { "PolicyReport" } else { "ClusterPolicyReport" },
        "metadata": metadata,
        "summary": { "pass": 0, "fail": count("fail"), "warn": count("warn"), "error": count("error"), "skip": count("skip") },
        "results": results,
    })
}

/// Results for what is unknown or left out: gaps are errors, and rules that could not be applied or are suppressed are skipped; neither
/// passes.
fn unknown_results(header: &Header) -> Vec<Value> {
    let gap = |gap: &Gap| {
        json!({
            "policy": "gap",
            "source": "kubectl-mtls",
            "category": "mTLS",
            "result": "error",
            "message": format!("not read: {}: {} ({})", gap.resource, gap.reason, gap.hint),
        })
    };
    let skipped = |policy: &str, message: &str| json!({ "policy": policy, "source": "kubectl-mtls", "category": "mTLS", "result": "skip", "message": message });
    let not_run = header.not_run.iter().map(|rule| skipped(rule, &header.why_not_run(rule)));
    let adjusted = header.adjustments.iter().map(|one| skipped(one.rule, &adjustment(one)));
    let others = other_adjustments(header).into_iter().map(|text| skipped("configuration", &text));
    header.gaps.iter().map(gap).chain(not_run).chain(adjusted).chain(others).collect()
}

fn result(finding: &Finding) -> Value {
    let (result, severity) = match finding.severity {
        Severity::Error => ("fail", "high"),
        Severity::Warning => ("warn", "medium"),
        // The report format has no `info` result.
        Severity::Info => ("warn", "low"),
    };
    json!({
        "policy": finding.rule,
        "rule": finding.name,
        "source": "kubectl-mtls",
        "category": "mTLS",
        "result": result,
        "severity": severity,
        "message": finding.message_in_mesh(),
        "resources": [resource(&finding.subject)],
        "properties": properties(finding),
    })
}

fn resource(subject: &Subject) -> Value {
    let mut resource = json!({ "kind": subject.kind, "name": subject.name });
    if let Some(namespace) = &subject.namespace {
        resource["namespace"] = namespace.as_str().into();
    }
    if let Some(version) = &subject.api_version {
        resource["apiVersion"] = version.as_str().into();
    }
    resource
}

/// The other fields as text, the only type that properties allow.
fn properties(finding: &Finding) -> Map<String, Value> {
    let place = finding.location.as_ref().map(|at| format!("{}:{}:{}", at.repository_path(), at.line, at.column));
    let related: Vec<String> = finding.related.iter().map(Subject::title).collect();
    let all = [
        ("field", finding.field.clone()),
        ("fix", finding.fix.clone()),
        ("fingerprint", finding.fingerprint.clone()),
        ("aka", finding.aka.join(", ")),
        ("related", related.join(", ")),
        ("location", place.unwrap_or_default()),
    ];
    all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(key, value)| (key.to_owned(), value.into())).collect()
}
