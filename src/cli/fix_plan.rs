//! `analyze --fix-plan`: what mends the findings, each step tried on the mesh as the steps before leave it. Nothing is applied.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    commands::{self, Means},
    patches, present,
};
use crate::{
    checks::Finding,
    mesh::{Mesh, Settings, Subject, Verdict},
    object::{Edit, FieldPath, Patch, Snapshot, first_of},
    queries::{
        Scope,
        migrate::clients,
        reach::{Reach, Reached},
        relations::{States, Which},
        sidecars,
    },
    report::document as doc,
};

/// The rules whose findings new pods mend.
const RESTARTED: [&str; 2] = ["MTLS301", "MTLS309"];

/// The plan for findings of a mesh.
pub(super) fn plan(mesh: &Mesh<'_>, settings: &Settings, findings: &[Finding]) -> doc::Plan {
    let mut patches: BTreeMap<&Patch, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        if let Some(patch) = &finding.patch {
            patches.entry(patch).or_default().push(finding);
        }
    }
    let mut wanted: Vec<&Patch> = patches.keys().copied().collect();
    wanted.sort_by_key(|patch| rank(&patch.edit));
    let mut trial = Trial { now: mesh.snapshot().clone(), settings, left: TRIALS, kept: Vec::new(), refused: Vec::new() };
    trial.take(&wanted);
    let restarts = restarts(mesh, findings);
    let mended = findings.iter().filter(|finding| is_mended(finding, &trial.kept, &restarts)).count();
    let step = |patch: &&Patch| step(&patches[*patch], patches::patch(patch).command);
    // New pods come after what changes their server's side, and before clients rely on them.
    let (first, last): (Vec<&Patch>, Vec<&Patch>) = trial.kept.iter().partition(|patch| rank(&patch.edit) < CLIENTS);
    let of_pods = restarts.iter().map(|(command, findings)| self::step(findings, command.clone()));
    doc::Plan {
        steps: first.iter().map(step).chain(of_pods).chain(last.iter().map(step)).collect(),
        refused: trial.refused.iter().map(|(patch, breaks)| refused(&patches[patch], patch, breaks)).collect(),
        by_hand: findings.len() - mended - trial.refused.iter().map(|(patch, _)| patches[patch].len()).sum::<usize>(),
    }
}

fn is_mended(finding: &Finding, kept: &[&Patch], restarts: &BTreeMap<String, Vec<&Finding>>) -> bool {
    finding.patch.as_ref().is_some_and(|patch| kept.contains(&patch))
        || restarts.values().flatten().any(|other| std::ptr::eq(*other, finding))
}

/// Changes of clients come last.
const CLIENTS: u8 = 3;

/// The order that is safe: what counts for nobody goes, then servers take more, then clients send more.
fn rank(edit: &Edit) -> u8 {
    match edit {
        Edit::Delete => 0,
        Edit::Port { .. } => 1,
        Edit::Set { at, .. } if *at == FieldPath::of("spec.mtls.mode") => 2,
        Edit::Set { .. } => CLIENTS,
        Edit::Mutual { .. } | Edit::Automatic { .. } => CLIENTS + 1,
    }
}

fn step(findings: &[&Finding], command: String) -> doc::PlanStep {
    doc::PlanStep { command, mends: findings.iter().map(|finding| mends(finding)).collect() }
}

fn mends(finding: &Finding) -> doc::Mends {
    doc::Mends { rule: finding.rule.id, subject: present::subject(&finding.subject), message: finding.message.clone() }
}

fn refused(findings: &[&Finding], patch: &Patch, breaks: &str) -> doc::Refused {
    doc::Refused {
        command: patches::patch(patch).command,
        breaks: breaks.to_owned(),
        mends: findings.iter().map(|finding| mends(finding)).collect(),
    }
}

/// How often the mesh is asked at most: of a big one each time takes a second, and changes that break something are looked for by halves.
const TRIALS: usize = 100;

/// Changes that are tried one on top of the other.
struct Trial<'p> {
    now: Snapshot,
    settings: &'p Settings,
    /// How many more times the mesh is asked.
    left: usize,
    kept: Vec<&'p Patch>,
    /// Those that would break a call that works, and which.
    refused: Vec<(&'p Patch, String)>,
}

impl<'p> Trial<'p> {
    /// Takes all of these changes if none of them breaks anything; else looks at each half by itself.
    fn take(&mut self, patches: &[&'p Patch]) {
        let mut after = self.now.clone();
        let all = patches.iter().all(|patch| after.apply(patch)).then_some(after);
        match (all, patches) {
            (_, []) => {}
            _ if self.left == 0 => {
                let untried = "it was not tried: too many changes break something; ask for one namespace (-n)";
                self.refused.extend(patches.iter().map(|patch| (*patch, untried.to_owned())));
            }
            (None, [one]) => self.refused.push((one, "the field is not there".into())),
            (Some(after), _) => {
                self.left -= 1;
                match (broken(&self.now, &after, self.settings), patches) {
                    (None, _) => {
                        self.now = after;
                        self.kept.extend(patches);
                    }
                    (Some(call), [one]) => self.refused.push((one, call)),
                    (Some(_), _) => self.halves(patches),
                }
            }
            (None, _) => self.halves(patches),
        }
    }

    fn halves(&mut self, patches: &[&'p Patch]) {
        let (first, second) = patches.split_at(patches.len() / 2);
        self.take(first);
        self.take(second);
    }
}

/// A call that works at some endpoint before, and not after, in words.
fn broken(before: &Snapshot, after: &Snapshot, settings: &Settings) -> Option<String> {
    let (before, after) = (Mesh::new(before, settings), Mesh::new(after, settings));
    let everything = Scope { include_system: true, ..Scope::default() };
    let mut found = None;
    States { before: &before, after: &after }.relations(Which::Every, &everything, |relation| {
        let (Some(was), Some(is)) = (&relation.before, &relation.after) else { return };
        let works = |reached: &&Reached<'_>| !matches!(reached.judgement.verdict, Verdict::Fail(_));
        let count = |reach: &Reach<'_>| reach.endpoints.iter().filter(works).count();
        // Endpoints stand in the same order, unless the host is another one.
        let is_same = was.endpoints.len() == is.endpoints.len();
        let loses = was.endpoints.iter().zip(&is.endpoints).any(|(was, is)| works(&was) && !works(&is));
        if found.is_none() && (is_same && loses || !is_same && count(is) < count(was)) {
            let from = first_of(3, relation.namespaces.iter());
            found = Some(format!("{} in {from} would no longer reach {}", clients(relation.kind), relation.service));
        }
    });
    found
}

/// The commands that make pods anew, and what each mends.
fn restarts<'f>(mesh: &Mesh<'_>, findings: &'f [Finding]) -> BTreeMap<String, Vec<&'f Finding>> {
    let about: BTreeMap<&Subject, &Finding> =
        findings.iter().filter(|finding| RESTARTED.contains(&finding.rule.id)).map(|finding| (&finding.subject, finding)).collect();
    let mut restarts: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    if about.is_empty() {
        return restarts;
    }
    let (means, everything) = (Means::of(mesh), Scope { include_system: true, ..Scope::default() });
    for row in sidecars::inventory(mesh, &everything).workloads {
        let Some(finding) = about.get(&row.workload.subject) else { continue };
        let remedies: BTreeSet<_> = means.remedies(&row).into_iter().filter(commands::Remedy::is_restart).collect();
        for command in commands::commands(&remedies) {
            restarts.entry(command).or_default().push(finding);
        }
    }
    restarts
}
