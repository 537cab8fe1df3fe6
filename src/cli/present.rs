//! From answers to the document of the contract.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    document::words::{enforced, policy_mode},
    kubectl,
};
use crate::{
    checks::{self, ALL, Finding, Rule},
    mesh::{Mesh, Outcome, PortMode, Subject},
    object::{FieldPath, Gap, Id, Origin, Patch, Text},
    queries::{
        audit::{NamespaceRow, WorkloadRow},
        matrix::{self, Ports, Row},
    },
    report::document::{self as doc, Header, words::Dataplane},
    source,
};

/// The start of every document.
pub(super) fn header(command: &'static str, mesh: &Mesh<'_>, gaps: &[Gap], findings: &[Finding], suppressed: usize) -> Header {
    Header {
        schema: 1,
        command,
        version: env!("CARGO_PKG_VERSION"),
        source: read(mesh),
        mesh: whole(mesh),
        complete: gaps.is_empty(),
        gaps: gaps.iter().map(gap).collect(),
        assumptions: assumptions(mesh),
        findings: self::findings(findings),
        suppressed,
        known: 0,
        not_run: not_run(mesh, gaps, ALL.iter().map(|check| check.rule)),
        rules: Vec::new(),
    }
}

/// The ids of the rules that could not be applied.
pub(super) fn not_run<'r>(mesh: &Mesh<'_>, gaps: &[Gap], rules: impl IntoIterator<Item = &'r Rule>) -> Vec<String> {
    checks::not_run(mesh, gaps, rules).into_iter().map(|rule| rule.id.to_owned()).collect()
}

fn read(mesh: &Mesh<'_>) -> doc::Source {
    let snapshot = mesh.snapshot();
    let tally = &snapshot.tally;
    let cluster = snapshot.cluster.as_ref();
    doc::Source {
        context: cluster.and_then(|cluster| cluster.context.clone()),
        server: cluster.map(|cluster| cluster.server.clone()),
        kubernetes: cluster.map(|cluster| cluster.version.clone()),
        files: snapshot.files.clone(),
        read: doc::Read {
            files: tally.files,
            documents: tally.documents,
            empty: tally.empty,
            excluded: tally.excluded,
            unused: tally.unused.clone(),
        },
        config: snapshot.configuration.as_ref().and_then(|configuration| match &configuration.origin {
            Origin::File(place) => Some(place.path.to_string()),
            Origin::Cluster => None,
        }),
    }
}

fn whole(mesh: &Mesh<'_>) -> doc::Mesh {
    let planes = mesh.control_planes();
    let settings = planes.primary();
    let mode = mesh.mesh_mode();
    let plane = |plane: &crate::mesh::ControlPlane| doc::ControlPlane {
        namespace: plane.namespace.to_string(),
        revision: plane.revision.to_string(),
        version: plane.version.as_ref().map(ToString::to_string),
        ready: plane.ready,
        desired: plane.desired,
        root_namespace: planes.of_revision(&plane.revision).root_namespace.to_string(),
    };
    doc::Mesh {
        root_namespace: settings.root_namespace.to_string(),
        auto_mtls: settings.auto_mtls,
        trust_domain: settings.trust_domain.to_string(),
        cluster_domain: planes.cluster_domain().name().to_string(),
        mode: policy_mode(mode.mode, mode.is_certain),
        decided_by: decided_by(mode.decided_by),
        control_planes: planes.all().iter().map(plane).collect(),
    }
}

fn gap(gap: &Gap) -> doc::Gap {
    doc::Gap { wanted: gap.wanted.clone(), because: gap.because.clone(), hint: gap.hint.clone() }
}

/// What nobody said and the answer rests on.
pub(super) fn assumptions(mesh: &Mesh<'_>) -> Vec<String> {
    let assumed = mesh.workloads().iter().filter(|w| w.instances.iter().any(|i| i.is_assumed));
    let namespaces: BTreeSet<&str> = assumed.map(|w| w.subject.namespace.as_str()).collect();
    let say = |name: &str| {
        format!("namespace {name} has no Namespace that was read, so nobody knows which proxy its pods get; read as one without labels")
    };
    let found: Vec<String> = namespaces.into_iter().map(say).collect();
    let is_blind = mesh.snapshot().cluster.is_some() && mesh.control_planes().all().is_empty();
    let no_istiod = || "no istiod was found in this cluster, so Istio's defaults were taken for its settings".to_owned();
    is_blind.then(no_istiod).into_iter().chain(found).collect()
}

/// Findings with their places in files.
pub(super) fn findings(findings: &[Finding]) -> Vec<doc::Finding> {
    let places = source::locate(findings.iter().map(|finding| (&finding.origin, &finding.at)));
    let present = |(finding, place): (&Finding, Option<source::Place>)| doc::Finding {
        rule: finding.rule.id,
        name: finding.rule.name,
        severity: finding.severity.into(),
        aka: finding.aka.to_vec(),
        subject: subject(&finding.subject),
        field: finding.at.to_string(),
        message: finding.message.clone(),
        fix: finding.fix.clone().unwrap_or_else(|| finding.rule.fix.to_owned()),
        location: place.map(location),
        related: finding.related.iter().map(subject).collect(),
        fingerprint: fingerprint(finding),
        patch: finding.patch.as_ref().map(patch),
    };
    findings.iter().zip(places).map(present).collect()
}

/// The operations of a change, and the command that makes it.
fn patch(patch: &Patch) -> doc::Patch {
    doc::Patch { operations: kubectl::operations(&patch.edit), command: kubectl::patch(patch) }
}

fn location(place: source::Place) -> doc::Location {
    doc::Location { file: place.file, line: place.line, column: place.column, width: place.width, text: place.text }
}

/// Something that was looked at, before it has a place.
pub(super) struct Step<'a> {
    /// The object.
    pub(super) object: Option<&'a Id>,
    /// Its field.
    pub(super) field: Option<&'a FieldPath>,
    /// What it says.
    pub(super) says: &'a str,
    /// What became of it.
    pub(super) outcome: Outcome,
}

/// Steps with their places in files: that of the field, else that of the object's name.
pub(super) fn steps(mesh: &Mesh<'_>, steps: &[Step<'_>]) -> Vec<doc::Step> {
    let name = FieldPath::of("metadata.name");
    let origin = |step: &Step<'_>| step.object.and_then(|id| mesh.snapshot().origin(id)).unwrap_or(&Origin::Cluster);
    let places = source::locate(steps.iter().map(|step| (origin(step), step.field.unwrap_or(&name))));
    let step = |(step, place): (&Step<'_>, Option<source::Place>)| doc::Step {
        object: step.object.map(ToString::to_string),
        field: step.field.map(ToString::to_string),
        says: step.says.to_owned(),
        outcome: step.outcome.into(),
        location: place.map(location),
    };
    steps.iter().zip(places).map(step).collect()
}

pub(super) fn subject(subject: &Subject) -> doc::Subject {
    doc::Subject {
        kind: subject.kind.to_string(),
        namespace: (!subject.namespace.is_empty()).then(|| subject.namespace.to_string()),
        name: subject.name.to_string(),
    }
}

/// The same for the same rule on the same field of the same object: FNV-1a of the three, in hexadecimal.
pub(super) fn fingerprint(finding: &Finding) -> String {
    let text = format!("{}\n{}\n{}", finding.rule.id, finding.subject, finding.at);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

/// A rule, word for word.
pub(super) fn rule(rule: &Rule) -> doc::RulePage {
    doc::RulePage {
        id: rule.id,
        name: rule.name,
        severity: rule.severity.into(),
        summary: rule.summary,
        why: rule.why,
        fix: rule.fix,
        verify: rule.verify(),
        bad: rule.bad,
        good: rule.good,
        inputs: rule.inputs.iter().map(|kind| kind.name()).collect(),
        aka: rule.aka.to_vec(),
        see: rule.see.to_vec(),
        page: rule.page(),
    }
}

pub(super) fn decided_by(id: Option<&Id>) -> Option<String> {
    id.map(Id::path)
}

/// The namespaces' rows; the findings of each are those on its objects and on itself.
pub(super) fn namespaces(rows: &[NamespaceRow<'_>], findings: &[doc::Finding]) -> Vec<doc::Namespace> {
    let mut by_namespace: BTreeMap<&str, Vec<&doc::Finding>> = BTreeMap::new();
    for finding in findings {
        let subject = &finding.subject;
        let own = subject.namespace.as_deref().or_else(|| (subject.kind == "Namespace").then_some(subject.name.as_str()));
        if let Some(name) = own {
            by_namespace.entry(name).or_default().push(finding);
        }
    }
    rows.iter().map(|row| namespace(row, by_namespace.get(row.name.as_str()).map_or(&[], Vec::as_slice))).collect()
}

fn namespace(row: &NamespaceRow<'_>, findings: &[&doc::Finding]) -> doc::Namespace {
    doc::Namespace {
        name: row.name.to_string(),
        dataplane: row.dataplane.map_or(Dataplane::Mixed, Dataplane::from),
        mode: policy_mode(row.mode, row.is_certain),
        decided_by: decided_by(row.decided_by),
        workloads: doc::Counts {
            total: row.counts.total,
            strict: row.counts.strict,
            permissive: row.counts.permissive,
            disable: row.counts.disable,
            none: row.counts.none,
            unknown: row.counts.unknown,
            with_exceptions: row.counts.with_exceptions,
        },
        findings: doc::Severities::of(findings.iter().copied()),
    }
}

/// Clients that reach the same.
pub(super) fn clients(row: &Row) -> doc::Clients {
    let servers = |(namespace, ports): (&Text, &Ports)| doc::Servers {
        namespace: namespace.to_string(),
        mtls: ports.of(matrix::Outcome::Mtls),
        tls: ports.of(matrix::Outcome::Tls),
        plaintext: ports.of(matrix::Outcome::Plaintext),
        mixed: ports.of(matrix::Outcome::Mixed),
        fail: ports.of(matrix::Outcome::Fail),
        unknown: ports.of(matrix::Outcome::Unknown),
        no_endpoints: ports.of(matrix::Outcome::NoEndpoints),
    };
    doc::Clients {
        dataplane: row.kind.into(),
        namespaces: row.namespaces.iter().map(ToString::to_string).collect(),
        servers: row.servers.iter().map(servers).collect(),
    }
}

/// A workload's row, with every declared port or only those that differ.
pub(super) fn workload(row: &WorkloadRow<'_>, every_port: bool) -> doc::Workload {
    let subject = &row.workload.subject;
    let ports = if every_port {
        row.ports.iter().map(|(n, mode)| port(*n, mode)).collect()
    } else {
        row.exceptions().map(|(n, mode)| port(n, mode)).collect()
    };
    let variants =
        row.variants.iter().map(|v| doc::Variant { pods: v.pods, dataplane: v.dataplane.into(), mode: enforced(v.mode, v.is_certain) });
    doc::Workload {
        namespace: subject.namespace.to_string(),
        kind: subject.kind.to_string(),
        name: subject.name.to_string(),
        pods: row.pods,
        dataplane: row.dataplane.into(),
        mode: enforced(row.mode.mode, row.mode.is_certain),
        policy_mode: policy_mode(row.mode.policy_mode, row.mode.is_certain),
        decided_by: decided_by(row.mode.decided_by),
        ports,
        variants: if row.variants.len() > 1 { variants.collect() } else { Vec::new() },
        assumed: row.is_assumed,
    }
}

fn port(number: u16, mode: &PortMode<'_>) -> doc::Port {
    doc::Port {
        port: number,
        mode: enforced(mode.mode, mode.is_certain),
        policy_mode: policy_mode(mode.policy_mode, mode.is_certain),
        decided_by: decided_by(mode.decided_by),
        trail: None,
    }
}
