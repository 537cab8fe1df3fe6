//! Policies whose selector matches no workload.

use std::collections::BTreeSet;

use crate::{
    checks::{Finding, Rule, Severity},
    mesh::Mesh,
    object::{FieldPath, Id, Kind, Labels},
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
    // Manifests without any workload do not show what a selector will match.
    if mesh.workloads().is_empty() {
        return;
    }
    let roots: Vec<&str> = mesh.control_planes().roots().collect();
    let mut matching: BTreeSet<&Id> = BTreeSet::new();
    for workload in mesh.workloads() {
        for instance in &workload.instances {
            matching.extend(mesh.policies().matching(&workload.subject.namespace, &instance.labels).iter().map(|policy| &policy.id));
        }
    }
    for policy in mesh.policies().all() {
        let Some(selector) = policy.selector.labels() else { continue };
        if matching.contains(&policy.id) || roots.contains(&policy.id.namespace.as_str()) {
            continue;
        }
        let message = format!("{} selects {selector}, but no workload in namespace {} has these labels", policy.id, policy.id.namespace);
        let finding = Finding::about(&RULE, mesh.snapshot(), &policy.id, FieldPath::of("spec.selector.matchLabels"), message);
        out.push(match nearest(mesh, &policy.id.namespace, selector) {
            Some(labels) => finding.with_fix(format!("Did you mean {labels}?")),
            None => finding,
        });
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
