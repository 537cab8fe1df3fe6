//! Policies whose selector matches no workload.

use std::{cell::LazyCell, collections::BTreeSet};

use crate::{
    checks::{Finding, Rule, Severity, Undecided, assumed_namespaces::is_assumed},
    istio::PeerAuthentication,
    mesh::Mesh,
    object::{FieldPath, Id, Kind, Labels, Text},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS104",
    name: "policy-selects-nothing",
    severity: Severity::Warning,
    summary: "The selector of a PeerAuthentication matches no workload in its namespace.",
    why: "The policy has no effect. Usually a label is misspelt or the workload was renamed, and a workload that should be STRICT \
          follows the namespace policy instead. Selectors match the labels of pods, not those of Deployments or Services.",
    fix: "Correct the labels, or delete the policy.",
    bad: include_str!("policy_selects_nothing.bad.yaml"),
    good: include_str!("policy_selects_nothing.good.yaml"),
    inputs: &[Kind::PeerAuthentication, Kind::Pod],
    aka: &["KIA0004"],
    see: &["S7", "S8"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let known = LazyCell::new(|| KnownLabels::of(mesh));
    for policy in without_workload(mesh).into_iter().filter(|policy| unread(mesh, policy, &known).is_none()) {
        let Some(selector) = policy.selector.labels() else { continue };
        let message = format!("{} selects {selector}, but no workload in namespace {} has these labels", policy.id, policy.id.namespace);
        let finding = Finding::about(&RULE, mesh.snapshot(), &policy.id, FieldPath::of("spec.selector.matchLabels"), message);
        out.push(match nearest(mesh, &policy.id.namespace, selector) {
            Some(labels) => finding.with_fix(format!("Did you mean {labels}?")),
            None => finding,
        });
    }
}

/// The policies that may select a workload that was not read.
pub(super) fn undecided(mesh: &Mesh<'_>) -> Vec<Undecided> {
    let known = LazyCell::new(|| KnownLabels::of(mesh));
    let open = |policy: &PeerAuthentication| {
        let reason = unread(mesh, policy, &known)?;
        Some(Undecided { about: (&policy.id).into(), namespace: policy.id.namespace.clone(), reason })
    };
    without_workload(mesh).into_iter().filter_map(open).collect()
}

/// The policies with a selector that matches no workload that was read. In a root namespace MTLS105 reports them.
fn without_workload<'m>(mesh: &'m Mesh<'_>) -> Vec<&'m PeerAuthentication> {
    let roots: Vec<&str> = mesh.control_planes().roots().collect();
    let mut matching: BTreeSet<&Id> = BTreeSet::new();
    for workload in mesh.workloads() {
        for instance in &workload.instances {
            matching.extend(mesh.policies().matching(&workload.subject.namespace, &instance.labels).iter().map(|policy| &policy.id));
        }
    }
    let selects_none = |policy: &&PeerAuthentication| {
        policy.selector.labels().is_some() && !matching.contains(&policy.id) && !roots.contains(&policy.id.namespace.as_str())
    };
    mesh.policies().all().iter().filter(selects_none).collect()
}

/// What was not read that the policy may select; `None` if it certainly selects nothing.
fn unread<'m>(
    mesh: &Mesh<'_>,
    policy: &PeerAuthentication,
    known: &LazyCell<KnownLabels<'m>, impl FnOnce() -> KnownLabels<'m>>,
) -> Option<&'static str> {
    let namespace = &policy.id.namespace;
    if mesh.snapshot().cluster.is_none() && mesh.workloads_in(namespace).is_empty() {
        return Some("no workload of the namespace was read");
    }
    if !mesh.indices().coverage().covers_workloads(namespace) {
        return Some("not all workloads of the namespace were read");
    }
    let candidates = if is_assumed(mesh, &policy.id) { &known.all } else { &known.of_assumed };
    let may_match = policy.selector.labels()?.iter().all(|pair| candidates.contains(&pair));
    may_match.then_some("a workload with these labels was read, and its namespace or that of the policy is not set")
}

/// The labels of all workloads, and of those whose manifests set no namespace.
struct KnownLabels<'m> {
    all: BTreeSet<(&'m Text, &'m Text)>,
    of_assumed: BTreeSet<(&'m Text, &'m Text)>,
}

impl<'m> KnownLabels<'m> {
    fn of(mesh: &'m Mesh<'_>) -> Self {
        let (mut all, mut of_assumed) = (BTreeSet::new(), BTreeSet::new());
        // Objects of a cluster have a namespace.
        for workload in mesh.workloads().iter().filter(|_| mesh.snapshot().cluster.is_none()) {
            let pairs = || workload.instances.iter().flat_map(|instance| instance.labels.iter());
            all.extend(pairs());
            if workload.subject.id().is_some_and(|id| is_assumed(mesh, &id)) {
                of_assumed.extend(pairs());
            }
        }
        Self { all, of_assumed }
    }
}

/// The labels of a workload that has all keys of the selector and whose values differ by one typing error.
fn nearest(mesh: &Mesh<'_>, namespace: &str, selector: &Labels) -> Option<Labels> {
    let instances = mesh.workloads_in(namespace).iter().flat_map(|workload| &workload.instances);
    let candidates = instances.filter_map(|instance| {
        let pairs: Option<Vec<_>> = selector.iter().map(|(key, _)| Some((key.clone(), instance.labels.get(key)?.to_owned()))).collect();
        pairs.map(|pairs| pairs.into_iter().collect::<Labels>())
    });
    candidates.into_iter().find(|labels| {
        let differing = selector.iter().filter(|(key, value)| !labels.has(key, value));
        differing.clone().count() == 1 && differing.into_iter().all(|(key, value)| is_typo(value, labels.get(key).unwrap_or_default()))
    })
}

/// Whether two values differ by one inserted, deleted or replaced letter, or by two swapped adjacent letters.
fn is_typo(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let start = a.iter().zip(&b).take_while(|(one, other)| one == other).count();
    let rest = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(one, other)| one == other).count();
    let (one, other) = (&a[start..a.len() - end], &b[start..b.len() - end]);
    one.len().max(other.len()) == 1 || one.len() == 2 && one.iter().eq(other.iter().rev())
}

#[cfg(test)]
mod tests {
    use super::is_typo;

    #[test]
    fn a_typo_is_one_letter_or_two_swapped() {
        for (a, b) in [("rating", "ratings"), ("wbe", "web"), ("web", "wep"), ("web", "wweb")] {
            assert!(is_typo(a, b) && is_typo(b, a), "{a} {b}");
        }
        for (a, b) in [("web", "db"), ("reviews", "ratings"), ("web", "web")] {
            assert!(!is_typo(a, b), "{a} {b}");
        }
    }
}
