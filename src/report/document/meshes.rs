//! Joins the documents of several meshes into one.

use std::collections::BTreeMap;

use super::{
    Adjustment, Body, Document, Finding, Header, NamedMesh, Paths,
    analysis::Analysis,
    audit::{Audit, ClientGroup, Namespace, Workload},
    plan::{Plan, PlanStep, Rejected},
    policies::{Policies, Policy},
    sidecars::{NamespaceEnrolment, ServiceProxies, Sidecars, WorkloadProxy},
};
use crate::object::list_names;

/// The document of one mesh, and what it is called.
#[derive(Clone, Debug)]
pub struct MeshDocument {
    /// The mesh's name; `None` if there is no other.
    pub name: Option<String>,
    pub paths: Vec<String>,
    pub document: Document,
}

/// The only document, or one that contains all: lists with the mesh of every row. `None` without any.
#[must_use]
pub fn joined(meshes: &[MeshDocument]) -> Option<Document> {
    let parts: Vec<Document> = meshes.iter().map(named).collect();
    let mut documents = meshes.iter().zip(&parts).map(|(mesh, part)| (mesh, part.clone()));
    let (first, mut whole) = documents.next()?;
    if parts.len() == 1 {
        return Some(whole);
    }
    whole.header.meshes.extend(entry(first, &whole.header));
    for (mesh, part) in documents {
        whole.header.meshes.extend(entry(mesh, &part.header));
        join_header(&mut whole.header, part.header);
        join_body(&mut whole.body, part.body);
    }
    whole.header.findings.sort_by_key(|finding| finding.severity);
    let header = Header { mesh: None, mesh_name: None, complete: whole.header.gaps.is_empty(), ..whole.header };
    Some(Document { header, body: whole.body, parts })
}

/// The findings, each once with the meshes that have it: for formats that show all meshes together.
#[must_use]
pub fn each_once(header: &Header) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    let mut meshes: Vec<Vec<&str>> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &header.findings {
        let Some(mesh) = &finding.mesh_name else { return header.findings.clone() };
        let place = finding.location.as_ref().map(|at| (&at.file, at.line, at.column));
        let key = format!("{} {} {} {:?} {}", finding.rule, finding.subject.title(), finding.field, place, finding.message);
        let at = *known.entry(key).or_insert(all.len());
        if at == all.len() {
            all.push(finding.clone());
            meshes.push(Vec::new());
        }
        if let Some(of_finding) = meshes.get_mut(at) {
            of_finding.push(mesh);
        }
    }
    for (finding, meshes) in all.iter_mut().zip(meshes) {
        let names = if meshes.len() == header.meshes.len() { "every mesh".to_owned() } else { list_names(meshes) };
        finding.mesh_name = Some(names);
    }
    all
}

fn entry(mesh: &MeshDocument, header: &Header) -> Option<NamedMesh> {
    let name = mesh.name.clone()?;
    let path = match &mesh.paths[..] {
        [path] if *path == name => Paths::One(path.clone()),
        paths => Paths::Several(paths.to_vec()),
    };
    Some(NamedMesh { name, path, mesh: header.mesh.clone(), complete: header.complete, gaps: header.gaps.clone() })
}

/// The document with the mesh's name in every row.
fn named(mesh: &MeshDocument) -> Document {
    let mut document = mesh.document.clone();
    document.header.mesh_name.clone_from(&mesh.name);
    for finding in &mut document.header.findings {
        finding.mesh_name.clone_from(&mesh.name);
    }
    match &mut document.body {
        Body::Audit(Audit { namespaces, workloads, clients, .. }) => {
            name_all(namespaces, mesh.name.as_ref());
            name_all(workloads, mesh.name.as_ref());
            name_all(clients.as_deref_mut().unwrap_or_default(), mesh.name.as_ref());
        }
        Body::Policies(Policies { policies }) => name_all(policies, mesh.name.as_ref()),
        Body::Sidecars(Sidecars { namespaces, workloads, services, .. }) => {
            name_all(namespaces, mesh.name.as_ref());
            name_all(workloads, mesh.name.as_ref());
            name_all(services, mesh.name.as_ref());
        }
        Body::Plan(Plan { steps, rejected, .. }) => {
            name_all(steps, mesh.name.as_ref());
            name_all(rejected, mesh.name.as_ref());
        }
        Body::Analysis(_)
        | Body::Explanation(_)
        | Body::Call(_)
        | Body::Rule(_)
        | Body::Catalogue(_)
        | Body::Migration(_)
        | Body::Diff(_) => {}
    }
    document
}

/// A row that has the name of its mesh.
trait Row {
    fn mesh_name(&mut self) -> &mut Option<String>;
}

macro_rules! rows {
    ($($row:ident)+) => {
        $(impl Row for $row {
            fn mesh_name(&mut self) -> &mut Option<String> {
                &mut self.mesh_name
            }
        })+
    };
}

rows! { Namespace Workload ClientGroup Policy NamespaceEnrolment WorkloadProxy ServiceProxies PlanStep Rejected }

fn name_all(rows: &mut [impl Row], name: Option<&String>) {
    for row in rows {
        *row.mesh_name() = name.cloned();
    }
}

fn join_header(whole: &mut Header, part: Header) {
    append_new(&mut whole.gaps, part.gaps);
    append_new(&mut whole.assumptions, part.assumptions);
    append_new(&mut whole.not_run, part.not_run);
    whole.not_run.sort();
    append_new(&mut whole.not_applied, part.not_applied);
    whole.findings.extend(part.findings);
    whole.suppressed += part.suppressed;
    whole.known += part.known;
    let mut adjustments: BTreeMap<(&'static str, String), Adjustment> = BTreeMap::new();
    for one in std::mem::take(&mut whole.adjustments).into_iter().chain(part.adjustments) {
        let key = (one.rule, format!("{:?} {:?} {:?}", one.by, one.from, one.to));
        adjustments.entry(key).and_modify(|known| known.count += one.count).or_insert(one);
    }
    whole.adjustments = adjustments.into_values().collect();
}

fn append_new<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// Appends the rows of another mesh. Answers about one mesh are never joined.
fn join_body(whole: &mut Body, part: Body) {
    match (whole, part) {
        (Body::Audit(whole), Body::Audit(part)) => {
            whole.namespaces.extend(part.namespaces);
            whole.workloads.extend(part.workloads);
            if let Some(clients) = part.clients {
                whole.clients.get_or_insert_default().extend(clients);
            }
        }
        (Body::Analysis(whole), Body::Analysis(Analysis { rules, workloads })) => {
            whole.rules = whole.rules.max(rules);
            whole.workloads += workloads;
        }
        (Body::Policies(whole), Body::Policies(part)) => whole.policies.extend(part.policies),
        (Body::Sidecars(whole), Body::Sidecars(part)) => {
            whole.namespaces.extend(part.namespaces);
            whole.workloads.extend(part.workloads);
            whole.services.extend(part.services);
        }
        (Body::Plan(whole), Body::Plan(part)) => {
            whole.steps.extend(part.steps);
            whole.rejected.extend(part.rejected);
            whole.manual += part.manual;
        }
        (_, _) => {}
    }
}
