//! A report with something of everything that a format has to cope with.

use kubectl_mtls::{
    checks::{ALL, Rule},
    report::{
        Document,
        document::{
            Body, Finding, Gap, Gate, Header, Location, Mesh, NotApplied, Source, Subject,
            analysis::Analysis,
            rules::RulePage,
            words::{Mode, Severity},
        },
    },
};

/// Names that terminals, tables, XML, Markdown and workflow commands would take for something else.
const HOSTILE: [&str; 5] =
    ["web", "a\u{1b}[31mb\u{7}", "<x & \"y\"> ]]> --", "| # *c* `d` [e](f)\r\n::error::g", "%0A\u{202e}\u{0}\u{ffff}: - é"];

/// So many findings, in turn of each severity and with each name, with a gap and a rule that did not run.
pub(crate) fn document(findings: usize) -> Document {
    let rules: Vec<&'static Rule> = ALL.iter().map(|check| check.rule).collect();
    let findings = (0..findings).map(|n| finding(rules[n % rules.len()], n)).collect();
    let header = Header {
        schema: 1,
        command: "analyze",
        version: "0.0.0",
        source: Source::default(),
        mesh: Some(Mesh {
            root_namespace: Some("istio-system".into()),
            auto_mtls: Some(true),
            trust_domain: Some("cluster.local".into()),
            cluster_domain: "cluster.local".into(),
            mode: Mode::Permissive,
            decided_by: None,
            control_planes: Vec::new(),
        }),
        meshes: Vec::new(),
        mesh_name: None,
        complete: false,
        gaps: vec![Gap { resource: HOSTILE[1].into(), reason: HOSTILE[2].into(), hint: HOSTILE[3].into() }],
        assumptions: Vec::new(),
        adjustments: Vec::new(),
        findings,
        suppressed: 3,
        known: 4,
        not_run: vec![rules[0].id.into()],
        not_applied: vec![NotApplied { rule: rules[0].id, namespaces: vec![HOSTILE[1].into()], reason: HOSTILE[2].into() }],
        gate: Gate { fail_on: Some(Severity::Warning), gaps: true, breaks: false, weakens: false },
        files_url: Some("https://example.com/blob/main/".into()),
        rules: rules.iter().copied().map(RulePage::from).collect(),
    };
    Document::new(header, Body::Analysis(Analysis { rules: rules.len(), workloads: 0 }))
}

fn finding(rule: &'static Rule, n: usize) -> Finding {
    let name = HOSTILE[n % HOSTILE.len()];
    let subject = |kind: &str| Subject {
        kind: kind.into(),
        api_version: Some("v1".into()),
        namespace: (!n.is_multiple_of(7)).then(|| format!("ns-{}", n % 50)),
        name: format!("{name}-{n}"),
    };
    let file = format!("mesh/{name}.yaml");
    let location = Location { in_repository: Some(file.clone()), file, line: 7, column: 3, width: 4, text: format!("  {name}: STRICT") };
    let severity = [Severity::Error, Severity::Warning, Severity::Info][n % 3];
    Finding {
        rule: rule.id,
        name: rule.name,
        severity,
        own_severity: severity,
        aka: rule.aka.to_vec(),
        subject: subject("DestinationRule"),
        field: format!("spec.host.{name}"),
        message: format!("DestinationRule {name}-{n} sends plaintext to {name}"),
        fix: rule.fix.into(),
        location: n.is_multiple_of(2).then_some(location),
        related: vec![subject("Deployment")],
        fingerprint: format!("{n:016x}"),
        affected: Vec::new(),
        patch: None,
        mesh_name: None,
    }
}
