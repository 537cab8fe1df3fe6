//! Changes that fix the findings; each is evaluated on the mesh that results from the changes before it. Nothing is applied.

use std::{
    collections::{BTreeMap, BTreeSet},
    ptr,
};

use super::Finding;
use crate::{
    mesh::{ControlPlaneOptions, Mesh, Subject, Verdict},
    object::{Edit, FieldPath, Patch, Snapshot, list_names},
    queries::{
        Scope,
        compare::{BeforeAfter, ServiceFilter},
        enrol::{Controller, EnrolStep, Enrolment},
        migrate::describe_clients,
        reach::{CallAnswer, EndpointAnswer},
        sidecars,
    },
};

/// Changes in an order that breaks no call, and the findings that remain.
#[derive(Debug)]
pub struct FixPlan<'f> {
    /// The changes, in the order in which to make them.
    pub steps: Vec<FixStep<'f>>,
    /// Changes that would break a call that works.
    pub rejected: Vec<Rejected<'f>>,
    /// Number of findings that no change of this plan fixes.
    pub manual: usize,
}

/// A change and the findings that it fixes.
#[derive(Debug)]
pub struct FixStep<'f> {
    pub change: Fix<'f>,
    pub fixes: Vec<&'f Finding>,
}

/// A change that fixes findings.
#[derive(Clone, Debug)]
pub enum Fix<'f> {
    /// A change of one object.
    Patch(&'f Patch),
    /// A restart of the pods of a controller.
    Restart(Controller),
}

/// A change that is not part of the plan.
#[derive(Debug)]
pub struct Rejected<'f> {
    pub patch: &'f Patch,
    /// The call that it would break, or why it was not evaluated.
    pub reason: String,
    /// The findings that it would fix.
    pub fixes: Vec<&'f Finding>,
}

/// The plan for findings of a mesh.
#[must_use]
pub fn fix_plan<'f>(mesh: &Mesh<'_>, settings: &ControlPlaneOptions, findings: &'f [Finding]) -> FixPlan<'f> {
    let mut patches: BTreeMap<&'f Patch, Vec<&'f Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(patch) = &finding.patch {
            patches.entry(patch).or_default().push(finding);
        }
    }
    let mut ordered: Vec<&'f Patch> = patches.keys().copied().collect();
    ordered.sort_by_key(|patch| rank(&patch.edit));
    let mut trial = Trial { current: mesh.snapshot().clone(), settings, remaining: TRIALS, accepted: Vec::new(), rejected: Vec::new() };
    trial.try_patches(&ordered);
    let fixed_by = |patch: &Patch| patches.get(patch).cloned().unwrap_or_default();
    let restarts = restarts(mesh, findings);
    let fixed = findings.iter().filter(|finding| is_fixed(finding, &trial.accepted, &restarts)).count();
    let step = |patch: &'f Patch| FixStep { change: Fix::Patch(patch), fixes: fixed_by(patch) };
    // Restarts come after the changes of the server side, and before the changes of clients, which depend on the new pods.
    let (first, last): (Vec<&Patch>, Vec<&Patch>) = trial.accepted.iter().partition(|patch| rank(&patch.edit) < CLIENT_RANK);
    let restart_steps = restarts.into_iter().map(|(controller, fixes)| FixStep { change: Fix::Restart(controller), fixes });
    let steps = first.into_iter().map(step).chain(restart_steps).chain(last.into_iter().map(step)).collect();
    let reject = |(patch, reason)| Rejected { patch, reason, fixes: fixed_by(patch) };
    let rejected: Vec<Rejected<'f>> = trial.rejected.into_iter().map(reject).collect();
    let manual = findings.len() - fixed - rejected.iter().map(|one| one.fixes.len()).sum::<usize>();
    FixPlan { steps, rejected, manual }
}

fn is_fixed(finding: &Finding, accepted: &[&Patch], restarts: &BTreeMap<Controller, Vec<&Finding>>) -> bool {
    finding.patch.as_ref().is_some_and(|patch| accepted.contains(&patch))
        || restarts.values().flatten().any(|other| ptr::eq(*other, finding))
}

/// Changes of clients come last.
const CLIENT_RANK: u8 = 3;

/// The safe order: delete policies without effect, then let servers accept more, then change what clients send.
fn rank(edit: &Edit) -> u8 {
    match edit {
        Edit::Delete => 0,
        Edit::RenumberPort { .. } => 1,
        Edit::Set { at, .. } if *at == FieldPath::of("spec.mtls.mode") => 2,
        Edit::Set { .. } => CLIENT_RANK,
        Edit::SetIstioMutual { .. } | Edit::RemoveTls { .. } => CLIENT_RANK + 1,
    }
}

/// Maximum number of evaluations: one takes about a second for a large mesh, and changes that break calls are found by bisection.
const TRIALS: usize = 100;

/// Changes that are evaluated cumulatively.
struct Trial<'p, 's> {
    current: Snapshot,
    settings: &'s ControlPlaneOptions,
    /// Remaining number of evaluations.
    remaining: usize,
    accepted: Vec<&'p Patch>,
    /// Changes that would break a working call, and that call.
    rejected: Vec<(&'p Patch, String)>,
}

impl<'p> Trial<'p, '_> {
    /// Keeps all of these changes if together they break no call; otherwise tries each half separately.
    fn try_patches(&mut self, patches: &[&'p Patch]) {
        let mut after = self.current.clone();
        let all = patches.iter().all(|patch| after.apply(patch)).then_some(after);
        match (all, patches) {
            (_, []) => {}
            _ if self.remaining == 0 => {
                let not_tried = "not evaluated, because too many changes break calls: select one namespace (-n)";
                self.rejected.extend(patches.iter().map(|patch| (*patch, not_tried.to_owned())));
            }
            (None, [one]) => self.rejected.push((one, "the field does not exist".into())),
            (Some(after), _) => {
                self.remaining -= 1;
                match (find_broken_call(&self.current, &after, self.settings), patches) {
                    (None, _) => {
                        self.current = after;
                        self.accepted.extend(patches);
                    }
                    (Some(call), [one]) => self.rejected.push((one, call)),
                    (Some(_), _) => self.try_halves(patches),
                }
            }
            (None, _) => self.try_halves(patches),
        }
    }

    fn try_halves(&mut self, patches: &[&'p Patch]) {
        let (first, second) = patches.split_at(patches.len() / 2);
        self.try_patches(first);
        self.try_patches(second);
    }
}

/// Describes a call that works at some endpoint before the change and not after it.
fn find_broken_call(before: &Snapshot, after: &Snapshot, settings: &ControlPlaneOptions) -> Option<String> {
    let (before, after) = (Mesh::new(before, settings), Mesh::new(after, settings));
    let everything = Scope { include_system: true, ..Scope::default() };
    let mut found = None;
    BeforeAfter { before: &before, after: &after }.compare(ServiceFilter::All, &everything, |comparison| {
        let (Some(was), Some(is)) = (&comparison.before, &comparison.after) else { return };
        let works = |reached: &&EndpointAnswer<'_>| !matches!(reached.evaluation.verdict, Verdict::Fail(_));
        let count = |reach: &CallAnswer<'_>| reach.endpoints.iter().filter(works).count();
        // Endpoints have the same order, unless the host changes.
        let is_same = was.endpoints.len() == is.endpoints.len();
        let has_new_failure = was.endpoints.iter().zip(&is.endpoints).any(|(was, is)| works(&was) && !works(&is));
        if found.is_none() && (is_same && has_new_failure || !is_same && count(is) < count(was)) {
            let from = list_names(comparison.namespaces.iter());
            found = Some(format!("{} in {from} would no longer reach {}", describe_clients(comparison.kind), comparison.service));
        }
    });
    found
}

/// The controllers to restart, and the findings that each restart fixes.
fn restarts<'f>(mesh: &Mesh<'_>, findings: &'f [Finding]) -> BTreeMap<Controller, Vec<&'f Finding>> {
    let by_restart = findings.iter().filter(|finding| finding.is_fixed_by_restart);
    let by_subject: BTreeMap<&Subject, &Finding> =
        by_restart.flat_map(|finding| finding.related.iter().chain([&finding.subject]).map(move |subject| (subject, finding))).collect();
    let mut restarts: BTreeMap<Controller, Vec<&Finding>> = BTreeMap::new();
    if by_subject.is_empty() {
        return restarts;
    }
    let (enrolment, everything) = (Enrolment::of(mesh), Scope { include_system: true, ..Scope::default() });
    for row in sidecars::inventory(mesh, &everything).workloads {
        let Some(finding) = by_subject.get(&row.workload.subject) else { continue };
        let steps: BTreeSet<EnrolStep> = enrolment.steps(&row).into_iter().collect();
        for step in steps {
            if let EnrolStep::Restart(controller) = step {
                restarts.entry(controller).or_default().push(finding);
            }
        }
    }
    restarts
}
