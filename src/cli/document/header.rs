//! The header of every document: what was read, the mesh, gaps and findings.

use super::{super::skipped, finding::findings, words::policy_mode};
use crate::{
    checks::{self, Adjustment, Adjustments, Finding, NotApplied, Rule},
    mesh::{self, Mesh},
    object::{Built, Gap, Id, NotEntered, Origin},
    queries::{
        Scope,
        assumptions::{Assumption, assumptions},
    },
    report::document::{self as doc, Header},
};

/// The header of a document; `rules` are those that the command applied.
pub(crate) fn header(
    command: &'static str,
    mesh: &Mesh<'_>,
    gaps: &[Gap],
    scope: &Scope,
    of_command: &[Finding],
    adjustments: &Adjustments,
    rules: impl IntoIterator<Item = &'static Rule>,
) -> Header {
    let not_applied = checks::not_applied(mesh, gaps, scope, rules);
    let has_run = |id: &str| of_command.iter().any(|finding| finding.rule.id == id) || adjustments.iter().any(|(rule, ..)| rule == id);
    let mut not_run: Vec<String> = not_applied.iter().map(|one| one.rule.id.to_owned()).filter(|id| !has_run(id)).collect();
    not_run.dedup();
    Header {
        schema: 1,
        command,
        version: env!("CARGO_PKG_VERSION"),
        source: source(mesh),
        mesh: Some(mesh_summary(mesh)),
        meshes: Vec::new(),
        mesh_name: None,
        complete: gaps.is_empty(),
        gaps: gaps.iter().map(gap).collect(),
        assumptions: assumed(&assumptions(mesh)),
        findings: findings(of_command),
        suppressed: adjustments.suppressed(),
        known: adjustments.known(),
        adjustments: adjustments.iter().map(adjustment).collect(),
        not_run,
        not_applied: not_applied.iter().map(not_applied_to).collect(),
        gate: doc::Gate::default(),
        files_url: None,
        rules: Vec::new(),
    }
}

pub(crate) fn assumed(assumptions: &[Assumption]) -> Vec<doc::Assumption> {
    let of = |one: &Assumption| doc::Assumption {
        setting: one.setting(),
        value: one.value(),
        reason: one.to_string(),
        is_usual: one.is_usual(),
    };
    assumptions.iter().map(of).collect()
}

fn adjustment((rule, adjustment, count): (&'static str, Adjustment, usize)) -> doc::Adjustment {
    let (by, lowered) = match adjustment {
        Adjustment::Annotation => (doc::AdjustedBy::Annotation, None),
        Adjustment::Ignored => (doc::AdjustedBy::Ignore, None),
        Adjustment::Off => (doc::AdjustedBy::Off, None),
        Adjustment::Known => (doc::AdjustedBy::Baseline, None),
        Adjustment::Lowered { from, to } => (doc::AdjustedBy::Severity, Some((from, to))),
    };
    doc::Adjustment { rule, count, by, from: lowered.map(|(from, _)| from.into()), to: lowered.map(|(_, to)| to.into()) }
}

fn not_applied_to(one: &NotApplied) -> doc::NotApplied {
    let namespaces = one.namespaces.iter().map(ToString::to_string).collect();
    doc::NotApplied { rule: one.rule.id, namespaces, reason: one.reason.clone() }
}

fn source(mesh: &Mesh<'_>) -> doc::Source {
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
            excluded_by: skipped::excluded_by(snapshot),
            exclude: tally.exclude.clone(),
            unused: tally.unused.clone(),
            not_objects: tally.not_objects,
            not_entered: tally.not_entered.iter().map(not_entered).collect(),
            built: tally.built.iter().map(built).collect(),
        },
        config: snapshot.configuration.as_ref().and_then(|configuration| match &configuration.origin {
            Origin::File(place) => Some(place.path.to_string()),
            Origin::Cluster => None,
        }),
        fail_on: snapshot.configuration.as_ref().and_then(|configuration| configuration.settings.fail_on.clone()),
        overridden_config: snapshot.configuration.as_ref().and_then(|configuration| configuration.overrides.clone()),
    }
}

fn not_entered(one: &NotEntered) -> doc::NotEntered {
    doc::NotEntered { path: one.path.clone(), reason: one.reason.into() }
}

fn built(root: &Built) -> doc::Built {
    doc::Built { path: root.path.clone(), kind: root.kind.into(), builder: root.builder }
}

fn mesh_summary(mesh: &Mesh<'_>) -> doc::Mesh {
    let planes = mesh.control_planes();
    let settings = planes.primary();
    let mode = mesh.mesh_mode();
    let is_read = mesh.indices().coverage().has_mesh_config();
    let plane = |plane: &mesh::ControlPlane| doc::ControlPlane {
        namespace: plane.namespace.to_string(),
        revision: plane.revision.to_string(),
        version: plane.version.as_ref().map(ToString::to_string),
        ready: plane.ready,
        desired: plane.desired,
        root_namespace: planes.of_revision(&plane.revision).root_namespace.to_string(),
    };
    doc::Mesh {
        root_namespace: is_read.then(|| settings.root_namespace.to_string()),
        auto_mtls: is_read.then_some(settings.auto_mtls),
        trust_domain: is_read.then(|| settings.trust_domain.to_string()),
        cluster_domain: planes.cluster_domain().name().to_string(),
        mode: policy_mode(mode.mode, mode.is_certain),
        decided_by: decided_by(mode.known_policy()),
        control_planes: planes.all().iter().map(plane).collect(),
    }
}

fn gap(gap: &Gap) -> doc::Gap {
    doc::Gap { resource: gap.resource.clone(), reason: gap.reason.clone(), hint: gap.hint.clone() }
}

pub(crate) fn decided_by(id: Option<&Id>) -> Option<String> {
    id.map(Id::path)
}
