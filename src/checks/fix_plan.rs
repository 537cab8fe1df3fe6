//! Changes that fix the findings; each is evaluated on the mesh that results from the changes before it. Nothing is applied.

use std::{
    collections::{BTreeMap, BTreeSet},
    ptr,
};

use super::Finding;
use crate::{
    istio::Mode,
    mesh::{ControlPlaneOptions, Mesh, SentAs, Subject, Verdict},
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
    /// What accepts or sends plaintext after the change and did not before; only if that is allowed.
    pub weakens: Option<String>,
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
    pub reason: Harm,
    /// The findings that it would fix.
    pub fixes: Vec<&'f Finding>,
}

/// Why a change is not part of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harm {
    /// A call that works would fail, or it is not known whether one would.
    Breaks(String),
    /// Plaintext would be accepted or sent where it is not now.
    Weakens(String),
}

/// Whether changes after which plaintext is accepted or sent where it was not are part of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakening {
    Allowed,
    Rejected,
}

/// The plan for findings of a mesh.
#[must_use]
pub fn fix_plan<'f>(mesh: &Mesh<'_>, settings: &ControlPlaneOptions, findings: &'f [Finding], weakening: Weakening) -> FixPlan<'f> {
    let mut patches: BTreeMap<&'f Patch, Vec<&'f Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(patch) = &finding.patch {
            patches.entry(patch).or_default().push(finding);
        }
    }
    let mut ordered: Vec<&'f Patch> = patches.keys().copied().collect();
    ordered.sort_by_key(|patch| rank(&patch.edit));
    let weakening_patches: BTreeSet<&'f Patch> =
        findings.iter().filter(|finding| finding.is_weakened_by_patch).filter_map(|finding| finding.patch.as_ref()).collect();
    let mut trial = Trial {
        current: mesh.snapshot().clone(),
        settings,
        weakening,
        weakening_patches: &weakening_patches,
        remaining: TRIALS,
        accepted: Vec::new(),
        weakened: BTreeMap::new(),
        rejected: Vec::new(),
    };
    let is_weakening = |patch: &&Patch| weakening_patches.contains(patch);
    for together in ordered.chunk_by(|one, next| !is_weakening(one) && !is_weakening(next)) {
        trial.try_patches(together);
    }
    let fixed_by = |patch: &Patch| patches.get(patch).cloned().unwrap_or_default();
    let restarts = restarts(mesh, findings);
    let fixed = findings.iter().filter(|finding| is_fixed(finding, &trial.accepted, &restarts)).count();
    let step =
        |patch: &'f Patch| FixStep { change: Fix::Patch(patch), weakens: trial.weakened.get(patch).cloned(), fixes: fixed_by(patch) };
    // Restarts come after the changes of the server side, and before the changes of clients, which depend on the new pods.
    let (first, last): (Vec<&Patch>, Vec<&Patch>) = trial.accepted.iter().partition(|patch| rank(&patch.edit) < CLIENT_RANK);
    let restart_steps = restarts.into_iter().map(|(controller, fixes)| FixStep { change: Fix::Restart(controller), weakens: None, fixes });
    let steps = first.into_iter().map(step).chain(restart_steps).chain(last.into_iter().map(step)).collect();
    let reject = |(patch, reason)| Rejected { patch, reason, fixes: fixed_by(patch) };
    let rejected: Vec<Rejected<'f>> = trial.rejected.iter().cloned().map(reject).collect();
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
    weakening: Weakening,
    /// Changes of which their rule knows that they weaken protection; each is evaluated alone.
    weakening_patches: &'s BTreeSet<&'p Patch>,
    /// Remaining number of evaluations.
    remaining: usize,
    accepted: Vec<&'p Patch>,
    /// What accepted changes weaken.
    weakened: BTreeMap<&'p Patch, String>,
    rejected: Vec<(&'p Patch, Harm)>,
}

impl<'p> Trial<'p, '_> {
    /// Keeps all of these changes if together they do no harm; otherwise tries each half separately.
    fn try_patches(&mut self, patches: &[&'p Patch]) {
        let mut after = self.current.clone();
        let all = patches.iter().all(|patch| after.apply(patch)).then_some(after);
        match (all, patches) {
            (_, []) => {}
            _ if self.remaining == 0 => {
                let not_tried = "not evaluated, because too many changes break calls: select one namespace (-n)";
                self.rejected.extend(patches.iter().map(|patch| (*patch, Harm::Breaks(not_tried.to_owned()))));
            }
            (None, [one]) => self.rejected.push((one, Harm::Breaks("the field does not exist".into()))),
            (Some(after), _) => {
                self.remaining -= 1;
                let harm = find_harm(&self.current, &after, self.settings);
                match (harm.or_else(|| self.known_harm(patches)), patches) {
                    (None, _) => {
                        self.current = after;
                        self.accepted.extend(patches);
                    }
                    (Some(Harm::Weakens(what)), [one]) if self.weakening == Weakening::Allowed => {
                        self.current = after;
                        self.accepted.push(one);
                        self.weakened.insert(one, what);
                    }
                    (Some(harm), [one]) => self.rejected.push((one, harm)),
                    (Some(_), _) => self.try_halves(patches),
                }
            }
            (None, _) => self.try_halves(patches),
        }
    }

    fn known_harm(&self, patches: &[&'p Patch]) -> Option<Harm> {
        let weakens = patches.iter().any(|patch| self.weakening_patches.contains(patch));
        weakens.then(|| Harm::Weakens("plaintext would be accepted or sent where it is not now".to_owned()))
    }

    fn try_halves(&mut self, patches: &[&'p Patch]) {
        let (first, second) = patches.split_at(patches.len() / 2);
        self.try_patches(first);
        self.try_patches(second);
    }
}

/// The first harm that a change does: calls that it breaks come before what it weakens.
fn find_harm(before: &Snapshot, after: &Snapshot, settings: &ControlPlaneOptions) -> Option<Harm> {
    let (before, after) = (Mesh::new(before, settings), Mesh::new(after, settings));
    let everything = Scope { include_system: true, ..Scope::default() };
    let (mut broken, mut weakened) = (None, None);
    BeforeAfter { before: &before, after: &after }.compare(ServiceFilter::All, &everything, |comparison| {
        let (Some(was), Some(is)) = (&comparison.before, &comparison.after) else { return };
        let who = || format!("{} in {}", describe_clients(comparison.kind), list_names(comparison.namespaces.iter()));
        if broken.is_none() && is_broken(was, is) {
            broken = Some(Harm::Breaks(format!("{} would no longer reach {}", who(), comparison.service)));
        }
        if weakened.is_none() && is_sent_in_plaintext(was, is) {
            weakened = Some(Harm::Weakens(format!("{} would send plaintext to {}", who(), comparison.service)));
        }
    });
    broken.or_else(|| find_opened_port(&before, &after)).or(weakened)
}

/// Whether a call works at some endpoint before the change and not after it.
fn is_broken(was: &CallAnswer<'_>, is: &CallAnswer<'_>) -> bool {
    let works = |reached: &EndpointAnswer<'_>| !matches!(reached.evaluation.verdict, Verdict::Fail(_));
    let count = |reach: &CallAnswer<'_>| reach.endpoints.iter().filter(|one| works(one)).count();
    // Endpoints have the same order, unless the host changes.
    if was.endpoints.len() != is.endpoints.len() {
        return count(is) < count(was);
    }
    was.endpoints.iter().zip(&is.endpoints).any(|(was, is)| works(was) && !works(is))
}

/// Whether plaintext is sent to some endpoint after the change and not before it.
fn is_sent_in_plaintext(was: &CallAnswer<'_>, is: &CallAnswer<'_>) -> bool {
    let is_plain = |one: &EndpointAnswer<'_>| one.sent_as == SentAs::Plaintext;
    let count = |reach: &CallAnswer<'_>| reach.endpoints.iter().filter(|one| is_plain(one)).count();
    if was.endpoints.len() != is.endpoints.len() {
        return !was.endpoints.is_empty() && count(is) > count(was);
    }
    was.endpoints.iter().zip(&is.endpoints).any(|(was, is)| !is_plain(was) && is_plain(is))
}

/// A port that rejects plaintext before the change and accepts it after it.
fn find_opened_port(before: &Mesh<'_>, after: &Mesh<'_>) -> Option<Harm> {
    let opened = strict_ports(before).difference(&strict_ports(after)).next().cloned()?;
    let (workload, port) = opened;
    let place = port.map_or_else(String::new, |port| format!("port {port} of "));
    Some(Harm::Weakens(format!("{place}{workload} would accept plaintext")))
}

/// The workloads, and their ports, of which every instance rejects plaintext.
fn strict_ports(mesh: &Mesh<'_>) -> BTreeSet<(Subject, Option<u16>)> {
    let (mut strict, mut open) = (BTreeSet::new(), BTreeSet::new());
    for (workload, instance, server) in mesh.servers() {
        let ports = instance.ports.keys().map(|port| (Some(*port), server.port(*port)));
        for (port, mode) in std::iter::once((None, server.workload())).chain(ports) {
            let is_strict = mode.mode == Some(Mode::Strict);
            if is_strict { &mut strict } else { &mut open }.insert((workload.subject.clone(), port));
        }
    }
    strict.retain(|port| !open.contains(port));
    strict
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
